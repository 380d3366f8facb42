"""The weights of both readers of claims, from coded text.

    python -m training.claims ARTICLES

ARTICLES is the folder of the articles that data/gold codes. Reads data/models/scores.csv, what encoders that saw
nothing of an article say of it (`python -m training.encoder`). Writes into data/models claims.csv (weights of the
features), readers.csv (what each reader weighs, and its cut-offs), fast.csv (the claims that `fast` sees in the
articles of dev and seed) and unseen.csv (those that `close` sees in coded sentences that it learns from, with weights
that saw nothing of the article). Prints what features and encoder reach there alone and together.

Learned from train, targeted and added, the features from the passages in `data/gold/written` besides; everything is
chosen on folds of train's articles. dev and seed are only looked at.
"""

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from tqdm import tqdm

from analysis import InputError, codebook, workbench
from analysis.codebook import Codebook
from analysis.contracts import FRAMES
from analysis.corpus import articles
from analysis.corpus.articles import Article
from analysis.measures.claims import Passage, cues, features, linear, passages, readers
from analysis.measures.claims.features import Seen
from analysis.validation import gold
from analysis.validation.gold import Gold
from training import written

# Coded articles that are learned from, in the order of their say where one is in several: the last decides its fold.
LEARNED = ("added", "targeted", "train")
TESTED = ("dev", "seed")
# A third of train at a time: as many folds as the encoder can be trained for in an afternoon on two cores.
FOLDS, SEED = 3, 7
# On folds of train: of 3, 5 and 8 the first was best by .003; of .03 to .2 all within .006.
MIN_PAIRS, STRENGTH = 3, 0.05
# What a written passage counts, one of news being 1: on folds of train F1 of the features is .003 higher than with 1.
WORTH = 0.3
# Weights under this are left out: a tenth of the file, and F1 within .003.
MIN_WEIGHT, DIGITS = 0.04, 3
# Where the cut-off is looked for.
CUTOFFS = np.arange(0.1, 0.6, 0.02)
FOLDER = readers.PATH.parent
# Log-odds by encoders that saw nothing of the article, from training.encoder.
SCORES = FOLDER / "scores.csv"
KEY = ["doc_id", "sentence_id", "actor"]
# Other features ask about a few other actors; of more than this part the encoder must have been asked before.
SCORED = 0.9
# Of a claim, what it takes to score it.
FOUND = ["doc_id", "start", "end", "bearer", "frame", "voice", "cue"]


class Pair(NamedTuple):
    """An actor in a coded sentence: what is seen of it, and of each frame whether it is coded and counts.

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


def material(folder: Path, book: Codebook) -> tuple[pd.DataFrame, Gold]:
    """All that is learned from or tried on: the sentences of coded articles and of written passages, and the codes.

    Raises InputError when none of the articles is in the folder, or a passage cannot be used.
    """
    coded = gold.read()
    parts = (sentences_of(folder, book, coded), coded), written.read(book)
    sentences, codes = zip(*parts, strict=True)
    together = (pd.concat(tables, ignore_index=True) for tables in zip(*codes, strict=True))
    return pd.concat(sentences, ignore_index=True), Gold(*together)


def sentences_of(folder: Path, book: Codebook, coded: Gold) -> pd.DataFrame:
    """The sentences of every coded article.

    Raises InputError when none of them is in the folder.
    """
    wanted = set(coded.units["doc_id"])
    found = [item for item in articles.read([folder], book) if isinstance(item, Article) and item.doc_id in wanted]
    if not found:
        raise InputError(f"{folder}: holds none of the {len(wanted)} coded articles; name the folder that does")
    return workbench.split(found, book)[1]


def read(sentences: pd.DataFrame, book: Codebook, coded: Gold) -> list[Pair]:
    """Every actor at hand in every coded sentence, in the order of set, article, sentence and actor."""
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
    """The fold of each coded article that is learned from; what was written to learn from has none."""
    by_set = {name: sorted(set(coded.units.loc[coded.units["set"] == name, "doc_id"])) for name in LEARNED}
    random.Random(SEED).shuffle(by_set["train"])
    return {doc_id: n % FOLDS for some in by_set.values() for n, doc_id in enumerate(some)}


def learned(pairs: Sequence[Pair], fold: dict[str, int], held_out: int | None) -> np.ndarray:
    """Which pairs are trained on: all but those of the articles of the fold held out, in every set."""
    used = {*LEARNED, written.SET}
    return np.array([pair.set in used and (held_out is None or fold.get(pair.doc_id) != held_out) for pair in pairs])


# ---------------------------------------------------------------- features


def fit(pairs: Sequence[Pair], chosen: np.ndarray) -> linear.Weights:
    """The weights of the features, by logistic regression for each frame, rounded as they are shipped."""
    some = [pair for pair, one in zip(pairs, chosen, strict=True) if one]
    times = pd.Series([feature for pair in some for feature in pair.seen]).value_counts()
    vocabulary = {feature: i for i, feature in enumerate(sorted(times.index[times >= MIN_PAIRS]))}
    matrix, worth = _matrix(some, vocabulary), np.array([WORTH if pair.set == written.SET else 1.0 for pair in some])
    coefficients, constants = [], []
    for frame in range(len(FRAMES)):
        coded = np.array([pair.coded[frame] for pair in some])
        counts = np.array([pair.counts[frame] for pair in some], dtype=float)
        model = LogisticRegression(C=STRENGTH, solver="liblinear", random_state=1)
        model.fit(matrix, coded, sample_weight=counts * worth)
        coefficients.append(model.coef_[0])
        constants.append(model.intercept_[0])
    table = np.column_stack(coefficients)
    kept = np.abs(table).max(axis=1) >= MIN_WEIGHT
    features = [linear.CONSTANT, *(feature for feature, i in vocabulary.items() if kept[i])]
    return linear.as_weights(features, np.vstack([constants, table[kept]]).round(DIGITS))


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


# ---------------------------------------------------------------- readers


def best_f1(pairs: Sequence[Pair], scores: np.ndarray, n_coded: int) -> float:
    """F1 at the cut-off where it is best, one for all frames; n_coded: coded claims, seeable or not."""
    coded, counts = (np.stack([getattr(pair, name) for pair in pairs]) for name in ("coded", "counts"))

    def f1(cutoff: float) -> float:
        found = (scores.round(readers.DIGITS) >= cutoff) & counts
        return 2 * (found & coded).sum() / (found.sum() + n_coded)

    return max(map(f1, CUTOFFS))


def cut_off(pairs: Sequence[Pair], scores: np.ndarray, n_coded: int) -> float:
    """Half of the best F1: the cut-off with the highest expected F1 where scores are probabilities.

    Lipton, Elkan & Naryanaswamy (2014). One for all frames; to take the cut-off at which F1 happens to be best is
    to follow chance, for F1 differs by less than .01 from .22 to .40.
    """
    return round(best_f1(pairs, scores, n_coded) / 2, readers.DIGITS)


def combine(pairs: Sequence[Pair], odds: np.ndarray, by_encoder: np.ndarray) -> np.ndarray:
    """Constant and the weights of features and encoder, frame by frame (rows).

    A logistic regression on both log-odds, of articles that neither was trained on (stacking; Wolpert 1992).
    """
    rows = []
    for frame in range(len(FRAMES)):
        x = np.column_stack([odds[:, frame], by_encoder[:, frame]])
        counts = np.array([pair.counts[frame] for pair in pairs], dtype=float)
        model = LogisticRegression().fit(x, [pair.coded[frame] for pair in pairs], sample_weight=counts)
        rows.append(np.round([model.intercept_[0], *model.coef_[0]], DIGITS))
    return np.array(rows)


def _sheet(name: str, rows: np.ndarray, cutoff: float) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["constant", "linear", "encoder"])
    table.insert(0, "frame", FRAMES)
    table.insert(0, "reader", name)
    return table.assign(cutoff=cutoff)


def _n_coded(coded: Gold) -> int:
    """Claims coded in train, once for each sentence, bearer and frame: of them the recall is a share."""
    claims = coded.claims[(coded.claims["set"] == "train") & (coded.claims["agreed"] == 1)]
    return len(claims.drop_duplicates(["unit", "bearer", "frame"]))


def unseen(pairs: Sequence[Pair], scores: np.ndarray, cutoff: float) -> pd.DataFrame:
    """The claims that score `cutoff` or more: doc_id, start and end (of the sentence), bearer, frame."""
    rows = []
    for pair, given in zip(pairs, scores.round(readers.DIGITS), strict=True):
        row = pair.passage.row
        rows += [
            (pair.doc_id, row.start, row.end, pair.actor, FRAMES[frame]) for frame in np.flatnonzero(given >= cutoff)
        ]
    return pd.DataFrame(rows, columns=["doc_id", "start", "end", "bearer", "frame"]).sort_values(
        ["doc_id", "start", "bearer", "frame"]
    )


# ---------------------------------------------------------------- the command


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and write; returns the exit status: 0 done, 2 input that cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m training.claims", description=__doc__.partition("\n")[0])
    parser.add_argument("articles", type=Path, help="folder of the articles that data/gold codes")
    options = parser.parse_args(arguments)
    try:
        book = codebook.read()
        sentences, coded = material(options.articles, book)
        write(read(sentences, book, coded), coded, pd.read_csv(SCORES))
        tested = coded.units.loc[coded.units["set"].isin(TESTED), "doc_id"]
        _save(readers.find(sentences[sentences["doc_id"].isin(tested)], book)[FOUND], FOLDER / "fast.csv")
    except (InputError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def write(pairs: Sequence[Pair], coded: Gold, scores: pd.DataFrame) -> None:
    """The weights, what the readers make of them, and what `close` sees in articles that it was not trained on."""
    fold = folds(coded)
    odds = cross_fit(pairs, fold)
    train = np.array([pair.set == "train" for pair in pairs])
    own = [pair for pair, one in zip(pairs, train, strict=True) if one]
    cutoff = cut_off(own, expit(odds[train]), _n_coded(coded))
    sheets = [_sheet("fast", np.tile([0.0, 1.0, 0.0], (len(FRAMES), 1)), cutoff)]
    sheets.append(_close(pairs, odds, coded, scores))
    weights = fit(pairs, learned(pairs, fold, None))
    table = pd.DataFrame(weights.numbers, columns=FRAMES)
    table.insert(0, "feature", [linear.CONSTANT, *weights.rows])
    _save(table, linear.WEIGHTS)
    _save(pd.concat(sheets), readers.PATH)


def _close(pairs: Sequence[Pair], odds: np.ndarray, coded: Gold, held: pd.DataFrame) -> pd.DataFrame:
    """The rows of `close`; writes what it sees in the articles that it learns from, by weights that did not."""
    by_key = {row[:3]: np.array(row[3:]) for row in held.itertuples(index=False, name=None)}
    likely = expit(odds).max(axis=1) >= readers.FLOOR
    asked = [i for i, pair in enumerate(pairs) if pair.set in LEARNED and likely[i]]
    kept = [i for i in asked if pairs[i].key in by_key]
    if len(kept) < SCORED * len(asked):
        known = f"has the scores of {len(kept):,} of the {len(asked):,} actors that `close` would ask about"
        raise InputError(f"{SCORES}: {known}; run `python -m training.encoder` with these articles")
    by_features, by_encoder = odds[kept], np.stack([by_key[pairs[i].key] for i in kept])
    # Only train was drawn at random.
    drawn = np.array([pairs[i].set == "train" for i in kept])
    own, n_coded = [pairs[i] for i in kept if pairs[i].set == "train"], _n_coded(coded)
    rows = combine(own, by_features[drawn], by_encoder[drawn])
    given = expit(rows[:, 0] + rows[:, 1] * by_features + rows[:, 2] * by_encoder)
    for name, scores in (("features", expit(by_features)), ("encoder", expit(by_encoder)), ("both", given)):
        best = best_f1(own, scores[drawn], n_coded)
        print(f"{name}: F1 {best:.3f} at its best cut-off on articles held out, n = {n_coded:,} coded claims")
    cutoff = cut_off(own, given[drawn], n_coded)
    _save(unseen([pairs[i] for i in kept], given, cutoff), FOLDER / "unseen.csv")
    return _sheet("close", rows, cutoff)


def _save(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, lineterminator="\n")
    print(f"{path}: {len(table):,} rows")


if __name__ == "__main__":
    sys.exit(main())
