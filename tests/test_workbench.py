"""The whole way: articles to tables, tables to figures, and the command line."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from analysis import contracts, partitions, workbench
from analysis.__main__ import main

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "data" / "sample"


def tables_of(folder):
    return {name: (folder / f"{name}.parquet").read_bytes() for name in contracts.TABLES}


def test_the_sample_is_read_whole_and_holds_claims_on_both_states(built, sample_book):
    documents, claims = contracts.read("documents", built), contracts.read("claims", built)
    assert len(documents) == 9
    assert documents["outlet"].nunique() == 3
    found = claims.groupby(["bearer", "frame"]).size().unstack(fill_value=0).loc[list(sample_book.focus)]
    assert (found[["obligation", "blame"]] > 0).all(axis=None)


def test_every_offset_indexes_the_kept_text(built):
    texts = {path.stem: path.read_bytes().decode() for path in (built / "text").iterdir()}
    sentences, claims = contracts.read("sentences", built), contracts.read("claims", built)
    assert all(texts[row.doc_id][row.start : row.end].strip() for row in sentences.itertuples())
    joined = claims.merge(sentences, on=["doc_id", "sentence_id"], suffixes=("", "_sentence"), validate="many_to_one")
    assert ((joined["start"] >= joined["start_sentence"]) & (joined["end"] <= joined["end_sentence"])).all()


def test_the_wire_copy_is_in_one_cluster_with_its_source(built):
    documents = contracts.read("documents", built)
    copies = documents[documents.duplicated("cluster", keep=False)]
    assert copies["outlet"].nunique() == len(copies) == 2


def test_building_again_gives_the_same_bytes(built, tmp_path, sample_book):
    workbench.build([SAMPLE / "articles"], tmp_path / "again", sample_book)
    assert tables_of(tmp_path / "again") == tables_of(built)


def test_the_order_of_the_sources_changes_nothing(built, tmp_path, sample_book):
    pages, table = SAMPLE / "articles" / "pages", SAMPLE / "articles" / "articles.jsonl"
    workbench.build([table, pages], tmp_path / "other", sample_book)
    assert tables_of(tmp_path / "other") == tables_of(built)


def test_a_build_that_stops_leaves_the_tables_that_were_there(built, tmp_path, sample_book, monkeypatch):
    folder = tmp_path / "tables"
    workbench.build([SAMPLE / "articles"], folder, sample_book)
    before = tables_of(folder)
    write = contracts.write

    def full_disk(name, *rest):
        if name == "terms":
            raise OSError(28, "No space left on device", "terms.parquet")
        return write(name, *rest)

    monkeypatch.setattr(contracts, "write", full_disk)
    with pytest.raises(OSError, match="No space"):
        workbench.build([SAMPLE / "articles" / "articles.jsonl"], folder, sample_book)
    assert tables_of(folder) == before
    # What was measured is kept until a build ends well.
    assert sorted(path.name for path in tmp_path.iterdir()) == [".tables.work", "tables"]
    monkeypatch.setattr(contracts, "write", write)
    workbench.build([SAMPLE / "articles"], folder, sample_book)
    assert tables_of(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["tables"]


# ---------------------------------------------------------------- many cores, stops, and taking up again

# A build in a process of its own, in partitions of one article each; what a test adds is done to each article first.
RUN = """
import os, signal, sys
from pathlib import Path
from analysis import partitions, workbench
from analysis.__main__ import main

finish, flag = workbench.finish, Path(sys.argv.pop(1))

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def strange(articles, *rest):
    {strange}
    return finish(articles, *rest)

if __name__ == "__main__":
    partitions.ARTICLES, workbench.finish, save = 1, strange, partitions.Kept.save
    {first}
    sys.exit(main(sys.argv[1:]))
"""


def run(tmp_path, *options, strange="pass", first="pass", deaths=1):
    """The finished process of a build of the sample into tmp_path/out; dask forgives an article so many deaths."""
    script = tmp_path / "run.py"
    script.write_text(RUN.format(strange=strange, first=first))
    arguments = ["build", SAMPLE / "articles", "--codebook", SAMPLE / "codebook", "--out", tmp_path / "out"]
    command = [sys.executable, script, tmp_path / "flag", *arguments, "--keep-text", *options]
    more = {"PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(deaths)}
    return subprocess.run(command, env=os.environ | more, capture_output=True, text=True, timeout=200)


def whole_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


ONCE = "if not flag.exists(): flag.touch(); die()"


def test_a_build_on_two_workers_of_which_one_is_killed_gives_the_same_bytes(built, tmp_path):
    done = run(tmp_path, "--workers", "2", strange=ONCE)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "flag").exists(), "no worker was killed"
    assert "9 articles read, 0 refused" in done.stdout
    assert whole_of(tmp_path / "out") == whole_of(built)


@pytest.mark.parametrize("options", [(), ("--workers", "2")])
def test_a_killed_run_taken_up_again_measures_only_the_rest_and_gives_the_same_bytes(options, built, tmp_path):
    stop = "partitions.Kept.save = lambda *given: save(*given) if len(list(given[0].folder.glob('*'))) < 5 else die()"
    assert run(tmp_path, *options, first=stop).returncode == -signal.SIGKILL
    assert not (tmp_path / "out").exists()
    kept = {path.name for path in (tmp_path / ".out.work").iterdir()}
    assert len(kept) == 5
    again = run(tmp_path, strange="open(flag, 'a').write(articles[0].doc_id + chr(10))")
    assert again.returncode == 0, again.stderr
    assert len((tmp_path / "flag").read_text().split()) == 9 - 5
    assert whole_of(tmp_path / "out") == whole_of(built)
    assert not (tmp_path / ".out.work").exists()


def test_a_run_killed_while_it_publishes_is_finished_by_the_next(built, tmp_path):
    stop = "workbench._publish = lambda *_: die()"
    assert run(tmp_path, first=stop).returncode == -signal.SIGKILL
    assert not (tmp_path / "out").exists()
    assert run(tmp_path, strange="raise OSError('nothing is left to be measured')").returncode == 0
    assert whole_of(tmp_path / "out") == whole_of(built)
    assert not (tmp_path / ".out.work").exists()


DOOMED = "if any(article.doc_id == 'belmont-courier-2031-03-12-gates' for article in articles): "


@pytest.mark.parametrize(
    ("options", "strange", "said"),
    [
        ((), "raise ValueError('too odd')", "ValueError: too odd"),
        pytest.param(("--workers", "2"), "die()", "KilledWorker", marks=pytest.mark.slow),
    ],
)
def test_an_article_that_stops_a_measure_or_kills_its_worker_is_refused_by_name(options, strange, said, tmp_path):
    done = run(tmp_path, *options, strange=DOOMED + strange, deaths=0)
    assert done.returncode == 0, done.stderr
    assert "8 articles read, 1 refused" in done.stdout
    assert "refused: pages: belmont-courier-2031-03-12-gates: cannot be measured" in done.stderr
    assert said in done.stderr
    assert len(contracts.read("documents", tmp_path / "out")) == 8


def test_large_tables_are_written_in_parts_and_read_as_the_same_rows(built, tmp_path, sample_book, monkeypatch):
    monkeypatch.setattr(partitions, "ARTICLES", 2)
    monkeypatch.setattr(workbench, "FILE", 3)
    workbench.build([SAMPLE / "articles"], tmp_path / "parts", sample_book)
    for name in contracts.TABLES:
        parts = sorted((tmp_path / "parts" / f"{name}.parquet").iterdir())
        assert [path.name for path in parts] == [f"part-0000{n}.parquet" for n in range(3)]
        pd.testing.assert_frame_equal(contracts.read(name, tmp_path / "parts"), contracts.read(name, built))
    # A smaller build in the same place leaves nothing of the larger one.
    monkeypatch.setattr(workbench, "FILE", 5_000)
    workbench.build([SAMPLE / "articles"], tmp_path / "parts", sample_book)
    assert tables_of(tmp_path / "parts") == tables_of(built)


def test_bad_articles_are_listed_and_the_rest_is_built(tmp_path, capsys):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "empty.txt").write_text("")
    good = (SAMPLE / "articles" / "articles.jsonl").read_text("utf-8")
    (tmp_path / "in" / "some.jsonl").write_text(good + "{broken\n", "utf-8")
    arguments = ["build", str(tmp_path / "in"), "--codebook", str(SAMPLE / "codebook"), "--out", str(tmp_path / "out")]
    assert main(arguments) == 0
    said = capsys.readouterr()
    assert "6 articles read, 2 refused" in said.out
    assert "empty.txt" in said.err
    assert "some.jsonl: line 7" in said.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["build", "nowhere", "--out", "{tmp}/out"], "nowhere"),
        (["build", "{tmp}", "--out", "{tmp}/out"], "{tmp}"),
        # The sample's outlets are in a codebook of their own: to the project's own they are strangers.
        (["build", str(SAMPLE / "articles"), "--out", "{tmp}/out"], "no article could be read"),
        (["build", str(SAMPLE / "articles"), "--codebook", "{tmp}", "--out", "{tmp}/out"], "outlets.csv"),
        (["figures", "--tables", "{tmp}"], "documents.parquet"),
    ],
)
def test_bad_input_is_one_message_with_status_2_and_nothing_is_written(arguments, said, tmp_path, capsys):
    assert main([argument.format(tmp=tmp_path) for argument in arguments]) == 2
    printed = capsys.readouterr().err
    assert printed.startswith("error: ")
    assert said.format(tmp=tmp_path) in printed
    assert "Traceback" not in printed
    assert not any(tmp_path.iterdir())
