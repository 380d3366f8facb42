"""How often the ledger is right: its claims against coded text.

A claim that was found belongs to the coded sentence that holds the middle of its trigger; one that
lies in no coded sentence is not judged. What is compared is (sentence, bearer, frame). A claim that
only one of two readings has is no miss and no false positive.

    precision   of the claims found, the share that is coded
    recall      of the claims coded, the share that is found
    f1          twice the hits over claims coded plus claims found (van Rijsbergen 1979)
    voice       of the hits whose voice the readings agree on, the share found in that voice

Intervals (95 %) leave one article out at a time (`measures.jackknife`). They are missing with fewer than
three articles and for a score of exactly 0 or 1, in which articles do not vary. In 4,000 draws each of 5, 20 and
71 articles from train, whose F1 is known, 95 to 96 % of the intervals hold it (`python -m benchmarks.scores`; 95 to
99 % for single frames, which few articles of a small draw hold).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import t as student

from analysis.measures import MIN_ARTICLES, jackknife
from analysis.validation.gold import Gold

KEY = ["set", "unit", "bearer", "frame"]
CLAIM = ["doc_id", "start", "end", "bearer", "frame", "voice"]
# Coded to learn from, of passages that were picked: by themselves they tell nothing of what is said elsewhere.
PICKED = ("added", "targeted")
# What stands in the place of a bearer where nothing was coded, or nothing found.
NOBODY = "(none)"


def match(gold: Gold, claims: pd.DataFrame, documents: pd.DataFrame) -> pd.DataFrame:
    """What was coded beside what was found, in the articles that are among `documents`.

    Returns one row per set, unit, bearer and frame that was coded or found: doc_id, collection, start
    and end (of the trigger: the coded one, else the one found), coded and found (True or False),
    contested (only one of two readings has it), hit, heard (a hit whose voice the readings agree on),
    and voices_coded and voices_found (codes, one blank between).
    """
    gold = gold.within(documents["doc_id"])
    # What was coded comes first, so that "first" takes the place that was coded where there is one.
    rows = pd.concat([_coded(gold.claims), _found(_place(gold.units, claims[CLAIM]))], ignore_index=True)
    rows = rows.fillna({"voices_coded": "", "voices_found": ""})
    flags = ["coded", "contested", "unvoiced", "found"]
    rows[flags] = rows[flags].eq(True)
    how = {"doc_id": "first", "start": "first", "end": "first", "voices_coded": _together, "voices_found": _together}
    keys = rows.groupby(KEY).agg({**how, **dict.fromkeys(flags, "any")}).reset_index()
    keys["hit"] = keys["coded"] & keys["found"] & ~keys["contested"]
    keys["heard"] = keys["hit"] & ~keys.pop("unvoiced")
    keys["collection"] = keys["doc_id"].map(documents.set_index("doc_id")["collection"])
    return keys.sort_values(["set", "doc_id", "start", "bearer", "frame"], kind="stable", ignore_index=True)


def _coded(claims: pd.DataFrame) -> pd.DataFrame:
    flags = {"coded": claims["agreed"] == 1, "contested": claims["agreed"] == 0, "unvoiced": claims["voice"] == ""}
    kept = claims[[*KEY, "doc_id", "trigger_start", "trigger_end", "voice"]].assign(**flags)
    return kept.set_axis([*KEY, "doc_id", "start", "end", "voices_coded", *flags], axis="columns")


def _found(claims: pd.DataFrame) -> pd.DataFrame:
    return claims.rename(columns={"voice": "voices_found"}).assign(found=True)


def _together(codes: pd.Series) -> str:
    return " ".join(sorted(set(codes) - {""}))


def _place(units: pd.DataFrame, claims: pd.DataFrame) -> pd.DataFrame:
    """The claims that lie in a coded unit, with its set and unit; one in two sets stands twice."""
    middle = claims.assign(middle=(claims["start"] + claims["end"]) / 2)
    middle = middle.sort_values(["middle", *CLAIM], ignore_index=True)
    parts = [middle.head(0).assign(set="", unit="")]
    for name, some in units.groupby("set"):
        spans = some.assign(first=some["start"].astype(float), past=some["end"])[["doc_id", "unit", "first", "past"]]
        spans = spans.sort_values("first", kind="stable")
        placed = pd.merge_asof(middle, spans, left_on="middle", right_on="first", by="doc_id")
        parts.append(placed[placed["middle"] < placed["past"]].assign(set=name))
    return pd.concat(parts, ignore_index=True)[["set", "unit", *claims.columns]]


def score(keys: pd.DataFrame, by: Sequence[str] = ("set",)) -> pd.DataFrame:
    """Precision, recall, F1 and voice accuracy of each cell of `by`, columns of `match`.

    Returns one row per cell and measure: `by`, measure, n_documents (articles that have a say), n (what
    the score is a share of: claims found, claims coded, the two together, hits whose voice is known),
    score (0 to 1; missing where n is 0), low and high (95 %).
    """
    voice_right = keys["heard"] & _share_a_code(keys["voices_coded"], keys["voices_found"])
    judged = (keys["found"] & ~keys["contested"]).astype(int)
    coded, hit = keys["coded"].astype(int), keys["hit"].astype(int)
    parts = [
        _ratio(keys, by, "precision", hit, judged),
        _ratio(keys, by, "recall", hit, coded),
        _ratio(keys, by, "f1", 2 * hit, coded + judged),
        _ratio(keys, by, "voice", voice_right.astype(int), keys["heard"].astype(int)),
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values(list(by), kind="stable", ignore_index=True)


def _share_a_code(some: pd.Series, others: pd.Series) -> np.ndarray:
    pairs = zip(some, others, strict=True)
    return np.array([not set(a.split()).isdisjoint(b.split()) for a, b in pairs], dtype=bool)


def _ratio(rows: pd.DataFrame, by: Sequence[str], measure: str, top: pd.Series, below: pd.Series) -> pd.DataFrame:
    """Sum of `top` by sum of `below` in each cell, with an interval from articles."""
    by = list(by)
    sums = rows.assign(top=top, below=below).groupby([*by, "doc_id"])[["top", "below"]].sum()
    table = []
    for cell, part in sums.groupby(level=by):
        hits, of = part["top"].to_numpy(float)[:, None], part["below"].to_numpy(float)[:, None]
        low, high = jackknife(hits, of)
        value = hits.sum() / of.sum() if of.sum() else np.nan
        table.append((*cell, measure, int((of > 0).sum()), int(of.sum()), value, low[0], high[0]))
    return pd.DataFrame(table, columns=[*by, "measure", "n_documents", "n", "score", "low", "high"])


def score_by_voice(keys: pd.DataFrame, by: Sequence[str] = ("set",)) -> pd.DataFrame:
    """Scores by voice: recall by the voice coded, precision by the voice found, whether or not the two agree.

    `voice`: of the hits coded with that voice, the share found in it. A claim in two voices counts
    in each; one whose voice the readings do not agree on is left out of recall and voice. Columns as
    those of `score`, with voice after `by`.
    """
    coded = keys[keys["coded"]].assign(voice=keys["voices_coded"].str.split()).explode("voice").dropna(subset="voice")
    found = keys[keys["found"] & ~keys["contested"]]
    found = found.assign(voice=found["voices_found"].str.split()).explode("voice")
    right = coded["heard"] & _share_a_code(coded["voice"], coded["voices_found"])
    cell = [*by, "voice"]
    parts = [
        _ratio(found, cell, "precision", found["hit"].astype(int), found["found"].astype(int)),
        _ratio(coded, cell, "recall", coded["hit"].astype(int), coded["coded"].astype(int)),
        _ratio(coded, cell, "voice", right.astype(int), coded["heard"].astype(int)),
    ]
    return pd.concat(parts, ignore_index=True).sort_values(cell, kind="stable", ignore_index=True)


def score_by_cue(keys: pd.DataFrame, gold: Gold, claims: pd.DataFrame) -> pd.DataFrame:
    """Precision of each cue, the sets of `keys` together: of the claims it found, the share that is coded.

    One row per frame and cue, columns as those of `score`, the cue that found most first. Here a weak
    cue shows that it is strong enough, and a strong one that it is not.
    """
    cues = _place(gold.units, claims[[*CLAIM, "cue"]])[[*KEY, "cue"]].drop_duplicates()
    rows = cues.merge(keys.loc[~keys["contested"], [*KEY, "doc_id", "hit", "found"]], on=KEY)
    table = _ratio(rows, ["frame", "cue"], "precision", rows["hit"].astype(int), rows["found"].astype(int))
    return table.sort_values(["n", "frame", "cue"], ascending=[False, True, True], ignore_index=True)


def balance(keys: pd.DataFrame, pair: tuple[str, str], frames: Sequence[str] = ("obligation", "blame")) -> pd.DataFrame:
    """The burden balance of the coded passages: as coders have it, and as the ledger has it.

    Returns one row per collection, frame and reading (coded, found): n (claims on either of the pair), share
    (laid on the first, 0 to 1), low and high (95 %, one article left out at a time). Passages that
    were picked for what they hold are left out (PICKED). The others are taken as they are, not weighted
    by their probabilities: this compares two readings of one text, it estimates nothing.
    """
    held = keys[~keys["set"].isin(PICKED) & keys["bearer"].isin(pair) & keys["frame"].isin(frames)]
    rows = []
    for (collection, frame), some in held.groupby(["collection", "frame"]):
        for reading in ("coded", "found"):
            laid = (
                some[some[reading]].groupby("doc_id")["bearer"].agg(first=lambda who: (who == pair[0]).sum(), n="size")
            )
            first, n = laid["first"].to_numpy(float)[:, None], laid["n"].to_numpy(float)[:, None]
            (low,), (high,) = jackknife(first, n) if len(laid) else ([np.nan], [np.nan])
            share = first.sum() / n.sum() if len(laid) else np.nan
            rows.append((collection, frame, reading, int(n.sum()), share, low, high))
    return pd.DataFrame(rows, columns=["collection", "frame", "reading", "n", "share", "low", "high"])


def confusion(keys: pd.DataFrame) -> pd.DataFrame:
    """Which bearer was found where another was coded, in one sentence and frame.

    Returns one row per set, unit, frame, bearer coded and bearer found that meet: doc_id, collection,
    start, end, coded, found, kind. A hit meets itself ('hit'); a bearer that was missed meets each
    bearer found there in its place ('wrong bearer') or nobody ('missed'), and one that was found
    though nobody was missed there stands beside nobody ('not coded'). Contested claims are left out.
    """
    about = ["set", "unit", "frame", "doc_id", "collection"]
    kept = keys[~keys["contested"]]
    hits = kept[kept["hit"]].assign(coded=kept["bearer"], found=kept["bearer"])
    missed = kept[kept["coded"] & ~kept["hit"]]
    wrong = kept[kept["found"] & ~kept["hit"]]
    places = missed[[*about, "start", "end", "bearer"]].rename(columns={"bearer": "coded"})
    others = wrong[[*about, "start", "end", "bearer"]].rename(columns={"bearer": "found"})
    pairs = places.merge(others, on=about, how="outer", suffixes=("", "_found"))
    for column in ("start", "end"):
        pairs[column] = pairs[column].fillna(pairs.pop(f"{column}_found")).astype("int64")
    pairs = pd.concat([pairs, hits[pairs.columns]], ignore_index=True).fillna({"coded": NOBODY, "found": NOBODY})
    pairs["kind"] = np.select(
        [pairs["coded"] == pairs["found"], pairs["found"] == NOBODY, pairs["coded"] == NOBODY],
        ["hit", "missed", "not coded"],
        "wrong bearer",
    )
    order = [*about, "start", "end", "coded", "found", "kind"]
    return pairs[order].sort_values(["set", "doc_id", "start", "frame", "coded", "found"], ignore_index=True)


def square(pairs: pd.DataFrame) -> pd.DataFrame:
    """Bearers coded (rows) by bearers found (columns): how many rows of `confusion` each pair has."""
    return pd.crosstab(pairs["coded"], pairs["found"])


def commonest_errors(pairs: pd.DataFrame) -> pd.DataFrame:
    """The errors among the rows of `confusion`, by kind, frame and bearers, the most frequent first.

    Columns: kind, frame, coded, found, n, n_documents, and doc_id, start, end of the first of them.
    """
    errors = pairs[pairs["kind"] != "hit"].sort_values(["doc_id", "start"], kind="stable")
    table = errors.groupby(["kind", "frame", "coded", "found"]).agg(
        n=("unit", "size"),
        n_documents=("doc_id", "nunique"),
        doc_id=("doc_id", "first"),
        start=("start", "first"),
        end=("end", "first"),
    )
    order = {"by": ["n", "kind", "frame", "coded", "found"], "ascending": [False, True, True, True, True]}
    return table.reset_index().sort_values(**order, ignore_index=True)


def agreement(gold: Gold, by: Sequence[str] = ("set",)) -> pd.DataFrame:
    """How far two readings of one text have the same claims, as far as `agreed` tells.

    One row per cell of `by` and measure, columns as those of `score`: `f1` of one reading against the
    other over (unit, bearer, frame), and `voice`, of the claims both have the share to which both
    give the same voice. A set without a contested claim is taken as read once, and left out.
    """
    keys = _read_twice(gold)
    parts = [
        _ratio(keys, by, "f1", 2 * keys["both"], 2 * keys["both"] + keys["one"]),
        _ratio(keys, by, "voice", keys["both"] * keys["voiced"], keys["both"]),
    ]
    return pd.concat(parts, ignore_index=True).sort_values(list(by), kind="stable", ignore_index=True)


def _read_twice(gold: Gold) -> pd.DataFrame:
    """One row per claim of the sets read twice: both (1 where both readings have it), one, voiced."""
    claims = gold.claims[gold.claims["set"].isin(gold.claims.loc[gold.claims["agreed"] == 0, "set"])]
    claims = claims.assign(voiced=claims["voice"] != "")
    how = {"doc_id": ("doc_id", "first"), "both": ("agreed", "max"), "voiced": ("voiced", "all")}
    keys = claims.groupby(KEY).agg(**how).reset_index()
    return keys.assign(one=1 - keys["both"])


def alpha(gold: Gold) -> pd.DataFrame:
    """Krippendorff's alpha (2004) of the two readings, for presence of each bearer and frame in each unit.

    1 is full agreement, 0 what chance would give. Every unit is asked about every pair of a bearer
    and a frame that the set holds, so both mostly answer no, which alpha discounts. Two readers
    and two values need no names of readers: alpha = 1 - (n - 1) o / (n0 n1) with n answers, n1 of
    them yes, and o units in which the two differ. Columns as those of `score`; n counts the units,
    n_documents the articles, one of which is left out at a time for the interval.
    """
    keys, rows = _read_twice(gold), []
    for name, part in keys.groupby("set"):
        units = gold.units[gold.units["set"] == name].groupby("doc_id").size()
        sums = part.groupby("doc_id")[["both", "one"]].sum().reindex(units.index, fill_value=0)
        both, one = sums["both"].to_numpy(float), sums["one"].to_numpy(float)
        answers = 2.0 * units.to_numpy() * part[["bearer", "frame"]].drop_duplicates().shape[0]
        value = _alpha(both.sum(), one.sum(), answers.sum())
        without = _alpha(both.sum() - both, one.sum() - one, answers.sum() - answers)
        reach = _reach(without)
        rows.append((name, "alpha", len(units), int(units.sum()), value, value - reach, min(value + reach, 1.0)))
    return pd.DataFrame(rows, columns=["set", "measure", "n_documents", "n", "score", "low", "high"])


def _alpha(both: np.ndarray, one: np.ndarray, answers: np.ndarray) -> np.ndarray:
    yes = 2 * both + one
    # Where every claim stands in one article, nothing is left without it, and there is no interval.
    with np.errstate(invalid="ignore", divide="ignore"):
        return 1 - (answers - 1) * one / (yes * (answers - yes))


def _reach(without: np.ndarray) -> float:
    """Half the width of a 95 % interval from the estimates with one article left out (see `measures.jackknife`)."""
    n = len(without)
    if n < MIN_ARTICLES:
        return np.nan
    return float(student.ppf(0.975, n - 1) * np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum()))


def cleaning(gold: Gold, sentences: pd.DataFrame, documents: pd.DataFrame) -> pd.DataFrame:
    """Whether cleaning kept the running text and dropped the rest, by the coded units.

    One row per set and measure, columns as those of `score`: `text kept` is the share of coded
    sentences whose middle lies in a sentence of the tables, `boilerplate dropped` the share of
    bylines, captions and adverts whose middle lies in none.
    """
    units = gold.within(documents["doc_id"]).units
    units = units.assign(middle=(units["start"] + units["end"]) / 2).sort_values("middle", kind="stable")
    spans = sentences.assign(first=sentences["start"].astype(float), past=sentences["end"])
    spans = spans[["doc_id", "first", "past"]].sort_values("first", kind="stable")
    units = pd.merge_asof(units, spans, left_on="middle", right_on="first", by="doc_id")
    kept, text = (units["middle"] < units["past"]).astype(int), 1 - units["boilerplate"]
    parts = [
        _ratio(units, ["set"], "text kept", kept * text, text),
        _ratio(units, ["set"], "boilerplate dropped", (1 - kept) * units["boilerplate"], units["boilerplate"]),
    ]
    return pd.concat(parts, ignore_index=True).sort_values("set", kind="stable", ignore_index=True)


def in_words(row) -> str:
    """A score as it stands in a sentence or a cell: value, interval where there is one, and n.

    >>> in_words(pd.Series({"score": 0.5, "low": 0.4, "high": 0.61, "n": 1200}))
    '.50 (.40 to .61, n = 1,200)'
    >>> in_words(pd.Series({"score": 1.0, "low": float("nan"), "high": float("nan"), "n": 3}))
    '1.00 (n = 3)'
    """
    if pd.isna(row["score"]):
        return "no score (n = 0)"
    value, low, high = (f"{number:.2f}".removeprefix("0") for number in row[["score", "low", "high"]])
    interval = "" if pd.isna(row["low"]) else f"{low} to {high}, "
    return f"{value} ({interval}n = {int(row['n']):,})"


def side_by_side(table: pd.DataFrame) -> pd.DataFrame:
    """A table of scores with one column for each measure, each score in words: for reading, not for counting."""
    cell = list(table.columns[: table.columns.get_loc("measure")])
    measures = list(dict.fromkeys(table["measure"]))
    texts = table.assign(text=[in_words(row) for _, row in table.iterrows()])
    return texts.pivot(index=cell, columns="measure", values="text").reindex(columns=measures).fillna("")


def answer(table: pd.DataFrame) -> str:
    """A table of `score` by set as sentences, one for each set; says so where nothing is coded."""
    if table.empty:
        return "No article of these tables is coded: nothing can be scored."
    return "\n".join(_set_in_words(name, rows.set_index("measure")) for name, rows in table.groupby("set"))


def _set_in_words(name: str, rows: pd.DataFrame) -> str:
    found, coded = rows.loc["precision", "n"], rows.loc["recall", "n"]
    f1, voice = (in_words(rows.loc[measure]) for measure in ("f1", "voice"))
    judged = f"{coded:,} claims coded and {found:,} found, in {rows.loc['f1', 'n_documents']:,} articles that have any"
    return f"On {name} ({judged}): F1 {f1}, voice right in {voice}."


def extremes_in_words(f1: pd.DataFrame, by: str) -> str:
    """Where F1 is highest and where lowest, of the rows with an interval, as the title of a chart."""
    known = f1.dropna(subset=["score", "low"]).sort_values(["score", by])
    if known.empty:
        return "Too little is coded to say where F1 is highest"
    worst, best = known.iloc[0], known.iloc[-1]
    return f"F1 is highest for {best[by]} ({best['score']:.2f}) and lowest for {worst[by]} ({worst['score']:.2f})"


def report(
    gold: Gold, claims: pd.DataFrame, sentences: pd.DataFrame, documents: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Every table of this module by its heading, for reading (`python -m analysis validate` prints them)."""
    keys = match(gold, claims, documents)
    cells = {
        "all": ["set"],
        "frame": ["set", "frame"],
        "bearer": ["set", "bearer"],
        "collection": ["set", "collection"],
    }
    tables = {f"Claims: {name}": side_by_side(score(keys, by)) for name, by in cells.items()}
    pairs = confusion(keys)
    return {
        **tables,
        "Claims: voice": side_by_side(score_by_voice(keys)),
        "Claims: the cues that found most": score_by_cue(keys, gold, claims).head(40).round(2),
        "Claims: bearer coded (down) and found (across)": square(pairs),
        "Claims: commonest errors, each with its first place": commonest_errors(pairs).head(20),
        "Cleaning": side_by_side(cleaning(gold, sentences, documents)),
        "Agreement of the two readings": side_by_side(pd.concat([agreement(gold), alpha(gold)], ignore_index=True)),
    }
