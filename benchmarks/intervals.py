"""How often a 95 % interval holds the true share, by the number of articles: three ways in one run.

    python -m benchmarks.intervals

The articles of the largest group of the press are taken as the whole, so that the true shares are
known; articles are drawn from it with replacement, and each way makes its interval from the draw.
"""

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from analysis import codebook, contracts
from analysis.measures import jackknife

GROUP = "US press"
DRAWS = 600
RESAMPLES = 300
SIZES = (3, 5, 10, 20, 40)


def shares() -> tuple[np.ndarray, np.ndarray]:
    """Sentences with each of four claims, and sentences read: articles x claims."""
    documents, claims = contracts.read("documents"), contracts.read("claims")
    read = documents[(documents["group"] == GROUP) & (documents["n_sentences"] > 0)].set_index("doc_id")["n_sentences"]
    columns = pd.MultiIndex.from_product([codebook.read().focus, ("obligation", "blame")])
    hits = claims.drop_duplicates(["doc_id", "sentence_id", "bearer", "frame"])
    hits = hits.groupby(["doc_id", "bearer", "frame"]).size().unstack(["bearer", "frame"], fill_value=0)
    hits = hits.reindex(index=read.index, columns=columns, fill_value=0).to_numpy(float)
    return hits, np.repeat(read.to_numpy(float)[:, None], hits.shape[1], axis=1)


def wilson(hits: np.ndarray, read: np.ndarray) -> np.ndarray:
    """Over sentences, as if they were independent."""
    pairs = zip(hits.sum(axis=0).astype(int), read.sum(axis=0).astype(int), strict=True)
    return np.array([binomtest(k, n).proportion_ci(method="wilson") for k, n in pairs]).T


def percentiles(hits: np.ndarray, read: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Of shares of articles drawn again with replacement (percentile bootstrap)."""
    weights = rng.multinomial(len(hits), np.full(len(hits), 1 / len(hits)), size=RESAMPLES)
    return np.percentile((weights @ hits) / (weights @ read), [2.5, 97.5], axis=0)


def coverage(size: int) -> list[float]:
    """Share of draws in which jackknife, percentiles and Wilson hold the true share."""
    hits, read = shares()
    truth, rng, held = hits.sum(axis=0) / read.sum(axis=0), np.random.default_rng(0), []
    for _ in range(DRAWS):
        drawn = rng.integers(len(hits), size=size)
        h, n = hits[drawn], read[drawn]
        by_wilson = wilson(h, n)
        ways = [np.array(jackknife(h, n)), percentiles(h, n, rng), by_wilson]
        # Where nothing was found every way falls back on Wilson's limit, as the tables do.
        ways = [np.where(np.isnan(way) | (h.sum(axis=0) == 0), by_wilson, way) for way in ways]
        held.append([((low <= truth) & (truth <= high)).mean() for low, high in ways])
    return np.mean(held, axis=0).tolist()


def main() -> None:
    print(f"{DRAWS} draws of articles from {GROUP}; share of 95 % intervals that hold the true share")
    print("articles  jackknife  bootstrap  Wilson over sentences")
    for size in SIZES:
        print("{:8d}  {:9.3f}  {:9.3f}  {:21.3f}".format(size, *coverage(size)))


if __name__ == "__main__":
    main()
