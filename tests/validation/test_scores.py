"""Scores against coded text: cases that can be counted by hand, and what must hold for any codes."""

import importlib.util

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import contracts
from analysis.__main__ import main
from analysis.contracts import FRAMES
from analysis.validation import gold, scores

# Ten units of ten characters in each of four invented reports.
REPORTS = ("a", "b", "c", "d")
DOCUMENTS = pd.DataFrame({"doc_id": REPORTS, "collection": ["east", "east", "west", "west"]})


def units():
    rows = [("mine", f"{doc}{n}", doc, 10 * n, 10 * n + 10, int(n == 9)) for doc in REPORTS for n in range(10)]
    return pd.DataFrame(rows, columns=["set", *gold.UNITS])


def coded(*rows):
    """Each row: unit, bearer, frame, voice, agreed; the trigger is the unit's middle."""
    table = [
        ("mine", unit, unit[0], 10 * int(unit[1]), 10 * int(unit[1]) + 10, *what, 10 * int(unit[1]) + 4,
         10 * int(unit[1]) + 6, agreed, 0)
        for unit, *what, agreed in rows
    ]  # fmt: skip
    table = pd.DataFrame(table, columns=["set", *gold.CLAIMS])
    numbers = ["start", "end", "trigger_start", "trigger_end", "agreed", "difficult"]
    return gold.Gold(units(), table.astype({column: int if column in numbers else "str" for column in table}))


def found(*rows):
    """Each row: doc_id, start, end, bearer, frame, voice."""
    table = pd.DataFrame(rows, columns=["doc_id", "start", "end", "bearer", "frame", "voice"])
    return table.astype({column: int if column in ("start", "end") else "str" for column in table})


CODED = coded(
    ("a0", "AVA", "obligation", "OUTLET", 1),  # found, in another voice
    ("a1", "BEL", "blame", "BEL", 1),  # found as AVA: wrong bearer
    ("a2", "BEL", "credit", "", 1),  # found; the readings differ about the voice
    ("b0", "AVA", "blame", "OUTLET", 1),  # missed
    ("b1", "AVA", "blame", "OUTLET", 0),  # of one reading only, and found
    ("b2", "AVA", "blame", "OUTLET", 0),  # of one reading only, not found
    ("c0", "AVA", "obligation", "AVA", 1),  # found in one of its two voices
    ("c0", "AVA", "obligation", "BEL", 1),
    ("d0", "BEL", "commitment", "BEL", 1),  # found in the right voice
)
FOUND = found(
    ("a", 2, 6, "AVA", "obligation", "BEL"),
    ("a", 12, 14, "AVA", "blame", "BEL"),
    ("a", 25, 27, "BEL", "credit", "OUTLET"),
    ("b", 12, 14, "AVA", "blame", "OUTLET"),
    ("c", 1, 9, "AVA", "obligation", "BEL"),
    ("d", 1, 9, "BEL", "commitment", "BEL"),
    ("d", 51, 59, "BEL", "commitment", "BEL"),  # nothing was coded there
    ("d", 100, 110, "BEL", "blame", "BEL"),  # lies in no coded unit
    ("e", 1, 9, "BEL", "blame", "BEL"),  # in no coded article
)


def values(table, *cell):
    """The scores of one cell by measure, with their n."""
    rows = table[table.iloc[:, : len(cell)].eq(list(cell)).all(axis=1)]
    return {row.measure: (round(row.score, 4), row.n) for row in rows.itertuples()}


def test_the_scores_are_those_counted_by_hand():
    table = scores.score(scores.match(CODED, FOUND, DOCUMENTS))
    # Coded and asked for: 6. Found and judged: 6. Hits: a0, a2, c0, d0. Voice known for three, right in two.
    assert values(table, "mine") == {
        "precision": (round(4 / 6, 4), 6),
        "recall": (round(4 / 6, 4), 6),
        "f1": (round(8 / 12, 4), 12),
        "voice": (round(2 / 3, 4), 3),
    }


def test_a_claim_belongs_to_the_unit_that_holds_the_middle_of_its_trigger():
    late = found(("a", 8, 14, "AVA", "obligation", "BEL"), ("a", 0, 20, "AVA", "blame", "BEL"))
    keys = scores.match(coded(), late, DOCUMENTS)
    assert keys[["unit", "frame"]].values.tolist() == [["a1", "blame"], ["a1", "obligation"]]


def test_scores_by_frame_bearer_and_collection_count_only_their_own():
    keys = scores.match(CODED, FOUND, DOCUMENTS)
    by_frame = scores.score(keys, ["frame"])
    assert values(by_frame, "obligation")["f1"] == (1.0, 4)
    assert values(by_frame, "blame")["f1"] == (0.0, 3)
    assert values(scores.score(keys, ["bearer"]), "BEL")["recall"] == (round(2 / 3, 4), 3)
    assert values(scores.score(keys, ["set", "collection"]), "mine", "west")["precision"] == (round(2 / 3, 4), 3)


def test_by_voice_recall_goes_by_the_voice_coded_and_precision_by_the_voice_found():
    table = scores.score_by_voice(scores.match(CODED, FOUND, DOCUMENTS))
    assert values(table, "mine", "OUTLET") == {"precision": (1.0, 1), "recall": (0.5, 2), "voice": (0.0, 1)}
    # Coded in the voice of BEL: a1 (missed), c0 and d0 (hit, in that voice). Found in it: a0, a1, c0, d0, d5.
    bel = {"precision": (0.6, 5), "recall": (round(2 / 3, 4), 3), "voice": (1.0, 2)}
    assert values(table, "mine", "BEL") == bel


def test_the_precision_of_a_cue_counts_what_it_found_and_no_contested_claim():
    cues = ["should", "fault", "praise", "fault", "should", "vow", "vow", "fault", "fault"]
    table = scores.score_by_cue(scores.match(CODED, FOUND, DOCUMENTS), CODED, FOUND.assign(cue=cues))
    assert table[["frame", "cue", "n", "score"]].values.tolist() == [
        ["commitment", "vow", 2, 0.5],
        ["obligation", "should", 2, 1.0],
        ["blame", "fault", 1, 0.0],
        ["credit", "praise", 1, 1.0],
    ]


def test_alpha_of_claims_that_all_stand_in_one_article_has_no_interval():
    one = coded(("a0", "AVA", "blame", "OUTLET", 1), ("a1", "AVA", "blame", "OUTLET", 0))
    row = scores.alpha(one).iloc[0]
    assert row["score"] == pytest.approx(1 - 79 * 1 / (3 * 77))
    assert np.isnan(row["low"])
    assert np.isnan(row["high"])


def test_a_bearer_in_anothers_place_is_told_from_one_missed_and_one_never_coded():
    pairs = scores.confusion(scores.match(CODED, FOUND, DOCUMENTS))
    errors = pairs[pairs["kind"] != "hit"]
    assert errors[["unit", "frame", "coded", "found", "kind", "start", "end"]].values.tolist() == [
        ["a1", "blame", "BEL", "AVA", "wrong bearer", 14, 16],
        ["b0", "blame", "AVA", scores.NOBODY, "missed", 4, 6],
        ["d5", "commitment", scores.NOBODY, "BEL", "not coded", 51, 59],
    ]
    assert scores.square(pairs).loc["AVA", "AVA"] == 2
    assert scores.square(pairs).loc["BEL", "AVA"] == 1


def test_the_commonest_errors_come_first_with_the_first_place():
    more = pd.concat([FOUND, found(("d", 41, 49, "BEL", "commitment", "BEL"))], ignore_index=True)
    top = scores.commonest_errors(scores.confusion(scores.match(CODED, more, DOCUMENTS))).iloc[0]
    assert top[["kind", "found", "n", "n_documents", "doc_id", "start"]].tolist() == ["not coded", "BEL", 2, 1, "d", 41]


def test_agreement_counts_a_claim_of_both_readings_twice_and_of_one_once():
    # Both: a0, a1, a2, b0, c0, d0, of which a2 has no common voice. One: b1, b2.
    assert values(scores.agreement(CODED), "mine") == {"f1": (round(12 / 14, 4), 14), "voice": (round(5 / 6, 4), 6)}


def test_alpha_is_that_of_the_formula_and_of_the_answers_counted_out():
    row = scores.alpha(CODED).iloc[0]
    # 40 units, five pairs of bearer and frame: 200 questions, 400 answers, 14 of them yes, two differ.
    assert row["score"] == pytest.approx(1 - 399 * 2 / (14 * 386))
    assert row["n"] == 40
    assert row["low"] < row["score"] < row["high"] <= 1


def test_a_set_read_once_has_no_agreement():
    once = coded(("a0", "AVA", "blame", "OUTLET", 1))
    assert scores.agreement(once).empty
    assert scores.alpha(once).empty


def test_cleaning_is_scored_by_the_middle_of_each_unit():
    # One sentence over the first half of report a, and one over the caption at its end.
    sentences = found(("a", 0, 50, "", "", ""), ("a", 90, 100, "", "", ""))[["doc_id", "start", "end"]]
    assert values(scores.cleaning(coded(), sentences, DOCUMENTS), "mine") == {
        "text kept": (round(5 / 36, 4), 36),
        "boilerplate dropped": (0.75, 4),
    }


def test_where_nothing_is_coded_every_table_is_empty_and_the_answer_says_so():
    nowhere = DOCUMENTS.assign(doc_id=["w", "x", "y", "z"])
    keys = scores.match(CODED, FOUND, nowhere)
    assert keys.empty
    assert scores.answer(scores.score(keys)) == "No article of these tables is coded: nothing can be scored."
    sentences = pd.DataFrame({"doc_id": ["w"], "start": [0], "end": [5]})
    tables = scores.report(CODED.within(nowhere["doc_id"]), FOUND.assign(cue="must"), sentences, nowhere)
    assert all(table.empty for table in tables.values())
    assert "Too little" in scores.extremes_in_words(scores.score(keys), "set")


def test_the_answer_names_each_set_with_its_counts():
    said = scores.answer(scores.score(scores.match(CODED, FOUND, DOCUMENTS)))
    assert said.startswith("On mine (6 claims coded and 6 found, in 4 articles that have any): F1 .67 (")


def test_the_title_names_the_highest_and_the_lowest_that_have_an_interval():
    f1 = pd.DataFrame({"frame": ["x", "y", "z"], "score": [0.2, 0.6, 1.0], "low": [0.1, 0.5, np.nan]})
    assert scores.extremes_in_words(f1, "frame") == "F1 is highest for y (0.60) and lowest for x (0.20)"


# ---------------------------------------------------------------- properties

UNIT = st.tuples(st.sampled_from(REPORTS), st.integers(0, 9)).map(lambda pair: f"{pair[0]}{pair[1]}")
VOICE = st.sampled_from(["OUTLET", "AVA", "BEL"])
CLAIM = st.tuples(UNIT, st.sampled_from(["AVA", "BEL", "COR"]), st.sampled_from(FRAMES), VOICE)
CODES = st.lists(st.tuples(CLAIM, st.sampled_from([1, 1, 0])), max_size=25, unique_by=lambda row: row[0][:3])
CLAIMS = st.lists(CLAIM, max_size=25, unique_by=lambda row: row[:4])


def as_coded(codes):
    return coded(*((*claim, agreed) for claim, agreed in codes))


def as_found(claims):
    return found(*((unit[0], 10 * int(unit[1]) + 2, 10 * int(unit[1]) + 8, *what) for unit, *what in claims))


@settings(deadline=None, max_examples=40)
@given(CODES)
def test_what_was_coded_scores_one_against_itself(codes):
    agreed = [claim for claim, both in codes if both]
    table = scores.score(scores.match(as_coded(codes), as_found(agreed), DOCUMENTS))
    assert (table["score"].dropna() == 1).all()
    assert table["score"].notna().any() == bool(agreed)


@settings(deadline=None, max_examples=40)
@given(CODES, CLAIMS)
def test_claims_of_one_reading_only_are_neither_asked_for_nor_punished(codes, claims):
    contested = [claim for claim, both in codes if not both]
    table = as_coded(codes)
    others = [claim for claim in claims if claim[:3] not in {one[:3] for one in contested}]
    without = scores.score(scores.match(table, as_found(others), DOCUMENTS))
    both = [*claims, *(claim for claim in contested if claim not in claims)]
    added = scores.score(scores.match(table, as_found(both), DOCUMENTS))
    pd.testing.assert_frame_equal(without, added)


@settings(deadline=None, max_examples=40)
@given(CODES, CLAIMS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(codes, claims, chance):
    some = scores.match(as_coded(codes), as_found(claims), DOCUMENTS)
    shuffled = chance.sample(codes, len(codes)), chance.sample(claims, len(claims))
    others = scores.match(as_coded(shuffled[0]), as_found(shuffled[1]), DOCUMENTS)
    pd.testing.assert_frame_equal(some, others)


@settings(deadline=None, max_examples=40)
@given(CODES, CLAIMS)
def test_swapping_two_actors_swaps_their_scores_and_nothing_else(codes, claims):
    swap = {"AVA": "BEL", "BEL": "AVA", "COR": "COR"}
    swapped = [((unit, swap[bearer], *rest), both) for (unit, bearer, *rest), both in codes]
    others = [(unit, swap[bearer], *rest) for unit, bearer, *rest in claims]
    table = scores.score(scores.match(as_coded(codes), as_found(claims), DOCUMENTS), ["bearer"])
    mirror = scores.score(scores.match(as_coded(swapped), as_found(others), DOCUMENTS), ["bearer"])
    back = mirror.assign(bearer=mirror["bearer"].map(swap)).astype({"bearer": "str"})
    back = back.sort_values("bearer", kind="stable", ignore_index=True)
    pd.testing.assert_frame_equal(table, back, check_dtype=not table.empty)


# ---------------------------------------------------------------- against the project's scorer, and the command


@pytest.mark.parametrize("frame", ["", *FRAMES])
def test_the_scores_are_those_of_the_common_scorer(frame, gold_folder):
    path = gold_folder.parent / "tools" / "score_claims.py"
    if not path.is_file():
        pytest.skip(f"needs the scorer beside the coded text: {path} is not there")
    spec = importlib.util.spec_from_file_location("score_claims", path)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    everything = gold.read(gold_folder)
    claims, documents = made_up_claims(everything)
    for name, keys in scores.match(everything, claims, documents).groupby("set"):
        rows = [tool.load(str(gold_folder / f"{name}_{kind}.csv")) for kind in ("claims", "units")]
        expected = tool.score(*rows, claims.to_dict("records"), lambda bearer, held: not frame or held == frame)
        ours = scores.score(keys[keys["frame"] == frame] if frame else keys).set_index("measure")
        counts = {
            "gold": ours.at["recall", "n"],
            "predicted": ours.at["precision", "n"],
            "voice_n": ours.at["voice", "n"],
        }
        assert counts == {key: expected[key] for key in counts}
        given = {key: expected[key] for key in ("precision", "recall", "f1", "voice")}
        assert ours["score"].fillna(0.0).round(3).to_dict() == pytest.approx(given, abs=1e-9)


def made_up_claims(coded_text):
    """Claims that hit, miss and err by a fixed rule: every second coded claim, some with another actor or voice."""
    claims = coded_text.claims.iloc[::2][["doc_id", "trigger_start", "trigger_end", "bearer", "frame", "voice"]]
    claims = claims.set_axis(["doc_id", "start", "end", "bearer", "frame", "voice"], axis="columns").reset_index(
        drop=True
    )
    claims.loc[::5, "bearer"] = claims["bearer"].iloc[0]
    claims.loc[::3, "voice"] = "OUTLET"
    documents = coded_text.units[["doc_id"]].drop_duplicates().assign(collection="all")
    return claims, documents


@pytest.fixture
def tables(tmp_path):
    """Tables of one invented report with two claims, the codebook that is shipped being theirs."""
    folder = tmp_path / "tables"
    folder.mkdir()
    for name, columns in contracts.TABLES.items():
        row = {c.name: VALUES.get(c.name, "") for c in columns}
        contracts.write(name, pd.DataFrame([row]), folder)
    return folder


VALUES = {
    "doc_id": "report", "sentence_id": 0, "start": 5, "end": 9, "n_tokens": 8,
    "calibrated": 0.0, "sentiment": 0.0, "sentiment_raw": 0.0,
    "score": 0.5, "voice": "OUTLET", "n": 1, "frame": "obligation", "quoted": False, "date": None,
    "n_chars": 90, "n_chars_kept": 80,
    "n_sentences": 1, "cluster": 0, "collection": "mine",
}  # fmt: skip


def gold_of(folder, actor):
    (folder / "mine_units.csv").write_text("unit,doc_id,start,end,boilerplate\n0,report,0,40,0\n", "utf-8")
    row = f"0,report,0,40,{actor},obligation,OUTLET,5,9,1,0\n"
    (folder / "mine_claims.csv").write_text(",".join(gold.CLAIMS) + "\n" + row, "utf-8")
    return ["validate", "--gold", str(folder), "--tables", str(folder / "tables")]


def test_validate_prints_every_table(tables, tmp_path, codebook, capsys):
    claim = contracts.read("claims", tables).assign(bearer=codebook.focus[0])
    contracts.write("claims", claim, tables)
    assert main(gold_of(tmp_path, codebook.focus[0])) == 0
    said = capsys.readouterr().out
    assert "1 of 1 coded articles" in said
    assert "1.00 (n = 1)" in said
    for heading in ("Claims: frame", "Claims: voice", "Cleaning", "Agreement of the two readings"):
        assert heading in said


def test_validate_refuses_codes_that_no_codebook_knows(tables, tmp_path, capsys):
    assert main(gold_of(tmp_path, "ATLANTIS")) == 2
    assert "mine_claims.csv: unit 0: bearer 'ATLANTIS' is no code of this codebook" in capsys.readouterr().err


def test_validate_refuses_coded_text_of_other_articles(tables, tmp_path, codebook, capsys):
    arguments = gold_of(tmp_path, codebook.focus[0])
    for name in ("units", "claims"):
        path = tmp_path / f"mine_{name}.csv"
        path.write_text(path.read_text("utf-8").replace("report", "another"), "utf-8")
    assert main(arguments) == 2
    assert "none of its 1 articles is in" in capsys.readouterr().err


@pytest.mark.parametrize(("option", "said"), [("--gold", "no coded text"), ("--tables", "no such table")])
def test_validate_on_an_empty_folder_says_what_is_missing(option, said, tables, tmp_path, codebook, capsys):
    arguments = gold_of(tmp_path, codebook.focus[0])
    (tmp_path / "empty").mkdir()
    arguments[arguments.index(option) + 1] = str(tmp_path / "empty")
    assert main(arguments) == 2
    printed = capsys.readouterr().err
    assert printed.startswith("error: ")
    assert said in printed


def test_the_balance_of_the_coded_passages_is_counted_by_hand():
    columns = ["set", "collection", "doc_id", "unit", "bearer", "frame", "coded", "found"]
    keys = pd.DataFrame(
        [
            ("dev", "press", "a", "1", "AVA", "blame", True, True),
            ("dev", "press", "a", "2", "BEL", "blame", True, False),
            ("dev", "press", "b", "3", "BEL", "blame", True, True),
            ("dev", "press", "b", "4", "COR", "blame", True, True),
            ("targeted", "press", "c", "5", "AVA", "blame", True, True),
            ("added", "press", "c", "6", "AVA", "blame", True, True),
        ],
        columns=columns,
    )
    table = scores.balance(keys, ("AVA", "BEL")).set_index("reading")
    assert table.loc["coded", ["n", "share"]].tolist() == [3, pytest.approx(1 / 3)]
    assert table.loc["found", ["n", "share"]].tolist() == [2, 0.5]
