"""Names earn no sentiment, the lexicon's terms count, all else is VADER's; and what readers would make of it."""

import csv

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import BOOSTER_DICT, NEGATE, SentimentIntensityAnalyzer

from analysis import InputError
from analysis.codebook import Names
from analysis.measures import sentiment
from analysis.measures.sentiment import CONSTANT, VADER, WEIGHTS, Weights

NAMES = Names(
    pd.DataFrame(
        [
            ("United Avaria", "AVA", "country"),
            ("AVR", "AVA", "country"),
            ("Belmont", "BEL", "country"),
            ("Great Peace Party of Belmont", "BEL", "institution"),
            ("Freedom Post", "", "institution"),
        ],
        columns=["name", "actor", "kind"],
    )
)
LEXICON = pd.DataFrame(
    [("impasse", "-1.4", ""), ("war games", "-1.3", ""), ("party", "0", ""), ("good offices", "0", "")],
    columns=["term", "valence", "note"],
)
PHRASES = ["praised the good offer of", "is at an impasse with", "never hated", "and, very kindly,", "GREAT NEWS from"]


def score(*texts: str, names: Names = NAMES, lexicon: pd.DataFrame = LEXICON) -> pd.DataFrame:
    return sentiment.score(pd.Series(texts, dtype="str"), names, lexicon)


def one(text: str, **given) -> float:
    return score(text, **given)["sentiment"].iloc[0]


def test_a_name_is_neither_glad_nor_grim():
    scores = score("United Avaria met the Great Peace Party of Belmont.")
    assert scores["sentiment"].iloc[0] == 0
    assert scores["sentiment_raw"].iloc[0] > 0.8


def test_a_name_of_nobody_is_masked_too():
    assert one("The Freedom Post met Belmont.") == 0


def test_raw_is_what_the_library_gives():
    texts = ["United Avaria is at an impasse!", "I don’t like it.", "Belmont said nothing."]
    expected = [SentimentIntensityAnalyzer().polarity_scores(text)["compound"] for text in texts]
    assert score(*texts)["sentiment_raw"].tolist() == pytest.approx(expected, abs=1e-6)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from(PHRASES), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_swapping_the_actors_changes_no_score(phrases, random):
    names = [random.choice(["United Avaria", "AVR", "Belmont"]) for _ in range(len(phrases) + 1)]
    swap = {"United Avaria": "Belmont", "AVR": "Belmont", "Belmont": random.choice(["United Avaria", "AVR"])}
    texts = [
        " ".join([who[0], *(word for pair in zip(phrases, who[1:], strict=True) for word in pair)]) + "."
        for who in (names, [swap[name] for name in names])
    ]
    scores = score(*texts)[["calibrated", "sentiment"]]
    assert scores.iloc[0].tolist() == scores.iloc[1].tolist()


@pytest.mark.parametrize("text", ["GOOD NEWS FOR {}", "Good news for {}", "GOOD news for {}", "{}: 3 GOOD DEALS"])
@pytest.mark.parametrize("name", ["AVR", "Belmont", "United Avaria"])
def test_a_mask_does_not_change_which_words_are_stressed_by_capitals(text, name):
    vader = SentimentIntensityAnalyzer()
    without = vader.polarity_scores(" ".join(text.format("").split()))["compound"]
    assert one(text.format(name)) == pytest.approx(without, abs=1e-6)


def test_the_mask_is_no_word_to_vader():
    assert sentiment.MASK not in SentimentIntensityAnalyzer().lexicon
    assert sentiment.MASK not in BOOSTER_DICT
    assert sentiment.MASK not in NEGATE
    assert len(sentiment.MASK) > 2


def test_a_term_of_the_lexicon_counts_and_can_be_negated():
    assert one("The talks ended in an impasse.") < 0 < one("There was no impasse in the talks.")
    assert score("The talks ended in an impasse.")["sentiment_raw"].iloc[0] == 0


def test_a_term_of_several_words_counts_once_in_any_case_and_over_a_line_break():
    apart = one("The war games began.", lexicon=LEXICON[LEXICON["term"] != "war games"])
    assert apart < one("The war games began.") < 0
    assert one("The War\ngames began.") == one("The war games began.")


def test_a_term_with_valence_0_is_no_sentiment_word_any_more():
    assert one("The very PARTY of the left met.") == 0
    assert one("The party of the left met.", lexicon=LEXICON[:0]) > 0


def test_a_phrase_with_valence_0_hides_its_words():
    assert one("Belmont lent its GOOD OFFICES, its very good offices.") == 0
    assert one("Belmont lent its good offices.", lexicon=LEXICON[:0]) > 0


@pytest.mark.parametrize(
    ("typographic", "plain"),
    [
        ("It isn’t good.", "It isn't good."),
        ("A “good” deal", 'A "good" deal'),
        ("It is—good—now", "It is - good - now"),
    ],
)
def test_typographic_marks_hide_no_word(typographic, plain):
    assert one(typographic) == one(plain) != 0


def test_one_call_leaves_nothing_behind_for_the_next():
    before = score("The talks ended in an impasse.", lexicon=LEXICON[:0])
    score("The talks ended in an impasse.")
    after = score("The talks ended in an impasse.", lexicon=LEXICON[:0])
    pd.testing.assert_frame_equal(before, after)
    assert after["sentiment"].iloc[0] == 0


def test_a_score_does_not_depend_on_its_neighbours_and_keeps_its_index():
    texts = pd.Series(["Good.", "United Avaria lost an impasse.", "War games."], index=[7, 3, 5])
    together = sentiment.score(texts, NAMES, LEXICON)
    apart = pd.concat([sentiment.score(texts.iloc[[i]], NAMES, LEXICON) for i in range(3)])
    pd.testing.assert_frame_equal(together, apart)
    assert together[["sentiment", "sentiment_raw"]].abs().max().max() <= 1


def test_no_sentences_give_no_scores():
    assert score().shape == (0, 3)
    assert list(score()) == ["calibrated", "sentiment", "sentiment_raw"]


@pytest.mark.parametrize("valence", ["bad", "", "5", "-4.1", "nan"])
def test_a_valence_off_the_scale_is_refused(valence):
    lexicon = pd.DataFrame([("impasse", valence, "")], columns=LEXICON.columns)
    with pytest.raises(InputError, match=f"'impasse': valence '{valence}' is not a number from -4 to 4"):
        score("x", lexicon=lexicon)


def test_the_lexicon_is_short_and_each_row_says_why(codebook):
    assert 15 <= len(codebook.lexicon) <= 40
    assert (codebook.lexicon["note"] != "").all()
    assert (codebook.lexicon["term"] == codebook.lexicon["term"].str.lower()).all()


# Small enough to count by hand: VADER's part is the compound alone.
SMALL = Weights(-0.1, (0.0, 0.0, 0.0, 1.0), {"envoy": (3.0, 0.5), "left": (4.0, -1.0), "don't": (2.0, -0.2)})


def rated(text: str, weights: Weights = SMALL) -> float:
    scores = sentiment.score(pd.Series([text], dtype="str"), NAMES, LEXICON, weights)
    return round(float(scores["calibrated"].iloc[0]), 3)


def test_words_count_by_weight_and_rarity_over_the_length_of_the_known():
    # (3 * 0.5 - 4 * 1) / 5, for the two idfs are the sides of a triangle with 5 as the third.
    assert rated("The envoy left.") == pytest.approx(-0.1 - 0.5)


def test_a_word_counts_once_however_often_it_is_said():
    assert rated("The envoy left, left, left.") == rated("The envoy left.")


def test_of_unknown_words_the_constant_and_vaders_part_are_left():
    assert rated("Wug blick dax.") == pytest.approx(-0.1)
    assert rated("A good wug.") == pytest.approx(-0.1 + one("A good wug."), abs=6e-4)


def test_no_text_is_rated_as_the_constant():
    assert rated("") == rated("  \n") == pytest.approx(-0.1)


@pytest.mark.parametrize(
    "text", ["The Left met an Envoy.", "LEFT ENVOY", "AVR's envoys", "The actor's left-over Envoy's"]
)
def test_a_word_with_a_capital_is_a_name_unless_it_stands_first(text):
    assert rated(text) == pytest.approx(-0.1 - ("left-over" in text))
    assert rated("Left behind.") == rated("It was left behind.") == pytest.approx(-1.1)


@pytest.mark.parametrize("text", ["They don't.", "They don’t.", "“don’t”, they said"])
def test_an_apostrophe_belongs_to_its_word_whichever_way_it_is_printed(text):
    assert rated(text) == pytest.approx(-0.3)


@settings(deadline=None, max_examples=200)
@given(st.text() | st.lists(st.sampled_from(["good", "envoy", "left", "AVR", "!", "war games"])).map(" ".join))
def test_every_text_has_a_rating_on_the_readers_scale(text):
    scores = sentiment.score(pd.Series([text], dtype="str"), NAMES, LEXICON, Weights(0.0, (9.0,) * 4, SMALL.words))
    assert -4 <= scores["calibrated"].iloc[0] <= 4
    assert scores.notna().all(axis=None)


def test_every_name_of_the_codebook_is_rated_alike(codebook):
    text = "{}'s envoy has failed, and the leader of {} praised him.".format
    names = codebook.names_sheet["name"]
    scores = sentiment.score(names.map(lambda name: text(name, name)), codebook.names, codebook.lexicon)
    assert scores["calibrated"].nunique() == scores["sentiment"].nunique() == 1


def test_the_weights_shipped_are_of_single_words_in_lower_case_and_no_mask(codebook):
    words = sentiment.read_weights().words
    assert all(sentiment.words(f"the {word} is") == ["the", word, "is"] for word in words)
    assert sentiment.MASK not in words
    assert WEIGHTS.stat().st_size < 400_000


def test_the_weights_shipped_hear_what_readers_hear():
    scores = score("They deserve praise.", "Nothing was said of it.", "They hardly care, and it is unfair.")
    assert scores["calibrated"].is_monotonic_decreasing


def write_weights(folder, *rows):
    path = folder / "weights.csv"
    path.write_text("\n".join(["term,idf,weight", *rows]) + "\n", "utf-8")
    return path


BRACKETED = [f"{term},1,0.5" for term in (CONSTANT, *map(sentiment.in_brackets, VADER))]


def test_weights_are_read_as_they_stand(tmp_path):
    # 'null' and 'nan' are words here, not gaps.
    path = write_weights(tmp_path, *BRACKETED, "fine,2.5,0.1", "null,3,-0.1", "nan,1,0")
    words = {"fine": (2.5, 0.1), "null": (3.0, -0.1), "nan": (1.0, 0.0)}
    assert sentiment.read_weights(path) == Weights(0.5, (0.5,) * 4, words)


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (BRACKETED[:-1], r"no row \(compound\); write the file again"),
        (BRACKETED[1:], r"no row \(constant\)"),
        ([*BRACKETED, "fine,much,0.1"], "fine: idf 'much', weight '0.1': not two numbers"),
        ([*BRACKETED, "fine,2,"], "fine: idf '2', weight ''"),
        ([*BRACKETED, "fine,0,1"], "fine: idf '0', weight '1': .* above 0"),
        ([*BRACKETED, "fine,2,inf"], "fine: idf '2', weight 'inf'"),
        ([*BRACKETED, "fine,2,1", "fine,2,2"], "fine is already on line 7"),
    ],
)
def test_weights_that_cannot_be_used_are_refused(rows, complaint, tmp_path):
    with pytest.raises(InputError, match=rf"weights\.csv: .*{complaint}"):
        sentiment.read_weights(write_weights(tmp_path, *rows))


def test_scores_follow_readers_at_least_as_well_as_vader_alone(gold_folder, codebook):
    rated = pd.read_csv(gold_folder / "nyt_editorials_train.tsv", sep="\t", quoting=csv.QUOTE_NONE)
    scores = sentiment.score(rated["text"], codebook.names, codebook.lexicon)
    r = scores.corrwith(rated["mean_rating"])
    assert r["sentiment"] >= r["sentiment_raw"] > 0.49
