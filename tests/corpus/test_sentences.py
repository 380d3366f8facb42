"""Sentences: where they start and end in the source text."""

import time

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.corpus import articles, clean, sentences
from analysis.corpus.articles import Article

GOLD = {
    "initials before a title": ["He met U.S. Secretary of State Ann Smith.", "They talked."],
    "a short month": ["On Dec 7, both sides met.", "On Feb. 26 they left."],
    "a statement named for its day": ["The 9.19 Joint Statement holds.", "It is old."],
    "initials after a hyphen": ["The second DPRK-U.S. summit failed.", "The ROK-U.S.-Japan talks went on."],
    "titles": ["Ms. Smith spoke to Mr. Jones and Mrs. Brown.", "Dr. Green listened."],
    "a rank": ["The spokesman, Cmdr. Ann Smith, agreed.", "He met Sgt. Brown."],
    "a quotation of two sentences": ['"We agree.', 'It was time," he said.'],
    "a quotation that ends": ['He said, "It was time."', "She agreed."],
    "round quotation marks": ["“We agree.", "It was time.”", "The envoy left."],
    "a question that is quoted": ['"Why?" he asked.', "Nobody knew."],
    "an ellipsis": ["Both want a second summit ...", "There is a danger."],
    "a decimal number": ["Growth was 3.5 percent.", "It fell."],
    "a dateline": ["HANOI, Feb. 26 (Xinhua) -- The envoys met.", "They left."],
    "a line broken within": ["The envoys of the\nUnited States met.", "They\nleft."],
}


KNOWN_FAILURES = {
    "a question that is quoted, and a name": ['"Why?" Kim asked.', "Nobody knew."],
    "an abbreviation at the end": ["It blamed the U.S.", "Nobody answered."],
}


def texts(text, spans=None):
    return [text[start:end] for start, end in sentences.split(text, spans or [(0, len(text))])]


@pytest.mark.parametrize("case", GOLD)
def test_gold_cases(case):
    assert texts(" ".join(GOLD[case])) == GOLD[case]


@pytest.mark.xfail(strict=True, reason="sentencex does not know it")
@pytest.mark.parametrize("case", KNOWN_FAILURES)
def test_known_failures(case):
    assert texts(" ".join(KNOWN_FAILURES[case])) == KNOWN_FAILURES[case]


def test_a_quotation_mark_parted_from_its_words_goes_with_them():
    assert texts('The talks failed, he said. " We tried everything," he said.') == [
        "The talks failed, he said.",
        '" We tried everything," he said.',
    ]


def test_offsets_count_characters_and_not_bytes():
    assert texts("Genève: c’est là 😀. “Ça va.” They met.")[-1] == "They met."


def test_no_sentence_crosses_what_was_dropped():
    text = "The envoys XXX met. They left."
    assert texts(text, [(0, 10), (14, len(text))]) == ["The envoys", "met.", "They left."]


@pytest.mark.parametrize(
    ("sentence", "n"),
    [("", 0), ("...", 0), ("U.S. troops' 2,500 so-called drills, 9.19", 6), ("Kim said: “Don’t.”", 3)],
)
def test_words_can_be_counted_by_hand(sentence, n):
    assert sentences.count_tokens(sentence) == n


@st.composite
def text_and_spans(draw):
    words = st.sampled_from(
        ["Kim", "met", ".", "?", '"', "“", "”", " ", "\n", "\n\n", "U.S.", "Ms. ", "-", "é", "...", "3.5"]
    )
    text = "".join(draw(st.lists(words | st.characters(exclude_categories=["Cs"]), max_size=60)))
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    return text, list(zip(cuts[::2], cuts[1::2], strict=False))


@given(text_and_spans())
def test_sentences_are_in_order_inside_one_span_and_lose_no_character(case):
    text, spans = case
    found = sentences.split(text, spans)
    at = 0
    for start, end in found:
        assert at <= start < end
        assert text[start:end] == text[start:end].strip()
        assert any(first <= start and end <= last for first, last in spans)
        at = end
    covered = {place for start, end in found for place in range(start, end)}
    assert all(place in covered or text[place].isspace() for start, end in spans for place in range(start, end))


# ---------------------------------------------------------------- the articles at hand


@pytest.fixture(scope="module")
def measured(articles_folder, codebook):
    """All articles as sentences, with the words and the seconds it took."""
    start = time.process_time()
    found, words = {}, 0
    for item in articles.read([articles_folder], codebook):
        found[item.doc_id] = sentences.split(item.text, clean.running_text(item, codebook))
        words += sum(sentences.count_tokens(item.text[a:b]) for a, b in found[item.doc_id])
    return found, words, time.process_time() - start


def same(units, found):
    return [(unit.start, unit.end) in set(found[unit.doc_id]) for unit in units.itertuples()]


def test_the_seeds_have_the_coded_sentences(gold_folder, measured, capsys):
    units = pd.read_csv(gold_folder / "seed_units.csv")
    exact = sum(same(units, measured[0]))
    with capsys.disabled():
        print(f"\nseeds: {exact} of {len(units)} sentences with the same boundaries")
    assert exact >= 105
    assert sum(len(measured[0][doc_id]) for doc_id in units["doc_id"].unique()) <= 113


@pytest.mark.parametrize("name", ["train", "dev"])
def test_most_coded_sentences_have_the_same_boundaries(gold_folder, measured, name, capsys):
    units = pd.read_csv(gold_folder / f"{name}_units.csv").query("boilerplate == 0")
    exact = same(units, measured[0])
    with capsys.disabled():
        print(f"\n{name}: {sum(exact) / len(exact):.1%} of {len(exact)} sentences with the same boundaries")
    assert sum(exact) / len(exact) >= 0.93


def test_the_whole_corpus_is_read_cleaned_and_split_in_seconds(measured, capsys):
    _, words, seconds = measured
    with capsys.disabled():
        print(f"\n{words} words read, cleaned and split in {seconds:.1f} s of one core")
    assert words > 1_200_000
    assert seconds < 30  # twice the 15 s aimed at, for slow machines


def test_an_article_of_a_million_characters_is_split_in_seconds(codebook):
    text = 'The envoys met. "We agree. It was time," he said. ' * (articles.MAX_TEXT // 50)
    start = time.process_time()
    spans = clean.running_text(Article("a", "b", "Reuters", text), codebook)
    assert len(sentences.split(text, spans)) == 3 * (articles.MAX_TEXT // 50)
    assert time.process_time() - start < 30
