"""Documents: what is known about an article, from its page and from nowhere else."""

import dataclasses
import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from analysis import InputError
from analysis.corpus import articles, documents
from analysis.corpus.articles import Article

COLUMNS = ["outlet", "origin", "date", "date_precision", "genre", "byline", "title"]
HEADLINE = "Envoys meet on island"
DAY = date(2019, 3, 2)
# Invented pages in the layout of each outlet, with what stands on them.
PAGES = json.loads(Path(__file__).with_name("pages.json").read_text(encoding="utf-8"))
SEEDS = {
    "chinadaily-2019-04-25-kim-putin-meeting": (
        "China Daily", None, date(2019, 4, 25), "day", "editorial", None,
        "Kim-Putin meeting boosts peninsula peace process",
    ),
    "globaltimes-2019-04-25-putin-kim-meeting": (
        "Global Times", None, date(2019, 4, 25), "day", "editorial", None,
        "Putin-Kim meeting constructive to Korean Peninsula",
    ),
    "ecns-2019-01-08-peninsula-makes-tracks-4": (
        "ECNS", "China Daily", date(2019, 1, 8), "day", "news", "(editor Li Yan)",
        "Korean peninsula makes tracks toward peace (part 4)",
    ),
    "xinhua-2019-02-26-hanoi-summit-meaningful": (
        "Xinhua", None, date(2019, 2, 26), "day", "commentary", "Xie Meihua, Liu Tian (editor Li Xia)",
        "Make Kim-Trump Hanoi summit meaningful",
    ),
    "peoplesdaily-2019-03-hanoi-mutual-understanding": (
        "People's Daily", None, date(2019, 3, 1), "month", "opinion", "Yang Xiyu (editor Shi Jianlei)",
        "Hanoi meeting between DPRK and US leaders deepened mutual understanding",
    ),
}  # fmt: skip


def about(article, codebook):
    row = documents.describe(article, codebook)
    return tuple(row[column] for column in COLUMNS)


def corrected(codebook, *rows):
    table = pd.DataFrame([(*row, "why") for row in rows], columns=["doc_id", "column", "value", "note"], dtype="str")
    return dataclasses.replace(codebook, overrides=table)


@pytest.mark.parametrize("page", PAGES, ids=[page["outlet"] for page in PAGES])
def test_the_rules_of_an_outlet_find_what_stands_on_its_page(codebook, page):
    article = Article("a", "b", page["outlet"], "\n".join(page["lines"]).format("They met."), is_page=True)
    row = documents.describe(article, codebook)
    assert str(row.pop("date")) == str(page["date"])
    assert row["date_precision"] == ("day" if page["date"] else "none")
    assert {name: row[name] for name in ("outlet", "origin", "genre", "byline", "title")} == {
        name: page[name] for name in ("outlet", "origin", "genre", "byline", "title")
    }


def test_a_page_of_the_same_outlet_with_other_marks_is_read_too(codebook):
    headline = "Home | Editorials\n\nEnvoys meet on island: China Daily editorial"
    text = f"{headline}\n\nchinadaily.com.cn | Updated: 2019-03-02 21:00\n\nThey met."
    article = Article("a", "b", "China Daily", text, is_page=True)
    assert about(article, codebook) == ("China Daily", None, DAY, "day", "editorial", None, HEADLINE)
    text = "Envoys meet on island\n\nXinhua | Updated: 2019-03-02 21:00\n\nThey met."
    assert documents.describe(article._replace(text=text), codebook)["origin"] == "Xinhua"


@pytest.mark.parametrize(
    ("line", "byline"),
    [
        ("The Associated Press contributed to this report.", "Ann Low (with Associated Press)"),
        (
            "Reuters and The Associated Press contributed to this story.",
            "Ann Low (with Reuters and The Associated Press)",
        ),
        ("Material from Reuters was used in this report.", "Ann Low (with Reuters)"),
        ("© 2031 The Associated Press. All rights reserved.", "Ann Low (with Associated Press)"),
        ("The report was contributed to the Associated Press archive.", "Ann Low"),
        ("Photo: Reuters", "Ann Low"),
    ],
)
def test_an_agency_that_a_closing_line_credits_is_added_to_the_byline(codebook, line, byline):
    article = Article("a", "b", "The Hill", f"They met.\n{line}\n", byline="Ann Low")
    row = documents.describe(article, codebook)
    assert (row["byline"], row["origin"]) == (byline, None)
    assert documents.describe(article._replace(byline=""), codebook)["byline"] == (byline[8:] or None)


@pytest.mark.parametrize("day", ["2019-02-30", "2019-13-01"])
def test_an_impossible_date_on_a_page_is_no_date(codebook, day):
    article = Article(
        "a", "b", "Xinhua", f"Envoys meet\n\nSource: Xinhua| {day} 11:17:21|Editor: Bo\n\nThey met.", is_page=True
    )
    row = documents.describe(article, codebook)
    assert (row["date"], row["date_precision"]) == (None, "none")


def test_what_the_markup_of_a_page_says_fills_what_no_rule_finds(codebook):
    article = Article("a", "b", "Xinhua", "They met.", "2019-03-02", "", "Envoys meet", "u", "Ann Writer", True)
    assert about(article, codebook) == ("Xinhua", None, DAY, "day", None, "Ann Writer", "Envoys meet")


def test_a_delivered_article_is_described_as_delivered(codebook):
    article = Article("a", "t", "Fox News", "They met on March 9, 2019.", "2019-03-02", "opinion", "Envoys meet", "u")
    assert documents.describe(article, codebook) == {
        "doc_id": "a",
        "collection": "t",
        "outlet": "Fox News",
        "origin": None,
        "group": "US press",
        "date": DAY,
        "date_precision": "day",
        "genre": "opinion",
        "byline": None,
        "title": "Envoys meet",
        "url": "u",
        "n_chars": 26,
        "source_sha256": "a68e9736a29d53dd87277d6072ec0b8ad2e84f1ed40f2bcbccf758dcddf1e358",
    }


@pytest.mark.parametrize(
    ("text", "outlet", "origin"),
    [
        ("SEOUL, South Korea (AP) — The envoys met.", "Fox News", "Associated Press"),
        ("SEOUL (Reuters) - The envoys met.", "Newsmax", "Reuters"),
        ("SEOUL (Reuters) - The envoys met.", "Reuters", None),
        ("HANOI, Feb. 26 (Xinhua) -- The envoys met.", "China Daily", "Xinhua"),
        ("The envoys met, the agency (AP) said.", "Fox News", None),
    ],
)
def test_wire_copy_is_credited_to_the_agency_in_its_dateline(codebook, text, outlet, origin):
    assert documents.describe(Article("a", "t", outlet, text), codebook)["origin"] == origin


def test_a_correction_sets_its_column_and_the_group_follows_the_outlet(codebook):
    book = corrected(codebook, ("a", "outlet", "KCNA"), ("a", "date", "2019-03-01"), ("b", "title", "Other"))
    row = documents.describe(Article("a", "t", "Fox News", "They met.", "2019-03-02", title="Envoys meet"), book)
    assert (row["outlet"], row["group"], row["date"], row["title"]) == ("KCNA", "KCNA", date(2019, 3, 1), "Envoys meet")


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("n_chars", "7", "row 2: b: column 'n_chars' cannot be set; it is one of outlet, origin, date"),
        ("colour", "red", "column 'colour' cannot be set"),
        ("date", "2019-02-30", "date '2019-02-30' is no day written YYYY-MM-DD"),
        ("date", "2019/3/1", "date '2019/3/1' is no day"),
        ("date_precision", "week", "date_precision 'week' is not one of day, month, none"),
        ("outlet", "Daily Invention", "outlet 'Daily Invention' is not in outlets.csv"),
    ],
)
def test_an_impossible_correction_is_an_error_whatever_the_article(codebook, column, value, message):
    with pytest.raises(InputError, match=message):
        documents.describe(Article("a", "t", "Fox News", "They met."), corrected(codebook, ("b", column, value)))


def test_every_page_rule_is_for_a_field_that_is_used(codebook):
    used = {"title", "date", "byline", "editor", "credit", "genre", "origin", "start", "end", "drop"}
    assert set(codebook.pages["field"]) == used


def test_the_seeds_are_described_exactly(articles_folder, codebook):
    found = {item.doc_id: about(item, codebook) for item in articles.read([articles_folder / "seeds"], codebook)}
    assert found == SEEDS


def test_the_undated_articles_at_hand_are_those_known(articles_folder, codebook):
    rows = [documents.describe(item, codebook) for item in articles.read([articles_folder], codebook)]
    undated = [row["collection"] for row in rows if row["date"] is None]
    assert undated == ["us_press_2012_2020"] * 86
    assert sum(row["title"] is None for row in rows) == 37
