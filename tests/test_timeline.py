"""Before and after, and change points: cases that can be counted by hand, and properties."""

import numpy as np
import pandas as pd
import pytest

from analysis import codebook as codebooks
from analysis import timeline

EVENTS = pd.DataFrame(
    {
        "date": ["2031-03-01", "2031-09-01"],
        "end": ["2031-03-02", ""],
        "event": ["Talks", "Flood"],
        "kind": ["summit", "other"],
    }
)


def make_articles(dates, hits, base, groups=None):
    n = len(dates)
    return pd.DataFrame(
        {
            "doc_id": [f"d{i:03d}" for i in range(n)],
            "group": groups or ["Post"] * n,
            "date": pd.to_datetime(dates),
            "date_precision": ["day" if date else "none" for date in dates],
            "cluster": range(n),
            "hits": hits,
            "base": base,
        }
    )


def level_shift(periods=12, at=6, shares=(0.2, 0.7), each=5, group="Post"):
    """`each` articles a month, ten sentences each, on one level up to the month `at` and on another from there."""
    months = pd.period_range("2031-01", periods=periods, freq="M").astype("str")
    dates = [f"{month}-1{i}" for month in months for i in range(each)]
    rng = np.random.default_rng(3)
    hits = [rng.binomial(10, shares[number // each >= at]) for number in range(len(dates))]
    return make_articles(dates, hits, [10] * len(dates), [group] * len(dates))


def test_counted_gives_the_sentences_that_lay_a_frame_on_the_bearer_and_what_they_are_out_of():
    documents = pd.DataFrame({"doc_id": ["a", "b"], "n_sentences": [30, 40]})
    claims = pd.DataFrame(
        [
            ("a", 0, "AVA", "blame", "OUTLET"),
            ("a", 0, "AVA", "blame", "BEL"),
            ("a", 0, "AVA", "obligation", "BEL"),
            ("a", 1, "BEL", "blame", "AVA"),
            ("b", 1, "AVA", "credit", "AVA"),
        ],
        columns=["doc_id", "sentence_id", "bearer", "frame", "voice"],
    )
    share = timeline.counted(documents, claims, "AVA", ("obligation", "blame"))
    assert share[["hits", "base"]].to_numpy().tolist() == [[2, 30], [0, 40]]
    balance = timeline.counted(documents, claims, "AVA", ("obligation", "blame"), "BEL")
    assert balance[["hits", "base"]].to_numpy().tolist() == [[2, 3], [0, 0]]
    assert timeline.counted(documents, claims, "COR", ("blame",))["hits"].tolist() == [0, 0]


def test_before_ends_the_day_before_an_event_and_after_starts_the_day_after_it():
    days = ["2031-02-01", "2031-02-26", "2031-02-28", "2031-03-01", "2031-03-02", "2031-03-03", "2031-03-20"]
    articles = make_articles([*days, "2031-03-28", None], [5, 5, 5, 9, 9, 8, 8, 8, 9], [10] * 9)
    row = timeline.around_events(articles, EVENTS, weeks=4).set_index("event").loc["Talks"]
    assert (row["n_documents_before"], row["n_before"], row["share_before"]) == (3, 30, 0.5)
    assert (row["n_documents_after"], row["n_after"], row["share_after"]) == (3, 30, 0.8)
    assert row["difference"] == pytest.approx(0.3)
    assert row["low"] < 0.3 < row["high"]
    assert (row["status"], row["overlapping"]) == ("read", 0)


def test_an_event_with_nothing_or_too_little_on_one_side_gives_no_difference():
    days = [f"2031-02-2{i}" for i in range(4)]
    articles = make_articles([*days, "2031-03-05", *days], [5] * 9, [10] * 9, ["Post"] * 5 + ["Echo"] * 4)
    table = timeline.around_events(articles, EVENTS).set_index("group")
    assert table["status"].to_dict() == {"Echo": "nothing read", "Post": "too little read"}
    assert table["difference"].isna().all()
    assert table.loc["Post", "n_documents_before"] == 4
    assert table.loc["Post", ["share_before", "share_after"]].tolist() == [0.5, pytest.approx(np.nan, nan_ok=True)]
    assert timeline.events_in_words(table.reset_index()).startswith("Too little was read")


def test_only_articles_whose_day_is_known_stand_before_or_after():
    articles = make_articles(["2031-02-20"] * 4, [5] * 4, [10] * 4).assign(date_precision="month")
    assert timeline.around_events(articles, EVENTS).empty


def test_events_within_the_same_weeks_are_counted():
    near = pd.concat([EVENTS, EVENTS.iloc[:1].assign(date="2031-03-20", end="", event="Walk-out")])
    table = timeline.around_events(make_articles(["2031-02-20"] * 4, [5] * 4, [10] * 4), near, weeks=4)
    assert table.set_index("event")["overlapping"].to_dict() == {"Talks": 1, "Walk-out": 1}


def test_swapping_before_and_after_turns_the_difference_round():
    one, other = (0.4, 0.3, 0.55), (0.7, 0.5, 0.8)
    there, back = timeline._difference(one, other), timeline._difference(other, one)
    assert there == pytest.approx((-back[0], -back[2], -back[1]))


def test_the_words_name_the_largest_difference_that_is_clear_of_zero():
    days = [f"2031-02-2{i}" for i in range(5)] + [f"2031-03-1{i}" for i in range(5)]
    table = timeline.around_events(make_articles(days, [2, 1, 2, 3, 2, 8, 9, 8, 7, 8], [10] * 10), EVENTS)
    text = timeline.events_in_words(table)
    assert text.startswith("1 of 1 comparisons")
    assert "Post, Talks, 0.20 before, 0.80 after (difference 0.60; " in text


def test_an_article_is_placed_beside_the_groups_of_the_same_months_and_no_others():
    days = ["2031-03-05", "2031-03-06", "2031-03-07", "2031-03-08", "2031-03-09", "2031-03-10", "2031-05-01"]
    groups = ["Few", "Few", *["Post"] * 5]
    articles = make_articles(
        [*days, "2031-03-01"], [6, 0, 3, 5, 4, 4, 10, 1], [8, 0, 10, 10, 10, 10, 10, 10], [*groups, "Echo"]
    )
    table = timeline.placed(articles, ["d000", "d001"]).set_index("label")
    assert table["status"].to_dict() == {
        "d000": "read",
        "d001": "no claims",
        "Echo": "too little read",
        "Few": "nothing read",
        "Post": "read",
    }
    assert (table.loc["d000", "share"], table.loc["d000", "n"]) == (0.75, 8)
    assert np.isnan(table.loc["d000", "low"])
    assert (table.loc["Post", "share"], table.loc["Post", "n_documents"]) == (0.4, 4)
    text = timeline.placed_in_words(table.reset_index())
    assert text.startswith("Of 1 articles 1 above, 0 within and 0 below Post (0.28 to 0.53, n = 40)")
    assert text.endswith("too little read in those months: Echo; nothing else read in those months: Few")


def test_a_change_of_level_is_found_where_it_is_and_is_stable():
    table = timeline.change_points(level_shift(), every="month", resamples=50)
    row = table.squeeze()
    assert (row["last"], row["period"], row["status"]) == ("2031-06", "2031-07", "read")
    assert row["share_before"] < 0.3 < 0.6 < row["share_after"]
    assert (row["n_periods"], row["n_documents"], row["n_before"], row["n_after"]) == (12, 60, 300, 300)
    assert row["stable"] > 0.9
    assert row["by_chance"] <= 0.2
    assert timeline.changes_in_words(table).startswith("Post goes from 0.19 to 0.69 between 2031-06 and")


def test_a_change_that_shuffles_show_as_often_is_called_no_evidence():
    table = timeline.change_points(level_shift(), every="month", resamples=50)
    said = [timeline.changes_in_words(table.assign(by_chance=share)) for share in (0.05, 0.08)]
    assert [text.endswith(" of shuffles: no evidence)") for text in said] == [False, True]


def test_one_level_has_no_change():
    table = timeline.change_points(level_shift(shares=(0.4, 0.4)), every="month", resamples=50)
    assert table["status"].tolist() == ["no change found"]
    assert timeline.changes_in_words(table) == "no change found: Post"


def test_too_few_periods_are_called_too_little_not_unchanged():
    articles = pd.concat([level_shift(7, 3), level_shift(group="Echo"), make_articles([None], [1], [10], ["Hush"])])
    articles = articles.assign(doc_id=[f"e{i}" for i in range(len(articles))], cluster=range(len(articles)))
    table = timeline.change_points(articles.reset_index(drop=True), every="month", resamples=20).set_index("group")
    assert table["status"].to_dict() == {"Echo": "read", "Hush": "too little read", "Post": "too little read"}
    assert table.loc["Post", "n_periods"] == 7
    assert table.loc["Hush", "n_periods"] == 0


def test_articles_that_vary_more_than_their_sentences_need_a_clearer_change():
    counts, codes = np.array([[0, 10], [10, 10]] * 20, dtype=float), np.repeat(np.arange(4), 10)
    assert timeline._dispersion(counts, codes) > 5
    assert timeline._dispersion(np.array([[5.0, 10.0]] * 40), codes) == 1.0


def test_the_same_seed_gives_the_same_table():
    one, other = (timeline.change_points(level_shift(), every="month", resamples=20) for _ in range(2))
    pd.testing.assert_frame_equal(one, other)


def test_every_event_of_the_instrument_has_a_source_and_ends_after_it_began(codebook):
    sample = codebooks.read(codebooks.FOLDER.parent / "sample" / "codebook")
    for events in (codebook.events, sample.events):
        assert (events["source"] != "").all()
        assert ((events["end"] == "") | (events["end"] > events["date"])).all()
        assert events["date"].is_monotonic_increasing


def test_the_order_of_articles_does_not_matter():
    articles = level_shift()
    mixed = articles.sample(frac=1, random_state=1)
    for ask in (
        lambda a: timeline.change_points(a, every="month", resamples=20),
        lambda a: timeline.around_events(a, EVENTS),
        lambda a: timeline.placed(a, ["d007"]),
    ):
        pd.testing.assert_frame_equal(ask(articles), ask(mixed))
