"""How fast the two readers of claims read, on one core: python -m benchmarks.readers ARTICLES [N].

ARTICLES are files or a folder; of them N (200) are drawn, once for all. Prints words a second of each reader, from
sentences to claims, and how many times as fast `fast` is as `close`.
"""

import random
import sys
import time
from pathlib import Path

from analysis import codebook, workbench
from analysis.corpus import articles
from analysis.corpus.articles import Article
from analysis.measures.claims import readers

N, SEED = 200, 1


def main(source: str, n: str = str(N)) -> None:
    """Read the same sentences with each reader."""
    book = codebook.read()
    known = [one for one in articles.read([Path(source)], book) if isinstance(one, Article)]
    _, sentences = workbench.split(random.Random(SEED).sample(known, min(int(n), len(known))), book)
    words, taken = int(sentences["n_tokens"].sum()), {}
    for name in readers.READERS:
        readers.find(sentences.head(20), book, name)
        start = time.perf_counter()
        readers.find(sentences, book, name)
        taken[name] = time.perf_counter() - start
        print(f"{name}: {words / taken[name]:,.0f} words a second ({words:,} words)")
    print(f"fast is {taken['close'] / taken['fast']:.1f} times as fast as close")


if __name__ == "__main__":
    main(*sys.argv[1:])
