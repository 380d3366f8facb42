"""How far two coders agree: published examples, cases to be counted by hand, and properties."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analysis import InputError
from analysis.__main__ import main
from analysis.validation import agreement, coding
from analysis.validation.agreement import CLAIMS, UNITS, Coded, as_table

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"


def crossed(first, second):
    """How often each pair of codes was given."""
    codes = sorted({*first, *second})
    counts = np.zeros((len(codes), len(codes)))
    for one, other in zip(first, second, strict=True):
        counts[codes.index(one), codes.index(other)] += 1
    return counts


# ---------------------------------------------------------------- alpha, F1


@pytest.mark.parametrize(
    ("first", "second", "published"),
    [
        # Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, examples A (binary, two coders)
        # and B (nominal, two coders): https://repository.upenn.edu/asc_papers/43
        ("0100000010", "0110010100", 0.095),
        ("aabbdcccedda", "babbbcccEddd".lower(), 0.692),
    ],
)
def test_alpha_is_that_of_krippendorffs_worked_examples(first, second, published):
    assert agreement.alpha(crossed(first, second)) == pytest.approx(published, abs=5e-4)


TABLES = arrays("int64", st.tuples(*[st.shared(st.integers(2, 5), key="k")] * 2), elements=st.integers(0, 20))


@given(TABLES)
def test_alpha_does_not_ask_which_coder_is_first_and_is_one_only_without_disagreement(counts):
    value = agreement.alpha(counts)
    np.testing.assert_equal(value, agreement.alpha(counts.T))
    if not np.isnan(value):
        assert value <= 1
        assert (value == 1) == (counts.sum() == np.trace(counts))


@given(TABLES)
def test_alpha_is_one_minus_observed_over_expected_disagreement_pair_by_pair(counts):
    given_codes = np.concatenate([counts.sum(axis=0), counts.sum(axis=1)])
    values = np.repeat(np.tile(np.arange(len(counts)), 2), given_codes)
    if len(set(values.tolist())) < 2:
        assert np.isnan(agreement.alpha(counts))
        return
    observed = 1 - np.trace(counts) / counts.sum()
    pairs = values[:, None] != values[None, :]
    expected = pairs.sum() / (len(values) * (len(values) - 1))
    assert agreement.alpha(counts) == pytest.approx(1 - observed / expected)


def test_f1_is_counted_by_hand():
    # 3 claims in common, 1 of the first coder alone, 2 of the second: 6 / (6 + 3).
    assert agreement.f1(np.array([[90, 2], [1, 3]])) == pytest.approx(2 / 3)
    assert np.isnan(agreement.f1(np.array([[90, 0], [0, 0]])))


# ---------------------------------------------------------------- intervals


def test_the_interval_holds_the_true_value_as_often_as_it_says():
    # 500 articles whose coders agree unevenly; drawn 300 times. Seeds are fixed, so the outcome is too.
    stream = np.random.default_rng(5)
    missed = stream.beta(2, 6, 500)
    claims = stream.poisson(4, 500)
    alone = np.stack([stream.binomial(claims, missed), stream.binomial(claims, missed)])
    counts = np.zeros((500, 2, 2))
    counts[:, 1, 1], counts[:, 0, 1], counts[:, 1, 0], counts[:, 0, 0] = claims, alone[0], alone[1], 300
    for statistic in (agreement.alpha, agreement.f1):
        true = statistic(counts.sum(axis=0))
        draws = [counts[stream.integers(0, 500, 15)] for _ in range(300)]
        found = [agreement.interval(draw, draw.sum(axis=(1, 2)) > draw[:, 0, 0], statistic) for draw in draws]
        assert np.mean([low <= true <= high for low, high in found]) >= 0.92
        assert all(high <= 1 for _, high in found)


def test_articles_in_which_nobody_found_a_claim_make_nothing_surer():
    told = np.array([[[50, 1], [0, 4]], [[50, 2], [2, 6]], [[50, 0], [1, 3]]], dtype=float)
    silent = np.tile([[50.0, 0.0], [0.0, 0.0]], (40, 1, 1))
    few = agreement.interval(told, np.ones(3, dtype=bool), agreement.f1)
    many = agreement.interval(np.concatenate([told, silent]), np.arange(43) < 3, agreement.f1)
    assert few == pytest.approx(many)


@pytest.mark.parametrize("articles", [0, 1, 2])
def test_fewer_than_three_articles_give_no_interval(articles):
    counts = np.tile([[50.0, 1.0], [1.0, 5.0]], (articles, 1, 1))
    assert np.isnan(agreement.interval(counts, np.ones(articles, dtype=bool), agreement.alpha)).all()


# ---------------------------------------------------------------- two coders


def coded(name, claims, units=6, boilerplate=()):
    """A coder's work on units of 10 characters, two to an article; claims as (unit, bearer, frame, voice)."""
    place = [{"unit": u, "doc_id": f"d{u // 2}", "start": 10 * u, "end": 10 * u + 10} for u in range(units)]
    rows = [
        row | {"boilerplate": int(row["unit"] in boilerplate), "probability": 0.5, "text": "ten chars."}
        for row in place
    ]
    found = [
        place[unit] | {"bearer": bearer, "frame": frame, "voice": voice}
        | {"trigger_start": 10 * unit + 1, "trigger_end": 10 * unit + 5, "difficult": 0}
        for unit, bearer, frame, voice in claims
    ]  # fmt: skip
    return Coded(Path(name), as_table(rows, UNITS), as_table(found, CLAIMS))


FIRST = [
    (0, "AVA", "blame", "OUTLET"),
    (1, "BEL", "blame", "AVA"),
    (2, "AVA", "credit", "OUTLET"),
    (4, "BEL", "blame", "BEL"),
]
SECOND = [
    (0, "AVA", "blame", "OUTLET"),
    (1, "BEL", "blame", "BEL"),
    (4, "BEL", "blame", "BEL"),
    (5, "BEL", "credit", "AVA"),
]


def test_agreement_is_counted_by_hand():
    found = agreement.compare(agreement.pair(coded("a.csv", FIRST), coded("b.csv", SECOND)), ["AVA", "BEL", "COR"])
    told = found.set_index(["over", "measure"])["estimate"]
    assert told["claims", "F1"] == pytest.approx(6 / 8)
    assert told["blame", "F1"] == 1
    assert told["credit", "F1"] == 0
    assert np.isnan(told["obligation", "F1"])
    # 6 units, 3 bearers, 4 frames: 72 places, 3 both, 2 of one coder alone, 8 claims in all of 144 codes.
    assert told["claims", "alpha"] == pytest.approx(1 - 143 * 4 / (144**2 - 136**2 - 8**2))
    assert told["voice", "same"] == pytest.approx(2 / 3)
    n = found.set_index(["over", "measure"])["n"]
    assert (n["claims", "F1"], n["blame", "F1"], n["voice", "alpha"]) == (5, 3, 3)


def test_the_order_of_the_coders_changes_no_figure():
    one, other = coded("a.csv", FIRST), coded("b.csv", SECOND)
    found = [agreement.compare(agreement.pair(*pair), ["AVA", "BEL"]) for pair in ((one, other), (other, one))]
    pd.testing.assert_frame_equal(*found)


def test_every_disagreement_stands_in_the_list_by_place_and_nothing_else():
    pair = agreement.pair(coded("a.csv", FIRST, boilerplate=[3]), coded("b.csv", SECOND))
    found = agreement.disagreements(pair)
    assert found[["unit", "doc_id", "bearer", "frame", "first", "second"]].values.tolist() == [
        [1, "d0", "BEL", "blame", "AVA", "BEL"],
        [2, "d1", "AVA", "credit", "OUTLET", ""],
        [3, "d1", "NONE", "boilerplate", "NONE", ""],
        [5, "d2", "BEL", "credit", "", "AVA"],
    ]
    assert found.loc[0, ["trigger_start", "trigger_end"]].tolist() == [11, 15]
    assert "text" not in found


def test_a_coder_agrees_with_himself():
    pair = agreement.pair(coded("a.csv", FIRST), coded("a.csv", FIRST))
    found = agreement.compare(pair, ["AVA", "BEL"]).dropna(subset="estimate")
    assert (found["estimate"] == 1).all()
    assert agreement.disagreements(pair).empty


def test_several_voices_of_one_claim_are_compared_as_one_answer():
    both = [(0, "AVA", "blame", "OUTLET"), (0, "AVA", "blame", "BEL")]
    pair = agreement.pair(coded("a.csv", both), coded("b.csv", both[:1]))
    assert pair.claims[["first", "second"]].values.tolist() == [["BEL+OUTLET", "OUTLET"]]


def test_only_what_both_have_read_is_compared():
    pair = agreement.pair(coded("a.csv", FIRST, units=6), coded("b.csv", SECOND[:3], units=5))
    assert pair.units["unit"].tolist() == [0, 1, 2, 3, 4]
    assert pair.claims["unit"].max() == 4


def test_two_coders_without_a_claim_have_nothing_to_agree_on():
    pair = agreement.pair(coded("a.csv", []), coded("b.csv", []))
    assert agreement.compare(pair, ["AVA"])["estimate"].isna().all()
    assert agreement.disagreements(pair).empty


def test_files_of_different_samples_are_refused():
    one, other = coded("a.csv", FIRST), coded("b.csv", SECOND)
    moved = Coded(other.path, other.units.assign(start=other.units["start"] + 1), other.claims)
    with pytest.raises(InputError, match=r"b\.csv: unit 0 has start '1', '0' in a\.csv; give two codings"):
        agreement.pair(one, moved)
    apart = Coded(other.path, other.units.assign(unit=other.units["unit"] + 100), other.claims)
    with pytest.raises(InputError, match=r"b\.csv: no unit that a\.csv has"):
        agreement.pair(one, apart)


# ---------------------------------------------------------------- as coded text


def test_two_codings_become_one_with_what_is_agreed_marked():
    pair = agreement.pair(coded("a.csv", FIRST, boilerplate=[3]), coded("b.csv", SECOND, boilerplate=[3]))
    units, claims = agreement.gold(pair)
    assert units["boilerplate"].tolist() == [0, 0, 0, 1, 0, 0]
    assert claims[["unit", "bearer", "frame", "voice", "agreed"]].values.tolist() == [
        [0, "AVA", "blame", "OUTLET", 1],
        [1, "BEL", "blame", "", 1],
        [2, "AVA", "credit", "OUTLET", 0],
        [4, "BEL", "blame", "BEL", 1],
        [5, "BEL", "credit", "AVA", 0],
    ]
    assert not claims.duplicated(["unit", "bearer", "frame", "voice"]).any()


# ---------------------------------------------------------------- command line

ROW = {"unit": 0, "doc_id": "a", "start": 0, "end": 24, "probability": 0.5, "text": "Avaria broke its promise"}
EMPTY = dict.fromkeys(["bearer", "frame", "voice", "trigger", "difficult"], "")
CODES = {"bearer": "AVA", "frame": "blame", "voice": "OUTLET", "trigger": "broke its promise"}


@pytest.fixture
def files(tmp_path):
    for name, rows in {"one": [ROW | EMPTY | CODES], "two": [ROW | EMPTY]}.items():
        pd.DataFrame(rows)[list(coding.SHEET)].to_csv(tmp_path / f"{name}.csv", index=False)
    return [str(tmp_path / "one.csv"), str(tmp_path / "two.csv"), "--codebook", str(SAMPLE / "codebook")]


def test_the_command_prints_figures_and_the_list(files, capsys):
    assert main(["agreement", *files]) == 0
    said = capsys.readouterr().out
    assert "1 sentences that both read (1 and 1)" in said
    assert "1 disagreements:" in said
    assert "broke" not in said, "places, not words"


def test_the_list_and_the_coded_text_are_written_where_asked(files, tmp_path, capsys):
    assert (
        main(["agreement", *files, "--out", str(tmp_path / "x" / "apart.csv"), "--gold", str(tmp_path / "gold")]) == 0
    )
    assert pd.read_csv(tmp_path / "x" / "apart.csv")[["unit", "bearer", "frame", "trigger_start"]].values.tolist() == [
        [0, "AVA", "blame", 7]
    ]
    units, claims = (pd.read_csv(tmp_path / "gold" / f"sample_{name}.csv") for name in ("units", "claims"))
    assert list(units) == ["unit", "doc_id", "start", "end", "boilerplate"]
    assert claims[["bearer", "voice", "agreed"]].values.tolist() == [["AVA", "OUTLET", 0]]
    assert "apart.csv" in capsys.readouterr().out


def test_a_file_that_cannot_be_used_is_one_message_with_status_2(files, tmp_path, capsys):
    (tmp_path / "two.csv").write_text("unit\n1\n")
    assert main(["agreement", *files]) == 2
    assert capsys.readouterr().err.startswith(f"error: {tmp_path / 'two.csv'}: line 1: no column doc_id")


def test_validate_takes_what_two_coders_agree_on(tmp_path, capsys):
    tables, out, own = tmp_path / "tables", tmp_path / "out", ["--codebook", str(SAMPLE / "codebook")]
    assert main(["build", str(SAMPLE / "articles"), "--out", str(tables), "--keep-text", *own]) == 0
    assert main(["sample", "--tables", str(tables), "--out", str(out), "--n", "40"]) == 0
    sheet = pd.read_csv(out / "sample.csv", encoding="utf-8-sig", dtype="str", keep_default_na=False)
    sheet.loc[0, ["bearer", "frame", "voice"]] = ["AVA", "blame", "OUTLET"]
    sheet.loc[0, "trigger"] = sheet.loc[0, "text"].split()[1]
    for name in ("one", "two"):
        sheet.to_csv(out / f"{name}.csv", index=False)
    files = [str(out / f"{name}.csv") for name in ("one", "two")]
    assert main(["agreement", *files, *own, "--gold", str(out)]) == 0
    assert main(["validate", "--gold", str(out), "--tables", str(tables)]) == 0
    assert "coded articles of" in capsys.readouterr().out
