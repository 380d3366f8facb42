"""What columns each table has, and how it is read and written.

`data/README.md` lists the same columns; a test holds the two together.
"""

import csv
import re
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis import InputError

FOLDER = Path(__file__).resolve().parent.parent / "data" / "tables"

FRAMES = ("obligation", "blame", "credit", "commitment")
# Voices that are no actor of the codebook: the writer, a scholar or former official,
# nobody in particular, and any other named party.
VOICES = ("OUTLET", "EXPERT", "UNNAMED", "OTHER")
DATE_PRECISIONS = ("day", "month", "none")


class Column(NamedTuple):
    """A column: Arrow type, what it means, and whether it may be empty."""

    name: str
    type: pa.DataType
    meaning: str
    empty: bool = False


# Texts that recur are stored as dictionaries: smaller, and pandas reads them as categories.
CODE = pa.dictionary(pa.int32(), pa.string())

TABLES = {
    "documents": (
        Column("doc_id", pa.string(), "name of the article, unique"),
        Column("collection", CODE, "file (or folder of pages) it was read from"),
        Column("outlet", CODE, "who published it"),
        Column("origin", CODE, "who wrote it, where another than the outlet is credited; else empty", True),
        Column("group", CODE, "the outlet's group in the codebook"),
        Column("date", pa.date32(), "day of publication; the first of the month where only the month is known", True),
        Column("date_precision", CODE, "day, month or none"),
        Column("genre", CODE, "as delivered or as found on the page", True),
        Column(
            "byline",
            pa.string(),
            "who signed it; in brackets the editor, and agencies credited with a part in it",
            True,
        ),
        Column("title", pa.string(), "headline", True),
        Column("url", pa.string(), "address", True),
        Column("n_chars", pa.int32(), "characters of source text"),
        Column("n_chars_kept", pa.int32(), "characters of running text, after cleaning"),
        Column("n_sentences", pa.int32(), "sentences of running text"),
        Column("n_tokens", pa.int32(), "words of running text"),
        Column("source_sha256", pa.string(), "SHA-256 of the source text in UTF-8"),
        Column("cluster", pa.int32(), "articles with one number share most of their text"),
    ),
    "sentences": (
        Column("doc_id", CODE, "article"),
        Column("sentence_id", pa.int32(), "0, 1, 2 ... in the article"),
        Column("start", pa.int32(), "first character in the source text"),
        Column("end", pa.int32(), "one past the last character in the source text"),
        Column("n_tokens", pa.int32(), "words"),
        Column("calibrated", pa.float32(), "mean rating that readers would give, -4 negative to 4 positive"),
        Column("sentiment", pa.float32(), "VADER compound, -1 to 1, names of actors masked, lexicon extended"),
        Column("sentiment_raw", pa.float32(), "VADER compound, -1 to 1, as the library gives it"),
        Column("voice", CODE, "OUTLET, the code of the actor whose words they are, or EXPERT, UNNAMED, OTHER"),
    ),
    "terms": (
        Column("doc_id", CODE, "article"),
        Column("term", CODE, "word or pair of words in lower case, or a name of the codebook as written"),
        Column("n", pa.int16(), "times in the running text"),
    ),
    "claims": (
        Column("doc_id", CODE, "article"),
        Column("sentence_id", pa.int32(), "sentence in the article"),
        Column("start", pa.int32(), "first character of the trigger in the source text"),
        Column("end", pa.int32(), "one past the trigger's last character"),
        Column("bearer", CODE, "actor who is responsible"),
        Column("frame", CODE, "obligation, blame, credit or commitment"),
        Column("voice", CODE, "who makes the claim: OUTLET, an actor, EXPERT, UNNAMED or OTHER"),
        Column("quoted", pa.bool_(), "the trigger stands between quotation marks"),
        Column("cue", CODE, "cue of the codebook that was found; empty where the claim was seen without one", True),
        Column("predicate", CODE, "lemmas of what is owed, done or promised"),
        Column("score", pa.float32(), "how likely the reader takes the claim to be, 0 to 1"),
    ),
}
KEYS = {
    "documents": ["doc_id"],
    "sentences": ["doc_id", "sentence_id"],
    "terms": ["doc_id", "term"],
    "claims": ["doc_id", "sentence_id", "bearer", "frame", "voice"],
}


def schema(name: str) -> pa.Schema:
    """The Arrow schema of a table."""
    return pa.schema([pa.field(c.name, c.type, nullable=c.empty) for c in TABLES[name]])


def check(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """The table with its columns in order and its rows sorted by key.

    Raises ValueError when a column is missing or unknown, a key is given twice, or a column
    that must be filled is empty.
    """
    expected = [column.name for column in TABLES[name]]
    if set(table.columns) != set(expected):
        wrong = sorted(set(table.columns) ^ set(expected))
        raise ValueError(f"{name}: columns {', '.join(wrong)} are missing or unknown")
    twice = table.duplicated(KEYS[name])
    if twice.any():
        raise ValueError(f"{name}: key given twice: {table.loc[twice, KEYS[name]].iloc[0].tolist()}")
    for column in TABLES[name]:
        if not column.empty and table[column.name].isna().any():
            raise ValueError(f"{name}: column {column.name} is empty in {int(table[column.name].isna().sum())} rows")
    return table[expected].sort_values(KEYS[name], kind="stable", ignore_index=True)


def as_arrow(name: str, table: pd.DataFrame) -> pa.Table:
    """A checked table with the types of the contract; raises ValueError or ArrowInvalid where it does not keep it."""
    arrow = pa.Table.from_pandas(check(name, table), schema=schema(name), preserve_index=False)
    # No pandas metadata: it names the version of pandas, and the bytes would change with it.
    return arrow.replace_schema_metadata()


def as_pandas(arrow: pa.Table) -> pd.DataFrame:
    """An Arrow table as pandas reads it: dates as datetime64, codes as strings."""
    frame = arrow.to_pandas(date_as_object=False)
    for column in frame.select_dtypes("category"):
        frame[column] = frame[column].astype("str")
    return frame


def write(name: str, table: pd.DataFrame, folder: Path, number: int | None = None) -> Path:
    """Write a checked table as Parquet, the same bytes for the same rows; returns the path.

    With a `number` it is that part of a table too large for one file: the table is a folder of its parts.
    """
    path = Path(folder) / f"{name}.parquet"
    if number is not None:
        path.mkdir(exist_ok=True)
        path = path / f"part-{number:05d}.parquet"
    pq.write_table(as_arrow(name, table), path, compression="zstd", compression_level=15)
    return path


def read(name: str, folder: Path | str = FOLDER) -> pd.DataFrame:
    """A table as pandas reads it, one file or a folder of parts, its rows sorted by key.

    Raises InputError when the file is missing, cannot be read, or has other columns.
    """
    path = Path(folder) / f"{name}.parquet"
    parts = sorted(path.glob("part-*.parquet")) if path.is_dir() else [path]
    if not parts or not parts[0].is_file():
        raise InputError(f"{path}: no such table; make it with `python -m analysis build SOURCE... --out {folder}`")
    table = pa.concat_tables([_read_file(name, part) for part in parts])
    frame = as_pandas(table.unify_dictionaries())
    return frame if len(parts) == 1 else frame.sort_values(KEYS[name], kind="stable", ignore_index=True)


def _read_file(name: str, path: Path) -> pa.Table:
    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: not a Parquet file that can be read ({reason}); build it again") from None
    columns = schema(name).names
    if sorted(table.column_names) != sorted(columns):
        wrong = sorted(set(table.column_names) ^ set(columns))
        raise InputError(f"{path}: columns {', '.join(wrong)} are missing or unknown; build it again with this version")
    return table.select(columns)


# Where a spreadsheet may take text for a formula (OWASP ASVS 5, 1.2.10): at the start of a cell, and
# where one may start anew when a file with commas is opened as one with semicolons. An apostrophe
# that stands there by itself counts too, or it could not be told from one that was put in.
_CELL_STARTS = r"(?<![^;\r\n])"
_RUNS = r"(?=[=+\-@\t\r\0＝＋－＠'])"
_UNGUARDED, _GUARDED = re.compile(_CELL_STARTS + _RUNS), re.compile(_CELL_STARTS + "'" + _RUNS)


def harmless(cell: str) -> str:
    """A cell for a csv file, held back by an apostrophe where a spreadsheet would run it as a formula.

    >>> [harmless(cell) for cell in ("=cmd()", "talks", "'tis", "yes;=cmd()")]
    ["'=cmd()", 'talks', "''tis", "yes;'=cmd()"]
    """
    return _UNGUARDED.sub("'", cell)


def restored(cell: str) -> str:
    """What a cell was before `harmless`: `restored(harmless(cell)) == cell` for every cell.

    >>> [restored(cell) for cell in ("'=cmd()", "talks", "''tis", "yes;'=cmd()")]
    ['=cmd()', 'talks', "'tis", 'yes;=cmd()']
    """
    return _GUARDED.sub("", cell)


def as_csv(table: pd.DataFrame, quoting: int = csv.QUOTE_MINIMAL) -> str:
    """The table as a csv file that a spreadsheet can open: every text `harmless`, the same bytes each time.

    >>> print(as_csv(pd.DataFrame({"term": ["=cmd()", "talks"], "n": [1, 2]})), end="")
    term,n
    '=cmd(),1
    talks,2
    """
    text = table.select_dtypes(["object", "str"]).columns
    safe = {name: table[name].astype("str").map(harmless, na_action="ignore") for name in text}
    return table.assign(**safe).to_csv(index=False, quoting=quoting, lineterminator="\n")
