"""How a share moves: before and after an event, and where its level shifts.

Both start from one table, `counted`: articles with the two numbers whose ratio is the share, so
that every share of the ledger can be asked the same questions. The intervals are those of `tables`;
a difference takes its interval from the two it lies between (Newcombe 1998, method 10).
"""

from collections.abc import Collection, Iterator, Sequence

import numpy as np
import pandas as pd
import ruptures
from scipy.special import xlogy

from analysis.measures import MIN_ARTICLES
from analysis.measures.similarity import one_per_cluster
from analysis.tables import MIN_SENTENCES, NO_CLAIMS, NOTHING, READ, TOO_LITTLE, periods, share_intervals

NO_CHANGE = "no change found"
# 8 periods: two levels of four each are the least in which a level is seen to hold.
MIN_PERIODS = 8
# A level lasts at least 2 periods; one alone is an outlier.
MIN_LEVEL = 2
# 3 log(periods) in deviance for each change. With articles dealt to quarters or months at random, where there is
# no change to find, 20 series of our two largest groups show one in 4 % of shuffles, 7 % at most; at 2 log(periods)
# in 14 %, at 4 log(periods) in 1 % (`python -m benchmarks.timeline`).
PENALTY = 3.0
# 200 resamples: a share of .5 is then known to within .07.
RESAMPLES = 200
# Where shuffled articles show a change more often than this, a change is no evidence.
CHANCE = 0.05


def counted(
    documents: pd.DataFrame, claims: pd.DataFrame, bearer: str, frames: Sequence[str], against: str | None = None
) -> pd.DataFrame:
    """The documents with `hits` and `base`, whose ratio over articles is a share.

    hits are the sentences that lay one of the frames on the bearer, once for each frame; base is the
    sentences read or, with another actor `against` it, the sentences that lay it on either (the burden
    balance). `claims` may be those of one voice.
    """
    once = claims[claims["frame"].isin(frames)].drop_duplicates(["doc_id", "sentence_id", "bearer", "frame"])
    laid = once.groupby(["bearer", "doc_id"]).size()
    hits, other = (
        documents["doc_id"].map(laid[actor] if actor in laid.index else {}).fillna(0).astype(int)
        for actor in (bearer, against)
    )
    return documents.assign(hits=hits, base=documents["n_sentences"] if against is None else hits + other)


def around_events(articles: pd.DataFrame, events: pd.DataFrame, by: str = "group", weeks: int = 8) -> pd.DataFrame:
    """A share (`counted`) in the weeks before each event against the weeks after it.

    Before ends the day before the event's first day, after starts the day after its last: what was
    published in between may be either. Only articles whose day is known count; near copies once.

    Returns one row per event of the codebook and outlet or group with an article on either side:
    event, date, kind, by, overlapping (other events within the same weeks: what is seen may be
    theirs); n_documents, n (of the base) and share on each side; difference (after less before, -1 to
    1), low, high (95 %) and status: read, 'nothing read' (no article on one side) or 'too little read'
    (fewer than MIN_ARTICLES articles that bear on the share, or MIN_SENTENCES of the base, on a side:
    no share there).

    Measured on draws of 3, 5, 10, 20 and 40 articles for each side from two years whose shares are known
    (`python -m benchmarks.timeline`): the interval holds the true difference in 98, 97, 97, 97 and 94 % of them.

    The limits: where nothing changed, up to one comparison in twenty is clear of zero; before and
    after is not because of.
    """
    single = one_per_cluster(articles, by)
    rows = [
        (*about, name, *_before_and_after(cell, side.loc[cell.index]))
        for about, side in _sides(single, events, weeks)
        for name, cell in single[side.notna()].groupby(by)
    ]
    sides = [f"{column}_{side}" for side in ("before", "after") for column in ("n_documents", "n", "share")]
    names = ["event", "date", "kind", "overlapping", by, *sides, "difference", "low", "high", "status"]
    return pd.DataFrame(rows, columns=names)


def _sides(articles: pd.DataFrame, events: pd.DataFrame, weeks: int) -> Iterator[tuple[tuple, pd.Series]]:
    """Each event with its number of neighbours, and the side each article is on: before, after or missing."""
    reach = pd.Timedelta(weeks=weeks)
    first = pd.to_datetime(events["date"])
    last = pd.to_datetime(events["end"].where(events["end"] != "", events["date"]))
    day = articles["date"].where(articles["date_precision"] == "day")
    for row, start, end in zip(events.itertuples(index=False), first, last, strict=True):
        side = pd.Series(pd.NA, index=articles.index, dtype="str")
        side = side.mask((day >= start - reach) & (day < start), "before")
        side = side.mask((day > end) & (day <= end + reach), "after")
        overlapping = int(((last >= start - reach) & (first <= end + reach)).sum()) - 1
        yield (row.event, row.date, row.kind, overlapping), side


def _before_and_after(cell: pd.DataFrame, side: pd.Series) -> tuple:
    """n_documents, n and share before and after, their difference with low and high, and the status."""
    before, after = _level(cell[side == "before"]), _level(cell[side == "after"])
    difference = _difference(before[2:], after[2:])
    thin = TOO_LITTLE if np.isnan(difference[0]) else READ
    return *before[:3], *after[:3], *difference, thin if min(before[0], after[0]) else NOTHING


def _difference(one: tuple[float, float, float], other: tuple[float, float, float]) -> tuple[float, float, float]:
    """The other share less the one, with the interval that theirs give (square and add; Newcombe 1998).

    >>> [round(float(value), 3) for value in _difference((0.2, 0.1, 0.3), (0.5, 0.4, 0.6))]
    [0.3, 0.159, 0.441]
    """
    (p, low, high), (q, bottom, top) = one, other
    return q - p, q - p - np.hypot(q - bottom, high - p), q - p + np.hypot(top - q, p - low)


def events_in_words(around: pd.DataFrame, by: str = "group") -> str:
    """What a table of `around_events` shows: how many comparisons exclude zero, and the largest of them."""
    known = around[around["status"] == READ]
    if known.empty:
        return "Too little was read around any event to compare before and after"
    clear = known[(known["low"] > 0) | (known["high"] < 0)]
    text = f"{len(clear)} of {len(known)} comparisons before and after an event exclude zero"
    if clear.empty:
        return text
    row = clear.loc[clear["difference"].abs().idxmax()]
    counts = f"n = {row['n_before']:,} and {row['n_after']:,}"
    return (
        f"{text}; the largest: {row[by]}, {row['event']}, {row['share_before']:.2f} before, {row['share_after']:.2f} "
        f"after (difference {row['difference']:.2f}; {row['low']:.2f} to {row['high']:.2f}, {counts})"
    )


def changes_in_words(changes: pd.DataFrame, by: str = "group") -> str:
    """What a table of `change_points` shows: each change with its stability, and what is too thin to say."""
    texts = [
        f"{row[by]} goes from {row['share_before']:.2f} to {row['share_after']:.2f} between {row['last']} and "
        f"{row['period']} (n = {row['n_before']:,} and {row['n_after']:,}; in {row['stable']:.0%} of resamples, and a "
        f"change in {row['by_chance']:.0%} of shuffles{': no evidence' if row['by_chance'] > CHANCE else ''})"
        for _, row in changes[changes["status"] == READ].iterrows()
    ]
    for status in (NO_CHANGE, TOO_LITTLE):
        names = changes.loc[changes["status"] == status, by]
        texts += [f"{status}: {', '.join(names)}"] if len(names) else []
    return "; ".join(texts)


def placed(articles: pd.DataFrame, doc_ids: Collection[str], by: str = "group", every: str = "month") -> pd.DataFrame:
    """Single articles beside the outlets or groups of the same months (or other periods): a share (`counted`) of each.

    Returns the articles of `doc_ids`, then one row per outlet or group, of its other articles in the periods in
    which those stand: label (doc_id or name), kind (article or `by`), n_documents, n (of the base), share, low
    and high (95 %; none for a single article, which is read whole), and status as in `around_events`, 'no
    claims' for an article with nothing in the base. Near copies count once.
    """
    chosen = articles["doc_id"].isin(list(doc_ids))
    period = periods(articles, every)
    beside = one_per_cluster(articles[~chosen & period.isin(period[chosen].dropna())], by)
    rows = [
        (row.doc_id, "article", 1, row.base, row.hits / row.base if row.base else np.nan, np.nan, np.nan)
        for row in articles[chosen].itertuples()
    ]
    for name in sorted(articles[by].unique()):
        rows.append((name, by, *_level(beside[beside[by] == name])))
    table = pd.DataFrame(rows, columns=["label", "kind", "n_documents", "n", "share", "low", "high"])
    thin = (table["kind"] == by) & (table["low"].isna())
    status = np.select([table["n_documents"] == 0, thin, table["share"].isna()], [NOTHING, TOO_LITTLE, NO_CLAIMS], READ)
    return table.assign(status=status)


def _level(cell: pd.DataFrame) -> tuple:
    """n_documents, n, share, low and high of some articles; no estimate where too few bear on the share."""
    hits, base = cell["hits"].to_numpy(float), cell["base"].to_numpy(float)
    n = int(base.sum())
    if (base > 0).sum() < MIN_ARTICLES or n < MIN_SENTENCES:
        return len(cell), n, np.nan, np.nan, np.nan
    limits = share_intervals(hits[:, None], base[:, None]).iloc[0]
    return len(cell), n, hits.sum() / n, limits["low"], limits["high"]


def placed_in_words(table: pd.DataFrame) -> str:
    """What a table of `placed` shows: how many of the articles lie above, within and below each group's interval."""
    shares = table.loc[(table["kind"] == "article"), "share"].dropna()
    groups = table[table["kind"] != "article"]
    texts = [
        f"{(shares > row.high).sum()} above, {shares.between(row.low, row.high).sum()} within and "
        f"{(shares < row.low).sum()} below {row.label} ({row.low:.2f} to {row.high:.2f}, n = {row.n:,})"
        for row in groups[groups["status"] == READ].itertuples()
    ]
    for status, said in ((TOO_LITTLE, TOO_LITTLE), (NOTHING, "nothing else read")):
        names = groups.loc[groups["status"] == status, "label"]
        texts += [f"{said} in those months: {', '.join(names)}"] if len(names) else []
    return f"Of {len(shares)} articles " + "; ".join(texts)


class _Binomial(ruptures.base.BaseCost):
    """Deviance of hits out of base from one share in a stretch of periods, over the dispersion: what a level costs."""

    model, min_size = "binomial", 1

    def __init__(self, dispersion: float):
        self.dispersion = dispersion

    def fit(self, signal: np.ndarray) -> "_Binomial":
        self.signal = signal
        self.sums = np.vstack([np.zeros(2), signal.cumsum(axis=0)])
        return self

    def error(self, start: int, end: int) -> float:
        hits, base = self.sums[end] - self.sums[start]
        return -2 * (xlogy(hits, hits / base) + xlogy(base - hits, 1 - hits / base)) / self.dispersion


def _breaks(counts: np.ndarray, codes: np.ndarray) -> list[int]:
    """First period of each level but the first; `codes` give the period of each article."""
    signal, cost = _signal(counts, codes), _Binomial(_dispersion(counts, codes))
    search = ruptures.Pelt(custom_cost=cost, min_size=MIN_LEVEL, jump=1).fit(signal)
    return search.predict(pen=PENALTY * np.log(len(signal)))[:-1]


def change_points(
    articles: pd.DataFrame, by: str = "group", every: str = "quarter", resamples: int = RESAMPLES, seed: int = 0
) -> pd.DataFrame:
    """Where a share (`counted`) goes over to another level and stays there.

    The periods with at least MIN_ARTICLES articles and MIN_SENTENCES of the base are cut into levels
    by PELT (Killick, Fearnhead & Eckley 2012; ruptures, Truong, Oudre & Vayatis 2020), at the binomial
    deviance from each level's share over the dispersion between articles of one period, with a
    penalty of PENALTY log(periods) for each change. Near copies count once.

    Returns one row per change: by, n_periods (used), n_documents (in them), last (period of the old
    level), period (first of the new one; between the two there may be a gap), share_before,
    share_after and n_before, n_after (of the base) of the two levels; stable (0 to 1), the share of
    `resamples`, articles drawn anew within each period, with a change within one period of it; and
    by_chance (0 to 1), the share of as many shuffles, articles dealt to the periods at random, with a
    change anywhere: above CHANCE a change is no evidence. An outlet or group without a change has one
    row: status 'no change found', or 'too little read' with fewer than MIN_PERIODS periods to use.

    The limits: where the change is and whether there is one was asked of the same data; an event that
    many articles share moves them together, which the shuffles do not know.
    """
    cells = one_per_cluster(articles, by)
    cells = cells.assign(period=periods(cells, every)).dropna(subset="period")
    cells = cells[cells["base"] > 0]
    rng = np.random.default_rng(seed)
    rows = []
    for name in sorted(articles[by].unique()):
        rows += [(name, *row) for row in _changes(_usable(cells[cells[by] == name]), resamples, rng)]
    names = ["n_periods", "n_documents", "last", "period", "share_before", "share_after", "n_before", "n_after"]
    return pd.DataFrame(rows, columns=[by, *names, "stable", "by_chance", "status"])


def _usable(cell: pd.DataFrame) -> pd.DataFrame:
    """The articles of the periods in which enough was read."""
    of_period = cell.groupby("period")["base"]
    enough = (of_period.transform("size") >= MIN_ARTICLES) & (of_period.transform("sum") >= MIN_SENTENCES)
    return cell[enough].sort_values(["period", "doc_id"])


def _changes(cell: pd.DataFrame, resamples: int, rng: np.random.Generator) -> list[tuple]:
    """The rows of one outlet or group (see `change_points`), without its name."""
    codes, names = pd.factorize(cell["period"])
    counts = cell[["hits", "base"]].to_numpy(float)
    empty = (len(names), len(cell), None, None, np.nan, np.nan, 0, 0, np.nan)
    if len(names) < MIN_PERIODS:
        return [(*empty, np.nan, TOO_LITTLE)]
    found = _breaks(counts, codes)
    by_chance = np.mean([bool(_breaks(counts, rng.permutation(codes))) for _ in range(resamples)])
    if not found:
        return [(*empty, by_chance, NO_CHANGE)]
    again = [_breaks(counts[_drawn(codes, rng)], codes) for _ in range(resamples)]
    rows, signal = [], _signal(counts, codes)
    for start, place, end in zip([0, *found], found, [*found[1:], len(names)], strict=False):
        (hits, base), (hits_after, base_after) = signal[start:place].sum(axis=0), signal[place:end].sum(axis=0)
        levels = (hits / base, hits_after / base_after, int(base), int(base_after))
        stable = np.mean([any(abs(other - place) <= 1 for other in breaks) for breaks in again])
        rows.append((len(names), len(cell), names[place - 1], names[place], *levels, stable, by_chance, READ))
    return rows


def _signal(counts: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Hits and base of each period."""
    return np.column_stack([np.bincount(codes, weights=column) for column in counts.T])


def _dispersion(counts: np.ndarray, codes: np.ndarray) -> float:
    """How much more articles of one period vary than their sentences would by themselves; 1 at least."""
    hits, base = _signal(counts, codes).T
    share, size = hits / base, np.bincount(codes)
    spread = np.bincount(codes, weights=(counts[:, 0] - share[codes] * counts[:, 1]) ** 2) * size / (size - 1)
    expected = (share * (1 - share) * base).sum()
    return max(1.0, spread.sum() / expected) if expected else 1.0


def _drawn(codes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As many articles of each period as it has, drawn from them with replacement; `codes` are in order."""
    sizes = np.bincount(codes)
    first = np.repeat(sizes.cumsum() - sizes, sizes)
    return first + (rng.random(len(codes)) * sizes[codes]).astype(int)
