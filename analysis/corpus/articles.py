"""Articles as they were delivered: saved pages, tables of articles, and folders of these.

What comes from outside is not trusted here: it is read in pieces of bounded size, and what
cannot be used is refused by name, so that the rest can go on.
"""

import csv
import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import htmldate
import pyarrow as pa
import pyarrow.parquet as pq
import trafilatura

from analysis import InputError
from analysis.codebook import Codebook

# 1,000,000 characters: 14 times the longest article at hand (69,115) and three times a novel.
# Whatever is longer is no article but a whole file in the wrong place.
MAX_TEXT = 1_000_000
# 8 MB for a line or a page: a text of MAX_TEXT takes at most 6 bytes a character in JSON (\\uXXXX),
# which leaves 2 MB for the other fields or a page's markup.
MAX_BYTES = 8_000_000
# 100 to 1: the collections at hand shrink 2.9 to 3.4 times under gzip, the most repetitive logs some
# 30 times, a bomb a thousand times.
MAX_RATIO = 100
# 10,000 rows refused: what has more is no table of articles, and the list of them would only grow.
MAX_REFUSALS = 10_000
# 64 rows of a Parquet file are held at once: at most 64 times MAX_TEXT, usually under a megabyte.
BATCH = 64

REQUIRED = ("doc_id", "outlet", "date", "title", "url", "text")
OPTIONAL = ("genre",)
# How JSON, Python and pandas write that nothing is known.
UNKNOWN = ("", "None", "nan", "null")
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Article(NamedTuple):
    """One article: `text` is the source text that every offset indexes; unknown fields are empty.

    `date` is YYYY-MM-DD. A page (`is_page`) is the text of a saved page with all that stood around
    the article; for it title, date and byline are filled only from the markup, where there is any.
    """

    doc_id: str
    collection: str
    outlet: str
    text: str
    date: str = ""
    genre: str = ""
    title: str = ""
    url: str = ""
    byline: str = ""
    is_page: bool = False


class Refusal(NamedTuple):
    """What was left out: the file, the place in it, and the reason with the way out."""

    source: str
    place: str
    reason: str

    def __str__(self) -> str:
        return ": ".join(part for part in self if part)


class _UnusableError(Exception):
    """A row, a page or the rest of a file cannot be used; becomes a Refusal."""

    def __init__(self, reason: str, place: str = ""):
        super().__init__(reason)
        self.reason, self.place = reason, place


def read(sources: Sequence[Path | str], codebook: Codebook) -> Iterator[Article | Refusal]:
    """The articles in files and folders, one by one, in the order given; folders by name.

    A source is a saved page (.txt, .html), a table (.jsonl, .jsonl.gz, .csv or .parquet with the
    columns doc_id, outlet, date, title, url, text and, optionally, genre) or a folder of these.
    A page's doc_id is the file's name without its ending, its collection the folder it lies in, its
    outlet the one whose `mark` in outlets.csv is found on it. A table's collection is its name.
    The text of a .txt page is the file as decoded from UTF-8, nothing changed; that of an .html page
    is what trafilatura (Barbaresi 2021) extracts, with the date htmldate (Barbaresi 2020) finds.

    What cannot be used comes as a Refusal while the rest goes on; a doc_id given twice is refused
    the second time. Raises InputError when a source is missing or holds nothing that can be read,
    and when a table lacks a column.
    """
    files = [file for source in sources for file in _files(Path(source))]
    return _once(item for file in files for item in _read_file(file, codebook))


def _files(source: Path) -> list[Path]:
    if not source.exists():
        raise InputError(f"{source}: no such file or folder; check the path")
    if source.is_file():
        if not _reader(source):
            raise InputError(
                f"{source}: not a page or table of articles; give {', '.join(READERS)} or a folder of these"
            )
        return [source]
    found = sorted(path for path in source.rglob("*") if _reader(path) and path.is_file())
    if not found:
        raise InputError(f"{source}: nothing to read in this folder; put {', '.join(READERS)} files into it")
    return found


def _reader(path: Path) -> Callable | None:
    return next((reader for ending, reader in READERS.items() if path.name.lower().endswith(ending)), None)


def _read_file(path: Path, codebook: Codebook) -> Iterator[tuple[Path, str, Article | Refusal]]:
    """Everything in a file, with its place; a broken file is refused from where it breaks."""
    place, refused = "", 0
    try:
        for place, item in _reader(path)(path, codebook):
            refused += isinstance(item, Refusal)
            if refused > MAX_REFUSALS:
                raise _UnusableError(
                    f"{MAX_REFUSALS} rows refused, the rest is not read; is it a table of articles?", place
                )
            yield path, place, item
    except _UnusableError as stop:
        yield path, stop.place, Refusal(str(path), stop.place, stop.reason)
    except OSError as error:
        yield path, place, Refusal(str(path), place, f"cannot be read any further ({error}); check the file")


def _once(found: Iterable[tuple[Path, str, Article | Refusal]]) -> Iterator[Article | Refusal]:
    """All of them, a doc_id that was there before refused."""
    first: dict[str, str] = {}
    for path, place, item in found:
        if isinstance(item, Article) and item.doc_id in first:
            reason = f"doc_id '{item.doc_id}' was read already from {first[item.doc_id]}; rename or remove one"
            yield Refusal(str(path), place, reason)
            continue
        if isinstance(item, Article):
            first[item.doc_id] = f"{path}: {place}" if place else str(path)
        yield item


# ---------------------------------------------------------------- saved pages


def _page(path: Path, codebook: Codebook) -> Iterator[tuple[str, Article | Refusal]]:
    """A page saved as text."""
    try:
        text = _content(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise _UnusableError(f"not UTF-8 ({error.reason} at byte {error.start}); save the page as UTF-8 text") from None
    outlet = _outlet_of(text, codebook)
    yield "", _checked(Article(path.stem, path.resolve().parent.name, outlet, text, is_page=True))


def _html_page(path: Path, codebook: Codebook) -> Iterator[tuple[str, Article | Refusal]]:
    """A page saved with its markup; the outlet's mark may stand in what is not extracted."""
    source = _content(path)
    try:
        found = trafilatura.bare_extraction(source, with_metadata=True, include_comments=False)
        whole = trafilatura.html2txt(source, clean=False) if found else ""
        # Without `extensive_search`: a date guessed from anywhere on the page is worse than none.
        day = htmldate.find_date(trafilatura.load_html(source), extensive_search=False, original_date=True)
    # The parsers fail in ways of their own on hostile markup (RecursionError, ValueError, lxml's errors).
    except Exception as error:
        raise _UnusableError(f"the markup cannot be read ({type(error).__name__}); save the page as .txt") from None
    if not found or not found.text:
        raise _UnusableError("no article text is found in the markup; save the page as .txt")
    outlet = _outlet_of(f"{found.text}\n{whole}", codebook)
    about = {"date": day or "", "title": found.title or "", "url": found.url or "", "byline": found.author or ""}
    yield "", _checked(Article(path.stem, path.resolve().parent.name, outlet, found.text, is_page=True, **about))


def _content(path: Path) -> bytes:
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise _UnusableError(f"{size} bytes, more than the {MAX_BYTES} a page may have; save the article alone")
    return path.read_bytes()


def _outlet_of(text: str, codebook: Codebook) -> str:
    if not text.strip():
        raise _UnusableError("the file is empty; save the page again")
    if "\0" in text:
        raise _UnusableError("a binary file, not text; save the page as UTF-8 text")
    outlets = codebook.outlets[codebook.outlets["mark"] != ""]
    marks = zip(outlets["outlet"], outlets["mark"], strict=True)
    found = [outlet for outlet, mark in marks if re.search(mark, text, re.MULTILINE)]
    if len(found) == 1:
        return found[0]
    sheet = codebook.folder / "outlets.csv"
    if not found:
        raise _UnusableError(f"a page of no known outlet; give its outlet a mark that is found on the page in {sheet}")
    raise _UnusableError(
        f"marks of {' and '.join(found)} are found on the page; make them tell the two apart in {sheet}"
    )


# ---------------------------------------------------------------- tables


def _json_lines(path: Path, codebook: Codebook) -> Iterator[tuple[str, Article | Refusal]]:
    """A JSON object on each line; a broken line is refused and the next one read."""
    for number, line in _lines(path):
        place = f"line {number}"
        try:
            row = json.loads(_decoded(line))
        except (ValueError, RecursionError) as error:
            yield place, Refusal(str(path), place, f"not JSON ({error}); correct the line")
            continue
        except _UnusableError as stop:
            yield place, Refusal(str(path), place, stop.reason)
            continue
        yield place, _accepted(row, path, place, codebook)


def _csv(path: Path, codebook: Codebook) -> Iterator[tuple[str, Article | Refusal]]:
    # One text may be longer than the csv module's own limit of 131,072; a quotation mark never closed
    # runs into this one.
    csv.field_size_limit(MAX_TEXT)
    place = "line 1"

    def lines() -> Iterator[str]:
        nonlocal place
        for number, line in _lines(path, blank=True):
            place = f"line {number}"
            yield _decoded(line).removeprefix("\ufeff" if number == 1 else "")

    rows = csv.reader(lines())
    try:
        header = next(rows, [])
        _check_columns(header, path)
        for cells in rows:
            if cells:
                yield place, _accepted(_row(header, cells), path, place, codebook)
    except csv.Error as error:
        raise _UnusableError(f"not csv from here on ({error}); is a quotation mark left open?", place) from None
    except _UnusableError as stop:
        raise _UnusableError(f"{stop.reason}; the rest of the file is not read", place) from None


def _row(header: list[str], cells: list[str]) -> dict[str, str] | list[str]:
    return dict(zip(header, cells, strict=True)) if len(header) == len(cells) else cells


def _parquet(path: Path, codebook: Codebook) -> Iterator[tuple[str, Article | Refusal]]:
    number = 0
    try:
        table = pq.ParquetFile(path)
        _check_columns(table.schema_arrow.names, path)
        groups = [table.metadata.row_group(index) for index in range(table.metadata.num_row_groups)]
        _check_growth(sum(group.total_byte_size for group in groups), _most_bytes(path))
        wanted = [name for name in REQUIRED + OPTIONAL if name in table.schema_arrow.names]
        for batch in table.iter_batches(batch_size=BATCH, columns=wanted):
            for row in batch.to_pylist():
                number += 1
                yield f"row {number}", _accepted(row, path, f"row {number}", codebook)
    except (pa.ArrowException, ValueError, OSError) as error:
        if isinstance(error, InputError):
            raise
        reason = f"not a Parquet file that can be read ({_brief(error)}); write it again"
        raise _UnusableError(reason, f"row {number + 1}" if number else "") from None


def _check_columns(given: Sequence[str], path: Path) -> None:
    missing = [name for name in REQUIRED if name not in given]
    if missing:
        named = ", ".join(given) or "(none)"
        raise InputError(
            f"{path}: columns {', '.join(missing)} are missing; it has {_brief(named)}; add them, empty where unknown"
        )


def _most_bytes(path: Path) -> int:
    """How far a packed file may grow. Below MAX_BYTES nothing is harmed, and small files shrink well."""
    return max(MAX_BYTES, MAX_RATIO * path.stat().st_size)


def _check_growth(expanded: int, most: int) -> None:
    if expanded > most:
        raise _UnusableError(
            f"grows to more than {MAX_RATIO} times its size when unpacked; unpack and check it by hand"
        )


def _lines(path: Path, blank: bool = False) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each line, at most MAX_BYTES + 1 of them; the rest of a longer line is passed over."""
    packed = path.name.lower().endswith(".gz")
    most, number = _most_bytes(path), 0
    try:
        with gzip.open(path) if packed else open(path, "rb") as stream:
            while line := stream.readline(MAX_BYTES + 1):
                number += 1
                rest = line
                while len(rest) > MAX_BYTES and not rest.endswith(b"\n"):
                    rest = stream.readline(MAX_BYTES + 1)
                    _check_growth(stream.tell() if packed else 0, most)
                _check_growth(stream.tell() if packed else 0, most)
                if blank or line.strip():
                    yield number, line
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _UnusableError(f"the packed file is broken ({error}); download or pack it again") from None


def _decoded(line: bytes) -> str:
    if len(line) > MAX_BYTES:
        raise _UnusableError(f"longer than {MAX_BYTES} bytes, which is no article; split it")
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _UnusableError(f"not UTF-8 ({error.reason} at byte {error.start} of the line); save as UTF-8") from None


# ---------------------------------------------------------------- one row


def _accepted(row: Any, path: Path, place: str, codebook: Codebook) -> Article | Refusal:
    try:
        return _checked(_article(row, _collection(path), codebook))
    except _UnusableError as stop:
        return Refusal(str(path), place, stop.reason)


def _collection(path: Path) -> str:
    ending = next(ending for ending in READERS if path.name.lower().endswith(ending))
    return path.name[: -len(ending)]


def _article(row: Any, collection: str, codebook: Codebook) -> Article:
    if not isinstance(row, dict):
        raise _UnusableError(
            f"a row with the columns {', '.join(REQUIRED)} is expected; is a comma or a brace out of place?"
        )
    missing = [name for name in REQUIRED if name not in row]
    if missing:
        raise _UnusableError(f"{', '.join(missing)} missing; add it, empty where unknown")
    cells = {name: _cell(row.get(name), name) for name in REQUIRED + OPTIONAL}
    if cells["outlet"] not in set(codebook.outlets["outlet"]):
        sheet = codebook.folder / "outlets.csv"
        raise _UnusableError(f"outlet '{_brief(cells['outlet'])}' is not known; add it to {sheet}")
    return Article(collection=collection, **cells)


def _cell(value: Any, name: str) -> str:
    if value is None or value != value:  # not a number: pandas' gap
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if not isinstance(value, str):
        raise _UnusableError(f"{name} is {_brief(str(value))}, not a text; put it in quotation marks")
    if name == "text":
        return value
    return "" if value.strip() in UNKNOWN else value.strip()


def _checked(article: Article) -> Article:
    """The article, if it can be named, dated, and written again as UTF-8."""
    if not article.doc_id or not article.doc_id.isprintable():
        raise _UnusableError(
            f"doc_id {_brief(repr(article.doc_id))} is empty or not printable; give the article a name"
        )
    if not article.text.strip():
        raise _UnusableError(f"the text of '{article.doc_id}' is empty; fill it or take the article out")
    if len(article.text) > MAX_TEXT:
        raise _UnusableError(
            f"the text has {len(article.text)} characters, more than the {MAX_TEXT} of an article; split it"
        )
    if article.date and not _is_day(article.date):
        raise _UnusableError(f"date '{_brief(article.date)}' is no day written YYYY-MM-DD; leave it empty if unknown")
    try:
        "".join(str(cell) for cell in article).encode("utf-8")
    except UnicodeEncodeError as error:
        raise _UnusableError(
            f"half a character ({error.object[error.start]!r}); save the text as UTF-8 again"
        ) from None
    return article


def _is_day(value: str) -> bool:
    if not ISO_DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _brief(value: object) -> str:
    """A value as it may stand in a message: one line, no longer than is needed to know it again."""
    return " ".join(str(value).split())[:80]


READERS: dict[str, Callable[[Path, Codebook], Iterator[tuple[str, Article | Refusal]]]] = {
    ".txt": _page,
    ".html": _html_page,
    ".htm": _html_page,
    ".jsonl": _json_lines,
    ".jsonl.gz": _json_lines,
    ".csv": _csv,
    ".parquet": _parquet,
}
