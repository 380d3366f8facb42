"""What the words mean: the instrument, read from a folder of csv files and checked.

Everything that is specific to a topic stands in those files, so that a scholar can review
and change it; the code knows no country, no outlet and no word list.
"""

import csv
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from analysis import InputError

FOLDER = Path(__file__).resolve().parent.parent / "data" / "codebook"

# Every sheet of the instrument: its columns and what they mean. The first column named in KEYS
# must be filled and the key columns together must be unique.
SHEETS = {
    "outlets": {
        "outlet": "name as it is shown",
        "group": "set of outlets that are compared as one",
        "home": "actor whose voice the outlet is, where it is a state's own; 'we' means this actor",
        "mark": "regular expression that tells a saved page of this outlet from others",
        "note": "why it is there",
    },
    "pages": {
        "outlet": "outlet the rule is for; empty for any",
        "field": "what the rule finds: title, date, byline, editor, genre, origin, start, end or drop",
        "pattern": "regular expression; the group `value`, where there is one, is what is kept",
        "value": "what a match stands for, where it is not the matched text itself",
        "note": "what the rule was found on",
    },
    "actors": {
        "actor": "code used in every table",
        "label": "name as it is shown",
        "focus": "1 and 2 for the pair of actors whose burdens are compared",
        "note": "who is counted under the code",
    },
    "names": {
        "name": "words as they stand in a text, case kept",
        "actor": "actor the name stands for; empty for a name to be passed over",
        "kind": "country, adjective, capital, person, institution, people or event",
        "note": "where the reading is not plain",
    },
    "cues": {
        "frame": "obligation, blame, credit or commitment",
        "cue": "the word or words, as lemmas",
        "kind": "how the cue takes its bearer",
        "strength": "strong or weak; results are reported with and without the weak",
        "note": "why it is there",
    },
    "events": {
        "date": "first day, YYYY-MM-DD",
        "end": "last day where it lasted longer",
        "event": "short label for a chart",
        "kind": "summit, test, agreement, sanction or other",
        "source": "where the date can be checked",
    },
    "overrides": {
        "doc_id": "article the correction is for",
        "column": "column of documents that is set",
        "value": "what it is set to",
        "note": "why, from what stands in the article",
    },
    "lexicon": {
        "term": "word or words in lower case",
        "valence": "-4 to 4, on VADER's scale",
        "note": "why, and why VADER misses it",
    },
}
KEYS = {
    "outlets": ["outlet"],
    "pages": ["field", "pattern", "outlet"],
    "actors": ["actor"],
    "names": ["name"],
    "cues": ["cue", "frame", "kind"],
    "events": ["date", "event"],
    "overrides": ["doc_id", "column"],
    "lexicon": ["term"],
}


class Mention(NamedTuple):
    """A name of an actor in a text: text[start:end] is `name`, of this `kind`."""

    start: int
    end: int
    actor: str
    kind: str
    name: str


@dataclass(frozen=True)
class Names:
    """The names of the actors, ready to be found in a text."""

    table: pd.DataFrame = field(repr=False)

    @cached_property
    def _meaning(self) -> dict[str, tuple[str, str]]:
        return {row.name: (row.actor, row.kind) for row in self.table.itertuples(index=False)}

    @cached_property
    def _pattern(self) -> re.Pattern:
        longest_first = sorted(self._meaning, key=lambda name: (-len(name), name))
        # A name may be broken over a line, so any white space matches where it has a blank.
        words = "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in longest_first)
        initials = "".join(sorted({re.escape(name[0]) for name in longest_first}))
        return re.compile(rf"(?<!\w)(?=[{initials}])(?:{words})(?!\w)")

    def find(self, text: str) -> list[Mention]:
        """Every name in the text, left to right, the longest reading first; names of nobody left out.

        >>> names = Names(pd.DataFrame([("Avaria", "AVA", "country"), ("Avaria Post", "", "institution")],
        ...                            columns=["name", "actor", "kind"]))
        >>> [m.start for m in names.find("Avaria, says the Avaria Post, is ready. Avaria's envoy agreed.")]
        [0, 40]
        """
        if not self._meaning:
            return []
        found = []
        for match in self._pattern.finditer(text):
            name = " ".join(match.group().split())
            actor, kind = self._meaning[name]
            if actor:
                found.append(Mention(match.start(), match.end(), actor, kind, name))
        return found


@dataclass(frozen=True)
class Codebook:
    """The instrument: one table per sheet, every cell a string, empty where nothing is given."""

    folder: Path
    outlets: pd.DataFrame = field(repr=False)
    pages: pd.DataFrame = field(repr=False)
    actors: pd.DataFrame = field(repr=False)
    names_sheet: pd.DataFrame = field(repr=False)
    cues: pd.DataFrame = field(repr=False)
    events: pd.DataFrame = field(repr=False)
    overrides: pd.DataFrame = field(repr=False)
    lexicon: pd.DataFrame = field(repr=False)

    @cached_property
    def names(self) -> Names:
        return Names(self.names_sheet)

    @property
    def focus(self) -> tuple[str, str]:
        """The two actors whose burdens are compared."""
        pair = self.actors[self.actors["focus"] != ""].sort_values("focus")["actor"]
        return tuple(pair)

    def label(self, actor: str) -> str:
        """The name of an actor as it is shown."""
        return dict(zip(self.actors["actor"], self.actors["label"], strict=True)).get(actor, actor)


def read_sheet(path: Path, columns: dict[str, str], key: list[str]) -> pd.DataFrame:
    """One sheet as strings, empty where nothing is given.

    Raises InputError, with file and line, for a missing sheet or column, a short or long row,
    an empty key and a key given twice.
    """
    if not path.is_file():
        raise InputError(f"{path}: the codebook needs this sheet; make it with the columns {', '.join(columns)}")
    with open(path, encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        if list(reader.fieldnames or []) != list(columns):
            given = ", ".join(reader.fieldnames or ["(none)"])
            raise InputError(f"{path}: line 1: columns are {given}; expected {', '.join(columns)}")
        rows, seen = [], {}
        for row in reader:
            place = f"{path}: line {reader.line_num}"
            if None in row or None in row.values():
                raise InputError(f"{place}: {len(columns)} cells expected; quote a cell that holds a comma")
            row = {name: cell.strip() for name, cell in row.items()}
            if not row[key[0]]:
                raise InputError(f"{place}: {key[0]} is empty; fill it or take the line out")
            identity = tuple(row[name] for name in key)
            if identity in seen:
                raise InputError(f"{place}: {' / '.join(identity)} stands already on line {seen[identity]}; keep one")
            seen[identity] = reader.line_num
            rows.append(row)
    return pd.DataFrame(rows, columns=list(columns), dtype="str")


def _check_known(folder: Path, sheet: str, values: pd.Series, known: pd.Series, what: str) -> None:
    unknown = sorted(set(values) - set(known) - {""})
    if unknown:
        path = folder / f"{sheet}.csv"
        raise InputError(f"{path}: {what} '{unknown[0]}' is not in {what}s.csv; add it there or correct it")


def _check_patterns(folder: Path, sheet: str, patterns: pd.Series) -> None:
    for number, pattern in enumerate(patterns, start=2):
        try:
            re.compile(pattern)
        except re.error as error:
            path = folder / f"{sheet}.csv"
            raise InputError(f"{path}: row {number}: '{pattern}' is no regular expression: {error}") from None


def read(folder: Path | str = FOLDER) -> Codebook:
    """The instrument in a folder, checked.

    Raises InputError for a missing or malformed sheet, a name of an actor or a page rule of an
    outlet that is in no sheet, a pattern that is no regular expression, and a focus that is not
    two actors.
    """
    folder = Path(folder)
    sheets = {name: read_sheet(folder / f"{name}.csv", columns, KEYS[name]) for name, columns in SHEETS.items()}
    sheets["names_sheet"] = sheets.pop("names")
    book = Codebook(folder=folder, **sheets)
    _check_known(folder, "names", book.names_sheet["actor"], book.actors["actor"], "actor")
    _check_known(folder, "outlets", book.outlets["home"], book.actors["actor"], "actor")
    _check_known(folder, "pages", book.pages["outlet"], book.outlets["outlet"], "outlet")
    _check_patterns(folder, "outlets", book.outlets["mark"])
    _check_patterns(folder, "pages", book.pages["pattern"])
    if sorted(book.actors.loc[book.actors["focus"] != "", "focus"]) != ["1", "2"]:
        path = folder / "actors.csv"
        raise InputError(f"{path}: column focus must hold 1 for one actor and 2 for another, once each")
    return book
