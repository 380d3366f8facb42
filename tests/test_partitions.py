"""Partitions: what is finished is kept, what goes wrong is one article's fault, many cores do as one."""

import gc
import time
from itertools import chain

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import InputError, partitions
from analysis.corpus.articles import Article, Refusal


def made(n: int, length: int = 10) -> list[Article]:
    return [Article(f"d{i}", "table", "Avaria Herald", "a" * length) for i in range(n)]


def names(articles, *_) -> dict[str, pa.Table]:
    """A task: the names of the articles."""
    return {"names": pa.table({"doc_id": [article.doc_id for article in articles]})}


class Task:
    """The same, and it remembers what it was given and stops at what it is told to."""

    def __init__(self, **stops: Exception):
        self.seen, self.stops = [], stops

    def __call__(self, articles, *shared):
        self.seen.append([article.doc_id for article in articles])
        for article in articles:
            if article.doc_id in self.stops:
                raise self.stops[article.doc_id]
        return names(articles)


def run(task, folder, articles, pool=None, measured_with="codebook"):
    """The names kept, in order of the pieces, and the refusals."""
    kept = partitions.Kept(folder, measured_with)
    done = list(partitions.Run(task, kept, pool or partitions.OneCore()).over(partitions.cut(articles)))
    places = sorted(item for item in done if not isinstance(item, Refusal))
    found = [partitions.load(place, "names")["doc_id"].to_pylist() for _, place in places]
    return list(chain(*found)), [item for item in done if isinstance(item, Refusal)]


@pytest.fixture(autouse=True)
def small_partitions(monkeypatch):
    monkeypatch.setattr(partitions, "ARTICLES", 4)


@given(st.lists(st.integers(1, 40)))
def test_partitions_hold_every_article_once_in_order_and_few_long_ones(lengths):
    articles = [Article(f"d{i}", "table", "Avaria Herald", "a" * n) for i, n in enumerate(lengths)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(partitions, "CHARACTERS", 50)
        pieces = list(partitions.cut(articles))
    assert [article for piece in pieces for article in piece.articles] == articles
    assert [piece.number for piece in pieces] == list(range(len(pieces)))
    for piece in pieces:
        assert 1 <= len(piece.articles) <= 4
        assert sum(len(article.text) for article in piece.articles[:-1]) < 50


def test_what_is_finished_is_not_done_again(tmp_path):
    first, again = Task(), Task()
    assert run(first, tmp_path, made(10)) == run(again, tmp_path, made(10))
    assert [len(seen) for seen in first.seen] == [4, 4, 2]
    assert again.seen == []


def test_one_article_changed_is_one_partition_done_again(tmp_path):
    articles, again = made(10), Task()
    run(Task(), tmp_path, articles)
    articles[5] = articles[5]._replace(title="Another")
    assert run(again, tmp_path, articles)[0] == [article.doc_id for article in articles]
    assert again.seen == [["d4", "d5", "d6", "d7"]]


def test_another_codebook_or_other_code_begins_anew(tmp_path, monkeypatch):
    codebook, code = Task(), Task()
    run(Task(), tmp_path, made(3))
    run(codebook, tmp_path, made(3), measured_with="another")
    monkeypatch.setattr(partitions, "version", lambda: "another")
    run(code, tmp_path, made(3))
    assert codebook.seen == code.seen == [["d0", "d1", "d2"]]


def test_a_new_model_begins_anew_and_what_only_training_reads_does_not():
    others = {"README.md", "fast.csv", "scores.csv", "unseen.csv"}
    shipped = set((partitions.ROOT / "data" / "models").iterdir())
    assert {path.name for path in shipped - set(partitions.MODELS)} == others
    assert shipped >= set(partitions.MODELS)


def test_a_run_that_was_stopped_goes_on_where_it_stopped(tmp_path):
    again = Task()
    with pytest.raises(OSError, match="disk"):
        run(Task(d9=OSError("disk full")), tmp_path, made(10))
    assert run(again, tmp_path, made(10)) == run(Task(), tmp_path / "whole", made(10))
    assert again.seen == [["d8", "d9"]]


def test_an_article_that_cannot_be_measured_is_refused_by_name_and_the_others_are_kept(tmp_path):
    task = Task(d1=ValueError("too\nodd"), d6=MemoryError())
    found, refused = run(task, tmp_path, made(10))
    assert sorted(found) == ["d0", "d2", "d3", "d4", "d5", "d7", "d8", "d9"]
    reasons = {item.place: item.reason for item in refused if item.source == "table"}
    assert set(reasons) == {"d1", "d6"}
    assert "ValueError: too odd" in reasons["d1"]
    assert "MemoryError" in reasons["d6"]


@pytest.mark.parametrize("error", [InputError("no model"), OSError("disk full")])
def test_what_is_no_article_s_fault_ends_the_run(error, tmp_path):
    with pytest.raises(type(error), match=str(error)):
        run(Task(d1=error), tmp_path, made(4))


def test_a_worker_with_other_code_ends_the_run(monkeypatch):
    monkeypatch.setattr(partitions, "version", lambda: "another")
    with pytest.raises(InputError, match="this worker has other code"):
        partitions._measured(names, made(1), "expected")


def test_many_cores_do_as_one_and_a_share_comes_to_each(tmp_path):
    """Also over the address of a running cluster."""
    from dask.distributed import LocalCluster

    def shared_names(articles, prefix):
        time.sleep(0.01)
        return {"names": pa.table({"doc_id": [prefix["of"] + article.doc_id for article in articles]})}

    here = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0", "threads_per_worker": 1}
    with LocalCluster(2, **here) as cluster, partitions.executor(scheduler=cluster.scheduler_address) as pool:
        assert pool.cores == 2
        done = partitions.Run(shared_names, partitions.Kept(tmp_path), pool).over(partitions.cut(made(10)), {"of": "x"})
        tables = [partitions.load(place, "names")["doc_id"].to_pylist() for _, place in sorted(done)]
        task = Task(d1=ValueError("odd"))
        found, refused = run(task, tmp_path / "refused", made(10), pool)
    assert list(chain(*tables)) == [f"xd{i}" for i in range(10)]
    assert sorted(found) == [f"d{i}" for i in range(10) if i != 1]
    assert [item.place for item in refused] == ["d1"]


def test_an_address_where_no_scheduler_answers_is_named(monkeypatch):
    from dask import config

    with (
        config.set({"distributed.comm.timeouts.connect": "1s"}),
        pytest.raises(InputError, match=r"--scheduler tcp://127\.0\.0\.1:9: no dask scheduler answers there"),
        partitions.executor(scheduler="tcp://127.0.0.1:9"),
    ):
        pass


def test_articles_that_are_measured_are_not_held(tmp_path):
    """dask keeps the messages it sent last, in a run of a million articles a thousand of them."""

    def task(articles):
        return {"n": pa.table({"n": [len(articles)]})}

    with partitions.executor(2) as pool:
        pieces = partitions.cut(Article(f"d{i}", "held", "Avaria Herald", "a") for i in range(400))
        assert len(list(partitions.Run(task, partitions.Kept(tmp_path), pool).over(pieces))) == 100
        gc.collect()
        held = sum(isinstance(one, Article) and one.collection == "held" for one in gc.get_objects())
    assert held <= 2 * 10 * partitions.ARTICLES
