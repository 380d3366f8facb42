"""How positive or negative a sentence sounds, whichever actors it names."""

import re
from collections.abc import Sequence
from copy import copy
from functools import cache
from math import fsum, sqrt
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from analysis import InputError
from analysis.codebook import Names, read_sheet

# What `python -m training.sentiment` writes; data/models/README.md says what it was trained on.
WEIGHTS = Path(__file__).resolve().parents[2] / "data" / "models" / "sentiment.csv"
COLUMNS = {
    "term": "a word in lower case; in brackets the constant and VADER's four scores",
    "idf": "how rare the word is: inverse document frequency over the rated sentences; 1 in brackets",
    "weight": "points of the readers' scale",
}
CONSTANT = "(constant)"
# VADER's four scores: shares of negative, neutral and positive words, and the compound.
VADER = ("neg", "neu", "pos", "compound")
# The readers' scale, and VADER's for a single word.
LOWEST, HIGHEST = -4.0, 4.0

# Stands in for a name: neither a sentiment word nor a modifier to VADER, and longer than the two
# letters VADER takes for an emoticon.
MASK = "actor"

# VADER strips plain punctuation from a word and knows "don't"; a typographic mark would stay
# on the word and hide it. A dash parts words.
_PLAIN = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": " - ", "—": " - ", "…": "..."})

# A word with a capital is a name or stands first, and no name is to earn a weight. The mask is no
# word, nor is what an apostrophe leaves of a name ('s).
_WORD = re.compile(rf"(?<!\w)(?<!\w')(?!{MASK}\b)[a-z]+(?:'[a-z]+)*(?!\w)")
# The first letter of a sentence, but not that of a short form in capitals.
_FIRST = re.compile(r"^\W*[A-Z](?![A-Z])")


class Weights(NamedTuple):
    """The regression of readers' ratings: constant, weights of VADER's four scores, (idf, weight) of each word."""

    constant: float
    vader: tuple[float, ...]
    words: dict[str, tuple[float, float]]


def score(texts: pd.Series, names: Names, lexicon: pd.DataFrame, weights: Weights | None = None) -> pd.DataFrame:
    """Sentiment of each sentence, with the index of `texts`.

    Columns: calibrated, the mean rating that readers would give (-4 negative to 4 positive), by ridge
    regression on the sentence's words (TF-IDF) and VADER's four scores, rounded to .001;
    sentiment, VADER's compound (Hutto & Gilbert 2014; -1 to 1), with names masked (names of
    nobody too), typographic marks made plain and the codebook's lexicon added; sentiment_raw, the
    compound as the library gives it. Masking matters because VADER rates some names positive
    ('United', 'Security', 'Party'), which no actor has earned; so swapping the actors' names
    changes neither of the first two. A term of the lexicon may be several words; one with valence 0 is
    no sentiment word any more. `weights` are those shipped unless others are given.

    The limits: words and a few rules for negation, degree and 'but'; no irony, no target (who is
    praised or blamed is for `claims`), and a word counts the same in every mouth. On sentences of
    newspaper editorials rated by 20 readers each, in documents not seen in training, r is .56
    (VADER alone .51): means of many sentences can be compared, single sentences cannot. The
    weights know the words of editorials of one US newspaper; figures and limits stand in
    data/models/README.md.

    Raises InputError for a valence that is not a number from -4 to 4, and for weights that cannot be read.
    """
    weights = weights or read_weights()
    heard = hear(texts, names, lexicon)
    rows = heard[["plain", *VADER]].itertuples(index=False, name=None)
    calibrated = [rate(plain, vader, weights) for plain, *vader in rows]
    columns = {"calibrated": calibrated, "sentiment": heard["compound"], "sentiment_raw": heard["raw"]}
    return pd.DataFrame(columns, index=texts.index, dtype="float32")


def hear(texts: pd.Series, names: Names, lexicon: pd.DataFrame) -> pd.DataFrame:
    """What the scores are made from, with the index of `texts`.

    Columns: plain, the text with names masked and typographic marks made plain; neg, neu, pos and
    compound, VADER's scores of it with the lexicon added; raw, VADER's compound of the text as it is.
    """
    valence = _valences(lexicon)
    vader, extended = _vader(), copy(_vader())
    extended.lexicon = _extend(extended.lexicon, valence)
    raw = [vader.polarity_scores(text) for text in texts]
    terms = _pattern(valence)
    plain = [mask(text, names).translate(_PLAIN) for text in texts]
    # VADER takes nearly all the time, so what would come out the same is not asked for again.
    same = [new == old and not terms.search(old) for new, old in zip(plain, texts, strict=True)]
    heard = [
        was if kept else extended.polarity_scores(_join(text, terms))
        for was, kept, text in zip(raw, same, plain, strict=True)
    ]
    table = pd.DataFrame(heard, columns=list(VADER), index=texts.index, dtype="float64")
    return table.assign(plain=plain, raw=[was["compound"] for was in raw])


@cache
def _vader() -> SentimentIntensityAnalyzer:
    """VADER as the library gives it: read once (30 ms), never changed."""
    return SentimentIntensityAnalyzer()


def words(plain: str) -> list[str]:
    """The words of a sentence that may bear a weight: those in lower case, and the first one.

    >>> words("Sadly, the actor's envoy met Moe's boss, who isn't well-known.")
    ['sadly', 'the', 'envoy', 'met', 'boss', 'who', "isn't", 'well', 'known']
    """
    return _WORD.findall(_FIRST.sub(lambda first: first.group().lower(), plain, count=1))


def rate(plain: str, vader: Sequence[float], weights: Weights) -> float:
    """The expected rating of one sentence: constant, VADER's part, and the words' TF-IDF, each word once, length 1.

    Only sums, products and square roots in the order of the text, so that every machine gives the same.

    >>> rate("A fine day.", (0, 0.5, 0.5, 0.2), Weights(-0.1, (0, 0, 0, 1), {"fine": (2.0, 0.6), "day": (1.5, 0.2)}))
    0.7
    """
    known = [weights.words[word] for word in dict.fromkeys(words(plain)) if word in weights.words]
    length = sqrt(fsum(idf * idf for idf, _ in known))
    by_words = fsum(idf * weight for idf, weight in known) / length if known else 0.0
    by_vader = fsum(share * weight for share, weight in zip(vader, weights.vader, strict=True))
    return round(min(max(weights.constant + by_vader + by_words, LOWEST), HIGHEST), 3)


@cache
def read_weights(path: Path = WEIGHTS) -> Weights:
    """The weights in a csv of the columns term, idf and weight.

    Raises InputError for a missing or malformed file, a cell that is no number, an idf of 0 and a missing row.
    """
    table = read_sheet(path, COLUMNS, ["term"]).set_index("term")
    numbers = table.apply(pd.to_numeric, errors="coerce").astype("float64")
    wrong = table[~(np.isfinite(numbers).all(axis=1) & (numbers["idf"] > 0))]
    if len(wrong):
        idf, weight = wrong.iloc[0][["idf", "weight"]]
        place = f"{path}: {wrong.index[0]}: idf '{idf}', weight '{weight}'"
        raise InputError(
            f"{place}: not two numbers, the first above 0; write the file again with `python -m training.sentiment`"
        )
    bracketed = [CONSTANT, *map(in_brackets, VADER)]
    missing = [term for term in bracketed if term not in numbers.index]
    if missing:
        raise InputError(f"{path}: no row {missing[0]}; write the file again with `python -m training.sentiment`")
    rows = numbers.drop(index=bracketed).itertuples(name=None)
    constant, *vader = numbers.loc[bracketed, "weight"].tolist()
    return Weights(constant, tuple(vader), {term: (idf, weight) for term, idf, weight in rows})


def in_brackets(name: str) -> str:
    """How a score of VADER stands among the words of the csv."""
    return f"({name})"


def mask(text: str, names: Names) -> str:
    """The text with one neutral word for every name of the codebook.

    >>> names = Names(pd.DataFrame([("United Avaria", "AVA", "country")], columns=["name", "actor", "kind"]))
    >>> mask("United Avaria's envoy left.", names)
    "actor's envoy left."
    """
    mentions = names.every(text)
    ends = [0, *(mention.end for mention in mentions)]
    starts = [*(mention.start for mention in mentions), len(text)]
    rest = [text[end:start] for end, start in zip(ends, starts, strict=True)]
    # VADER stresses a word in capitals only among words that are not: the mask must not be the
    # one small word of a headline, nor a name in capitals the one that makes a mixture.
    return (MASK.upper() if "".join(rest).isupper() else MASK).join(rest)


def _valences(lexicon: pd.DataFrame) -> dict[str, float]:
    """The lexicon's terms and valences as numbers."""
    numbers = pd.to_numeric(lexicon["valence"], errors="coerce")
    wrong = lexicon[~numbers.between(-4, 4)]
    if len(wrong):
        term, valence = wrong.iloc[0][["term", "valence"]]
        raise InputError(f"lexicon.csv: '{term}': valence '{valence}' is not a number from -4 to 4; correct it")
    return dict(zip(lexicon["term"].str.lower(), numbers.astype(float), strict=True))


def _extend(lexicon: dict[str, float], valence: dict[str, float]) -> dict[str, float]:
    """VADER's lexicon with these terms; those of valence 0 taken out, for VADER would still stress them."""
    ours = {_as_one_word(term): value for term, value in valence.items()}
    return {term: value for term, value in (lexicon | ours).items() if ours.get(term) != 0}


def _as_one_word(term: str) -> str:
    return "_".join(term.split())


def _pattern(valence: dict[str, float]) -> re.Pattern:
    """What finds the lexicon's terms in a text, the longest first."""
    longest_first = sorted(valence, key=lambda term: (-len(term), term))
    terms = "|".join(r"\s+".join(map(re.escape, term.split())) for term in longest_first)
    # (?!) matches nowhere: an empty lexicon finds nothing.
    return re.compile(rf"(?<!\w)(?:{terms or '(?!)'})(?!\w)", re.IGNORECASE)


def _join(text: str, terms: re.Pattern) -> str:
    """The text with each term of several words made one word, which is all that VADER looks up."""
    return terms.sub(lambda match: _as_one_word(match.group()), text)
