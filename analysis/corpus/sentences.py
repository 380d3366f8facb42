"""Running text to sentences, each by its place in the source text."""

import re
from collections.abc import Sequence
from itertools import pairwise

from sentencex import get_sentence_boundaries

from analysis.corpus.clean import Span, trim

# A word: letters and digits, held together inside by an apostrophe, hyphen, full stop or comma
# between digits, so that "U.S.", "2,500" and "so-called" are one word each.
WORD = re.compile(r"\w+(?:(?:[-'’.]|(?<=\d),(?=\d))\w+)*")
LANGUAGE = "en"
# Two things that sentencex 1.0 does not know are masked before it looks, each character by one
# character: initials after a hyphen ("the DPRK-U.S. summit", broken 42 times in 10,000 coded
# sentences), and the title Ms., which it takes for an end where Mr. and Mrs. are none.
HYPHEN_BEFORE_INITIALS = re.compile(r"-(?=[A-Z]\.)")
TITLE = re.compile(r"\bMs\.")
# sentencex keeps a quotation together, however many sentences it has; the coded sentences do not.
QUOTATION = re.compile(r"\"[^\"]+\"?|“[^”]+”?")
# Not after a question mark: '"Why?" Kim asked' is one sentence.
AFTER_QUOTATION = re.compile(r"[.…][\"”]\s+(?=[A-Z\"“])")
# An opening quotation mark parted from its words is taken for the end of the sentence before.
STRAY_MARK = re.compile(r"(?<=\s)[\"“]\s*\Z")


def split(text: str, spans: Sequence[Span]) -> list[Span]:
    """The sentences in some spans of a text, as (start, end) in the text, white space left out.

    Boundaries and abbreviations are those of sentencex (Thottingal, Wikimedia Foundation), and a
    quotation of several sentences is divided as well, the quotation marks staying where they are.
    No sentence reaches over the end of a span.

    Limit: where an abbreviation ends a sentence ("... the U.S. The ..."), two may stay one.

    >>> text = 'He met the U.S. Secretary on Dec. 7. "We agree. It was time," he said.'
    >>> [text[start:end] for start, end in split(text, [(0, len(text))])]
    ['He met the U.S. Secretary on Dec. 7.', '"We agree.', 'It was time," he said.']
    """
    return [
        sentence
        for start, end in spans
        for first, last in pairwise([0, *_boundaries(text[start:end])])
        if (sentence := trim(text, start + first, start + last))
    ]


def _boundaries(held: str) -> list[int]:
    """Where sentences end in a piece of text; its own end is the last."""
    masked = TITLE.sub("Mr.", HYPHEN_BEFORE_INITIALS.sub(" ", held))
    found = _ends(masked)
    for quotation in QUOTATION.finditer(masked):
        inner = quotation.start() + 1
        found += [inner + end for end in _ends(masked[inner : quotation.end()].rstrip('"”'))[:-1]]
    found += [match.end() for match in AFTER_QUOTATION.finditer(masked)]
    return sorted({_before_stray_mark(held, end) for end in found if end < len(held)} | {len(held)})


def _before_stray_mark(held: str, end: int) -> int:
    stray = STRAY_MARK.search(held, max(0, end - 5), end)
    return stray.start() if stray else end


def _ends(text: str) -> list[int]:
    return [part["end_index"] for part in get_sentence_boundaries(LANGUAGE, text)]


def count_tokens(sentence: str) -> int:
    """The number of words: runs of letters and digits; what a hyphen or apostrophe joins is one.

    >>> count_tokens("The so-called U.S. plan -- 2,500 men's -- failed.")
    7
    """
    return sum(1 for _ in WORD.finditer(sentence))
