"""The two readers of claims, `fast` and `close`: what each weighs, and from which score on it sees a claim.

`fast` weighs the features of an actor in a sentence (`features`, `linear`); `close` adds what the encoder makes
of it. How right each is, by frame, is in notebook 06 and in data/models/README.md.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import expit

from analysis import InputError
from analysis.codebook import Codebook, read_sheet
from analysis.contracts import FRAMES, TABLES
from analysis.corpus import syntax
from analysis.corpus.syntax import Parse, Token, children
from analysis.measures.claims import Passage, cues, encoder, features, linear, passages
from analysis.measures.claims.cues import Found
from analysis.measures.claims.features import Seen

READERS = ("fast", "close")
FOLDER = Path(__file__).resolve().parents[3] / "data" / "models"
PATH = FOLDER / "readers.csv"
SHEET = {
    "reader": "fast or close",
    "frame": "obligation, blame, credit or commitment",
    "constant": "log-odds to begin with",
    "linear": "weight of the log-odds of the features",
    "encoder": "weight of the log-odds of the encoder; 0: it is not asked",
    "cutoff": "score from which on a claim is seen, 0 to 1",
}
COLUMNS = [column.name for column in TABLES["claims"]]
KEY = ["doc_id", "sentence_id", "bearer", "frame", "voice"]
# Scores are rounded before they are compared with the cut-off: processors differ in the last digits of a float.
DIGITS = 2
# Actors less likely than this by their features, in every frame, are not read again by `close`: half of all. On a fold
# of train F1 is the same without a floor and with one anywhere up to .05.
FLOOR = 0.03


# Actor, number of the frame, score.
Accepted = tuple[str, int, float]


class Reader(NamedTuple):
    """One row of numbers for each frame, in the order of FRAMES."""

    name: str
    constant: np.ndarray
    linear: np.ndarray
    encoder: np.ndarray
    cutoff: np.ndarray


@cache
def read(name: str, path: Path = PATH) -> Reader:
    """A reader by its name.

    Raises InputError for a name that is none, and for a missing or malformed file.
    """
    table = read_sheet(path, SHEET, ["reader", "frame"])
    rows = table[table["reader"] == name].set_index("frame").reindex(FRAMES)
    if name not in set(table["reader"]):
        raise InputError(f"{path}: no reader '{name}'; use {' or '.join(READERS)}")
    numbers = rows.drop(columns="reader").apply(pd.to_numeric, errors="coerce")
    if numbers.isna().any(axis=None):
        raise InputError(f"{path}: reader '{name}' lacks a number; train again with `python -m training.claims`")
    return Reader(name, *(numbers[column].to_numpy(float) for column in ("constant", "linear", "encoder", "cutoff")))


def find(sentences: pd.DataFrame, codebook: Codebook, name: str = READERS[0]) -> pd.DataFrame:
    """The claims in sentences, one row per document, sentence, bearer, frame and voice.

    `sentences` has doc_id, sentence_id, start, end (in the source text), text and home (the actor that "we" is in
    this outlet, or ''), in document order, and may have a column heard (see `voices.listen`). The columns are those
    of contracts.TABLES["claims"]: start and end are the trigger's, in the source text.

    Raises InputError for a cue of an unknown kind, or when the parser's model is not installed. The limit: in
    articles that it was not trained on, nearly four in ten claims seen by `close` are wrong, and it misses nearly
    four in ten coded ones; notebook 06 has the figures by frame. Irony and what is only implied are missed.
    """
    reader, weights, index = read(name), linear.read(), cues.index(codebook)
    rows = []
    for document in passages(sentences, codebook):
        found = [cues.find(passage, index, codebook) for passage in document]
        described = list(features.describe(document, found, codebook.roles))
        scores = score(document, described, reader, weights)
        for passage, cued, seen, given in zip(document, found, described, scores, strict=True):
            sentence = Sentence(passage, cued, seen, weights)
            accepted = _accepted(given, reader)
            if any(FRAMES[frame] == "obligation" for _, frame, _ in accepted):
                accepted = _spared(accepted, cues.guessed(passage, index, codebook))
            rows += [sentence.claim(*one) for one in accepted]
    return pd.DataFrame(rows, columns=COLUMNS).drop_duplicates(KEY, ignore_index=True)


def score(
    document: Sequence[Passage], described: Sequence[dict[str, Seen]], reader: Reader, weights: linear.Weights
) -> list[dict[str, np.ndarray]]:
    """Passage by passage, the score of each frame for each actor: 0 to 1, rounded."""
    odds = [{actor: linear.score(seen, weights) for actor, seen in actors.items()} for actors in described]
    if not reader.encoder.any():
        return [{actor: rounded(reader, part, 0) for actor, part in actors.items()} for actors in odds]
    likely = [[actor for actor, part in actors.items() if expit(part.max()) >= FLOOR] for actors in odds]
    read_again = encoder.read(document, likely)
    return [
        {actor: rounded(reader, actors[actor], part) for actor, part in again.items()}
        for actors, again in zip(odds, read_again, strict=True)
    ]


def rounded(reader: Reader, by_features: np.ndarray, by_encoder: np.ndarray | int) -> np.ndarray:
    """The scores of one actor, frame by frame, rounded."""
    return expit(reader.constant + reader.linear * by_features + reader.encoder * by_encoder).round(DIGITS)


def _accepted(given: dict[str, np.ndarray], reader: Reader) -> list[Accepted]:
    """Actor, number of the frame, and score, where the score reaches the cut-off."""
    return [
        (actor, int(frame), scores[frame])
        for actor, scores in given.items()
        for frame in np.flatnonzero(scores >= reader.cutoff)
    ]


def _spared(accepted: list[Accepted], guessed: set[str]) -> list[Accepted]:
    """The same without obligations of those of whom "must" or "should" only guesses.

    By the codebook that is no obligation, and news has too few of it to learn it from.
    """
    return [one for one in accepted if one[0] not in guessed or FRAMES[one[1]] != "obligation"]


class Sentence:
    """A passage in which claims were seen: what each row of the ledger says besides bearer and frame."""

    def __init__(self, passage: Passage, found: list[Found], seen: dict[str, Seen], weights: linear.Weights):
        self.passage, self.found, self.seen, self.weights = passage, found, seen, weights

    def claim(self, actor: str, frame: int, score: float) -> tuple:
        """The row of a claim; its trigger is the cue found, else the word that speaks most for it."""
        row, parse = self.passage.row, self.passage.parse
        own = next((one for one in self._cued(frame) if one.bearer == actor), None)
        cued = own or next(self._cued(frame), None)
        if cued:
            first, last, head, cue = cued.hit.first, cued.hit.last, cued.hit.head, " ".join(cued.hit.cue.words)
        else:
            first = last = max(linear.carrier(self.seen[actor], self.weights, frame), 0)
            head, cue = parse.doc[first], ""
        start, end = parse.span(first, last)
        middle = (start + end) // 2
        voice = cues.voice(own) if own else self.passage.heard.speaker(middle)
        return (
            *(row.doc_id, row.sentence_id, row.start + start, row.start + end),
            *(actor, FRAMES[frame], voice, self.passage.heard.quoted(middle), cue, _predicate(head, parse), score),
        )

    def _cued(self, frame: int) -> Iterator[Found]:
        return (one for one in self.found if one.hit.cue.frame == FRAMES[frame])


def _predicate(head: Token, parse: Parse) -> str:
    """The lemmas of what is owed, done or promised: a verb with what it is said of; an actor by its code."""
    verb = head.head if head.dep_ == "aux" else head
    things = [verb, *children(verb, "neg", "dobj", "attr", "acomp")[:2]]
    return " ".join(_masked_lemma(token, parse) for token in sorted(things, key=lambda token: token.i))


def _masked_lemma(token: Token, parse: Parse) -> str:
    return parse.mentions[token.i].actor if token.i in parse.mentions else syntax.token_lemma(token)
