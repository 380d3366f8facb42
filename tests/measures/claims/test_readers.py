"""The two readers: the ledger they write, the same for every actor and on every machine."""

import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from invented import CASES, SOUND, ledger, lines, table, turned

from analysis import InputError, contracts, workbench
from analysis.codebook import Mention
from analysis.corpus import articles
from analysis.measures.claims import LOOK_BACK, Line, encoder, linear, readers
from analysis.measures.claims.readers import READERS


@pytest.fixture(scope="module")
def read(codebook):
    """Every case read once by each reader: case's label -> the claims of its last sentence."""
    tables = [table(lines(case), case.get("home", ""), case["label"]) for case in SOUND]
    last = {case["label"]: len(lines(case)) - 1 for case in SOUND}
    found = {name: readers.find(pd.concat(tables), codebook, name) for name in READERS}
    return {name: some[some["sentence_id"] == some["doc_id"].map(last)] for name, some in found.items()}


# Learned from news, they are careful with bare invented sentences; what they see there must be so.
@pytest.mark.parametrize(("name", "recall"), [("fast", 0.5), ("close", 0.8)])
def test_what_is_seen_in_invented_sentences_is_there(read, name, recall):
    wanted = {(case["label"], bearer, frame) for case in SOUND for bearer, frame, _ in case["claims"]}
    seen = set(zip(*(read[name][column] for column in ("doc_id", "bearer", "frame")), strict=True))
    assert len(seen & wanted) / len(seen) >= 0.9
    assert len(seen & wanted) / len(wanted) >= recall


@pytest.mark.parametrize("name", READERS)
def test_no_reader_takes_a_guess_for_an_obligation(read, name):
    guesses = {case["label"] for case in SOUND if " is a guess" in case["label"] or " is a forecast" in case["label"]}
    assert len(guesses) >= 6
    obliged = read[name].query("frame == 'obligation'")
    assert guesses.isdisjoint(obliged["doc_id"])


def test_close_reads_otherwise_than_fast(read):
    assert ledger(read["close"]) != ledger(read["fast"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(data=st.data())
@pytest.mark.parametrize("name", READERS)
def test_swapping_the_actors_swaps_the_ledger_and_nothing_else(codebook, name, data):
    case = data.draw(st.sampled_from(SOUND))
    pair = data.draw(st.permutations(sorted(codebook.actors["actor"])).map(lambda actors: tuple(actors[:2])))
    turn = dict([pair, pair[::-1]])
    home = case.get("home", "")
    ours = readers.find(table(lines(case), home), codebook, name)
    theirs = readers.find(table(turned(lines(case), codebook, pair), turn.get(home, home)), codebook, name)
    expected = [(turn.get(b, b), f, turn.get(v, v)) for b, f, v in ledger(ours)]
    assert ledger(theirs) == sorted(expected)
    assert sorted(theirs["score"]) == sorted(ours["score"])


# ---- the table


def test_the_trigger_stands_in_the_source_text_between_its_offsets(codebook):
    before, text = "It rained in Seoul.", "Kim said Washington must wait for the envoy."
    (row,) = readers.find(table([before, text]), codebook).itertuples()
    assert f"{before} {text}"[row.start : row.end] == "must"
    assert (row.voice, row.cue, row.predicate, row.quoted) == ("DPRK", "must", "wait", False)


def test_a_trigger_between_quotation_marks_is_quoted(codebook):
    found = readers.find(table(["Kim said: “Washington must stop its hostile policy.”"]), codebook, "close")
    assert set(found["voice"]) == {"DPRK"}
    assert found["quoted"].all()


def test_the_predicate_names_the_actor_by_code(codebook):
    found = readers.find(table(["Pyongyang said Washington must not provoke Seoul."]), codebook)
    assert found["predicate"].tolist() == ["not provoke ROK"]


@pytest.mark.parametrize("name", READERS)
def test_the_ledger_keeps_its_contract(codebook, name):
    sentences = table([text for case in CASES for text in lines(case)])
    found = readers.find(sentences, codebook, name)
    assert contracts.check("claims", found.copy()).shape == found.shape
    held = found.merge(sentences, on=["doc_id", "sentence_id"], suffixes=("", "_sentence"))
    assert ((held["start_sentence"] <= held["start"]) & (held["start"] < held["end"])).all()
    assert (held["end"] <= held["end_sentence"]).all()
    assert set(found["frame"]) <= set(contracts.FRAMES)
    assert set(found["bearer"]) <= set(codebook.actors["actor"])
    assert set(found["voice"]) <= {*codebook.actors["actor"], *contracts.VOICES}
    assert found["score"].between(readers.read(name).cutoff.min(), 1).all()


@pytest.mark.parametrize("name", READERS)
def test_a_document_is_read_alike_alone_and_among_others(codebook, name):
    tables = [table(lines(case), doc_id=f"d{n:03}") for n, case in enumerate(CASES[::4])]
    alone = pd.concat([readers.find(one, codebook, name) for one in tables], ignore_index=True)
    pd.testing.assert_frame_equal(readers.find(pd.concat(tables), codebook, name), alone, check_dtype=False)


@pytest.mark.parametrize("texts", [[], ["It rained in Seoul and in Tokyo."], ["It rained."]])
def test_no_sentences_and_no_claims_make_an_empty_table(codebook, texts):
    found = readers.find(table(texts), codebook, "close")
    assert list(found.columns) == [column.name for column in contracts.TABLES["claims"]]
    assert found.empty


# ---- the same claims on every machine


def test_a_score_is_rounded_before_it_meets_the_cut_off():
    reader = readers.read("fast")
    just_under = np.log(reader.cutoff / (1 - reader.cutoff)) - 1e-6
    assert (readers.rounded(reader, just_under, 0) >= reader.cutoff).all()
    assert readers.rounded(reader, np.full(4, 0.123456), 0).tolist() == [0.53] * 4


def test_what_is_read_beside_a_sentence_and_the_order_of_actors_change_no_score():
    numbers = [encoder.pieces(readers_line("The envoy of Avaria must go home to Belmont at once."))[0]]
    alone = encoder.score([], numbers[0], "", ["AVA"])
    both = encoder.score([], numbers[0], "", ["BEL", "AVA"])
    assert alone["AVA"].tolist() == both["AVA"].tolist()


def readers_line(text):
    places = {name: text.index(name) for name in ("Avaria", "Belmont")}
    codes = {"Avaria": "AVA", "Belmont": "BEL"}
    return Line(text, [Mention(at, at + len(name), codes[name], "country", name) for name, at in places.items()])


# ---- bad files


def test_a_reader_that_there_is_not_is_an_error_that_names_those_there_are():
    with pytest.raises(InputError, match=r"no reader 'slow'; use fast or close"):
        readers.read("slow")


def test_a_reader_with_a_hole_is_an_error_that_says_how_to_mend_it(tmp_path):
    path = tmp_path / "readers.csv"
    path.write_text(readers.PATH.read_text().replace("close,credit,", "close,credit,x"))
    with pytest.raises(InputError, match=r"readers\.csv: reader 'close' lacks a number; train again"):
        readers.read("close", path)


def test_a_weight_that_is_no_number_is_an_error_with_its_line(tmp_path):
    path = tmp_path / "claims.csv"
    path.write_text("feature,obligation,blame,credit,commitment\n(constant),1,1,1,1\nup must,x,0,0,0\n")
    with pytest.raises(InputError, match=r"claims\.csv: line 3: .*no number"):
        linear.read(path)
    path.write_text("feature,obligation,blame,credit,commitment\nup must,1,0,0,0\n")
    with pytest.raises(InputError, match=r"first row is not \(constant\)"):
        linear.read(path)


# ---- against the coded passages


@pytest.fixture(scope="module")
def coded(gold_folder, articles_folder, codebook):
    """The coded sentences of seed and dev, heard in their articles, with as many around them as a reader looks at."""
    units = pd.concat(pd.read_csv(gold_folder / f"{name}_units.csv") for name in ("seed", "dev"))
    wanted = set(units["doc_id"])
    some = [one for one in articles.read([articles_folder], codebook) if getattr(one, "doc_id", "") in wanted]
    _, sentences = workbench.split(some, codebook)
    place = units.groupby("doc_id").agg(first=("start", "min"), last=("end", "max")).reindex(sentences["doc_id"])
    inside = (sentences["end"] > place["first"].array) & (sentences["start"] < place["last"].array)
    number = sentences["sentence_id"].where(inside).groupby(sentences["doc_id"])
    reach = 2 * LOOK_BACK
    near = sentences["sentence_id"].between(number.transform("min") - reach, number.transform("max") + reach)
    return sentences[near]


# What was reached, less .01: an honest change that loses less than that is free.
@pytest.mark.parametrize(
    ("name", "bounds"), [("fast", {"dev": 0.58, "seed": 0.55}), ("close", {"dev": 0.65, "seed": 0.63})]
)
def test_the_coded_claims_are_found(codebook, gold_folder, coded, name, bounds, capsys):
    sys.path.insert(0, str(gold_folder.parent / "tools"))
    score = pytest.importorskip("score_claims").score
    found = readers.find(coded, codebook, name).to_dict("records")
    for part, bound in bounds.items():
        claims, units = (
            pd.read_csv(gold_folder / f"{part}_{table}.csv", dtype=str, keep_default_na=False).to_dict("records")
            for table in ("claims", "units")
        )
        reached = score(claims, units, found)
        with capsys.disabled():
            print(f"\n{name}, {part}: {reached}")
        assert reached["f1"] >= bound
        assert reached["voice"] >= 0.78
