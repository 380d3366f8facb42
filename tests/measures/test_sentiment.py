"""Names earn no sentiment, the lexicon's terms count, and all else is VADER's."""

import csv

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import BOOSTER_DICT, NEGATE, SentimentIntensityAnalyzer

from analysis import InputError
from analysis.codebook import Names
from analysis.measures import sentiment

NAMES = Names(
    pd.DataFrame(
        [
            ("United Avaria", "AVA", "country"),
            ("AVR", "AVA", "country"),
            ("Belmont", "BEL", "country"),
            ("Great Peace Party of Belmont", "BEL", "institution"),
            ("Freedom Post", "", "institution"),
        ],
        columns=["name", "actor", "kind"],
    )
)
LEXICON = pd.DataFrame(
    [("impasse", "-1.4", ""), ("war games", "-1.3", ""), ("party", "0", ""), ("good offices", "0", "")],
    columns=["term", "valence", "note"],
)
PHRASES = ["praised the good offer of", "is at an impasse with", "never hated", "and, very kindly,", "GREAT NEWS from"]


def score(*texts: str, names: Names = NAMES, lexicon: pd.DataFrame = LEXICON) -> pd.DataFrame:
    return sentiment.score(pd.Series(texts, dtype="str"), names, lexicon)


def one(text: str, **given) -> float:
    return score(text, **given)["sentiment"].iloc[0]


def test_a_name_is_neither_glad_nor_grim():
    scores = score("United Avaria met the Great Peace Party of Belmont.")
    assert scores["sentiment"].iloc[0] == 0
    assert scores["sentiment_raw"].iloc[0] > 0.8


def test_a_name_of_nobody_is_masked_too():
    assert one("The Freedom Post met Belmont.") == 0


def test_raw_is_what_the_library_gives():
    texts = ["United Avaria is at an impasse!", "I don’t like it.", "Belmont said nothing."]
    expected = [SentimentIntensityAnalyzer().polarity_scores(text)["compound"] for text in texts]
    assert score(*texts)["sentiment_raw"].tolist() == pytest.approx(expected, abs=1e-6)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from(PHRASES), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_swapping_the_actors_changes_no_score(phrases, random):
    names = [random.choice(["United Avaria", "AVR", "Belmont"]) for _ in range(len(phrases) + 1)]
    swap = {"United Avaria": "Belmont", "AVR": "Belmont", "Belmont": random.choice(["United Avaria", "AVR"])}
    texts = [
        " ".join([who[0], *(word for pair in zip(phrases, who[1:], strict=True) for word in pair)]) + "."
        for who in (names, [swap[name] for name in names])
    ]
    scores = score(*texts)["sentiment"]
    assert scores.iloc[0] == scores.iloc[1]


@pytest.mark.parametrize("text", ["GOOD NEWS FOR {}", "Good news for {}", "GOOD news for {}", "{}: 3 GOOD DEALS"])
@pytest.mark.parametrize("name", ["AVR", "Belmont", "United Avaria"])
def test_a_mask_does_not_change_which_words_are_stressed_by_capitals(text, name):
    vader = SentimentIntensityAnalyzer()
    without = vader.polarity_scores(" ".join(text.format("").split()))["compound"]
    assert one(text.format(name)) == pytest.approx(without, abs=1e-6)


def test_the_mask_is_no_word_to_vader():
    assert sentiment.MASK not in SentimentIntensityAnalyzer().lexicon
    assert sentiment.MASK not in BOOSTER_DICT
    assert sentiment.MASK not in NEGATE
    assert len(sentiment.MASK) > 2


def test_a_term_of_the_lexicon_counts_and_can_be_negated():
    assert one("The talks ended in an impasse.") < 0 < one("There was no impasse in the talks.")
    assert score("The talks ended in an impasse.")["sentiment_raw"].iloc[0] == 0


def test_a_term_of_several_words_counts_once_in_any_case_and_over_a_line_break():
    apart = one("The war games began.", lexicon=LEXICON[LEXICON["term"] != "war games"])
    assert apart < one("The war games began.") < 0
    assert one("The War\ngames began.") == one("The war games began.")


def test_a_term_with_valence_0_is_no_sentiment_word_any_more():
    assert one("The very PARTY of the left met.") == 0
    assert one("The party of the left met.", lexicon=LEXICON[:0]) > 0


def test_a_phrase_with_valence_0_hides_its_words():
    assert one("Belmont lent its GOOD OFFICES, its very good offices.") == 0
    assert one("Belmont lent its good offices.", lexicon=LEXICON[:0]) > 0


@pytest.mark.parametrize(
    ("typographic", "plain"),
    [
        ("It isn’t good.", "It isn't good."),
        ("A “good” deal", 'A "good" deal'),
        ("It is—good—now", "It is - good - now"),
    ],
)
def test_typographic_marks_hide_no_word(typographic, plain):
    assert one(typographic) == one(plain) != 0


def test_one_call_leaves_nothing_behind_for_the_next():
    before = score("The talks ended in an impasse.", lexicon=LEXICON[:0])
    score("The talks ended in an impasse.")
    after = score("The talks ended in an impasse.", lexicon=LEXICON[:0])
    pd.testing.assert_frame_equal(before, after)
    assert after["sentiment"].iloc[0] == 0


def test_a_score_does_not_depend_on_its_neighbours_and_keeps_its_index():
    texts = pd.Series(["Good.", "United Avaria lost an impasse.", "War games."], index=[7, 3, 5])
    together = sentiment.score(texts, NAMES, LEXICON)
    apart = pd.concat([sentiment.score(texts.iloc[[i]], NAMES, LEXICON) for i in range(3)])
    pd.testing.assert_frame_equal(together, apart)
    assert together.abs().max().max() <= 1


def test_no_sentences_give_no_scores():
    assert score().shape == (0, 2)


@pytest.mark.parametrize("valence", ["bad", "", "5", "-4.1", "nan"])
def test_a_valence_off_the_scale_is_refused(valence):
    lexicon = pd.DataFrame([("impasse", valence, "")], columns=LEXICON.columns)
    with pytest.raises(InputError, match=f"'impasse': valence '{valence}' is not a number from -4 to 4"):
        score("x", lexicon=lexicon)


def test_the_lexicon_is_short_and_each_row_says_why(codebook):
    assert 15 <= len(codebook.lexicon) <= 40
    assert (codebook.lexicon["note"] != "").all()
    assert (codebook.lexicon["term"] == codebook.lexicon["term"].str.lower()).all()


def test_scores_follow_readers_at_least_as_well_as_vader_alone(gold_folder, codebook):
    rated = pd.read_csv(gold_folder / "nyt_editorials_train.tsv", sep="\t", quoting=csv.QUOTE_NONE)
    scores = sentiment.score(rated["text"], codebook.names, codebook.lexicon)
    r = scores.corrwith(rated["mean_rating"])
    assert r["sentiment"] >= r["sentiment_raw"] > 0.49
