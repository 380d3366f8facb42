"""How far before-and-after intervals and change points can be trusted, on articles whose truth is known.

    python -m benchmarks.timeline

Articles of the two largest groups with dates are drawn as if they stood before and after an event,
from two years whose shares are known, and dealt to periods at random, where there is no change to find.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis import codebook, contracts, tables, timeline
from analysis.measures.similarity import one_per_cluster

DRAWS = 600
SIZES = (3, 5, 10, 20, 40)
PENALTIES = (2.0, 3.0, 4.0)
SHUFFLES = 100


def series() -> Iterator[tuple[str, pd.DataFrame]]:
    """Burden balance, and obligation and blame on either actor, of the two groups with most articles."""
    documents, claims, pair = contracts.read("documents"), contracts.read("claims"), codebook.read().focus
    largest = documents["group"].value_counts().index[:2]
    documents = one_per_cluster(documents[documents["group"].isin(largest)], "group")
    wanted = [(pair[0], ("obligation", "blame"), pair[1])]
    wanted += [(actor, (frame,), None) for actor in pair for frame in ("obligation", "blame")]
    for bearer, frames, against in wanted:
        articles = timeline.counted(documents, claims, bearer, frames, against)
        yield from articles[articles["base"] > 0].groupby("group")


def coverage(size: int) -> tuple[float, float]:
    """Share of draws in which the interval of a difference holds the true one, and of those with an interval."""
    rng, held, known = np.random.default_rng(0), [], []
    for _, cell in series():
        years = cell["date"].dt.year
        one, other = (cell[years == year] for year in sorted(years.value_counts().index[:2]))
        truth = other["hits"].sum() / other["base"].sum() - one["hits"].sum() / one["base"].sum()
        for _ in range(DRAWS // 10):
            levels = [timeline._level(part.sample(size, replace=True, random_state=rng)) for part in (one, other)]
            _, low, high = timeline._difference(*(level[2:] for level in levels))
            known.append(not np.isnan(low))
            held += [low <= truth <= high] if known[-1] else []
    return float(np.mean(held)), float(np.mean(known))


def false_alarms(penalty: float) -> list[float]:
    """For each series, by quarter and by month, the share of shuffles in which a change is found."""
    rng, rates = np.random.default_rng(0), []
    timeline.PENALTY = penalty
    for _, cell in series():
        for every in ("quarter", "month"):
            used = timeline._usable(cell.assign(period=tables.periods(cell, every)).dropna(subset="period"))
            counts, codes = used[["hits", "base"]].to_numpy(float), pd.factorize(used["period"])[0]
            found = [bool(timeline._breaks(counts, rng.permutation(codes))) for _ in range(SHUFFLES)]
            rates.append(float(np.mean(found)))
    return rates


def main() -> None:
    print("articles on each side  intervals of a difference that hold it  draws with an interval")
    for size in SIZES:
        print("{:21d}  {:39.3f}  {:22.2f}".format(size, *coverage(size)))
    print("penalty  shuffles with a change: mean  lowest  highest")
    for penalty in PENALTIES:
        rates = false_alarms(penalty)
        print(f"{penalty:7.1f}  {np.mean(rates):29.3f}  {min(rates):6.2f}  {max(rates):7.2f}")


if __name__ == "__main__":
    main()
