"""How right two decisions are, measured on other people's coded sets: whose words these are, and what is a duty.

The sets hold other people's sentences: they are read where they lie, and nothing of them is kept.
"""

import csv
import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import InputError
from analysis.codebook import Codebook
from analysis.corpus import sentences, syntax, voices
from analysis.corpus.voices import Source, Span
from analysis.measures import jackknife
from analysis.measures.claims import cues

# A gold attribution is matched where voices give at least this share of its content to a speaker.
MATCHED = 0.5
FIELDS = ("doc", "text", "attributions")
COLUMNS = ["modal", "sense", "sentence"]
# The sense that is a duty; ep(istemic) and dy(namic) are none.
DUTY = "de"


def read_attributions(path: Path) -> list[dict]:
    """Articles with their attributions, as PolNeAR (Newell, Margolin & Ruths 2018) gives them, one JSON object a line.

    Each has doc, text and attributions; an attribution has source, cue and content, each a list of [start, end].

    Raises InputError for a line that is no such object.
    """
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        articles = [_object(path, number, line) for number, line in enumerate(lines, start=1)]
    for number, article in enumerate(articles, start=1):
        missing = [field for field in FIELDS if field not in article]
        if missing:
            raise InputError(f"{path}: line {number}: no field '{missing[0]}'; expected {', '.join(FIELDS)}")
    return articles


def _object(path: Path, number: int, line: str) -> dict:
    try:
        found = json.loads(line)
    except json.JSONDecodeError as error:
        raise InputError(f"{path}: line {number}: no JSON ({error.msg}); one object a line is expected") from None
    if not isinstance(found, dict):
        raise InputError(f"{path}: line {number}: {type(found).__name__} in place of an object; correct it")
    return found


def attributions(articles: Sequence[dict], codebook: Codebook) -> pd.DataFrame:
    """What voices find in articles whose attributions people have coded.

    Returns one row per article: doc, coded (characters in any content span), found (characters that voices give to
    a speaker other than the outlet, the reporting verb left out), both; matched (attributions with a source of
    whose content MATCHED or more was found), and right (those among them whose source head is right).

    The head is right where the word by which voices know the speaker lies in the coded source; the word is that of
    the span which covers most of the content. White space counts on neither side. What is attributed to nobody
    named (a source left out) asks for its content and for no head.
    """
    return pd.DataFrame([_compare(article, codebook) for article in articles])


def _compare(article: dict, codebook: Codebook) -> dict:
    text = article["text"]
    written = np.array([not sign.isspace() for sign in text])
    spans, starts = _spans(text, codebook)
    coded, found = (_covered(places, written) for places in (_contents(article), [span[:2] for span in spans]))
    sourced = [one for one in article["attributions"] if one["source"]]
    covered = [(one, _covered(one["content"], written)) for one in sourced]
    matched = [(one, held) for one, held in covered if (held & found).sum() >= MATCHED * held.sum() > 0]
    right = [_has_head(one, held, spans, starts) for one, held in matched]
    sizes = {"coded": coded.sum(), "found": found.sum(), "both": (coded & found).sum()}
    return {"doc": article["doc"], **sizes, "matched": len(matched), "right": sum(right)}


def _spans(text: str, codebook: Codebook) -> tuple[list[tuple[int, int, Source | None]], list[int]]:
    """What voices give to others, by place in the text, the outermost first; and where each sentence starts."""
    units = sentences.split(text, [(0, len(text))])
    heard = voices.find([text[start:end] for start, end in units], codebook)
    found = [(start, span) for (start, _), one in zip(units, heard, strict=True) for span in one.spans]
    return [_place(start, span) for start, span in found], [start for start, _ in units]


def _place(start: int, span: Span) -> tuple[int, int, Source | None]:
    return start + max(span.start, span.content), start + span.end, span.source


def _contents(article: dict) -> list[list[int]]:
    return [span for one in article["attributions"] for span in one["content"]]


def _covered(spans: Sequence[Sequence[int]], written: np.ndarray) -> np.ndarray:
    """Which characters lie in any of the spans, white space left out."""
    held = np.zeros(len(written), dtype=bool)
    for start, end in spans:
        held[start:end] = True
    return held & written


def _has_head(one: dict, content: np.ndarray, spans: list[tuple[int, int, Source | None]], starts: list[int]) -> bool:
    """Whether the span that covers most of the content was told by a word of the coded source."""
    _, _, source = max(spans, key=lambda span: content[span[0] : span[1]].sum())
    if source is None:
        return False
    first = starts[source.sentence] + source.start
    return any(start < first + source.end - source.start and first < end for start, end in one["source"])


def score_attributions(table: pd.DataFrame) -> pd.DataFrame:
    """Character precision, recall and F1, and the share of right source heads, from the table of `attributions`.

    Returns one row per measure: measure, n_documents, n (what it is a share of: characters found, characters coded,
    the two together, attributions matched), score (0 to 1), low and high (95 %, articles left out one at a time).
    """
    both = table["both"]
    ratios = {
        "precision": (both, table["found"]),
        "recall": (both, table["coded"]),
        "f1": (2 * both, table["coded"] + table["found"]),
        "source head": (table["right"], table["matched"]),
    }
    rows = [(name, *_ratio(top, below)) for name, (top, below) in ratios.items()]
    return pd.DataFrame(rows, columns=["measure", "n_documents", "n", "score", "low", "high"])


def _ratio(top: pd.Series, below: pd.Series) -> tuple[int, int, float, float, float]:
    hits, of = top.to_numpy(float)[:, None], below.to_numpy(float)[:, None]
    low, high = jackknife(hits, of)
    return int((of > 0).sum()), int(of.sum()), hits.sum() / of.sum() if of.sum() else np.nan, low[0], high[0]


def read_modals(path: Path) -> pd.DataFrame:
    """Modal verbs in their sentences: modal, sense (de, ep or dy), sentence (Marasovic & Frank 2016; MPQA's text).

    Raises InputError for other columns.
    """
    table = pd.read_csv(path, sep="\t", quoting=csv.QUOTE_NONE, dtype="str", keep_default_na=False)
    if list(table.columns) != COLUMNS:
        raise InputError(f"{path}: line 1: columns are {', '.join(table.columns)}; expected {', '.join(COLUMNS)}")
    return table


def modal_senses(table: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """What `cues.is_duty` says of each modal: the columns of `table` with coded and found (duty or not).

    Where a sentence has the modal more than once, the first is meant; raises InputError where it has none.
    """
    parses = syntax.parse(table["sentence"], codebook)
    tokens = [_first(modal, parse) for modal, parse in zip(table["modal"], parses, strict=True)]
    if None in tokens:
        number = tokens.index(None)
        modal = table["modal"].iloc[number]
        raise InputError(f"modals: row {number + 1}: modal '{modal}' does not stand in the sentence; correct it")
    found = [cues.is_duty(token, codebook.roles) for token in tokens]
    return table.assign(coded=table["sense"] == DUTY, found=found)


def _first(word: str, parse: syntax.Parse) -> syntax.Token | None:
    return next((token for token in parse.doc if token.lower_ == word), None)


def score_senses(table: pd.DataFrame) -> pd.DataFrame:
    """Accuracy by modal and of all, from the table of `modal_senses`, and what it is when every modal is a duty.

    Returns one row per modal and for "all": modal, n, n_epistemic (ep or dy), score (0 to 1), low and high (95 %,
    sentences left out one at a time), always (accuracy if each is called a duty).
    """
    parts = [*table.groupby("modal"), ("all", table)]
    return pd.DataFrame([_score_senses(name, part) for name, part in parts])


def _score_senses(name: str, part: pd.DataFrame) -> dict:
    _, n, score, low, high = _ratio((part["coded"] == part["found"]).astype(int), pd.Series(1, index=part.index))
    other = int((~part["coded"]).sum())
    return {
        "modal": name,
        "n": n,
        "n_epistemic": other,
        "score": score,
        "low": low,
        "high": high,
        "always": 1 - other / n,
    }
