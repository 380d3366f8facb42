"""What the measures share: vectors are tested with the measures that use them, the rest here."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import measures
from analysis.measures import MIN_ARTICLES, Each, common, is_among, jackknife

ROWS = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 40)), min_size=MIN_ARTICLES, max_size=30)


def columns(rows):
    hits = np.array([[min(h, n)] for h, n in rows], float)
    return hits, np.array([[n] for _, n in rows], float)


@settings(max_examples=100, deadline=None)
@given(ROWS)
def test_an_interval_of_a_share_lies_in_0_to_1_and_holds_the_share(rows):
    hits, read = columns(rows)
    (low,), (high,) = jackknife(hits, read)
    share = hits.sum() / read.sum()
    if share in (0, 1):
        assert np.isnan([low, high]).all()
    else:
        assert 0 <= low <= share + 1e-12
        assert share - 1e-12 <= high <= 1


@settings(max_examples=50, deadline=None)
@given(ROWS)
def test_counting_what_was_not_hit_mirrors_the_interval(rows):
    hits, read = columns(rows)
    (low, high), (other_low, other_high) = jackknife(hits, read), jackknife(read - hits, read)
    np.testing.assert_allclose(other_low, 1 - high, atol=1e-9)
    np.testing.assert_allclose(other_high, 1 - low, atol=1e-9)


@settings(max_examples=50, deadline=None)
@given(ROWS, st.integers(1, 5))
def test_an_article_that_says_nothing_of_it_changes_nothing(rows, silent):
    hits, read = columns(rows)
    nothing = np.zeros((silent, 1))
    np.testing.assert_allclose(
        jackknife(hits, read), jackknife(np.vstack([hits, nothing]), np.vstack([read, nothing])), atol=1e-12
    )


def test_articles_that_all_say_the_same_leave_no_doubt():
    low, high = jackknife(np.full((4, 1), 3.0), np.full((4, 1), 12.0))
    assert low == pytest.approx(0.25)
    assert high == pytest.approx(0.25)


def test_of_equal_articles_it_is_students_interval_of_their_means():
    values = np.array([[1.0], [2.0], [4.0], [5.0]])
    low, high = jackknife(values, np.ones((4, 1)), share=False)
    # mean 3, standard error sqrt(10 / 3 / 4) = 0.9129, t(3) = 3.1824
    assert low == pytest.approx(3 - 3.1824 * 0.9129, abs=1e-3)
    assert high == pytest.approx(3 + 3.1824 * 0.9129, abs=1e-3)


def test_two_articles_have_no_interval():
    assert np.isnan(jackknife(np.array([[1.0], [2.0]]), np.array([[5.0], [5.0]]))).all()


def test_the_interval_covers_a_share_about_as_often_as_it_says_with_few_articles():
    rng = np.random.default_rng(3)
    covered, trials = 0, 400
    for _ in range(trials):
        read = rng.integers(10, 40, size=(8, 1))
        rate = rng.beta(2, 18, size=(8, 1))  # the articles differ: mean .1
        low, high = jackknife(rng.binomial(read, rate).astype(float), read.astype(float))
        covered += np.isnan(low[0]) or low[0] <= 0.1 <= high[0]
    # .92 of 400: some three standard errors below the nominal .95.
    assert covered / trials >= 0.92


# Hashes in parts

HASHES = st.lists(st.sampled_from([0, 1, 2, 3, 2**31, 2**32 - 2, 2**32 - 1]), max_size=12)


@settings(max_examples=100, deadline=None)
@given(st.lists(HASHES, max_size=5), st.integers(1, 4), st.sampled_from([1, 3, 1000]))
def test_common_numbers_are_those_that_counting_finds_however_few_are_sorted_at_once(parts, least, at_once):
    arrays = Each(lambda part: np.sort(np.array(part, dtype="uint32")), parts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measures, "AT_ONCE", at_once)
        found = common(arrays, least)
    everything = [number for part in parts for number in part]
    assert found.tolist() == sorted({number for number in everything if everything.count(number) >= least})


@settings(max_examples=50, deadline=None)
@given(HASHES, HASHES)
def test_a_value_is_among_the_known_ones_when_it_is_one_of_them(values, known):
    held = is_among(np.array(values, dtype="uint64"), np.unique(np.array(known, dtype="uint64")))
    assert held.tolist() == [value in known for value in values]
