"""Cosines that can be worked out by hand, estimates that do not depend on size, and copies found."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.measures import similarity

WORDS = ["peace", "talks", "arms", "control", "harvest", "treaty", "border", "river"]


def table(*rows: tuple[str, str, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["doc_id", "term", "n"])


@st.composite
def terms_tables(draw, articles="abcdefgh"):
    cells = st.tuples(st.sampled_from(articles), st.sampled_from(WORDS))
    counts = draw(st.dictionaries(cells, st.integers(1, 9), min_size=1, max_size=40))
    return table(*((doc_id, term, n) for (doc_id, term), n in counts.items()))


GROUPS = pd.Series({**dict.fromkeys("abcd", "east"), **dict.fromkeys("efgh", "west")})


def drawn(sizes: dict[str, int], rates: dict[str, list[float]], seed: int) -> tuple[pd.DataFrame, pd.Series]:
    """Invented articles of 30 words each, drawn from each group's rates over 40 words."""
    rng = np.random.default_rng(seed)
    rows, groups = [], {}
    for group, size in sizes.items():
        for i in range(size):
            doc_id = f"{group}{i:03}"
            groups[doc_id] = group
            counts = rng.multinomial(30, rates[group])
            rows += [(doc_id, f"word{j}", n) for j, n in enumerate(counts) if n]
    return table(*rows), pd.Series(groups)


RISING = np.arange(1, 41) / np.arange(1, 41).sum()
RATES = {"one": RISING, "same": RISING, "other": RISING[::-1]}


# Articles


def test_articles_with_the_same_words_are_1_and_with_no_word_in_common_are_not_listed():
    terms = table(("a", "peace", 2), ("a", "arms", 1), ("b", "peace", 2), ("b", "arms", 1), ("c", "river", 1))
    found = similarity.between_articles(terms, floor=0)
    assert found[["a", "b"]].to_numpy().tolist() == [["a", "b"]]
    assert found["similarity"].tolist() == pytest.approx([1])


def test_a_cosine_worked_out_by_hand():
    terms = table(("a", "peace", 1), ("a", "arms", 1), ("b", "peace", 1))
    arms = 1 + np.log(3 / 2)  # in one article of two; peace is in both and weighs 1
    assert similarity.between_articles(terms, floor=0)["similarity"].tolist() == pytest.approx([1 / np.hypot(arms, 1)])


@settings(deadline=None, max_examples=50)
@given(terms_tables())
def test_cosines_lie_between_0_and_1_and_the_floor_only_leaves_out(terms):
    found = similarity.between_articles(terms, floor=0)
    assert found["similarity"].between(0, 1).all()
    assert (found["a"] < found["b"]).all()
    high = similarity.between_articles(terms.iloc[::-1], floor=0.5)
    expected = found[found["similarity"] > 0.5].reset_index(drop=True)
    pd.testing.assert_frame_equal(high, expected)


@settings(deadline=None, max_examples=50)
@given(terms_tables())
def test_a_choice_of_articles_limits_the_pairs_and_not_the_weights(terms):
    every = similarity.between_articles(terms, floor=0)
    some = similarity.between_articles(terms, among={"a", "b", "c"}, floor=0)
    expected = every[every["a"].isin(list("abc")) & every["b"].isin(list("abc"))].reset_index(drop=True)
    pd.testing.assert_frame_equal(some, expected)


def test_stop_words_make_no_articles_alike():
    terms = table(("a", "the", 9), ("a", "peace", 1), ("b", "the", 9), ("b", "river", 1))
    assert similarity.between_articles(terms, floor=0).empty


# Groups


@settings(deadline=None, max_examples=50)
@given(terms_tables())
def test_groups_compared_either_way_are_equally_alike(terms):
    found = similarity.between_groups(terms, GROUPS)
    turned = similarity.between_groups(terms, GROUPS.map({"east": "z", "west": "a"}))
    measured = ["cosine", "similarity", "low", "high"]
    assert np.allclose(found[measured], turned[measured], equal_nan=True)
    again = similarity.between_groups(terms.iloc[::-1], GROUPS.iloc[::-1])
    assert np.allclose(found[measured], again[measured], equal_nan=True)
    assert found[measured].stack().dropna().between(0, 1).all()


def test_groups_of_identical_articles_are_1():
    terms = table(*((doc_id, word, 1) for doc_id in "abcdefgh" for word in WORDS))
    found = similarity.between_groups(terms, GROUPS).iloc[0]
    assert found[["cosine", "similarity", "low", "high"]].tolist() == pytest.approx([1, 1, 1, 1])
    assert found[["n_a", "n_b"]].tolist() == [4, 4]


def test_a_similarity_worked_out_by_hand():
    """Products within a group: east .5 (two articles share one of two equal words), west 1; between: .5 and 1."""
    terms = table(
        *((doc, word, 1) for doc, words in {"a": "xy", "b": "xz", "e": "xw", "f": "xw"}.items() for word in words)
    )
    terms["term"] = terms["term"] + "word"
    groups = GROUPS[["a", "b", "e", "f"]]
    found = similarity.between_groups(terms, groups).iloc[0]
    x, once, twice = 1, 1 + np.log(5 / 2), 1 + np.log(5 / 3)  # idf in one, two and four articles of four
    a, e = np.hypot(x, once), np.hypot(x, twice)
    assert found["similarity"] == pytest.approx((1 / (a * e)) / np.sqrt((1 / a**2) * 1))
    assert found["cosine"] < found["similarity"]
    assert np.isnan(found["low"])


def test_a_group_of_one_article_has_a_cosine_and_no_similarity():
    terms = table(*((doc_id, word, 1) for doc_id in "abe" for word in WORDS))
    found = similarity.between_groups(terms, GROUPS[["a", "b", "e"]]).iloc[0]
    assert found["cosine"] == pytest.approx(1)
    assert np.isnan(found[["similarity", "low", "high"]].astype(float)).all()


def test_groups_that_share_no_word_are_0_and_have_no_interval():
    terms = table(*((doc, "peace", 1) for doc in "abcd"), *((doc, "river", 1) for doc in "efgh"))
    found = similarity.between_groups(terms, GROUPS).iloc[0]
    assert found[["cosine", "similarity"]].tolist() == [0, 0]
    assert np.isnan(found["low"])


def test_similarity_does_not_depend_on_the_number_of_articles_and_cosine_does():
    few, many = ({"one": n, "other": n} for n in (6, 300))
    small = pd.concat([similarity.between_groups(*drawn(few, RATES, seed)) for seed in range(30)])
    large = similarity.between_groups(*drawn(many, RATES, 0)).iloc[0]
    assert small["similarity"].mean() == pytest.approx(large["similarity"], abs=0.03)
    assert small["cosine"].mean() > 0
    assert large["cosine"] - small["cosine"].mean() > 0.03


def test_the_interval_holds_the_true_value_about_95_times_in_100():
    truth = similarity.between_groups(*drawn({"one": 1500, "other": 1500}, RATES, 0))["similarity"].iloc[0]
    tries = pd.concat([similarity.between_groups(*drawn({"one": 12, "other": 12}, RATES, seed)) for seed in range(100)])
    assert 0.88 <= ((tries["low"] < truth) & (truth < tries["high"])).mean() <= 1


def test_groups_that_write_alike_are_about_1_and_others_less():
    terms, groups = drawn({"one": 40, "other": 40, "same": 40}, RATES, 1)
    found = similarity.between_groups(terms, groups).set_index(["a", "b"])["similarity"]
    assert found["one", "same"] > 0.98 > 0.9 > found["one", "other"]


def test_articles_without_a_group_are_not_read():
    terms, groups = drawn({"one": 5, "other": 5}, RATES, 2)
    extra = pd.concat([terms, table(("z", "word1", 3))])
    pd.testing.assert_frame_equal(similarity.between_groups(extra, groups), similarity.between_groups(terms, groups))


# Yardstick


def test_halves_of_a_group_are_less_alike_the_fewer_they_are():
    found = similarity.yardstick(*drawn({"one": 100, "same": 10}, RATES, 3), splits=50).set_index("group")
    assert found.loc["same", ["n", "n_half"]].tolist() == [10, 5]
    assert found.loc["same", "mean"] < found.loc["one", "mean"] < 1
    assert (found["low"] <= found["mean"]).all()
    assert (found["mean"] <= found["high"]).all()


def test_the_yardstick_is_the_same_each_time_and_for_any_row_order():
    terms, groups = drawn({"one": 9, "other": 6}, RATES, 4)
    first = similarity.yardstick(terms, groups, splits=20)
    pd.testing.assert_frame_equal(first, similarity.yardstick(terms.iloc[::-1], groups.iloc[::-1], splits=20))
    assert not first.equals(similarity.yardstick(terms, groups, splits=20, seed=1))


def test_a_single_article_has_no_halves():
    found = similarity.yardstick(table(("a", "peace", 1)), GROUPS)
    assert found["n_half"].tolist() == [0]
    assert found[["mean", "low", "high"]].isna().all(axis=None)


# Copies

STORY = " ".join(f"alpha{i} beta{i} gamma{i}" for i in range(20))
OTHER = " ".join(f"delta{i} eta{i} theta{i}" for i in range(20))


def test_copies_share_a_number_given_by_their_first_doc_id():
    texts = {"d": STORY, "c": OTHER, "b": STORY.upper() + "!", "a": "Too short"}
    assert similarity.near_copies(texts).to_dict() == {"a": 0, "b": 1, "c": 2, "d": 1}


def test_half_of_the_five_word_runs_is_the_border():
    """60 words have 56 runs. Of 36 words shared from the start 32 runs are shared, of 29 words 25."""
    words, others = STORY.split(), OTHER.split()
    copy, apart = (" ".join(words[:shared] + others[shared:]) for shared in (36, 29))
    assert similarity.near_copies({"a": STORY, "b": copy}).nunique() == 1
    assert similarity.near_copies({"a": STORY, "b": apart}).nunique() == 2
    assert similarity.near_copies({"a": STORY, "b": apart}, threshold=0.4).nunique() == 1


def test_a_short_piece_inside_a_long_one_is_no_copy():
    assert similarity.near_copies({"a": STORY, "b": f"{STORY} {OTHER} {OTHER[::-1]}{' end' * 9}"}).nunique() == 2


def test_copies_of_copies_are_in_one_cluster():
    words, others = STORY.split(), OTHER.split()
    chain = {"a": words, "b": words[:42] + others[:18], "c": words[20:42] + others[:38]}
    found = similarity.near_copies({doc_id: " ".join(text) for doc_id, text in chain.items()})
    assert found.tolist() == [0, 0, 0]
    assert similarity.near_copies({doc_id: " ".join(chain[doc_id]) for doc_id in "ac"}).nunique() == 2


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sampled_from([STORY, OTHER, "", "one two", STORY + " " + OTHER]), min_size=1, max_size=8), st.data())
def test_clusters_do_not_depend_on_the_order_of_articles(texts, data):
    named = {f"d{i}": text for i, text in enumerate(texts)}
    shuffled = pd.Series(named)[data.draw(st.permutations(list(named)))]
    found = similarity.near_copies(named)
    pd.testing.assert_series_equal(found, similarity.near_copies(shuffled))
    # Numbered as they first come, none left out.
    assert list(dict.fromkeys(found)) == list(range(found.nunique()))


def test_articles_are_compared_across_batches(monkeypatch):
    texts = {f"d{i}": STORY if i % 2 else f"{OTHER} {i}" for i in range(7)}
    whole = similarity.near_copies(texts)
    monkeypatch.setattr(similarity, "BATCH", 2)
    assert similarity.near_copies(texts).equals(whole)
    assert whole.nunique() == 2


def shares_most(a: str, b: str) -> bool:
    runs = [{tuple(words[i : i + 5]) for i in range(len(words) - 4)} for words in (a.split(), b.split())]
    return len(runs[0] & runs[1]) > 0.5 * max(map(len, runs))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.lists(st.sampled_from([" ".join(STORY.split()[i : i + 12]) for i in range(0, 48, 6)]), max_size=4)))
def test_articles_linked_by_hand_are_the_clusters_though_those_that_share_little_are_left_out_first(drawn):
    texts = [" ".join(parts) for parts in drawn]
    found = similarity.near_copies({f"d{i:03d}": text for i, text in enumerate(texts)}).tolist()
    numbers = list(range(len(texts)))
    for _ in texts:
        for a, b in combinations(range(len(texts)), 2):
            if shares_most(texts[a], texts[b]):
                numbers[a] = numbers[b] = min(numbers[a], numbers[b])
    assert found == pd.factorize(np.array(numbers, dtype="int64"))[0].tolist()


def test_no_articles_have_no_clusters():
    assert similarity.near_copies({}).empty


def test_one_article_of_a_cluster_is_kept_the_earliest_then_the_first_by_name():
    documents = pd.DataFrame(
        [
            ("e", "X", None, 0),
            ("d", "X", "2019-01-02", 0),
            ("c", "Y", "2019-01-01", 0),
            ("b", "Y", "2019-01-01", 0),
            ("a", "X", None, 1),
        ],
        columns=["doc_id", "outlet", "date", "cluster"],
    ).astype({"date": "datetime64[ns]"})
    assert similarity.one_per_cluster(documents)["doc_id"].tolist() == ["b", "a"]
    assert similarity.one_per_cluster(documents, within="outlet")["doc_id"].tolist() == ["d", "b", "a"]


def test_reissues_are_found_in_the_real_collections(articles_folder):
    texts = pd.read_json(articles_folder / "white_house_2009_2026.jsonl.gz", lines=True).set_index("doc_id")["text"]
    sizes = similarity.near_copies(texts).value_counts()
    # The yearly continuation of a national emergency, its message, and one statement on each launch.
    assert sizes[sizes > 1].tolist() == [8, 4, 4, 3]
