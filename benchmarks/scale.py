"""Seconds and memory of a build, and of its parts, against the number of articles and of workers.

    python -m benchmarks.scale [--build N...] [--parts N...] [--plain N] [--workers N...] [--sharing ARTICLES]

Articles are made from the sample corpus: its sentences drawn at random, six in ten of their words drawn anew, so that
3,200 articles share as many of their five-word runs as those of data/tables do (benchmarks/README.md). One in fifty is
its predecessor with another end.
Each measurement is a process of its own; ours and the plain way come in turn. Memory is the most that any one
process of it held. Prints tables in Markdown, for benchmarks/README.md.
"""

import argparse
import json
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from analysis import codebook, partitions, workbench
from analysis.corpus import articles, sentences, syntax
from analysis.corpus.articles import Article
from analysis.measures import keywords, sentiment, similarity
from benchmarks.__main__ import plain as plain_build

SAMPLE = codebook.FOLDER.parent / "sample"
# As many as the median article of data/tables has.
SENTENCES = 20
COPIES, REDRAWN = 50, 0.6
WORD = re.compile(r"\b[a-z]{3,}\b")


@cache
def book() -> codebook.Codebook:
    return codebook.read(SAMPLE / "codebook")


def made(n: int) -> Iterator[Article]:
    """The same n articles each time."""
    found = [item for item in articles.read([SAMPLE / "articles"], book()) if isinstance(item, Article)]
    lines = workbench.split(found, book())[1]["text"].tolist()
    words = sorted({word for line in lines for word in WORD.findall(line)})
    outlets, before = sorted({article.outlet for article in found}), []
    for number in range(n):
        rng = random.Random(number)
        drawn = [_redrawn(rng.choice(lines), words, rng) for _ in range(SENTENCES)]
        before = before[:-1] + drawn[-1:] if before and number % COPIES == 0 else drawn
        day = f"2031-{number % 12 + 1:02d}-{number % 28 + 1:02d}"
        yield Article(f"d{number:07d}", "made", outlets[number % len(outlets)], " ".join(before), day)


def _redrawn(sentence: str, words: list[str], rng: random.Random) -> str:
    return WORD.sub(lambda word: rng.choice(words) if rng.random() < REDRAWN else word.group(), sentence)


def sharing(source: Path, size: int = 3200) -> Iterator[str]:
    """How many of their five-word runs articles share with another, made ones and those of a folder."""
    found = [item for item in articles.read([source], codebook.read()) if isinstance(item, Article)]
    random.Random(0).shuffle(found)
    for name, texts in (("made", [one.text for one in made(size)]), (source.name, [one.text for one in found])):
        for n in (size // 16, size // 4, size):
            runs = similarity.shingles(texts[:n]).runs
            _, times = np.unique(runs, return_counts=True)
            yield f"{name}, {min(n, len(texts)):,} articles: {times[times > 1].sum() / len(runs):.2f}"


# ---------------------------------------------------------------- what is measured


def saved(n: int, folder: Path) -> Path:
    """The articles as a file, made before the clock runs."""
    path = folder / "made.jsonl"
    with open(path, "w", encoding="utf-8") as lines:
        rows = ({name: getattr(one, name) for name in articles.REQUIRED} for one in made(n))
        lines.writelines(json.dumps(row) + "\n" for row in rows)
    return path


def build(path: Path, workers: int, folder: Path) -> None:
    workbench.build([path], folder / "tables", book(), workers=workers)


def _over(task, path: Path, workers: int, folder: Path) -> list[Path]:
    """A part of the build, over partitions as the whole is."""
    with partitions.executor(workers) as pool:
        run = partitions.Run(task, partitions.Kept(folder / "work"), pool)
        return [place for _, place in sorted(run.over(partitions.cut(articles.read([path], book()))))]


def _counted(part: list[Article]) -> dict[str, pa.Table]:
    terms = keywords.tabulate({article.doc_id: keywords.count([article.text], book().names) for article in part})
    pairs = keywords.pairs(terms, book().names)
    return {"terms": pa.Table.from_pandas(terms, preserve_index=False), "pairs": pa.table({"pairs": pairs})}


def terms(path: Path, workers: int, folder: Path) -> None:
    places = _over(_counted, path, workers, folder)
    pairs = workbench._frequent_pairs(places)
    for place in places:
        keywords.frequent(partitions.load(place, "terms").to_pandas(), book().names, pairs)


def _scored(part: list[Article]) -> dict[str, pa.Table]:
    texts = [one.text[slice(*span)] for one in part for span in sentences.split(one.text, [(0, len(one.text))])]
    scores = sentiment.score(pd.Series(texts, dtype="str"), book().names, book().lexicon)
    return {"scores": pa.Table.from_pandas(scores, preserve_index=False)}


def moods(path: Path, workers: int, folder: Path) -> None:
    _over(_scored, path, workers, folder)


def _shingled(part: list[Article]) -> dict[str, pa.Table]:
    runs, rows, _ = similarity.shingles([article.text for article in part])
    doc_ids = pa.table({"doc_id": [article.doc_id for article in part]})
    return {"documents": doc_ids, "shingles": pa.table({"runs": runs, "rows": rows})}


def copies(path: Path, workers: int, folder: Path) -> None:
    found = workbench._near_copies(_over(_shingled, path, workers, folder))
    assert found.duplicated().sum() >= len(found) // COPIES - 1, "not every copy is found"


def plain_terms(texts: list[str]) -> None:
    CountVectorizer(ngram_range=(1, 2), min_df=min(5, len(texts))).fit_transform(texts)


def plain_moods(texts: list[str]) -> None:
    vader = SentimentIntensityAnalyzer()
    rows = [vader.polarity_scores(sentence) for text in texts for sentence in text.split(". ")]
    pd.DataFrame(rows)


def plain_copies(texts: list[str]) -> None:
    """Every article against every other, as a table of n x n."""
    vectors = TfidfVectorizer(ngram_range=(5, 5)).fit_transform(texts)
    np.argwhere((vectors @ vectors.T).toarray() > similarity.COPY)


OURS = {"build": build, "keywords": terms, "sentiment": moods, "near copies": copies}
PLAIN = {"build": plain_build, "keywords": plain_terms, "sentiment": plain_moods, "near copies": plain_copies}


# ---------------------------------------------------------------- each in a process of its own


def one(what: str, n: int, workers: int) -> dict:
    """Seconds and peak memory of one measurement (workers 0: the plain way), and this process' part in the seconds."""
    with tempfile.TemporaryDirectory() as folder:
        texts = [] if workers else [article.text for article in made(n)]
        path = saved(n, Path(folder)) if workers else None
        # Loading the model is a part of what is measured, as it is of the plain way.
        syntax.model.cache_clear()
        start, used = time.perf_counter(), time.process_time()
        if path:
            OURS[what](path, workers, Path(folder))
        else:
            PLAIN[what](texts)
        seconds, head = time.perf_counter() - start, time.process_time() - used
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {"what": what, "articles": n, "workers": workers, "seconds": seconds, "head": head, "mb": peak / 1024}


def measured(what: str, n: int, workers: int) -> dict:
    command = [sys.executable, "-m", "benchmarks.scale", "--one", what, str(n), str(workers)]
    row = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
    how = "the plain way" if not workers else f"{workers} worker{'s' * (workers > 1)}"
    rate, each = n / row["seconds"], 1000 * row["seconds"] / n
    print(f"| {what} | {n:,} | {how} | {row['seconds']:.0f} | {rate:.1f} | {each:.1f} | {row['mb']:,.0f} |", flush=True)
    return row


def verdict(rows: pd.DataFrame, workers: list[int]) -> Iterator[str]:
    """Growth from the smallest to the largest number of articles, and what the last number of workers gains."""
    for what, some in rows[rows["workers"] > 0].sort_values(["articles", "workers"]).groupby("what", sort=False):
        each = some.assign(each=some["seconds"] / some["articles"]).pivot(
            index="articles", columns="workers", values="each"
        )
        for column, values in each.items():
            grown = values.iloc[-1] / values.iloc[0]
            yield f"{what}, {column} at work: {grown:.2f} times the seconds an article from {values.index[0]:,} to "
            yield f"{values.index[-1]:,}\n"
        if len(workers) > 1:
            gain = each[workers[0]].iloc[-1] / each[workers[-1]].iloc[-1]
            yield f"{what}: {workers[-1]} workers are {gain:.2f} times {workers[0]} on {each.index[-1]:,}\n"
        last = some.iloc[-1]
        if last["workers"] > 1:
            yield f"{what}: of an article among {last['articles']:,} the process at the head has "
            yield f"{1000 * last['head'] / last['articles']:.2f} ms of processor time\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__.splitlines()[0])
    parser.add_argument("--build", nargs="*", type=int, default=[500, 2000, 8000, 16000], metavar="N")
    parser.add_argument("--parts", nargs="*", type=int, default=[20000, 200000], metavar="N", help="each measure alone")
    parser.add_argument(
        "--plain", type=int, default=4000, metavar="N", help="the plain way up to so many; default: 4000"
    )
    parser.add_argument("--workers", nargs="+", type=int, default=[1, 2], metavar="N")
    parser.add_argument("--sharing", type=Path, metavar="ARTICLES", help="only: runs that these and made ones share")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.sharing:
        print(*sharing(options.sharing), sep="\n")
        return
    if options.one:
        what, n, workers = options.one
        print(json.dumps(one(what, int(n), int(workers))))
        return
    print("| what | articles | how | seconds | articles/s | ms an article | peak MB of a process |")
    print("|---|--:|---|--:|--:|--:|--:|")
    tasks = [("build", n) for n in options.build] + [(what, n) for what in list(OURS)[1:] for n in options.parts]
    # The plain way is measured where it can be had, and once at its limit for what is larger.
    tasks += [(what, options.plain) for what in list(OURS)[1:] if options.parts and options.plain]
    rows = []
    for what, n in dict.fromkeys(tasks):
        for workers in [*([0] if n <= options.plain else []), *options.workers]:
            rows.append(measured(what, n, workers))
    print("", *verdict(pd.DataFrame(rows), options.workers), sep="")


if __name__ == "__main__":
    main()
