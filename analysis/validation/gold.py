"""Coded text: units, the claims in them, how passages were drawn; by offset, read from csv files and checked."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from analysis import InputError
from analysis.codebook import Codebook, read_sheet
from analysis.contracts import FRAMES, VOICES

FOLDER = Path(__file__).resolve().parent.parent.parent / "data" / "gold"

UNITS = {
    "unit": "number of the coded sentence, unique in its set",
    "doc_id": "article",
    "start": "first character of the sentence in the source text",
    "end": "one past its last character",
    "boilerplate": "1 where it is no running text (byline, caption, heading, advert), else 0",
}
CLAIMS = {
    "unit": "sentence that holds the claim",
    "doc_id": "article",
    "start": "first character of the sentence in the source text",
    "end": "one past its last character",
    "bearer": "actor who is responsible",
    "frame": "obligation, blame, credit or commitment",
    "voice": "who makes the claim; empty where the two readings differ",
    "trigger_start": "first character of the words that carry the frame",
    "trigger_end": "one past their last character",
    "agreed": "1 where every reading has the claim, 0 where only one of two has it",
    "difficult": "1 where a careful reader could well decide otherwise, else 0",
}
BLOCKS = {
    "draw": "round in which it was drawn",
    "collection": "collection it was drawn from",
    "doc_id": "article",
    "docs_in_frame": "documents that could be drawn when this one was",
    "docs_drawn": "documents that were drawn",
    "blocks_in_doc": "passages of the document that could be drawn, one of which was",
    "start": "first character of the passage in the source text",
    "end": "one past its last character",
}
KEYS = {
    "units": ["unit"],
    "claims": ["unit", "bearer", "frame", "voice"],
    "blocks": ["draw", "collection", "doc_id"],
}
# Nine digits: a longer number is no place in an article, and would not fit its column.
OFFSET = r"\d{1,9}"
COUNT = r"[1-9]\d{0,8}"
# What a cell must look like: a frame misspelt would be asked for and never found.
FORMS = {
    "doc_id": r".+",
    "start": OFFSET,
    "end": OFFSET,
    "trigger_start": OFFSET,
    "trigger_end": OFFSET,
    "boilerplate": "0|1",
    "agreed": "0|1",
    "difficult": "0|1",
    "bearer": r".+",
    "frame": "|".join(FRAMES),
    "docs_in_frame": COUNT,
    "docs_drawn": COUNT,
    "blocks_in_doc": COUNT,
}
SPANS = (("start", "end"), ("trigger_start", "trigger_end"))


class Gold(NamedTuple):
    """Coded text: the columns of UNITS and of CLAIMS, each with `set`, the name before the underscore."""

    units: pd.DataFrame
    claims: pd.DataFrame

    def within(self, doc_ids: Iterable[str]) -> "Gold":
        """The part of it that lies in these articles; it may be empty."""
        known = set(doc_ids)
        return Gold(*(table[table["doc_id"].isin(known)].reset_index(drop=True) for table in self))


def read(folder: Path | str = FOLDER) -> Gold:
    """Every coded set in a folder: SET_units.csv with its SET_claims.csv.

    Raises InputError, with file, line and value, for a folder without a set, a missing or malformed
    file, a cell that is not of its column's form (FORMS), a span that ends before it starts, units
    that overlap, and a claim whose unit or sentence is not in the units.
    """
    folder = Path(folder)
    paths = sorted(folder.glob("*_units.csv"))
    if not paths:
        raise InputError(f"{folder}: no coded text; name a folder that holds SET_units.csv and SET_claims.csv")
    sets = [_read_set(path, path.with_name(path.name.replace("_units.csv", "_claims.csv"))) for path in paths]
    return Gold(*(pd.concat(tables, ignore_index=True) for tables in zip(*sets, strict=True)))


def read_blocks(folder: Path | str = FOLDER) -> pd.DataFrame:
    """How each coded passage was drawn, of the sets that were: one row per passage, `set` and the columns of BLOCKS.

    A set without SET_blocks.csv was not drawn with known probabilities and tells nothing of what was not coded.

    Raises InputError, with file, line and value, for a folder without such a file, a malformed cell, a
    passage that ends before it starts or lies over another, more documents drawn than there were to draw
    (a probability above 1), and a draw that has not as many passages as documents drawn.
    """
    folder = Path(folder)
    paths = sorted(folder.glob("*_blocks.csv"))
    if not paths:
        raise InputError(f"{folder}: nothing says how passages were drawn; name a folder that holds SET_blocks.csv")
    drawn = []
    for path in paths:
        blocks = _read_table(path, BLOCKS, KEYS["blocks"])
        _check_drawn(path, blocks)
        _check_apart(path, blocks, "passage")
        drawn.append(blocks.assign(set=path.name.removesuffix("_blocks.csv"))[["set", *BLOCKS]])
    return pd.concat(drawn, ignore_index=True)


def _check_drawn(path: Path, blocks: pd.DataFrame) -> None:
    """What was drawn is at most what could be, and all of it is there."""
    at_most = {"docs_drawn": "at most docs_in_frame, or the probability is above 1"}
    _refuse(path, at_most, blocks, "docs_drawn", blocks["docs_drawn"] > blocks["docs_in_frame"])
    given = blocks.groupby(["draw", "collection"])["doc_id"].transform("size")
    complete = {"docs_drawn": "the number of passages of the draw in its collection; some are missing or too many"}
    _refuse(path, complete, blocks, "docs_drawn", blocks["docs_drawn"] != given)


def check_codes(gold: Gold, book: Codebook) -> None:
    """Raises InputError for a bearer or a voice that the codebook does not know: no measure could find it."""
    actors = set(book.actors["actor"])
    for column, known in (("bearer", actors), ("voice", actors | {*VOICES, ""})):
        unknown = gold.claims[~gold.claims[column].isin(known)]
        if len(unknown):
            row = unknown.iloc[0]
            place = f"{row['set']}_claims.csv: unit {row['unit']}"
            way_out = f"correct it, or add it to {book.folder / 'actors.csv'}"
            raise InputError(f"{place}: {column} '{row[column]}' is no code of this codebook; {way_out}")


def _read_set(units_path: Path, claims_path: Path) -> Gold:
    if not claims_path.is_file():
        raise InputError(f"{claims_path}: no claims beside {units_path.name}; give the file, if only with its header")
    units = _read_table(units_path, UNITS, KEYS["units"])
    claims = _read_table(claims_path, CLAIMS, KEYS["claims"])
    _check_apart(units_path, units)
    _check_belonging(claims_path, claims, units)
    name = units_path.name.removesuffix("_units.csv")
    return Gold(*(table.assign(set=name)[["set", *table.columns]] for table in (units, claims)))


def _read_table(path: Path, columns: dict[str, str], key: list[str]) -> pd.DataFrame:
    table = read_sheet(path, columns, key)
    for column in table.columns.intersection(list(FORMS)):
        _refuse(path, columns, table, column, ~table[column].str.fullmatch(FORMS[column]))
    numbers = [column for column in columns if FORMS.get(column) in (OFFSET, COUNT, "0|1")]
    table = table.astype(dict.fromkeys(numbers, "int64"))
    for start, end in SPANS:
        if start in columns:
            _refuse(path, columns, table, end, table[end] <= table[start])
    return table


def _refuse(path: Path, columns: dict[str, str], table: pd.DataFrame, column: str, wrong: pd.Series) -> None:
    """InputError for the first row that is wrong; the header is line 1."""
    if wrong.any():
        number = int(wrong.to_numpy().argmax())
        value = table[column].iloc[number]
        raise InputError(f"{path}: line {number + 2}: {column} '{value}': expected {columns[column]}")


def _check_apart(path: Path, units: pd.DataFrame, what: str = "unit") -> None:
    """A claim belongs to the unit (or passage) that holds it: there may be one only."""
    ordered = units.sort_values(["doc_id", "start"], kind="stable")
    before = ordered.groupby("doc_id")["end"].shift()
    overlap = ordered[ordered["start"] < before]
    if len(overlap):
        row = overlap.iloc[0]
        place, name = f"{path}: line {overlap.index[0] + 2}", row["unit" if what == "unit" else "doc_id"]
        raise InputError(
            f"{place}: {what} {name} starts at {row['start']}, inside the {what} before; correct one of the two"
        )


def _check_belonging(path: Path, claims: pd.DataFrame, units: pd.DataFrame) -> None:
    about = claims[["unit"]].merge(units, on="unit", how="left", validate="many_to_one")
    _refuse(
        path, {"unit": f"a unit of {path.name.replace('_claims', '_units')}"}, claims, "unit", about["doc_id"].isna()
    )
    for column in ("doc_id", "start", "end"):
        expected = {column: f"that of the unit in {path.name.replace('_claims', '_units')}"}
        _refuse(path, expected, claims, column, claims[column] != about[column])
