"""How often the 95 % interval of the similarity of two groups holds the true one, by the number of articles.

    python -m benchmarks.similarity

The articles of each group are taken as the whole; as many of each are drawn, none twice, and at most half of a
group, since an article drawn twice would be its own copy. The weights of terms are those of all articles.
"""

import numpy as np
import pandas as pd

from analysis import contracts
from analysis.measures import similarity

PAIRS = (("British press", "US press"), ("KCNA", "US press"), ("KCNA", "White House"), ("US press", "White House"))
DRAWS = 600
SIZES = (5, 10, 20, 40, 100)


def coverage(own, other, size: int) -> tuple[float, float, float]:
    """Coverage of the interval, and the median cosine and similarity of the draws."""
    truth, rng, rows = similarity._compare(own, other)[1], np.random.default_rng(size), []
    for _ in range(DRAWS):
        drawn = (group[rng.choice(group.shape[0], size, replace=False)] for group in (own, other))
        rows.append(similarity._compare(*drawn))
    table = pd.DataFrame(rows, columns=["cosine", "similarity", "low", "high"]).dropna()
    held = (table["low"] <= truth) & (truth <= table["high"])
    return held.mean(), table["cosine"].median(), table["similarity"].median()


def main() -> None:
    documents, terms = contracts.read("documents"), contracts.read("terms")
    groups = documents.set_index("doc_id")["group"]
    vectors = similarity._vectors(terms, groups[groups.isin(np.unique(PAIRS))])
    print(f"{DRAWS} draws of so many articles on each side; share of 95 % intervals that hold the similarity of all")
    print("articles  coverage  cosine  similarity  of all: cosine  similarity")
    for a, b in PAIRS:
        print(f"{a} and {b}: {vectors[a].shape[0]:,} and {vectors[b].shape[0]:,} articles")
        whole = similarity._compare(vectors[a], vectors[b])
        for size in SIZES:
            if 2 * size <= min(vectors[a].shape[0], vectors[b].shape[0]):
                figures = coverage(vectors[a], vectors[b], size)
                print("{:8d}  {:8.3f}  {:6.2f}  {:10.2f}  {:14.2f}  {:10.2f}".format(size, *figures, *whole[:2]))


if __name__ == "__main__":
    main()
