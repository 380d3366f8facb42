"""How often the 95 % intervals of corrected shares hold the true share, and how wide they are.

    python -m benchmarks.shares

The truth has to be known, so the articles of each collection that were coded whole stand for a large collection in
which each comes as often as any other. Articles are drawn from it, some of them are coded, and the intervals made: of
what the machine found, of what is corrected with the coded articles, and as for articles that are independent rows
(what prediction-powered inference for a mean gives, as in ppi-python). An interval that is not given holds nothing
and is not counted. Articles of which one passage of several is coded
(dev) are left out.
"""

import numpy as np
import pandas as pd

from analysis import codebook, contracts
from analysis.contracts import FRAMES
from analysis.measures import jackknife
from analysis.validation import gold, shares

DRAWS = 400
SIZES = (5, 10, 20, 40, 80, 160)
# Articles read for each that is coded: of the seeds all are coded, in the press nearly all, of KCNA 2011-2012 one in
# ten.
READ = (1, 1.2, 10)
# Articles coded whole of the collection that stands for a large one: fewer would be nothing but copies.
MIN_CODED = 40
# Where most intervals are withheld, those that are shown passed the rule by chance.
MOST = 0.5
# The coverage that is asked for at least.
ENOUGH = 0.92
# Rules that are tried: so many coded articles, at least, lay the frame on each of the two actors.
RULES = (1, 2, 3, 4, 5, 6)
# Of an article: claims coded and found on the first and on the second actor, and its sentences.
COUNTS = [*shares.SUMS[2:6], "sentences"]
SETTING = ["collection", "frame", "size", "read"]


def as_rows(uncoded: np.ndarray, coded: np.ndarray, power: float) -> tuple[float, float]:
    """The interval for articles as independent rows of equal weight, with the normal distribution.

    uncoded: the articles that are only read; with none of them there is no interval.
    """
    if not len(uncoded):
        return np.nan, np.nan
    y, x, whole = coded[:, 0:2], coded[:, 2:4], uncoded[:, 2:4]
    total = power * whole.mean(axis=0) + (y - power * x).mean(axis=0)
    share = total[0] / total.sum()
    side = np.array([1 - share, -share]) / total.sum()
    error = np.sqrt(np.var((y - power * x) @ side) / len(coded) + np.var(power * whole @ side) / len(uncoded))
    return share - 1.96 * error, share + 1.96 * error


def draw(articles: np.ndarray, size: int, n: int, power: float, rng: np.random.Generator) -> dict:
    """One draw of `n` articles, `size` of them coded: the three intervals, the share of these articles, and each.

    articles: COUNTS of each that can be drawn. each: how many of those coded lay the frame on the
    first actor or, where they are fewer, on the second.
    """
    drawn = articles[rng.integers(len(articles), size=n)]
    coded = drawn[:size]
    sums = np.zeros((n, len(shares.SUMS)))
    sums[:, [0, 1, 6]] = drawn[:, [2, 3, 4]]
    sums[:size, [2, 3, 4, 5, 7]] = n / size * coded
    return {
        "each": (coded[:, :2] > 0).sum(axis=0).min(),
        "found": np.array(jackknife(sums[:, :1], sums[:, :2].sum(axis=1, keepdims=True)))[:, 0],
        "corrected": shares.estimate(sums, np.zeros(n, dtype=int), power)[1:],
        "rows": as_rows(drawn[size:], coded, power),
        "these": drawn[:, 0].sum() / drawn[:, :2].sum(),
    }


def measure(articles: np.ndarray, size: int, n: int, power: float, rng: np.random.Generator) -> pd.DataFrame:
    """One row per draw: each, which intervals hold the truth (missing where there is none), and how wide they are."""
    truth = articles[:, 0].sum() / articles[:, :2].sum()
    rows = []
    # Draws in which nothing was found or coded have no share and no interval.
    with np.errstate(invalid="ignore", divide="ignore"):
        for _ in range(DRAWS):
            one = draw(articles, size, n, power, rng)
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
    seen = shares.evidence(read, gold.read(), *shares.at_hand(read.documents))
    powers = {frame: shares.power(rows) for frame, rows in shares.tally(seen, pair).groupby("frame")}
    whole = shares.passages(seen, pair).query("blocks_in_doc == 1")
    parts = []
    for (collection, frame), coded in whole.groupby(["collection", "frame"]):
        articles = coded.sort_values("doc_id")[COUNTS].to_numpy(float)
        if len(articles) < MIN_CODED or not articles[:, :2].sum(axis=0).min():
            continue
        # Each collection and frame has a stream of its own, so that one more changes no other.
        rng = np.random.default_rng([*collection.encode(), FRAMES.index(frame)])
        for times in READ:
            for size in SIZES:
                some = measure(articles, size, int(np.ceil(times * size)), powers[frame], rng)
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
    print("articles drawn (these; always where all are coded), articles as independent rows (rows; none where all are")
    print("coded); width: corrected by found (median)")
    print("size: articles coded; read: articles read for each coded")
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
