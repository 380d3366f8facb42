"""What is known about an article: who published it, when, what kind it is, who signed it."""

import hashlib
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from analysis import InputError
from analysis.codebook import Codebook
from analysis.contracts import DATE_PRECISIONS
from analysis.corpus.articles import Article

# Columns of documents that overrides.csv may set; the others follow from the text or from these.
SETTABLE = ("outlet", "origin", "date", "date_precision", "genre", "byline", "title", "url")


def describe(article: Article, codebook: Codebook) -> dict[str, Any]:
    """The article's row in documents, as far as it follows from the article alone.

    Keys: doc_id, collection, outlet, origin, group, date (datetime.date), date_precision, genre,
    byline, title, url, n_chars, source_sha256. What is not known is None.

    What was delivered with the article comes first, but on a saved page the rules of its outlet in
    pages.csv are followed before its markup: title, date, byline, editor (added to the byline in
    brackets) and genre. The origin, who wrote it where that is not the outlet, is found by rule in
    every text, for instance in the dateline of wire copy, and so are the agencies that a closing line credits with
    a part in it: they are added to the byline in brackets. Last come the corrections in
    overrides.csv. An impossible date on a page is as none.

    Raises InputError for a correction of an unknown column or to an impossible value.
    """
    found = _found_on_page(article, codebook) if article.is_page else {}
    row = {name: found.get(name) or getattr(article, name) for name in ("date", "genre", "byline", "title", "url")}
    row |= {"outlet": article.outlet, "origin": find("origin", article, codebook)}
    credit = find("credit", article, codebook)
    if credit:
        row["byline"] = f"{row['byline']} (with {credit})".strip()
    row["date_precision"] = "day" if row["date"] else "none"
    row |= overrides(codebook).get(article.doc_id, {})
    if row["origin"] == row["outlet"]:
        row["origin"] = ""
    row["date"] = date.fromisoformat(row["date"]) if row["date"] else None
    return {
        "doc_id": article.doc_id,
        "collection": article.collection,
        "group": _groups(codebook)[row["outlet"]],
        "n_chars": len(article.text),
        "source_sha256": hashlib.sha256(article.text.encode("utf-8")).hexdigest(),
    } | {name: value or None for name, value in row.items()}


def _found_on_page(article: Article, codebook: Codebook) -> dict[str, str]:
    found = {name: find(name, article, codebook) for name in ("title", "date", "byline", "editor", "genre")}
    byline = found["byline"] or article.byline
    if found["editor"]:
        byline = f"{byline} (editor {found['editor']})".strip()
    return found | {"date": _iso(found["date"]), "byline": byline}


def find(field: str, article: Article, codebook: Codebook) -> str:
    """What the first rule that matches says a field is; empty where none does.

    A rule's `value` is what a match stands for, with \\g<name> for a group of the pattern; without
    it, the group `value` of the pattern or the whole match is taken.
    """
    for rule in codebook.rules(field, article.outlet):
        match = rule.pattern.search(article.text)
        if match and rule.value:
            return match.expand(rule.value).strip()
        if match:
            return match["value" if "value" in rule.pattern.groupindex else 0].strip()
    return ""


def _iso(value: str) -> str:
    """Year, month and day, in this order and however they are parted, as YYYY-MM-DD; empty if they are no day.

    >>> _iso("2019/4/25"), _iso("2019-02-30")
    ('2019-04-25', '')
    """
    try:
        return date(*map(int, re.findall(r"\d+", value))).isoformat()
    except (TypeError, ValueError, OverflowError):
        return ""


def _groups(codebook: Codebook) -> Mapping[str, str]:
    return dict(zip(codebook.outlets["outlet"].tolist(), codebook.outlets["group"].tolist(), strict=True))


def overrides(codebook: Codebook) -> dict[str, dict[str, str]]:
    """The corrections of overrides.csv: doc_id -> column -> value.

    Raises InputError for a column that cannot be set and for a value it cannot have.
    """
    found: dict[str, dict[str, str]] = {}
    columns = (codebook.overrides[name].tolist() for name in ("doc_id", "column", "value"))
    for number, (doc_id, column, value) in enumerate(zip(*columns, strict=True), start=2):
        problem = _problem(column, value, codebook)
        if problem:
            raise InputError(f"{codebook.folder / 'overrides.csv'}: row {number}: {doc_id}: {problem}")
        found.setdefault(doc_id, {})[column] = value
    return found


def _problem(column: str, value: str, codebook: Codebook) -> str:
    """What is wrong with a correction, and the way out; empty if nothing is."""
    if column not in SETTABLE:
        return f"column '{column}' cannot be set; it is one of {', '.join(SETTABLE)}"
    if column == "date" and value and _iso(value) != value:
        return f"date '{value}' is no day written YYYY-MM-DD; leave it empty if unknown"
    if column == "date_precision" and value not in DATE_PRECISIONS:
        return f"date_precision '{value}' is not one of {', '.join(DATE_PRECISIONS)}"
    if column == "outlet" and value not in _groups(codebook):
        return f"outlet '{value}' is not in outlets.csv; add it there or correct it"
    return ""
