"""Reading articles: what can be used is read as delivered, what cannot is refused by name."""

import contextlib
import csv
import gzip
import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import InputError
from analysis.corpus import articles
from analysis.corpus.articles import Article, Refusal

ROW = {
    "doc_id": "a-1",
    "outlet": "Reuters",
    "date": "2019-02-28",
    "title": "Envoys meet",
    "url": "https://example.org/1",
    "text": "The envoys met. They will meet again.",
}
# An invented page in the layout of one outlet, with a bare carriage return that must stay.
PAGE = (
    "Envoys meet on island\r\n\nSource:Global Times Published: 2019/3/2 10:00:00\n\n"
    "The envoys met.\n\nPosted in: EDITORIAL\n"
)


def read(codebook, *sources):
    return list(articles.read(sources, codebook))


def jsonl(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def only_refusal(found):
    (refusal,) = found
    assert isinstance(refusal, Refusal)
    return refusal


def write_csv(path, rows, columns=tuple(ROW)):
    with open(path, "w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_parquet(path, rows):
    pd.DataFrame(rows).to_parquet(path)
    return path


WRITERS = {
    "table.jsonl": lambda path, rows: jsonl(path, *rows),
    "table.jsonl.gz": lambda path, rows: path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode())),
    "table.csv": write_csv,
    "table.parquet": write_parquet,
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_kind_of_table_gives_the_same_articles(tmp_path, codebook, name):
    rows = [ROW, ROW | {"doc_id": "a-2", "date": "", "title": "None", "text": "Line one.\n\n\tLine “two”, ends. "}]
    WRITERS[name](tmp_path / name, rows)
    first, second = read(codebook, tmp_path / name)
    assert first == Article("a-1", "table", "Reuters", ROW["text"], "2019-02-28", "", ROW["title"], ROW["url"])
    assert second.text == rows[1]["text"]
    assert (second.date, second.title) == ("", "")


def test_a_null_is_unknown_and_a_parquet_day_is_a_day(tmp_path, codebook):
    rows = [ROW | {"date": pd.Timestamp("2019-02-28"), "url": None}]
    (article,) = read(codebook, write_parquet(tmp_path / "t.parquet", rows))
    assert (article.date, article.url) == ("2019-02-28", "")


def test_a_page_is_read_as_it_was_saved(tmp_path, codebook):
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / "2019 envoys.txt").write_bytes(PAGE.encode())
    (article,) = read(codebook, folder)
    assert article == Article("2019 envoys", "saved", "Global Times", PAGE, is_page=True)


def test_an_html_page_gives_its_text_and_what_its_markup_says(tmp_path, codebook):
    sentence = "The envoys met on the island and spoke for two hours about the next steps. "
    (tmp_path / "page.html").write_text(
        '<html><head><title>Envoys meet</title><meta property="article:published_time" content="2019-03-02"/></head>'
        "<body><nav>Home | World</nav><article><h1>Envoys meet</h1>"
        f"<p>{sentence * 4}</p><p>{sentence.replace('met', 'talked') * 4}</p></article>"
        "<footer>Registered with China Daily Information Co (CDIC)</footer></body></html>",
        encoding="utf-8",
    )
    (article,) = read(codebook, tmp_path / "page.html")
    assert (article.outlet, article.date, article.title) == ("China Daily", "2019-03-02", "Envoys meet")
    assert sentence.strip() in article.text
    assert "Home" not in article.text


def test_a_folder_is_read_by_name_and_what_is_no_article_is_left_alone(tmp_path, codebook):
    (tmp_path / "b").mkdir()
    jsonl(tmp_path / "b" / "2.jsonl", ROW | {"doc_id": "third"})
    jsonl(tmp_path / "a.jsonl", ROW | {"doc_id": "first"})
    jsonl(tmp_path / "b" / "1.jsonl", ROW | {"doc_id": "second"})
    (tmp_path / "README.md").write_text("no article")
    assert [item.doc_id for item in read(codebook, tmp_path)] == ["first", "second", "third"]


# ---------------------------------------------------------------- nothing can go on


def test_a_path_that_does_not_exist_is_an_error(tmp_path, codebook):
    with pytest.raises(InputError, match="nowhere: no such file or folder; check the path"):
        articles.read([tmp_path / "nowhere"], codebook)


def test_a_folder_with_nothing_to_read_is_an_error(tmp_path, codebook):
    (tmp_path / "notes.md").write_text("nothing")
    with pytest.raises(InputError, match="nothing to read in this folder"):
        articles.read([tmp_path], codebook)


def test_a_file_of_another_kind_is_an_error(tmp_path, codebook):
    (tmp_path / "page.pdf").write_bytes(b"%PDF")
    with pytest.raises(InputError, match=r"page\.pdf: not a page or table of articles; give \.txt"):
        articles.read([tmp_path / "page.pdf"], codebook)


@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
def test_a_missing_column_is_an_error_that_names_it(tmp_path, codebook, name):
    columns = [column for column in ROW if column != "outlet"]
    if name == "t.csv":
        write_csv(tmp_path / name, [ROW], columns)
    else:
        pd.DataFrame([ROW])[columns].to_parquet(tmp_path / name)
    with pytest.raises(InputError, match=rf"{name}: columns outlet are missing"):
        read(codebook, tmp_path / name)


# ---------------------------------------------------------------- the rest goes on

BAD_ROWS = {
    "an impossible date": ({"date": "2019-02-30"}, "date '2019-02-30' is no day written YYYY-MM-DD; leave it empty"),
    "a date written otherwise": ({"date": "28 Feb 2019"}, "date '28 Feb 2019' is no day"),
    "a compact date": ({"date": "20190228"}, "date '20190228' is no day"),
    "an unknown outlet": ({"outlet": "Daily Invention"}, "outlet 'Daily Invention' is not known; add it to"),
    "an empty text": ({"text": " \n "}, "the text of 'a-1' is empty"),
    "no name": ({"doc_id": ""}, "doc_id '' is empty or not printable"),
    "a name over two lines": ({"doc_id": "a\nb"}, "is empty or not printable"),
    "a number for a name": ({"doc_id": 7}, "doc_id is 7, not a text"),
    "a list for a text": ({"text": ["a", "b"]}, "text is ['a', 'b'], not a text"),
    "half a character": ({"text": "The \ud800 envoys met."}, "half a character"),
    "a text as long as a library": ({"text": "a" * (articles.MAX_TEXT + 1)}, "more than the 1000000 of an article"),
}


@pytest.mark.parametrize("case", BAD_ROWS)
def test_a_bad_row_is_refused_with_its_line_and_the_next_is_read(tmp_path, codebook, case):
    change, reason = BAD_ROWS[case]
    refusal, article = read(codebook, jsonl(tmp_path / "t.jsonl", ROW | change, ROW | {"doc_id": "a-2"}))
    assert (refusal.source, refusal.place) == (str(tmp_path / "t.jsonl"), "line 1")
    assert reason in refusal.reason
    assert article.doc_id == "a-2"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"doc_id": "a-1", ', "not JSON"),
        (b"[1, 2]", "a row with the columns doc_id"),
        (b'{"doc_id": "a-1"}', "outlet, date, title, url, text missing"),
        (b'{"doc_id": "\xff"}', "not UTF-8"),
        (b"[" * 100_000, "not JSON"),
        (b'{"doc_id": ' + b"9" * 5000 + b"}", "not JSON"),
        (b'{"a": NaN}', "missing"),
    ],
)
def test_a_broken_line_is_refused_and_the_next_is_read(tmp_path, codebook, line, reason):
    path = tmp_path / "t.jsonl"
    path.write_bytes(line + b"\n\n" + json.dumps(ROW).encode())
    refusal, article = read(codebook, path)
    assert refusal.place == "line 1"
    assert reason in refusal.reason
    assert article.doc_id == "a-1"


def test_a_line_of_fifty_megabytes_is_refused_and_the_next_is_read(tmp_path, codebook):
    path = tmp_path / "t.jsonl"
    with open(path, "wb") as stream:
        for _ in range(50):
            stream.write(b"x" * 1_000_000)
        stream.write(b"\n" + json.dumps(ROW).encode())
    refusal, article = read(codebook, path)
    assert str(refusal) == f"{path}: line 1: longer than {articles.MAX_BYTES} bytes, which is no article; split it"
    assert article.doc_id == "a-1"


@pytest.mark.parametrize("line", [b"\0" * 1_000_000, (b" " * 99 + b"\n") * 10_000], ids=["one line", "many lines"])
def test_a_gzip_that_swells_a_thousandfold_is_refused(tmp_path, codebook, line):
    path = tmp_path / "t.jsonl.gz"
    with gzip.open(path, "wb") as stream:
        stream.write(json.dumps(ROW).encode() + b"\n")
        for _ in range(40):
            stream.write(line)
    article, *_, refusal = read(codebook, path)
    assert article.doc_id == "a-1"
    assert "grows to more than 100 times its size" in refusal.reason


@pytest.mark.parametrize("content", [b"no gzip at all", gzip.compress(json.dumps(ROW).encode() * 50)[:-20]])
def test_a_broken_gzip_is_refused(tmp_path, codebook, content):
    (tmp_path / "t.jsonl.gz").write_bytes(content)
    assert "the packed file is broken" in only_refusal(read(codebook, tmp_path / "t.jsonl.gz")).reason


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"\0" * 100 + b"PAR1", b"plain text"])
def test_a_corrupted_parquet_is_refused(tmp_path, codebook, content):
    (tmp_path / "t.parquet").write_bytes(content)
    assert "not a Parquet file that can be read" in only_refusal(read(codebook, tmp_path / "t.parquet")).reason


def test_a_parquet_damaged_within_is_refused(tmp_path, codebook):
    path = write_parquet(tmp_path / "t.parquet", [ROW | {"doc_id": f"a-{n}", "text": f"Text {n}."} for n in range(500)])
    content = bytearray(path.read_bytes())
    content[100:2000] = bytes(1900)
    path.write_bytes(bytes(content))
    assert isinstance(read(codebook, path)[-1], Refusal)


def test_a_parquet_that_is_not_utf8_is_refused(tmp_path, codebook):
    columns = {name: [value] for name, value in ROW.items()} | {"text": pa.array([b"\xff\xfe text"], pa.binary())}
    columns["text"] = columns["text"].view(pa.string())
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    assert "not a Parquet file that can be read" in only_refusal(read(codebook, tmp_path / "t.parquet")).reason


def test_a_file_that_cannot_be_read_to_its_end_is_refused(tmp_path, codebook, monkeypatch):
    def fails(path):
        raise OSError(5, "Input/output error")

    (tmp_path / "page.txt").write_text(PAGE, encoding="utf-8")
    monkeypatch.setattr("pathlib.Path.read_bytes", fails)
    assert "cannot be read any further" in only_refusal(read(codebook, tmp_path / "page.txt")).reason


def test_a_file_of_nothing_but_refusals_is_given_up(tmp_path, codebook):
    path = tmp_path / "t.jsonl"
    path.write_text("{}\n" * (articles.MAX_REFUSALS + 5) + json.dumps(ROW), encoding="utf-8")
    found = read(codebook, path)
    assert len(found) == articles.MAX_REFUSALS + 1
    assert "is it a table of articles?" in found[-1].reason


def test_a_doc_id_given_twice_is_refused_naming_the_first(tmp_path, codebook):
    one = jsonl(tmp_path / "one.jsonl", ROW)
    two = jsonl(tmp_path / "two.jsonl", ROW | {"doc_id": "a-2"}, ROW)
    first, second, refusal = read(codebook, one, two)
    assert (first.doc_id, second.doc_id) == ("a-1", "a-2")
    assert (refusal.source, refusal.place) == (str(two), "line 2")
    assert f"doc_id 'a-1' was read already from {one}: line 1; rename or remove one" in refusal.reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b" \n ", "the file is empty"),
        (b"\0\1\2\3" * 100, "a binary file"),
        ("Sommet à Genève".encode("latin-1"), "not UTF-8 (invalid continuation byte at byte 7)"),
        (b"The envoys met.", "a page of no known outlet; give its outlet a mark"),
        (PAGE.encode() + b"\nEXPLORE XINHUANET", "marks of Global Times and Xinhua are found on the page"),
        (b"a" * (articles.MAX_BYTES + 1), "8000001 bytes, more than the 8000000 a page may have"),
    ],
)
def test_a_bad_page_is_refused(tmp_path, codebook, content, reason):
    (tmp_path / "page.txt").write_bytes(content)
    refusal = only_refusal(read(codebook, tmp_path / "page.txt"))
    assert (refusal.source, refusal.place) == (str(tmp_path / "page.txt"), "")
    assert reason in refusal.reason


@pytest.mark.parametrize("content", [b"", b"<html></html>", b"\0\1\2\3" * 100, b"<p>" * 20_000])
def test_a_bad_html_page_is_refused(tmp_path, codebook, content):
    (tmp_path / "page.html").write_bytes(content)
    assert isinstance(only_refusal(read(codebook, tmp_path / "page.html")), Refusal)


def test_a_csv_row_with_a_comma_too_many_is_refused_and_the_next_is_read(tmp_path, codebook):
    path = write_csv(tmp_path / "t.csv", [ROW])
    good = path.read_text(encoding="utf-8").splitlines()[1]
    path.write_text(f"{','.join(ROW)}\nb,c\n\n{good}\n", encoding="utf-8")
    refusal, article = read(codebook, path)
    assert refusal.place == "line 2"
    assert "is a comma or a brace out of place?" in refusal.reason
    assert article.doc_id == "a-1"


@pytest.mark.parametrize(
    ("tail", "reason"),
    [(b'"never closed\n' + b"x\n" * 600_000, "is a quotation mark left open?"), (b"\xff\n", "not UTF-8")],
)
def test_a_csv_is_refused_from_where_it_breaks(tmp_path, codebook, tail, reason):
    path = write_csv(tmp_path / "t.csv", [ROW])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes() + tail)
    article, refusal = read(codebook, path)
    assert article.doc_id == "a-1"
    assert reason in refusal.reason


@pytest.mark.parametrize("ending", [".txt", ".html", ".jsonl", ".jsonl.gz", ".csv", ".parquet"])
@given(content=st.one_of(st.binary(max_size=400), st.text(max_size=200).map(lambda text: text.encode("utf-8"))))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_reading_any_bytes_raises_nothing_but_an_input_error(tmp_path, codebook, ending, content):
    path = tmp_path / f"any{ending}"
    path.write_bytes(content)
    with contextlib.suppress(InputError):
        assert all(isinstance(item, Article | Refusal) for item in read(codebook, path))


def test_every_article_at_hand_is_read(articles_folder, gold_folder, codebook):
    found = read(codebook, articles_folder)
    assert [item for item in found if isinstance(item, Refusal)] == []
    assert len({item.doc_id for item in found}) == len(found) == 3302


def test_offsets_index_the_page_decoded_as_utf8(articles_folder, gold_folder, codebook):
    texts = {item.doc_id: item.text for item in read(codebook, articles_folder / "seeds")}
    units = pd.read_csv(gold_folder / "seed_units.csv")
    assert set(units["doc_id"]) == set(texts)
    for unit in units.itertuples():
        sentence = texts[unit.doc_id][unit.start : unit.end]
        assert sentence == sentence.strip()
        assert sentence[-1] in '."'
