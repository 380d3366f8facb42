"""Articles to tables."""

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from tqdm import tqdm

from analysis import InputError, contracts, partitions
from analysis import codebook as codebooks
from analysis.codebook import Codebook
from analysis.corpus import articles, clean, documents, sentences, voices
from analysis.corpus.articles import Article, Refusal
from analysis.measures import Each, common, keywords, sentiment, similarity
from analysis.measures.claims import readers
from analysis.measures.claims.readers import READERS

# Tables of more articles are folders of files of about so many each: while 5,000 articles are sorted and written
# they take 0.6 GB, 10,000 twice that. The 3,302 of data/tables are one file for each table.
FILE = 5_000


@dataclass
class Built:
    """What came of a build: the number of articles read and the list of those refused."""

    folder: Path
    read: int = 0
    refused: list[Refusal] = field(default_factory=list)


class Options(NamedTuple):
    """How a build is done.

    `reader` is who finds the claims (see `readers`). With `keep_text` the source texts that the offsets index are
    kept beside the tables, in text/. `workers` are processes on this machine; `scheduler` is the address of a dask
    cluster to be used instead. The tables are the same bytes whatever these two are.
    """

    keep_text: bool = False
    reader: str = READERS[0]
    workers: int = 1
    scheduler: str = ""


def build(sources: Sequence[Path], folder: Path, book: Codebook, **options: Any) -> Built:
    """Read the articles, measure them, and write the four tables to a folder, whole or not at all.

    `options` are those of Options. Articles are measured in partitions, which are kept in a hidden folder beside
    `folder` until all is written: a build that was stopped goes on from there when it is started again. An article
    that cannot be measured is refused by name and the others go on.
    Raises InputError when nothing could be read, naming what was refused and why.
    """
    built, chosen = Built(Path(folder)), Options(**options)
    work = built.folder.resolve().with_name(f".{built.folder.resolve().name}.work")
    places = _measure_all(partitions.cut(_accepted(articles.read(sources, book), built)), work, book, chosen, built)
    if not built.read:
        reasons = "\n".join(f"  {refusal}" for refusal in built.refused)
        raise InputError(f"{', '.join(map(str, sources))}: no article could be read\n{reasons}".rstrip())
    _write(places, work, built.folder, book)
    shutil.rmtree(work)
    return built


def _accepted(found: Iterable[Article | Refusal], built: Built) -> Iterator[Article]:
    """The articles, counted; refusals are put on the list."""
    for item in tqdm(found, desc="articles", unit="", disable=None):
        if isinstance(item, Refusal):
            built.refused.append(item)
        else:
            built.read += 1
            yield item


def _measure_all(
    pieces: Iterable[partitions.Piece], work: Path, book: Codebook, options: Options, built: Built
) -> list[Path]:
    """Every piece measured; where the results are, in the order of the articles."""
    kept = partitions.Kept(work, partitions.of_codebook(book), options.reader, options.keep_text)
    with partitions.executor(options.workers, options.scheduler) as pool:
        done = list(partitions.Run(finish, kept, pool).over(pieces, book, options.reader, options.keep_text))
    refused = [item for item in done if isinstance(item, Refusal)]
    built.refused += sorted(refused)
    built.read -= len(refused)
    return [place for _, place in sorted(item for item in done if not isinstance(item, Refusal))]


@dataclass(frozen=True)
class Part:
    """Some articles, measured as far as each can be by itself."""

    documents: pd.DataFrame
    sentences: pd.DataFrame
    counts: dict[str, Counter]
    claims: pd.DataFrame
    source: dict[str, str]


def split(part: Sequence[Article], book: Codebook) -> tuple[list[dict], pd.DataFrame]:
    """What is known of some articles; and their sentences, a row each: n_tokens, and what `readers.find` takes."""
    about, lines = [], []
    for article in part:
        spans = clean.running_text(article, book)
        units = sentences.split(article.text, spans)
        lines += _lines(article, units, book)
        about.append(documents.describe(article, book) | {"n_chars_kept": sum(end - start for start, end in spans)})
    read = pd.DataFrame(lines, columns=["doc_id", "sentence_id", "start", "end", "n_tokens", "text", "home"])
    read["heard"] = voices.listen(read, book)
    return about, read


def measure(part: Sequence[Article], book: Codebook, reader: str = READERS[0]) -> Part:
    """Clean, split and measure some articles; nothing here looks at more than one article at a time."""
    about, read = split(part, book)
    read = pd.concat([read, sentiment.score(read["text"], book.names, book.lexicon)], axis=1)
    read["voice"] = voices.assign(read, book)
    sizes = read.groupby("doc_id")["n_tokens"].agg(n_sentences="size", n_tokens="sum")
    table = pd.DataFrame(about).join(sizes, on="doc_id").fillna({"n_sentences": 0, "n_tokens": 0})
    texts = read.groupby("doc_id", sort=False)["text"]
    counts = {doc_id: keywords.count(held, book.names) for doc_id, held in texts}
    source = {article.doc_id: article.text for article in part}
    return Part(table, read, counts, readers.find(read, book, reader), source)


def _lines(article: Article, units: Sequence[tuple[int, int]], book: Codebook) -> list[tuple]:
    home = dict(zip(book.outlets["outlet"], book.outlets["home"], strict=True)).get(article.outlet, "")
    texts = [article.text[start:end] for start, end in units]
    return [
        (article.doc_id, number, *unit, sentences.count_tokens(text), text, home)
        for number, (unit, text) in enumerate(zip(units, texts, strict=True))
    ]


def finish(part: Sequence[Article], book: Codebook, reader: str, keep_text: bool) -> dict[str, pa.Table]:
    """Some articles measured, as tables that keep their contracts, with what the whole is made of later.

    shingles and pairs hold hashes, for near copies and rare pairs of words; cluster is 0 until then.
    """
    done = measure(part, book, reader)
    terms = keywords.tabulate(done.counts)
    found = {
        "documents": done.documents.assign(cluster=0),
        "sentences": done.sentences.drop(columns=["text", "home", "heard"]),
        "terms": terms,
        "claims": done.claims,
    }
    tables = {name: contracts.as_arrow(name, table) for name, table in found.items()}
    running = done.sentences.groupby("doc_id")["text"].agg(" ".join)
    doc_ids = tables["documents"]["doc_id"].to_pylist()
    runs, rows, _ = similarity.shingles([running.get(doc_id, "") for doc_id in doc_ids])
    texts = sorted(done.source.items()) if keep_text else []
    return tables | {
        "shingles": pa.table({"runs": runs, "rows": rows}),
        "pairs": pa.table({"pairs": keywords.pairs(terms, book.names)}),
        "texts": pa.table({"doc_id": [doc_id for doc_id, _ in texts], "text": [text for _, text in texts]}),
    }


def _near_copies(places: Sequence[Path]) -> pd.Series:
    doc_ids = [doc_id for place in places for doc_id in partitions.load(place, "documents")["doc_id"].to_pylist()]
    return similarity.clusters(doc_ids, Each(_shingles, places))


def _shingles(place: Path) -> similarity.Shingles:
    found = partitions.load(place, "shingles")
    n = partitions.load(place, "documents").num_rows
    return similarity.Shingles(found["runs"].to_numpy(), found["rows"].to_numpy(), n)


def _frequent_pairs(places: Sequence[Path]) -> np.ndarray:
    pairs = Each(lambda place: partitions.load(place, "pairs")["pairs"].to_numpy(), places)
    return common(pairs, keywords.MIN_DOCUMENTS)


def _files(places: Sequence[Path]) -> list[list[Path]]:
    """The pieces that go into each file of a table: the same ones whatever was measured where."""
    files, n = [[]], 0
    for place in places:
        if n >= FILE:
            files.append([])
            n = 0
        files[-1].append(place)
        n += partitions.load(place, "documents").num_rows
    return files


def _write(places: Sequence[Path], work: Path, folder: Path, book: Codebook) -> None:
    """Everything is written beside the folder first and moved in when it is whole.

    What needs every article (near copies, rare pairs of words) is added here.
    """
    clusters, pairs, files = _near_copies(places), _frequent_pairs(places), _files(places)
    with tempfile.TemporaryDirectory(dir=work, prefix="draft-") as name:
        draft = Path(name)
        for number, part in enumerate(files):
            for table in contracts.TABLES:
                rows = (contracts.as_pandas(partitions.load(place, table)) for place in part)
                if table == "documents":
                    rows = (some.assign(cluster=some["doc_id"].map(clusters)) for some in rows)
                if table == "terms":
                    rows = (keywords.frequent(some, book.names, pairs) for some in rows)
                contracts.write(table, pd.concat(rows), draft, number if len(files) > 1 else None)
        if book.folder.resolve() != codebooks.FOLDER.resolve():
            shutil.copytree(book.folder, draft / "codebook")
        _write_texts(places, draft / "text")
        _publish(draft, folder)


def _publish(draft: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for item in sorted(draft.iterdir()):
        target = folder / item.name
        if target.is_dir():
            shutil.rmtree(target)
        elif item.is_dir():
            target.unlink(missing_ok=True)
        os.replace(item, target)


def _write_texts(places: Sequence[Path], folder: Path) -> None:
    for place in places:
        for row in partitions.load(place, "texts").to_pylist():
            folder.mkdir(exist_ok=True)
            (folder / f"{row['doc_id']}.txt").write_bytes(row["text"].encode("utf-8"))
