"""What is shipped in data/models is what the training script makes, and as good as its card says."""

import numpy as np
import pandas as pd
import pytest

from analysis.measures.sentiment import MASK, WEIGHTS, read_weights
from training import sentiment

CARD = WEIGHTS.with_name("README.md")
# Invented: what the readers of these liked is parks, what they did not is noise.
GLAD = ["The park is a joy", "Every park helps", "A quiet park is near"]
GRIM = ["The noise is unfair", "More noise hurts", "That noise has grown"]


def write_rated(folder, rows):
    path = folder / "rated.tsv"
    lines = ["id\tmean_rating\ttext", *("\t".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def invented():
    """36 sentences of 12 documents."""
    rng = np.random.default_rng(1)
    rows = []
    for document in range(1, 13):
        for number, (mood, sign) in enumerate([(GLAD, 1), (GRIM, -1), (GLAD + GRIM, 0)], start=1):
            place = rng.choice(["Seoul", "Quagton", "the United States"])
            text = f"{rng.choice(mood)} in {place}. Quagton agrees."
            rows.append((f"{document}_{number}", sign + round(float(rng.normal(0, 0.2)), 2), text))
    return rows


def test_words_are_weighed_as_readers_rated_them_and_no_name_is(tmp_path, codebook):
    weights = sentiment.fit(sentiment.read(write_rated(tmp_path, invented()), codebook))
    assert weights.words["park"][1] > 0 > weights.words["noise"][1]
    assert not {"seoul", "quagton", "united", "states", MASK} & set(weights.words)


def test_a_name_that_only_opens_sentences_gets_no_weight(tmp_path, codebook):
    rows = [(identity, rating, f"Quagton says so: {text}") for identity, rating, text in invented()]
    words = sentiment.fit(sentiment.read(write_rated(tmp_path, rows), codebook)).words
    assert "quagton" not in words
    assert "says" in words


def test_no_document_is_on_both_sides_of_a_fold(tmp_path, codebook):
    rated = sentiment.read(write_rated(tmp_path, invented()), codebook)
    held_out = []
    for seen, unseen in sentiment.folds(rated, 5):
        assert not set(seen["document"]) & set(unseen["document"])
        held_out += unseen.index.tolist()
    assert sorted(held_out) == rated.index.tolist()


def test_a_rating_is_met_without_having_been_seen(tmp_path, codebook):
    """Ratings of one document turned round change nothing of what is said of its sentences."""
    rows = invented()
    turned = [(i, -rating if i.startswith("3_") else rating, text) for i, rating, text in rows]
    rated, other = (sentiment.read(write_rated(tmp_path, given), codebook) for given in (rows, turned))
    third = rated["document"] == "3"
    pd.testing.assert_series_equal(sentiment.cross_fit(rated)[third], sentiment.cross_fit(other)[third])


def test_agreement_is_what_pandas_and_hand_say(tmp_path, codebook):
    rated = sentiment.read(write_rated(tmp_path, invented()), codebook)
    once = np.ones((1, 12))
    found = sentiment.agreement(rated, rated["compound"], once).iloc[0]
    means = rated.groupby("document")[["compound", "rating"]].mean()
    assert found["r"] == pytest.approx(rated["compound"].corr(rated["rating"]))
    assert found["r_of_means"] == pytest.approx(means["compound"].corr(means["rating"]))
    assert found["error"] == pytest.approx((rated["compound"] - rated["rating"]).abs().mean())
    assert found["slope"] == pytest.approx(np.polyfit(rated["compound"], rated["rating"], 1)[0])


def test_a_document_drawn_twice_counts_twice(tmp_path, codebook):
    rows = invented()
    again = [(f"99_{i}", rating, text) for i, (identity, rating, text) in enumerate(rows) if identity.startswith("1_")]
    rated, longer = (sentiment.read(write_rated(tmp_path, given), codebook) for given in (rows, rows + again))
    drawn = sentiment.agreement(rated, rated["compound"], np.array([[2.0] + [1.0] * 11]))
    pd.testing.assert_frame_equal(drawn, sentiment.agreement(longer, longer["compound"], np.ones((1, 13))))


def test_the_script_writes_the_same_bytes_twice_and_they_are_read_as_written(tmp_path, codebook, capsys):
    path = write_rated(tmp_path, invented())
    for name in ("one.csv", "two.csv"):
        assert sentiment.main([str(path), "--out", str(tmp_path / name)]) == 0
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    assert read_weights(tmp_path / "one.csv") == sentiment.fit(sentiment.read(path, codebook))
    first, second = capsys.readouterr().out.split("36 sentences of 12 documents")[1:]
    assert first == second


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ([("1_1", 0.5, "A park."), ("1", 0.5, "A park.")], "line 3: id '1'"),
        ([("1_1", 4.5, "A park.")], "line 2: mean_rating '4.5'"),
        ([("1_1", "", "A park.")], "line 2: mean_rating ''"),
    ],
)
def test_a_rated_sentence_out_of_form_is_named(rows, complaint, tmp_path, capsys):
    assert sentiment.main([str(write_rated(tmp_path, rows)), "--out", str(tmp_path / "out.csv")]) == 2
    assert f"rated.tsv: {complaint}" in capsys.readouterr().err
    assert not (tmp_path / "out.csv").exists()


def test_a_file_that_is_missing_or_of_other_columns_is_one_message(tmp_path, capsys):
    other = tmp_path / "other.tsv"
    other.write_text("text\tmood\nA park.\t1\n", "utf-8")
    for path, complaint in ((other, "columns are text, mood; expected id"), (tmp_path / "none.tsv", "none.tsv")):
        assert sentiment.main([str(path), "--out", str(tmp_path / "out.csv")]) == 2
        said = capsys.readouterr().err
        assert said.startswith("error: ")
        assert complaint in said


@pytest.fixture(scope="module")
def trained(gold_folder, tmp_path_factory):
    """What the script writes and prints for the ratings; 20 seconds, so once."""
    path = tmp_path_factory.mktemp("trained") / "sentiment.csv"
    with pytest.MonkeyPatch.context() as patch:
        said = []
        patch.setattr("builtins.print", lambda *parts, **_: said.extend(parts))
        assert sentiment.main([str(gold_folder / "nyt_editorials_train.tsv"), "--out", str(path)]) == 0
    return path, "\n".join(said).splitlines()


def test_the_weights_shipped_are_what_the_script_makes_of_ratings_and_codebook(trained):
    path, _ = trained
    assert path.read_bytes() == WEIGHTS.read_bytes(), "run `python -m training.sentiment NYT_FILE` and mend the card"


def test_on_unseen_documents_readers_are_followed_better_than_by_vader(trained):
    _, lines = trained
    print("\n".join(lines))
    found = {tuple(line.split(" (")[0].rsplit(" ", 1)[0].split(": ")): line for line in lines if ": " in line}
    assert value(found["calibrated", "r"]) >= 0.52 > value(found["sentiment_raw", "r"])
    assert low(found["calibrated less sentiment_raw", "r"]) > 0
    assert low(found["calibrated less sentiment_raw", "r_of_means"]) > 0
    assert value(found["calibrated", "slope"]) == pytest.approx(1, abs=0.1)


def value(line):
    """0.561 of 'calibrated: r 0.561 (0.531 to 0.590)'."""
    return float(line.partition(" (")[0].rpartition(" ")[2])


def low(line):
    return float(line.partition(" (")[2].partition(" ")[0])


def test_the_card_gives_the_figures_that_the_script_prints(trained):
    _, lines = trained
    card = CARD.read_text("utf-8")
    assert [line for line in lines if line not in card] == []
