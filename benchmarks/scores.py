"""How often the 95 % interval of a score against coded text holds the true F1, by the number of articles.

    python -m benchmarks.scores

The articles of the coded set `train` are taken as the whole, so that the true F1 of the claims in data/tables
is known; articles are drawn from it with replacement, and the interval is made from the draw.
"""

import numpy as np
import pandas as pd

from analysis import contracts
from analysis.contracts import FRAMES
from analysis.measures import jackknife
from analysis.validation import gold, scores

DRAWS = 4000
SIZES = (5, 20, 71)


def counts() -> tuple[np.ndarray, np.ndarray]:
    """Twice the hits, and claims coded and found: articles x (all frames, then each)."""
    coded = gold.read()
    keys = scores.match(coded, contracts.read("claims"), contracts.read("documents")).query("set == 'train'")
    parts = {"top": 2 * keys["hit"], "below": keys["coded"].astype(int) + (keys["found"] & ~keys["contested"])}
    sums = keys.assign(**parts).groupby(["doc_id", "frame"])[["top", "below"]].sum().unstack("frame", fill_value=0)
    sums = sums.reindex(coded.units.loc[coded.units["set"] == "train", "doc_id"].unique(), fill_value=0)
    top, below = (sums[name][list(FRAMES)].to_numpy(float) for name in ("top", "below"))
    return tuple(np.column_stack([part.sum(axis=1), part]) for part in (top, below))


def coverage(top: np.ndarray, below: np.ndarray, size: int) -> pd.DataFrame:
    """Of the draws with an interval, the share that hold the true F1; and the share of draws with one."""
    truth, rng, held = top.sum(axis=0) / below.sum(axis=0), np.random.default_rng(size), []
    # A draw without a claim of some frame has no score of it.
    with np.errstate(invalid="ignore", divide="ignore"):
        for _ in range(DRAWS):
            drawn = rng.integers(len(top), size=size)
            low, high = jackknife(top[drawn], below[drawn])
            held.append(np.where(np.isnan(low), np.nan, (low <= truth) & (truth <= high)))
    table = pd.DataFrame(held, columns=["all", *FRAMES])
    return pd.DataFrame({"f1": truth, "coverage": table.mean().to_numpy(), "given": table.notna().mean().to_numpy()})


def main() -> None:
    top, below = counts()
    print(f"{DRAWS:,} draws of articles from {len(top)}; share of 95 % intervals that hold the true F1, where given")
    print("articles  frame          F1  coverage  given")
    for size in SIZES:
        for frame, row in zip(["all", *FRAMES], coverage(top, below, size).itertuples(), strict=True):
            print(f"{size:8d}  {frame:10s}  {row.f1:5.3f}  {row.coverage:8.3f}  {row.given:5.3f}")


if __name__ == "__main__":
    main()
