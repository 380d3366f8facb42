"""Coded text: what ships is as its datasheet says; what is malformed is refused by file, line and value."""

import re
from pathlib import Path

import pandas as pd
import pytest

from analysis import InputError, contracts
from analysis.validation import gold, scores

UNITS = ["unit,doc_id,start,end,boilerplate", "0,report,0,40,0", "1,report,41,80,0", "2,report,81,90,1"]
CLAIMS = [
    "unit,doc_id,start,end,bearer,frame,voice,trigger_start,trigger_end,agreed,difficult",
    "0,report,0,40,AVA,obligation,OUTLET,5,9,1,0",
    "1,report,41,80,BEL,blame,,50,60,0,1",
]


def write(folder, units=UNITS, claims=CLAIMS, name="mine"):
    (folder / f"{name}_units.csv").write_text("\n".join(units) + "\n", "utf-8")
    (folder / f"{name}_claims.csv").write_text("\n".join(claims) + "\n", "utf-8")
    return folder


def test_a_set_is_read_with_its_name_and_its_numbers_as_numbers(tmp_path):
    coded = gold.read(write(tmp_path))
    assert coded.units.columns.tolist() == ["set", *gold.UNITS]
    assert coded.claims.columns.tolist() == ["set", *gold.CLAIMS]
    assert coded.claims["trigger_end"].tolist() == [9, 60]
    assert set(coded.units["set"]) == {"mine"}


def test_every_pair_of_files_in_the_folder_is_a_set(tmp_path):
    write(tmp_path)
    write(tmp_path, claims=CLAIMS[:1], name="other")
    coded = gold.read(tmp_path)
    assert coded.units.groupby("set").size().to_dict() == {"mine": 3, "other": 3}
    assert set(coded.claims["set"]) == {"mine"}


def test_what_lies_in_other_articles_is_left_out(tmp_path):
    coded = gold.read(write(tmp_path))
    assert [len(table) for table in coded.within(["report"])] == [3, 2]
    assert [len(table) for table in coded.within(["another"])] == [0, 0]


@pytest.mark.parametrize(
    ("file", "line", "text", "said"),
    [
        ("units", 2, "0,report,0,x,0", "mine_units.csv: line 2: end 'x': expected one past its last character"),
        ("units", 3, "1,report,41,41,0", "mine_units.csv: line 3: end '41'"),
        ("units", 3, "1,report,39,80,0", "mine_units.csv: line 3: unit 1 starts at 39, inside the unit before"),
        ("units", 3, "0,report,41,80,0", "mine_units.csv: line 3: 0 is already on line 2"),
        ("units", 4, "2,report,81,90,yes", "mine_units.csv: line 4: boilerplate 'yes'"),
        ("units", 2, "0,,0,40,0", "mine_units.csv: line 2: doc_id ''"),
        ("units", 1, "unit,doc_id,start,end", "mine_units.csv: line 1: columns are unit, doc_id, start, end"),
        ("claims", 2, "7,report,0,40,AVA,obligation,,5,9,1,0", "line 2: unit '7': expected a unit of mine_units.csv"),
        ("claims", 2, "0,other,0,40,AVA,obligation,,5,9,1,0", "mine_claims.csv: line 2: doc_id 'other'"),
        ("claims", 2, "0,report,0,41,AVA,obligation,,5,9,1,0", "line 2: end '41': expected that of the unit"),
        ("claims", 3, "1,report,41,80,BEL,Blame,,50,60,0,1", "line 3: frame 'Blame': expected obligation, blame"),
        ("claims", 3, "1,report,41,80,,blame,,50,60,0,1", "mine_claims.csv: line 3: bearer ''"),
        ("claims", 3, "1,report,41,80,BEL,blame,,50,60,2,1", "mine_claims.csv: line 3: agreed '2'"),
        ("claims", 3, "1,report,41,80,BEL,blame,,60,50,0,1", "mine_claims.csv: line 3: trigger_end '50'"),
        ("claims", 3, "1,report,41,80,BEL,blame,,50,9999999999,0,1", "line 3: trigger_end '9999999999'"),
        ("claims", 3, "0,report,0,40,AVA,obligation,OUTLET,5,9,1,0", "is already on line 2"),
    ],
)
def test_a_malformed_file_is_refused_by_file_line_and_value(file, line, text, said, tmp_path):
    rows = {"units": list(UNITS), "claims": list(CLAIMS)}
    rows[file][line - 1] = text
    with pytest.raises(InputError, match=re.escape(said)):
        gold.read(write(tmp_path, **rows))


def test_a_folder_without_a_set_and_a_set_without_claims_are_refused(tmp_path):
    with pytest.raises(InputError, match="no coded text"):
        gold.read(tmp_path)
    write(tmp_path)
    (tmp_path / "mine_claims.csv").unlink()
    with pytest.raises(InputError, match=r"mine_claims\.csv: no claims beside mine_units\.csv"):
        gold.read(tmp_path)


@pytest.mark.parametrize(("column", "code"), [("bearer", "ATLANTIS"), ("voice", "SOMEBODY")])
def test_a_code_that_the_codebook_does_not_know_is_refused(column, code, codebook, tmp_path):
    actor = codebook.focus[0]
    coded = gold.read(write(tmp_path, claims=[CLAIMS[0], CLAIMS[1].replace("AVA", actor)]))
    gold.check_codes(coded, codebook)
    coded.claims[column] = code
    with pytest.raises(InputError, match=rf"mine_claims\.csv: unit 0: {column} '{code}'"):
        gold.check_codes(coded, codebook)


@pytest.fixture(scope="module")
def shipped():
    return gold.read()


def test_the_shipped_sets_are_as_large_as_the_datasheet_says(shipped):
    datasheet = (gold.FOLDER / "README.md").read_text("utf-8")
    units = shipped.units.groupby("set").agg(d=("doc_id", "nunique"), n=("unit", "size"), b=("boilerplate", "sum"))
    frames = shipped.claims.groupby(["set", "frame"]).size().unstack()
    for name, (documents, n, boilerplate) in units.iterrows():
        row = next(line for line in datasheet.splitlines() if line.startswith(f"| {name} |"))
        cells = [cell.strip().replace(",", "") for cell in row.split("|")[3:-2]]
        claims = frames.loc[name, ["obligation", "blame", "credit", "commitment"]]
        assert cells == [str(number) for number in (documents, n, boilerplate, claims.sum(), *claims)]
    assert f"{len(shipped.units):,} sentences" in datasheet
    assert f"{len(shipped.claims):,} claims" in datasheet


@pytest.mark.parametrize("name", ["seed", "dev", "train", "targeted"])
def test_the_readings_agree_as_the_datasheet_says(shipped, name):
    datasheet = (gold.FOLDER / "README.md").read_text("utf-8")
    rows = (table.set_index(["set", "measure"]) for table in (scores.agreement(shipped), scores.alpha(shipped)))
    said = [scores.in_words(table.loc[name, measure]) for table, measure in zip(rows, ("f1", "alpha"), strict=True)]
    assert f"| {name} | {said[0]} | {said[1]} |" in datasheet


def test_the_datasheet_describes_every_column():
    datasheet = (gold.FOLDER / "README.md").read_text("utf-8")
    for columns in (gold.UNITS, gold.CLAIMS, gold.BLOCKS):
        assert "\n".join(f"| {name} | {meaning} |" for name, meaning in columns.items()) in datasheet


def test_the_shipped_codes_are_those_of_the_codebook(shipped, codebook):
    gold.check_codes(shipped, codebook)
    with pytest.raises(InputError):
        gold.check_codes(gold.Gold(shipped.units, shipped.claims.assign(bearer="NONE")), codebook)


def test_no_article_is_in_two_of_seed_dev_and_train(shipped):
    articles = shipped.units.drop_duplicates(["set", "doc_id"])
    apart = articles[articles["set"].isin(["seed", "dev", "train"])]
    assert not apart["doc_id"].duplicated().any()


def test_every_unit_of_a_set_that_was_drawn_lies_in_a_passage(shipped):
    drawn = gold.read_blocks().drop(columns="draw")
    assert set(drawn["set"]) == {"dev", "seed", "train"}
    for name, blocks in drawn.groupby("set"):
        blocks = blocks.drop(columns="set")
        units = shipped.units[shipped.units["set"] == name].merge(blocks, on="doc_id", suffixes=("", "_block"))
        inside = (units["start"] >= units["start_block"]) & (units["end"] <= units["end_block"])
        assert inside.groupby(units["unit"]).sum().eq(1).all()


# Known sentences of the tables without a code, by article and first character.
NOT_CODED = {
    ("kcna-2012-07-17-dprk-to-play-in-group-b-in-u-1", 331),
    ("press-gcqof3xujwslj4wc-the-paradox-of-nikki-haley", 4820),
    ("press-okzwduppm5u2zu5p-forget-russia-is-provok", 4018),
}


def test_the_articles_that_are_learned_from_are_coded_whole(shipped):
    units = shipped.units[shipped.units["set"].isin(["train", "targeted", "added"])][["doc_id", "start", "end"]]
    sentences = contracts.read("sentences")[["doc_id", "start", "end"]].astype({"start": "int64", "end": "int64"})
    sentences = sentences[sentences["doc_id"].isin(units["doc_id"])]
    assert sentences["doc_id"].nunique() == units["doc_id"].nunique() == 898
    beside = sentences.merge(units, on="doc_id", suffixes=("", "_unit"))
    middle = (beside["start"] + beside["end"]) // 2
    held = beside[(beside["start_unit"] <= middle) & (middle < beside["end_unit"])]
    left = set(zip(sentences["doc_id"], sentences["start"], strict=True)) - set(
        zip(held["doc_id"], held["start"], strict=True)
    )
    assert len(left) == 3
    assert all(any(doc_id.startswith(known) and start == at for known, at in NOT_CODED) for doc_id, start in left)


def test_a_passage_of_train_is_the_whole_article():
    whole = gold.read_blocks().query("set == 'train'")
    assert set(whole["blocks_in_doc"]) == {1}
    sentences = contracts.read("sentences")[["doc_id", "start", "end"]]
    inside = whole.merge(sentences, on="doc_id", suffixes=("_block", ""))
    assert (inside["start"] >= inside["start_block"]).all()
    assert (inside["end"] <= inside["end_block"]).all()
    assert inside["doc_id"].nunique() == 830


def test_what_ships_is_what_was_coded(gold_folder, shipped):
    coded, key = gold.read(gold_folder), ["set", "unit", "bearer", "frame"]
    mine = [some[some["set"].isin(coded.units["set"])].reset_index(drop=True) for some in shipped]
    pd.testing.assert_frame_equal(mine[0], coded.units)
    tested = [table[table["set"].isin(["dev", "seed"])].reset_index(drop=True) for table in (mine[1], coded.claims)]
    pd.testing.assert_frame_equal(*tested)
    # The second reading of train and targeted took no claim of the first away.
    assert set(coded.claims[key].itertuples(index=False)) <= set(mine[1][key].itertuples(index=False))
    definitions = (Path(gold_folder).parent / "codebook.md").read_text("utf-8")
    assert (gold.FOLDER / "codebook.md").read_text("utf-8") == definitions


# ---------------------------------------------------------------- how passages were drawn

BLOCKS = [
    "draw,collection,doc_id,docs_in_frame,docs_drawn,blocks_in_doc,start,end",
    "first,wire,report,9,2,3,0,40",
    "first,wire,story,8,2,1,0,60",
    "second,wire,report,7,1,2,40,80",
]


def write_blocks(folder, lines=BLOCKS, name="mine"):
    (folder / f"{name}_blocks.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


def test_passages_are_read_with_the_set_they_belong_to_and_numbers_as_numbers(tmp_path):
    write_blocks(tmp_path)
    write_blocks(tmp_path, BLOCKS[:3], "other")
    blocks = gold.read_blocks(tmp_path)
    assert blocks.columns.tolist() == ["set", *gold.BLOCKS]
    assert blocks.groupby("set").size().to_dict() == {"mine": 3, "other": 2}
    assert blocks["docs_in_frame"].tolist() == [9, 8, 7, 9, 8]


@pytest.mark.parametrize(
    ("line", "text", "said"),
    [
        (1, "draw,collection,doc_id", "mine_blocks.csv: line 1: columns are draw, collection, doc_id"),
        (2, "first,wire,report,many,2,3,0,40", "line 2: docs_in_frame 'many': expected documents that could be drawn"),
        (2, "first,wire,report,9,2,0,0,40", "line 2: blocks_in_doc '0'"),
        (2, "first,wire,report,9,2,3,40,40", "line 2: end '40'"),
        (2, "first,wire,report,9,2,3,0,41", "line 4: passage report starts at 40, inside the passage before"),
        (2, "first,wire,story,9,2,3,70,80", "line 3: first / wire / story is already on line 2"),
        (4, "second,wire,report,1,2,2,40,80", "line 4: docs_drawn '2': expected at most docs_in_frame, or the prob"),
        (4, "second,wire,report,7,2,2,40,80", "line 4: docs_drawn '2': expected the number of passages of the draw"),
    ],
)
def test_a_malformed_draw_is_refused_by_file_line_and_value(tmp_path, line, text, said):
    lines = [*BLOCKS[: line - 1], text, *BLOCKS[line:]]
    with pytest.raises(InputError, match=re.escape(said)):
        gold.read_blocks(write_blocks(tmp_path, lines))


def test_a_folder_that_does_not_say_how_passages_were_drawn_is_refused(tmp_path):
    with pytest.raises(InputError, match="nothing says how passages were drawn"):
        gold.read_blocks(write(tmp_path))
