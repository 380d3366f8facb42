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
# Two apostrophes or grave accents for a quotation mark, as newspapers' archives have them.
OPENING = re.compile(r"(?:''|``)(?=[\w$])")
CLOSING = re.compile(r"''|``")
# Quotations shorter than this, in words, are held at arm's length, not spoken: `the so-called "talks"`.
MIN_QUOTED = 4
# Fewer words than this after a reporting verb only say when or where: "he said on Friday".
MIN_REPORTED = 4
# A sentence of at most so many words after a quotation only tells who spoke: `"Who was it?" A asked on Friday.`
MAX_TAG = 6
# A name has at most so many words; more in a row that begin with a capital are a heading.
MAX_NAMES = 3
# Words between a verb of thinking and what is thought: "found last year that".
MAX_BETWEEN = 4
DASHES = ("-", "–", "—", "―")
# A quotation whose end mark is missing ends after so many sentences.
MAX_QUOTED = 12
# A speaker is forgotten after so many sentences in which nobody speaks: the codebook's own limit for looking back.
MEMORY = 3
# In this order a role among the words of a reporting verb's subject tells the speaker; '' is where a name would.
STANDING = [
    ("expert", EXPERT),
    ("name of institution", ""),
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


class Source(NamedTuple):
    """The word that a speaker was told by: its sentence's number in the document, and its place there."""

    sentence: int
    start: int
    end: int


class Span(NamedTuple):
    """text[start:end] of a sentence is the speaker's; what is said begins at `content`, after the verb that reports.

    `source` is the word that tells who speaks, or None where no word does.
    """

    start: int
    end: int
    speaker: str
    content: int = 0
    source: Source | None = None


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


class Line(NamedTuple):
    """The words of a sentence, and whether a quotation from before is open where it begins."""

    words: list[Word]
    carried: bool


class Report(NamedTuple):
    """Words first to last-1 of a sentence are what the speaker is reported to say, the verb at `first` included.

    `source` is the word that tells the speaker, `content` the number of the first word after the verb.
    """

    first: int
    last: int
    speaker: str
    source: Source | None
    content: int = 0


@dataclass(frozen=True)
class Memory:
    """What a reader of the document knows by now.

    The sentence's number, who spoke last, by which word, and how many sentences ago, the last subject, whether a
    report runs on, whose the outlet is, and the standing of people introduced by name.
    """

    number: int = 0
    speaker: str = ""
    source: Source | None = None
    age: int = 0
    subject: str = ""
    running: bool = False
    home: str = ""
    known: dict[str, str] = field(default_factory=dict)


def find(texts: list[str], codebook: Codebook, home: str = "") -> list[Heard]:
    """Who speaks in each sentence of one document, in order; `home` is the actor whose voice the outlet is, or ''.

    A speaker is an actor's code, EXPERT, UNNAMED or OTHER. The limit: an official who is named without office or
    state is OTHER, and outside a state's own outlet a report that runs on without any mark is the outlet's.
    """
    memory, found = Memory(home=home), []
    read = _read_all(texts, codebook)
    for number, (words, _) in enumerate(read):
        memory = replace(memory, number=number, age=memory.age + 1)
        spans, memory = _listen(read[number : number + 1 + MAX_QUOTED], memory)
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
    return [entry for form in syntax.lemmas(word) for entry in codebook.phrases.get(form, ())]


def _read_all(texts: list[str], codebook: Codebook) -> list[Line]:
    """The words of every sentence of a document; a quotation may run on from one to the next."""
    read, quoted = [], 0
    for text in texts:
        carried = 0 < quoted <= MAX_QUOTED
        # Blanks keep the offsets.
        text = DATELINE.sub(lambda line: " " * len(line.group()), text)
        words, quoted = _read(CLOSING.sub('" ', OPENING.sub(' "', text)), codebook, quoted)
        read.append(Line(words, carried))
    return read


def _read(text: str, codebook: Codebook, quoted: int) -> tuple[list[Word], int]:
    """The words of a sentence; `quoted` is for how many sentences a quotation has been open, before and after."""
    mentions = codebook.names.find(text)
    marks = list(_marks(text, mentions))
    inside, still = _quoted(text, marks, quoted)
    kinds = {mention.start: frozenset({f"name of {mention.kind}"}) for mention in mentions}
    roles = [kinds.get(mark.start, frozenset()) for mark in marks]
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
    """Whether the words of an entry follow at place i, where its first one stands."""
    here = marks[i + 1 : i + len(parts)]
    return len(here) == len(parts) - 1 and all(
        part in syntax.lemmas(mark.text) for part, mark in zip(parts[1:], here, strict=True)
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


def _listen(lines: list[Line], memory: Memory) -> tuple[list[Span], Memory]:
    """The spans of the first of some sentences, and what the reader knows after it."""
    words, carried = lines[0]
    reports = _resolved(words, memory)
    # Inside a report that runs on, what others say is told by its speaker.
    ranges = [Report(0, len(words), memory.speaker, memory.source)] if memory.running else list(reports)
    for first, last in _quotations(words):
        goes_on = carried and first == 0
        if _size(words[first:last]) >= MIN_QUOTED or goes_on:
            later = [] if reports or goes_on or last < len(words) else _later(lines, memory)
            ranges.append(Report(first, last, *_quoting(reports or later, memory)))
    spans = [_span(words, one) for one in ranges if one.last > one.first and one.speaker not in (OUTLET, "")]
    spans.sort(key=lambda span: (span.start, -span.end))
    return spans, _learn(words, spans, bool(reports), memory)


def _learn(words: list[Word], spans: list[Span], reported: bool, memory: Memory) -> Memory:
    """What the reader knows after a sentence."""
    told = next((span for span in spans if span.speaker != NEXT), None)
    speaker, source = (told.speaker, told.source) if told else _issuer(words, memory)
    if memory.home and speaker not in (memory.home, OTHER, EXPERT):
        # A state's own outlet reports other states in passing: they are not who speaks on.
        speaker = ""
    return replace(
        memory,
        speaker=speaker or memory.speaker,
        source=source if speaker else memory.source,
        # A quotation that waits for its speaker does not make the reader forget who was spoken of.
        age=0 if speaker else memory.age - bool(spans),
        subject=_named([word for word in words if not word.quoted]) or memory.subject,
        running=memory.running or (bool(speaker) and reported and _runs_on(words, memory)),
        known=memory.known | _introduced(words, memory) | _in_office(words),
    )


def _resolved(words: list[Word], memory: Memory) -> list[Report]:
    """The reports of a sentence, with the speaker that "he" and "the statement" mean."""
    return [report._replace(speaker=_resolve(report.speaker, memory)) for report in _reports(words, memory)]


def _span(words: list[Word], report: Report) -> Span:
    """A report by its place in the sentence instead of by the numbers of its words."""
    start, end = words[report.first].start, words[report.last - 1].end
    content = words[report.content].start if report.first < report.content < report.last else start
    return Span(start, end, report.speaker, content, report.source)


def _later(lines: list[Line], memory: Memory) -> list[Report]:
    """The reports of the sentence in which a quotation ends, or of a few words right after it: `... here?" A asked.`"""
    for n, (words, carried) in enumerate(lines[1:], start=1):
        if n == 1 and words and _signs(words, 0):
            return [_signed(words, 0, replace(memory, number=memory.number + 1))]
        if not (carried or (n == 1 and _size(words) <= MAX_TAG)):
            return []
        if not carried or not all(word.quoted for word in words):
            return _resolved(words, replace(memory, number=memory.number + n))
    return []


def _quoting(reports: list[Report], memory: Memory) -> tuple[str, Source | None]:
    """Who says a quotation: whoever is reported to speak, or spoke last, or speaks next."""
    if reports:
        return reports[0].speaker, reports[0].source
    return (_recent(memory), memory.source) if _recent(memory) else (NEXT, None)


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
    """What a reporting verb, "according to", a name after a dash, or a colon after "statement" gives to a speaker."""
    found = False
    for i, word in enumerate(words):
        if word.quoted:
            continue
        if "source" in word.roles and not (i and "source" in words[i - 1].roles):
            yield from _sourced(words, i, memory)
        elif _is_report(words, i):
            found = True
            yield from _reported(words, i, memory)
        elif i and _signs(words, i):
            found = True
            yield _signed(words, i, memory)
        elif word.text == ":" and not found and any("record" in w.roles for w in words[:i]):
            window = [w for w in words[:i] if "expert" not in w.roles]
            yield Report(i, len(words), _speaker(window, memory), _source(window, memory), i + 1)


def _signs(words: list[Word], i: int) -> bool:
    """Whether a dash stands between a quotation and the name of who said it: `"..." - Jane Doe`."""
    if words[i].text not in DASHES or (i and not words[i - 1].quoted):
        return False
    stop = next((k for k in range(i + 1, len(words)) if not words[k].text[0].isalnum()), len(words))
    ends = stop == len(words) or words[stop].text in ",." or words[stop].quoted
    return ends and 0 < stop - i - 1 <= MAX_NAMES and all(_is_name_part(w) or w.actor for w in words[i + 1 : stop])


def _signed(words: list[Word], i: int, memory: Memory) -> Report:
    """What stands before a dash, given to the name after it."""
    named = _noun_phrase(words[i + 1 : i + 2 + MAX_NAMES])
    return Report(0, i, _speaker(named, memory), _source(named, memory))


def _sourced(words: list[Word], i: int, memory: Memory) -> Iterator[Report]:
    """What "according to A" gives to A: the whole sentence but these words."""
    stop = next((k for k in range(i + 1, len(words)) if words[k].text in ",."), len(words))
    named = [word for word in words[i:stop] if "source" not in word.roles]
    told = _speaker(named, memory), _source(_noun_phrase(named), memory)
    yield from (Report(a, b, *told) for a, b in ((0, i), (stop, len(words))) if _size(words[a:b]))


def _reported(words: list[Word], i: int, memory: Memory) -> Iterator[Report]:
    """What a reporting verb gives to its subject, which stands before it or after it."""
    first = _subject(words, i)
    window, phrase = _window(words, first, i)
    told = _speaker(window, memory), _source(phrase, memory)
    yield from (Report(a, b, *told, content=i + 1 if a == i else a) for a, b in _content(words, first, i))


def _window(words: list[Word], first: int, verb: int) -> tuple[list[Word], list[Word]]:
    """The words that tell who a reporting verb's subject is, and the noun phrase among them."""
    if _shares_subject(words, first, verb):
        window = _leading(words[:verb])
        return window, window
    if not _size(words[first:verb]):
        window = _inverted(words, verb)
        return window, _noun_phrase(window)
    window = words[first:verb]
    phrase = _before_verb(window)
    if phrase and "who" in phrase[-1].roles:
        # The pronoun tells who speaks; who that is stands before it.
        return phrase[:-1] or _antecedent(words[:first]), phrase[-1:]
    return window, phrase


def _antecedent(words: list[Word]) -> list[Word]:
    """The last words before a comma at the end, back to the mark or preposition before them."""
    last = max(len(words) - 1, 0)
    stops = (k for k in range(last, 0, -1) if "place" in words[k - 1].roles or not words[k - 1].text[0].isalnum())
    return words[next(stops, 0) : last]


def _shares_subject(words: list[Word], first: int, verb: int) -> bool:
    """Whether a verb has its subject further up: "A met B and said", "A met B, saying"."""
    before = _before_verb(words[first:verb]) if _size(words[first:verb]) else []
    if before and "joint" in before[-1].roles:
        return True
    return words[verb].text.endswith("ing") and (not before or "place" in before[-1].roles)


def _leading(words: list[Word]) -> list[Word]:
    """The first name or pronoun that no preposition governs, and what stands before it: the likely subject."""
    for i, word in enumerate(words):
        names = word.actor or word.roles & {"person", "group", "self"} or (i and word.text[0].isupper())
        if names and not word.quoted and not any("place" in w.roles for w in words[max(i - 2, 0) : i]):
            last = next((k for k in range(i, len(words)) if not _is_name_part(words[k]) and k > i), len(words))
            return words[i:last]
    return []


def _source(phrase: list[Word], memory: Memory) -> Source | None:
    """The last word of a noun phrase, by its place in the document."""
    word = next((word for word in reversed(phrase) if word.text[0].isalnum()), None)
    return Source(memory.number, word.start, word.end) if word else None


def _noun_phrase(window: list[Word]) -> list[Word]:
    """The words up to the first mark or preposition: `said the envoy to A`."""
    stops = (k for k, word in enumerate(window) if k and ("place" in word.roles or not word.text[0].isalnum()))
    return window[: next(stops, len(window))]


def _before_verb(window: list[Word]) -> list[Word]:
    """The subject without what is set between commas, and without auxiliaries and adverbs at its end."""
    last = _end_of_subject(window)
    if last and window[last - 1].text == ",":
        last = next((k for k, word in enumerate(window) if k and word.text == ","), last - 1)
    return window[:last]


def _end_of_subject(window: list[Word]) -> int:
    """How many words stand before the auxiliaries and adverbs at the end."""
    last = len(window)
    while last > 1 and _is_adverbial(window[last - 1], last < len(window)):
        last -= 1
    return last


def _is_adverbial(word: Word, time_after: bool) -> bool:
    """Whether a word between a subject and its verb is part of neither: "A has repeatedly", "A on Friday"."""
    if "auxiliary" in word.roles:
        return True
    # Of the nouns in -ly ("family", "ally") nothing is lost: the word before them is of the same subject.
    return (word.text.islower() and word.text.endswith("ly")) or (time_after and "place" in word.roles)


def _is_report(words: list[Word], i: int) -> bool:
    """Whether the word reports: no noun, no passive, no infinitive; a verb of thinking only with what is thought."""
    word, before = words[i], words[i - 1].roles if i else frozenset()
    if "say" in before and "place" in word.roles:
        # The second word of "call for" is no verb of its own.
        return False
    if "say" not in word.roles:
        return "hold" in word.roles and not before & {"article", "be", "relative"} and _has_clause(words, i)
    if word.text.endswith("ing") and "be" in before:
        return True
    return not before & {"article", "be", "relative"}


def _has_clause(words: list[Word], verb: int) -> bool:
    """Whether what is said stands near as a clause ("that ...", "how ...") or a quotation."""
    near = words[max(verb - MAX_BETWEEN, 0) : verb + 1 + MAX_BETWEEN]
    after = words[verb + 1 : verb + 1 + MAX_BETWEEN]
    return any(word.quoted for word in near) or any("clause" in word.roles for word in after)


def _subject(words: list[Word], verb: int) -> int:
    """Number of the first word of a reporting verb's subject, what is set between commas after a name included."""
    first = _end_of_subject(words[:verb])
    inner = first > 1 and words[first - 1].text == ","
    if inner and (_names_only(words, verb) or not any(word.text == "," for word in words[: first - 1])):
        # `A must act, said the envoy`: one comma sets nothing apart.
        return verb
    while first:
        word = words[first - 1]
        if word.quoted or word.text in ";:—" or "break" in word.roles or ("begins" in word.roles and not inner):
            break
        if word.text == "," and first < verb:
            if not inner:
                break
            inner = False
        first -= 1
    return first


def _names_only(words: list[Word], verb: int) -> bool:
    """Whether a verb is followed by nothing but a name: `the drills, both of them, were off, said Jane Doe`."""
    stop = next((k for k in range(verb + 1, len(words)) if not words[k].text[0].isalnum()), len(words))
    return stop > verb + 1 and all(word.actor or _is_name_part(word) for word in words[verb + 1 : stop])


def _inverted(words: list[Word], verb: int) -> list[Word]:
    """The subject of a verb that stands before it: `said the envoy`."""
    stop = next((k for k in range(verb + 1, len(words)) if words[k].text in ".;" or words[k].quoted), len(words))
    return words[verb + 1 : stop]


def _size(words: list[Word]) -> int:
    """How many words there are, marks not counted."""
    return sum(word.text[0].isalnum() for word in words)


def _content(words: list[Word], first: int, verb: int) -> list[tuple[int, int]]:
    """Word ranges that are the speaker's, where words[first:verb] is the subject."""
    last = _end_of_report(words, first, verb)
    after = words[verb + 1 : last]
    if _shares_subject(words, first, verb):
        return [(verb, last)]
    if first < verb and words[first].roles & {"joint", "break"}:
        # "..., and A said so": what stands before is the writer's.
        return [(verb, last)]
    if not _size(words[first:verb]) or (_size(after) < MIN_REPORTED and not any(word.quoted for word in after)):
        return [(0, first)]
    if first and (words[first - 1].quoted or _is_set_apart(words, first, verb)):
        return [(0, first)] if _only_when(after) else [(0, first), (verb, last)]
    return [(0, first)] if _size(words[:first]) >= MIN_REPORTED and _only_when(after) else [(verb, last)]


def _end_of_report(words: list[Word], first: int, verb: int) -> int:
    """Where a report ends that follows its verb: where the writer takes the word again, or an aside does."""
    aside = (first and words[first - 1].roles & {"begins", "break"}) or "who" in words[max(verb - 1, first)].roles
    places = (k for k in range(verb + 1, len(words)) if _breaks(words, k) or (aside and _pauses(words, k)))
    return next(places, len(words))


def _is_set_apart(words: list[Word], first: int, verb: int) -> bool:
    """Whether subject and verb stand between commas: "the drills, A said, will go on"."""
    return first > 0 and words[first - 1].text == words[min(verb + 1, len(words) - 1)].text == ","


def _only_when(after: list[Word]) -> bool:
    """Whether what follows a verb only says when, where or to whom: "said in the capital on Friday"."""
    adverbial = after[0].roles & {"place", "auxiliary"}
    return bool(adverbial) and not any(word.quoted or "clause" in word.roles for word in after)


def _breaks(words: list[Word], k: int) -> bool:
    """Whether the writer takes the word again: ", but"."""
    return "break" in words[k].roles and words[k - 1].text == "," and not words[k].quoted


def _named(window: list[Word]) -> str:
    """The first actor among the words that is no place or partner ("talks in A", "a deal with B")."""
    return next((word.actor for i, word in enumerate(window) if word.actor and not _is_governed(window, i)), "")


def _is_governed(window: list[Word], i: int) -> bool:
    """Whether a preposition stands before a word, but that of an office: "a spokesman for A" speaks for A."""
    before = [k for k in range(max(i - 2, 0), i) if "place" in window[k].roles]
    return bool(before) and not (before[0] and "office" in window[before[0] - 1].roles)


def _speaker(window: list[Word], memory: Memory) -> str:
    """Who the subject of a reporting verb is, or SAME or RECORD where that was told before."""
    held = frozenset().union(*(word.roles for word in window))
    actor = _named(window)
    if actor and actor == memory.home:
        return actor
    for role, speaker in STANDING:
        if (role in held or not role) and (speaker or actor):
            return speaker or actor
    names = [word.text for word in window if word.text[0].isupper() and not word.actor]
    return memory.known.get(names[-1], OTHER) if names else SAME


def _issuer(words: list[Word], memory: Memory) -> tuple[str, Source | None]:
    """Who put out the statement or article that a sentence without a report names."""
    record = next((k for k, word in enumerate(words) if "record" in word.roles and not word.quoted), 0)
    if memory.running or not record:
        return "", None
    return _resolve(_speaker(words[:record], memory), memory), _source(words[:record], memory)


def _pauses(words: list[Word], k: int) -> bool:
    """Whether a clause within a sentence may end here."""
    return words[k].text == "," and not words[k].quoted


def _runs_on(words: list[Word], memory: Memory) -> bool:
    """Whether a report goes on to the end, as in a state's own outlet after a colon."""
    return bool(memory.home) and any(a.text == ":" and not a.quoted and not b.quoted for a, b in pairwise(words))


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


def _in_office(words: list[Word]) -> dict[str, str]:
    """Surnames of people who are introduced with the name of a state: "the A foreign minister Jane Doe".

    A family name may stand first or last, so both are kept.
    """
    found = {}
    for i, word in enumerate(words):
        stop = next((k for k in range(i + 1, len(words)) if not _is_name_part(words[k])), len(words))
        names = [one.text for one in words[i + 1 : stop] if "office" not in one.roles]
        if word.actor and 1 < len(names) <= MAX_NAMES and stop - i - 1 > len(names):
            found |= dict.fromkeys((names[0], names[-1]), word.actor)
    return found


def _is_name_part(word: Word) -> bool:
    return not word.actor and ("office" in word.roles or word.text[0].isupper())


def _fill(found: list[Heard]) -> list[Heard]:
    """The same with speakers filled in who are told only after their quotation."""
    following, filled = (OTHER, None), []
    for heard in reversed(found):
        told = [(span.speaker, span.source) for span in heard.spans if span.speaker != NEXT]
        speaker, source = told[0] if told else following
        spans = [
            span._replace(speaker=speaker, source=source) if span.speaker == NEXT else span for span in heard.spans
        ]
        following = (spans[0].speaker, spans[0].source) if spans else following
        filled.append(heard._replace(spans=spans))
    return filled[::-1]
