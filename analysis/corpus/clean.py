"""What of a source text is running text of the article, and what only stood around it.

Cleaning selects spans of the source text and never changes or shifts it.
"""

import re
from collections.abc import Iterable, Iterator

from analysis.codebook import Codebook
from analysis.corpus.articles import Article

Span = tuple[int, int]

# What ends a sentence, with the closing quotation marks and brackets that may follow it.
FINISHED = re.compile(r"[.!…][\"'”’“»)\]\s\u200b]*$")
ASKED = re.compile(r"\?[\"'”’“»)\]\s\u200b]*$")
LED_IN = re.compile(r":[\"'”’\s]*$")
# A block that is shorter, in words, and does not end as a sentence is a heading, byline, caption or
# link. Counted on the coded training passages: of the blocks with no final mark, 299 of 300 under 10
# words and 424 of 443 under 20 were none of the running text; of those that end in a colon, 16 of 16
# under 6 words; of those that are a question, 36 of 43 under 9 (headings in the form of a question).
MIN_WORDS_UNFINISHED = 20
MIN_WORDS_COLON = 6
MIN_WORDS_QUESTION = 9


def running_text(article: Article, codebook: Codebook) -> list[Span]:
    """The spans of article.text that are running text, in order and apart, no white space at their ends.

    On a saved page the article stands between the `start` and the `end` rules of its outlet in
    pages.csv, a paragraph on each line. A delivered text is taken whole, paragraphs parted by blank
    lines. From both, what a `drop` rule matches is cut out, and a block is left out that is short and
    does not end as a sentence does (heading, byline, caption).

    Limit: a heading that ends in a full stop stays, and a line of verse goes.

    >>> from analysis import codebook
    >>> text = "Talks resume\\n\\nThe two sides met on Monday.\\n\\nREAD MORE"
    >>> [text[start:end] for start, end in running_text(Article("a", "b", "c", text), codebook.read())]
    ['The two sides met on Monday.']
    """
    text = article.text
    start, end = _body(article, codebook) if article.is_page else (0, len(text))
    dropped = _merged(_matches(text, start, end, article.outlet, codebook))
    kept = []
    for block in _blocks(text, start, end, article.is_page):
        pieces = _without(text, block, dropped)
        if pieces and not _is_fragment([text[slice(*piece)] for piece in pieces]):
            kept += pieces
    return kept


def _body(article: Article, codebook: Codebook) -> Span:
    """From the last of the outlet's start marks to the first of its end marks after it."""
    starts = [rule.pattern.search(article.text) for rule in codebook.rules("start", article.outlet)]
    start = max((match.end() for match in starts if match), default=0)
    ends = [rule.pattern.search(article.text, start) for rule in codebook.rules("end", article.outlet)]
    return start, min((match.start() for match in ends if match), default=len(article.text))


def _blocks(text: str, start: int, end: int, is_page: bool) -> Iterator[Span]:
    """The lines of a page; the paragraphs of a delivered text, which are often broken at column 72 or so."""
    first = at = start
    for line in text[start:end].splitlines(keepends=True):
        if is_page or not line.strip():
            yield first, at + (len(line) if is_page else 0)
            first = at + len(line)
        at += len(line)
    yield first, end


def _matches(text: str, start: int, end: int, outlet: str, codebook: Codebook) -> Iterator[Span]:
    for rule in codebook.rules("drop", outlet):
        yield from (match.span() for match in rule.pattern.finditer(text, start, end))


def _merged(spans: Iterable[Span]) -> list[Span]:
    """In order, those that overlap made one, empty ones left out.

    >>> _merged([(5, 8), (1, 3), (2, 4), (6, 6)])
    [(1, 4), (5, 8)]
    """
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _without(text: str, block: Span, dropped: list[Span]) -> list[Span]:
    """What is left of a block when the dropped spans are cut out: pieces without white space at their ends."""
    pieces, at = [], block[0]
    for start, end in dropped:
        if start < block[1] and end > block[0]:
            pieces.append((at, start))
            at = max(at, end)
    pieces.append((at, block[1]))
    return [trimmed for piece in pieces if (trimmed := trim(text, *piece))]


def trim(text: str, start: int, end: int) -> Span | None:
    """The span without white space at its ends; None where nothing else is in it.

    >>> trim("  a b ", 0, 6), trim("   ", 0, 3)
    ((2, 5), None)
    """
    held = text[start:end]
    if start >= end or not held.strip():
        return None
    return end - len(held.lstrip()), start + len(held.rstrip())


def _is_fragment(pieces: list[str]) -> bool:
    """Is it short and not ended as a sentence ends?"""
    words, last = sum(len(piece.split()) for piece in pieces), pieces[-1]
    if FINISHED.search(last):
        return False
    if ASKED.search(last):
        return words < MIN_WORDS_QUESTION
    return words < (MIN_WORDS_COLON if LED_IN.search(last) else MIN_WORDS_UNFINISHED)
