"""What is shipped: tables and figures are what the code makes of the articles and of the tables."""

import random
import re
import shlex
import tempfile
from pathlib import Path

import pandas as pd
import pytest

from analysis import InputError, contracts, notebooks, workbench
from analysis.__main__ import main
from analysis.corpus import articles

ROOT = Path(__file__).resolve().parent.parent
# 40 articles, drawn once: enough to meet every collection, few enough for half a minute with the reader `close`.
REBUILT = 40


def test_the_two_lines_of_the_readme_take_the_sample_from_text_to_notebooks(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    lines = re.findall(r"^python -m analysis .*data/sample.*\n.*$", (ROOT / "README.md").read_text("utf-8"), re.M)
    assert len(lines) == 1, "the README shows the two lines once"
    for line in lines[0].splitlines():
        assert main([part.replace("OUT", str(tmp_path / "out")) for part in shlex.split(line)[3:]]) == 0
    names = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert {path.stem for path in (tmp_path / "out" / "figures").glob("*.ipynb")} == names
    for picture in sorted((ROOT / "figures").glob("*.svg")):
        assert (tmp_path / "out" / "figures" / picture.name).is_file()
        assert (tmp_path / "out" / "figures" / f"{picture.stem}.csv").is_file()


# `make test` compares the figures that nbval draws, and nbval the outputs; this, the files as they are written.
@pytest.mark.slow
def test_figures_run_again_change_no_byte(tmp_path):
    notebooks.figures(out=tmp_path)
    shipped = [*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "figures").glob("*.*")]
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in shipped}
    assert [path.name for path in sorted(shipped) if (tmp_path / path.name).read_bytes() != path.read_bytes()] == []


def test_a_notebook_that_stops_is_named_and_not_overwritten(tmp_path, monkeypatch):
    broken = (ROOT / "notebooks" / "01_corpus.ipynb").read_text("utf-8").replace("open_desk()", "open_dask()")
    (tmp_path / "01_corpus.ipynb").write_text(broken, "utf-8")
    monkeypatch.setattr(notebooks, "NOTEBOOKS", tmp_path)
    with pytest.raises(InputError, match="01_corpus"):
        notebooks.figures()
    assert (tmp_path / "01_corpus.ipynb").read_text("utf-8") == broken


def test_the_shipped_tables_are_under_12_mb():
    assert sum(path.stat().st_size for path in contracts.FOLDER.glob("*.parquet")) < 12_000_000


def test_the_shipped_tables_hold_together():
    documents, sentences = contracts.read("documents"), contracts.read("sentences")
    counted = sentences.groupby("doc_id").agg(n_sentences=("start", "size"), n_tokens=("n_tokens", "sum"))
    about = documents.set_index("doc_id")[["n_sentences", "n_tokens"]]
    pd.testing.assert_frame_equal(about[about["n_sentences"] > 0].sort_index(), counted.sort_index(), check_dtype=False)
    for name in ("terms", "claims"):
        assert set(contracts.read(name)["doc_id"]) <= set(documents["doc_id"])


def test_seeds_and_a_fixed_sample_are_rebuilt_to_the_shipped_rows(articles_folder, codebook):
    everything = [a for a in articles.read([articles_folder], codebook) if isinstance(a, articles.Article)]
    tabled = sorted((a for a in everything if not a.is_page), key=lambda a: a.doc_id)
    part = [a for a in everything if a.is_page] + random.Random(1).sample(tabled, REBUILT)
    measured, ids = workbench.measure(part, codebook, "close"), {a.doc_id for a in part}
    for name in ("sentences", "claims"):
        shipped = contracts.read(name)
        rebuilt = getattr(measured, name)
        pd.testing.assert_frame_equal(
            as_shipped(name, rebuilt), shipped[shipped["doc_id"].isin(ids)].reset_index(drop=True)
        )
    shipped = contracts.read("documents").drop(columns="cluster")
    rebuilt = as_shipped("documents", measured.documents.assign(cluster=0)).drop(columns="cluster")
    pd.testing.assert_frame_equal(rebuilt, shipped[shipped["doc_id"].isin(ids)].reset_index(drop=True))
    # Which pairs of words are frequent enough is decided over all articles: the shipped vocabulary is taken as given.
    terms = contracts.read("terms")
    counts = {(doc_id, term): n for doc_id, count in measured.counts.items() for term, n in count.items()}
    kept = terms[terms["doc_id"].isin(ids)]
    assert all(counts[row.doc_id, row.term] == row.n for row in kept.itertuples())
    vocabulary = set(terms["term"])
    assert len(kept) == sum(term in vocabulary for _, term in counts)


def as_shipped(name, table):
    """The table after a round trip through its file."""
    columns = [column.name for column in contracts.TABLES[name]]
    with tempfile.TemporaryDirectory() as folder:
        contracts.write(name, table[columns], Path(folder))
        return contracts.read(name, folder)
