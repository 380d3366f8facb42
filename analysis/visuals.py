"""One table -> one Axes. Each function draws a table of `analysis.tables` or of a measure and returns the Axes.

Colours are those of Okabe & Ito (2008), which survive colour-blindness, in an order whose grey
values differ, so that they survive print as well.
"""

from collections.abc import Iterator, Sequence
from textwrap import wrap

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.desk import rounded
from analysis.tables import READ

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
FADED = "#9A9A9A"
# 12 letters an inch: a title of DejaVu Sans at 11 points takes 0.08 inch a letter, digits and capitals a little more.
LETTERS = 12
# 0.13 inch: the height of a label of 6.5 points, with a little air.
LABEL = 0.13


def _head(figure: Figure, title: str) -> None:
    """The title over the whole width, broken where it is longer."""
    lines = wrap(title.replace("\n", " "), int(figure.get_figwidth() * LETTERS))
    figure.suptitle("\n".join(lines), x=0.01, ha="left", fontsize=11)


def axes(title: str, width: float = 8.0, height: float = 4.5) -> Axes:
    """An empty Axes whose title is the sentence the chart shows."""
    figure, ax = plt.subplots(figsize=(width, height), layout="constrained")
    _head(figure, title)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def panels(
    titles: Sequence[str], title: str, width: float = 9.0, height: float = 4.5, one_scale: bool = True
) -> list[Axes]:
    """Small multiples side by side under one title, with one scale unless what stands on the axes differs."""
    figure, row = plt.subplots(
        1, len(titles), figsize=(width, height), layout="constrained", sharex=one_scale, sharey=one_scale
    )
    _head(figure, title)
    for ax, name in zip(np.atleast_1d(row), titles, strict=True):
        ax.set_title(name, loc="left", fontsize=10)
        ax.spines[["top", "right"]].set_visible(False)
    return list(np.atleast_1d(row))


def facets(
    table: pd.DataFrame, down: str, across: str, title: str, size: tuple[float, float] = (9.0, 1.7)
) -> Iterator[tuple[Axes, pd.DataFrame]]:
    """Small multiples with one scale: an Axes and its rows of the table for each value of `down` and `across`.

    Values stand in the order of the table; `size` is the width of all and the height of one row. An Axes
    whose rows are none stays empty, in its place.
    """
    rows, columns = (list(dict.fromkeys(table[name])) for name in (down, across))
    figure, grid = plt.subplots(
        len(rows),
        len(columns),
        figsize=(size[0], size[1] * len(rows) + 0.6),
        layout="constrained",
        sharex=True,
        sharey=True,
        squeeze=False,
    )
    _head(figure, title)
    for (i, j), ax in np.ndenumerate(grid):
        ax.spines[["top", "right"]].set_visible(False)
        if not i:
            ax.set_title(columns[j], loc="left", fontsize=10)
        if not j:
            ax.set_ylabel(rows[i], fontsize=8)
        yield ax, table[(table[down] == rows[i]) & (table[across] == columns[j])]


def counts(table: pd.DataFrame, by: str, value: str, ax: Axes) -> Axes:
    """How much was read in each cell: outlets or groups down, periods across, darker is more (log scale).

    A cell in which nothing was read is left white: a gap, not a zero.
    """
    rows, periods = sorted(table[by].unique()), list(dict.fromkeys(table["period"]))
    grid = table.pivot(index=by, columns="period", values=value).loc[rows, periods]
    shade = np.log1p(grid.where(grid > 0))
    ax.imshow(shade, cmap="Blues", vmin=0, aspect="auto")
    for (i, j), cell in np.ndenumerate(grid.to_numpy()):
        if cell:
            dark = shade.iloc[i, j] > 0.6 * np.nanmax(shade)
            ax.text(j, i, f"{cell:,}", ha="center", va="center", fontsize=7, color="white" if dark else "black")
    ax.set_yticks(range(len(rows)), rows)
    ax.set_xticks(range(len(periods)), periods, rotation=90 if len(periods) > 12 else 0)
    ax.tick_params(length=0)
    return ax


def legend(ax: Axes) -> Axes:
    """The names of the lines, beside the Axes, where they cover nothing."""
    ax.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax


def intervals(
    table: pd.DataFrame,
    label: str,
    value: str,
    ax: Axes,
    colour: str = COLOURS[0],
    marker: str = "o",
    shift: float = 0.0,
    missing: str = "too little read",
) -> Axes:
    """An estimate and its interval on each line, in the order of the table from the top.

    `shift` moves the marks off the line, so that a second series can stand beside the first. A
    missing estimate is written out as `missing`, never drawn at zero.
    """
    table = rounded(table)
    y = len(table) - 1 - np.arange(len(table)) + shift
    known = table[value].notna().to_numpy()
    some = table[known]
    ax.hlines(y[known], some["low"], some["high"], color=colour, linewidth=1.6)
    ax.plot(some[value], y[known], marker, color=colour, markersize=6)
    for place in y[~known]:
        ax.annotate(missing, (0.01, place), xycoords=("axes fraction", "data"), va="center", fontsize=8, color=FADED)
    ax.set_yticks(len(table) - 1 - np.arange(len(table)), table[label])
    ax.set_ylim(-0.6, len(table) - 0.4)
    ax.grid(axis="x", color="#EEEEEE")
    ax.set_axisbelow(True)
    return ax


def found_and_corrected(table: pd.DataFrame, label: str, ax: Axes) -> Axes:
    """Two estimates with their intervals on each line, as found above and as corrected below it.

    `table` is one of `shares.correct`, in the order of the table from the top. Where nothing is corrected, that is
    written out: the estimate as found stands alone, and may be off by as much as the others are.
    """
    for name, shift, missing in (("found", 0.16, "nothing found"), ("corrected", -0.16, "not corrected")):
        number = 0 if name == "found" else 1
        columns = {f"{part}_{name}": part for part in ("share", "low", "high")}
        series = table[[label, *columns]].rename(columns=columns)
        intervals(series, label, "share", ax, COLOURS[number], MARKERS[number], shift, missing)
        ax.lines[-1].set_label(name)
    return legend(ax)


def placed(table: pd.DataFrame, ax: Axes) -> Axes:
    """Single articles as dots above the intervals of the groups of the same months (`timeline.placed`)."""
    single = (table["kind"] == "article").to_numpy()
    for some, number in ((~single, 0), (single, 1)):
        shown = table.assign(**{name: table[name].where(some) for name in ("share", "low", "high")})
        intervals(shown, "label", "share", ax, COLOURS[number], MARKERS[number], missing="")
    for place, status in zip(len(table) - 1 - np.arange(len(table)), table["status"], strict=True):
        if status != READ:
            ax.annotate(status, (0.01, place), xycoords=("axes fraction", "data"), va="center", fontsize=8, color=FADED)
    return ax


def over_time(table: pd.DataFrame, by: str, value: str, ax: Axes, periods: Sequence[str] | None = None) -> Axes:
    """One line per outlet or group over the periods, with its intervals; broken where too little was read.

    `periods` is the whole scale, so that panels agree; by default the table's own.
    """
    table = rounded(table)
    scale = list(periods if periods is not None else sorted(table["period"].unique()))
    names = sorted(table[by].unique())
    for number, name in enumerate(names):
        line = table[table[by] == name].set_index("period").reindex(scale)
        # A small step sideways keeps intervals of one period apart.
        x = np.arange(len(scale)) + (number - (len(names) - 1) / 2) * 0.12
        colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
        ax.vlines(x, line["low"], line["high"], color=colour, linewidth=1.2, alpha=0.7)
        ax.plot(x, line[value], marker=marker, color=colour, markersize=4.5, linewidth=1.2, label=name)
    ax.set_xticks(range(len(scale)), scale, rotation=90 if len(scale) > 8 else 0, fontsize=8)
    ax.grid(axis="y", color="#EEEEEE")
    ax.set_axisbelow(True)
    return ax


def events(
    table: pd.DataFrame,
    periods: Sequence[str],
    freq: str,
    ax: Axes,
    kinds: Sequence[str] = ("summit",),
    labels: bool = True,
) -> Axes:
    """Events of the codebook as thin lines at their place on the scale of periods, their labels above the Axes.

    Labels of one season are moved apart so that each can be read; they stay in the order of the events.
    """
    scale, last = list(periods), -np.inf
    width = ax.get_position().width * ax.figure.get_figwidth()
    for event in table[table["kind"].isin(kinds)].sort_values("date").itertuples(index=False):
        day = pd.Timestamp(event.date)
        period = day.to_period(freq)
        if str(period) not in scale:
            continue
        x = scale.index(str(period)) - 0.5 + (day - period.start_time) / (period.end_time - period.start_time)
        ax.axvline(x, color=FADED, linewidth=0.8, linestyle=":")
        if labels:
            last = max(x, last + LABEL / width * len(scale))
            place = {
                "xycoords": ("data", "axes fraction"),
                "rotation": 90,
                "va": "bottom",
                "ha": "center",
                "fontsize": 6.5,
            }
            ax.annotate(event.event, (last, 1.02), **place)
    return ax


def changes(table: pd.DataFrame, periods: Sequence[str], ax: Axes) -> Axes:
    """Change points of one outlet or group (`timeline.change_points`), each with the share of resamples that has it."""
    scale = list(periods)
    for row in table.dropna(subset="period").itertuples(index=False):
        x = (scale.index(row.last) + scale.index(row.period)) / 2
        ax.axvline(x, color=COLOURS[-1], linewidth=1.0, alpha=max(row.stable, 0.2))
        ax.annotate(f"{row.stable:.0%}", (x, 0.02), xycoords=("data", "axes fraction"), fontsize=7)
    return ax


def matrix(table: pd.DataFrame, rows: str, columns: str, value: str, ax: Axes) -> Axes:
    """A square or table of values, each written in its cell; darker is more, white is missing."""
    grid = rounded(table).pivot(index=rows, columns=columns, values=value)
    ax.imshow(grid, cmap="Blues", vmin=0, aspect="auto")
    top = np.nanmax(grid.to_numpy(float)) or 1
    for (i, j), cell in np.ndenumerate(grid.to_numpy(float)):
        if not np.isnan(cell):
            text = f"{cell:.2f}" if grid.dtypes.iloc[0].kind == "f" else f"{cell:.0f}"
            ax.text(j, i, text, ha="center", va="center", fontsize=8, color="white" if cell > 0.6 * top else "black")
    ax.set_yticks(range(len(grid.index)), grid.index)
    ax.set_xticks(range(len(grid.columns)), grid.columns, rotation=30, ha="right")
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    return ax
