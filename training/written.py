"""Passages written for this project, with their codes: what the readers of claims learn from beside the news.

`data/gold/written` holds them, by kind of outlet. Nobody said or printed what stands there. A file looks like this:

    # kind of text | year | title | the actor whose own voice the outlet is, or nothing
    A sentence of the passage, one to a line.
    > bearer|frame|voice|difficult|the words of that sentence that carry the frame
    The next sentence; most hold no claim.

So each code stands under its sentence, and can be read and put right in any editor.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from analysis import InputError, workbench
from analysis.codebook import Codebook
from analysis.contracts import FRAMES, VOICES
from analysis.corpus.articles import Article
from analysis.validation import gold
from analysis.validation.gold import CLAIMS, UNITS, Gold

FOLDER = gold.FOLDER / "written"
SET = "written"
PASSAGE, CODE, FIELD = "# ", "> ", "|"


class Code(NamedTuple):
    """A claim that a sentence holds, as it stands under it."""

    bearer: str
    frame: str
    voice: str
    difficult: str
    trigger: str


class Passage(NamedTuple):
    """A passage: its header, and its sentences with their codes."""

    doc_id: str
    kind: str
    year: str
    title: str
    home: str
    sentences: list[tuple[str, list[Code]]]


def read(book: Codebook, folder: Path = FOLDER) -> tuple[pd.DataFrame, Gold]:
    """The sentences of every passage, as `workbench.split` gives them, and their codes: the set `written`.

    Raises InputError, with file, line and value, for what has not the form above, a bearer or voice that the
    codebook does not know, and words that are not in the sentence.
    """
    held = [passage for path in sorted(folder.glob("*.txt")) for passage in _passages(path, book)]
    if not held:
        raise InputError(f"{folder}: no passages in it; restore its .txt files")
    # An outlet for each actor that may have one, and one for all others.
    homes = pd.DataFrame({"outlet": ["", *book.actors["actor"]], "home": ["", *book.actors["actor"]]})
    outlets = pd.concat([book.outlets.head(0), homes]).fillna("")
    texts = [_article(passage) for passage in held]
    return workbench.split(texts, replace(book, outlets=outlets))[1], _gold(held)


def _passages(path: Path, book: Codebook) -> Iterator[Passage]:
    try:
        lines = [(number, line.strip()) for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)]
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8") from error
    lines = [(number, line) for number, line in lines if line]
    opened = [i for i, (_, line) in enumerate(lines) if line.startswith(PASSAGE)]
    if lines and (not opened or opened[0]):
        raise InputError(f"{path}: line {lines[0][0]}: before any passage; open one with a line that starts with '# '")
    for first, past in pairwise([*opened, len(lines)]):
        yield _passage(path, lines[first:past], book)


def _passage(path: Path, lines: Sequence[tuple[int, str]], book: Codebook) -> Passage:
    (opened, header), *rest = lines
    passage = _header(header, f"{path.stem}-{opened}", f"{path}: line {opened}", book)
    for number, line in rest:
        place = f"{path}: line {number}"
        if not line.startswith(CODE):
            passage.sentences.append((line, []))
        elif passage.sentences:
            sentence, codes = passage.sentences[-1]
            codes.append(_code(line, sentence, place, book))
        else:
            raise InputError(f"{place}: a code without a sentence above it; move it under its sentence")
    if not passage.sentences:
        raise InputError(f"{path}: line {opened}: a passage without a sentence; write one, or take the line out")
    return passage


def _header(line: str, doc_id: str, place: str, book: Codebook) -> Passage:
    fields = [field.strip() for field in line.removeprefix(PASSAGE).split(FIELD)]
    if len(fields) != 4:
        raise InputError(f"{place}: '{line}': expected '# kind | year | title | home', home may be empty")
    if fields[3] not in {"", *book.actors["actor"]}:
        raise InputError(f"{place}: home '{fields[3]}' is no actor of this codebook; correct it or leave it empty")
    return Passage(doc_id, *fields, [])


def _code(line: str, sentence: str, place: str, book: Codebook) -> Code:
    fields = line.removeprefix(CODE).split(FIELD, 4)
    if len(fields) != 5:
        raise InputError(f"{place}: '{line}': expected '> bearer|frame|voice|difficult|trigger'")
    code, actors = Code(*fields), set(book.actors["actor"])
    known = {"bearer": actors, "frame": FRAMES, "voice": actors | {*VOICES}, "difficult": "01"}
    for name, allowed in known.items():
        if getattr(code, name) not in allowed:
            raise InputError(f"{place}: {name} '{getattr(code, name)}': expected one of {', '.join(sorted(allowed))}")
    if not code.trigger or code.trigger not in sentence:
        raise InputError(f"{place}: '{code.trigger}' is not in the sentence above; copy it word for word")
    return code


def _article(passage: Passage) -> Article:
    text = " ".join(sentence for sentence, _ in passage.sentences)
    return Article(passage.doc_id, SET, passage.home, text, genre=passage.kind, title=passage.title)


def _gold(held: Iterable[Passage]) -> Gold:
    units, claims = [], []
    for passage in held:
        start = 0
        for sentence, codes in passage.sentences:
            unit = len(units), passage.doc_id, start, start + len(sentence)
            units.append((*unit, 0))
            for code in codes:
                first = start + sentence.index(code.trigger)
                place = first, first + len(code.trigger)
                claims.append((*unit, code.bearer, code.frame, code.voice, *place, 1, int(code.difficult)))
            start += len(sentence) + 1
    tables = pd.DataFrame(units, columns=list(UNITS)), pd.DataFrame(claims, columns=list(CLAIMS))
    return Gold(*(table.assign(set=SET)[["set", *table.columns]] for table in tables))
