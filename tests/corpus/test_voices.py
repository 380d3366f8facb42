"""Voices: whose words a sentence is, or a place in it."""

import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.contracts import VOICES
from analysis.corpus import voices
from analysis.corpus.voices import Heard, Span

CASES = json.loads((Path(__file__).parent.parent / "gold" / "voices.json").read_text(encoding="utf-8"))


def marked(case):
    failure = pytest.mark.xfail(strict=True, reason=case.get("reason", ""))
    return pytest.param(case, id=case["label"], marks=[] if case["expect"] == "pass" else [failure])


def table(texts, home=""):
    return pd.DataFrame({"doc_id": "d", "text": texts, "home": home})


@pytest.mark.parametrize("case", [marked(case) for case in CASES])
def test_gold(codebook, case):
    assert voices.assign(table(case["texts"], case.get("home", "")), codebook).tolist() == case["voices"]


def test_the_outermost_speaker_has_the_word():
    heard = Heard([Span(0, 40, "AVA"), Span(20, 30, "BEL"), Span(50, 60, "BEL")], [(20, 30)], [])
    assert [heard.speaker(place) for place in (25, 45, 55)] == ["AVA", "OUTLET", "BEL"]
    assert [heard.quoted(place) for place in (19, 20, 29, 30)] == [False, True, True, False]


def test_a_clause_after_but_is_the_outlets_and_the_one_before_the_speakers(codebook):
    text = "Trump said the door was open to all, but nobody came."
    (heard,) = voices.find([text], codebook)
    assert heard.speaker(text.index("door")) == "US"
    assert heard.speaker(text.index("nobody")) == "OUTLET"


def test_the_outermost_of_two_reports_is_told(codebook):
    text = "Trump said Kim had told him the door was open."
    (heard,) = voices.find([text], codebook)
    assert heard.speaker(text.index("door")) == "US"


@pytest.mark.parametrize(
    ("texts", "word"),
    [
        (["Kim Jong Un has repeatedly said the door was open to all."], "Kim Jong Un"),
        (["The envoy on Friday told reporters the door was open to all."], "envoy"),
        (["“The door is open to all of us,” said Jane Doe, an analyst in Seoul."], "Doe"),
        (["The door was open to all, according to two people at the harbour."], "people"),
        (["Jane Doe, who keeps the door, said it was open to all."], "Doe"),
        (["Jane Doe walked to the harbour and said the door was open to all."], "Doe"),
        (["Jane Doe walked to the harbour, saying that the door was open."], "Doe"),
        (["It was Jane Doe, who said the door was open to all."], "who"),
        (["“Is the door open to all of us?”", "Jane Doe asked on Friday."], "Doe"),
        (["“The door is open to all of us.”", "― Jane Doe"], "Doe"),
        (["“The door is open to all of us.” ― Jane Doe"], "Doe"),
        (["''The door is open to all of us,'' Jane Doe said."], "Doe"),
        (["The harbour master spoke.", "“The door is open.", "Come in and sit down,” he said."], "he"),
    ],
)
def test_the_word_that_tells_who_speaks_is_known(codebook, texts, word):
    span = next(span for heard in voices.find(texts, codebook) for span in heard.spans)
    assert texts[span.source.sentence][span.source.start : span.source.end] == word


def test_what_is_said_begins_after_the_verb_that_reports_it(codebook):
    text = "On Friday Kim Jong Un said the door was open to all."
    (heard,) = voices.find([text], codebook)
    (span,) = heard.spans
    assert text[span.start : span.end].startswith("said the door")
    assert text[span.content : span.end].startswith("the door")


def test_documents_do_not_hear_each_other(codebook):
    texts = ["Trump said the door was open to all.", "He added that nobody had to knock."]
    apart = table(texts).assign(doc_id=["a", "b"])
    assert voices.assign(table(texts), codebook).tolist() == ["US", "US"]
    assert voices.assign(apart, codebook).tolist() == ["US", "OTHER"]


def test_the_index_of_the_sentences_is_kept(codebook):
    texts = table(["It rained.", "Kim said it had not rained at all."]).set_axis([7, 3])
    assert voices.assign(texts, codebook).to_dict() == {7: "OUTLET", 3: "DPRK"}


def test_no_sentences_have_no_voices(codebook):
    assert voices.assign(table([]), codebook).empty
    assert voices.find([], codebook) == []


WORDS = [
    "Trump",
    "Kim",
    "said",
    "told",
    "the statement",
    "critics",
    '"',
    "“",
    "”",
    ",",
    ":",
    ".",
    "but",
    "according to",
]


@given(st.lists(st.lists(st.sampled_from([*WORDS, "he", "open", "-", "an analyst"]), max_size=14), max_size=5))
def test_whatever_is_said_each_sentence_has_one_known_voice_and_spans_within_it(codebook, sentences):
    texts = [" ".join(words) for words in sentences]
    known = {*VOICES, *codebook.actors["actor"]}
    assert set(voices.assign(table(texts), codebook)) <= known
    for text, heard in zip(texts, voices.find(texts, codebook), strict=True):
        for span in heard.spans:
            assert 0 <= span.start < span.end <= len(text)
            assert span.start <= span.content < span.end
            assert span.speaker in known
            if span.source:
                sentence, start, end = span.source
                assert 0 <= start < end <= len(texts[sentence])
        assert all(0 <= a < b <= len(text) for a, b in heard.quotations)
