"""Cues: what each construction says of whom, by the tree alone."""

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from invented import CASES, SOUND, ledger, lines, table, turned

from analysis import InputError, contracts
from analysis import codebook as codebooks
from analysis.measures.claims import cues, passages


def found_in(texts, codebook, home=""):
    """The claims that the cues of each sentence make: sentence_id, bearer, frame, voice and cue."""
    index, rows = cues.index(codebook), []
    for document in passages(table(texts, home), codebook):
        for passage in document:
            for one in cues.find(passage, index, codebook):
                cue = one.hit.cue
                rows.append((passage.row.sentence_id, one.bearer, cue.frame, cues.voice(one), " ".join(cue.words)))
    columns = ["sentence_id", "bearer", "frame", "voice", "cue"]
    return pd.DataFrame(rows, columns=columns).drop_duplicates(columns[:-1])


def last(texts, codebook, home=""):
    """The claims of the last sentence."""
    found = found_in(texts, codebook, home)
    return found[found["sentence_id"] == len(texts) - 1]


def marked(case):
    failure = pytest.mark.xfail(strict=True, reason=case.get("reason", ""))
    return pytest.param(case, id=case["label"], marks=[] if case["expect"] == "pass" else [failure])


@pytest.mark.parametrize("case", [marked(case) for case in CASES])
def test_gold(codebook, case):
    found = last(lines(case), codebook, case.get("home", ""))
    assert ledger(found) == sorted(map(tuple, case["claims"]))


def test_there_are_cases_enough_and_each_failure_says_why():
    assert len(CASES) >= 150
    assert all(case.get("reason") for case in CASES if case["expect"] != "pass")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(data=st.data())
def test_swapping_the_actors_swaps_the_claims_and_nothing_else(codebook, data):
    case = data.draw(st.sampled_from(SOUND))
    pair = data.draw(st.permutations(sorted(codebook.actors["actor"])).map(lambda actors: tuple(actors[:2])))
    turn = dict([pair, pair[::-1]])
    home = case.get("home", "")
    ours = last(lines(case), codebook, home)
    theirs = last(turned(lines(case), codebook, pair), codebook, turn.get(home, home))
    expected = [(turn.get(b, b), f, turn.get(v, v)) for b, f, v in ledger(ours)]
    assert ledger(theirs) == sorted(expected)
    assert list(theirs["cue"]) == list(ours["cue"])


def test_every_frame_is_found_in_each_of_the_two_actors_compared(codebook):
    name = {}
    for actor in codebook.focus:
        rows = codebook.names_sheet
        name[actor] = rows[(rows["actor"] == actor) & (rows["kind"] == "country")]["name"].iloc[0]
    said = ["must lift the embargo", "violated the accord", "contributed to peace", "agreed to the plan"]
    for actor, other in (codebook.focus, codebook.focus[::-1]):
        texts = [f"{name[actor]} {text}, and {name[other]} knows it." for text in said]
        found = found_in(texts, codebook)
        assert set(found.loc[found["bearer"] == actor, "frame"]) == set(contracts.FRAMES)


# ---- another dispute, another codebook


@pytest.fixture
def folder(tmp_path):
    sheets = {
        "actors": ["AVA,Avaria,1,", "BEL,Belmont,2,"],
        "names": ["Avaria,AVA,country,", "Belmont,BEL,country,", "Ilsa Toren,AVA,person,"],
        "cues": ["obligation,must,modal,strong,", "blame,breach,noun,strong,", "commitment,promise,act,strong,"],
        "words": ["say,say,", "we,self,", "Chile,stand-in country,", "Allende,stand-in person,"],
    }
    for sheet, columns in codebooks.SHEETS.items():
        lines = [",".join(columns), *sheets.get(sheet, [])]
        (tmp_path / f"{sheet}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def test_another_codebook_makes_another_instrument(folder):
    book = codebooks.read(folder)
    texts = ["Belmont must open the dam.", "Ilsa Toren said: “We promised water.”", "It was a breach by Avaria."]
    found = found_in(["Avaria and Belmont quarrel.", *texts], book)
    assert ledger(found) == [
        ("AVA", "blame", "OUTLET"),
        ("AVA", "commitment", "AVA"),
        ("BEL", "obligation", "OUTLET"),
    ]


def test_a_kind_that_the_code_does_not_know_is_an_error_that_names_the_cue(folder):
    with open(folder / "cues.csv", "a", encoding="utf-8") as sheet:
        sheet.write("blame,betray,deed,strong,\n")
    with pytest.raises(InputError, match=r"cues\.csv: cue 'betray' is of kind 'deed'; make it one of .*verdict"):
        cues.index(codebooks.read(folder))
