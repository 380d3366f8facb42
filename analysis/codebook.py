"""What the words mean: the instrument, read from a folder of csv files and checked.

Everything that is specific to a topic stands in those files, so that a scholar can review
and change it; the code knows no country, no outlet and no word list.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
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
        "wire": "regular expression of the credits its copy carries in other outlets, where it is a news agency",
        "mark": "regular expression that tells a saved page of this outlet from others",
        "note": "why it is there",
    },
    "pages": {
        "outlet": "outlet the rule is for; empty for any",
        "field": "what the rule finds: title, date, byline, editor, credit, genre, origin, start, end or drop",
        "pattern": "regular expression; the group `value`, where there is one, is what is kept",
        "value": "what a match stands for, where it is not the matched text itself; \\g<name> puts in a group",
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
        "kind": "how the cue takes its bearer: a name in KINDS of analysis/measures/claims/cues.py",
        "strength": "strong or weak; results are reported with and without the weak",
        "note": "why it is there",
    },
    "words": {
        "word": "word or words, as lemmas",
        "role": "what it tells about who speaks, who is meant, or what is not asserted",
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
    "words": ["word", "role"],
    "events": ["date", "event"],
    "overrides": ["doc_id", "column"],
    "lexicon": ["term"],
}


# What a cell must look like where every other value would pass in silence: a frame misspelt is
# a frame never found.
DATE = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
FORMS = {
    ("cues", "frame"): "obligation|blame|credit|commitment",
    ("cues", "strength"): "strong|weak",
    ("events", "date"): DATE,
    ("events", "end"): f"({DATE})?",
    ("lexicon", "valence"): r"-?([0-3](\.\d+)?|4(\.0+)?)",
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
        # White space as `find` sees it, or a name typed with two blanks would be found and not known.
        return {" ".join(row.name.split()): (row.actor, row.kind) for row in self.table.itertuples(index=False)}

    @cached_property
    def _pattern(self) -> re.Pattern:
        longest_first = sorted(self._meaning, key=lambda name: (name[0], -len(name), name))
        branches = []
        # Names of one initial in one branch: 8 times as fast as a flat list of 785 names.
        for initial, names in groupby(longest_first, key=lambda name: name[0]):
            # A name may be broken over a line, so any white space matches where it has a blank.
            rests = "|".join(re.escape(name[1:]).replace(r"\ ", r"\s+") for name in names)
            branches.append(f"{re.escape(initial)}(?:{rests})")
        return re.compile(rf"(?<!\w)(?:{'|'.join(branches)})(?!\w)")

    def find(self, text: str) -> list[Mention]:
        """Every name in the text, left to right, the longest reading first; names of nobody left out.

        >>> names = Names(pd.DataFrame([("Avaria", "AVA", "country"), ("Avaria Post", "", "institution")],
        ...                            columns=["name", "actor", "kind"]))
        >>> [m.start for m in names.find("Avaria, says the Avaria Post, is ready. Avaria's envoy agreed.")]
        [0, 40]
        """
        return [mention for mention in self.every(text) if mention.actor]

    def every(self, text: str) -> list[Mention]:
        """As `find`, names of nobody included (actor is ''): all that is a name and no plain word.

        >>> names = Names(pd.DataFrame([("Avaria", "AVA", "country"), ("Avaria Post", "", "institution")],
        ...                            columns=["name", "actor", "kind"]))
        >>> [(m.name, m.actor) for m in names.every("The Avaria Post is read in Avaria.")]
        [('Avaria Post', ''), ('Avaria', 'AVA')]
        """
        if not self._meaning:
            return []
        found = []
        for match in self._pattern.finditer(text):
            name = " ".join(match.group().split())
            found.append(Mention(match.start(), match.end(), *self._meaning[name], name))
        return found


class Rule(NamedTuple):
    """A row of pages.csv, ready to be searched; `^` and `$` are the ends of a line."""

    pattern: re.Pattern
    value: str


@dataclass(frozen=True)
class Codebook:
    """The instrument: one table per sheet, every cell a string, empty where nothing is given."""

    folder: Path
    outlets: pd.DataFrame = field(repr=False)
    pages: pd.DataFrame = field(repr=False)
    actors: pd.DataFrame = field(repr=False)
    names_sheet: pd.DataFrame = field(repr=False)
    cues: pd.DataFrame = field(repr=False)
    words: pd.DataFrame = field(repr=False)
    events: pd.DataFrame = field(repr=False)
    overrides: pd.DataFrame = field(repr=False)
    lexicon: pd.DataFrame = field(repr=False)

    @cached_property
    def names(self) -> Names:
        return Names(self.names_sheet)

    @cached_property
    def _rules(self) -> dict[tuple[str, str], list[Rule]]:
        found = {}
        for row in self.pages.itertuples(index=False):
            rule = Rule(re.compile(row.pattern, re.MULTILINE), row.value)
            found.setdefault((row.field, row.outlet), []).append(rule)
        return found

    def rules(self, field: str, outlet: str) -> list[Rule]:
        """The page rules for a field: those of the outlet, then those of any outlet, as they stand in pages.csv."""
        return [rule for owner in dict.fromkeys((outlet, "")) for rule in self._rules.get((field, owner), [])]

    @cached_property
    def roles(self) -> dict[str, frozenset[str]]:
        """The words of each role; none for a role that this codebook does not use."""
        return defaultdict(frozenset, {role: frozenset(rows) for role, rows in self.words.groupby("role")["word"]})

    @cached_property
    def phrases(self) -> dict[str, list[tuple[tuple[str, ...], str]]]:
        """The entries of words.csv by their first word: the words of each, and its role."""
        entries = defaultdict(list)
        for row in self.words.itertuples(index=False):
            parts = tuple(row.word.lower().split())
            entries[parts[0]].append((parts, row.role))
        return dict(entries)

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
    an empty key, a key given twice and a file that is not UTF-8.
    """
    if not path.is_file():
        raise InputError(f"{path}: the codebook needs this sheet; make it with the columns {', '.join(columns)}")
    rows, seen = [], {}
    for line, row in _rows(path, columns):
        if not row[key[0]]:
            raise InputError(f"{path}: line {line}: {key[0]} is empty; fill it or take the line out")
        identity = tuple(row[name] for name in key)
        if identity in seen:
            given = " / ".join(identity)
            raise InputError(f"{path}: line {line}: {given} is already on line {seen[identity]}; keep one")
        seen[identity] = line
        rows.append(row)
    return pd.DataFrame(rows, columns=list(columns), dtype="str")


def _rows(path: Path, columns: dict[str, str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row of a sheet, its cells stripped, with the line it ends on."""
    try:
        # -sig: spreadsheets put a byte order mark before the first column's name.
        with open(path, encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            if list(reader.fieldnames or []) != list(columns):
                given = ", ".join(reader.fieldnames or ["(none)"])
                raise InputError(f"{path}: line 1: columns are {given}; expected {', '.join(columns)}")
            for row in reader:
                if None in row or None in row.values():
                    place = f"{path}: line {reader.line_num}"
                    raise InputError(f"{place}: {len(columns)} cells expected; quote a cell that holds a comma")
                yield reader.line_num, {name: cell.strip() for name, cell in row.items()}
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 ({error}); save the sheet as CSV UTF-8") from None


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


def _check_forms(folder: Path, sheets: dict[str, pd.DataFrame]) -> None:
    for (sheet, column), form in FORMS.items():
        wrong = [value for value in sheets[sheet][column] if not re.fullmatch(form, value)]
        if wrong:
            path = folder / f"{sheet}.csv"
            raise InputError(f"{path}: {column} '{wrong[0]}': expected {SHEETS[sheet][column]}")


def read(folder: Path | str = FOLDER) -> Codebook:
    """The instrument in a folder, checked.

    Raises InputError for a missing or malformed sheet, a cell that is not of its column's form
    (FORMS), a name of an actor or a page rule of an outlet that is in no sheet, a pattern that is
    no regular expression, and a focus that is not two actors.
    """
    folder = Path(folder)
    sheets = {name: read_sheet(folder / f"{name}.csv", columns, KEYS[name]) for name, columns in SHEETS.items()}
    _check_forms(folder, sheets)
    sheets["names_sheet"] = sheets.pop("names")
    book = Codebook(folder=folder, **sheets)
    _check_known(folder, "names", book.names_sheet["actor"], book.actors["actor"], "actor")
    _check_known(folder, "outlets", book.outlets["home"], book.actors["actor"], "actor")
    _check_known(folder, "pages", book.pages["outlet"], book.outlets["outlet"], "outlet")
    _check_patterns(folder, "outlets", book.outlets["mark"])
    _check_patterns(folder, "outlets", book.outlets["wire"])
    _check_patterns(folder, "pages", book.pages["pattern"])
    if sorted(book.actors.loc[book.actors["focus"] != "", "focus"]) != ["1", "2"]:
        path = folder / "actors.csv"
        raise InputError(f"{path}: column focus must hold 1 for one actor and 2 for another, once each")
    return book
