"""Sentences for people to code, and a coder's file read back: invented text only."""

import csv
import io
import json
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import InputError, contracts
from analysis.__main__ import main
from analysis.contracts import harmless, restored
from analysis.validation import coding
from analysis.validation.agreement import BOILERPLATE

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
# Whatever UTF-8 can hold.
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
# Texts that are much about cells: where one starts, what a spreadsheet runs, what we put in.
CELLS = st.text(st.sampled_from("=+-@'\";,\t\r\n＝a ")) | TEXT


def tables(sizes):
    """Documents and sentences of so many sentences each, the group being the first letter of the doc_id."""
    documents = pd.DataFrame({"doc_id": list(sizes), "group": [doc_id[0] for doc_id in sizes]})
    rows = [(doc_id, number, 10 * number, 10 * number + 9) for doc_id, n in sizes.items() for number in range(n)]
    return documents, pd.DataFrame(rows, columns=["doc_id", "sentence_id", "start", "end"])


SIZES = {"a1": 5, "a2": 13, "a3": 30, "a4": 12, "b1": 24, "b2": 1, "b3": 0}


@pytest.fixture(scope="module")
def drawn(built, sample_book):
    documents, sentences = contracts.read("documents", built), contracts.read("sentences", built)
    return coding.with_text(coding.sample(documents, sentences, 40), documents, [built / "text"], sample_book)


@pytest.fixture
def sheet(drawn, sample_book, tmp_path):
    """The sample as a coder gets it, row by row, and a way to give rows back in."""
    coding.write(drawn, tmp_path, sample_book)
    return list(csv.DictReader((tmp_path / "sample.csv").open(encoding="utf-8-sig", newline="")))


def save(path, rows, delimiter=",", encoding="utf-8-sig"):
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0], delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def claim(row, **codes):
    first_words = " ".join(row["text"].split()[1:3])
    return row | {"bearer": "AVA", "frame": "blame", "voice": "OUTLET", "trigger": first_words} | codes


# ---------------------------------------------------------------- drawing


def test_every_sentence_is_drawn_as_often_as_its_probability_says():
    documents, sentences = tables(SIZES)
    # 250 seeds: the standard error of a frequency is .03 at most; the seeds are fixed, and so is the outcome.
    draws = [coding.sample(documents, sentences, 20, seed) for seed in range(250)]
    seen = Counter((row.doc_id, row.start) for draw in draws for row in draw.itertuples())
    said = {(row.doc_id, row.start): row.probability for draw in draws for row in draw.itertuples()}
    assert len(said) == len(sentences), "every sentence can be drawn"
    for place, probability in said.items():
        assert seen[place] / len(draws) == pytest.approx(probability, abs=4 * (probability / len(draws)) ** 0.5)


def test_the_probability_is_that_of_the_article_times_that_of_the_passage():
    drawn = coding.sample(*tables(SIZES), 20)
    assert (drawn["probability"] == drawn["docs_drawn"] / drawn["docs_in_frame"] / drawn["blocks_in_doc"]).all()
    about = drawn.drop_duplicates("stratum").set_index("stratum")
    # An article without running text cannot be drawn and is not in the frame.
    assert about["docs_in_frame"].to_dict() == {"a": 4, "b": 2}
    blocks = drawn.drop_duplicates("doc_id").set_index("doc_id")["blocks_in_doc"].to_dict()
    assert blocks.items() <= {"a1": 1, "a2": 2, "a3": 3, "a4": 1, "b1": 2, "b2": 1}.items()


def test_a_passage_is_up_to_twelve_consecutive_sentences_of_one_article():
    for seed in range(20):
        drawn = coding.sample(*tables(SIZES), 40, seed)
        for _, passage in drawn.groupby("doc_id"):
            assert len(passage) <= 12
            assert passage["unit"].diff().dropna().eq(1).all()
            assert passage["start"].diff().dropna().eq(10).all()


def test_the_same_seed_gives_the_same_rows_and_another_seed_others():
    documents, sentences = tables(SIZES)
    once = coding.sample(documents, sentences, 20, 7)
    shuffled = coding.sample(documents.iloc[::-1], sentences.sample(frac=1, random_state=1), 20, 7)
    pd.testing.assert_frame_equal(once, shuffled)
    assert any(not once.equals(coding.sample(documents, sentences, 20, seed)) for seed in range(3))


def test_what_a_small_stratum_cannot_give_is_asked_of_the_others():
    drawn = coding.sample(*tables({"a1": 12} | {f"b{i}": 12 for i in range(20)}), 96)
    assert drawn.groupby("stratum").size().to_dict() == {"a": 12, "b": 84}


def test_more_than_there_is_gives_a_passage_of_every_article():
    drawn = coding.sample(*tables(SIZES), 10_000)
    assert set(drawn["doc_id"]) == set(SIZES) - {"b3"}
    assert (drawn["probability"] == 1 / drawn["blocks_in_doc"]).all()


@pytest.mark.parametrize(
    ("n", "by", "said"), [(0, "group", "n '0'"), (5, "title", "by 'title': articles are drawn by")]
)
def test_a_sample_that_cannot_be_drawn_is_refused(n, by, said):
    with pytest.raises(InputError, match=said):
        coding.sample(*tables(SIZES), n, by=by)


def test_tables_without_a_sentence_are_refused():
    with pytest.raises(InputError, match="sentences: the table is empty"):
        coding.sample(*tables({"a1": 0}), 5)


# ---------------------------------------------------------------- text


def test_the_text_is_that_of_the_place(drawn, built):
    assert len(drawn) >= 20
    for row in drawn.itertuples():
        assert row.text == (built / "text" / f"{row.doc_id}.txt").read_text("utf-8")[row.start : row.end]


def test_the_articles_themselves_give_the_same_text_as_kept_texts(drawn, built, sample_book):
    documents = contracts.read("documents", built)
    pages, table = SAMPLE / "articles" / "pages", SAMPLE / "articles" / "articles.jsonl"
    for sources in ([SAMPLE / "articles"], [pages, table], [built / "text", pages]):
        again = coding.with_text(drawn.drop(columns="text"), documents, sources, sample_book)
        pd.testing.assert_frame_equal(again, drawn)


def test_without_text_the_message_says_how_to_get_it(drawn, built, sample_book, tmp_path):
    documents = contracts.read("documents", built)
    with pytest.raises(InputError, match="build the tables with --keep-text"):
        coding.with_text(drawn, documents, [tmp_path / "text"], sample_book)
    with pytest.raises(InputError, match=r"the text of '.*' is not there; build the tables with --keep-text"):
        coding.with_text(drawn, documents, [SAMPLE / "articles" / "pages"], sample_book)


def test_another_text_than_the_tables_were_built_from_is_refused(drawn, built, sample_book, tmp_path):
    for path in (built / "text").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes() + b" ")
    with pytest.raises(InputError, match="is not the text that the tables were built from"):
        coding.with_text(drawn, contracts.read("documents", built), [tmp_path], sample_book)


# ---------------------------------------------------------------- files


@given(CELLS)
def test_a_cell_made_harmless_comes_back_unchanged(cell):
    assert restored(harmless(cell)) == cell


@given(CELLS)
def test_no_harmless_cell_starts_as_a_formula_however_the_file_is_cut(cell):
    for piece in harmless(cell).replace("\r", "\n").replace("\n", ";").split(";"):
        assert not piece.startswith(("=", "+", "-", "@", "\t", "＝"))


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_formula_is_held_back_by_an_apostrophe(cell):
    assert harmless(cell) == f"'{cell}" or harmless(cell).startswith("'")


@given(texts=st.lists(CELLS.filter(str.strip), min_size=1, max_size=5))
def test_every_text_survives_the_file_and_no_cell_is_a_formula(texts, sample_book, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sheet")
    ends = [len(text) for text in texts]
    drawn = pd.DataFrame({"unit": range(len(texts)), "doc_id": "=a", "start": 0, "end": ends, "probability": 0.1})
    counts = {"stratum": "g", "docs_in_frame": 1, "docs_drawn": 1, "blocks_in_doc": 1}
    path, *_ = coding.write(drawn.assign(text=texts, **counts), folder, sample_book)
    coded = coding.read_coded(path, sample_book)
    assert coded.units["text"].tolist() == texts
    assert set(coded.units["doc_id"]) == {"=a"}
    for row in csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


def test_a_spreadsheet_that_drops_the_apostrophe_changes_nothing(sample_book, tmp_path):
    cells = {"unit": "0", "doc_id": "a", "start": "5", "end": "13", "probability": "0,25"}
    row = cells | {
        "text": "'tis war",
        "bearer": "ava",
        "frame": "Blame",
        "voice": "outlet",
        "trigger": "’tis",
        "difficult": "",
    }
    for text in ("'tis war", "''tis war"):
        coded = coding.read_coded(save(tmp_path / "coded.csv", [row | {"text": text}], ";"), sample_book)
        assert coded.units[["text", "probability"]].values.tolist() == [["'tis war", 0.25]]
        assert coded.claims[["bearer", "frame", "trigger_start", "trigger_end"]].values.tolist() == [
            ["AVA", "blame", 5, 9]
        ]


def test_the_sheet_opens_anywhere_and_has_a_row_for_each_sentence(sheet, drawn, tmp_path):
    assert (tmp_path / "sample.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert list(sheet[0]) == list(coding.SHEET)
    assert len(sheet) == len(drawn)
    assert not any(row[code] for row in sheet for code in (*coding.CODES, "difficult"))


def test_label_studio_gets_a_task_for_each_sentence_and_a_form_with_the_codes(sheet, drawn, sample_book, tmp_path):
    tasks = json.loads((tmp_path / "sample.json").read_text("utf-8"))
    assert [task["data"]["text"] for task in tasks] == drawn["text"].tolist()
    assert [task["data"]["start"] for task in tasks] == drawn["start"].tolist()
    view = ElementTree.fromstring((tmp_path / "sample.xml").read_text("utf-8"))
    assert [label.get("value") for label in view.iter("Label")] == list(contracts.FRAMES)
    bearers = view.find("Choices[@name='bearer']")
    assert [choice.get("value") for choice in bearers] == sample_book.actors["actor"].tolist()


def test_the_blocks_say_how_each_passage_was_drawn(sheet, drawn, tmp_path):
    blocks = pd.read_csv(tmp_path / "sample_blocks.csv")
    assert blocks["doc_id"].tolist() == drawn["doc_id"].unique().tolist()
    told = blocks.set_index("doc_id").eval("docs_drawn / docs_in_frame / blocks_in_doc")
    assert drawn["probability"].tolist() == pytest.approx(drawn["doc_id"].map(told).tolist())
    assert (blocks["end"] > blocks["start"]).all()


def test_the_same_sample_is_written_again_but_a_coders_work_is_never_overwritten(sheet, drawn, sample_book, tmp_path):
    before = (tmp_path / "sample.csv").read_bytes()
    coding.write(drawn, tmp_path, sample_book)
    assert (tmp_path / "sample.csv").read_bytes() == before
    coded = save(tmp_path / "sample.csv", [claim(row) for row in sheet]).read_bytes()
    with pytest.raises(InputError, match=r"sample\.csv: holds another sample, or codes"):
        coding.write(drawn, tmp_path, sample_book)
    assert (tmp_path / "sample.csv").read_bytes() == coded


# ---------------------------------------------------------------- reading back


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_coders_file_is_read_as_any_spreadsheet_saves_it(sheet, sample_book, tmp_path, delimiter, encoding):
    second = claim(sheet[0], bearer="BEL", frame="credit", voice="AVA", difficult="1")
    rows = [claim(sheet[0]), second, *sheet[1:], dict.fromkeys(sheet[0], "")]
    coded = coding.read_coded(save(tmp_path / "coded.csv", rows, delimiter, encoding), sample_book)
    assert len(coded.units) == len(sheet)
    assert coded.claims[["unit", "bearer", "frame", "voice", "difficult"]].values.tolist() == [
        [0, "AVA", "blame", "OUTLET", 0],
        [0, "BEL", "credit", "AVA", 1],
    ]
    unit, found = coded.units.iloc[0], coded.claims.iloc[0]
    words = unit["text"][found["trigger_start"] - unit["start"] : found["trigger_end"] - unit["start"]]
    assert words == " ".join(unit["text"].split()[1:3])


def test_columns_of_the_coders_own_and_their_order_do_not_matter(sheet, sample_book, tmp_path):
    rows = [{"remark": "hm"} | dict(reversed(claim(row).items())) for row in sheet]
    assert len(coding.read_coded(save(tmp_path / "coded.csv", rows), sample_book).claims) == len(sheet)


def test_a_file_without_claims_has_every_sentence_as_read(sheet, sample_book, tmp_path):
    coded = coding.read_coded(tmp_path / "sample.csv", sample_book)
    assert (len(coded.units), len(coded.claims)) == (len(sheet), 0)


def test_boilerplate_needs_no_other_code_and_is_no_claim(sheet, sample_book, tmp_path):
    rows = [row | {"frame": BOILERPLATE, "bearer": "NONE"} if row["unit"] == "1" else row for row in sheet]
    coded = coding.read_coded(save(tmp_path / "coded.csv", rows), sample_book)
    assert coded.units.loc[coded.units[BOILERPLATE] == 1, "unit"].tolist() == [1]
    assert coded.claims.empty


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"bearer": "ATL"}, "line 3: bearer 'ATL': expected one of AVA, BEL, COR, INT"),
        ({"bearer": ""}, "line 3: bearer '': expected one of"),
        (
            {"frame": "guilt"},
            "line 3: frame 'guilt': expected one of obligation, blame, credit, commitment, boilerplate",
        ),
        ({"voice": "nobody"}, "line 3: voice 'nobody': expected one of OUTLET, EXPERT, UNNAMED, OTHER, AVA"),
        ({"trigger": "words that are not there"}, "line 3: trigger 'words that are not there' is not in the sentence"),
        ({"trigger": ""}, "line 3: trigger '' is not in the sentence"),
        ({"difficult": "yes"}, "line 3: difficult 'yes': expected 1, 0 or nothing"),
        ({"start": "12a"}, "line 3: start '12a' is no whole number"),
        ({"doc_id": ""}, "line 3: doc_id is empty"),
        ({"text": "Shorter."}, r"line 3: text 'Shorter\.' is not \d+ characters long"),
        ({"probability": "33.797.216"}, r"line 3: probability '33\.797\.216' is not above 0"),
        ({"probability": "0"}, "line 3: probability '0' is not above 0"),
        ({"unit": "0"}, "line 3: unit 0 has start '.*' here, '.*' above; copy the row as it is"),
    ],
)
def test_what_cannot_be_used_is_refused_with_file_line_and_value(sheet, sample_book, tmp_path, change, said):
    rows = [sheet[0], claim(sheet[1]) | change, *sheet[2:]]
    with pytest.raises(InputError, match=rf"coded\.csv: {said}"):
        coding.read_coded(save(tmp_path / "coded.csv", rows), sample_book)


def test_where_a_sentence_runs_over_lines_the_row_is_named_too(sheet, sample_book, tmp_path):
    broken = sheet[0] | {"text": sheet[0]["text"].replace(" ", "\n", 2)}
    rows = [broken, claim(sheet[1], bearer="ATL")]
    with pytest.raises(InputError, match=r"coded\.csv: line 5 \(row 3 of the sheet\): bearer 'ATL'"):
        coding.read_coded(save(tmp_path / "coded.csv", rows), sample_book)


def test_one_claim_given_twice_is_refused(sheet, sample_book, tmp_path):
    with pytest.raises(InputError, match="line 3: 0 / AVA / blame / OUTLET is already in this sentence"):
        coding.read_coded(save(tmp_path / "coded.csv", [claim(sheet[0]), claim(sheet[0])]), sample_book)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", r"coded\.csv: line 1: no column unit, doc_id"),
        (b"unit,doc_id\n1,a\n", r"line 1: no column start, end"),
        ("é".encode("latin-1"), r"coded\.csv: not UTF-8"),
        (",".join(coding.SHEET).encode(), r"coded\.csv: no sentence in it"),
        ((",".join(coding.SHEET) + "\n" + "1," * 12).encode(), "line 2: more cells than columns"),
        ((",".join(coding.SHEET) + "\n" + "1" * 1_100_000).encode(), "after line 1: field larger than field limit"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused(content, said, sample_book, tmp_path):
    (tmp_path / "coded.csv").write_bytes(content)
    with pytest.raises(InputError, match=said):
        coding.read_coded(tmp_path / "coded.csv", sample_book)


def test_a_missing_file_is_refused(sample_book, tmp_path):
    with pytest.raises(InputError, match="no such file"):
        coding.read_coded(tmp_path / "nowhere.csv", sample_book)


# ---------------------------------------------------------------- Label Studio


def exported(sheet, tmp_path, *results):
    """An export of Label Studio: the first tasks with these results, one annotation each."""
    tasks = json.loads((tmp_path / "sample.json").read_text("utf-8"))
    coded = [task | {"annotations": [{"result": result}]} for task, result in zip(tasks, results, strict=False)]
    path = tmp_path / "export.json"
    path.write_text(json.dumps([*coded, *tasks[len(coded) :]]), "utf-8")
    return path


def region(name, kind, chosen, **value):
    return {"id": "r1", "from_name": name, "to_name": "text", "type": kind, "value": {kind: chosen, **value}}


def test_an_export_of_label_studio_is_read_like_a_sheet(sheet, sample_book, tmp_path):
    spot = {"start": 3, "end": 9}
    marked = [
        region("frame", "labels", ["blame"], **spot, text=sheet[0]["text"][3:9]),
        region("bearer", "choices", ["AVA", "BEL"], **spot),
        region("voice", "choices", ["OUTLET"], **spot),
        region("difficult", "choices", ["1"], **spot),
    ]
    flagged = [
        {"id": "u", "from_name": "unit", "to_name": "text", "type": "choices", "value": {"choices": [BOILERPLATE]}}
    ]
    coded = coding.read_coded(exported(sheet, tmp_path, marked, [], flagged), sample_book)
    # Only what was submitted counts as read.
    assert coded.units[["unit", BOILERPLATE]].values.tolist() == [[0, 0], [1, 0], [2, 1]]
    start = coded.units["start"].iloc[0]
    assert coded.claims[["bearer", "frame", "voice", "difficult"]].values.tolist() == [
        [bearer, "blame", "OUTLET", 1] for bearer in ("AVA", "BEL")
    ]
    assert (coded.claims["trigger_start"] == start + 3).all()
    assert (coded.claims["trigger_end"] == start + 9).all()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"start": 3, "end": 9_999}, "task 1: trigger 3-9999 is not in the sentence"),
        ({"labels": ["guilt"]}, "task 1: frame 'guilt': expected one of"),
    ],
)
def test_a_bad_mark_is_refused_with_its_task(sheet, sample_book, tmp_path, change, said):
    mark = region("frame", "labels", ["blame"], **{"start": 3, "end": 9})
    mark["value"] |= change
    others = [
        region(name, "choices", [code], start=3, end=mark["value"]["end"])
        for name, code in (("bearer", "AVA"), ("voice", "AVA"))
    ]
    with pytest.raises(InputError, match=said):
        coding.read_coded(exported(sheet, tmp_path, [mark, *others]), sample_book)


def test_two_coders_in_one_export_are_sent_back(sheet, sample_book, tmp_path):
    path = exported(sheet, tmp_path, [])
    tasks = json.loads(path.read_text("utf-8"))
    tasks[0]["annotations"] *= 2
    path.write_text(json.dumps(tasks), "utf-8")
    with pytest.raises(InputError, match="task 1: coded 2 times; export each coder's work"):
        coding.read_coded(path, sample_book)


@pytest.mark.parametrize("content", ["{", "[1]", '{"a": 1}', '[{"annotations": [{}]}]'])
def test_json_that_is_no_export_is_refused(content, sample_book, tmp_path):
    (tmp_path / "export.json").write_text(content, "utf-8")
    with pytest.raises(InputError, match=r"export\.json: no export of Label Studio"):
        coding.read_coded(tmp_path / "export.json", sample_book)


# ---------------------------------------------------------------- command line


def test_the_command_writes_the_sample_and_says_what_was_drawn(built, tmp_path, capsys):
    arguments = ["sample", "--tables", str(built), "--out", str(tmp_path / "out"), "--n", "40"]
    assert main(arguments) == 0
    said = capsys.readouterr().out
    names = ["sample.csv", "sample.json", "sample.xml", "sample_blocks.csv"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names
    assert "Corland" not in said
    assert "Third-country press: " in said
    once = [path.read_bytes() for path in sorted((tmp_path / "out").iterdir())]
    assert main([*arguments, "--texts", str(SAMPLE / "articles")]) == 0
    assert [path.read_bytes() for path in sorted((tmp_path / "out").iterdir())] == once


@pytest.mark.parametrize(
    ("extra", "said"),
    [(["--n", "0"], "n '0'"), (["--n", "5", "--texts", "nowhere"], "nowhere: no texts there; build the tables with")],
)
def test_a_sample_that_cannot_be_made_is_one_message_with_status_2(built, tmp_path, capsys, extra, said):
    assert main(["sample", "--tables", str(built), "--out", str(tmp_path / "out"), *extra]) == 2
    assert capsys.readouterr().err.startswith(f"error: {said}")
    assert not (tmp_path / "out").exists()
