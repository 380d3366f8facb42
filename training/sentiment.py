"""Weights of the calibrated sentiment, from sentences that people have rated.

    python -m training.sentiment NYT_FILE [--out CSV]

NYT_FILE is tab-separated, with the columns id (document_sentence), mean_rating (-4 to 4) and
text: the editorials rated by 20 readers each that come with VADER (Hutto & Gilbert 2014). Writes the weights
and prints how well it predicts ratings of documents held out. The same file and codebook give the same bytes.

Ridge regression on TF-IDF of single words and VADER's four scores, names masked. All checks are
by document: sentences of one document share its topic. The penalty is chosen inside each
training part, so no figure is the best of several.
"""

import argparse
import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import Ridge

from analysis import InputError, codebook
from analysis.codebook import Codebook
from analysis.measures import sentiment
from analysis.measures.sentiment import CONSTANT, VADER, WEIGHTS, Weights, in_brackets

# In fewer sentences a word tells of these sentences, not of words; 2 and 5 did as well within .004 of r.
MIN_SENTENCES = 3
# From too little (r falls to .50) to too much, in steps that change r by less than .005.
PENALTIES = (1, 2, 3, 4, 6, 8, 12)
# As many folds as usual: 30 documents each, and 60 where the penalty is chosen.
OUTER, INNER = 10, 5
# Enough for the second decimal of an interval; the seed is arbitrary.
RESAMPLES, SEED = 2000, 1
# Digits of an idf and of a weight in the csv: a hundred times finer than the score's .001 needs.
DIGITS = {"idf": 4, "weight": 5}


def read(path: Path, book: Codebook) -> pd.DataFrame:
    """The rated sentences: document, rating, and what `sentiment.hear` makes of the text.

    Raises InputError for a file of other columns, an id without a document and a rating off the scale.
    """
    table = pd.read_csv(path, sep="\t", quoting=csv.QUOTE_NONE, dtype="str", keep_default_na=False)
    if list(table.columns) != ["id", "mean_rating", "text"]:
        raise InputError(f"{path}: columns are {', '.join(table.columns)}; expected id, mean_rating, text")
    document = table["id"].str.extract(r"^(\d+)_\d+$", expand=False)
    rating = pd.to_numeric(table["mean_rating"], errors="coerce")
    for column, right in (("id", document.notna()), ("mean_rating", rating.between(-4, 4))):
        if not right.all():
            line = int(np.flatnonzero(~right)[0])
            raise InputError(f"{path}: line {line + 2}: {column} '{table.at[line, column]}'; expected as in 12_3, 0.45")
    heard = sentiment.hear(table["text"], book.names, book.lexicon)
    return heard.assign(document=document, rating=rating)


def folds(rated: pd.DataFrame, n: int) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Each training part and the part held out; every n-th document goes into one fold."""
    fold = pd.factorize(rated["document"])[0] % n
    return ((rated[fold != k], rated[fold == k]) for k in range(n))


def vectorizer(plain: pd.Series) -> TfidfVectorizer:
    """TF-IDF of the words that stand in lower case in enough sentences: a name that only stands first is out."""
    # With the mask in front no word of the sentence is first, so none with a capital is put in lower case.
    lower = CountVectorizer(analyzer=lambda text: sentiment.words(f"{sentiment.MASK} {text}"), min_df=MIN_SENTENCES)
    vocabulary = lower.fit(plain).get_feature_names_out()
    return TfidfVectorizer(analyzer=sentiment.words, vocabulary=vocabulary, binary=True).fit(plain)


def features(rated: pd.DataFrame, words: TfidfVectorizer) -> csr_matrix:
    """One row per sentence: VADER's four scores, then TF-IDF of each word."""
    return hstack([csr_matrix(rated[list(VADER)].to_numpy()), words.transform(rated["plain"])]).tocsr()


def ridge(penalty: float) -> Ridge:
    """The model, its tolerance far below the digits kept, so that any processor gives the same weights."""
    return Ridge(alpha=penalty, solver="sparse_cg", tol=1e-12)


def choose(rated: pd.DataFrame) -> float:
    """The penalty with the least squared error on documents held out."""
    errors = dict.fromkeys(PENALTIES, 0.0)
    for seen, unseen in folds(rated, INNER):
        words = vectorizer(seen["plain"])
        x, x_unseen = features(seen, words), features(unseen, words)
        for penalty in PENALTIES:
            missed = ridge(penalty).fit(x, seen["rating"]).predict(x_unseen) - unseen["rating"]
            errors[penalty] += float((missed**2).sum())
    return min(errors, key=errors.get)


def fit(rated: pd.DataFrame) -> Weights:
    """The weights, rounded as they are shipped; the penalty is chosen within these sentences."""
    words = vectorizer(rated["plain"])
    model = ridge(choose(rated)).fit(features(rated, words), rated["rating"])
    weights = model.coef_.round(DIGITS["weight"]).tolist()
    pairs = zip(words.idf_.round(DIGITS["idf"]).tolist(), weights[len(VADER) :], strict=True)
    by_word = dict(zip(words.get_feature_names_out().tolist(), pairs, strict=True))
    return Weights(round(float(model.intercept_), DIGITS["weight"]), tuple(weights[: len(VADER)]), by_word)


def predict(rated: pd.DataFrame, weights: Weights) -> list[float]:
    """The calibrated score of each sentence, by the code that every build runs."""
    rows = rated[["plain", *VADER]].itertuples(index=False, name=None)
    return [sentiment.rate(plain, vader, weights) for plain, *vader in rows]


def cross_fit(rated: pd.DataFrame) -> pd.Series:
    """The score of each sentence by weights that were trained, penalty and all, on other documents."""
    parts = [pd.Series(predict(unseen, fit(seen)), index=unseen.index) for seen, unseen in folds(rated, OUTER)]
    return pd.concat(parts).reindex(rated.index)


def cross_fit_vader(rated: pd.DataFrame) -> pd.Series:
    """As `cross_fit`, by VADER's four scores without a word: what VADER gives on the readers' scale."""
    columns = list(VADER)
    parts = [
        pd.Series(ridge(min(PENALTIES)).fit(seen[columns], seen["rating"]).predict(unseen[columns]), unseen.index)
        for seen, unseen in folds(rated, OUTER)
    ]
    return pd.concat(parts).reindex(rated.index)


def correlation(n: np.ndarray, sums: Sequence[np.ndarray]) -> np.ndarray:
    """Pearson's r from weighted sums: n, and of x, y, x * x, y * y and x * y."""
    x, y, xx, yy, xy = sums
    return (xy - x * y / n) / np.sqrt((xx - x**2 / n) * (yy - y**2 / n))


def agreement(rated: pd.DataFrame, scores: pd.Series, draws: np.ndarray) -> pd.DataFrame:
    """How far scores and ratings agree in each draw of documents (draws: rows; how often each is drawn: columns).

    Columns: r (Pearson's), r_of_means (of documents), error (mean absolute) and slope (ratings on scores).
    """
    pairs = pd.DataFrame({"n": 1.0, "x": scores.to_numpy(), "y": rated["rating"].to_numpy()})
    pairs = pairs.assign(xx=pairs["x"] ** 2, yy=pairs["y"] ** 2, xy=pairs["x"] * pairs["y"])
    pairs["error"] = (pairs["x"] - pairs["y"]).abs()
    document = pd.factorize(rated["document"])[0]
    n, *sums, error = (draws @ pairs.groupby(document).sum().to_numpy()).T
    x, y, xx, _, xy = sums
    means = pairs.groupby(document)[["x", "y"]].mean().to_numpy().T
    of_means = draws @ np.column_stack([*means, *means**2, means.prod(axis=0)])
    return pd.DataFrame(
        {
            "r": correlation(n, sums),
            "r_of_means": correlation(draws.sum(axis=1), of_means.T),
            "error": error / n,
            "slope": (xy - x * y / n) / (xx - x**2 / n),
        }
    )


def validate(rated: pd.DataFrame) -> pd.DataFrame:
    """How well unseen documents are predicted: one row per score and statistic, with value, low and high.

    Scores: calibrated (cross-fitted), VADER's four scores regressed (cross-fitted), sentiment,
    sentiment_raw, and calibrated less sentiment_raw. The 95 % interval is of documents resampled
    (percentiles; Efron & Tibshirani 1993, ch. 13). VADER's compound is on another scale: no error
    or slope is given for it.
    """
    n = rated["document"].nunique()
    resampled = np.random.default_rng(SEED).multinomial(n, np.full(n, 1 / n), RESAMPLES)
    draws = np.vstack([np.ones(n), resampled])
    held = {"calibrated": cross_fit(rated), "VADER regressed": cross_fit_vader(rated)}
    held |= {"sentiment": rated["compound"], "sentiment_raw": rated["raw"]}
    found = {name: agreement(rated, scores, draws) for name, scores in held.items()}
    found["calibrated less sentiment_raw"] = found["calibrated"] - found["sentiment_raw"]
    table = pd.concat(found, axis=1).T.rename_axis(["score", "statistic"])
    low, high = table.iloc[:, 1:].quantile([0.025, 0.975], axis=1).to_numpy()
    table = pd.DataFrame({"value": table[0], "low": low, "high": high}).reset_index()
    same_scale = table["score"].isin(["calibrated", "VADER regressed"]) | table["statistic"].str.startswith("r")
    return table[same_scale].reset_index(drop=True)


def in_words(validation: pd.DataFrame) -> list[str]:
    """The rows of `validate` as lines."""
    return [
        f"{row.score}: {row.statistic} {row.value:.3f} ({row.low:.3f} to {row.high:.3f})"
        for row in validation.itertuples()
    ]


def write(weights: Weights, path: Path) -> None:
    """The weights as csv: the constant and VADER's four first, then the words by letter."""
    terms = [CONSTANT, *map(in_brackets, VADER)]
    rows = [(term, 1, weight) for term, weight in zip(terms, (weights.constant, *weights.vader), strict=True)]
    rows += [(word, *pair) for word, pair in sorted(weights.words.items())]
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows, columns=list(sentiment.COLUMNS)).to_csv(path, index=False, lineterminator="\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, write, validate; returns the exit status: 0 done, 2 input that cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m training.sentiment", description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path, metavar="NYT_FILE", help="tab-separated: id, mean_rating, text")
    parser.add_argument("--out", type=Path, default=WEIGHTS, metavar="CSV", help="default: data/models/sentiment.csv")
    options = parser.parse_args(arguments)
    try:
        rated = read(options.file, codebook.read())
    except (InputError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    weights = fit(rated)
    write(weights, options.out)
    print(f"{len(rated):,} sentences of {rated['document'].nunique()} documents; {len(weights.words):,} words")
    print("\n".join(in_words(validate(rated))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
