"""The charts, tested by the data on their Axes."""

import matplotlib
import numpy as np
import pandas as pd
import pytest

matplotlib.use("agg")
import matplotlib.pyplot as plt

from analysis import visuals


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def series(values):
    return pd.DataFrame(
        {"group": "Post", "period": ["2031Q1", "2031Q2", "2031Q3"], "share": values, "low": values, "high": values}
    )


def test_a_gap_breaks_the_line_and_a_zero_does_not():
    ax = visuals.over_time(series([0.2, np.nan, 0.0]), "group", "share", visuals.axes("t"))
    drawn = ax.lines[0].get_ydata()
    assert np.isnan(drawn[1])
    assert drawn[2] == 0.0


def test_every_period_of_the_scale_is_on_the_axis():
    scale = ["2030Q4", "2031Q1", "2031Q2", "2031Q3"]
    ax = visuals.over_time(series([0.1, 0.2, 0.3]), "group", "share", visuals.axes("t"), scale)
    assert [t.get_text() for t in ax.get_xticklabels()] == scale
    assert np.isnan(ax.lines[0].get_ydata()[0])


def test_intervals_stand_in_the_order_of_the_table_and_too_little_is_written():
    table = pd.DataFrame({"name": ["a", "b"], "share": [0.4, np.nan], "low": [0.3, np.nan], "high": [0.5, np.nan]})
    ax = visuals.intervals(table, "name", "share", visuals.axes("t"))
    assert ax.lines[0].get_xdata().tolist() == [0.4]
    assert ax.lines[0].get_ydata().tolist() == [1]
    assert [text.get_text() for text in ax.texts] == ["too little read"]
    ticks = dict(zip(ax.get_yticks(), (t.get_text() for t in ax.get_yticklabels()), strict=True))
    assert ticks == {1: "a", 0: "b"}


def test_what_is_corrected_stands_below_what_was_found_on_the_same_line():
    table = pd.DataFrame({"group": ["a", "b"], "share_found": [0.4, 0.6], "share_corrected": [0.5, np.nan]})
    for way in ("found", "corrected"):
        table[f"low_{way}"], table[f"high_{way}"] = table[f"share_{way}"] - 0.1, table[f"share_{way}"] + 0.1
    ax = visuals.found_and_corrected(table, "group", visuals.axes("t"))
    found, corrected = ax.lines
    assert found.get_xdata().tolist() == [0.4, 0.6]
    assert corrected.get_xdata().tolist() == [0.5]
    assert found.get_ydata()[0] > 1 > corrected.get_ydata()[0] > found.get_ydata()[1]
    assert [text.get_text() for text in ax.texts] == ["not corrected"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["found", "corrected"]


def test_nothing_read_is_left_white():
    table = pd.DataFrame({"group": ["a", "a", "b", "b"], "period": ["1", "2"] * 2, "n": [5, 0, 0, 10]})
    ax = visuals.counts(table, "group", "n", visuals.axes("t"))
    assert np.ma.getmaskarray(ax.images[0].get_array()).tolist() == [[False, True], [True, False]]
    assert sorted(t.get_text() for t in ax.texts) == ["10", "5"]


def test_an_event_stands_inside_its_period():
    events = pd.DataFrame(
        {"date": ["2031-02-15", "2031-05-01"], "event": ["meeting", "other"], "kind": ["summit", "test"]}
    )
    ax = visuals.events(events, ["2031Q1", "2031Q2"], "Q", visuals.axes("t"))
    assert len(ax.lines) == 1
    assert -0.5 < ax.lines[0].get_xdata()[0] < 0.5


def test_a_missing_cell_of_a_matrix_is_left_empty():
    table = pd.DataFrame({"a": ["x", "x", "y"], "b": ["x", "y", "y"], "similarity": [1.0, 0.25, 1.0]})
    ax = visuals.matrix(table, "a", "b", "similarity", visuals.axes("t"))
    assert sorted(t.get_text() for t in ax.texts) == ["0.25", "1.00", "1.00"]


def test_colours_and_markers_differ_between_neighbouring_lines():
    table = pd.concat([series([0.1, 0.2, 0.3]).assign(group=name) for name in "abc"])
    ax = visuals.over_time(table, "group", "share", visuals.axes("t"))
    assert len({line.get_color() for line in ax.lines}) == 3
    assert len({line.get_marker() for line in ax.lines}) == 3


def test_panels_share_one_scale():
    one, other = visuals.panels(["a", "b"], "both")
    one.set_ylim(0, 0.5)
    assert other.get_ylim() == (0, 0.5)


def test_small_multiples_share_one_scale_and_an_empty_one_keeps_its_place():
    table = pd.concat([series([0.1, 0.2, 0.3]).assign(bearer=actor) for actor in ("Avaria", "Belmont")])
    table = pd.concat([table, table[table["bearer"] == "Avaria"].assign(group="Echo", share=0.9)])
    drawn = []
    for ax, part in visuals.facets(table, "group", "bearer", "what it shows"):
        visuals.over_time(part, "group", "share", ax, ["2031Q1", "2031Q2", "2031Q3"])
        drawn.append((ax.get_ylabel(), ax.get_title(loc="left"), len(part), len(ax.lines)))
    assert drawn == [("Post", "Avaria", 3, 1), ("", "Belmont", 3, 1), ("Echo", "", 3, 1), ("", "", 0, 0)]
    assert len({axes.get_ylim() for axes in ax.figure.axes}) == 1


def test_articles_are_dots_and_groups_intervals_and_what_is_missing_is_said():
    table = pd.DataFrame(
        {
            "label": ["d0", "d1", "Post", "Echo"],
            "kind": ["article", "article", "group", "group"],
            "share": [0.7, np.nan, 0.4, np.nan],
            "low": [np.nan, np.nan, 0.3, np.nan],
            "high": [np.nan, np.nan, 0.5, np.nan],
            "status": ["read", "no claims", "read", "nothing read"],
        }
    )
    ax = visuals.placed(table, visuals.axes("t"))
    groups, articles = ax.lines
    assert (groups.get_xdata().tolist(), groups.get_ydata().tolist()) == ([0.4], [1])
    assert (articles.get_xdata().tolist(), articles.get_ydata().tolist()) == ([0.7], [3])
    assert groups.get_marker() != articles.get_marker()
    assert [(text.get_text(), text.xy[1]) for text in ax.texts if text.get_text()] == [
        ("no claims", 2),
        ("nothing read", 0),
    ]


def test_a_change_stands_between_the_levels_with_its_stability():
    table = pd.DataFrame({"last": ["2031Q1", None], "period": ["2031Q4", None], "stable": [0.8, np.nan]})
    ax = visuals.changes(table, ["2031Q1", "2031Q2", "2031Q3", "2031Q4"], visuals.axes("t"))
    assert [line.get_xdata()[0] for line in ax.lines] == [1.5]
    assert [text.get_text() for text in ax.texts] == ["80%"]


def test_events_may_be_drawn_without_their_labels():
    table = pd.DataFrame({"date": ["2031-02-15"], "event": ["meeting"], "kind": ["summit"]})
    ax = visuals.events(table, ["2031Q1"], "Q", visuals.axes("t"), labels=False)
    assert (len(ax.lines), len(ax.texts)) == (1, 0)


def test_a_long_title_is_broken_and_none_of_it_is_lost():
    title = "Post lays most on Avaria, 0.80 (0.60 to 0.90, n = 1,200); " * 3
    ax = visuals.axes(title.strip(), 6, 3)
    assert len(ax.figure.get_suptitle().split("\n")) == 3
    assert ax.figure.get_suptitle().split() == title.split()


def test_labels_of_events_of_one_season_are_moved_apart_and_keep_their_order():
    days = ["2031-02-16", "2031-02-15", "2031-05-01"]
    table = pd.DataFrame({"date": days, "event": ["second", "first", "third"], "kind": "summit"})
    ax = visuals.events(table, [f"2031Q{i}" for i in range(1, 5)], "Q", visuals.axes("t"))
    assert [text.get_text() for text in ax.texts] == ["first", "second", "third"]
    places = [text.xy[0] for text in ax.texts]
    assert places[1] - places[0] > 0.05
    assert places[2] == ax.lines[2].get_xdata()[0]
