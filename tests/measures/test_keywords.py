"""Counts that can be made by hand, and what must hold for any counts."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from analysis import InputError, measures
from analysis.codebook import Names
from analysis.measures import common, keywords

SHEET = pd.DataFrame(
    [
        ("United Avaria", "AVA", "country"),
        ("AVR", "AVA", "country"),
        ("Avarian", "AVA", "adjective"),
        ("Avar City", "AVA", "capital"),
        ("Belmont", "BEL", "country"),
        ("Avar City Post", "", "institution"),
    ],
    columns=["name", "actor", "kind"],
)
NAMES = Names(SHEET)
WORDS = ["AVR", "Avarian", "Belmont", "United Avaria", "peace", "talks", "the", "peace talks"]


def table(*rows: tuple[str, str, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["doc_id", "term", "n"])


@st.composite
def terms_tables(draw):
    cells = st.tuples(st.sampled_from("abcdef"), st.sampled_from(WORDS))
    counts = draw(st.dictionaries(cells, st.integers(1, 9), min_size=1, max_size=25))
    return table(*((doc_id, term, n) for (doc_id, term), n in counts.items()))


GROUPS = pd.Series({"a": "east", "b": "east", "c": "east", "d": "west", "e": "west", "f": "west"})


@pytest.fixture
def book(codebook):
    actors = pd.DataFrame([("AVA", "Avaria", "1", ""), ("BEL", "Belmont", "2", "")], columns=codebook.actors.columns)
    return replace(codebook, actors=actors, names_sheet=SHEET)


# Counting


def test_a_sentence_counted_by_hand():
    counted = keywords.count(["Belmont called the peace talks useless, and Belmont left."], NAMES)
    words = ["called", "the", "peace", "talks", "useless", "and", "left"]
    pairs = ["peace talks", "talks useless"]
    assert counted == Counter({"Belmont": 2, **dict.fromkeys([*words, *pairs], 1)})


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("arms control", {"arms control"}),
        ("arms-control", {"arms control"}),
        ("arms, control", set()),
        ("arms Belmont control", set()),
        ("arms of control", set()),
        ("arms 2018 control", set()),
        ("arms don't control", set()),
        ("arms’ control’s", {"arms control"}),
        ("“arms” control", set()),
        ("1,000 arms", set()),
    ],
)
def test_a_pair_crosses_no_name_mark_stop_word_or_number(text, pairs):
    assert {term for term in keywords.count([text], NAMES) if " " in term} == pairs


def test_a_pair_does_not_cross_sentences():
    assert "arms control" not in keywords.count(["Arms", "control"], NAMES)


def test_a_name_is_one_term_as_written_and_its_words_are_not_counted_again():
    counted = keywords.count(["United\n Avaria's envoy read the Avar City Post in Avar City."], NAMES)
    assert counted["United Avaria"] == counted["Avar City"] == counted["Avar City Post"] == 1
    assert not {"united", "avaria", "avar", "city", "post", "s"} & set(counted)


def test_numbers_stay_whole():
    counted = keywords.count(["In 1994, some 8,000 rods (5.5 MW)."], NAMES)
    assert {"1994", "8,000", "5.5"} <= set(counted)


def test_the_order_of_sentences_does_not_matter():
    texts = ["Belmont left the talks.", "Peace talks failed.", "AVR won."]
    assert keywords.count(texts, NAMES) == keywords.count(texts[::-1], NAMES)


def test_pairs_in_fewer_than_five_articles_are_left_out_and_names_are_kept():
    counts = {f"d{i}": Counter({"common pair": 1}) for i in range(5)}
    counts["d0"] += Counter({"rare pair": 9, "word": 2, "United Avaria": 1})
    terms = frequent(keywords.tabulate(counts))
    assert set(terms["term"]) == {"common pair", "word", "United Avaria"}
    assert terms["n"].sum() == 5 + 2 + 1
    assert terms.equals(frequent(keywords.tabulate(dict(reversed(counts.items())))))
    assert frequent(keywords.tabulate({})).columns.tolist() == ["doc_id", "term", "n"]


def frequent(*parts):
    """The terms of parts without the pairs that are rare in all of them together."""
    found = common([keywords.pairs(part, NAMES) for part in parts], keywords.MIN_DOCUMENTS)
    return pd.concat([keywords.frequent(part, NAMES, found) for part in parts], ignore_index=True)


def test_which_pairs_are_rare_is_decided_over_all_parts():
    counts = {f"d{i}": Counter({"common pair": 1, f"pair of {i // 4}": 2, "x": 1}) for i in range(7)}
    whole = keywords.tabulate(counts)
    parts = [whole[whole["doc_id"].isin(ids)] for ids in (["d0"], ["d1", "d2", "d3", "d4"], ["d5", "d6"])]
    pd.testing.assert_frame_equal(frequent(*parts), frequent(whole))
    assert set(frequent(whole)["term"]) == {"common pair", "x"}


# Merging


def test_country_names_and_adjectives_of_one_actor_become_its_label(book):
    terms = table(
        ("a", "AVR", 2), ("a", "United Avaria", 1), ("a", "Avarian", 4), ("a", "Avar City", 8), ("b", "AVR", 1)
    )
    merged = keywords.merge_names(terms, book)
    expected = table(("a", "Avar City", 8), ("a", "Avaria", 7), ("b", "Avaria", 1))
    pd.testing.assert_frame_equal(merged, expected, check_dtype=False)


@settings(deadline=None, max_examples=50)
@given(terms_tables())
def test_merging_names_loses_and_gains_no_use(terms):
    book = type("Book", (), {"names_sheet": SHEET, "label": lambda self, actor: actor})()
    merged = keywords.merge_names(terms, book)
    assert merged.groupby("doc_id")["n"].sum().equals(terms.groupby("doc_id")["n"].sum())
    assert not merged.duplicated(["doc_id", "term"]).any()


def test_merging_does_not_run_over_the_small_integers_of_the_terms_table(book):
    terms = table(("a", "AVR", 30_000), ("a", "United Avaria", 30_000)).astype({"n": "int16"})
    assert keywords.merge_names(terms, book)["n"].tolist() == [60_000]


# The matrix


@settings(deadline=None, max_examples=50)
@given(terms_tables(), st.randoms(use_true_random=False))
def test_the_matrix_holds_the_table_whatever_its_order(terms, random):
    matrix, doc_ids, vocabulary = measures.document_term_matrix(terms)
    order = list(range(len(terms)))
    random.shuffle(order)
    again, *_ = measures.document_term_matrix(terms.iloc[order])
    assert (matrix != again).nnz == 0
    found = {(doc_ids[i], vocabulary[j]): n for (i, j), n in matrix.todok().items()}
    assert found == {(row.doc_id, row.term): row.n for row in terms.itertuples()}
    assert list(doc_ids) == sorted(set(terms["doc_id"]))
    assert list(vocabulary) == sorted(set(terms["term"]))


# TF-IDF


def test_tfidf_counted_by_hand():
    terms = table(("a", "peace", 1), ("a", "war", 1), ("d", "peace", 1))
    found = keywords.tfidf(terms, GROUPS).set_index(["group", "term"])
    war = 1 + np.log(3 / 2)  # in one article of two; peace is in both and weighs 1
    assert found.loc[("east", "war"), "tfidf"] == pytest.approx(war / np.hypot(war, 1))
    assert found.loc[("east", "war"), "rank"] == 1
    assert found.loc[("west", "peace"), "tfidf"] == 1
    assert ("west", "war") not in found.index


def test_a_long_article_does_not_speak_for_its_group():
    terms = table(("a", "peace", 1), ("b", "peace", 1), ("c", "war", 999), ("d", "talk", 1))
    found = keywords.tfidf(terms, GROUPS)
    assert keywords.top(found, 1, "tfidf")["term"].tolist() == ["peace", "talk"]
    assert found.set_index("term").loc["war", ["n", "n_documents"]].tolist() == [999, 1]


def test_tfidf_leaves_out_stop_words_numbers_and_articles_without_a_group():
    terms = table(("a", "the", 9), ("a", "2018", 9), ("a", "don't", 9), ("a", "peace", 1), ("z", "war", 1))
    assert keywords.tfidf(terms, GROUPS)["term"].tolist() == ["peace"]


def test_ties_are_broken_by_term():
    terms = table(("a", "war", 1), ("a", "arms", 1), ("a", "peace", 1))
    found = keywords.tfidf(terms, GROUPS)
    assert found["term"].tolist() == ["arms", "peace", "war"]
    assert found["rank"].tolist() == [1, 2, 3]


@settings(deadline=None, max_examples=50)
@given(terms_tables())
def test_tfidf_counts_what_the_table_counts(terms):
    found = keywords.tfidf(terms, GROUPS)
    content = measures.content_terms(terms)
    assert found["n"].sum() == content["n"].sum()
    assert found["n_documents"].sum() == len(content)
    assert found["tfidf"].between(0, 1 + 1e-9).all()
    assert found.equals(keywords.tfidf(terms.iloc[::-1], GROUPS))


def test_an_article_in_two_groups_is_refused():
    groups = pd.Series(["east", "west"], index=["a", "a"])
    with pytest.raises(InputError, match="doc_id 'a' stands twice"):
        keywords.tfidf(table(("a", "peace", 1)), groups)


# Log-odds


def test_log_odds_counted_by_hand():
    """East says war 3 times in 4 words, west once in 4; a prior of 8 words adds 4 to each count."""
    terms = table(("a", "war", 3), ("a", "peace", 1), ("d", "war", 1), ("d", "peace", 3))
    found = keywords.log_odds(terms, GROUPS, prior=8).set_index(["group", "term"]).loc[("east", "war")]
    log_odds = np.log(7 / 5) - np.log(5 / 7)
    se = np.sqrt(1 / 7 + 1 / 5)
    p = 2 * norm.sf(log_odds / se)
    assert found[["n", "n_rest"]].tolist() == [3, 1]
    assert found["log_odds"] == pytest.approx(log_odds)
    assert found["se"] == pytest.approx(se)
    assert found["z"] == pytest.approx(log_odds / se)
    assert found[["low", "high"]].tolist() == pytest.approx([log_odds - 1.959964 * se, log_odds + 1.959964 * se])
    assert found["q"] == pytest.approx(p)  # both terms have the same p, so the rate is p


@settings(deadline=None, max_examples=50)
@given(terms_tables())
def test_between_two_groups_the_sign_turns_and_nothing_else(terms):
    found = keywords.log_odds(terms, GROUPS)
    if found.empty:
        return
    east, west = (found[found["group"] == group].set_index("term") for group in ("east", "west"))
    assert np.allclose(east["log_odds"], -west["log_odds"])
    assert np.allclose(east[["low", "high"]], -west[["high", "low"]])
    assert np.allclose(east[["se", "q"]], west[["se", "q"]])
    assert (east["n"] == west["n_rest"]).all()
    assert found.equals(keywords.log_odds(terms.iloc[::-1], GROUPS))


def test_every_group_has_a_row_for_every_term_also_where_it_never_says_it():
    terms = table(("a", "war", 1), ("d", "peace", 1), ("e", "talk", 2))
    groups = pd.Series({"a": "east", "d": "west", "e": "north"})
    found = keywords.log_odds(terms, groups)
    assert len(found) == 9
    assert found.set_index(["group", "term"]).loc[("east", "talk"), ["n", "n_rest"]].tolist() == [0, 2]


def test_a_rare_term_does_not_outrank_a_frequent_one():
    """Said by one side only, but once: the prior holds it back."""
    terms = table(("a", "once", 1), ("a", "war", 60), ("a", "peace", 40), ("d", "war", 40), ("d", "peace", 60))
    found = keywords.log_odds(terms, GROUPS)
    east = found[found["group"] == "east"].set_index("term")["z"]
    assert east["war"] > east["once"] > 0 > east["peace"]


def test_one_group_has_nothing_to_be_held_against():
    assert keywords.log_odds(table(("a", "war", 1)), GROUPS).empty


def test_an_address_does_not_give_a_headline_away_as_one_term():
    found = keywords.count(["See site.org/envoys_meet_again_on_the_island for more."], NAMES)
    assert not [term for term in found if "_" in term]
    assert found["envoys"] == found["island"] == 1


# Naming


def test_shares_counted_by_hand():
    terms = table(("a", "AVR", 3), ("b", "United Avaria", 1), ("b", "Avarian", 5), ("d", "Belmont", 2))
    found = keywords.naming(terms, GROUPS, SHEET).set_index(["group", "name"])
    assert found.loc[("east", "AVR"), ["n", "n_total", "share"]].tolist() == [3, 4, 0.75]
    assert found.loc[("east", "United Avaria"), "share"] == 0.25
    assert found.loc[("west", "Belmont"), "share"] == 1


def test_read_and_not_said_is_zero_and_nothing_to_share_is_empty():
    found = keywords.naming(table(("a", "AVR", 3)), GROUPS, SHEET).set_index(["group", "name"])
    assert found.loc[("east", "United Avaria"), "share"] == 0
    assert found.loc[("west", "AVR"), ["n", "n_total"]].tolist() == [0, 0]
    assert found.loc[("west", "AVR"), ["share", "low", "high"]].isna().all()
    assert len(found) == 2 * 3


@settings(deadline=None, max_examples=20)
@given(terms_tables())
def test_shares_sum_to_one_lie_in_their_interval_and_do_not_depend_on_row_order(terms):
    found = keywords.naming(terms, GROUPS, SHEET)
    said = found.dropna(subset="share")
    assert np.allclose(said.groupby(["group", "actor"])["share"].sum(), 1)
    known = said.dropna(subset="low")
    assert known["low"].between(0, known["share"]).all()
    assert known["high"].between(known["share"], 1).all()
    pd.testing.assert_frame_equal(found, keywords.naming(terms.iloc[::-1], GROUPS.iloc[::-1], SHEET))


def test_one_article_gives_a_share_and_no_interval():
    found = keywords.naming(table(("a", "AVR", 1), ("a", "United Avaria", 1)), GROUPS[["a"]], SHEET)
    assert found[found["actor"] == "AVA"]["share"].tolist() == [0.5, 0.5]
    assert found[["low", "high"]].isna().all(axis=None)


def test_another_group_does_not_change_an_interval():
    terms = table(("a", "AVR", 3), ("b", "United Avaria", 2), ("c", "AVR", 1), ("d", "AVR", 1))
    alone = keywords.naming(terms, GROUPS[["d", "e", "f"]], SHEET)
    beside = keywords.naming(terms, GROUPS, SHEET)
    beside = beside[beside["group"] == "west"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, beside)


def test_no_groups_give_no_rows_and_the_same_columns():
    empty = keywords.naming(table(("a", "AVR", 3)), pd.Series(dtype="str"), SHEET)
    assert empty.columns.tolist() == ["group", "actor", "name", "n", "n_total", "share", "low", "high"]
    assert empty.empty
