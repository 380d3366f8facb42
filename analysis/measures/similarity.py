"""How alike articles, and groups of articles, are in their words; and which articles are copies."""

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from scipy.stats import t as student
from sklearn.feature_extraction.text import HashingVectorizer
from sparse_dot_topn import sp_matmul_topn

from analysis.measures import Each, common, content_terms, document_term_matrix, in_groups, is_among, membership, weigh

# Five words: the usual length for copies in news; shorter runs are idiom, longer ones break at
# each small edit.
SHINGLE = 5

# Most of the text, that is more than half of the five-word runs on either side. Of our 3,302
# articles 32 pairs lie above: 29 of government statements issued again, word for word or nearly, and
# three agency texts put out twice. From .5 down, short items in one mould (casualties, jobless
# claims) outnumber such second issues, of which three of one title and day lie at .49, .33 and .32.
COPY = 0.5

# Each article keeps its 100 nearest copies: enough to hold a family of copies together, and it
# bounds the memory.
NEIGHBOURS = 100

# Products of vectors of length 1 below this are rounding, not shared words.
TINY = 1e-9

# Articles read at once for shingles: 1,000 take some 20 MB.
BATCH = 1000


def between_articles(terms: pd.DataFrame, among: Collection[str] | None = None, floor: float = 0.5) -> pd.DataFrame:
    """Pairs of articles that are alike: cosine of their TF-IDF vectors (Salton, Wong & Yang 1975).

    Returns one row per pair: a and b (doc_ids, a before b) and similarity (0 to 1), for the pairs
    above `floor`; a pair that shares no term is never listed. Weights (`measures.weigh`) are
    learned from all of `terms` without stop words; `among` limits the pairs, not the weights.

    The limit: a shared topic and shared wording look the same, and no meaning is seen.
    """
    counts, doc_ids, _ = document_term_matrix(content_terms(terms))
    kept = np.flatnonzero(np.isin(doc_ids, list(among))) if among is not None else np.arange(len(doc_ids))
    vectors = weigh(counts)[kept]
    a, b, similarity = _pairs(vectors, floor, len(kept))
    table = pd.DataFrame({"a": doc_ids[kept][a], "b": doc_ids[kept][b], "similarity": similarity.clip(max=1)})
    return table.astype({"a": "str", "b": "str"}).sort_values(["a", "b"], ignore_index=True)


def _pairs(vectors: csr_matrix, floor: float, nearest: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows a < b whose inner product is above the floor, and the product."""
    if not vectors.nnz:
        return np.array([], int), np.array([], int), np.array([], float)
    product = sp_matmul_topn(vectors, vectors.T.tocsr(), top_n=nearest, threshold=floor).tocoo()
    above = product.row < product.col
    return product.row[above], product.col[above], product.data[above]


def between_groups(terms: pd.DataFrame, groups: pd.Series, idf: bool = True) -> pd.DataFrame:
    """How alike two groups of articles are in their words, or in their claims.

    `groups` gives each doc_id its outlet, group or period. Returns one row per pair: a, b, n_a,
    n_b (articles), cosine (0 to 1, between the groups' mean TF-IDF vectors), similarity (0 to 1,
    the limit of the cosine as articles are added), low and high (its 95 % interval).

    A mean of few articles holds much that is theirs by chance, so `cosine` grows with the number
    of articles and cannot be compared between groups of different size. `similarity` leaves out
    each article's product with itself, which is where chance comes in: the mean product between
    a and b, over the root of the mean product within a times that within b. That is the cosine
    corrected for attenuation (Spearman 1904), held to 1 at most; empty where a group has one
    article. The interval leaves out one article at a time (jackknife of the logarithm, Efron &
    Tibshirani 1993) with Student's t (Welch 1947); empty where a group has fewer than three
    articles or nothing is shared.

    Measured on draws of 5 to 100 articles from four pairs of our groups (`python -m benchmarks.similarity`): 5
    articles on each side give a cosine of .09 to .34 where all articles give .34 to .89, and a similarity of
    .39 to .95 where all give .36 to .93; the interval holds the true value in 95 % of draws or more, but in
    91 and 93 % of those of 5 and 10 articles from the US press and the White House.

    With claims for terms (`tables.claims_as_terms`) and `idf` False the vectors hold how often each claim is made,
    and the same numbers say how alike the groups are in what they lay on whom, each article weighing the same.

    The limits: articles are taken as independent, so copies (`one_per_cluster`)
    and one story told many times make intervals too narrow; idf is taken as known.
    """
    columns = ["a", "b", "n_a", "n_b", "cosine", "similarity", "low", "high"]
    pairs = combinations(_vectors(terms, groups, idf).items(), 2)
    rows = [(a, b, own.shape[0], other.shape[0], *_compare(own, other)) for (a, own), (b, other) in pairs]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[4:], "float64"))


def _vectors(terms: pd.DataFrame, groups: pd.Series, idf: bool) -> dict[str, csr_matrix]:
    """The vectors of each group's articles, each of length 1; groups in order."""
    counts, doc_ids, _ = document_term_matrix(content_terms(in_groups(terms, groups)))
    labels, member = membership(groups, doc_ids)
    vectors = weigh(counts, idf)
    return {label: vectors[member[row].indices] for row, label in enumerate(labels)}


def _sum(vectors: csr_matrix) -> np.ndarray:
    return np.asarray(vectors.sum(axis=0)).ravel()


def _cosine(a: np.ndarray, b: np.ndarray) -> float:
    return min(float(a @ b / np.sqrt((a @ a) * (b @ b))), 1.0)


def _compare(a: csr_matrix, b: csr_matrix) -> tuple[float, float, float, float]:
    """Cosine, similarity, low and high of two groups of articles (see `between_groups`)."""
    sum_a, sum_b = _sum(a), _sum(b)
    within = _alike_within(a, sum_a) * _alike_within(b, sum_b)
    between = sum_a @ sum_b / (a.shape[0] * b.shape[0])
    similarity = between / np.sqrt(within) if within > 0 else np.nan
    variance = np.array([_variance(a, sum_a, sum_b), _variance(b, sum_b, sum_a)])
    # Welch's degrees of freedom; two groups that do not vary at all have an interval of no width.
    freedom = variance.sum() ** 2 / (variance**2 / [a.shape[0] - 1, b.shape[0] - 1]).sum() if variance.all() else 1
    reach = np.exp(student.ppf(0.975, freedom) * np.sqrt(variance.sum()))
    return _cosine(sum_a, sum_b), *np.minimum([similarity, similarity / reach, similarity * reach], 1)


def _alike_within(vectors: csr_matrix, total: np.ndarray) -> float:
    """Mean product of two different articles of a group; empty for a single article."""
    n = vectors.shape[0]
    # The sum's square holds each article's product with itself, which is 1. Rounded, since
    # articles that share no word give 0 only up to the last bits.
    return round(float(total @ total) - n, 9) / (n * (n - 1)) if n > 1 else np.nan


def _variance(vectors: csr_matrix, own: np.ndarray, other: np.ndarray) -> float:
    """Jackknife variance of the logarithm of similarity, one article of this group left out at a time."""
    n = vectors.shape[0]
    between = own @ other - vectors @ other
    within = own @ own - n - 2 * (vectors @ own - 1)
    if n < 3 or min(between.min(), within.min()) < TINY:
        return np.nan
    return (n - 1) * float((np.log(between) - np.log(within) / 2).var())


def yardstick(
    terms: pd.DataFrame, groups: pd.Series, splits: int = 200, seed: int = 0, idf: bool = True
) -> pd.DataFrame:
    """How alike two random halves of one group are: what `between_groups` gives as cosine when there is no difference.

    Returns one row per group: group, n (articles), n_half (articles in the smaller half), mean,
    low and high (middle 95 % of `splits` random halvings) of the cosine between the halves. Empty for
    a group of one article.

    The limit: halves have half the articles, and fewer articles lower a cosine by themselves.
    Hold `mean` against the cosine of groups of n_half articles or so; against a pair of larger
    groups it is too low. `similarity` needs no yardstick for size: between halves it is about 1.
    """
    rows = []
    for label, vectors in _vectors(terms, groups, idf).items():
        rng = np.random.default_rng(seed)
        n, half, total = vectors.shape[0], vectors.shape[0] // 2, _sum(vectors)
        parts = [_sum(vectors[rng.permutation(n)[:half]]) for _ in range(splits)] if half else []
        cosines = [_cosine(part, total - part) for part in parts] or [np.nan]
        rows.append((label, n, half, np.mean(cosines), *np.percentile(cosines, [2.5, 97.5])))
    return pd.DataFrame(rows, columns=["group", "n", "n_half", "mean", "low", "high"])


def near_copies(texts: Mapping[str, str] | pd.Series, threshold: float = COPY) -> pd.Series:
    """Which articles share most of their text: a cluster number for each doc_id.

    `texts` holds each article's running text by doc_id. Two articles are copies when each holds
    more than `threshold` (0 to 1) of the other's distinct runs of five words (shingles; Broder 1997);
    copies of copies are in one cluster. Clusters are numbered 0, 1, 2 ... by their first doc_id;
    an article without copies has a number of its own. Returned in order of doc_id.

    The limits: a short piece inside a long one is no copy, since it is not most of the long one;
    a chain of follow-ups may join a first and a last article that share little; short items in
    one mould count as copies though the events differ.
    """
    doc_ids = sorted(texts.keys())
    batches = [doc_ids[start : start + BATCH] for start in range(0, len(doc_ids), BATCH)]
    return clusters(doc_ids, [shingles([texts[doc_id] for doc_id in batch]) for batch in batches], threshold)


class Shingles(NamedTuple):
    """Shingles of n articles: their hashes, sorted (runs), and the number of each one's article, 0 to n - 1 (rows)."""

    runs: np.ndarray
    rows: np.ndarray
    n: int


def shingles(texts: Sequence[str]) -> Shingles:
    """The distinct runs of five words of each text."""
    # 31 bits: hardly two of the 1.3 M shingles of our collections meet. Of 100 M, one in twenty meets another by
    # chance; that costs time and never makes a copy, for which half of an article's would have to.
    hashing = HashingVectorizer(
        ngram_range=(SHINGLE, SHINGLE), binary=True, norm=None, alternate_sign=False, n_features=2**31 - 1, dtype="int8"
    )
    found = hashing.transform(texts).tocoo()
    order = np.lexsort((found.row, found.col))
    return Shingles(found.col[order].astype("uint32"), found.row[order].astype("int32"), len(texts))


def clusters(doc_ids: Sequence[str], parts: Collection[Shingles], threshold: float = COPY) -> pd.Series:
    """`near_copies` of articles whose shingles stand in parts, in the order of `doc_ids`.

    The parts may lie in files and be opened one after the other. What is held at once are the hashes that two
    articles share, and all shingles of those articles that share most of theirs with some others.
    """
    found = _linked(*_shared(parts, threshold), threshold)
    # By doc_id; factorize numbers clusters as they first come.
    found = pd.Series(found, index=pd.Index(doc_ids, name="doc_id", dtype="str"), name="cluster").sort_index()
    return pd.Series(pd.factorize(found)[0], index=found.index, name="cluster")


def _shared(parts: Collection[Shingles], threshold: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shingles (runs, rows) of the articles that share enough to be a copy; how many shingles each article has."""
    shared = common(Each(lambda part: part.runs, parts), 2)
    runs, rows, sizes, start = [np.array([], "uint32")], [np.array([], "int64")], [np.array([], "int64")], 0
    for part in parts:
        size = np.bincount(part.rows, minlength=part.n)
        kept = _enough(is_among(part.runs, shared), part.rows, threshold * size)
        runs.append(part.runs[kept])
        rows.append(start + part.rows[kept].astype("int64"))
        sizes.append(size)
        start += part.n
    return np.concatenate(runs), np.concatenate(rows), np.concatenate(sizes)


def _enough(shared: np.ndarray, rows: np.ndarray, least: np.ndarray) -> np.ndarray:
    """The shared shingles of those articles that have more of them than `least`."""
    return shared & (np.bincount(rows[shared], minlength=len(least)) > least)[rows]


def _linked(runs: np.ndarray, rows: np.ndarray, sizes: np.ndarray, threshold: float) -> np.ndarray:
    """A number for each article, the same for those that copies link."""
    if not len(sizes):
        return sizes
    # An article that shares too little with all that are left can be no copy; without it others share too little.
    # Few are left in the end: those with a copy, and short items in one mould.
    while not (kept := _enough(_repeated(runs), rows, threshold * sizes)).all():
        runs, rows = runs[kept], rows[kept]
    articles, rows = np.unique(rows, return_inverse=True)
    sizes_left = sizes[articles].astype("float64")
    columns, shared = pd.factorize(runs)
    weights = (1 / np.sqrt(sizes_left[rows])).astype("float32")
    # The vectors would have length 1 with the shingles that only one article has; those add nothing to a product.
    vectors = csr_matrix((weights, (rows, columns)), shape=(len(articles), len(shared)))
    a, b, cosine = _pairs(vectors, threshold, NEIGHBOURS)
    # The cosine is shared runs over root(n_a n_b), so it is never below the share of the larger
    # article's runs, and its floor has lost no pair. Rounded: runs are whole.
    shared = np.rint(cosine * np.sqrt(sizes_left[a] * sizes_left[b]))
    copies = shared > threshold * np.maximum(sizes_left[a], sizes_left[b])
    links = csr_matrix((copies[copies], (articles[a[copies]], articles[b[copies]])), shape=(len(sizes), len(sizes)))
    return connected_components(links, directed=False)[1]


def _repeated(runs: np.ndarray) -> np.ndarray:
    """Whether each run stands more than once."""
    numbers, _ = pd.factorize(runs)
    return np.bincount(numbers)[numbers] > 1 if len(runs) else np.zeros(0, dtype=bool)


def one_per_cluster(documents: pd.DataFrame, within: str | None = None) -> pd.DataFrame:
    """The documents table with one article of each cluster: the earliest, then the first by doc_id.

    With `within` ('outlet', say) one article per cluster and outlet is kept, so that no outlet loses
    an article because another ran it first. Undated articles come last. Row order is kept.
    """
    ordered = documents.sort_values(["date", "doc_id"], na_position="last")
    kept = ordered.drop_duplicates(["cluster"] if within is None else ["cluster", within])
    return documents.loc[documents.index.isin(kept.index)]
