"""Claims: the responsibility ledger."""

import csv
import json
import sys
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from analysis import InputError, contracts
from analysis import codebook as codebooks
from analysis.measures import claims

CASES = json.loads((Path(__file__).parent.parent / "gold" / "claims.json").read_text(encoding="utf-8"))
SOUND = [case for case in CASES if case["expect"] == "pass"]


def marked(case):
    failure = pytest.mark.xfail(strict=True, reason=case.get("reason", ""))
    return pytest.param(case, id=case["label"], marks=[] if case["expect"] == "pass" else [failure])


def table(texts, home="", doc_id="d"):
    """Sentences as the splitter gives them, one blank between two."""
    frame = pd.DataFrame({"doc_id": doc_id, "text": pd.Series(texts, dtype="str"), "home": home})
    frame["sentence_id"] = range(len(texts))
    frame["end"] = (frame["text"].str.len() + 1).cumsum() - 1
    frame["start"] = frame["end"] - frame["text"].str.len()
    return frame


def last(texts, codebook, home=""):
    """The claims of the last sentence."""
    found = claims.find(table(texts, home), codebook)
    return found[found["sentence_id"] == len(texts) - 1]


def ledger(found):
    return sorted(zip(found["bearer"], found["frame"], found["voice"], strict=True))


@pytest.mark.parametrize("case", [marked(case) for case in CASES])
def test_gold(codebook, case):
    found = last([*case.get("before", []), case["text"]], codebook, case.get("home", ""))
    assert ledger(found) == sorted(map(tuple, case["claims"]))


# ---- the instrument is symmetric


def swapped(text, codebook, pair):
    """The text with each name of one actor replaced by a name of the other, of the same kind."""
    names = codebook.names_sheet
    first = names.drop_duplicates(["actor", "kind"]).set_index(["actor", "kind"])["name"].to_dict()
    for mention in reversed(codebook.names.find(text)):
        if mention.actor in pair:
            other = pair[1 - pair.index(mention.actor)]
            assume((other, mention.kind) in first)
            text = text[: mention.start] + first[other, mention.kind] + text[mention.end :]
    return text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(data=st.data())
def test_swapping_the_actors_swaps_the_ledger_and_nothing_else(codebook, data):
    case = data.draw(st.sampled_from(SOUND))
    pair = data.draw(st.permutations(sorted(codebook.actors["actor"])).map(lambda actors: tuple(actors[:2])))
    turn = dict([pair, pair[::-1]])
    texts = [*case.get("before", []), case["text"]]
    others = [swapped(text, codebook, pair) for text in texts]
    # Names may run together into another name ("South" + "China Sea"): such a text says something else.
    for text, other in zip(texts, others, strict=True):
        named = [turn.get(mention.actor, mention.actor) for mention in codebook.names.find(text)]
        assume([mention.actor for mention in codebook.names.find(other)] == named)
    home = case.get("home", "")
    ours, theirs = last(texts, codebook, home), last(others, codebook, turn.get(home, home))
    expected = [(turn.get(b, b), f, turn.get(v, v)) for b, f, v in ledger(ours)]
    assert ledger(theirs) == sorted(expected)
    assert list(theirs["cue"]) == list(ours["cue"])


def test_every_frame_is_found_in_each_of_the_two_actors_compared(codebook):
    name = {}
    for actor in codebook.focus:
        rows = codebook.names_sheet
        name[actor] = rows[(rows["actor"] == actor) & (rows["kind"] == "country")]["name"].iloc[0]
    texts = ["must lift the embargo", "violated the accord", "contributed to peace", "agreed to the plan"]
    for actor, other in (codebook.focus, codebook.focus[::-1]):
        lines = [f"{name[actor]} {text}, and {name[other]} knows it." for text in texts]
        found = claims.find(table(lines), codebook)
        assert set(found.loc[found["bearer"] == actor, "frame"]) == set(contracts.FRAMES)


# ---- the table


def test_the_trigger_stands_in_the_source_text_between_its_offsets(codebook):
    before, text = "It rained in Seoul.", "Kim said Washington must wait."
    (row,) = claims.find(table([before, text]), codebook).itertuples()
    assert f"{before} {text}"[row.start : row.end] == "must"
    assert (row.cue, row.predicate, row.quoted) == ("must", "wait", False)


def test_a_trigger_between_quotation_marks_is_quoted(codebook):
    (row,) = claims.find(table(["Kim said: “Washington must wait for us.”"]), codebook).itertuples()
    assert (row.voice, row.quoted) == ("DPRK", True)


def test_the_predicate_names_the_actor_by_code(codebook):
    found = claims.find(table(["Seoul said Washington must not visit Pyongyang."]), codebook)
    assert found["predicate"].tolist() == ["not visit DPRK"]


def test_no_sentence_holds_a_claim_twice_and_every_trigger_stands_in_its_sentence(codebook):
    texts = [text for case in CASES for text in [*case.get("before", []), case["text"]]]
    sentences = table(texts)
    found = claims.find(sentences, codebook)
    assert contracts.check("claims", found.copy()).shape == found.shape
    held = found.merge(sentences, on=["doc_id", "sentence_id"], suffixes=("", "_sentence"))
    assert ((held["start_sentence"] <= held["start"]) & (held["start"] < held["end"])).all()
    assert (held["end"] <= held["end_sentence"]).all()
    assert set(found["frame"]) <= set(contracts.FRAMES)
    assert set(found["bearer"]) <= set(codebook.actors["actor"])
    assert set(found["voice"]) <= {*codebook.actors["actor"], *contracts.VOICES}


def test_a_document_is_read_alike_alone_and_among_others(codebook):
    texts = [[*case.get("before", []), case["text"]] for case in CASES]
    tables = [table(text, doc_id=f"d{n:03}") for n, text in enumerate(texts)]
    alone = pd.concat([claims.find(one, codebook) for one in tables], ignore_index=True)
    pd.testing.assert_frame_equal(claims.find(pd.concat(tables), codebook), alone, check_dtype=False)


def test_no_sentences_and_no_cues_make_an_empty_table(codebook):
    for texts in ([], ["It rained in Seoul and in Tokyo."]):
        found = claims.find(table(texts), codebook)
        assert list(found.columns) == [column.name for column in contracts.TABLES["claims"]]
        assert found.empty


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
    found = claims.find(table(["Avaria and Belmont quarrel.", *texts]), book)
    assert ledger(found) == [
        ("AVA", "blame", "OUTLET"),
        ("AVA", "commitment", "AVA"),
        ("BEL", "obligation", "OUTLET"),
    ]


def test_a_kind_that_the_code_does_not_know_is_an_error_that_names_the_cue(folder):
    with open(folder / "cues.csv", "a", encoding="utf-8") as sheet:
        sheet.write("blame,betray,deed,strong,\n")
    with pytest.raises(InputError, match=r"cues\.csv: cue 'betray' is of kind 'deed'; make it one of .*verdict"):
        claims.find(table(["It rained."]), codebooks.read(folder))


# ---- against the coded passages


def coded(gold_folder, articles_folder, part):
    """The coded claims and units, and the units as sentences, each with its outlet's home."""
    units = pd.read_csv(gold_folder / f"{part}_units.csv", dtype={"unit": str})
    texts, home = {}, {}
    for path in sorted(articles_folder.glob("*.jsonl.gz")):
        for row in pd.read_json(path, lines=True).itertuples():
            texts[row.doc_id] = row.text
            home[row.doc_id] = {"KCNA": "DPRK", "White House": "US"}.get(row.outlet, "")
    for path in (articles_folder / "seeds").glob("*.txt"):
        with open(path, encoding="utf-8", newline="") as page:
            texts[path.stem] = page.read()
        home[path.stem] = "CHN"
    units["text"] = [texts[row.doc_id][row.start : row.end] for row in units.itertuples()]
    units["home"] = units["doc_id"].map(home)
    units["sentence_id"] = units.groupby("doc_id").cumcount()
    return units


# The bounds are a little below what was reached; an honest change that loses less than that is free.
@pytest.mark.parametrize(("part", "bound"), [("seed", 0.52), ("dev", 0.45)])
def test_the_coded_claims_are_found(codebook, gold_folder, articles_folder, part, bound, capsys):
    sys.path.insert(0, str(gold_folder.parent / "tools"))
    score = pytest.importorskip("score_claims").score
    sentences = coded(gold_folder, articles_folder, part)
    found = claims.find(sentences, codebook).to_dict("records")
    with open(gold_folder / f"{part}_claims.csv", encoding="utf-8") as gold:
        reached = score(list(csv.DictReader(gold)), sentences.to_dict("records"), found)
    with capsys.disabled():
        print(f"\n{part}: {reached}")
    assert reached["f1"] >= bound
    # Asked: .78 on dev. Reached: .96 on seed, .84 on dev.
    assert reached["voice"] >= 0.78
