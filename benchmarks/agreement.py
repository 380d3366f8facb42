"""How often a 95 % interval of agreement holds the true value, by the number of articles: two ways in one run.

    python -m benchmarks.agreement [GOLD]

The articles of the coded set `train` are taken as the whole, and a second coder is simulated who
overlooks claims, and sees others, at a rate that differs from article to article, so that the true alpha and
F1 are known; articles are drawn from it with replacement, and each way makes its interval from the draw.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import codebook
from analysis.contracts import FRAMES
from analysis.validation import agreement

GOLD = Path(__file__).resolve().parent.parent / "data" / "gold"
DRAWS = 600
RESAMPLES = 1000
SIZES = (5, 10, 20, 40)
# Overlooked by the second coder: a quarter of the claims on average (a beta distribution), from almost
# none to more than half. Seen by the second alone: .08 claims a sentence on average, three for every four overlooked.
OVERLOOKED, ADDED = (2, 6), 0.32


def two_coders(folder: Path, rng: np.random.Generator) -> np.ndarray:
    """Articles x 2 x 2: claims absent and present, coder in the files by coder simulated."""
    units, claims = (pd.read_csv(folder / f"train_{name}.csv") for name in ("units", "claims"))
    read = units.groupby("doc_id").size()
    first = claims.drop_duplicates(["unit", "bearer", "frame"]).groupby("doc_id").size()
    first = first.reindex(read.index, fill_value=0).to_numpy()
    rate = rng.beta(*OVERLOOKED, len(read))
    both, added = rng.binomial(first, 1 - rate), rng.poisson(ADDED * rate * read)
    possible = read.to_numpy() * len(codebook.read().actors) * len(FRAMES)
    return np.array([[possible - first - added, added], [first - both, both]], float).transpose(2, 0, 1)


def percentiles(drawn: np.ndarray, statistic, rng: np.random.Generator) -> np.ndarray:
    """Of articles drawn again with replacement (percentile bootstrap)."""
    weights = rng.multinomial(len(drawn), np.full(len(drawn), 1 / len(drawn)), size=RESAMPLES)
    return np.nanpercentile(statistic(np.tensordot(weights, drawn, 1)), [2.5, 97.5])


def coverage(counts: np.ndarray, size: int, statistic) -> list[float]:
    """Share of draws in which jackknife and percentiles hold the true value; without an interval, not held."""
    truth, rng, held = statistic(counts.sum(axis=0)), np.random.default_rng(size), []
    for _ in range(DRAWS):
        drawn = counts[rng.integers(len(counts), size=size)]
        tells = drawn.sum(axis=(1, 2)) > drawn[:, 0, 0]
        ways = (agreement.interval(drawn, tells, statistic), percentiles(drawn, statistic, rng))
        held.append([low <= truth <= high for low, high in ways])
    return np.mean(held, axis=0).tolist()


def main() -> None:
    counts = two_coders(Path(*sys.argv[1:2] or [GOLD]), np.random.default_rng(0))
    print(f"{DRAWS} draws from {len(counts)} articles; share of 95 % intervals that hold the true value")
    print("measure  articles  jackknife  bootstrap")
    for statistic in (agreement.alpha, agreement.f1):
        for size in SIZES:
            figures = coverage(counts, size, statistic)
            print("{:7s}  {:8d}  {:9.3f}  {:9.3f}".format(statistic.__name__, size, *figures))


if __name__ == "__main__":
    main()
