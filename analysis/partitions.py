"""Partitions of articles: measured on one core or many, kept when finished, taken up again after a stop."""

import gc
import hashlib
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import ExitStack, contextmanager
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
from pyarrow import feather

from analysis import InputError
from analysis.codebook import Codebook
from analysis.corpus.articles import Article, Refusal
from analysis.measures import sentiment
from analysis.measures.claims import encoder, linear, readers

ROOT = Path(__file__).resolve().parent.parent
# 200 articles: some 100,000 words and ten seconds, 50 MB of parses at most. A stop loses no more than that on each
# core, and a progress bar moves.
ARTICLES = 200
# Ten times what 200 news articles have (some 3,000 characters each): long documents make a partition of few.
CHARACTERS = 6_000_000
# A partition more than are at work waits on each core, so that none is idle while the next one is read.
AHEAD = 2
# A worker above this is stopped by dask and what it did is done anew; with the reader `fast` one takes a third of it
# (benchmarks/README.md).
MEMORY = "1.5GB"
# What says that a run cannot go on: a wrong codebook or no model, a full disk, no scheduler, a stop by hand. All
# else that goes wrong is taken for the fault of an article.
ENDS = (InputError, OSError, CancelledError)
# What a measurement reads of data/models: the other files there are for those who train and validate.
MODELS = (sentiment.WEIGHTS, linear.WEIGHTS, readers.PATH, encoder.MODEL, encoder.VOCABULARY)


class Piece(NamedTuple):
    """A partition, or a part of one that could not be measured whole: its number and its articles."""

    number: int
    articles: list[Article]

    def halves(self) -> list["Piece"]:
        middle = len(self.articles) // 2
        return [Piece(self.number, half) for half in (self.articles[:middle], self.articles[middle:])]


def cut(found: Iterable[Article]) -> Iterator[Piece]:
    """Articles in partitions of at most ARTICLES and, but for the last one in each, CHARACTERS."""
    number, part, size = 0, [], 0
    for article in found:
        part.append(article)
        size += len(article.text)
        if len(part) == ARTICLES or size >= CHARACTERS:
            yield Piece(number, part)
            number, part, size = number + 1, [], 0
    if part:
        yield Piece(number, part)


# ---------------------------------------------------------------- kept when finished


@cache
def version() -> str:
    """A hash of all that a measurement depends on besides articles and codebook: code, models, libraries."""
    digest = hashlib.sha256(platform.python_version().encode())
    for path in sorted([*(ROOT / "analysis").rglob("*.py"), *MODELS]):
        digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    for library in sorted({f"{found.name}=={found.version}" for found in metadata.distributions()}):
        digest.update(library.encode())
    return digest.hexdigest()


def of_codebook(book: Codebook) -> str:
    """A hash of the codebook's sheets."""
    sheets = sorted(book.folder.glob("*.csv"))
    return hashlib.sha256(b"".join(sheet.name.encode() + sheet.read_bytes() for sheet in sheets)).hexdigest()


class Kept:
    """Finished pieces in a folder, each under the hash of its articles and of what they were measured with."""

    def __init__(self, folder: Path, *measured_with: object):
        self.folder = folder
        self._with = [version(), *map(str, measured_with)]

    def place(self, piece: Piece) -> Path:
        content = json.dumps([self._with, piece.articles]).encode("utf-8")
        return self.folder / hashlib.sha256(content).hexdigest()

    def save(self, piece: Piece, tables: Mapping[str, pa.Table]) -> Path:
        """Whole or not at all: written beside its place and moved there."""
        place = self.place(piece)
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=self.folder, prefix="draft-"))
        for name, table in tables.items():
            # Not packed: a table is then used where it lies in the file, without being read into memory.
            feather.write_feather(table, str(draft / f"{name}.arrow"), compression="uncompressed")
        # Another run with the same articles may have been faster.
        shutil.rmtree(draft) if place.is_dir() else os.replace(draft, place)
        return place


def load(place: Path, name: str) -> pa.Table:
    """A table of a finished piece, mapped into memory."""
    return feather.read_table(str(place / f"{name}.arrow"), memory_map=True)


# ---------------------------------------------------------------- on one core or many


class OneCore:
    """Does what it is given at once, here."""

    cores = 1

    def submit(self, task: Callable, *arguments: Any) -> Future:
        future = Future()
        try:
            future.set_result(task(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future

    def done(self, futures: Collection[Future]) -> Collection[Future]:
        return list(futures)


class Cluster:
    """Gives it to the workers of a dask cluster; what a worker had when it was killed goes to another."""

    def __init__(self, client: Any, wait: Callable):
        self._client, self._wait = client, wait

    @property
    def cores(self) -> int:
        return max(1, sum(self._client.nthreads().values()))

    def submit(self, task: Callable, *arguments: Any) -> Any:
        return self._client.submit(task, *arguments, pure=False)

    def done(self, futures: Collection[Any]) -> Collection[Any]:
        return self._wait(list(futures), return_when="FIRST_COMPLETED").done


@contextmanager
def executor(workers: int = 1, scheduler: str = "") -> Iterator[OneCore | Cluster]:
    """One core, so many worker processes on this machine, or the dask cluster whose scheduler is at an address.

    Raises InputError when no scheduler answers there.
    """
    if workers < 2 and not scheduler:
        yield OneCore()
        return
    # Imported only when asked for: it takes a second.
    from dask import config
    from dask.distributed import Client, LocalCluster, wait

    with ExitStack() as stack:
        # dask keeps the last thousand messages it sent, with their articles; its profiler interrupts the workers.
        quiet = {"distributed.admin.low-level-log-length": 10, "distributed.worker.profile.enabled": False}
        stack.enter_context(config.set(quiet))
        if not scheduler:
            # dask gives a killed worker up for lost after 15 s; on a busy machine the new one takes longer to start.
            stack.enter_context(config.set({"distributed.deploy.lost-worker-timeout": "10 minutes"}))
            # One thread each, since parsing holds Python's lock. Nothing listens outside of this machine.
            here = {
                "host": "127.0.0.1",
                "dashboard_address": "127.0.0.1:0",
                "memory_limit": MEMORY,
                "threads_per_worker": 1,
            }
            scheduler = stack.enter_context(LocalCluster(workers, processes=True, **here))
        try:
            client = stack.enter_context(Client(scheduler))
        except (OSError, ValueError) as error:
            raise InputError(f"--scheduler {scheduler}: no dask scheduler answers there ({error}); start one") from None
        yield Cluster(client, wait)


class Run:
    """Pieces given to an executor; what comes back is kept."""

    def __init__(self, task: Callable[..., dict[str, pa.Table]], kept: Kept, pool: OneCore | Cluster):
        self._task, self._kept, self._pool = task, kept, pool
        self._waiting: dict[Any, Piece] = {}
        self._failed: list[tuple[Piece, Exception]] = []

    def over(self, pieces: Iterable[Piece], *shared: Any) -> Iterator[tuple[int, Path] | Refusal]:
        """Number and place of each finished piece, as they come; a refusal of each article that cannot be measured.

        `shared` is given to the task with each piece: a codebook takes .04 s to send, a piece ten to be measured.
        """
        self._shared = (version(), *shared)
        for piece in pieces:
            yield from self._start(piece)
            yield from self._collect(AHEAD * self._pool.cores - 1)
        yield from self._collect(0)
        # Once more, one by one: when a worker dies, dask suspects whatever it was given, and not all of it is guilty.
        failed, self._failed = self._failed, []
        for piece, _ in failed:
            yield from self._start(piece)
            yield from self._collect(0)
        yield from (refusal(piece.articles[0], error) for piece, error in self._failed)

    def _start(self, piece: Piece) -> Iterator[tuple[int, Path]]:
        if (place := self._kept.place(piece)).is_dir():
            yield piece.number, place
        else:
            self._waiting[self._pool.submit(_measured, self._task, piece.articles, *self._shared)] = piece

    def _collect(self, most: int) -> Iterator[tuple[int, Path]]:
        """What is finished, until at most so many wait."""
        while len(self._waiting) > most:
            for future in self._pool.done(self._waiting):
                yield from self._finish(self._waiting.pop(future), future)

    def _finish(self, piece: Piece, future: Any) -> Iterator[tuple[int, Path]]:
        """A piece that is measured is kept; of one that failed the halves are tried."""
        try:
            yield piece.number, self._kept.save(piece, future.result())
        except ENDS:
            raise
        except Exception as error:
            if len(piece.articles) == 1:
                self._failed.append((piece, error))
            else:
                for half in piece.halves():
                    yield from self._start(half)


def _measured(task: Callable, articles: Sequence[Article], expected: str, *shared: Any) -> dict[str, pa.Table]:
    """The task, on a worker: one of other code or libraries could give other bytes."""
    if version() != expected:
        raise InputError(f"{platform.node()}: this worker has other code, models or libraries; install the same there")
    with _collected_seldom():
        return task(articles, *shared)


@contextmanager
def _collected_seldom() -> Iterator[None]:
    """Python seldom looks for cycles among objects: sentences make many objects, few cycles, and looking takes time.

    Of the process as a whole: where a worker does several tasks at once, it may stay so.
    """
    thresholds = gc.get_threshold()
    gc.set_threshold(50_000, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


def refusal(article: Article, error: BaseException) -> Refusal:
    """Of an article that cannot be measured; the message is of one line."""
    reason = f"cannot be measured ({type(error).__name__}: {' '.join(str(error).split())[:80]})"
    return Refusal(article.collection, article.doc_id, f"{reason}; look for what is odd in its text, and report it")
