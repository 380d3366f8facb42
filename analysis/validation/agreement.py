"""How far two coders agree, how sure that is, and where they do not."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import t as student

from analysis import InputError
from analysis.contracts import FRAMES
from analysis.measures import MIN_ARTICLES

# The frame of a unit that is no running text (byline, caption, heading): it holds no claim.
BOILERPLATE = "boilerplate"

PLACE = ["unit", "doc_id", "start", "end"]
CLAIM = [*PLACE, "bearer", "frame"]
TRIGGER = ["trigger_start", "trigger_end"]
UNITS = [*PLACE, "boilerplate", "probability", "text"]
CLAIMS = [*CLAIM, "voice", *TRIGGER, "difficult"]
TYPES = dict.fromkeys(["doc_id", "text", "bearer", "frame", "voice"], "str") | {"probability": "float64"}


class Coded(NamedTuple):
    """What one coder made of a sample, as `coding.read_coded` reads it: the units read, and the claims in them.

    units: unit, doc_id, start, end, boilerplate (0 or 1), probability, text. claims: unit, doc_id, start and
    end (of the sentence), bearer, frame, voice, trigger_start, trigger_end (in the source text), difficult.
    """

    path: Path
    units: pd.DataFrame
    claims: pd.DataFrame


def as_table(rows: Iterable[Mapping], columns: Sequence[str]) -> pd.DataFrame:
    """Rows with the types of their columns, which a table without rows would not have of itself."""
    return pd.DataFrame(list(rows), columns=columns).astype({name: TYPES.get(name, "int64") for name in columns})


class Interval(NamedTuple):
    """The two ends of a 95 % interval; both missing where nothing can be said."""

    low: float
    high: float


# ---------------------------------------------------------------- measures of agreement


def alpha(counts: np.ndarray) -> np.ndarray:
    """Krippendorff's alpha for nominal codes of two coders, from how often each pair of codes was given.

    `counts` is codes x codes, first coder by second, or a stack of such tables. 1 is agreement
    throughout, 0 what chance would give, below 0 less than that; missing where only one code was ever
    given, since there is then nothing to agree on (Krippendorff 2004, ch. 11; 2011).

    >>> round(float(alpha(np.array([[5, 3], [1, 1]]))), 3)
    0.095
    """
    counts = np.asarray(counts, dtype="float64")
    # Each unit gives two pairs, one in either order.
    coincidences = counts + np.swapaxes(counts, -1, -2)
    given = coincidences.sum(axis=-1)
    n = given.sum(axis=-1)
    apart = n - np.trace(coincidences, axis1=-2, axis2=-1)
    expected = n**2 - (given**2).sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(expected > 0, 1 - (n - 1) * apart / expected, np.nan)


def f1(counts: np.ndarray) -> np.ndarray:
    """F1 of one coder against the other, which is the same either way; missing where neither found a claim.

    `counts` is 2 x 2, absent and present, first coder by second, or a stack of such tables.

    >>> round(float(f1(np.array([[5, 3], [1, 1]]))), 3)
    0.333
    """
    counts = np.asarray(counts, dtype="float64")
    both, apart = counts[..., 1, 1], counts[..., 0, 1] + counts[..., 1, 0]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(both + apart > 0, 2 * both / (2 * both + apart), np.nan)


def same(counts: np.ndarray) -> np.ndarray:
    """Share of units to which both coders gave the same code (0 to 1); chance is not taken off."""
    counts = np.asarray(counts, dtype="float64")
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.trace(counts, axis1=-2, axis2=-1) / counts.sum(axis=(-2, -1))


def interval(counts: np.ndarray, tells: np.ndarray, statistic: Callable[[np.ndarray], np.ndarray]) -> Interval:
    """Low and high: 95 % interval of a statistic that is 1 at most, the articles resampled, one left out at a time.

    `counts` is articles x codes x codes. `tells` marks the articles that say anything: one in which
    neither coder found a claim is counted in the estimate, but does not make it surer.

    The units of one article are not independent, so articles are left out (jackknife, Efron & Tibshirani 1993,
    ch. 11, with Student's t). The interval is made for log(1 - statistic), which keeps it below 1. Missing with
    fewer than three such articles and where nobody disagrees: nothing then says how far the estimate would move.

    Measured by `python -m benchmarks.agreement` (600 draws from 830 coded articles, a second coder
    simulated): with 5, 10, 20 and 40 articles it holds the true alpha in 94, 94, 96 and 96 % of draws, the
    percentile bootstrap in 81, 89, 93 and 93 %; F1 likewise.
    """
    total, told = counts.sum(axis=0), counts[tells]
    n = len(told)
    apart = 1 - float(statistic(total))
    if n < MIN_ARTICLES or not apart > 0:
        return Interval(np.nan, np.nan)
    without = 1 - statistic(total - told)
    error = np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum())
    reach = student.ppf(0.975, n - 1) * error / apart
    return Interval(1 - apart * float(np.exp(reach)), 1 - apart * float(np.exp(-reach)))


# ---------------------------------------------------------------- two coders


class Pair(NamedTuple):
    """Two coders' work on the units that both have read.

    units: unit, doc_id, start, end, and boilerplate_first and boilerplate_second (0 or 1). claims: one row
    per unit, bearer and frame that either has: first and second are the voices each gave, joined by '+'
    where there are several and empty where the coder has no such claim; trigger_start and trigger_end,
    difficult (1 where either says so).
    """

    units: pd.DataFrame
    claims: pd.DataFrame


def pair(first: Coded, second: Coded) -> Pair:
    """Two coders' files side by side.

    Raises InputError when they have no unit in common, and when one unit stands at different places.
    """
    units = first.units.merge(second.units, on="unit", suffixes=("_first", "_second"))
    if units.empty:
        raise InputError(f"{second.path}: no unit that {first.path} has; give two codings of one sample")
    for name in PLACE[1:]:
        apart = units[units[f"{name}_first"] != units[f"{name}_second"]]
        if len(apart):
            row = apart.iloc[0]
            given = f"{name} '{row[f'{name}_second']}', '{row[f'{name}_first']}' in {first.path}"
            raise InputError(f"{second.path}: unit {row['unit']} has {given}; give two codings of one sample")
    units = units.rename(columns={f"{name}_first": name for name in PLACE[1:]})
    claims = _side_by_side(first.claims, second.claims)
    claims = claims[claims["unit"].isin(units["unit"])].reset_index(drop=True)
    return Pair(units[[*PLACE, "boilerplate_first", "boilerplate_second"]], claims)


def _side_by_side(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """One row per unit, bearer and frame that either has; the trigger is the first coder's, where there is one."""
    voices = (first.assign(first=first["voice"], second=""), second.assign(first="", second=second["voice"]))
    # Sorted by voice within each coder, the first coder before the second.
    ordered = pd.concat([each.sort_values("voice", kind="stable") for each in voices])
    joined = {name: (name, lambda given: "+".join(filter(None, given))) for name in ("first", "second")}
    spot = {name: (name, "first") for name in TRIGGER}
    return ordered.groupby(CLAIM, as_index=False).agg(**joined, **spot, difficult=("difficult", "max"))


def compare(coded: Pair, bearers: Sequence[str]) -> pd.DataFrame:
    """How far two coders agree, one row per quantity.

    over: claims (every unit, bearer and frame is present or absent), each frame by itself, or voice (of the
    claims that both have). measure: alpha, F1, or, for voice, alpha and same (share). n: claims that either
    coder has, or for voice both; articles: those they stand in; estimate with low and high (95 %, see `interval`).
    """
    rows = []
    for over, frames in (("claims", FRAMES), *((frame, (frame,)) for frame in FRAMES)):
        claims = coded.claims[coded.claims["frame"].isin(frames)]
        counts = _presence(coded.units, claims, len(bearers) * len(frames))
        rows += [_row(over, "alpha", alpha, counts, len(claims)), _row(over, "F1", f1, counts, len(claims))]
    matched = coded.claims[(coded.claims["first"] != "") & (coded.claims["second"] != "")]
    counts = _voices(matched)
    rows += [_row("voice", name, each, counts, len(matched)) for name, each in (("alpha", alpha), ("same", same))]
    return pd.DataFrame(rows, columns=["over", "measure", "n", "articles", "estimate", "low", "high"])


def _row(over: str, measure: str, statistic: Callable, counts: np.ndarray, n: int) -> tuple:
    # Where a claim is absent for both, in the corner, nothing is told; of voices every cell tells.
    corner = 0 if over == "voice" else counts[:, 0, 0]
    tells = counts.sum(axis=(1, 2)) > corner
    return over, measure, n, int(tells.sum()), float(statistic(counts.sum(axis=0))), *interval(counts, tells, statistic)


def _presence(units: pd.DataFrame, claims: pd.DataFrame, per_unit: int) -> np.ndarray:
    """Articles x 2 x 2: how many of all possible claims are absent or present, first coder by second."""
    doc_ids, articles = np.unique(units["doc_id"], return_inverse=True)
    possible = np.bincount(articles, minlength=len(doc_ids)) * per_unit
    counts = np.zeros((len(doc_ids), 2, 2))
    present = [(claims[name] != "").to_numpy(dtype="int64") for name in ("first", "second")]
    np.add.at(counts, (np.searchsorted(doc_ids, claims["doc_id"]), *present), 1)
    counts[:, 0, 0] = possible - counts.sum(axis=(1, 2))
    return counts


def _voices(matched: pd.DataFrame) -> np.ndarray:
    """Articles x voices x voices: how often each was given, first coder by second."""
    doc_ids, articles = np.unique(matched["doc_id"], return_inverse=True)
    codes, given = np.unique(matched[["first", "second"]].to_numpy(dtype="str"), return_inverse=True)
    counts = np.zeros((len(doc_ids), len(codes), len(codes)))
    np.add.at(counts, (articles, *given.reshape(-1, 2).T), 1)
    return counts


def disagreements(coded: Pair) -> pd.DataFrame:
    """What to talk over, by place: one row per claim (or boilerplate) on which the coders differ.

    unit, doc_id, start, end, bearer, frame, first and second (the voice each gave, empty where the coder
    has no such claim), trigger_start and trigger_end, difficult; in the order of the units.
    """
    apart = coded.claims[coded.claims["first"] != coded.claims["second"]]
    units = coded.units[coded.units["boilerplate_first"] != coded.units["boilerplate_second"]]
    said = {name: units[f"boilerplate_{name}"].map({0: "", 1: "NONE"}) for name in ("first", "second")}
    spot = {"trigger_start": units["start"], "trigger_end": units["end"], "difficult": 0}
    flags = units[PLACE].assign(bearer="NONE", frame=BOILERPLATE, **said, **spot)
    found = pd.concat([apart, flags], ignore_index=True) if len(flags) else apart
    return found.sort_values(["unit", "bearer", "frame"], ignore_index=True)


# ---------------------------------------------------------------- coded text, to score measures against


def gold(coded: Pair) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The two codings as one: units and claims with the columns of data/gold.

    boilerplate and agreed are 1 where both say so; voice is the one both gave, empty where they differ. A claim of
    one coder keeps that coder's voice.
    """
    boilerplate = coded.units[["boilerplate_first", "boilerplate_second"]].min(axis=1)
    agreed = ((coded.claims["first"] != "") & (coded.claims["second"] != "")).astype("int64")
    claims = coded.claims.assign(agreed=agreed, voice=[_common(*row) for row in _pairs(coded.claims)]).explode("voice")
    columns = [*CLAIM, "voice", *TRIGGER, "agreed", "difficult"]
    return coded.units[PLACE].assign(boilerplate=boilerplate), claims[columns].reset_index(drop=True)


def _pairs(claims: pd.DataFrame) -> Iterator[tuple[str, str]]:
    return zip(claims["first"], claims["second"], strict=True)


def _common(first: str, second: str) -> list[str]:
    """The voices that both gave; those of the only coder who has the claim."""
    if not (first and second):
        return (first or second).split("+")
    return sorted(set(first.split("+")) & set(second.split("+"))) or [""]
