"""What the tests of claims share: the cases, and sentences as the splitter gives them."""

import json
from pathlib import Path

import pandas as pd
from hypothesis import assume

CASES = json.loads((Path(__file__).parents[2] / "gold" / "claims.json").read_text(encoding="utf-8"))
SOUND = [case for case in CASES if case["expect"] == "pass"]


def lines(case):
    """The sentences of a case: those before, and the one that is read."""
    return [*case.get("before", []), case["text"]]


def table(texts, home="", doc_id="d"):
    """Sentences as the splitter gives them, one blank between two."""
    frame = pd.DataFrame({"doc_id": doc_id, "text": pd.Series(texts, dtype="str"), "home": home})
    frame["sentence_id"] = range(len(texts))
    frame["end"] = (frame["text"].str.len() + 1).cumsum() - 1
    frame["start"] = frame["end"] - frame["text"].str.len()
    return frame


def ledger(found):
    return sorted(zip(found["bearer"], found["frame"], found["voice"], strict=True))


def turned(texts, codebook, pair):
    """The texts with each name of one actor replaced by a name of the other, of the same kind."""
    others = [_swapped(text, codebook, pair) for text in texts]
    turn = dict([pair, pair[::-1]])
    # Names may run together into another name ("South" + "China Sea"): such a text says something else.
    for text, other in zip(texts, others, strict=True):
        named = [turn.get(mention.actor, mention.actor) for mention in codebook.names.find(text)]
        assume([mention.actor for mention in codebook.names.find(other)] == named)
    return others


def _swapped(text, codebook, pair):
    names = codebook.names_sheet
    first = names.drop_duplicates(["actor", "kind"]).set_index(["actor", "kind"])["name"].to_dict()
    for mention in reversed(codebook.names.find(text)):
        if mention.actor in pair:
            other = pair[1 - pair.index(mention.actor)]
            assume((other, mention.kind) in first)
            text = text[: mention.start] + first[other, mention.kind] + text[mention.end :]
    return text
