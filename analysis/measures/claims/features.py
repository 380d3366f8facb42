"""What is known of an actor in a sentence: the words it depends on in the parse, and the cues found.

Each feature is a short text, such as `nsubj>ROOT violate`: that an actor, or a pronoun that may mean it, is the
subject of "violate". Bag-of-paths features are those of relation extraction (Mintz et al. 2009). No feature holds
an actor's name: what is learned of one actor is learned of all.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise

from analysis.contracts import FRAMES
from analysis.corpus import voices
from analysis.corpus.syntax import NAME, Token
from analysis.measures.claims import LOOK_BACK, Passage
from analysis.measures.claims.cues import Found

# Steps up from an actor's name, and names and pronouns of one actor, beyond which nothing was gained on train.
MAX_STEPS = 4
MAX_PLACES = 8
# Roles of words.csv that may stand for an actor named elsewhere, in the order in which they are tried.
PRONOUNS = ("self", "group", "person", "pair", "foe", "state")
# Relations of a word's children that say more about it.
TELLING = ("aux", "neg", "mark", "dobj", "acomp", "attr", "prep", "xcomp")
# The place of a feature that stands nowhere in the sentence.
NOWHERE = -1

# Feature -> number of the token where it stands.
Seen = dict[str, int]
# Role -> the words of words.csv that have it.
Roles = dict[str, frozenset[str]]


def describe(document: Sequence[Passage], found: Sequence[list[Found]], roles: Roles) -> Iterator[dict[str, Seen]]:
    """For each passage of a document: actor -> feature -> number of the token where it stands, or NOWHERE.

    `found` has the cues of each passage; those of the sentences around it count too, for claims come in runs.
    """
    around = [Counter((one.hit.cue.frame, one.bearer) for one in cues) for cues in found]
    ranks = {word: rank for rank, role in reversed(list(enumerate(PRONOUNS))) for word in roles[role]}
    numbers = [passage.row.sentence_id for passage in document]
    for n, passage in enumerate(document):
        near = Counter()
        for m in range(max(n - LOOK_BACK, 0), min(n + LOOK_BACK + 1, len(document))):
            if m != n and abs(numbers[m] - numbers[n]) <= LOOK_BACK:
                near.update(around[m].keys())
        yield Sentence(passage, found[n], near, ranks).actors()


class Sentence:
    """One passage, described actor by actor; `ranks` has the words that may stand for an actor."""

    def __init__(self, passage: Passage, found: list[Found], near: Counter, ranks: dict[str, int]):
        self.passage, self.found, self.near = passage, found, near
        self.doc, self.mentions = passage.parse.doc, passage.parse.mentions
        self.lemmas = [lemma for _, lemma in passage.parse.words]
        standing = {i: [ranks[form] for form in forms if form in ranks] for i, forms in enumerate(passage.parse.words)}
        self.pronouns = {i: PRONOUNS[min(held)] for i, held in standing.items() if held}
        self._by_way: dict[str, Seen] = {}
        self.recent = list(dict.fromkeys(m.actor for line in passage.before for m in line.names))
        # The middle word, not the middle character: a longer name must not move it.
        self.said = passage.heard.speaker(passage.parse.starts[len(self.doc) // 2])

    def actors(self) -> dict[str, Seen]:
        return {actor: self._of(actor) for actor in self.passage.actors}

    @cached_property
    def _words(self) -> list[tuple[str, int]]:
        kept = [(lemma, i) for i, lemma in enumerate(self.lemmas) if lemma != NAME and self.doc[i].is_alpha]
        pairs = [(f"{a}_{b}", i) for (a, i), (b, k) in pairwise(kept) if k == i + 1]
        return kept + pairs

    def _told(self, how: str) -> Seen:
        """The words of the sentence, for all actors who stand in it in the same way."""
        if how not in self._by_way:
            self._by_way[how] = {f"{way} {word}": i for way in (how, "any") for word, i in self._words}
        return self._by_way[how]

    def _of(self, actor: str) -> Seen:
        named = any(mention.actor == actor for mention in self.mentions.values())
        at_home = self.passage.row.home == actor
        rank = self.recent.index(actor) if actor in self.recent else len(PRONOUNS)
        seen = dict.fromkeys(self._standing(actor, named, at_home, rank), NOWHERE)
        seen |= self._told(f"{'named' if named else 'unnamed'}{'-home' if at_home else ''}")
        for token, tag in self._places(actor, named, at_home, rank)[:MAX_PLACES]:
            for feature, i in self._paths(token):
                seen.setdefault(f"{tag}{feature}", i)
        seen.update(self._cues(actor, named))
        return seen

    def _standing(self, actor: str, named: bool, at_home: bool, rank: int) -> Iterator[str]:
        """Where the actor stands in the passage as a whole."""
        voice = "outlet" if self.said == voices.OUTLET else "own" if self.said == actor else "other"
        yield f"voice={voice}{'-home' if at_home else ''}"
        yield "named" if named else f"named-before={min(rank, LOOK_BACK)}"
        yield f"actors={min(len(self.passage.actors), 4)}"
        yield f"in-scope={self.passage.in_scope}"
        yield f"quotation={bool(self.passage.heard.quotations)}"
        yield f"question={self.passage.row.text.rstrip().endswith('?')}"
        for frame in FRAMES:
            mine = min(self.near[frame, actor], 3)
            others = min(sum(n for (f, who), n in self.near.items() if f == frame and who != actor), 3)
            yield f"near {frame}={mine}"
            yield f"near-others {frame}={others}"

    def _places(self, actor: str, named: bool, at_home: bool, rank: int) -> list[tuple[Token, str]]:
        """The actor's names in the sentence, and the pronouns that may mean it, each with its role."""
        found = [(t, "") for t in self.doc if t.i in self.mentions and self.mentions[t.i].actor == actor]
        for i, role in self.pronouns.items():
            if role == "self":
                if at_home or self.said == actor:
                    found.append((self.doc[i], "self|"))
            elif named:
                found.append((self.doc[i], f"{role}-named|"))
            elif rank < LOOK_BACK:
                found.append((self.doc[i], f"{role}{rank}|"))
        return found

    def _paths(self, token: Token) -> Iterator[tuple[str, int]]:
        """The words above a token, each with the relations that lead there; what stands below and beside it."""
        relations, at = [], token
        for step in range(MAX_STEPS):
            relations.append(at.dep_)
            if at.head is at:
                break
            at = at.head
            path, lemma = ">".join(relations[-3:]), self.lemmas[at.i]
            yield from ((name, at.i) for name in (f"{path} {lemma}", f"up {lemma}", f"up{step} {lemma}"))
            for child in (child for child in at.children if child.dep_ in TELLING and child.i != token.i):
                yield f"{path}<{child.dep_} {self.lemmas[child.i]}", child.i
                if not step:
                    yield f"{path} {lemma}<{child.dep_} {self.lemmas[child.i]}", child.i
        yield from ((f"below {child.dep_} {self.lemmas[child.i]}", child.i) for child in token.children)
        for beside, i in (("after", token.i + 1), ("before", token.i - 1)):
            if 0 <= i < len(self.doc):
                yield f"{beside} {self.lemmas[i]}", i

    def _cues(self, actor: str, named: bool) -> Iterator[tuple[str, int]]:
        mine = False
        for hit, bearer in self.found:
            frame, cue, i = hit.cue.frame, " ".join(hit.cue.words), hit.head.i
            whose = "own" if bearer == actor else "another's"
            mine = mine or bearer == actor
            yield f"{whose} cue {frame}", i
            yield f"{whose} cue {frame} {hit.cue.kind}", i
            yield f"{whose} cue {frame} {cue}{'' if named or mine else ' unnamed'}", i
        if not mine:
            yield "no cue", NOWHERE
