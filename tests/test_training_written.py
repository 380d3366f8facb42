"""Passages written to learn from: each code lies where it stands, and what cannot be used is named by file and line."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analysis import InputError
from analysis.contracts import FRAMES
from analysis.measures.claims import encoder, linear
from analysis.validation import gold
from training import claims, written

PASSAGES = """
# daily | 2019 | Of Ships | AVA
We want no quarrel, and Belmont must turn its ships.
> BEL|obligation|OUTLET|0|must turn
Nobody moved.

# agency | 2020 | Of Grain |
Avaria kept its word; the grain came.
> AVA|credit|OUTLET|1|kept its word
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "all.txt").write_text(PASSAGES, "utf-8")
    return tmp_path


def test_a_code_lies_where_its_words_stand(folder, sample_book):
    sentences, coded = written.read(sample_book, folder)
    assert sentences["home"].tolist() == ["AVA", "AVA", ""]
    assert set(coded.units["set"]) == {written.SET}
    place = {(row.doc_id, row.start): row.text for row in sentences.itertuples()}
    found = [
        place[row.doc_id, row.start][row.trigger_start - row.start : row.trigger_end - row.start]
        for row in coded.claims.itertuples()
    ]
    assert found == ["must turn", "kept its word"]


def test_an_actor_has_the_claims_of_his_sentence_and_nobody_those_of_another(folder, sample_book):
    sentences, coded = written.read(sample_book, folder)
    pairs = claims.read(sentences, sample_book, coded)
    found = {(one.passage.line.text[:5], one.actor, FRAMES[n]) for one in pairs for n in one.coded.nonzero()[0]}
    assert found == {("We wa", "BEL", "obligation"), ("Avari", "AVA", "credit")}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("BEL|", "ZED|", r"line 4: bearer 'ZED': expected one of AVA"),
        ("|obligation|", "|duty|", r"line 4: frame 'duty': expected one of blame"),
        ("|OUTLET|1|", "|NOBODY|1|", r"line 9: voice 'NOBODY': expected one of"),
        ("|OUTLET|1|", "|OUTLET|2|", r"line 9: difficult '2': expected one of 0, 1"),
        ("|must turn", "|must return", r"line 4: 'must return' is not in the sentence above; copy it"),
        ("|must turn", "|", r"line 4: '' is not in the sentence above"),
        ("|1|kept its word", "", r"line 9: '> AVA\|credit\|OUTLET': expected '> bearer\|frame\|voice"),
        ("| AVA\n", "| ZED\n", r"line 2: home 'ZED' is no actor of this codebook"),
        ("# daily | 2019", "# daily 2019", r"line 2: .*expected '# kind \| year \| title \| home'"),
        ("# daily | 2019 | Of Ships | AVA\n", "", r"line 2: before any passage; open one"),
        ("Avaria kept its word; the grain came.\n", "", r"line 8: a code without a sentence above it"),
        ("# daily | 2019", "# daily | 2018 | Empty | AVA\n# daily | 2019", r"line 2: a passage without a sentence"),
    ],
)
def test_what_cannot_be_used_is_refused_by_file_and_line(folder, sample_book, old, new, said):
    assert old in PASSAGES
    (folder / "all.txt").write_text(PASSAGES.replace(old, new), "utf-8")
    with pytest.raises(InputError, match=r"all\.txt: " + said):
        written.read(sample_book, folder)


def test_a_file_in_another_encoding_is_refused(folder, sample_book):
    (folder / "all.txt").write_bytes(PASSAGES.replace("moved", "moved é").encode("latin-1"))
    with pytest.raises(InputError, match=r"all\.txt: byte 1\d\d is not UTF-8"):
        written.read(sample_book, folder)


def test_a_folder_without_passages_is_refused(tmp_path, sample_book):
    with pytest.raises(InputError, match="no passages in it"):
        written.read(sample_book, tmp_path)


@pytest.fixture(scope="module")
def shipped(codebook):
    return written.read(codebook)


def test_every_written_sentence_is_one_to_the_workbench(shipped):
    sentences, coded = shipped
    units = pd.MultiIndex.from_frame(coded.units[["doc_id", "start", "end"]])
    whole = pd.MultiIndex.from_frame(sentences[["doc_id", "start", "end"]]).isin(units)
    # The others are several to a line: a quotation of two sentences, for one.
    assert whole.mean() > 0.95


def test_every_frame_is_written_of_every_actor(shipped, codebook):
    claims_of = shipped[1].claims.groupby(["bearer", "frame"]).size().unstack()
    assert set(claims_of.index) == set(codebook.actors["actor"])
    assert claims_of[list(FRAMES)].notna().all(axis=None)


def test_what_is_written_is_learned_from_whatever_is_held_out_and_tests_nothing(shipped):
    coded = shipped[1]
    assert written.SET not in (*claims.LEARNED, *claims.TESTED)
    assert not set(coded.units["doc_id"]) & set(pd.read_csv(claims.SCORES)["doc_id"])
    passage = SimpleNamespace(row=SimpleNamespace(doc_id=coded.units["doc_id"].iloc[0]))
    pairs = [claims.Pair(written.SET, passage, "a", {}, None, None, [])]
    assert all(claims.learned(pairs, claims.folds(gold.read()), held_out).all() for held_out in range(claims.FOLDS))


def test_a_written_passage_counts_less_than_one_of_news():
    def pairs(of, coded):
        passage = SimpleNamespace(row=SimpleNamespace(doc_id=of))
        truth, counts = np.full(len(FRAMES), coded), np.ones(len(FRAMES), dtype=bool)
        return [claims.Pair(of, passage, "a", {"urge": 1}, truth, counts, [])] * 30

    against = pairs("train", False) + pairs(written.SET, True)
    weights = claims.fit(against, np.ones(len(against), dtype=bool))
    assert (linear.score({"urge": 1}, weights) < 0).all()


@pytest.mark.parametrize("path", [gold.FOLDER / "README.md", encoder.MODEL.parent / "README.md"])
def test_there_is_as_much_as_the_datasheet_and_the_model_card_say(shipped, path):
    coded, said = shipped[1], path.read_text("utf-8")
    assert f"{coded.units['doc_id'].nunique():,} passages" in said
    assert f"{len(coded.units):,} sentences" in said
    assert f"{len(coded.claims):,} claims" in said
