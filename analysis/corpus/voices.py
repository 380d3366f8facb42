"""Whose words a stretch of text is: the outlet's, an actor's, an expert's, nobody's in particular, or another's.

Nothing is parsed: quotation marks, reporting verbs and "according to" are found among the words, and a
quotation or report that runs on over several sentences keeps its speaker. The rules are those of rule-based
quotation finders (Pouliquen, Steinberger & Best 2007), with the outermost speaker where reports are nested.
Which words report, hedge or refer back stands in the codebook's sheet words.csv.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple

import pandas as pd

from analysis.codebook import Codebook, Mention
from analysis.contracts import VOICES
from analysis.corpus import syntax

OUTLET, EXPERT, UNNAMED, OTHER = VOICES
# A speaker who is told elsewhere: "he"; "the statement"; a quotation whose "said" comes later.
SAME, RECORD, NEXT = "same", "record", "next"
# What every name reads as: who is named must not change who is heard.
NAME = "Name"

# A word keeps its inner points, hyphens and apostrophes (U.S., anti-war, don't); a mark stands alone.
WORD = re.compile(r"(?:\w\.)+(?=\W|$)|\w+(?:[’'-]\w+)*|[^\w\s]")
# "Capital, 1 May (AGENCY) -- " and "CAPITAL - " are no part of the first sentence.
DATELINE = re.compile(r"^[^.!?“\"]{0,80}\(\w[\w /]*\)\s*(?:--|—|–|-)\s|^[A-Z]{3,}[^.“\"]{0,40}(?:--|—|–)\s")
# Quotations shorter than this, in words, are held at arm's length, not spoken: `the so-called "talks"`.
MIN_QUOTED = 4
# Fewer words than this after a reporting verb only say when or where: "he said on Friday".
MIN_REPORTED = 4
# A quotation whose end mark is missing ends after so many sentences.
MAX_QUOTED = 12
# A speaker is forgotten after so many sentences in which nobody speaks: the codebook's own limit for looking back.
MEMORY = 3
# In this order a role among the words of a reporting verb's subject tells the speaker; '' is where a name would.
STANDING = [
    ("expert", EXPERT),
    ("other", OTHER),
    ("", ""),
    ("pair", OUTLET),
    ("record", RECORD),
    ("person", SAME),
    ("state", SAME),
    ("group", SAME),
    ("self", SAME),
    ("unnamed", UNNAMED),
]


class Span(NamedTuple):
    """text[start:end] of a sentence is the speaker's."""

    start: int
    end: int
    speaker: str


class Heard(NamedTuple):
    """Speakers other than the outlet, the outermost first; what stands in quotation marks; where words begin."""

    spans: list[Span]
    quotations: list[tuple[int, int]]
    words: list[int]

    def speaker(self, place: int) -> str:
        """The outermost speaker at a place of the sentence.

        >>> Heard([Span(0, 40, "AVA"), Span(20, 30, "BEL")], [], []).speaker(25)
        'AVA'
        """
        return next((span.speaker for span in self.spans if span.start <= place < span.end), OUTLET)

    def quoted(self, place: int) -> bool:
        """Whether a place of the sentence stands between quotation marks."""
        return any(start <= place < end for start, end in self.quotations)


class Mark(NamedTuple):
    """A word, a punctuation mark or a whole name, its place, and the actor it names."""

    text: str
    start: int
    end: int
    actor: str


class Word(NamedTuple):
    """A mark, its roles in words.csv, and whether it stands in quotation marks."""

    text: str
    start: int
    end: int
    actor: str
    roles: frozenset[str]
    quoted: bool


class Report(NamedTuple):
    """Words first to last-1 of a sentence are what the speaker is reported to say."""

    first: int
    last: int
    speaker: str


@dataclass(frozen=True)
class Memory:
    """What a reader of the document knows by now.

    Who spoke last and how many sentences ago, the last subject, for how many sentences a quotation has been open,
    whether a report runs on, whose the outlet is, and the standing of people introduced by name.
    """

    speaker: str = ""
    age: int = 0
    subject: str = ""
    quoted: int = 0
    running: bool = False
    home: str = ""
    known: dict[str, str] = field(default_factory=dict)


def find(texts: list[str], codebook: Codebook, home: str = "") -> list[Heard]:
    """Who speaks in each sentence of one document, in order; `home` is the actor whose voice the outlet is, or ''.

    A speaker is an actor's code, EXPERT, UNNAMED or OTHER. The limit: an official who is named without office or
    state is OTHER, and outside a state's own outlet a report that runs on without any mark is the outlet's.
    """
    memory, found = Memory(home=home), []
    for text in texts:
        # Blanks keep the offsets.
        text = DATELINE.sub(lambda line: " " * len(line.group()), text)
        words, quoted = _read(text, codebook, memory.quoted)
        spans, memory = _listen(words, replace(memory, age=memory.age + 1))
        memory = replace(memory, quoted=quoted)
        quotations = [(words[a].start, words[b - 1].end) for a, b in _quotations(words)]
        found.append(Heard(spans, quotations, [word.start for word in words]))
    return _fill(found)


def listen(sentences: pd.DataFrame, codebook: Codebook) -> pd.Series:
    """Who speaks in each sentence: one `Heard` per row, with the index of `sentences`.

    `sentences` has doc_id, text and home, in document order. Where it has a column heard, made by this
    function, that is returned: voices and claims need the same, and listening takes time.
    """
    if "heard" in sentences:
        return sentences["heard"]
    found = []
    for _, document in sentences.groupby("doc_id", sort=False):
        found += find(document["text"].tolist(), codebook, document["home"].iloc[0])
    return pd.Series(found, index=sentences.index, name="heard", dtype="object")


def assign(sentences: pd.DataFrame, codebook: Codebook) -> pd.Series:
    """One voice per sentence: the speaker, OUTLET where others do not have more than half of the words.

    `sentences` is as for `listen`; the Series has its index.
    """
    voices = [_most(heard) for heard in listen(sentences, codebook)]
    return pd.Series(voices, index=sentences.index, name="voice", dtype="str")


def _most(heard: Heard) -> str:
    """Who speaks most of the words that are not the outlet's, where those are more than half."""
    share = Counter(map(heard.speaker, heard.words))
    # The outlet has the word unless others have more of it: a tie is its own.
    if not share or 2 * share[OUTLET] >= share.total():
        return OUTLET
    del share[OUTLET]
    return max(sorted(share), key=share.get)


# ---- reading: words, roles, names, quotation marks


def _entries(word: str, codebook: Codebook) -> list[tuple[tuple[str, ...], str]]:
    """The entries of words.csv that begin with a word in any of its forms."""
    return [entry for form in sorted(syntax.lemmas(word)) for entry in codebook.phrases.get(form, ())]


def _read(text: str, codebook: Codebook, quoted: int) -> tuple[list[Word], int]:
    """The words of a sentence; `quoted` is for how many sentences a quotation has been open, before and after."""
    marks = list(_marks(text, codebook.names.find(text)))
    inside, still = _quoted(text, marks, quoted)
    roles: list[frozenset[str]] = [frozenset()] * len(marks)
    for i, mark in enumerate(marks):
        for parts, role in () if mark.actor else _entries(mark.text, codebook):
            if _follow(marks, i, parts):
                roles[i : i + len(parts)] = [held | {role} for held in roles[i : i + len(parts)]]
    return [Word(*mark, held, quote) for mark, held, quote in zip(marks, roles, inside, strict=True)], still


def _marks(text: str, mentions: list[Mention]) -> Iterator[Mark]:
    """The words and marks of a text; a name is one word, whoever it names and however long it is."""
    read = 0
    for mention in [*mentions, None]:
        stop = mention.start if mention else len(text)
        yield from (Mark(m.group(), m.start(), m.end(), "") for m in WORD.finditer(text, read, stop))
        if mention:
            yield Mark(NAME, mention.start, mention.end, mention.actor)
            read = mention.end


def _follow(marks: list[Mark], i: int, parts: tuple[str, ...]) -> bool:
    """Whether the words of an entry stand at place i."""
    here = marks[i : i + len(parts)]
    return len(here) == len(parts) and all(
        part in syntax.lemmas(mark.text) for part, mark in zip(parts, here, strict=True)
    )


def _quoted(text: str, marks: list[Mark], quoted: int) -> tuple[list[bool], int]:
    """Whether each word stands in quotation marks, and for how many sentences the last quotation has been open."""
    inside, is_open = [], 0 < quoted <= MAX_QUOTED
    for mark in marks:
        opens = _opens(text, mark)
        closes = mark.text == "”" or (mark.text == '"' and not opens)
        is_open = is_open or opens
        inside.append(is_open or closes)
        is_open = is_open and not closes
    return inside, quoted + 1 if is_open else 0


def _opens(text: str, mark: Mark) -> bool:
    """Whether a mark opens a quotation; a straight one does where a word follows it and none stands before."""
    if mark.text == '"':
        before, after = text[max(mark.start - 1, 0) : mark.start], text[mark.end : mark.end + 1]
        return bool(after.strip()) and (not before.strip() or before in "(-—[,:")
    return mark.text == "“"


def _quotations(words: list[Word]) -> list[tuple[int, int]]:
    """Word ranges in quotation marks."""
    found, start = [], None
    for i, word in enumerate(words):
        if word.quoted and start is None:
            start = i
        if start is not None and (not word.quoted or word.text == "”"):
            found.append((start, i + (word.text == "”")))
            start = None
    return found if start is None else [*found, (start, len(words))]


# ---- listening: who says which words


def _listen(words: list[Word], memory: Memory) -> tuple[list[Span], Memory]:
    """The spans of one sentence, and what the reader knows after it."""
    reports = [report._replace(speaker=_resolve(report.speaker, memory)) for report in _reports(words, memory)]
    # Inside a report that runs on, what others say is told by its speaker.
    ranges = [Report(0, len(words), memory.speaker)] if memory.running else list(reports)
    for first, last in _quotations(words):
        if _size(words[first:last]) >= MIN_QUOTED or (memory.quoted and first == 0):
            ranges.append(Report(first, last, reports[0].speaker if reports else _recent(memory) or NEXT))
    spans = [Span(words[a].start, words[b - 1].end, who) for a, b, who in ranges if b > a and who not in (OUTLET, "")]
    spans.sort(key=lambda span: (span.start, -span.end))
    speaker = next((span.speaker for span in spans if span.speaker != NEXT), "") or _issuer(words, memory)
    if memory.home and speaker not in (memory.home, OTHER, EXPERT):
        # A state's own outlet reports other states in passing: they are not who speaks on.
        speaker = ""
    return spans, replace(
        memory,
        speaker=speaker or memory.speaker,
        age=0 if speaker else memory.age,
        subject=_named([word for word in words if not word.quoted]) or memory.subject,
        running=memory.running or (bool(speaker and reports) and _runs_on(words, memory)),
        known=memory.known | _introduced(words, memory),
    )


def _recent(memory: Memory) -> str:
    """Who spoke last, where it is not too long ago."""
    return memory.speaker if memory.age <= MEMORY or memory.running else ""


def _resolve(speaker: str, memory: Memory) -> str:
    """The speaker meant by "he" or "the statement": who spoke last, or else the last subject."""
    if speaker not in (SAME, RECORD):
        return speaker
    if memory.home:
        return _recent(memory) or (memory.home if speaker == RECORD else OUTLET)
    return _recent(memory) or memory.subject or OTHER


def _reports(words: list[Word], memory: Memory) -> Iterator[Report]:
    """What a reporting verb, "according to", or a colon after "statement" gives to a speaker."""
    found = False
    for i, word in enumerate(words):
        if word.quoted:
            continue
        if "source" in word.roles and not (i and "source" in words[i - 1].roles):
            stop = next((k for k in range(i + 1, len(words)) if words[k].text in ",."), len(words))
            named = [w for w in words[i:stop] if "source" not in w.roles]
            yield Report(0, len(words), _speaker(named, memory))
        elif _is_report(words, i):
            found = True
            first = _subject(words, i)
            who = _speaker(words[first:i] if _size(words[first:i]) else _inverted(words, i), memory)
            yield from (Report(a, b, who) for a, b in _content(words, first, i))
        elif word.text == ":" and not found and any("record" in w.roles for w in words[:i]):
            yield Report(i, len(words), _speaker([w for w in words[:i] if "expert" not in w.roles], memory))


def _is_report(words: list[Word], i: int) -> bool:
    """Whether the word reports: no noun, no passive, no infinitive, not in a relative clause."""
    before = words[i - 1].roles if i else frozenset()
    return "say" in words[i].roles and not before & {"article", "be", "relative"}


def _subject(words: list[Word], verb: int) -> int:
    """Number of the first word of a reporting verb's subject, what is set between commas after a name included."""
    first, inner = verb, bool(verb) and words[verb - 1].text == ","
    if inner and not any(word.text == "," for word in words[: verb - 1]):
        # `A must act, said the envoy`: one comma sets nothing apart.
        return verb
    while first:
        word = words[first - 1]
        if word.quoted or word.text in ";:—" or "break" in word.roles:
            break
        if word.text == "," and first < verb:
            if not inner:
                break
            inner = False
        first -= 1
    return first


def _inverted(words: list[Word], verb: int) -> list[Word]:
    """The subject of a verb that stands before it: `said the envoy`."""
    stop = next((k for k in range(verb + 1, len(words)) if words[k].text in ".;" or words[k].quoted), len(words))
    return words[verb + 1 : stop]


def _size(words: list[Word]) -> int:
    """How many words there are, marks not counted."""
    return sum(word.text[0].isalnum() for word in words)


def _content(words: list[Word], first: int, verb: int) -> list[tuple[int, int]]:
    """Word ranges that are the speaker's, where words[first:verb] is the subject."""
    last = next((k for k in range(verb + 1, len(words)) if _breaks(words, k)), len(words))
    after = words[verb + 1 : last]
    if not _size(words[first:verb]) or (_size(after) < MIN_REPORTED and not any(word.quoted for word in after)):
        return [(0, first)]
    return [(0, first), (verb, last)] if first and words[first - 1].quoted else [(verb, last)]


def _breaks(words: list[Word], k: int) -> bool:
    """Whether the writer takes the word again: ", but"."""
    return "break" in words[k].roles and words[k - 1].text == "," and not words[k].quoted


def _named(window: list[Word]) -> str:
    """The first actor among the words that is no place or partner ("talks in A", "a deal with B")."""
    for i, word in enumerate(window):
        if word.actor and not any("place" in w.roles for w in window[max(i - 2, 0) : i]):
            return word.actor
    return ""


def _speaker(window: list[Word], memory: Memory) -> str:
    """Who the subject of a reporting verb is, or SAME or RECORD where that was told before."""
    held = frozenset().union(*(word.roles for word in window))
    actor = _named(window)
    if actor and actor == memory.home:
        return actor
    for role, speaker in STANDING:
        if role in held or (not role and actor):
            return speaker or actor
    names = [word.text for word in window if word.text[0].isupper() and not word.actor]
    return memory.known.get(names[-1], OTHER) if names else SAME


def _issuer(words: list[Word], memory: Memory) -> str:
    """Who put out the statement or article that a sentence without a report names."""
    record = next((k for k, word in enumerate(words) if "record" in word.roles and not word.quoted), 0)
    return "" if memory.running or not record else _resolve(_speaker(words[:record], memory), memory)


def _runs_on(words: list[Word], memory: Memory) -> bool:
    """Whether a report goes on to the end, as in a state's own outlet: after a colon, or of a statement."""
    colon = any(a.text == ":" and not a.quoted and not b.quoted for a, b in pairwise(words))
    return bool(memory.home) and (colon or any("record" in word.roles for word in words))


def _introduced(words: list[Word], memory: Memory) -> dict[str, str]:
    """Surnames of people whose standing is told after a comma: "Jane Doe, an analyst at the institute"."""
    found = {}
    for i in range(1, len(words) - 2):
        name, comma = words[i], words[i + 1]
        if comma.text == "," and name.text[0].isupper() and words[i - 1].text[0].isupper() and not name.actor:
            stop = next((k for k in range(i + 2, len(words)) if words[k].text in ",.;" or words[k].quoted), len(words))
            who = _speaker(words[i + 2 : stop], Memory())
            if who not in (SAME, RECORD, OTHER, OUTLET, UNNAMED):
                found[name.text] = who
    return found


def _fill(found: list[Heard]) -> list[Heard]:
    """The same with speakers filled in who are told only after their quotation."""
    following, filled = OTHER, []
    for heard in reversed(found):
        known = next((span.speaker for span in heard.spans if span.speaker != NEXT), following)
        spans = [span._replace(speaker=known) if span.speaker == NEXT else span for span in heard.spans]
        following = spans[0].speaker if spans else following
        filled.append(heard._replace(spans=spans))
    return filled[::-1]
