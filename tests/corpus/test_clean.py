"""Cleaning: spans of the source text, chosen by rules that are data."""

import json
import time
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.corpus import articles, clean, documents
from analysis.corpus.articles import Article

BODY = (
    "The envoys of Avaria and Belmont met on the island on Monday.",
    'One of them said: "We have time." The other agreed that the talks could go on.',
)
BYLINE = "Ann Writer"
# Invented pages in the layout of each outlet: what stands around the article, `{}` where it is.
PAGES = {
    page["outlet"]: "\n".join(page["lines"])
    for page in json.loads(Path(__file__).with_name("pages.json").read_text(encoding="utf-8"))
}


def page(outlet, body=""):
    return Article("page", "invented", outlet, PAGES[outlet].format(body or "\n\n".join(BODY)), is_page=True)


def kept(article, codebook):
    return [article.text[start:end] for start, end in clean.running_text(article, codebook)]


def table_article(text, outlet="Reuters"):
    return Article("a", "table", outlet, text)


@pytest.mark.parametrize("outlet", PAGES)
def test_a_page_gives_its_article_and_nothing_else(codebook, outlet):
    assert kept(page(outlet), codebook) == list(BODY)


@pytest.mark.parametrize("outlet", PAGES)
def test_a_page_is_known_by_its_layout(tmp_path, codebook, outlet):
    (tmp_path / "page.txt").write_bytes(page(outlet).text.encode())
    (found,) = articles.read([tmp_path / "page.txt"], codebook)
    assert found.outlet == outlet


def test_a_stray_full_stop_of_another_script_parts_the_text_and_goes(codebook):
    article = page("People's Daily", "The envoys met. u3002 They agreed.")
    assert kept(article, codebook) == ["The envoys met.", "They agreed."]


def test_a_page_without_its_marks_is_kept_from_end_to_end(codebook):
    article = Article("a", "b", "Xinhua", "The envoys met on Monday.", is_page=True)
    assert kept(article, codebook) == ["The envoys met on Monday."]


DROPPED = [
    "Ann Writer\n\nSPECIAL TO THE PAPER",
    "SEE ALSO: Envoys meet again on the island.",
    "More:Envoys meet again on the island, officials say.",
    "The envoys are seen on the island, March 2, 2019. REUTERS/Ann Writer/File Photo",
    "FILE PHOTO: The envoys are seen on the island on a sunny day.",
    "The envoys on the island. Photograph: Ann Writer/Getty Images",
    "Image copyright Somebody Image caption The envoys met on the island.",
    "JUST WATCHED The envoys meet on the island. Replay",
    "(Photo: Ann Writer, The Paper)",
    "Ann Writer and Bo Reader contributed to this report.",
    "Copyright © 2019 The Paper, LLC. Click here for reprint permission.",
    "ENVOYS MEET ON ISLAND. AGAIN.",
    "What did the envoys say?",
    "Key points:",
    "Slideshow (2 Images)",
    "\\###",
    "_______________",
]


@pytest.mark.parametrize("line", DROPPED)
def test_what_stands_between_paragraphs_is_dropped(codebook, line):
    assert kept(table_article("\n\n".join([BODY[0], line, BODY[1]])), codebook) == list(BODY)


KEPT = [
    "Yes.",
    "He agreed.”",
    "“It is time,” he said…",
    "Pyongyang, March 2 (KCNA) -- The envoys met.",
    "What the envoys will say when they come back from the island to their capitals, is it known to anybody?",
    "Of the first meeting the minister said the following words:",
    "This paragraph was delivered without the mark that should stand at its end, and yet it is long enough to be text",
    "The envoys met on the island,\nwhere the line is broken\nas old letters are.",
]


@pytest.mark.parametrize("paragraph", KEPT)
def test_a_sentence_is_kept_however_short(codebook, paragraph):
    assert kept(table_article(f"Heading\n\n{paragraph}\n\nAnother heading"), codebook) == [paragraph]


def test_speaker_labels_of_a_transcript_are_dropped_and_the_words_kept(codebook):
    text = "MR. SMITH: Good morning. Q What was said? MR. SMITH: Nothing new.\n\nPRESIDENT JONES:\u00a0 Thank you."
    assert kept(table_article(text, "White House"), codebook) == [
        "Good morning.",
        "What was said?",
        "Nothing new.",
        "Thank you.",
    ]


def test_a_comma_that_stands_for_the_end_of_a_paragraph_is_dropped(codebook):
    text = "The envoys met. ,  The statement says they agreed, and left. -0-"
    assert kept(table_article(text, "KCNA"), codebook) == [
        "The envoys met.",
        "The statement says they agreed, and left.",
    ]


@given(
    text=st.text(alphabet=st.sampled_from("aB.?:\n \t\u00a0“\"'Q-0,u3[]()/©\ufeff") | st.characters(), max_size=300),
    outlet=st.sampled_from(["Reuters", "KCNA", "White House", *PAGES]),
    is_page=st.booleans(),
)
def test_spans_are_in_order_apart_inside_and_trimmed(codebook, text, outlet, is_page):
    spans = clean.running_text(Article("a", "b", outlet, text, is_page=is_page), codebook)
    at = 0
    for start, end in spans:
        assert at <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        at = end


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30))))
def test_merged_spans_cover_the_same_places_once(spans):
    merged = clean._merged(spans)
    places = [place for start, end in merged for place in range(start, end)]
    assert places == sorted({place for start, end in spans for place in range(start, end)})


@pytest.mark.parametrize(
    "unit", [" ", "\n", "\t\n", "a ", "A", "A. B", ". , ", " Q ", "Source: ", "/AP ", "Photo: ", "a@b."]
)
@pytest.mark.parametrize("outlet", ["White House", *PAGES])
def test_no_text_however_odd_keeps_a_rule_busy(codebook, outlet, unit):
    # A rule that takes the square of the length needs minutes for this text; the others, hundredths of a second.
    article = Article("a", "b", outlet, "x" + unit * (100_000 // len(unit)) + "y", is_page=True)
    start = time.process_time()
    clean.running_text(article, codebook)
    documents.describe(article, codebook)
    assert time.process_time() - start < 5


# ---------------------------------------------------------------- the articles at hand


@pytest.fixture(scope="module")
def at_hand(articles_folder, codebook):
    return {item.doc_id: item for item in articles.read([articles_folder], codebook)}


def coded(gold_folder, name, at_hand, codebook):
    """The coded units, each with whether its middle is kept."""
    units = pd.read_csv(gold_folder / f"{name}_units.csv")
    spans = {doc_id: clean.running_text(at_hand[doc_id], codebook) for doc_id in units["doc_id"].unique()}
    middle = (units["start"] + units["end"]) // 2
    kept = [any(s <= m < e for s, e in spans[doc_id]) for doc_id, m in zip(units["doc_id"], middle, strict=True)]
    return units.assign(kept=kept, collection=[at_hand[doc_id].collection for doc_id in units["doc_id"]])


def test_of_the_seeds_exactly_the_coded_sentences_are_kept(gold_folder, at_hand, codebook):
    units = pd.read_csv(gold_folder / "seed_units.csv")
    for doc_id, coded_units in units.groupby("doc_id"):
        text = at_hand[doc_id].text
        gold = "".join(text[unit.start : unit.end] for unit in coded_units.itertuples())
        ours = "".join(kept(at_hand[doc_id], codebook))
        assert "".join(ours.split()) == "".join(gold.split()), doc_id


@pytest.mark.parametrize("name", ["train", "dev"])
def test_most_boilerplate_is_dropped_and_almost_no_text(gold_folder, at_hand, codebook, name, capsys):
    units = coded(gold_folder, name, at_hand, codebook)
    boilerplate, text = units[units["boilerplate"] == 1], units[units["boilerplate"] == 0]
    dropped, lost = 1 - boilerplate["kept"].mean(), 1 - text["kept"].mean()
    with capsys.disabled():
        print(
            f"\n{name}: {dropped:.1%} of {len(boilerplate)} boilerplate units dropped, {lost:.2%} of {len(text)} lost"
        )
    assert dropped >= 0.85
    assert lost <= 0.01
