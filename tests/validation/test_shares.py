"""Corrected shares: counted by hand, right on average, symmetric, and refused where the sample does not fit."""

import itertools
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from analysis import InputError, contracts
from analysis import codebook as codebooks
from analysis.validation import gold, shares

PAIR = ("AVA", "BEL")
# Sentences of nine characters and a blank, in passages of two.
STEP, PASSAGE = 10, 2


def documents(sizes, collection="press", group="Post"):
    """Articles with so many sentences each."""
    rows = [(doc_id, collection, group, n, pd.Timestamp("2019-05-01")) for doc_id, n in sizes.items()]
    return pd.DataFrame(rows, columns=["doc_id", "collection", "group", "n_sentences", "date"])


def sentences(articles):
    rows = [(row.doc_id, i, i * STEP) for row in articles.itertuples() for i in range(row.n_sentences)]
    table = pd.DataFrame(rows, columns=["doc_id", "sentence_id", "start"])
    return table.assign(end=table["start"] + STEP - 1)


def found(*claims):
    """Claims as the machine gives them, from (article, sentence, bearer, frame)."""
    table = pd.DataFrame(claims, columns=["doc_id", "sentence_id", "bearer", "frame"])
    table = table.astype({"doc_id": "str", "bearer": "str", "frame": "str"})
    start = table["sentence_id"].astype("int64") * STEP + 2
    return table.assign(start=start, end=start + 3, voice="OUTLET")


def drawn(passages, frame, taken, draw="train", collection="press", name=None):
    """Blocks, from (article, number of the passage, passages in the article)."""
    rows = [
        (name or draw, draw, collection, doc_id, frame, taken, n, i * PASSAGE * STEP, (i + 1) * PASSAGE * STEP)
        for doc_id, i, n in passages
    ]
    return pd.DataFrame(rows, columns=["set", *gold.BLOCKS])


def coded(blocks, *claims, agreed=1):
    """Units of every sentence of the passages, and claims in them, from (article, sentence, bearer, frame)."""
    units = [
        (row.set, row.doc_id, start, start + STEP - 1)
        for row in blocks.itertuples()
        for start in range(row.start, row.end, STEP)
    ]
    units = pd.DataFrame(units, columns=["set", "doc_id", "start", "end"])
    units = units.assign(unit=[str(number) for number in range(len(units))], boilerplate=0)
    place = pd.DataFrame(claims, columns=["doc_id", "sentence", "bearer", "frame"])
    place = place.astype({"doc_id": "str", "bearer": "str", "frame": "str"})
    place["start"] = place.pop("sentence").astype("int64") * STEP
    held = place.merge(units, on=["doc_id", "start"], validate="many_to_one")
    assert len(held) == len(claims), "a claim that no passage holds"
    return gold.Gold(units, held.assign(agreed=agreed, voice="OUTLET"))


def tally(articles, claims, blocks, codes, crossfit=None):
    read = shares.Read(articles, sentences(articles), claims)
    return shares.tally(shares.evidence(read, codes, blocks, crossfit), PAIR)


def sums(counts, frame="obligation"):
    return counts[counts["frame"] == frame].set_index("doc_id")[shares.SUMS]


# ---------------------------------------------------------------- weights


def outcomes():
    """Every way a sample can come out: dev takes one article of three, train one of the two left, train2 both again.

    Each takes one passage of the article; train2 of those that train has left. With its probability.
    """
    sizes = {"a": 2, "b": 2, "c": 3}
    for first, second in itertools.permutations(sizes, 2):
        third = next(iter(set(sizes) - {first, second}))
        for i, j in itertools.product(range(sizes[first]), range(sizes[second])):
            left = [k for k in range(sizes[second]) if k != j]
            for k, m in itertools.product(left, range(sizes[third])):
                ways = 6 * sizes[first] * sizes[second] * len(left) * sizes[third]
                blocks = [drawn([(first, i, sizes[first])], 3, 1, "dev"), drawn([(second, j, sizes[second])], 2, 1)]
                again = [(second, k, len(left)), (third, m, sizes[third])]
                yield Fraction(1, ways), pd.concat([*blocks, drawn(again, 2, 2, "train2")], ignore_index=True)


def test_over_all_samples_each_passage_stands_for_itself_once():
    expected = {}
    for probability, blocks in outcomes():
        for row, weight in zip(blocks.itertuples(), shares.weights(blocks), strict=True):
            place = row.doc_id, row.start
            expected[place] = expected.get(place, 0) + float(probability) * weight
    assert len(expected) == 7
    assert list(expected.values()) == pytest.approx([1] * 7)


def test_a_plain_draw_weighs_one_over_the_probability():
    blocks = drawn([("a", 0, 3), ("b", 0, 1)], 8, 2)
    assert shares.weights(blocks).tolist() == [12, 4]


def test_a_draw_of_a_part_of_the_collection_is_carried_on_and_not_spread_over_the_whole():
    part = drawn([("a", 0, 3)], 4, 1, "dev")
    whole = drawn([("b", 0, 2), ("c", 0, 1)], 10, 2)
    assert shares.weights(pd.concat([part, whole], ignore_index=True)).tolist() == [3, 10, 5]


def test_passages_drawn_before_whole_articles_are_carried_on_and_not_spread():
    passages = drawn([("a", 0, 3)], 4, 1, "dev")
    whole = drawn([("b", 0, 1), ("c", 0, 1)], 3, 2)
    assert shares.weights(pd.concat([passages, whole], ignore_index=True)).tolist() == [3, 1.5, 1.5]
    # Later passages are spread: nobody else tells of what whole articles have left.
    later = [drawn([("b", 0, 1)], 3, 1, "dev"), drawn([("a", 0, 3)], 2, 1)]
    assert shares.weights(pd.concat(later, ignore_index=True)).tolist() == [2, 3]


def test_a_draw_of_passages_from_articles_that_happen_to_be_short_is_not_spread_either():
    short, long = drawn([("a", 0, 1)], 4, 1, "dev"), drawn([("x", 0, 3)], 4, 1, "dev", collection="wire")
    whole = drawn([("b", 0, 1), ("c", 0, 1)], 3, 2)
    blocks = pd.concat([short, long, whole], ignore_index=True)
    assert shares.weights(blocks)[[0, 2, 3]].tolist() == [1, 1.5, 1.5]


def test_each_collection_is_weighed_by_itself():
    blocks = [drawn([("a", 0, 2)], 5, 1), drawn([("b", 0, 2)], 3, 1, collection="wire")]
    assert shares.weights(pd.concat(blocks, ignore_index=True)).tolist() == [10, 6]


# ---------------------------------------------------------------- counting


@pytest.fixture
def press():
    """Two articles of two passages; the first passage of each is coded, so each coded passage stands for two."""
    return documents({"p1": 4, "p2": 4}), drawn([("p1", 0, 2), ("p2", 0, 2)], 2, 2)


def test_what_was_found_and_coded_is_counted_where_it_stands(press):
    articles, blocks = press
    claims = found(("p1", 0, "AVA", "obligation"), ("p1", 2, "AVA", "obligation"), ("p2", 3, "BEL", "blame"))
    codes = coded(blocks, ("p1", 0, "AVA", "obligation"), ("p2", 1, "BEL", "obligation"))
    counted = sums(tally(articles, claims, blocks, codes))
    assert counted.loc["p1"].tolist() == [2, 0, 2, 0, 2, 0, 4, 4]
    assert counted.loc["p2"].tolist() == [0, 0, 0, 2, 0, 0, 4, 4]


def test_a_claim_counts_once_for_each_sentence_and_bearer(press):
    articles, blocks = press
    twice = [("p1", 0, "AVA", "obligation"), ("p1", 0, "AVA", "obligation"), ("p1", 0, "BEL", "obligation")]
    counts = tally(articles, found(*twice), blocks, coded(blocks, *twice))
    assert sums(counts).loc["p1"].tolist()[:6] == [1, 1, 2, 2, 2, 2]
    assert counts.set_index(["doc_id", "frame"])["n_coded"].loc[("p1", "obligation")] == 2


def test_a_claim_that_one_of_two_readings_has_counts_half(press):
    articles, blocks = press
    codes = coded(blocks, ("p1", 0, "AVA", "obligation"), agreed=0)
    counts = tally(articles, found(), blocks, codes)
    assert sums(counts).loc["p1", "coded_first"] == 1
    assert counts["n_coded"].sum() == 1


def test_a_set_that_was_not_drawn_is_not_used(press):
    articles, blocks = press
    codes = coded(blocks, ("p1", 0, "AVA", "obligation"))
    picked = drawn([("p1", 1, 2)], 2, 1, "picked")
    extra = coded(picked, ("p1", 2, "BEL", "obligation"))
    both = gold.Gold(*(pd.concat(tables, ignore_index=True) for tables in zip(codes, extra, strict=True)))
    pd.testing.assert_frame_equal(tally(articles, found(), blocks, both), tally(articles, found(), blocks, codes))


def test_in_a_passage_of_several_sets_each_sentence_is_taken_as_one_of_them_has_it(press):
    articles, _ = press
    whole = drawn([("p1", 0, 1), ("p2", 0, 1)], 2, 2).assign(end=2 * PASSAGE * STEP)
    first = coded(whole.assign(end=PASSAGE * STEP), ("p1", 0, "AVA", "obligation"))
    # Another set has the other half of the articles, and one sentence of the first half that it codes otherwise.
    rest = whole.assign(set="rest", start=STEP)
    second = coded(rest, ("p1", 1, "BEL", "obligation"), ("p1", 2, "BEL", "obligation"), ("p2", 3, "AVA", "obligation"))
    codes = gold.Gold(*(pd.concat(tables, ignore_index=True) for tables in zip(first, second, strict=True)))
    counted = sums(tally(articles, found(), whole, codes))[["coded_first", "coded_second"]]
    assert counted.to_numpy().tolist() == [[1, 1], [1, 0]]


def test_an_article_of_a_collection_that_was_not_drawn_from_is_left_out(press):
    articles, blocks = press
    more = pd.concat([articles, documents({"w1": 4}, "wire")], ignore_index=True)
    assert set(tally(more, found(), blocks, coded(blocks))["doc_id"]) == {"p1", "p2"}


def test_what_readers_trained_without_the_article_found_takes_the_place_of_the_readers_own(press):
    articles, blocks = press
    own = found(("p1", 0, "AVA", "obligation"), ("p1", 2, "AVA", "obligation"), ("p2", 0, "AVA", "obligation"))
    other = found(("p1", 1, "BEL", "obligation"), ("p1", 3, "BEL", "obligation"))
    counted = sums(tally(articles, own, blocks, coded(blocks), other))
    # Of p1 the first passage is the others', the second the reader's own; of p2 the others have found nothing.
    assert counted.loc["p1"].tolist()[:6] == [1, 1, 0, 0, 0, 2]
    assert counted.loc["p2"].tolist()[:6] == [0, 0, 0, 0, 0, 0]


def test_sentences_that_were_picked_to_learn_from_are_counted_as_the_others_have_them(press):
    articles, blocks = press
    first = blocks[blocks["doc_id"] == "p1"].assign(start=0, end=PASSAGE * STEP)
    picked = coded(first.assign(start=PASSAGE * STEP, end=2 * PASSAGE * STEP, set="picked"))
    codes = gold.Gold(*(pd.concat(parts) for parts in zip(coded(blocks), picked, strict=True)))
    own = found(("p1", 0, "AVA", "obligation"), ("p1", 2, "AVA", "obligation"), ("p1", 3, "AVA", "obligation"))
    other = found(("p1", 1, "BEL", "obligation"), ("p1", 2, "BEL", "obligation"))
    assert sums(tally(articles, own, blocks, codes, other)).loc["p1"].tolist()[:2] == [0, 2]


def test_a_set_that_the_others_have_not_read_keeps_the_readers_own(press):
    articles, _ = press
    blocks = pd.concat([drawn([("p1", 0, 2)], 2, 1, "dev"), drawn([("p2", 0, 2)], 1, 1)], ignore_index=True)
    own = found(("p1", 0, "AVA", "obligation"), ("p2", 0, "AVA", "obligation"))
    other = found(("p2", 1, "BEL", "obligation"))
    counted = sums(tally(articles, own, blocks, coded(blocks), other))
    assert counted["found_first"].tolist() == [1, 0]
    assert counted["found_second"].tolist() == [0, 1]


def test_a_passage_of_an_unknown_article_is_refused(press):
    articles, blocks = press
    with pytest.raises(InputError, match=r"train_blocks\.csv: doc_id 'p2' is not among the documents of .*'press'"):
        tally(articles[:1], found(), blocks, coded(blocks))
    with pytest.raises(InputError, match=r"train_blocks\.csv: doc_id 'p1'"):
        tally(articles.assign(collection="wire"), found(), blocks, coded(blocks))


def test_a_passage_without_a_coded_sentence_is_refused(press):
    articles, blocks = press
    with pytest.raises(InputError, match=r"doc_id 'p2', passage at 0 has no sentence in train_units\.csv"):
        tally(articles, found(), blocks, coded(blocks[:1]))


# ---------------------------------------------------------------- estimating


def test_two_strata_counted_by_hand():
    # Press: 4 and 2 found; coded passages add 3 - 1 and 1 - 1; they stand for 50 of 100 sentences, so twice that.
    # Wire: 1 and 5 found, and as many coded as found. Together 4 + 2 * 2 + 1 = 9 and 2 + 0 + 5 = 7.
    press = np.array([4, 2, 3, 1, 1, 1, 100, 50.0])
    wire = np.array([1, 5, 2, 2, 2, 2, 30, 30.0])
    assert shares.totals(press, 1).tolist() == [8, 2]
    assert shares.totals(wire, 1).tolist() == [1, 5]
    # Leaning on the machine not at all: what was coded, spread over the sentences.
    assert shares.totals(press, 0).tolist() == [6, 2]
    half = np.vstack([press / 2, press / 2, wire / 2, wire / 2])
    assert shares.estimate(half, np.array([0, 0, 1, 1]), 1)[0] == pytest.approx(9 / 16)


def test_the_interval_leaves_out_one_article_at_a_time():
    # Coded whole, 1 of 2, 1 of 2 and 3 of 4 claims on the first: 5 of 8, and without each 4/6, 4/6, 2/4.
    laid = np.array([[1, 1], [1, 1], [3, 1.0]])
    rows = np.column_stack([laid, laid, laid, np.full((3, 2), 10.0)])
    share, low, high = shares.estimate(rows, np.zeros(3, dtype=int), 0.5)
    spread = np.array([4 / 6, 4 / 6, 2 / 4]) - np.mean([4 / 6, 4 / 6, 2 / 4])
    reach = 4.302653 * np.sqrt(2 / 3 * (spread**2).sum()) / (5 / 8 * 3 / 8)
    assert share == pytest.approx(5 / 8)
    assert [np.log(p / (1 - p)) for p in (low, high)] == pytest.approx([np.log(5 / 3) - reach, np.log(5 / 3) + reach])


def test_a_variance_that_few_articles_carry_has_few_degrees_of_freedom():
    rng = np.random.default_rng(3)
    even = rng.normal(size=20_000) ** 2
    assert shares.freedom(even) == pytest.approx(len(even), rel=0.05)
    few = np.where(np.arange(len(even)) < 5, even, 0)
    assert 1 < shares.freedom(few) < 11
    # One more article that does not vary tells nothing.
    assert shares.freedom(np.append(few, 0)) == pytest.approx(shares.freedom(few), rel=1e-3)


def world(n=40, groups=1, missed=0.0, seed=0):
    """Articles of three passages, one of each coded; the machine misses so many of the claims on the first actor."""
    rng = np.random.default_rng(seed)
    names = [f"{group:02d}-{i:03d}" for group in range(groups) for i in range(n)]
    articles = documents(dict.fromkeys(names, 6)).assign(group=[name[:2] for name in names])
    blocks = drawn([(name, int(rng.integers(3)), 3) for name in names], len(names), len(names))
    # Articles differ in how much they lay on the first.
    lean = dict(zip(names, rng.beta(2, 2, len(names)), strict=True))
    true = [
        (name, i, PAIR[int(rng.random() > lean[name])], "obligation")
        for name in names
        for i in range(6)
        if rng.random() < 0.6
    ]
    seen = [claim for claim in true if claim[2] != PAIR[0] or rng.random() >= missed]
    first = dict(zip(blocks["doc_id"], blocks["start"] // STEP, strict=True))
    inside = [claim for claim in true if first[claim[0]] <= claim[1] < first[claim[0]] + PASSAGE]
    return articles, found(*seen), blocks, coded(blocks, *inside), true


def share_of(claims, group):
    laid = [claim[2] == PAIR[0] for claim in claims if claim[0].startswith(group)]
    return np.mean(laid)


def test_a_perfect_reader_is_left_as_it_is():
    articles, claims, blocks, codes, true = world()
    counts = tally(articles, claims, blocks, codes)
    row = shares.correct(articles, counts).iloc[0]
    assert shares.power(counts[counts["frame"] == "obligation"]) == pytest.approx(1)
    assert row["status"] == "corrected"
    assert row["share_corrected"] == pytest.approx(row["share_found"])
    assert row["share_found"] == pytest.approx(share_of(true, "00"))


def test_a_reader_that_misses_half_of_one_actors_claims_is_set_right():
    articles, claims, blocks, codes, true = world(n=30, groups=60, missed=0.5)
    table = shares.correct(articles, tally(articles, claims, blocks, codes)).set_index(["group", "frame"])
    table = table.xs("obligation", level="frame")
    truth = pd.Series({group: share_of(true, group) for group in table.index})
    off, was_off = table["share_corrected"] - truth, table["share_found"] - truth
    # Within three standard errors of none; as found, far off.
    assert abs(off.mean()) < 3 * off.std() / np.sqrt(len(off))
    assert was_off.mean() < -0.1
    held = (table["low_corrected"] <= truth) & (truth <= table["high_corrected"])
    assert held.mean() >= 0.92


def test_swapping_the_actors_swaps_the_shares_and_nothing_else():
    articles, claims, blocks, codes, _ = world(missed=0.5)
    other = dict(zip(PAIR, reversed(PAIR), strict=True))
    swapped = gold.Gold(codes.units, codes.claims.replace({"bearer": other}))
    one = shares.correct(articles, tally(articles, claims, blocks, codes)).iloc[0]
    two = shares.correct(articles, tally(articles, claims.replace({"bearer": other}), blocks, swapped)).iloc[0]
    for way in ("found", "corrected"):
        assert two[f"share_{way}"] == pytest.approx(1 - one[f"share_{way}"])
        assert two[f"low_{way}"] == pytest.approx(1 - one[f"high_{way}"])
        assert two[f"high_{way}"] == pytest.approx(1 - one[f"low_{way}"])
    assert one["status"] == two["status"] == "corrected"


def test_below_the_minimum_the_table_says_not_corrected():
    articles, claims, blocks, codes, _ = world(n=8)
    few = gold.Gold(codes.units, codes.claims[codes.claims["bearer"] == PAIR[0]])
    row = shares.correct(articles, tally(articles, claims, blocks, few)).iloc[0]
    assert row["status"] == "not corrected"
    assert row[["share_corrected", "low_corrected", "high_corrected"]].isna().all()
    assert 0 < row["share_found"] < 1


def test_where_nothing_is_coded_in_one_of_the_collections_nothing_is_corrected():
    articles, claims, blocks, codes, _ = world()
    # The same outlet has articles of another collection, drawn from for another outlet's articles.
    more = pd.concat([articles, documents({"x1": 4, "x2": 4}, "wire", "00")], ignore_index=True)
    more = pd.concat([more, documents({"y1": 4}, "wire", "Gazette")], ignore_index=True)
    wire = drawn([("y1", 0, 2)], 3, 1, collection="wire")
    extra = coded(wire)
    both = gold.Gold(*(pd.concat(tables, ignore_index=True) for tables in zip(codes, extra, strict=True)))
    table = shares.correct(more, tally(more, claims, pd.concat([blocks, wire], ignore_index=True), both))
    assert set(table["status"]) == {"not corrected"}


def test_a_period_is_a_cell_of_its_own_and_the_undated_have_none():
    articles, claims, blocks, codes, _ = world(n=60)
    dates = pd.Series(pd.to_datetime(["2018-01-01", "2019-01-01", None] * 20), index=articles.index)
    counts = tally(articles, claims, blocks, codes)
    table = shares.correct(articles.assign(date=dates), counts, every="year")
    assert table[["group", "period", "frame"]].head(5).to_numpy().tolist() == [
        *(["00", "2018", frame] for frame in contracts.FRAMES),
        ["00", "2019", contracts.FRAMES[0]],
    ]
    assert set(table["n_articles"]) == {20}
    assert table["n_coded_claims"].sum() < counts["n_coded"].sum()


def test_the_answer_gives_both_shares_and_says_where_nothing_is_corrected(codebook):
    articles, claims, blocks, codes, _ = world()
    table = shares.correct(articles, tally(articles, claims, blocks, codes))
    said = shares.answer(table.assign(share_found=0.5, share_corrected=0.4, low_corrected=0.3), codebook).splitlines()
    n = table.loc[0, "n_coded_claims"]
    assert f": 00 0.50 found, 0.40 corrected (0.30 to {table.loc[0, 'high_corrected']:.2f}, {n} coded)." in said[0]
    assert said[1].endswith(": 00 0.50 found, not corrected (0 coded).")
    assert shares.answer(table, codebook).splitlines()[1].endswith(": 00 nothing found, not corrected (0 coded).")


def test_a_frame_that_was_never_coded_has_no_power():
    assert shares.power(tally(*world()[:4]).query("frame == 'blame'")) == 0


# ---------------------------------------------------------------- what ships


@pytest.fixture(scope="module")
def shipped():
    read = shares.Read(*(contracts.read(name) for name in ("documents", "sentences", "claims")))
    seen = shares.evidence(read, gold.read(), gold.read_blocks())
    return read.documents, shares.tally(seen, codebooks.read().focus)


def test_passages_stand_for_about_as_many_sentences_as_there_are(shipped):
    _, counts = shipped
    one = counts[counts["frame"] == "obligation"].groupby("collection")[["sentences", "sentences_weighed"]].sum()
    # Below 1: articles are held back for the final check.
    assert (one["sentences_weighed"] / one["sentences"]).between(0.8, 1.0).all()


def test_where_articles_are_coded_whole_the_corrected_share_is_the_coded_one(shipped):
    documents, counts = shipped
    seeds = counts[(counts["collection"] == "seeds") & (counts["frame"] == "obligation")]
    coded = seeds[["coded_first", "coded_second"]].sum()
    table = shares.correct(documents, counts).set_index(["group", "frame"])
    group = documents.loc[documents["collection"] == "seeds", "group"].iloc[0]
    assert table.loc[(group, "obligation"), "share_corrected"] == pytest.approx(coded.iloc[0] / coded.sum())


def test_the_same_tables_give_the_same_rows_in_any_order(shipped):
    documents, counts = shipped
    once = shares.correct(documents, counts, every="year")
    again = shares.correct(documents.iloc[::-1], counts, every="year")
    pd.testing.assert_frame_equal(once, again)
    assert set(once["status"]) == {"corrected", "not corrected"}
    shown = once[once["status"] == "corrected"]
    assert shown[["low_corrected", "share_corrected", "high_corrected"]].notna().all(axis=None)
    assert (shown["low_corrected"] <= shown["share_corrected"]).all()


# ---- what is shipped


def test_of_articles_that_nobody_coded_there_are_no_passages():
    kept, unseen = shares.at_hand(pd.DataFrame({"doc_id": ["strange"]}))
    assert kept.empty
    assert set(unseen.columns) == {"doc_id", "start", "end", "bearer", "frame"}


# ---- in words


def test_the_largest_shift_is_named(codebook):
    table = pd.DataFrame(
        {
            "group": ["A", "B", "C"],
            "frame": ["blame", "blame", "credit"],
            "share_found": [0.5, 0.6, 0.9],
            "share_corrected": [0.45, 0.4, np.nan],
        }
    )
    label = codebook.label(codebook.focus[0])
    said = f"largest shift: blame laid on {label} by B, 0.60 found, 0.40 corrected"
    assert shares.shift_in_words(table, codebook) == said
    assert shares.shift_in_words(table.tail(1), codebook) == "too little is coded to correct anything"
