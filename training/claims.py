"""The weights of both readers of claims, from coded text.

    python -m training.claims ARTICLES [--encoder SCORES...]

ARTICLES is the folder of the articles that data/gold codes. Writes data/models/claims.csv (weights of the
features), readers.csv (what each reader weighs, and its cut-offs) and unseen.csv (the claims that `close`, trained
without an article, sees in it), and prints how right the readers are in articles that they were not trained on.
SCORES is what `python -m training.encoder ARTICLES --held-out K` writes; without it only `fast` is made.

Learned from train and targeted; everything is chosen on folds of train's articles. dev and seed are only looked at.
"""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from tqdm import tqdm

from analysis import InputError, workbench
from analysis.codebook import Codebook
from analysis.contracts import FRAMES
from analysis.corpus import articles
from analysis.corpus.articles import Article
from analysis.measures.claims import Passage, cues, features, linear, passages
from analysis.measures.claims.features import Seen
from analysis.validation.gold import Gold

LEARNED = ("train", "targeted")
# A third of train at a time: as many folds as the encoder can be trained for in two hours on two cores.
FOLDS, SEED = 3, 7
# On folds of train: of 3, 5 and 8 the first was best by .003; of .02 to .2 all within .006.
MIN_PAIRS, STRENGTH = 3, 0.05
# Weights under this are left out: a tenth of the file, and F1 within .003.
MIN_WEIGHT, DIGITS = 0.04, 3


class Pair(NamedTuple):
    """An actor in a coded sentence: what is seen of him, and of each frame whether it is coded and counts.

    triggers: number of the frame, and where in the sentence the words that carry the claim begin and end.
    """

    set: str
    passage: Passage
    actor: str
    seen: Seen
    coded: np.ndarray
    counts: np.ndarray
    triggers: list[tuple[int, int, int]]

    @property
    def doc_id(self) -> str:
        return self.passage.row.doc_id

    @property
    def key(self) -> tuple[str, int, str]:
        return self.doc_id, self.passage.row.sentence_id, self.actor


def read(folder: Path, book: Codebook, coded: Gold) -> list[Pair]:
    """Every actor at hand in every coded sentence, in the order of set, article, sentence and actor.

    Raises InputError when none of the coded articles is in the folder.
    """
    wanted = set(coded.units["doc_id"])
    found = [item for item in articles.read([folder], book) if isinstance(item, Article) and item.doc_id in wanted]
    if not found:
        raise InputError(f"{folder}: holds none of the {len(wanted)} coded articles; name the folder that does")
    _, sentences = workbench.split(found, book)
    labels = _labels(sentences, coded)
    near = sentences[_near(sentences, labels)]
    return sorted(_pairs(near, labels, book), key=lambda pair: (pair.set, pair.key))


def _labels(sentences: pd.DataFrame, coded: Gold) -> dict[tuple[str, int], tuple[str, pd.DataFrame]]:
    """Article and sentence -> the set that codes it, and the claims whose trigger has its middle there."""
    found: dict[tuple[str, int], tuple[str, pd.DataFrame]] = {}
    by_doc = dict(list(sentences.groupby("doc_id", sort=False)))
    claims = dict(list(coded.claims.groupby(["set", "doc_id"])))
    for (name, doc_id), units in coded.units.groupby(["set", "doc_id"]):
        lines = by_doc.get(doc_id)
        if lines is None:
            continue
        middle = ((lines["start"] + lines["end"]) / 2).to_numpy()[:, None]
        inside = ((middle >= units["start"].to_numpy()) & (middle < units["end"].to_numpy())).any(axis=1)
        held = claims.get((name, doc_id), coded.claims.head(0))
        place = (held["trigger_start"] + held["trigger_end"]) / 2
        for row in lines[inside].itertuples():
            here = held[(place >= row.start) & (place < row.end)]
            found.setdefault((doc_id, row.sentence_id), (name, here))
    return found


def _near(sentences: pd.DataFrame, labels: dict) -> list[bool]:
    """Whether a sentence is coded or so near to one that is that its features take notice of it."""
    reach = range(-2 * features.LOOK_BACK, features.LOOK_BACK + 1)
    wanted = {(doc_id, number + step) for doc_id, number in labels for step in reach}
    return [key in wanted for key in zip(sentences["doc_id"], sentences["sentence_id"], strict=True)]


def _pairs(sentences: pd.DataFrame, labels: dict, book: Codebook) -> Iterator[Pair]:
    index = cues.index(book)
    for document in tqdm(passages(sentences, book), desc="articles", unit="", disable=None):
        found = [cues.find(passage, index, book) for passage in document]
        for passage, actors in zip(document, features.describe(document, found, book.roles), strict=True):
            key = passage.row.doc_id, passage.row.sentence_id
            if key in labels:
                name, claims = labels[key]
                for actor, seen in actors.items():
                    mine = claims[claims["bearer"] == actor]
                    places = zip(mine["frame"], mine["trigger_start"], mine["trigger_end"], strict=True)
                    start = passage.row.start
                    triggers = [(FRAMES.index(frame), a - start, b - start) for frame, a, b in places]
                    yield Pair(name, passage, actor, seen, *_codes(mine), triggers)


def _codes(claims: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Whether each frame is coded, and whether that counts: a claim of one reading only is never asked for."""
    agreed = np.array([((claims["frame"] == frame) & (claims["agreed"] == 1)).any() for frame in FRAMES])
    contested = np.array([((claims["frame"] == frame) & (claims["agreed"] == 0)).any() for frame in FRAMES])
    return agreed, agreed | ~contested


def folds(coded: Gold) -> dict[str, int]:
    """The fold of each article that is learned from."""
    train, other = (sorted(set(coded.units.loc[coded.units["set"] == name, "doc_id"])) for name in LEARNED)
    random.Random(SEED).shuffle(train)
    return {doc_id: n % FOLDS for some in (other, train) for n, doc_id in enumerate(some)}


def learned(pairs: Sequence[Pair], fold: dict[str, int], held_out: int | None) -> np.ndarray:
    """Which pairs are trained on: all but those of the articles of the fold held out, in whatever set they are."""
    return np.array([pair.set in LEARNED and (held_out is None or fold.get(pair.doc_id) != held_out) for pair in pairs])


# ---------------------------------------------------------------- features


def fit(pairs: Sequence[Pair], chosen: np.ndarray) -> linear.Weights:
    """The weights of the features, by logistic regression for each frame, rounded as they are shipped."""
    some = [pair for pair, one in zip(pairs, chosen, strict=True) if one]
    times = pd.Series([feature for pair in some for feature in pair.seen]).value_counts()
    vocabulary = {feature: i for i, feature in enumerate(sorted(times.index[times >= MIN_PAIRS]))}
    matrix = _matrix(some, vocabulary)
    coefficients, constants = [], []
    for frame in range(len(FRAMES)):
        coded = np.array([pair.coded[frame] for pair in some])
        counts = np.array([pair.counts[frame] for pair in some], dtype=float)
        model = LogisticRegression(C=STRENGTH, solver="liblinear", random_state=1)
        model.fit(matrix, coded, sample_weight=counts)
        coefficients.append(model.coef_[0])
        constants.append(model.intercept_[0])
    table = np.column_stack(coefficients)
    kept = np.abs(table).max(axis=1) >= MIN_WEIGHT
    weights = {feature: table[i].round(DIGITS) for feature, i in vocabulary.items() if kept[i]}
    return {linear.CONSTANT: np.array(constants).round(DIGITS)} | weights


def _matrix(pairs: Sequence[Pair], vocabulary: dict[str, int]) -> csr_matrix:
    """One row per pair, one column per feature: 1 where it is seen."""
    columns = [sorted(vocabulary[feature] for feature in pair.seen if feature in vocabulary) for pair in pairs]
    ends = np.cumsum([0, *map(len, columns)])
    indices = np.concatenate([np.array(row, dtype=int) for row in columns])
    return csr_matrix((np.ones(len(indices)), indices, ends), (len(pairs), len(vocabulary)))


def cross_fit(pairs: Sequence[Pair], fold: dict[str, int]) -> np.ndarray:
    """The log-odds of each pair by its features, from weights that saw nothing of its article."""
    odds = np.zeros((len(pairs), len(FRAMES)))
    mine = np.array([fold.get(pair.doc_id, -1) for pair in pairs])
    for held_out in (None, *range(FOLDS)):
        weights = fit(pairs, learned(pairs, fold, held_out))
        for i in np.flatnonzero(mine == (-1 if held_out is None else held_out)):
            odds[i] = linear.score(pairs[i].seen, weights)
    return odds
