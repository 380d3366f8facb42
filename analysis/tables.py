"""Measures -> one tidy table per question: outlet x period x ..., n, estimate and interval.

Intervals leave out one article at a time (`measures.jackknife`), because the sentences of one article
are not independent. Where that fails (fewer than three articles; nothing, or everything, hit) they are
over sentences, Wilson's (1927) for shares and Student's for means, and too narrow where an article
repeats itself. The column `unit` says which (`near_copies`: Wilson's over articles, no unit).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import binomtest
from scipy.stats import t as student

from analysis import InputError
from analysis.codebook import Codebook
from analysis.contracts import FRAMES
from analysis.measures import MIN_ARTICLES, jackknife
from analysis.measures.keywords import top
from analysis.measures.similarity import one_per_cluster

# 20 sentences: a short article; below it a single sentence moves a share by more than .05.
MIN_SENTENCES = 20
FREQUENCIES = {"year": "Y", "quarter": "Q", "month": "M"}

# The frames that burden an actor, each alone and both together: what the burden balance is made of.
BURDENS = {frame: (frame,) for frame in ("obligation", "blame")} | {"obligation and blame": ("obligation", "blame")}
# Who has a part in an article that another signs: its editor, the agencies credited (`corpus.documents.describe`).
BRACKETS = r"\([^)]*\)"
UNDATED = "documents: no article has a date, so there is no period; ask for the table without periods"
# The group of an origin that outlets.csv does not know: nobody says whose press it is.
UNLISTED = "origin not listed"
COUNTS = ("n_documents", "n_sentences", "n", "claims", "first", "second")
# What a cell can be: read and estimated, or one of three ways to have no estimate.
READ, TOO_LITTLE, NOTHING, NO_CLAIMS = "read", "too little read", "nothing read", "no claims"


def periods(documents: pd.DataFrame, every: str = "quarter") -> pd.Series:
    """The period of each article as text (2019, 2019Q1, 2019-01); missing where the date is unknown.

    >>> periods(pd.DataFrame({"date": pd.to_datetime(["2019-04-25", None])})).fillna("undated").tolist()
    ['2019Q2', 'undated']
    """
    found = documents["date"].dt.to_period(FREQUENCIES[every])
    return found.astype("str").where(documents["date"].notna())


def _all_periods(documents: pd.DataFrame, every: str) -> list[str]:
    """Every period from the first to the last date, those without an article included."""
    dates = documents["date"].dropna()
    if dates.empty:
        return []
    return pd.period_range(dates.min(), dates.max(), freq=FREQUENCIES[every]).astype("str").tolist()


def _cells(documents: pd.DataFrame, by: str, every: str | None) -> pd.DataFrame:
    """The articles with the columns that name their cell; undated ones left out where a period is asked for."""
    cells = documents.rename(columns={"doc_id": "_doc"}) if by == "doc_id" else documents
    cells = cells.assign(doc_id=documents["doc_id"])
    if every:
        cells = cells.assign(period=periods(documents, every)).dropna(subset="period")
    return cells


def _grid(documents: pd.DataFrame, by: str, every: str | None) -> pd.MultiIndex:
    """Every cell there could be, so that one without an article stays visible."""
    levels = [sorted(documents[by].unique())]
    if every:
        levels.append(_all_periods(documents, every))
    return pd.MultiIndex.from_product(levels, names=[by, *(["period"] if every else [])])


def _whole(parts: Sequence[pd.DataFrame], grid: pd.MultiIndex, inner: pd.MultiIndex) -> pd.DataFrame:
    """The parts as one table with a row for every cell of the grid and every inner key; what was not read counts 0.

    Raises InputError where a period is asked for and no article has a date.
    """
    if not parts:
        raise InputError(UNDATED)
    rows = [(*cell, *key) for cell in grid for key in inner]
    index = pd.MultiIndex.from_tuples(rows, names=[*grid.names, *inner.names])
    table = pd.concat(parts).set_index(index.names).reindex(index)
    counts = [column for column in table if column in COUNTS]
    return table.fillna({"unit": ""} | dict.fromkeys(counts, 0)).astype(dict.fromkeys(counts, int)).reset_index()


def _wilson(hits: float, n: float) -> tuple[float, float]:
    if n < 1:
        return np.nan, np.nan
    interval = binomtest(round(hits), round(n)).proportion_ci(method="wilson")
    return interval.low, interval.high


def share_intervals(hits: np.ndarray, read: np.ndarray) -> pd.DataFrame:
    """Low and high of each column's share, and the unit: articles, or sentences where articles do not vary.

    With fewer than three articles, or where nothing (or everything) was hit, the jackknife sees no
    variation and Wilson's interval over sentences is given.
    """
    low, high = jackknife(hits, read)
    unit = np.where(np.isnan(low), "sentences", "articles")
    for column in np.flatnonzero(unit == "sentences"):
        low[column], high[column] = _wilson(hits[:, column].sum(), read[:, column].sum())
    return pd.DataFrame({"low": low, "high": high, "unit": unit})


def in_words(row, value: str = "share") -> str:
    """An estimate as it stands in a sentence: the value, its interval and its n.

    >>> in_words(pd.Series({"share": 0.25, "low": 0.2, "high": 0.314, "n": 1200}))
    '0.25 (0.20 to 0.31, n = 1,200)'
    """
    cells = row._asdict() if hasattr(row, "_asdict") else dict(row)
    if pd.isna(cells[value]):
        return f"no estimate (n = {int(cells['n']):,})"
    interval = "no interval" if pd.isna(cells["low"]) else f"{cells['low']:.2f} to {cells['high']:.2f}"
    return f"{cells[value]:.2f} ({interval}, n = {int(cells['n']):,})"


def keyness_in_words(keyness: pd.DataFrame, n: int = 4) -> str:
    """Each group's highest terms by z, with log-odds, interval and uses, as a sentence.

    >>> row = {"group": "Post", "term": "talks", "log_odds": 1.0, "low": 0.5, "high": 1.5, "z": 4.0, "n": 30}
    >>> keyness_in_words(pd.DataFrame([row]))
    'Post, log-odds: talks 1.00 (0.50 to 1.50, n = 30).'
    """
    leading = top(keyness[keyness["log_odds"] > 0], n, "z")
    parts = [
        f"{group}, log-odds: " + ", ".join(f"{row.term} {in_words(row, 'log_odds')}" for row in rows.itertuples())
        for group, rows in leading.groupby("group")
    ]
    return ";\n".join(parts) + "."


def similarity_in_words(between: pd.DataFrame, what: str = "wording") -> str:
    """The closest and the farthest pair of groups, with interval and numbers of articles, as a sentence."""
    known = between.dropna(subset=["similarity", "low"]).sort_values(["similarity", "a", "b"])
    if known.empty:
        return "No two groups have articles enough to be compared."
    texts = [
        f"{row.a} and {row.b}: {row.similarity:.2f} ({row.low:.2f} to {row.high:.2f}, n = {row.n_a:,} and {row.n_b:,})"
        for row in known.itertuples()
    ]
    return f"Closest in {what} are {texts[-1]};\nfarthest apart are {texts[0]}."


def two_maps(wording: pd.DataFrame, claims: pd.DataFrame) -> pd.DataFrame:
    """Two tables of pairs a, b beside one another: similarity of wording and of claims, with low and high of each.

    Columns: a, b (and period where both have it), wording, low_wording, high_wording, claims, low_claims,
    high_claims, rank_wording and rank_claims (1 is the closest pair). Pairs without an interval in both
    are left out. Compare the ranks and not the levels: there are far fewer kinds of claims than words, so
    most groups are more alike in claims. The limit: pairs whose intervals overlap may change places.
    """
    keys = [key for key in ("period", "a", "b") if key in wording and key in claims]
    ends = ["similarity", "low", "high"]
    both = wording[[*keys, *ends]].merge(claims[[*keys, *ends]], on=keys, suffixes=("_wording", "_claims")).dropna()
    both = both.rename(columns={"similarity_wording": "wording", "similarity_claims": "claims"})
    ranks = {f"rank_{name}": both[name].rank(ascending=False) for name in ("wording", "claims")}
    return both.assign(**ranks).reset_index(drop=True)


def maps_in_words(both: pd.DataFrame) -> str:
    """What `two_maps` shows: how far the two orders agree (Spearman's rho), and the pair with the largest gap."""
    if len(both) < MIN_ARTICLES:
        return "Too few pairs have articles and claims enough to be put in order."
    rho = both["rank_wording"].corr(both["rank_claims"])
    row = both.loc[(both["rank_wording"] - both["rank_claims"]).abs().idxmax()]
    when = f" in {row['period']}" if "period" in row else ""
    wording, claims = (
        f"rank {row[f'rank_{name}']:.0f} in {name}, "
        f"{row[name]:.2f} ({row[f'low_{name}']:.2f} to {row[f'high_{name}']:.2f})"
        for name in ("wording", "claims")
    )
    return (
        f"Over {len(both)} pairs the order in wording and in claims agrees with a rank correlation of {rho:.2f}. "
        f"Largest gap: {row['a']} and {row['b']}{when}, {wording}; {claims}."
    )


def masking_in_words(effect: pd.DataFrame, by: str = "group") -> str:
    """The largest difference of `masking` whose interval excludes zero, as the title of a chart.

    >>> effect = pd.DataFrame([("Post", -0.2, -0.5, 0.1), ("Echo", -0.1, -0.15, -0.05)])
    >>> masking_in_words(effect.set_axis(["group", "difference", "low", "high"], axis="columns"))
    "Names and missing words move VADER's mean by up to -0.10 (Echo)"
    """
    clear = effect[(effect["low"] > 0) | (effect["high"] < 0)]
    if clear.empty:
        return "Names and missing words move no mean of VADER's by more than its interval"
    row = clear.loc[clear["difference"].abs().idxmax()]
    return f"Names and missing words move VADER's mean by up to {row['difference']:+.2f} ({row[by]})"


def balance_in_words(balance: pd.DataFrame, book: Codebook) -> str:
    """The burden balance of each group and frame as a sentence."""
    first, second = (book.label(actor) for actor in book.focus)
    lines = []
    for frame, rows in balance.groupby("frame", sort=False):
        shares = "; ".join(f"{row[0]} {in_words(row)}" for row in rows.itertuples(index=False))
        lines.append(f"Share of {frame} laid on {first} rather than {second}: {shares}.")
    return "\n".join(lines)


def extremes_in_words(balance: pd.DataFrame, book: Codebook) -> str:
    """The groups that lay most and least on the first actor, of those with an interval from articles."""
    known = balance[balance["unit"] == "articles"].dropna(subset="share").sort_values("share")
    if known.empty:
        return "Too few articles to rank the groups"
    most, least = known.iloc[-1], known.iloc[0]
    name = book.label(book.focus[0])
    return f"{most.iloc[0]} lays {most['share']:.0%} on {name}, {least.iloc[0]} {least['share']:.0%}"


def peak_in_words(shares: pd.DataFrame, book: Codebook, by: str = "group") -> str:
    """The highest share of a table of `responsibility`, in words: who lays what on whom, how often."""
    known = shares[shares["n_documents"] >= MIN_ARTICLES].dropna(subset="share")
    if known.empty:
        return "Too few articles to name a highest share"
    row = known.loc[known["share"].idxmax()]
    what, when = f"{row['frame']} on {book.label(row['bearer'])}", f" in {row['period']}" if "period" in row else ""
    return f"Highest: {row[by]} lays {what} in {row['share']:.0%} of sentences{when}"


def ranked(balance: pd.DataFrame) -> pd.DataFrame:
    """The outlets or groups of a burden balance from most on the first actor to least, where n allows.

    Kept are rows with an interval from articles and at least MIN_SENTENCES sentences that lay it on
    either: below that a single sentence moves the share by more than .05.
    """
    known = balance[(balance["unit"] == "articles") & (balance["n"] >= MIN_SENTENCES)].dropna(subset="share")
    return known.sort_values(["share", known.columns[0]], ascending=[False, True], ignore_index=True)


def ranking_in_words(ranking: pd.DataFrame, book: Codebook) -> str:
    """What a table of `ranked` shows: most and least, with interval and n, and how many lie to either side of even."""
    if ranking.empty:
        return "Too few articles to rank anybody"
    by, name = ranking.columns[0], book.label(book.focus[0])
    most, least = ranking.iloc[0], ranking.iloc[-1]
    above, below = (ranking["low"] > 0.5).sum(), (ranking["high"] < 0.5).sum()
    ends = f"{most[by]} lays most on {name}, {in_words(most)}; {least[by]} least, {in_words(least)}"
    return f"{ends}; of {len(ranking)}, {above} lie wholly above an even burden and {below} wholly below"


def movement_in_words(table: pd.DataFrame, book: Codebook) -> str:
    """The largest move of one series of `shares_over_time` or `balance_over_time` whose intervals lie apart.

    Only periods with an interval from articles count.
    """
    known = table[table["unit"] == "articles"].dropna(subset="share")
    keys = [column for column in known.columns[: known.columns.get_loc("n_documents")] if column != "period"]
    pairs = known.merge(known, on=keys, suffixes=("", "_later"))
    pairs = pairs[pairs["period"] < pairs["period_later"]]
    apart = pairs[(pairs["high"] < pairs["low_later"]) | (pairs["low"] > pairs["high_later"])]
    if apart.empty:
        return "No share moves by more than its intervals"
    row = apart.loc[(apart["share_later"] - apart["share"]).abs().idxmax()]
    later = {name: row[f"{name}_later"] for name in ("share", "low", "high", "n")}
    what = "Share of sentences with" if "bearer" in row else f"Share laid on {book.label(book.focus[0])} of"
    what += f" {row['frame']}" + (f" on {book.label(row['bearer'])}" if "bearer" in row else "")
    moves = f"from {in_words(row)} in {row['period']} to {in_words(later)} in {row['period_later']}"
    return f"{what}, {row['voice']}: largest change in {row[keys[0]]}, {moves}"


def mirrored(pairs: pd.DataFrame) -> pd.DataFrame:
    """A table of pairs a, b with each pair in both orders, for a square."""
    return pd.concat([pairs, pairs.rename(columns={"a": "b", "b": "a"})], ignore_index=True)


def credited(documents: pd.DataFrame, book: Codebook, to: str = "outlet", wires: bool = True) -> pd.DataFrame:
    """The articles counted for their host or for their origin, wire copy marked and, if asked, left out.

    A host is not the origin: an outlet may carry what another wrote. `to` is outlet (who published it)
    or origin (who wrote it, where that is another). Agencies are known by their `wire` in outlets.csv; an
    agency's own service is no wire copy. With `wires` False all that is marked is left out.

    Returns the documents with outlet and group as they are to be counted (an origin that is not in
    outlets.csv has the group UNLISTED), and two columns: host, the outlet that published, and wire:
    'copy' where another outlet's agency is named as origin or in the byline, 'part' where one is only
    credited with a part in it (in the byline's brackets; such an article stays its outlet's own), else ''.

    Raises InputError for another `to`. The limit: no credit, no mark.
    """
    if to not in ("outlet", "origin"):
        raise InputError(f"to: '{to}' is neither outlet nor origin; give one of them")
    origin, byline = (documents[name].astype("str").fillna("") for name in ("origin", "byline"))
    writer = _agency(origin + "\n" + byline.str.replace(BRACKETS, "", regex=True), documents["outlet"], book.outlets)
    part = _agency(byline, documents["outlet"], book.outlets)
    wire = np.select([writer.notna(), part.notna()], ["copy", "part"], "")
    found = documents.assign(host=documents["outlet"], wire=wire)
    if to == "origin":
        groups = dict(zip(book.outlets["outlet"], book.outlets["group"], strict=True))
        writer = writer.fillna(documents["origin"]).fillna(documents["outlet"]).astype("str")
        found = found.assign(outlet=writer, group=writer.map(groups).fillna(UNLISTED))
    return found if wires else found[found["wire"] == ""]


def _agency(credits: pd.Series, hosts: pd.Series, outlets: pd.DataFrame) -> pd.Series:
    """The agency that is named in each credit, missing where there is none or it is the host."""
    found = pd.Series(pd.NA, index=credits.index, dtype="str")
    for row in outlets[outlets["wire"] != ""].itertuples(index=False):
        named = credits.map(re.compile(row.wire).search).notna() & (hosts != row.outlet)
        found = found.mask(named & found.isna(), row.outlet)
    return found


def coverage(documents: pd.DataFrame, by: str = "group", every: str = "year") -> pd.DataFrame:
    """What was read: one row per outlet or group and period, cells without an article included.

    Columns: `by`, period ('undated' where the date is unknown), n_documents, n_sentences, n_tokens.
    """
    cells = documents.assign(period=periods(documents, every).fillna("undated"))
    levels = [sorted(documents[by].unique()), [*_all_periods(documents, every), "undated"]]
    counted = cells.groupby([by, "period"]).agg(
        n_documents=("doc_id", "size"), n_sentences=("n_sentences", "sum"), n_tokens=("n_tokens", "sum")
    )
    return counted.reindex(pd.MultiIndex.from_product(levels, names=[by, "period"]), fill_value=0).reset_index()


def cleaning(documents: pd.DataFrame, by: str = "collection") -> pd.DataFrame:
    """Running text by `by`, a row each: n_documents, n_chars (of the source), n_chars_kept, share (0 to 1)."""
    table = documents.groupby(by).agg(
        n_documents=("doc_id", "size"), n_chars=("n_chars", "sum"), n_chars_kept=("n_chars_kept", "sum")
    )
    return table.assign(share=table["n_chars_kept"] / table["n_chars"]).reset_index()


def near_copies(documents: pd.DataFrame, by: str = "group") -> pd.DataFrame:
    """Per `by`: n (articles), n_copies (share most of their text with another), share, low, high (95 %, Wilson)."""
    size = documents.groupby("cluster")["doc_id"].transform("size")
    table = documents.assign(copy=size > 1).groupby(by).agg(n=("doc_id", "size"), n_copies=("copy", "sum"))
    table["share"] = table["n_copies"] / table["n"]
    limits = [_wilson(k, n) for k, n in zip(table["n_copies"], table["n"], strict=True)]
    table[["low", "high"]] = limits
    return table.reset_index()


def _mean_interval(total: np.ndarray, squares: np.ndarray, n: np.ndarray) -> tuple[float, float, str]:
    """Low and high of a mean per sentence: from articles, or Student's over sentences where they are too few."""
    if (n > 0).sum() >= MIN_ARTICLES:
        low, high = jackknife(total[:, None], n[:, None], share=False)
        return low[0], high[0], "articles"
    mean, size = total.sum() / n.sum(), n.sum()
    error = np.sqrt(max(squares.sum() / size - mean**2, 0.0) / (size - 1))
    reach = student.ppf(0.975, size - 1) * error
    return mean - reach, mean + reach, "sentences"


def _mean_in_cells(documents: pd.DataFrame, scores: pd.Series, by: str, every: str | None) -> pd.DataFrame:
    """Mean of the scores (indexed by doc_id) in each cell: n_documents, n, mean, low, high, unit."""
    scores = scores.astype(float)
    sums = pd.DataFrame({"total": scores, "squares": scores**2, "n": 1.0}).groupby(level=0).sum()
    keys = [by, "period"] if every else [by]
    rows = []
    for key, cell in _cells(documents, by, every).groupby(keys):
        total, squares, n = sums.reindex(cell["doc_id"], fill_value=0.0).to_numpy().T
        estimate = (np.nan, np.nan, np.nan, "")
        if n.sum() >= MIN_SENTENCES:
            estimate = (total.sum() / n.sum(), *_mean_interval(total, squares, n))
        rows.append((*key, len(cell), int(n.sum()), *estimate))
    table = pd.DataFrame(rows, columns=[*keys, "n_documents", "n", "mean", "low", "high", "unit"]).set_index(keys)
    table = table.reindex(_grid(documents, by, every) if every else table.index)
    table = table.fillna({"n_documents": 0, "n": 0, "unit": ""})
    return table.astype({"n_documents": int, "n": int}).reset_index()


def sentiment(
    documents: pd.DataFrame, sentences: pd.DataFrame, by: str = "group", every: str | None = None, score="calibrated"
) -> pd.DataFrame:
    """Mean sentence sentiment of each outlet or group (and period).

    `score` is a column of sentences: calibrated (the rating that readers would give, -4 to 4), or
    VADER's sentiment or sentiment_raw (-1 to 1).
    Columns: `by`, period where asked for, n_documents, n (sentences), mean, low, high (95 %) and
    unit (what the interval was made from). Missing where fewer than MIN_SENTENCES sentences
    were read: too little to say.
    """
    return _mean_in_cells(documents, sentences.set_index("doc_id")[score], by, every)


def sentiment_by_voice(
    documents: pd.DataFrame, sentences: pd.DataFrame, by: str = "group", score: str = "calibrated"
) -> pd.DataFrame:
    """Mean sentiment (`score` as in `sentiment`) of all sentences, of the outlet's own and of another's words.

    Columns: `by`, all, own, others, and n_own and n_others (sentences); missing where too little was read.
    """
    table = sentiment(documents, sentences, by, score=score)[[by, "mean"]].rename(columns={"mean": "all"})
    own = sentences["voice"] == "OUTLET"
    for column, held in (("own", sentences[own]), ("others", sentences[~own])):
        part = sentiment(documents, held, by, score=score).set_index(by)
        table[column] = table[by].map(part["mean"])
        table[f"n_{column}"] = table[by].map(part["n"]).fillna(0).astype(int)
    return table


def masking(documents: pd.DataFrame, sentences: pd.DataFrame, by: str = "group") -> pd.DataFrame:
    """What masking names and extending the lexicon does to VADER's mean: raw, masked and their difference (-1 to 1).

    Columns: `by`, n_documents, n, raw, masked, difference, low and high (95 % of the difference).
    """
    scores = sentences.set_index("doc_id")[["sentiment", "sentiment_raw"]].astype(float)
    table = _mean_in_cells(documents, scores["sentiment"] - scores["sentiment_raw"], by, None).rename(
        columns={"mean": "difference"}
    )
    for column, score in (("raw", "sentiment_raw"), ("masked", "sentiment")):
        table[column] = sentiment(documents, sentences, by, score=score)["mean"]
    return table[[by, "n_documents", "n", "raw", "masked", "difference", "low", "high"]]


def _hits(claims: pd.DataFrame, doc_ids: Sequence[str], columns: pd.MultiIndex) -> pd.DataFrame:
    """Articles x (bearer, frame): sentences of the article that hold such a claim, in whatever voice."""
    once = claims.drop_duplicates(["doc_id", "sentence_id", *columns.names])
    counts = once.groupby(["doc_id", *columns.names]).size().unstack(columns.names, fill_value=0)
    return counts.reindex(index=list(doc_ids), columns=columns, fill_value=0)


def responsibility(
    documents: pd.DataFrame, claims: pd.DataFrame, actors: Sequence[str], by: str = "group", every: str | None = None
) -> pd.DataFrame:
    """Share of an outlet's or group's sentences that hold each (bearer, frame).

    Returns one row per outlet or group, period (where asked for), bearer of `actors` and frame:
    n_documents, n (sentences read), claims (sentences with such a claim), share (0 to 1), low,
    high (95 %) and unit (what the interval was made from). A cell with nothing read has n 0
    and no share (a gap); one with fewer than MIN_SENTENCES has no share either (too little);
    one that was read and holds no such claim has share 0.
    """
    columns = pd.MultiIndex.from_product([actors, FRAMES], names=["bearer", "frame"])
    cells = _cells(documents, by, every)
    hits = _hits(claims, cells["doc_id"], columns)
    keys = [by, "period"] if every else [by]
    parts = []
    for key, cell in cells.groupby(keys):
        parts.append(_cell_shares(cell, hits.loc[cell["doc_id"]]).assign(**dict(zip(keys, key, strict=True))))
    return _whole(parts, _grid(documents, by, every), columns)


def _cell_shares(cell: pd.DataFrame, hits: pd.DataFrame) -> pd.DataFrame:
    read = np.repeat(cell["n_sentences"].to_numpy(float)[:, None], hits.shape[1], axis=1)
    table = pd.concat([hits.sum().rename("claims").reset_index(), share_intervals(hits.to_numpy(float), read)], axis=1)
    n = int(cell["n_sentences"].sum())
    table.insert(2, "n_documents", len(cell))
    table.insert(3, "n", n)
    table.insert(5, "share", table["claims"] / n if n else np.nan)
    table.loc[table["n"] < MIN_SENTENCES, ["share", "low", "high"]] = np.nan
    return table


def balance(
    documents: pd.DataFrame,
    claims: pd.DataFrame,
    pair: tuple[str, str],
    by: str = "group",
    frames: Sequence[str] = ("obligation", "blame"),
) -> pd.DataFrame:
    """The burden balance: of all obligation (or blame) laid on the pair of actors, the share laid on the first.

    Returns one row per outlet or group and frame: n_documents, n (sentences that lay it on either
    actor, counted once for each), first, second, share (0 to 1; 0.5 is an even burden), low, high
    (95 %) and unit (what it was made from). No claim on either, no balance.
    """
    table = _balances(documents, claims, pair, (by, None), {frame: (frame,) for frame in frames})
    return table.drop(columns="n_sentences")


def _balances(
    documents: pd.DataFrame,
    claims: pd.DataFrame,
    pair: tuple[str, str],
    cut: tuple[str, str | None],
    frames: Mapping[str, Sequence[str]],
) -> pd.DataFrame:
    """The balance in each cell of the cut (by, every) and for each name of `frames`, whose frames count together."""
    columns = pd.MultiIndex.from_product([pair, FRAMES], names=["bearer", "frame"])
    cells = _cells(documents, *cut)
    hits = _hits(claims, cells["doc_id"], columns)
    grid = _grid(documents, *cut)
    parts = [
        _cell_balances(cell, hits.loc[cell["doc_id"]], pair, frames).assign(**dict(zip(grid.names, key, strict=True)))
        for key, cell in cells.groupby(list(grid.names))
    ]
    table = _whole(parts, grid, pd.MultiIndex.from_product([list(frames)], names=["frame"]))
    table["n"] = table["first"] + table["second"]
    table["share"] = table["first"] / table["n"].replace(0, np.nan)
    ends = ["n_documents", "n_sentences", "n", "first", "second", "share", "low", "high", "unit"]
    return table[[*grid.names, "frame", *ends]]


def _cell_balances(
    cell: pd.DataFrame, hits: pd.DataFrame, pair: tuple[str, str], frames: Mapping[str, Sequence[str]]
) -> pd.DataFrame:
    first, second = (
        np.column_stack([hits[actor][list(held)].sum(axis=1) for held in frames.values()]).astype(float)
        for actor in pair
    )
    table = pd.DataFrame({"frame": list(frames), "first": first.sum(axis=0), "second": second.sum(axis=0)})
    table = table.assign(n_documents=len(cell), n_sentences=int(cell["n_sentences"].sum()))
    return pd.concat([table, share_intervals(first, first + second)], axis=1)


def _in_voices(measure: Callable, documents: pd.DataFrame, claims: pd.DataFrame, *given) -> pd.DataFrame:
    """A measure of documents and claims for claims in any voice, in the outlet's own, and in quoted voices only."""
    own = claims["voice"] == "OUTLET"
    held = {"all text": claims, "own voice": claims[own], "quoted voices": claims[~own]}
    parts = [measure(documents, some, *given).assign(voice=name) for name, some in held.items()]
    table = pd.concat(parts, ignore_index=True)
    place = table.columns.get_loc("frame") + 1
    table.insert(place, "voice", table.pop("voice"))
    return table


def shares_over_time(
    documents: pd.DataFrame,
    claims: pd.DataFrame,
    actors: Sequence[str],
    by: str = "group",
    every: str | None = "quarter",
) -> pd.DataFrame:
    """The tidy table of who lays what on whom: outlet or group x period x bearer x frame x voice.

    `every` is month, quarter or year; None takes all articles as one period, the undated included.
    Near copies count once in each outlet or group. The columns are those of `responsibility` and

    voice   all text, own voice (the outlet's own words) or quoted voices (quoted or reported). The
            share is of all sentences read in each, so that the three can be held against one another.
    status  read; 'too little read' with fewer than MIN_SENTENCES sentences in the cell; 'nothing
            read' where no article stands: a gap. Read and never said is a share of 0.

    The limit: an article with an unknown date is in no period. Raises InputError where no article has a date.
    """
    table = _in_voices(responsibility, one_per_cluster(documents, by), claims, actors, by, every)
    return table.assign(status=_status(table["n_documents"], table["n"]))


def balance_over_time(
    documents: pd.DataFrame,
    claims: pd.DataFrame,
    pair: tuple[str, str],
    by: str = "group",
    every: str | None = "quarter",
) -> pd.DataFrame:
    """The burden balance: of what is laid on the pair of actors the share laid on the first, over time.

    Returns one row per outlet or group, period (as in `shares_over_time`; none for every=None), frame
    (obligation, blame, and 'obligation and blame', both counted together) and voice (as there), with
    n_documents, n_sentences (read), n (sentences that lay it on either, once for each actor and frame),
    first, second, share (0 to 1; 0.5 is an even burden), low, high (95 %), unit, and status: read, 'no
    claims' (read, but nothing laid on either: no balance), 'too little read' or 'nothing read'.
    """
    table = _in_voices(_balances, one_per_cluster(documents, by), claims, pair, (by, every), BURDENS)
    status = _status(table["n_documents"], table["n_sentences"])
    table["status"] = status.mask((status == READ) & (table["n"] == 0), NO_CLAIMS)
    table.loc[table["status"] != READ, ["share", "low", "high"]] = np.nan
    return table


def _status(n_documents: pd.Series, n: pd.Series) -> pd.Series:
    found = np.select([n_documents == 0, n < MIN_SENTENCES], [NOTHING, TOO_LITTLE], READ)
    return pd.Series(found, index=n.index, dtype="str")


def claims_as_terms(claims: pd.DataFrame) -> pd.DataFrame:
    """The ledger as a table of terms: doc_id, term (bearer and frame) and n (sentences of the article that hold it).

    For `similarity.between_groups` and `yardstick` with idf=False: which groups share claims, not words.
    An article without a claim is not in it.
    """
    once = claims.drop_duplicates(["doc_id", "sentence_id", "bearer", "frame"])
    terms = once.assign(term=once["bearer"].astype("str") + " " + once["frame"].astype("str"))
    return terms.groupby(["doc_id", "term"], as_index=False).agg(n=("sentence_id", "size"))


def alike_over_time(
    compare: Callable[[pd.Series], pd.DataFrame], documents: pd.DataFrame, by: str = "group", every: str = "year"
) -> pd.DataFrame:
    """How alike outlets or groups are, period by period: one row for every pair and period there could be.

    `compare` takes the outlet or group of each doc_id and gives a table like that of
    `similarity.between_groups`: `functools.partial(similarity.between_groups, terms)`, say. Near copies count once.

    Columns: a, b, period, pair (both names), n_a and n_b (articles), similarity, low, high and status: read,
    'too little read' (no interval) or 'nothing read' (no article on one side that `compare` can use). Inside one
    period a pair is not set apart by its dates, as it is over the whole span.
    """
    single = one_per_cluster(documents, by)
    found = periods(single, every)
    parts = [
        compare(cell.set_index("doc_id")[by]).assign(period=period).query("n_a > 0 and n_b > 0")
        for period, cell in single.groupby(found)
    ]
    if not parts:
        raise InputError(UNDATED)
    pairs = combinations(sorted(documents[by].unique()), 2)
    index = [(a, b, period) for a, b in pairs for period in _all_periods(documents, every)]
    index = pd.MultiIndex.from_tuples(index, names=["a", "b", "period"])
    table = pd.concat(parts).set_index(index.names)[["n_a", "n_b", "similarity", "low", "high"]].reindex(index)
    table = table.fillna({"n_a": 0, "n_b": 0}).astype({"n_a": int, "n_b": int}).reset_index()
    table["status"] = np.select([table["n_a"] == 0, table["low"].isna()], [NOTHING, TOO_LITTLE], READ)
    table.insert(3, "pair", table["a"] + " - " + table["b"])
    return table.assign(similarity=table["similarity"].where(table["status"] == READ))


def readings(documents: pd.DataFrame, claims: pd.DataFrame, book: Codebook) -> dict[str, tuple]:
    """The same articles and claims, read more strictly: name -> (documents, claims).

    With every claim; only those whose cue is strong in their frame, of whatever kind; in the outlet's own
    voice only; in quoted or reported voices only; with one article of each cluster of near copies; and
    without articles that credit an agency (see `credited`).
    """
    strong = (book.cues["strength"] == "strong").groupby([book.cues["cue"], book.cues["frame"]]).all()
    sure = pd.MultiIndex.from_frame(claims[["cue", "frame"]]).isin(strong.index[strong])
    single = one_per_cluster(documents)
    return {
        "all claims": (documents, claims),
        "strong cues only": (documents, claims[sure]),
        "outlet's own voice": (documents, claims[claims["voice"] == "OUTLET"]),
        "quoted or reported voices": (documents, claims[claims["voice"] != "OUTLET"]),
        "one of each near copy": (single, claims[claims["doc_id"].isin(single["doc_id"])]),
        "without wire copy": (credited(documents, book, wires=False), claims),
    }


def robustness(
    documents: pd.DataFrame, claims: pd.DataFrame, book: Codebook, by: str = "group", frame: str = "obligation"
) -> pd.DataFrame:
    """The burden balance of one frame under each reading of `readings`: reading and the columns of `balance`."""
    parts = [
        balance(some, held, book.focus, by, [frame]).assign(reading=name)
        for name, (some, held) in readings(documents, claims, book).items()
    ]
    table = pd.concat(parts, ignore_index=True)
    return table[["reading", *table.columns.drop("reading")]]


def side_by_side(documents: pd.DataFrame, claims: pd.DataFrame, pair: Sequence[str]) -> pd.DataFrame:
    """Single articles: one row per article, bearer and frame, with n (sentences), claims and share.

    No interval: an article that is read whole is not a sample of itself.
    """
    columns = pd.MultiIndex.from_product([pair, FRAMES], names=["bearer", "frame"])
    hits = _hits(claims, documents["doc_id"], columns).stack(columns.names, future_stack=True).rename("claims")
    about = documents[["doc_id", "outlet", "date", "n_sentences"]].rename(columns={"n_sentences": "n"})
    table = about.merge(hits.reset_index(), on="doc_id", validate="one_to_many")
    return table.assign(share=table["claims"] / table["n"])


def voices(documents: pd.DataFrame, claims: pd.DataFrame, by: str = "group") -> pd.DataFrame:
    """One row per outlet or group: n_documents, n (claims), own (in its voice), share, low, high (95 %) and unit."""
    own = claims.assign(own=claims["voice"] == "OUTLET").groupby("doc_id")["own"].agg(["sum", "size"])
    own = own.reindex(documents["doc_id"], fill_value=0)
    rows = []
    for key, cell in documents.groupby(by):
        counts = own.loc[cell["doc_id"]].to_numpy(float)
        limits = share_intervals(counts[:, :1], counts[:, 1:]).iloc[0]
        hits, n = counts.sum(axis=0).astype(int)
        rows.append((key, len(cell), n, hits, hits / n if n else np.nan, *limits))
    return pd.DataFrame(rows, columns=[by, "n_documents", "n", "own", "share", "low", "high", "unit"])
