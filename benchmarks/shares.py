"""How often the 95 % intervals of corrected shares hold the true share, and how wide they are.

    python -m benchmarks.shares

The truth has to be known, so the coded passages of each collection are made into a large collection of
articles: one for each coded article, as long as it is, over and over, each of its passages drawn from the
article's own coded ones or, as often, from another article's. Articles are drawn from it, some of them are
coded as data/gold was (one passage each, at random), and the intervals made: of what the machine found, of
what is corrected with the coded passages, and as for passages that are independent rows (what prediction-
powered inference for a mean gives, as in ppi-python). An interval that is not given holds nothing and is not counted.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis import codebook, contracts
from analysis.contracts import FRAMES
from analysis.measures import jackknife
from analysis.validation import gold, shares

DRAWS = 400
SIZES = (5, 10, 20, 40, 80, 160)
# Articles read for each that is coded: in the press nearly all are coded, of KCNA 2011-2012 one in ten.
READ = (1.2, 10)
# Articles that are coded whole, as the five pages of the seeds; with more of them other settings tell as much.
WHOLE, WHOLE_SIZES = 1, (5, 10)
COPIES = 40
# Coded articles of the collection that a population is made from: from fewer it would be nothing but copies.
MIN_CODED = 40
# Where most intervals are withheld, those that are shown passed the rule by chance.
MOST = 0.5
# The coverage that is asked for at least.
ENOUGH = 0.92
# Rules that are tried: so many coded articles, at least, lay the frame on each of the two actors.
RULES = (1, 2, 3, 4, 5, 6)
SETTING = ["collection", "frame", "size", "read"]


class Population(NamedTuple):
    """passages: coded and checked, first and second, and sentences; start, n: the passages of each article."""

    passages: np.ndarray
    start: np.ndarray
    n: np.ndarray

    @property
    def articles(self) -> np.ndarray:
        return np.add.reduceat(self.passages, self.start)


def populate(coded: pd.DataFrame, rng: np.random.Generator) -> Population:
    """Articles made of the coded passages of one collection and frame (rows of `shares.passages`, by article)."""
    coded = coded.sort_values(["doc_id", "start"], ignore_index=True)
    rows = coded.groupby("doc_id").agg(n=("blocks_in_doc", "max"), k=("start", "size"))
    n = np.tile(rows["n"].to_numpy(), COPIES)
    first, k = np.tile(rows["k"].cumsum() - rows["k"], COPIES), np.tile(rows["k"], COPIES)
    own = np.repeat(first, n) + rng.integers(np.repeat(k, n))
    drawn = np.where(rng.random(n.sum()) < 0.5, own, rng.integers(len(coded), size=n.sum()))
    values = coded[[*shares.SUMS[2:6], "sentences"]].to_numpy(float)
    return Population(values[drawn], np.cumsum(n) - n, n)


def as_rows(population: Population, drawn: np.ndarray, coded: np.ndarray, power: float) -> tuple[float, float]:
    """The interval for passages as independent rows of equal weight, with the normal distribution."""
    every = np.concatenate([np.arange(population.start[a], population.start[a] + population.n[a]) for a in drawn])
    y, x, whole = population.passages[coded, 0:2], population.passages[coded, 2:4], population.passages[every, 2:4]
    total = power * whole.mean(axis=0) + (y - power * x).mean(axis=0)
    share = total[0] / total.sum()
    side = np.array([1 - share, -share]) / total.sum()
    error = np.sqrt(np.var((y - power * x) @ side) / len(coded) + np.var(power * whole @ side) / len(every))
    return share - 1.96 * error, share + 1.96 * error


def draw(population: Population, articles: np.ndarray, size: int, n: int, power: float, rng) -> dict:
    """One draw: intervals as found, corrected and for independent rows; the share of these articles; each (the rule).

    One passage of each of the first `size` articles is coded; all of them where no more articles are read.
    """
    drawn = rng.integers(len(articles), size=n)
    coded = population.start[drawn[:size]] + rng.integers(population.n[drawn[:size]])
    weight = n / size * population.n[drawn[:size], None]
    sums = np.zeros((n, len(shares.SUMS)))
    sums[:, [0, 1, 6]] = articles[drawn][:, [2, 3, 4]]
    sums[:size, [2, 3, 4, 5, 7]] = weight * population.passages[coded] if n > size else articles[drawn]
    return {
        "each": (sums[:, 2:4] > 0).sum(axis=0).min(),
        "found": np.array(jackknife(sums[:, :1], sums[:, :2].sum(axis=1, keepdims=True)))[:, 0],
        "corrected": shares.estimate(sums, np.zeros(n, dtype=int), power)[1:],
        "rows": as_rows(population, drawn, coded, power),
        "these": articles[drawn, 0].sum() / articles[drawn, :2].sum(),
    }


def measure(population: Population, size: int, n: int, power: float, rng: np.random.Generator) -> pd.DataFrame:
    """One row per draw: each, which intervals hold the truth (missing where there is none), and how wide they are."""
    articles = population.articles
    truth = articles[:, 0].sum() / articles[:, :2].sum()
    rows = []
    # Draws in which nothing was found or coded have no share and no interval.
    with np.errstate(invalid="ignore", divide="ignore"):
        for _ in range(DRAWS):
            one = draw(population, articles, size, n, power, rng)
            row = {"each": one["each"], "these": holds(one["corrected"], one["these"])}
            row |= {f"wide_{name}": one[name][1] - one[name][0] for name in ("found", "corrected")}
            rows.append(row | {name: holds(one[name], truth) for name in ("found", "corrected", "rows")})
    return pd.DataFrame(rows)


def holds(interval: tuple[float, float], truth: float) -> float:
    low, high = interval
    return np.nan if np.isnan(low + high) else float(low <= truth <= high)


def simulate() -> pd.DataFrame:
    """Every draw of every setting: collection, frame, size (articles coded), read (for each coded), and `measure`."""
    read = shares.Read(*(contracts.read(name) for name in ("documents", "sentences", "claims")))
    pair = codebook.read().focus
    seen = shares.evidence(read, gold.read(), gold.read_blocks())
    powers = {frame: shares.power(rows) for frame, rows in shares.tally(seen, pair).groupby("frame")}
    parts = []
    for (collection, frame), coded in shares.passages(seen, pair).groupby(["collection", "frame"]):
        laid = coded[["coded_first", "coded_second"]].sum()
        if coded["doc_id"].nunique() < MIN_CODED or not laid.min():
            continue
        # Each population and its draws have a stream of their own, so that one more changes no other.
        rng = np.random.default_rng([*collection.encode(), FRAMES.index(frame)])
        population = populate(coded, rng)
        for times in (WHOLE, *READ):
            for size in SIZES if times > WHOLE else WHOLE_SIZES:
                some = measure(population, size, int(np.ceil(times * size)), powers[frame], rng)
                parts.append(some.assign(collection=collection, frame=frame, size=size, read=times))
    return pd.concat(parts, ignore_index=True)


def shown(draws: pd.DataFrame, rule: int = shares.MIN_EACH) -> pd.DataFrame:
    """The draws in which a corrected interval is given."""
    return draws[(draws["each"] >= rule) & draws["corrected"].notna()]


def summary(draws: pd.DataFrame, by: list[str], rule: int = shares.MIN_EACH) -> pd.DataFrame:
    """Coverage of each interval: `found` in all draws, the others in those in which a corrected one is given."""
    table = draws.groupby(by).agg(n=("each", "size"), found=("found", "mean"))
    given = shown(draws, rule).assign(width=lambda rows: rows["wide_corrected"] / rows["wide_found"])
    how = {name: (name, "mean") for name in ("corrected", "these", "rows")}
    table = table.join(given.groupby(by).agg(given=("each", "size"), **how, width=("width", "median")))
    return table.assign(given=table["given"].fillna(0) / table["n"])


def rules(draws: pd.DataFrame) -> pd.DataFrame:
    """What each rule shows: intervals, their coverage, and the lowest of a size and of a setting that is mostly shown.

    by_chance is the coverage of those shown in settings that are mostly withheld.
    """
    rows = []
    for rule in RULES:
        sizes, cells = summary(draws, ["size"], rule), summary(draws, SETTING, rule)
        # 100 draws: a coverage from fewer is off by .02 as easily as not.
        sizes, most = sizes[sizes["given"] * sizes["n"] >= 100], cells[cells["given"] >= MOST]
        given = shown(draws, rule).set_index(SETTING)["corrected"]
        chance = given[~given.index.isin(most.index)].mean()
        lowest = sizes["corrected"].min(), most["corrected"].min()
        rows.append((rule, len(given), given.mean(), chance, len(most), (most["corrected"] < ENOUGH).sum(), *lowest))
    columns = ["each", "shown", "coverage", "by_chance", "settings", "below_92", "lowest_size", "lowest_setting"]
    return pd.DataFrame(rows, columns=columns)


def main() -> None:
    draws = simulate()
    print(f"{len(draws):,} draws, {DRAWS} of each setting; nominal 95 %. given: share of draws in which a corrected")
    print("interval is shown; coverage of: found (not corrected), corrected, the same for the share of the very")
    print("articles drawn (these), passages as independent rows (rows); width: corrected by found (median)")
    print(f"size: articles coded, one passage each; read: articles read for each coded ({WHOLE}: those coded, whole)")
    for by in (["read"], ["size"], ["collection"], ["frame"]):
        print(summary(draws, by).round(3).to_string(), end="\n\n")
    print("By the rule: coded articles that lay the frame on each actor, at least (MIN_EACH is", f"{shares.MIN_EACH})")
    print(rules(draws).round(3).to_string(index=False), end="\n\n")
    cells = summary(draws, SETTING)
    print(f"The settings with a coverage below {ENOUGH}, of those that are mostly shown:")
    low = cells[(cells["given"] >= MOST) & (cells["corrected"] < ENOUGH)]
    print(low.sort_values("corrected").round(3).to_string())


if __name__ == "__main__":
    main()
