"""Who is said to owe, to be at fault, to deserve credit, or to have promised, and who says so.

A claim is a responsibility attribution (Gerhards, Offerhaus & Roose 2007): the bearer is its addressee, the voice
its sender. What is read is a passage: a sentence with the names in those before it.
"""

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from analysis.codebook import Codebook, Mention
from analysis.corpus import syntax, voices
from analysis.corpus.syntax import Parse

# Sentences looked back through for what "he" or "the two sides" means: the coding rules' own limit.
LOOK_BACK = 3


class Line(NamedTuple):
    """The text of a sentence and the actors' names in it."""

    text: str
    names: list[Mention]


class Passage(NamedTuple):
    """A sentence to be read.

    Its row, its parse, the sentences before it, the nearest first, who speaks, the actors who can be meant (named
    here, named before, or the outlet's own state), and whether two of them are at hand.
    """

    row: tuple
    line: Line
    parse: Parse
    before: list[Line]
    heard: voices.Heard
    actors: list[str]
    in_scope: bool


def passages(sentences: pd.DataFrame, codebook: Codebook) -> Iterator[list[Passage]]:
    """The sentences of each document in which some actor can be meant, parsed.

    `sentences` has doc_id, sentence_id, start, end (in the source text), text and home (the actor that "we" is in
    this outlet, or ''), in document order, and may have a column heard (see `voices.listen`).
    """
    kept = []
    sentences = sentences.assign(heard=voices.listen(sentences, codebook))
    for _, document in sentences.groupby("doc_id", sort=False):
        rows = list(document.itertuples(index=False))
        named = [codebook.names.every(row.text) for row in rows]
        lines = [Line(row.text, [m for m in names if m.actor]) for row, names in zip(rows, named, strict=True)]
        kept.append([])
        for n, row in enumerate(rows):
            before = lines[max(n - LOOK_BACK, 0) : n][::-1]
            if actors := _actors([lines[n], *before], row.home):
                kept[-1].append((row, lines[n], before, actors, _in_scope(named[n], actors)))
    parses = syntax.parse((line.text for document in kept for _, line, *_ in document), codebook)
    for document in kept:
        yield [Passage(row, line, next(parses), before, row.heard, *rest) for row, line, before, *rest in document]


def _actors(lines: list[Line], home: str) -> list[str]:
    """The actors at hand: in the order of the sentence, then of those before it, the nearest first."""
    found = [mention.actor for line in lines for mention in line.names] + [home]
    return [actor for actor in dict.fromkeys(found) if actor]


def _in_scope(names: list[Mention], actors: list[str]) -> bool:
    """Whether two actors are at hand: a dispute has two sides, and one actor alone with a stranger is another story."""
    here = {mention.actor for mention in names if mention.actor}
    strangers = any(not m.actor and m.kind in ("country", "adjective") for m in names)
    return len(actors) > 1 and not (len(here) < 2 and strangers)
