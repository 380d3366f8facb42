"""The tables: cases that can be counted by hand, and properties."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import InputError, tables
from analysis.contracts import FRAMES
from analysis.measures import similarity

PAIR = ("AVA", "BEL")
OUTLETS = pd.DataFrame(
    {"outlet": ["Post", "Echo", "Wire"], "group": ["East", "West", "Agencies"], "wire": ["", "", r"\bWire\b|\bTW\b"]}
)


def make_documents(n_sentences, outlets=None, dates=None, clusters=None):
    n = len(n_sentences)
    return pd.DataFrame(
        {
            "doc_id": [f"d{i:02d}" for i in range(n)],
            "origin": pd.Series([None] * n, dtype="str"),
            "byline": pd.Series([None] * n, dtype="str"),
            "outlet": outlets or ["Post"] * n,
            "group": outlets or ["Post"] * n,
            "collection": ["sample"] * n,
            "date": pd.to_datetime(dates or ["2031-01-10"] * n),
            "n_sentences": n_sentences,
            "n_tokens": [20 * k for k in n_sentences],
            "n_chars": [200 * k for k in n_sentences],
            "n_chars_kept": [100 * k for k in n_sentences],
            "cluster": clusters or list(range(n)),
        }
    )


def make_claims(*rows):
    return pd.DataFrame(rows, columns=["doc_id", "sentence_id", "bearer", "frame", "voice", "cue"])


def test_an_unknown_date_has_no_period_and_is_counted_as_undated():
    documents = make_documents([10, 10, 10], dates=["2031-01-10", "2031-05-01", None])
    table = tables.coverage(documents, "outlet", "quarter").set_index("period")["n_documents"]
    assert table.to_dict() == {"2031Q1": 1, "2031Q2": 1, "undated": 1}


def test_a_period_without_an_article_is_in_the_table_with_nothing_read():
    documents = make_documents([60, 60], dates=["2031-01-10", "2031-03-01"])
    claims = make_claims(("d00", 1, "AVA", "obligation", "OUTLET", "must"))
    table = tables.responsibility(documents, claims, PAIR, "outlet", "month").set_index(["period", "bearer", "frame"])
    read, gap = table.loc[("2031-01", "BEL", "blame")], table.loc[("2031-02", "BEL", "blame")]
    assert (read["n"], read["share"]) == (60, 0.0)
    assert gap["n"] == 0
    assert np.isnan(gap["share"])


def test_too_little_read_gives_no_share_but_keeps_its_count():
    documents = make_documents([tables.MIN_SENTENCES - 1])
    table = tables.responsibility(documents, make_claims(("d00", 0, "AVA", "blame", "BEL", "fail")), PAIR, "outlet")
    row = table.set_index(["bearer", "frame"]).loc[("AVA", "blame")]
    assert row["claims"] == 1
    assert np.isnan(row["share"])


def test_a_sentence_that_two_voices_blame_somebody_in_counts_once():
    documents = make_documents([100])
    claims = make_claims(("d00", 3, "AVA", "blame", "BEL", "fail"), ("d00", 3, "AVA", "blame", "OUTLET", "fail"))
    row = tables.responsibility(documents, claims, PAIR, "outlet").set_index(["bearer", "frame"]).loc[("AVA", "blame")]
    assert (row["claims"], row["share"]) == (1, 0.01)


def test_the_burden_balance_is_the_share_laid_on_the_first_of_the_pair():
    documents = make_documents([50] * 6)
    claims = make_claims(
        *[(f"d{i:02d}", 0, "AVA", "obligation", "OUTLET", "must") for i in range(3)],
        *[(f"d{i:02d}", 1, "BEL", "obligation", "OUTLET", "must") for i in range(6)],
    )
    row = tables.balance(documents, claims, PAIR, "outlet").set_index("frame").loc["obligation"]
    assert (row["first"], row["second"], row["n"]) == (3, 6, 9)
    assert row["share"] == pytest.approx(1 / 3)
    assert row["low"] < 1 / 3 < row["high"]


def test_no_claim_no_balance():
    row = tables.balance(make_documents([50] * 6), make_claims(), PAIR, "outlet").iloc[0]
    assert row["n"] == 0
    assert np.isnan([row["share"], row["low"], row["high"]]).all()


def test_swapping_the_pair_mirrors_the_balance():
    documents = make_documents([50] * 8)
    rng = np.random.default_rng(1)
    rows = [
        (f"d{i:02d}", s, actor, "blame", "OUTLET", "fail")
        for i in range(8)
        for s, actor in enumerate(rng.choice(PAIR, 4))
    ]
    one, other = (
        tables.balance(documents, make_claims(*rows), pair, "outlet", ["blame"]) for pair in (PAIR, PAIR[::-1])
    )
    assert other["share"].to_numpy() == pytest.approx(1 - one["share"].to_numpy())
    assert other["low"].to_numpy() == pytest.approx(1 - one["high"].to_numpy())


def test_weak_cues_go_and_strong_ones_stay():
    rows = [
        ("must", "obligation", "strong"),
        ("push", "obligation", "strong"),
        ("push", "blame", "weak"),
        ("must", "blame", "strong"),
    ]
    rows += [("must", "blame", "weak")]
    cues = pd.DataFrame(rows, columns=["cue", "frame", "strength"])
    claims = make_claims(
        ("d00", 0, "AVA", "obligation", "BEL", "must"),
        ("d00", 1, "AVA", "blame", "OUTLET", "push"),
        ("d00", 2, "AVA", "blame", "OUTLET", "must"),
        ("d00", 3, "AVA", "blame", "OUTLET", ""),
    )
    book = SimpleNamespace(cues=cues, outlets=OUTLETS)
    held = {name: len(c) for name, (_, c) in tables.readings(make_documents([50]), claims, book).items()}
    assert held["all claims"] == 4
    assert held["strong cues only"] == 1
    assert held["outlet's own voice"] == 3
    assert held["quoted or reported voices"] == 1


def test_mean_sentiment_weighs_sentences_not_articles():
    documents = make_documents([90, 10, 10, 10, 10])
    rows = [
        (d, s, 1.0 if d == "d00" else 0.0)
        for d, n in zip(documents["doc_id"], documents["n_sentences"], strict=True)
        for s in range(n)
    ]
    sentences = pd.DataFrame(rows, columns=["doc_id", "sentence_id", "calibrated"])
    row = tables.sentiment(documents, sentences, "outlet").iloc[0]
    assert (row["n"], row["n_documents"]) == (130, 5)
    assert row["mean"] == pytest.approx(90 / 130)


def test_the_calibrated_score_is_shown_unless_vader_is_asked_for():
    documents = make_documents([20] * 5)
    scores = {"calibrated": -0.3, "sentiment": 0.1, "voice": ["OUTLET", "AVA"] * 50}
    sentences = pd.DataFrame({"doc_id": np.repeat(documents["doc_id"], 20), **scores})
    for asked, expected in (({}, -0.3), ({"score": "sentiment"}, 0.1)):
        assert tables.sentiment(documents, sentences, "outlet", **asked)["mean"].item() == pytest.approx(expected)
        row = tables.sentiment_by_voice(documents, sentences, "outlet", **asked).iloc[0]
        assert row[["all", "own", "others"]].tolist() == pytest.approx([expected] * 3)
        assert (row["n_own"], row["n_others"]) == (50, 50)


def test_the_effect_of_masking_is_masked_less_raw():
    documents = make_documents([20] * 5)
    sentences = pd.DataFrame({"doc_id": np.repeat(documents["doc_id"], 20), "sentiment": 0.1, "sentiment_raw": 0.4})
    row = tables.masking(documents, sentences, "outlet").iloc[0]
    assert row["difference"] == pytest.approx(-0.3)
    assert row["difference"] == pytest.approx(row["masked"] - row["raw"])


def test_one_article_gets_an_interval_over_its_sentences_and_says_so():
    claims = make_claims(*[("d00", s, "AVA", "blame", "BEL", "fail") for s in range(10)])
    row = (
        tables.responsibility(make_documents([100]), claims, PAIR, "outlet")
        .set_index(["bearer", "frame"])
        .loc[("AVA", "blame")]
    )
    assert row["unit"] == "sentences"
    # Wilson's interval of 10 in 100, as in Brown, Cai & DasGupta (2001).
    assert (round(row["low"], 3), round(row["high"], 3)) == (0.055, 0.174)


def test_voices_counts_the_outlets_own():
    claims = make_claims(("d00", 0, "AVA", "blame", "OUTLET", "x"), ("d00", 1, "AVA", "blame", "BEL", "x"))
    row = tables.voices(make_documents([50]), claims, "outlet").iloc[0]
    assert (row["n"], row["own"], row["share"]) == (2, 1, 0.5)


# Over time ----------------------------------------------------------------------------------


def test_every_cell_of_the_table_over_time_is_there_once_with_its_status():
    documents = make_documents([60, 60, 5], ["Post", "Post", "Echo"], ["2031-01-10", "2031-03-01", "2031-02-01"])
    claims = make_claims(("d00", 1, "AVA", "blame", "OUTLET", "x"), ("d00", 1, "AVA", "blame", "BEL", "x"))
    table = tables.shares_over_time(documents, claims, PAIR, "outlet", "month")
    keys = ["outlet", "period", "bearer", "frame", "voice"]
    assert len(table) == 2 * 3 * 2 * 4 * 3
    assert not table.duplicated(keys).any()
    status = table.drop_duplicates(["outlet", "period"]).set_index(["outlet", "period"])["status"].to_dict()
    assert status == {
        ("Post", "2031-01"): "read",
        ("Post", "2031-02"): "nothing read",
        ("Post", "2031-03"): "read",
        ("Echo", "2031-01"): "nothing read",
        ("Echo", "2031-02"): "too little read",
        ("Echo", "2031-03"): "nothing read",
    }
    assert (table["share"].notna() == (table["status"] == "read")).all()
    blamed = table.set_index(keys)["share"].sort_index().loc["Post", "2031-01", "AVA", "blame"]
    assert blamed.to_dict() == dict.fromkeys(("all text", "own voice", "quoted voices"), 1 / 60)


def test_own_and_quoted_claims_add_up_to_all_where_no_sentence_holds_both():
    documents = make_documents([50] * 4)
    claims = make_claims(
        *[(f"d{i:02d}", s, "BEL", "obligation", "OUTLET" if s else "AVA", "x") for i in range(4) for s in range(3)]
    )
    table = tables.shares_over_time(documents, claims, PAIR, "outlet", None)
    made = table[(table["bearer"] == "BEL") & (table["frame"] == "obligation")].set_index("voice")["claims"]
    assert made.to_dict() == {"all text": 12, "own voice": 8, "quoted voices": 4}
    assert "period" not in table


def test_near_copies_count_once_in_each_outlet():
    documents = make_documents([40] * 3, ["Post", "Post", "Echo"], clusters=[0, 0, 0])
    table = tables.shares_over_time(documents, make_claims(), PAIR, "outlet", "year")
    assert table.groupby("outlet")["n"].unique().str[0].to_dict() == {"Echo": 40, "Post": 40}


def test_the_balance_over_time_counts_obligation_and_blame_together():
    documents = make_documents([50] * 4, dates=["2031-01-10", "2031-01-12", "2031-02-01", None])
    claims = make_claims(
        ("d00", 0, "AVA", "obligation", "OUTLET", "x"),
        ("d00", 0, "AVA", "blame", "OUTLET", "x"),
        ("d01", 3, "BEL", "blame", "AVA", "x"),
        ("d01", 4, "AVA", "credit", "AVA", "x"),
        ("d03", 4, "AVA", "blame", "AVA", "x"),
    )
    table = tables.balance_over_time(documents, claims, PAIR, "outlet", "month").set_index(["period", "frame", "voice"])
    both = table.loc[("2031-01", "obligation and blame", "all text")]
    assert (both["first"], both["second"], both["n"], both["n_sentences"]) == (2, 1, 3, 100)
    assert both["share"] == pytest.approx(2 / 3)
    assert table.loc[("2031-01", "blame", "own voice"), "share"] == 1.0
    silent = table.loc[("2031-02", "obligation and blame", "all text")]
    assert (silent["status"], silent["n"]) == ("no claims", 0)
    assert np.isnan([silent["share"], silent["low"], silent["high"]]).all()


def test_the_whole_span_as_one_period_gives_the_plain_balance():
    documents = make_documents([50] * 8, dates=["2031-01-10"] * 7 + [None])
    claims = make_claims(
        *[(f"d{i:02d}", s, PAIR[s % 2 * (i % 2)], "blame", "OUTLET", "x") for i in range(8) for s in range(4)]
    )
    plain = tables.balance(documents, claims, PAIR, "outlet", ["blame"]).iloc[0]
    table = tables.balance_over_time(documents, claims, PAIR, "outlet", None).set_index(["frame", "voice"])
    columns = ["n_documents", "n", "first", "second", "share", "low", "high", "unit"]
    assert table.loc[("blame", "all text"), columns].tolist() == plain[columns].tolist()


CELLS = st.tuples(
    st.integers(0, 5),
    st.integers(0, 9),
    st.sampled_from(PAIR),
    st.sampled_from(FRAMES),
    st.sampled_from(["OUTLET", "BEL"]),
)


def make_corpus(cells):
    """Six articles of two outlets in three months, one undated, with the claims of the cells."""
    dates = ["2031-01-10", "2031-01-12", "2031-03-01", None, "2031-01-05", "2031-03-09"]
    documents = make_documents([40] * 6, ["Post"] * 4 + ["Echo"] * 2, dates)
    return documents, make_claims(*[(f"d{i:02d}", *rest, "x") for i, *rest in sorted(set(cells))])


@given(st.lists(CELLS, max_size=30))
@settings(max_examples=8, deadline=None)
def test_swapping_the_pair_mirrors_the_balance_in_every_cell_and_nothing_else(cells):
    documents, claims = make_corpus(cells)
    one, other = (tables.balance_over_time(documents, claims, pair, "outlet", "month") for pair in (PAIR, PAIR[::-1]))
    assert other["share"].to_numpy() == pytest.approx(1 - one["share"].to_numpy(), nan_ok=True)
    assert other["low"].to_numpy() == pytest.approx(1 - one["high"].to_numpy(), nan_ok=True)
    same = ["outlet", "period", "frame", "voice", "n", "status"]
    pd.testing.assert_frame_equal(one[same], other[same])


@given(st.lists(CELLS, max_size=30), st.randoms(use_true_random=False))
@settings(max_examples=8, deadline=None)
def test_the_order_of_articles_and_claims_does_not_matter(cells, random):
    documents, claims = make_corpus(cells)
    mixed = [table.sample(frac=1, random_state=random.randrange(1000)) for table in (documents, claims)]
    one, other = (tables.shares_over_time(*corpus, PAIR, "outlet", "month") for corpus in ((documents, claims), mixed))
    pd.testing.assert_frame_equal(one, other)


@given(st.lists(CELLS, max_size=30))
@settings(max_examples=8, deadline=None)
def test_a_share_lies_within_its_interval_and_all_text_is_no_less_than_either_voice(cells):
    table = tables.shares_over_time(*make_corpus(cells), PAIR, "outlet", "month")
    known = table.dropna(subset="share")
    assert (known["low"] <= known["share"] + 1e-12).all()
    assert (known["share"] <= known["high"] + 1e-12).all()
    keys = ["outlet", "period", "bearer", "frame"]
    voices = table.pivot(index=keys, columns="voice", values="claims")
    assert (voices["all text"] >= voices[["own voice", "quoted voices"]].max(axis=1)).all()
    assert (voices["all text"] <= voices[["own voice", "quoted voices"]].sum(axis=1)).all()


def test_no_date_at_all_is_refused_with_the_way_out():
    with pytest.raises(InputError, match=r"no article has a date.*without periods"):
        tables.shares_over_time(make_documents([50], dates=[None]), make_claims(), PAIR, "outlet", "year")
    with pytest.raises(InputError, match=r"no article has a date"):
        tables.alike_over_time(None, make_documents([50], dates=[None]))


# Host and origin ----------------------------------------------------------------------------


def make_credits():
    """Post itself, Echo, Wire by origin, by byline; Wire's own item; an unlisted origin; Post with a part by Wire."""
    documents = make_documents([50] * 7, ["Post", "Post", "Post", "Post", "Wire", "Post", "Post"])
    documents["group"] = documents["outlet"].map({"Post": "East", "Wire": "Agencies"})
    documents["origin"] = pd.Series([None, "Echo", "Wire", None, None, "Unheard Of", None], dtype="str")
    bylines = ["Wirepuller", None, None, "Ann Low, TW", "The Wire desk", None, "Bo Ham (editor Cy) (with The Wire)"]
    documents["byline"] = pd.Series(bylines, dtype="str")
    return documents


def test_an_article_is_counted_for_its_host_or_for_its_origin_by_choice():
    book = SimpleNamespace(outlets=OUTLETS)
    host = tables.credited(make_credits(), book)
    assert host["outlet"].tolist() == ["Post", "Post", "Post", "Post", "Wire", "Post", "Post"]
    origin = tables.credited(make_credits(), book, "origin")
    assert origin["outlet"].tolist() == ["Post", "Echo", "Wire", "Wire", "Wire", "Unheard Of", "Post"]
    assert origin["group"].tolist() == ["East", "West", *["Agencies"] * 3, tables.UNLISTED, "East"]
    assert origin["host"].tolist() == host["outlet"].tolist()


def test_wire_copy_is_what_an_agency_wrote_or_had_a_part_in_and_another_published():
    book = SimpleNamespace(outlets=OUTLETS)
    assert tables.credited(make_credits(), book)["wire"].tolist() == ["", "", "copy", "copy", "", "", "part"]
    assert tables.credited(make_credits(), book, wires=False)["doc_id"].tolist() == ["d00", "d01", "d04", "d05"]
    assert "Agencies" in set(tables.credited(make_credits(), book, "origin", wires=False)["group"])


def test_the_balance_is_shown_with_and_without_wire_copy():
    claims = make_claims(
        ("d02", 0, "BEL", "obligation", "OUTLET", "must"), ("d00", 0, "AVA", "obligation", "OUTLET", "must")
    )
    cues = pd.DataFrame({"cue": ["must"], "frame": ["obligation"], "strength": ["strong"]})
    book = SimpleNamespace(outlets=OUTLETS, cues=cues, focus=PAIR)
    table = tables.robustness(make_credits(), claims, book).set_index(["reading", "group"])["share"]
    assert table["all claims", "East"] == 0.5
    assert table["without wire copy", "East"] == 1.0


def test_an_unknown_way_to_count_is_refused():
    with pytest.raises(InputError, match="to: 'owner' is neither outlet nor origin"):
        tables.credited(make_credits(), SimpleNamespace(outlets=OUTLETS), "owner")


# Similarity over time -----------------------------------------------------------------------


def test_claims_as_terms_count_the_sentences_of_an_article_with_each_claim():
    claims = make_claims(
        ("d00", 0, "AVA", "blame", "OUTLET", "x"),
        ("d00", 0, "AVA", "blame", "BEL", "x"),
        ("d00", 1, "AVA", "blame", "BEL", "x"),
        ("d01", 0, "BEL", "credit", "BEL", "x"),
    )
    assert tables.claims_as_terms(claims).to_numpy().tolist() == [["d00", "AVA blame", 2], ["d01", "BEL credit", 1]]


def test_groups_that_make_the_same_claims_are_alike_and_opposite_ones_are_not():
    documents = make_documents([50] * 15, [*["Post"] * 5, *["Echo"] * 5, *["Crier"] * 5])
    bearer = {"Post": "AVA", "Echo": "AVA", "Crier": "BEL"}
    claims = make_claims(
        *[(row.doc_id, 0, bearer[row.outlet], "blame", "OUTLET", "x") for row in documents.itertuples()],
        *[(row.doc_id, 1, "COR", "credit", "OUTLET", "x") for row in documents.itertuples()],
    )
    compare = partial(similarity.between_groups, tables.claims_as_terms(claims), idf=False)
    found = tables.alike_over_time(compare, documents, "outlet", "year").set_index("pair")["similarity"]
    assert found.to_dict() == pytest.approx({"Crier - Echo": 0.5, "Crier - Post": 0.5, "Echo - Post": 1.0})


def test_a_pair_that_was_not_read_in_one_period_is_a_gap_there():
    dates = ["2030-01-01"] * 6 + ["2032-01-01"] * 4
    outlets = [*["Post"] * 3, *["Echo"] * 3, *["Post"] * 3, "Echo"]
    documents = make_documents([50] * 10, outlets, dates)
    claims = make_claims(*[(f"d{i:02d}", 0, "AVA", "blame", "OUTLET", "x") for i in range(10)])
    compare = partial(similarity.between_groups, tables.claims_as_terms(claims), idf=False)
    table = tables.alike_over_time(compare, documents, "outlet", "year").set_index("period")
    assert table["status"].to_dict() == {"2030": "read", "2031": "nothing read", "2032": "too little read"}
    assert table["n_b"].to_dict() == {"2030": 3, "2031": 0, "2032": 3}
    assert table["similarity"].isna().tolist() == [False, True, True]


def test_a_period_without_a_claim_is_a_gap_between_claims():
    documents = make_documents([50] * 6, ["Post", "Echo"] * 3, ["2030-01-01"] * 6)
    compare = partial(similarity.between_groups, tables.claims_as_terms(make_claims()), idf=False)
    table = tables.alike_over_time(compare, documents, "outlet", "year")
    assert table["status"].tolist() == ["nothing read"]


def test_the_two_maps_name_the_pair_they_rank_most_apart():
    pairs = {"a": ["w", "w", "x", "x"], "b": ["x", "y", "y", "z"]}
    wording = pd.DataFrame({**pairs, "similarity": [0.9, 0.7, 0.5, 0.3], "low": [0.8, 0.6, 0.4, np.nan]})
    wording["high"] = wording["similarity"] + 0.05
    claims = wording.assign(similarity=[0.5, 0.8, 0.6, 0.9], low=0.4, high=0.95)
    both = tables.two_maps(wording, claims)
    assert both[["rank_wording", "rank_claims"]].to_numpy().tolist() == [[1, 3], [2, 1], [3, 2]]
    text = tables.maps_in_words(both)
    assert "Over 3 pairs" in text
    assert "rank correlation of -0.50" in text
    assert "w and x, rank 1 in wording, 0.90 (0.80 to 0.95); rank 3 in claims, 0.50 (0.40 to 0.95)" in text
    assert tables.maps_in_words(both[:2]).startswith("Too few pairs")
    assert tables.similarity_in_words(claims[:0]) == "No two groups have articles enough to be compared."


# In words -----------------------------------------------------------------------------------


def make_book():
    return SimpleNamespace(focus=PAIR, label={"AVA": "Avaria", "BEL": "Belmont"}.get)


def make_balance(*rows):
    table = pd.DataFrame(rows, columns=["outlet", "period", "share", "low", "high", "n", "unit"])
    table.insert(2, "frame", "blame")
    table.insert(3, "voice", "all text")
    table.insert(4, "n_documents", 9)
    return table


def test_the_ranking_leaves_out_what_n_does_not_allow():
    table = make_balance(
        ("Echo", "", 0.2, 0.1, 0.3, 100, "articles"),
        ("Post", "", 0.8, 0.6, 0.9, 1200, "articles"),
        ("Few", "", 0.9, 0.6, 0.9, tables.MIN_SENTENCES - 1, "articles"),
        ("One", "", 0.9, 0.6, 0.9, 100, "sentences"),
        ("Gap", "", np.nan, np.nan, np.nan, 0, ""),
    )
    ranking = tables.ranked(table)
    assert ranking["outlet"].tolist() == ["Post", "Echo"]
    assert tables.ranking_in_words(ranking, make_book()) == (
        "Post lays most on Avaria, 0.80 (0.60 to 0.90, n = 1,200); Echo least, 0.20 (0.10 to 0.30, n = 100); "
        "of 2, 1 lie wholly above an even burden and 1 wholly below"
    )
    assert tables.ranking_in_words(ranking[:0], make_book()).startswith("Too few")


def test_a_move_counts_where_the_intervals_lie_apart():
    table = make_balance(
        ("Post", "2030", 0.2, 0.1, 0.3, 50, "articles"),
        ("Post", "2031", 0.5, 0.4, 0.6, 50, "articles"),
        ("Post", "2032", 0.9, 0.2, 1.0, 50, "articles"),
        ("Echo", "2030", 1.0, 0.9, 1.0, 50, "sentences"),
        ("Echo", "2031", 0.1, 0.0, 0.2, 50, "articles"),
    )
    expected = (
        "Share laid on Avaria of blame, all text: largest change in Post, "
        "from 0.20 (0.10 to 0.30, n = 50) in 2030 to 0.50 (0.40 to 0.60, n = 50) in 2031"
    )
    assert tables.movement_in_words(table, make_book()) == expected
    assert tables.movement_in_words(table[2:], make_book()) == "No share moves by more than its intervals"
    shares = table.assign(bearer="BEL")
    shares = shares[["outlet", "period", "bearer", *table.columns[2:]]]
    assert "Share of sentences with blame on Belmont, all text: largest change in Post" in tables.movement_in_words(
        shares, make_book()
    )
