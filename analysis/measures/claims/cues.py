"""Cues of the codebook, and by the dependency tree who bears what they say.

Cues stand in cues.csv; a cue's kind (KINDS) says where in the tree its bearer is found. Every step treats every
actor alike, and the parser never sees which actor is named.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from analysis import InputError
from analysis.codebook import Codebook, Mention
from analysis.contracts import VOICES
from analysis.corpus import syntax, voices
from analysis.corpus.syntax import Token, agents, children, is_noun, is_verb, modals, objects, subjects
from analysis.measures.claims import Passage

# Names with no more than so many characters between them are one group: "A and the B".
NEAR = 10
# Steps from a loaded noun up to the noun whose owner made it: "A's moves for a war of aggression".
MAX_STEPS = 3
# Prepositions after which a noun's owner stands, and those after which its target does.
OWNER = ("of", "by", "from", "between")
TARGET = ("against", "to", "on", "toward", "towards")
# Prepositions after which a verb that bids has whom it bids.
BIDDEN = ("on", "upon", "for", "of", "from")


class Cue(NamedTuple):
    """A row of cues.csv, its words apart."""

    frame: str
    words: tuple[str, ...]
    kind: str
    strong: bool


class Hit(NamedTuple):
    """A cue in a sentence: tokens first to last, of which `head` governs the others; `speaker` says it, '' if nobody.

    The speaker is an actor: the outlet's own state where the outlet has the word.
    """

    cue: Cue
    first: int
    last: int
    head: Token
    speaker: str
    passage: Passage
    roles: dict[str, frozenset[str]]


class Found(NamedTuple):
    """A cue that is said to hold of a bearer."""

    hit: Hit
    bearer: str


def find(passage: Passage, index: dict[str, list[Cue]], codebook: Codebook) -> list[Found]:
    """The cues of one sentence, each with every bearer it has.

    The limit: alone, cues find about half of the coded claims, and half of what they find is right.
    Irony and what is only implied are missed.
    """
    if not passage.in_scope or passage.row.text.rstrip().endswith("?"):
        return []
    hits = [hit for hit in _hits(passage, index, codebook) if _asserted(hit)]
    return [Found(hit, bearer) for hit in hits for bearer in _bearers(hit) if _credible(hit, bearer)]


def guessed(passage: Passage, index: dict[str, list[Cue]], codebook: Codebook) -> set[str]:
    """The actors of whom a sentence has a modal that only guesses ("A must be joking"), and none of duty."""
    modal = [hit for hit in _hits(passage, index, codebook) if hit.cue.kind == "modal"]
    guess, duty = (
        {bearer for hit in modal if _is_guess(hit.head, _verb(hit.head), hit.roles) is sure for bearer in _bearers(hit)}
        for sure in (True, False)
    )
    return guess - duty


def voice(found: Found) -> str:
    """Who makes the claim; where the outlet tells of another's demand or verdict, that other."""
    hit = found.hit
    start, end = hit.passage.parse.span(hit.first, hit.last)
    said = hit.passage.heard.speaker((start + end) // 2)
    if said == voices.OUTLET and hit.cue.kind in ("directive", "wish", "verdict"):
        by = [actor for token in subjects(hit.head) for actor in _actors(token, hit)]
        return by[0] if by and by[0] not in (hit.passage.row.home, found.bearer) else said
    return said


# ---- finding the cues


def index(codebook: Codebook) -> dict[str, list[Cue]]:
    """The cues by their first word.

    Raises InputError for a cue of an unknown kind.
    """
    found: dict[str, list[Cue]] = {}
    for row in codebook.cues.itertuples(index=False):
        if row.kind not in KINDS:
            path, kinds = codebook.folder / "cues.csv", ", ".join(sorted(KINDS))
            raise InputError(f"{path}: cue '{row.cue}' is of kind '{row.kind}'; make it one of {kinds}")
        words = tuple(row.cue.lower().split())
        found.setdefault(words[0], []).append(Cue(row.frame, words, row.kind, row.strength == "strong"))
    return found


def _stands(cue: Cue, forms: list[tuple[str, str]], i: int) -> bool:
    """Whether the cue's words stand at place i, each in some form."""
    here = forms[i : i + len(cue.words)]
    return len(here) == len(cue.words) and all(word in form for word, form in zip(cue.words, here, strict=True))


def _hits(passage: Passage, index: dict[str, list[Cue]], codebook: Codebook) -> Iterator[Hit]:
    """The cues of a parsed sentence, each with a part of speech that its kind can use."""
    doc, forms = passage.parse.doc, passage.parse.words
    for i, form in enumerate(forms):
        for cue in [cue for one in sorted({*form} & index.keys()) for cue in index[one]]:
            last = i + len(cue.words) - 1
            if _stands(cue, forms, i) and (head := doc[i : last + 1].root).tag_.startswith(KINDS[cue.kind].tags):
                yield Hit(cue, i, last, head, _speaker(i, last, passage), passage, codebook.roles)


def _speaker(first: int, last: int, passage: Passage) -> str:
    """The actor who has the word where a cue stands, '' where that is no actor."""
    said = passage.heard.speaker(sum(passage.parse.span(first, last)) // 2)
    return passage.row.home if said == voices.OUTLET else "" if said in VOICES else said


# ---- what is asserted, and who can be meant


def _verb(head: Token) -> Token:
    """The verb that a modal stands with; any other cue's own head."""
    return head.head if head.dep_ == "aux" else head


def _asserted(hit: Hit) -> bool:
    """Whether the cue is said to hold: not denied, not supposed, not what must have been."""
    if hit.cue.kind == "modal":
        return is_duty(hit.head, hit.roles) and _is_stated(hit.head, hit.roles) and not _waived(hit.head)
    if (hit.cue.frame == "obligation" and hit.cue.kind != "noun") or hit.cue.kind == "verdict":
        return True
    if _denied(hit.head, hit.roles["negation"]):
        return False
    return hit.cue.frame in ("blame", "obligation") or not _supposed(hit.head, hit.roles["doubt"])


def is_duty(modal: Token, roles: dict[str, frozenset[str]]) -> bool:
    """Whether a modal of a parsed sentence ("must", "should", "has to") is one of duty; else it supposes or guesses.

    `roles` are the codebook's. No duty: "if A should", "should A act, ...", "A must have known", "A must be joking",
    "that should help". The senses are those of Palmer (2001), deontic against epistemic. The limit: what the world
    alone decides ("a probe should follow soon") passes for a duty.
    """
    verb = _verb(modal)
    supposed = any(mark.lower_ in roles["supposed"] for mark in children(verb, "mark"))
    asked = any(token.tag_.startswith("W") and token.i < modal.i for token in verb.subtree)
    conditional = _is_inverted(modal) and not asked and modal.doc[-1].text != "?"
    return not (supposed or conditional or _is_guess(modal, verb, roles))


def _is_stated(modal: Token, roles: dict[str, frozenset[str]]) -> bool:
    """Whether a duty is stated, not asked after ("whether A should") and not only possible ("A might have to")."""
    verb = _verb(modal)
    doubted = any(mark.lower_ in roles["doubt"] for mark in children(verb, "mark"))
    return not (doubted or _is_inverted(modal) or modals(verb) & roles["possible"])


def _is_inverted(modal: Token) -> bool:
    """Whether a modal stands before its subject: "should A act", "should you need"."""
    named = children(_verb(modal), "nsubj", "nsubjpass")
    late = bool(named) and all(token.i > modal.i for token in named)
    return modal.dep_ == "aux" and (late or not modal.i)


def _is_guess(modal: Token, verb: Token, roles: dict[str, frozenset[str]]) -> bool:
    """Whether a modal tells what is likely: of the past, of a state of mind, of what goes on, of no doer at all."""
    if modal.tag_ != "MD" or children(verb, "auxpass"):
        return modal.lower_ in roles["guess"] and _is_perfect(verb)
    said = [verb, *children(verb, "acomp", "attr")]
    if modal.lower_ not in roles["guess"]:
        # "This should help": a thing pointed at owes nothing. "A should have arrived by now": a time is reckoned.
        pointed = any(token.lower_ in roles["pointed"] for token in children(verb, "nsubj")) or children(verb, "csubj")
        reckoned = any(token.lower_ in roles["reckoned"] for token in children(verb, "prep", "advmod"))
        likely = any(token.lower_ in roles["likely"] for token in said)
        return (bool(pointed) and verb.lower_ != "be") or (_is_perfect(verb) and reckoned) or likely
    going_on = verb.tag_ == "VBG" and any(token.lower_ == "be" for token in children(verb, "aux"))
    stative = any(syntax.token_lemma(token) in roles["stative"] for token in said) and not children(verb, "neg")
    return _is_perfect(verb) or going_on or stative


def _is_perfect(verb: Token) -> bool:
    return any(token.lower_ == "have" for token in children(verb, "aux"))


def _denied(head: Token, negations: frozenset[str]) -> bool:
    """Whether the cue, or the verb it is the complement of, is negated: "not agreed", "refused to agree"."""
    own = any(token.lower_ in negations for token in children(head, "neg", "det"))
    governed = head.dep_ in ("xcomp", "dobj") and syntax.token_lemma(head.head) in negations
    return own or governed or (head.dep_ in ("acomp", "attr") and bool(children(head.head, "neg")))


def _waived(modal: Token) -> bool:
    """Whether a phrase of duty is denied: "does not have to". Not "must not" and "had better not", which forbid."""
    return modal.tag_ != "MD" and any(token.i < modal.i for token in children(modal, "neg"))


def _supposed(head: Token, doubts: frozenset[str]) -> bool:
    """Whether "if" or "whether" stands over the cue."""
    governing = [head, *head.ancestors][:MAX_STEPS]
    return any(mark.lower_ in doubts for token in governing for mark in children(token, "mark"))


def _credible(hit: Hit, bearer: str) -> bool:
    """Whether the speaker can say so of the bearer.

    A promise in the future tense is the speaker's own, and in a state's own outlet only another state blames that
    state: what looks like it is the state named as a victim.
    """
    if hit.cue.kind == "future":
        return bearer == hit.speaker
    return hit.cue.frame != "blame" or bearer != hit.passage.row.home or hit.speaker not in ("", bearer)


def _bearers(hit: Hit) -> list[str]:
    """The actors the cue's kind points to; where a state finds fault and names nobody, whom it named last."""
    for guess in KINDS[hit.cue.kind].places(hit):
        found = [actor for token in guess for one in syntax.joined(token) for actor in _actors(one, hit)]
        if found:
            return list(dict.fromkeys(found))
    if hit.cue.frame == "blame" and hit.cue.kind in ("noun", "adjective") and hit.cue.strong and hit.speaker:
        mentions = hit.passage.parse.mentions
        spared = {hit.speaker, *(mentions[t.i].actor for t in objects(hit.head, *TARGET) if t.i in mentions)}
        return _last([[m for m in names if m.actor not in spared] for names in _recent(hit.first, hit)], 1)
    return []


# ---- from a noun phrase to actors


def _actors(token: Token, hit: Hit) -> list[str]:
    """The actors a noun stands for: named, owning what it names, or meant by a pronoun."""
    mentions = hit.passage.parse.mentions
    if token.i in mentions:
        return [mentions[token.i].actor] if not _opposed(token, hit) else []
    owned = [one for owner in _owners(token) for one in syntax.joined(owner)]
    # An owner may have an owner: "the policy of the A administration".
    owned += [inner for one in owned if one.i not in mentions for inner in _owners(one)]
    named = [mentions[one.i].actor for one in owned if one.i in mentions and not _opposed(one, hit)]
    meant = [actor for one in owned if one.i not in mentions for actor in _meant(one, hit)]
    return list(dict.fromkeys(named)) or meant or _meant(token, hit)


def _owners(noun: Token) -> list[Token]:
    """Whose a noun is: "A's N", "the A N", "the N of A", "the N posed by A"."""
    found = children(noun, "poss", "compound", "amod", "nmod") + objects(noun, *OWNER)
    return found + [token for verb in children(noun, "acl") for token in agents(verb)]


def _opposed(token: Token, hit: Hit) -> bool:
    """Whether "anti-" stands before a name: the actor is then the target."""
    return token.i > 1 and token.nbor(-1).text == "-" and token.nbor(-2).lower_ in hit.roles["against"]


def _meant(token: Token, hit: Hit) -> list[str]:
    """The actors that "we", "they", "the two sides" or "the regime" stands for, from the names before it."""
    roles, word = hit.roles, token.lower_
    before = token.nbor(-1).lower_ if token.i else ""
    if word in roles["self"]:
        return [hit.speaker] if hit.speaker else []
    if token.dep_ == "poss" and (own := _bound(token, hit)):
        return own
    recent = _recent(token.i, hit)
    if {word, f"{before} {word}"} & roles["pair"]:
        # "Neither side agreed": who did not is neither praised nor bound.
        denied = {word, before} & roles["negation"] and hit.cue.frame in ("credit", "commitment")
        return [] if denied else _last(recent, 2)
    if hit.cue.frame == "blame":
        # No actor blames itself: where it speaks, "they" are the others.
        spared = hit.passage.row.home or hit.speaker
        recent = [[mention for mention in names if mention.actor != spared] for names in recent]
    return _referred(token, recent, roles)


def _bound(token: Token, hit: Hit) -> list[str]:
    """The actor that is the subject of the clause a possessive stands in: "A withdraws its troops"."""
    verb = next((governing for governing in token.ancestors if is_verb(governing)), None)
    mentions = hit.passage.parse.mentions
    named = subjects(verb) if verb is not None else []
    return [mentions[noun.i].actor for noun in named if noun.i in mentions and noun.i < token.i]


def _referred(token: Token, recent: list[list[Mention]], roles: dict[str, frozenset[str]]) -> list[str]:
    """The actors that a pronoun or a noun such as "the regime" refers back to."""
    word, lemma = token.lower_, syntax.token_lemma(token)
    if word in roles["person"]:
        return _last([[m for m in names if m.kind == "person"] for names in recent], 1) or _last(recent, 1)
    if word in roles["group"] or (token.tag_ == "NNS" and lemma in roles["foe"]):
        return _last(recent, 1, together=True)
    definite = token.tag_.startswith("PRP") or (token.i and token.nbor(-1).lower_ in roles["definite"])
    return _last(recent, 1) if lemma in roles["foe"] or (lemma in roles["state"] and definite) else []


def _recent(place: int, hit: Hit) -> list[list[Mention]]:
    """The names before a token, sentence by sentence, its own sentence first."""
    here = [mention for i, mention in sorted(hit.passage.parse.mentions.items()) if i < place]
    return [here, *(line.names for line in hit.passage.before)]


def _last(recent: list[list[Mention]], n: int, together: bool = False) -> list[str]:
    """Two different actors, the last named; or one: the first named in the last sentence, with a partner if wanted.

    The first name of a sentence is most often its subject, and a subject is what a pronoun goes back to.
    """
    if n == 2:
        found = list(dict.fromkeys(mention.actor for names in recent for mention in reversed(names)))[:2]
        return found if len(found) == 2 else []
    names = next((names for names in recent if names), [])
    if not names:
        return []
    near = [m.actor for m in names[1:] if m.start - names[0].end <= NEAR and m.actor != names[0].actor]
    return [names[0].actor, *near[: int(together)]]


# ---- kinds of cue: where each has its bearer, the best guess first


def _modal(hit: Hit) -> list[list[Token]]:
    """A must act, A has to act: who does it; "A's sanctions should be lifted": whose it is."""
    return [subjects(_verb(hit.head)), children(_verb(hit.head), "nsubjpass")]


def _directive(hit: Hit) -> list[list[Token]]:
    """B urges A to act, B demands that A act, B calls on A."""
    infinitives = _infinitives(hit.head)
    if passive := children(hit.head, "nsubjpass"):
        return [passive] if infinitives else []
    inner = [children(verb, "nsubj", "nsubjpass") for verb in infinitives]
    return [*inner, children(hit.head, "dobj", "dative"), objects(hit.head, *BIDDEN)]


def _wish(hit: Hit) -> list[list[Token]]:
    """B wants A to act: as a directive, but only where it is said what to do."""
    nouns = [noun for link in children(hit.head, "prep") for noun in children(link, "pobj", "pcomp")]
    return _directive(hit) if any(map(_infinitives, [hit.head, *nouns])) else []


def _infinitives(token: Token) -> list[Token]:
    """What is to be done: infinitives and subjunctives that depend on a verb or noun."""
    verbs = children(token, "xcomp", "ccomp", "advcl", "acl")
    return [verb for verb in verbs if verb.tag_ in ("VB", "VBP") and not modals(verb)]


def _condition(hit: Hit) -> list[list[Token]]:
    """B will not act until A does. A weak cue ("if") counts only where the main clause says what will be."""
    clause = hit.head.head
    tied = hit.cue.strong or modals(clause.head)
    return [subjects(clause)] if tied and hit.head.dep_ in ("mark", "advmod", "prep") else []


def _duty(hit: Hit) -> list[list[Token]]:
    """It is necessary for A to act, it is up to A, the ball is in A's court."""
    holders = [hit.head, hit.head.head]
    verbs = [verb for holder in holders for verb in children(holder, "xcomp", "ccomp", "advcl", "acl", "relcl")]
    guesses = [objects(hit.head, *BIDDEN, "to"), *(children(verb, "nsubj") for verb in verbs)]
    return [*guesses, objects(hit.head.head, *(() if hit.head.dep_ == "nsubj" else ("for",)))]


def _act(hit: Hit) -> list[list[Token]]:
    """A violates, A agreed: who does what the verb says."""
    return [subjects(hit.head)]


def _future(hit: Hit) -> list[list[Token]]:
    """A says that it will act."""
    return [subjects(hit.head)] if modals(hit.head) & hit.roles["future"] else []


def _verdict(hit: Hit) -> list[list[Token]]:
    """B condemns A, or what A did; A is accused."""
    if passive := children(hit.head, "nsubjpass"):
        return [passive]
    return [children(hit.head, "dobj"), objects(hit.head, "on", "at", "against")]


def _noun(hit: Hit) -> list[list[Token]]:
    """A's provocation, A committed a provocation, A's moves for aggression, A is an aggressor: owner or maker."""
    guesses, at = [_owners(hit.head)], hit.head
    for _ in range(MAX_STEPS):
        up = at.head.head if at.dep_ == "pobj" else at.head
        if at.dep_ in ("attr", "dobj", "pcomp", "pobj") and is_verb(up):
            return [*guesses, subjects(up)]
        if at.dep_ in ("conj", "compound", "appos", "amod") or (at.dep_ == "pobj" and is_noun(up)):
            guesses += [_owners(up)] if at.dep_ == "pobj" else [_owners(up), [up]]
            at = up
        else:
            break
    return guesses


def _adjective(hit: Hit) -> list[list[Token]]:
    """A's hostile policy, the hostile A: owner or noun; A is hostile: subject."""
    if hit.head.dep_ in ("amod", "compound"):
        noun = hit.head.head
        return [[noun], *_noun(hit._replace(head=noun))]
    if hit.head.dep_ in PREDICATIVE:
        return [subjects(hit.head), subjects(hit.head.head)]
    return []


# Relations in which an adjective says something of a subject.
PREDICATIVE = ("acomp", "oprd", "conj", "ROOT", "advcl", "attr", "acl", "xcomp")


class Kind(NamedTuple):
    """A way for a cue to take its bearer, and the beginnings of the part-of-speech tags the cue can have."""

    places: Callable[[Hit], list[list[Token]]]
    tags: tuple[str, ...]


KINDS = {
    "modal": Kind(_modal, ("MD", "V", "J", "N")),
    "directive": Kind(_directive, ("V",)),
    "wish": Kind(_wish, ("V",)),
    "condition": Kind(_condition, ("IN", "R", "N", "J", "V")),
    "duty": Kind(_duty, ("J", "N", "V", "I", "R")),
    "act": Kind(_act, ("V",)),
    "future": Kind(_future, ("V",)),
    "verdict": Kind(_verdict, ("V",)),
    "noun": Kind(_noun, ("N", "J", "VBG")),
    "adjective": Kind(_adjective, ("J", "VBN", "VBG", "N", "R")),
}
