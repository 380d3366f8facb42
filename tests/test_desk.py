"""The place where a notebook works: its tables, its codebook, its figures."""

import pandas as pd

from analysis import desk, visuals
from analysis.desk import open_desk


def test_a_codebook_beside_the_tables_is_theirs(tmp_path, monkeypatch, codebook):
    monkeypatch.setenv(desk.TABLES, str(tmp_path))
    assert open_desk().book.folder == codebook.folder
    (tmp_path / "codebook").mkdir()
    for sheet in codebook.folder.glob("*.csv"):
        (tmp_path / "codebook" / sheet.name).write_bytes(sheet.read_bytes())
    assert open_desk().book.folder == tmp_path / "codebook"


def test_a_figure_and_its_table_are_saved_to_the_same_bytes_each_time(tmp_path, monkeypatch):
    table = pd.DataFrame({"group": ["a", "b"], "share": [0.25, 1 / 3], "low": 0.1, "high": 0.5})
    saved = []
    for name in ("one", "two"):
        monkeypatch.setenv(desk.FIGURES, str(tmp_path / name))
        ax = visuals.intervals(table, "group", "share", visuals.axes("title"))
        open_desk().save(ax.figure, table, "00_test")
        saved.append([path.read_bytes() for path in sorted((tmp_path / name).iterdir())])
    assert saved[0] == saved[1]
    assert b"<dc:date>" not in saved[0][1]


def test_numbers_are_rounded_dates_stay_and_formulas_are_made_harmless(tmp_path, monkeypatch):
    monkeypatch.setenv(desk.FIGURES, str(tmp_path))
    table = pd.DataFrame({"term": ["=SUM(A1)"], "date": pd.to_datetime(["2031-01-02"]), "share": [1 / 3], "n": [3]})
    open_desk().save(visuals.axes("t").figure, table, "00_test")
    assert (tmp_path / "00_test.csv").read_text() == "term,date,share,n\n'=SUM(A1),2031-01-02,0.333333,3\n"
