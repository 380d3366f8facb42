"""How long `build` takes against the plain way, on the same articles in one run.

    python -m benchmarks ARTICLES... [--articles N] [--rounds N]

The plain way is what a notebook usually does: spaCy's full pipeline over every text, VADER over
every sentence, TfidfVectorizer over all texts. It finds no claim, no voice and no copy. Both are
run in turn, so that a machine that slows down slows both; the ratio is the figure to quote.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import spacy
from sklearn.feature_extraction.text import TfidfVectorizer
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from analysis import codebook, workbench
from analysis.corpus import articles, syntax


def plain(texts: list[str]) -> None:
    """The plain way."""
    nlp = spacy.load(next(name for name in syntax.MODELS if spacy.util.is_package(name)))
    vader = SentimentIntensityAnalyzer()
    for doc in nlp.pipe(texts):
        for sentence in doc.sents:
            vader.polarity_scores(sentence.text)
    TfidfVectorizer().fit_transform(texts)


def ours(path: Path) -> None:
    """The build, from a table of articles to the four tables."""
    with tempfile.TemporaryDirectory() as folder:
        workbench.build([path], Path(folder) / "tables", codebook.read())


def seconds(run: Callable, *arguments) -> float:
    start = time.perf_counter()
    run(*arguments)
    return time.perf_counter() - start


def draw(sources: list[Path], n: int) -> pd.DataFrame:
    """The same n articles each time, from all that can be read."""
    found = [a for a in articles.read(sources, codebook.read()) if isinstance(a, articles.Article) and not a.is_page]
    drawn = random.Random(1).sample(sorted(found, key=lambda a: a.doc_id), min(n, len(found)))
    return pd.DataFrame(drawn)[["doc_id", "outlet", "date", "title", "url", "text"]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("source", nargs="+", type=Path)
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    table = draw(options.source, options.articles)
    words = int(table["text"].str.split().str.len().sum())
    print(f"{len(table)} articles, {words:,} words, one process each")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "drawn.csv"
        table.to_csv(path, index=False)
        times = [(seconds(plain, list(table["text"])), seconds(ours, path)) for _ in range(options.rounds)]
    for plain_time, our_time in times:
        print(f"plain {plain_time:6.1f} s   build {our_time:6.1f} s   ratio {plain_time / our_time:.2f}")
    print(f"median ratio {statistics.median(p / o for p, o in times):.2f}: build is that many times as fast")


if __name__ == "__main__":
    main()
