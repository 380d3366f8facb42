"""Weights of features, as plain numbers: how much each speaks for a claim on the actor it is seen of."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis import InputError
from analysis.codebook import read_sheet
from analysis.contracts import FRAMES
from analysis.measures.claims.features import NOWHERE

WEIGHTS = Path(__file__).resolve().parents[3] / "data" / "models" / "claims.csv"
COLUMNS = {"feature": "as features.describe gives it; the constant stands in brackets"} | {
    frame: f"what it adds to the log-odds of {frame}" for frame in FRAMES
}
CONSTANT = "(constant)"


class Weights(NamedTuple):
    """One row of numbers for each feature, one column for each frame."""

    constant: np.ndarray
    rows: dict[str, int]
    numbers: np.ndarray


@cache
def read(path: Path = WEIGHTS) -> Weights:
    """The weights in a csv of the columns feature and the frames.

    Raises InputError for a missing or malformed file, a cell that is no number, and a file without a constant.
    """
    table = read_sheet(path, COLUMNS, ["feature"])
    numbers = table[list(FRAMES)].apply(pd.to_numeric, errors="coerce")
    wrong = numbers.isna().any(axis=1)
    if wrong.any():
        line = int(wrong.to_numpy().argmax()) + 2
        raise InputError(f"{path}: line {line}: a weight is no number; train again with `python -m training.claims`")
    if table["feature"].head(1).tolist() != [CONSTANT]:
        raise InputError(f"{path}: the first row is not {CONSTANT}; train again with `python -m training.claims`")
    return as_weights(table["feature"], numbers.to_numpy(float))


def as_weights(features: Sequence[str], numbers: np.ndarray) -> Weights:
    """The weights of features, one row of `numbers` for each, the first of them CONSTANT."""
    assert features[0] == CONSTANT
    return Weights(numbers[0], {feature: row for row, feature in enumerate(features[1:], start=1)}, numbers)


def score(seen: dict[str, int], weights: Weights) -> np.ndarray:
    """The log-odds of each frame, from the features seen of an actor (a logistic regression)."""
    # Sorted: the sum of floats depends on their order, and that of the features on the parse.
    known = sorted(weights.rows[one] for one in seen.keys() & weights.rows.keys())
    return weights.constant + weights.numbers[known].sum(axis=0)


def carrier(seen: dict[str, int], weights: Weights, frame: int) -> int:
    """The number of the token whose features speak most for a frame, NOWHERE where none does."""
    by_token: dict[int, float] = {}
    for feature, token in sorted(seen.items()):
        if token != NOWHERE and feature in weights.rows:
            by_token[token] = by_token.get(token, 0.0) + weights.numbers[weights.rows[feature], frame]
    best = max(by_token, key=lambda token: (by_token[token], -token), default=NOWHERE)
    return best if best != NOWHERE and by_token[best] > 0 else NOWHERE
