"""Which words an outlet uses more than others, and by what name it calls each actor."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, norm

from analysis.codebook import Codebook, Names
from analysis.measures import (
    content_terms,
    document_term_matrix,
    in_groups,
    is_among,
    is_content,
    jackknife,
    membership,
    weigh,
)

# Where a pair of words ends: any mark but white space, hyphen and apostrophe; a point or
# comma between digits ('1,000', '9.19') ends nothing.
_BREAK = re.compile(r"[^\w\s'.,-]|_|(?<!\d)[.,]|[.,](?!\d)")
# An underscore parts words: the address of a page holds its whole headline, joined by them.
_WORD = re.compile(r"[^\W_]+(?:['.,][^\W_]+)*")
_POSSESSIVE = re.compile(r"'s\b")

# Some outlets use a country's name as its adjective too ('AVR officials'), others have a word of
# its own for that ('Avarian officials'), so that country names alone would still tell spelling
# apart. Capitals, persons and institutions stay as they are: to name a leader where another
# names the country is a choice of words worth seeing.
MERGED_KINDS = ("country", "adjective")

# Pairs of words in fewer articles are left out: they are too rare to compare, and long runs of them would give
# the text away.
MIN_DOCUMENTS = 5

# Weight of the prior in words, about one article of the corpus' average wording: a term must be
# said more often than one article could before it stands out.
PRIOR_WORDS = 500


def count(texts: Iterable[str], names: Names) -> Counter:
    """Terms of one article from its sentences: words in lower case, names as written, pairs of words.

    A name of the codebook (names of nobody too) is one term and its words are not counted again.
    A pair is two words side by side in one sentence with no name, mark of punctuation, stop
    word or number (`measures.is_content`) between or in them. A possessive 's is dropped and a
    hyphen parts words ('arms-control' is 'arms', 'control' and 'arms control').

    >>> names = Names(pd.DataFrame([("Avaria", "AVA", "country")], columns=["name", "actor", "kind"]))
    >>> sorted(count(["Avaria's arms control talks failed."], names))
    ['Avaria', 'arms', 'arms control', 'control', 'control talks', 'failed', 'talks', 'talks failed']
    """
    terms = Counter()
    for text in texts:
        mentions = names.every(text)
        terms.update(mention.name for mention in mentions)
        for phrase in _phrases(text, mentions):
            words = _WORD.findall(phrase)
            terms.update(words)
            terms.update(f"{a} {b}" for a, b in pairwise(words) if is_content(a) and is_content(b))
    return terms


def _phrases(text: str, mentions: list) -> list[str]:
    """The text in lower case without its names, parted where a name or a mark stood."""
    ends = [0, *(mention.end for mention in mentions)]
    starts = [*(mention.start for mention in mentions), len(text)]
    rest = "|".join(text[end:start] for end, start in zip(ends, starts, strict=True))
    return _BREAK.split(_POSSESSIVE.sub("", rest.replace("’", "'").lower()))


def tabulate(counts: Mapping[str, Counter]) -> pd.DataFrame:
    """The terms of articles: one row per article and term, with n, the times it is said.

    `counts` holds the terms of each article by doc_id. `frequent` then says which pairs of words may stay.
    """
    rows = [(doc_id, term, counts[doc_id][term]) for doc_id in sorted(counts) for term in sorted(counts[doc_id])]
    return pd.DataFrame(rows, columns=["doc_id", "term", "n"]).astype({"doc_id": "str", "term": "str", "n": "int64"})


def pairs(terms: pd.DataFrame, names: Names) -> np.ndarray:
    """Pairs of words that are no name, as hashes: one for each article that has the pair, sorted."""
    return np.sort(_hash(terms["term"][_is_pair(terms["term"], names)]))


def frequent(terms: pd.DataFrame, names: Names, found: np.ndarray) -> pd.DataFrame:
    """The terms table without the pairs of words that fewer than MIN_DOCUMENTS articles have.

    `found` are the pairs that all articles together have often enough: `common(pairs of all, MIN_DOCUMENTS)`.
    """
    at = _is_pair(terms["term"], names)
    kept = ~at
    kept[at] = is_among(_hash(terms["term"][at]), found)
    return terms[kept].reset_index(drop=True)


def _is_pair(terms: pd.Series, names: Names) -> np.ndarray:
    return (terms.str.contains(" ", regex=False) & ~terms.isin(set(names.table["name"]))).to_numpy(dtype=bool)


def _hash(terms: pd.Series) -> np.ndarray:
    # 64 bits: among a thousand million pairs of words hardly two would meet.
    return pd.util.hash_array(terms.to_numpy(dtype=object), categorize=False)


def merge_names(terms: pd.DataFrame, book: Codebook, kinds: tuple[str, ...] = MERGED_KINDS) -> pd.DataFrame:
    """The terms table with an actor's names of these kinds counted as one term, the actor's label.

    'AVR', 'Avaria' and 'Avarian' become one term, so that a comparison of outlets compares what
    they say and not how they spell a country. No use is lost or gained: the sum of n
    stays. Names of nobody, and of other kinds, stay as they are.
    """
    sheet = book.names_sheet
    merged = sheet[sheet["kind"].isin(kinds) & (sheet["actor"] != "")]
    label = {name: book.label(actor) for name, actor in zip(merged["name"], merged["actor"], strict=True)}
    named = terms["term"].isin(label)
    changed = terms[named].assign(term=terms.loc[named, "term"].map(label))
    table = pd.concat([terms[~named], changed]).astype({"n": "int64"})
    return table.groupby(["doc_id", "term"], as_index=False, observed=True)["n"].sum()


def tfidf(terms: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """How characteristic each term is of a group of articles: mean TF-IDF over its articles.

    `groups` gives each doc_id its outlet, group or period; articles without one are not read.
    Returns one row per group and term it uses: n (uses), n_documents (articles of the group that
    use it), tfidf (0 to 1, mean over the group's articles) and rank (1 is the highest; ties by
    term). Stop words, contractions, single letters and numbers are left out; names count as
    any term (see `merge_names`).

    Weights as in `measures.weigh`; their mean is the group's centroid (Rocchio 1971; Manning et
    al. 2008, 14.2). A group is not read as one long document: among a handful of groups idf
    would say nothing, and one long article would speak for its group. The limit: a term of
    many articles of one topic ranks high whoever writes; `log_odds` asks what sets a group apart.
    """
    counts, doc_ids, vocabulary = document_term_matrix(content_terms(in_groups(terms, groups)))
    labels, member = membership(groups, doc_ids)
    # An article that has the term has a weight above 0, so the three have the same cells.
    sums = [(member @ table).tocsr() for table in (counts, (counts > 0).astype("int64"), weigh(counts))]
    for table in sums:
        table.sort_indices()
    n, n_documents, weight = sums
    row, column = n.nonzero()
    size = np.asarray(member.sum(axis=1)).ravel()
    table = pd.DataFrame({"group": np.array(labels, dtype=object)[row], "term": vocabulary[column]}).infer_objects()
    table = table.assign(n=n.data, n_documents=n_documents.data, tfidf=weight.data / size[row])
    table = table.sort_values(["group", "tfidf", "term"], ascending=[True, False, True], ignore_index=True)
    return table.assign(rank=table.groupby("group").cumcount() + 1)


def log_odds(terms: pd.DataFrame, groups: pd.Series, prior: float = PRIOR_WORDS) -> pd.DataFrame:
    """What a group says more, or less, than all other groups together.

    Log-odds ratio with an informative Dirichlet prior (Monroe, Colaresi & Quinn 2008, "Fightin'
    Words"): each count is raised by `prior` times the term's share in all groups, which pulls
    rare terms towards no difference.

    Returns one row per group and term: n (uses in the group), n_rest (in all others), log_odds
    (natural log; above 0: more in the group), se, low and high (95 % interval), z, and q (false
    discovery rate within the group, Benjamini & Hochberg 1995). Terms are taken as given; pass
    `measures.content_terms(terms)` to leave stop words out. Fewer than two groups or terms: no rows.

    The limit: each use is taken as independent of the others. Words come in bursts (one
    article, one topic, a slogan), so z is too large and q too small: read them as an order, and
    a term of few articles with care.
    """
    counts, doc_ids, vocabulary = document_term_matrix(in_groups(terms, groups))
    labels, member = membership(groups, doc_ids)
    columns = ["group", "term", "n", "n_rest", "log_odds", "se", "low", "high", "z", "q"]
    if len(labels) < 2 or len(vocabulary) < 2:
        return pd.DataFrame(columns=columns)
    n = (member @ counts).toarray()
    total = n.sum(axis=0)
    raised = prior * total / total.sum()
    tables = [_against_the_rest(own, total - own, raised) for own in n]
    for label, table in zip(labels, tables, strict=True):
        table.insert(0, "group", label)
        table.insert(1, "term", vocabulary)
    return pd.concat(tables, ignore_index=True).astype({"term": "str"})[columns]


def _against_the_rest(n: np.ndarray, n_rest: np.ndarray, raised: np.ndarray) -> pd.DataFrame:
    """Log-odds ratio with its prior, its approximate standard error, z and q (Monroe et al. 2008)."""
    own, rest = n + raised, n_rest + raised
    ratio = np.log(own / (own.sum() - own)) - np.log(rest / (rest.sum() - rest))
    se = np.sqrt(1 / own + 1 / rest)
    z, reach = ratio / se, norm.ppf(0.975) * se
    q = false_discovery_control(2 * norm.sf(np.abs(z)))
    found = {"n": n, "n_rest": n_rest, "log_odds": ratio, "se": se, "low": ratio - reach, "high": ratio + reach}
    return pd.DataFrame({**found, "z": z, "q": q})


def top(table: pd.DataFrame, n: int, by: str) -> pd.DataFrame:
    """The n rows of each group with the highest value in column `by`, highest first, ties by term."""
    ordered = table.sort_values(["group", by, "term"], ascending=[True, False, True])
    return ordered.groupby("group").head(n).reset_index(drop=True)


def naming(terms: pd.DataFrame, groups: pd.Series, names_sheet: pd.DataFrame) -> pd.DataFrame:
    """By which of its country names each group calls each actor.

    `groups` gives each doc_id its outlet, group or period. Returns one row per group and country
    name of the codebook: actor, name, n (uses), n_total (uses of any country name of the actor),
    share (0 to 1; empty where n_total is 0), low and high (95 % interval, `measures.jackknife`; empty
    with fewer than three articles that name the actor and for a share of 0 or 1).

    The limit: some outlets use a country name as an adjective where others have an adjective of
    its own, and adjectives are not counted here.
    """
    sheet = names_sheet[(names_sheet["kind"] == "country") & (names_sheet["actor"] != "")]
    sheet = sheet.sort_values(["actor", "name"])[["actor", "name"]]
    named = terms[terms["term"].isin(sheet["name"])]
    uses = named.pivot_table(index="doc_id", columns="term", values="n", aggfunc="sum", fill_value=0)
    uses = uses.reindex(index=sorted(groups.index), columns=sheet["name"], fill_value=0)
    same_actor = (sheet["actor"].to_numpy()[:, None] == sheet["actor"].to_numpy()).astype(float)
    tables = [pd.DataFrame(columns=["group", "actor", "name", "n", "n_total", "share", "low", "high"])]
    for label, own in uses.groupby(groups.reindex(uses.index)):
        shares = _shares(own.to_numpy(dtype=float), same_actor)
        tables.append(pd.DataFrame({"group": label, **sheet, **shares}))
    return pd.concat(tables[1:] or tables, ignore_index=True)


def _shares(uses: np.ndarray, same_actor: np.ndarray) -> dict[str, np.ndarray]:
    """Each name's share in the uses of its actor's names, with its interval."""
    of_actor = uses @ same_actor
    n, n_total = uses.sum(axis=0), of_actor.sum(axis=0)
    low, high = jackknife(uses, of_actor)
    share = np.divide(n, n_total, out=np.full(len(n), np.nan), where=n_total > 0)
    return {"n": n.astype(int), "n_total": n_total.astype(int), "share": share, "low": low, "high": high}
