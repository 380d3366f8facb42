"""What the readers of claims are learned from: never, where it matters, from the article that they are tried on."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analysis import InputError
from analysis.contracts import FRAMES
from analysis.measures.claims import readers
from analysis.validation import gold
from training import claims


def pair(doc_id, number=0, coded=False, feature="urge", of="train"):
    """An invented actor in an invented sentence: every frame is coded or none is."""
    row = SimpleNamespace(doc_id=doc_id, sentence_id=number, start=number * 10, end=number * 10 + 9)
    truth = np.array([coded] * len(FRAMES))
    return claims.Pair(of, SimpleNamespace(row=row), "a", {feature: 1}, truth, np.ones(len(FRAMES), dtype=bool), [])


def several(coded_of_first):
    """Six articles of four sentences each: 'urge' goes with a claim, 'walk' with none, save in the first article."""
    fold = {f"d{n}": n % claims.FOLDS for n in range(6)}
    held = lambda doc_id, number: coded_of_first if doc_id == "d0" else number % 2 == 0  # noqa: E731
    words = ["urge", "walk"]
    return [pair(doc, n, held(doc, n), words[n % 2]) for doc in fold for n in range(4)], fold


def test_what_an_article_is_coded_as_changes_nothing_in_its_own_odds_and_much_in_those_of_others():
    (with_claims, fold), (without, _) = several(True), several(False)
    once, again = claims.cross_fit(with_claims, fold), claims.cross_fit(without, fold)
    own = np.array([fold[one.doc_id] == fold["d0"] for one in with_claims])
    np.testing.assert_array_equal(once[own], again[own])
    assert (once[~own] != again[~own]).any()


@pytest.mark.parametrize("held_out", range(claims.FOLDS))
def test_an_article_in_two_sets_is_in_one_fold_and_left_out_of_both(held_out):
    fold, coded = claims.folds(gold.read()), gold.read()
    places = coded.units[["set", "doc_id"]].drop_duplicates()
    assert places[places["set"].isin(claims.LEARNED)]["doc_id"].duplicated().any()
    pairs = [pair(row.doc_id, of=row.set) for row in places.itertuples()]
    chosen = claims.learned(pairs, fold, held_out)
    used = {one.doc_id for one, kept in zip(pairs, chosen, strict=True) if kept}
    assert not used & {doc_id for doc_id, n in fold.items() if n == held_out}
    assert not used & set(coded.units.loc[~coded.units["set"].isin(claims.LEARNED), "doc_id"]) - set(fold)


def test_the_cut_off_is_half_of_the_best_f1():
    truth = [True] * 3 + [False] * 5
    pairs = [pair("d", n, coded) for n, coded in enumerate(truth)]
    right = np.tile(np.where(truth, 0.9, 0.01)[:, None], len(FRAMES))
    assert claims.cut_off(pairs, right, 3 * len(FRAMES)) == 0.5
    # As many claims again are in sentences where nobody is at hand: recall is half, F1 two thirds.
    assert claims.cut_off(pairs, right, 6 * len(FRAMES)) == 0.33


def test_scores_of_other_articles_are_refused_and_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(claims, "FOLDER", tmp_path)
    pairs, _ = several(True)
    scores = pd.DataFrame([("strange", 0, "a", *[0.0] * len(FRAMES))], columns=[*claims.KEY, *FRAMES])
    with pytest.raises(InputError, match=r"scores\.csv: has the scores of 0 of the 24 actors .* training\.encoder"):
        claims._close(pairs, np.zeros((len(pairs), len(FRAMES))), gold.read(), scores)
    assert not list(tmp_path.iterdir())


def test_every_article_that_is_learned_from_was_read_by_an_encoder_that_saw_nothing_of_it():
    scores, coded = pd.read_csv(claims.SCORES), gold.read()
    learned = set(coded.units.loc[coded.units["set"].isin(claims.LEARNED), "doc_id"])
    unseen = pd.read_csv(readers.FOLDER / "unseen.csv")
    assert set(unseen["doc_id"]) <= set(scores["doc_id"]) <= learned
    # An article without an actor who might bear a claim has no scores.
    assert len(set(scores["doc_id"])) >= 0.95 * len(learned)
