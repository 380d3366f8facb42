"""Where a notebook sits down: the tables, the codebook, and a place for its figures."""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from analysis import codebook as codebooks
from analysis import contracts
from analysis.codebook import Codebook

FOLDER = Path(__file__).resolve().parent.parent / "figures"
# Names of the environment variables by which `python -m analysis figures` tells a notebook where to work.
TABLES, FIGURES = "WORKBENCH_TABLES", "WORKBENCH_FIGURES"


@dataclass(frozen=True)
class Desk:
    """What a notebook works with: the four tables, the codebook, and a place for its figures."""

    folder: Path
    out: Path
    book: Codebook

    @cached_property
    def documents(self) -> pd.DataFrame:
        return contracts.read("documents", self.folder)

    @cached_property
    def sentences(self) -> pd.DataFrame:
        return contracts.read("sentences", self.folder)

    @cached_property
    def terms(self) -> pd.DataFrame:
        return contracts.read("terms", self.folder)

    @cached_property
    def claims(self) -> pd.DataFrame:
        return contracts.read("claims", self.folder)

    def save(self, figure: Figure, table: pd.DataFrame, name: str) -> None:
        """Write the figure as `name`.svg and the plotted table as `name`.csv, the same bytes each time."""
        self.out.mkdir(parents=True, exist_ok=True)
        figure.savefig(self.out / f"{name}.svg", metadata={"Date": None, "Creator": None})
        (self.out / f"{name}.csv").write_bytes(contracts.as_csv(rounded(table)).encode("utf-8"))


def rounded(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its numbers to six decimals: more than a reader needs, fewer than processors differ by."""
    return table.assign(**table.select_dtypes("number").round(6))


def open_desk() -> Desk:
    """The tables named by WORKBENCH_TABLES (as `python -m analysis figures` sets it), else those of this repository.

    A codebook that stands beside the tables is theirs; otherwise it is data/codebook.
    """
    folder = Path(os.environ.get(TABLES, contracts.FOLDER))
    own = folder / "codebook"
    # 80 dots an inch for the notebook's own pictures; the SVG is there for a closer look.
    mpl.rcParams.update({"svg.hashsalt": "workbench", "svg.fonttype": "path", "figure.dpi": 80})
    return Desk(
        folder,
        Path(os.environ.get(FIGURES, FOLDER)),
        codebooks.read(own if own.is_dir() else codebooks.FOLDER),
    )
