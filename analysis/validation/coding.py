"""Coding by people: sentences drawn with known probabilities, and a coder's file read back."""

import csv
import hashlib
import io
import json
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd

from analysis import InputError
from analysis.codebook import Codebook
from analysis.contracts import FRAMES, VOICES, as_csv, harmless, restored
from analysis.corpus import articles
from analysis.validation.agreement import BOILERPLATE, CLAIMS, UNITS, Coded, as_table

# 12 sentences: the length of the passages in data/gold. A pronoun is resolved within three
# sentences, so most of a passage can be read by itself.
PASSAGE = 12
STRATA = ("group", "outlet", "collection")

SHEET = {
    "unit": "number of the sentence in the sample",
    "doc_id": "article",
    "start": "first character of the sentence in the source text",
    "end": "one past its last character",
    "probability": "with which the sentence was drawn, above 0 to 1",
    "text": "the sentence",
    "bearer": "actor who is responsible; empty where the sentence holds no claim",
    "frame": "obligation, blame, credit or commitment; boilerplate for what is no running text",
    "voice": "who makes the claim: OUTLET, an actor, EXPERT, UNNAMED or OTHER",
    "trigger": "the fewest consecutive words, copied from the sentence, that carry the frame",
    "difficult": "1 where a careful reader could well decide otherwise",
}
CODES = ("bearer", "frame", "voice", "trigger")
NUMBERS = ("unit", "start", "end")
BLOCKS = ["draw", "collection", "doc_id", "docs_in_frame", "docs_drawn", "blocks_in_doc", "start", "end"]


# ---------------------------------------------------------------- drawing


def sample(documents: pd.DataFrame, sentences: pd.DataFrame, n: int, seed: int = 1, by: str = "group") -> pd.DataFrame:
    """About `n` sentences in passages of up to 12, each drawn with a known probability.

    Two stages (Cochran 1977, ch. 10): in each stratum (`by`: group, outlet or collection) articles are
    drawn without replacement, and of each one of the passages of 12 consecutive sentences into which it
    falls. Every stratum gives the same number of sentences as far as it has them. Passages stand in
    random order, so that a coder's fatigue falls on all strata alike.

    One row per sentence: unit (0, 1, 2 ...), doc_id, start, end, stratum, docs_in_frame and docs_drawn
    (articles of the stratum), blocks_in_doc (passages of the article), and probability, which is
    docs_drawn / docs_in_frame / blocks_in_doc. The same tables and seed give the same rows.

    Limit: the sentences of a passage come together; intervals must take the article as their unit.

    Raises InputError for n below 1, an unknown stratum, and tables without a sentence.
    """
    if n < 1:
        raise InputError(f"n '{n}': a sample has at least 1 sentence; give a larger number")
    if by not in STRATA:
        raise InputError(f"by '{by}': articles are drawn by {', '.join(STRATA)}; name one of them")
    if sentences.empty:
        raise InputError("sentences: the table is empty; build it from articles that have running text")
    numbered = _numbered(sentences)
    passages = _drawn(_frame(documents, numbered, by), n, seed)
    drawn = passages.merge(numbered, on=["doc_id", "passage"], validate="one_to_many")
    return drawn.assign(unit=range(len(drawn))).drop(columns="passage")[
        ["unit", "doc_id", "start", "end", "stratum", "docs_in_frame", "docs_drawn", "blocks_in_doc", "probability"]
    ]


def _numbered(sentences: pd.DataFrame) -> pd.DataFrame:
    """Every sentence with the number of the passage it falls into, in the order of the text."""
    ordered = sentences.sort_values(["doc_id", "sentence_id"], ignore_index=True)[["doc_id", "start", "end"]]
    return ordered.assign(passage=ordered.groupby("doc_id").cumcount() // PASSAGE)


def _frame(documents: pd.DataFrame, numbered: pd.DataFrame, by: str) -> pd.DataFrame:
    """Every article that can be drawn: doc_id, stratum, blocks_in_doc, and the sentences a draw gives on average."""
    sizes = numbered.groupby("doc_id")["passage"].agg(size="size", blocks_in_doc="max")
    sizes["blocks_in_doc"] += 1
    sizes["expected"] = sizes["size"] / sizes["blocks_in_doc"]
    strata = documents.set_index("doc_id")[by].rename("stratum")
    return sizes.join(strata, how="inner").reset_index()[["doc_id", "stratum", "blocks_in_doc", "expected"]]


def _quotas(frame: pd.DataFrame, n: int) -> dict[str, int]:
    """How many articles to draw in each stratum; what a small one cannot give is asked of the larger ones."""
    strata = frame.groupby("stratum")["expected"].agg(["size", "mean", "sum"]).reset_index()
    strata = strata.sort_values(["sum", "stratum"], ignore_index=True)
    quotas = {}
    for row in strata.itertuples():
        wanted = round(n / (len(strata) - row.Index) / row.mean)
        quotas[row.stratum] = min(row.size, max(1, wanted))
        n -= quotas[row.stratum] * row.mean
    return quotas


def _drawn(frame: pd.DataFrame, n: int, seed: int) -> pd.DataFrame:
    """The passages drawn: doc_id, passage, the counts of their draw, and the probability."""
    rows = []
    quotas = _quotas(frame, n)
    for stratum, held in frame.groupby("stratum"):
        # A stream for each stratum: another article in one leaves the draw in the others as it was.
        stream = random.Random(f"{seed} {stratum}")
        blocks = dict(zip(held["doc_id"], held["blocks_in_doc"], strict=True))
        for doc_id in stream.sample(sorted(blocks), quotas[stratum]):
            counts = (len(held), quotas[stratum], blocks[doc_id])
            probability = quotas[stratum] / len(held) / blocks[doc_id]
            rows.append((doc_id, stream.randrange(blocks[doc_id]), stratum, *counts, probability))
    random.Random(seed).shuffle(rows)
    columns = ["doc_id", "passage", "stratum", "docs_in_frame", "docs_drawn", "blocks_in_doc", "probability"]
    return pd.DataFrame(rows, columns=columns)


# ---------------------------------------------------------------- the sentences' text


def with_text(
    drawn: pd.DataFrame, documents: pd.DataFrame, sources: Sequence[Path | str], book: Codebook
) -> pd.DataFrame:
    """The sample with the column text, from kept texts or from the articles themselves.

    A source is the folder that `build --keep-text` fills (DOC_ID.txt), or anything that `build` reads.
    Raises InputError when an article of the sample is in none of them, and when its text is not the
    one that the tables were built from.
    """
    wanted = sorted(drawn["doc_id"].unique())
    texts = _kept(wanted, sources)
    missing = set(wanted) - set(texts)
    if missing:
        texts |= _read(missing, sources, book)
    _check_texts(wanted, texts, documents, sources)
    spans = zip(drawn["doc_id"], drawn["start"], drawn["end"], strict=True)
    return drawn.assign(text=[texts[doc_id][start:end] for doc_id, start, end in spans])


def _kept(wanted: Sequence[str], sources: Sequence[Path | str]) -> dict[str, str]:
    """The texts that lie in a source folder as DOC_ID.txt; a doc_id that is a path is no name of a file."""
    paths = [(doc_id, Path(source) / f"{doc_id}.txt") for source in sources for doc_id in wanted]
    found = {doc_id: path for doc_id, path in paths if path.name == f"{doc_id}.txt" and path.is_file()}
    return {doc_id: path.read_bytes().decode("utf-8", errors="replace") for doc_id, path in found.items()}


def _read(wanted: Iterable[str], sources: Sequence[Path | str], book: Codebook) -> dict[str, str]:
    missing = [str(source) for source in sources if not Path(source).exists()]
    if missing:
        raise InputError(f"{missing[0]}: no texts there; {WAYS_TO_TEXT}")
    found = articles.read(sources, book)
    return {item.doc_id: item.text for item in found if isinstance(item, articles.Article) and item.doc_id in wanted}


WAYS_TO_TEXT = (
    "build the tables with --keep-text and give DIR/text, or give the articles that they were built from (--texts)"
)


def _check_texts(
    wanted: Iterable[str], texts: Mapping[str, str], documents: pd.DataFrame, sources: Sequence[Path | str]
) -> None:
    known = dict(zip(documents["doc_id"], documents["source_sha256"], strict=True))
    place = ", ".join(map(str, sources))
    for doc_id in wanted:
        if doc_id not in texts:
            raise InputError(f"{place}: the text of '{doc_id}' is not there; {WAYS_TO_TEXT}")
        if hashlib.sha256(texts[doc_id].encode("utf-8")).hexdigest() != known[doc_id]:
            raise InputError(f"{place}: '{doc_id}' is not the text that the tables were built from; {WAYS_TO_TEXT}")


# ---------------------------------------------------------------- files for the coder


def write(drawn: pd.DataFrame, folder: Path | str, book: Codebook) -> list[Path]:
    """Write the sample for people to code; returns the files.

    sample.csv for any spreadsheet (columns of SHEET, the codes empty; a cell that would run as a formula
    is held back by an apostrophe), sample.json and sample.xml for Label Studio (tasks, and the labelling
    interface), and sample_blocks.csv, how each passage was drawn.

    Raises InputError when a file of that name holds anything else: it may be a coder's work.
    """
    folder = Path(folder)
    files = {
        "sample.csv": _sheet(drawn).encode("utf-8-sig"),
        "sample.json": _tasks(drawn).encode("utf-8"),
        "sample.xml": _interface(book).encode("utf-8"),
        "sample_blocks.csv": as_csv(_blocks(drawn)).encode("utf-8"),
    }
    for name, content in files.items():
        path = folder / name
        if path.exists() and path.read_bytes() != content:
            raise InputError(f"{path}: holds another sample, or codes; move it away or name another folder with --out")
    folder.mkdir(parents=True, exist_ok=True)
    return [_written(folder / name, content) for name, content in files.items()]


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _sheet(drawn: pd.DataFrame) -> str:
    table = drawn.assign(**{name: "" for name in SHEET if name not in drawn})[list(SHEET)]
    # Every text is quoted: Python below 3.13 leaves a carriage return bare.
    return as_csv(table, csv.QUOTE_NONNUMERIC)


def _blocks(drawn: pd.DataFrame) -> pd.DataFrame:
    """One row per passage, with the columns of dev_blocks.csv; the stratum stands in `collection`."""
    passages = drawn.groupby("doc_id", sort=False).agg(
        collection=("stratum", "first"),
        docs_in_frame=("docs_in_frame", "first"),
        docs_drawn=("docs_drawn", "first"),
        blocks_in_doc=("blocks_in_doc", "first"),
        start=("start", "min"),
        end=("end", "max"),
    )
    return passages.reset_index().assign(draw="sample")[BLOCKS]


def _tasks(drawn: pd.DataFrame) -> str:
    columns = [name for name in SHEET if name in drawn]
    return json.dumps([{"data": row} for row in drawn[columns].to_dict("records")], ensure_ascii=False, indent=1)


def _interface(book: Codebook) -> str:
    """Label Studio's labelling interface: mark the trigger with its frame, then name bearer and voice."""
    view = ElementTree.Element("View")
    # Without it Label Studio drops white space, and the offsets of what follows would shift.
    ElementTree.SubElement(view, "Style").text = ".htx-text { white-space: pre-wrap; }"
    _choices(view, "Labels", {"name": "frame", "toName": "text"}, FRAMES)
    ElementTree.SubElement(view, "Text", {"name": "text", "value": "$text"})
    region = {"toName": "text", "perRegion": "true"}
    _choices(view, "Choices", {"name": "bearer", "choice": "multiple", "required": "true"} | region, _actors(book))
    _choices(view, "Choices", {"name": "voice", "required": "true"} | region, [*VOICES, *_actors(book)])
    _choices(view, "Choices", {"name": "difficult", "choice": "multiple"} | region, ["1"])
    _choices(view, "Choices", {"name": "unit", "choice": "multiple", "toName": "text"}, [BOILERPLATE])
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"


def _choices(view: ElementTree.Element, tag: str, attributes: dict[str, str], values: Iterable[str]) -> None:
    parent = ElementTree.SubElement(view, tag, attributes)
    for value in values:
        ElementTree.SubElement(parent, tag.removesuffix("s"), {"value": value})


def _actors(book: Codebook) -> list[str]:
    return book.actors["actor"].tolist()


# ---------------------------------------------------------------- a coder's file


def read_coded(path: Path | str, book: Codebook) -> Coded:
    """A coder's file: sample.csv as a spreadsheet saved it, or what Label Studio exports as JSON.

    Comma, semicolon or tab, with or without a byte order mark; columns of the coder's own are passed
    over. Every sentence in the file counts as read, and one without codes as holding no claim; a task
    of Label Studio counts when it was submitted. Codes may be typed in any case. The trigger's offsets
    are those of its first occurrence in the sentence; kind of quotation mark and of white space do not matter.

    Raises InputError, with file, line and value, for a missing column or cell, a code that is not in the
    codebook, a trigger that is not in the sentence, a claim given twice, and a sentence that was changed.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file; check the path")
    units: dict[int, dict[str, Any]] = {}
    claims: dict[tuple, dict[str, Any]] = {}
    codes = _codes(book)
    for place, row in _exported(path) if path.suffix.lower() == ".json" else _rows(path):
        unit = _unit(place, row)
        known = units.setdefault(unit["unit"], unit)
        _check_same(place, unit, known)
        claim = _claim(place, row, unit, codes)
        if claim and claim["frame"] == BOILERPLATE:
            known[BOILERPLATE] = 1
        elif claim:
            key = tuple(claim[name] for name in ("unit", "bearer", "frame", "voice"))
            if key in claims:
                raise InputError(f"{place}: {' / '.join(map(str, key))} is already in this sentence; keep one row")
            claims[key] = claim
    if not units:
        raise InputError(f"{path}: no sentence in it; give the file that the coder filled in")
    return Coded(path, as_table(units.values(), UNITS), as_table(claims.values(), CLAIMS))


def _codes(book: Codebook) -> dict[str, dict[str, str]]:
    """The codes of each column, by how they look in lower case."""
    actors = _actors(book)
    allowed = {"bearer": actors, "frame": [*FRAMES, BOILERPLATE], "voice": [*VOICES, *actors]}
    return {column: {code.casefold(): code for code in values} for column, values in allowed.items()}


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every row of a spreadsheet's file that is not empty, with the line it ends on."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 ({error}); save the sheet as CSV UTF-8") from None
    line = 1
    # A cell may be as long as an article's text.
    csv.field_size_limit(articles.MAX_TEXT)
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=_delimiter(path, text), restval="")
        for number, row in enumerate(reader, start=2):
            line = reader.line_num
            # A sentence may run over several lines of the file; a spreadsheet counts rows.
            place = f"{path}: line {line}" + (f" (row {number} of the sheet)" if line != number else "")
            if None in row:
                raise InputError(f"{place}: more cells than columns; quote a cell that holds the separator")
            if any(cell.strip() for cell in row.values()):
                yield place, row
    except csv.Error as error:
        raise InputError(f"{path}: after line {line}: {error}; save the sheet as CSV again") from None


def _delimiter(path: Path, text: str) -> str:
    header = text.partition("\n")[0].rstrip("\r")
    found = {delimiter: next(csv.reader([header], delimiter=delimiter), []) for delimiter in ",;\t"}
    delimiter = max(found, key=lambda each: len(set(SHEET) & set(found[each])))
    missing = [name for name in SHEET if name not in found[delimiter]]
    if missing:
        raise InputError(f"{path}: line 1: no column {', '.join(missing)}; expected {', '.join(SHEET)}")
    return delimiter


def _exported(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every claim, and every sentence without one, of a JSON file that Label Studio exported."""
    try:
        tasks = json.loads(path.read_bytes().decode("utf-8-sig"))
        for number, task in enumerate(tasks, start=1):
            place = f"{path}: task {number}"
            submitted = [each for each in task.get("annotations", []) if not each.get("was_cancelled")]
            if len(submitted) > 1:
                raise InputError(
                    f"{place}: coded {len(submitted)} times; export each coder's work to a file of its own"
                )
            for annotation in submitted:
                unit = {name: harmless(str(task["data"][name])) for name in SHEET if name in task["data"]}
                yield from ((place, unit | codes) for codes in _regions(annotation["result"]))
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        # InputError is a ValueError: what was found wrong above is passed on as it is.
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: no export of Label Studio ({error!r}); export the project as JSON") from None


def _regions(result: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The codes of each marked trigger, one for each of its bearers; empty ones first, for a unit without any."""
    yield dict.fromkeys([*CODES, "difficult"], "")
    regions: dict[str, dict[str, Any]] = {}
    for part in result:
        name, value = part["from_name"], part["value"]
        if name == "unit":
            yield {"frame": BOILERPLATE, "bearer": "", "voice": "", "trigger": "", "difficult": ""}
            continue
        region = regions.setdefault(part["id"], dict.fromkeys(["frame", "voice", "difficult"], "") | {"bearer": [""]})
        chosen = value["labels" if name == "frame" else "choices"]
        region |= {name: chosen if name == "bearer" else chosen[0]}
        region |= {"from": int(value["start"]), "to": int(value["end"]), "trigger": value.get("text", "marked")}
    for region in regions.values():
        yield from (region | {"bearer": bearer} for bearer in region["bearer"])


def _unit(place: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """The sentence that a row is about."""
    missing = [name for name in ("unit", "doc_id", "start", "end", "probability", "text") if not row.get(name)]
    if missing:
        raise InputError(f"{place}: {missing[0]} is empty; copy it from the sample")
    unit: dict[str, Any] = {name: _number(place, name, row[name]) for name in NUMBERS}
    texts = {restored(row["text"]), row["text"]}
    # A spreadsheet that takes the apostrophe for its own mark drops it: the length tells.
    fitting = [text for text in sorted(texts) if len(text) == unit["end"] - unit["start"]]
    if not fitting:
        length = unit["end"] - unit["start"]
        raise InputError(
            f"{place}: text '{_brief(row['text'])}' is not {length} characters long; copy it from the sample"
        )
    unit |= {"doc_id": restored(row["doc_id"]), "text": fitting[0], BOILERPLATE: 0}
    return unit | {"probability": _probability(place, row["probability"])}


def _number(place: str, name: str, cell: str) -> int:
    if not re.fullmatch(r"\s*\d{1,9}\s*", cell):
        raise InputError(f"{place}: {name} '{_brief(cell)}' is no whole number; copy it from the sample")
    return int(cell)


def _probability(place: str, cell: str) -> float:
    """A decimal comma is a spreadsheet's way to write it in many countries."""
    number = cell.strip().replace(",", ".")
    if not re.fullmatch(r"\d*\.?\d+(e-?\d+)?", number, re.IGNORECASE) or not 0 < float(number) <= 1:
        raise InputError(f"{place}: probability '{_brief(cell)}' is not above 0 and up to 1; copy it from the sample")
    return float(number)


def _check_same(place: str, unit: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    """A row copied by dragging may count its numbers on: then one unit stands at two places."""
    for name in ("doc_id", "start", "end", "text"):
        if unit[name] != known[name]:
            given, before = _brief(str(unit[name])), _brief(str(known[name]))
            way_out = "copy the row as it is"
            raise InputError(f"{place}: unit {unit['unit']} has {name} '{given}' here, '{before}' above; {way_out}")


def _claim(
    place: str, row: Mapping[str, Any], unit: Mapping[str, Any], codes: Mapping[str, Mapping[str, str]]
) -> dict[str, Any] | None:
    """The claim of a row; None where it has no codes, and little more than the frame for boilerplate."""
    if not any(row[name].strip() for name in CODES):
        return None
    claim = {name: unit[name] for name in ("unit", "doc_id", "start", "end")}
    claim["frame"] = _code(place, "frame", row, codes)
    if claim["frame"] == BOILERPLATE:
        return claim
    claim |= {name: _code(place, name, row, codes) for name in ("bearer", "voice")}
    start, end = _trigger(place, row, unit["text"])
    spot = {"trigger_start": unit["start"] + start, "trigger_end": unit["start"] + end}
    return claim | spot | {"difficult": _difficult(place, row["difficult"])}


def _code(place: str, column: str, row: Mapping[str, Any], codes: Mapping[str, Mapping[str, str]]) -> str:
    given = row[column].strip()
    if given.casefold() not in codes[column]:
        allowed = ", ".join(codes[column].values())
        raise InputError(f"{place}: {column} '{_brief(given)}': expected one of {allowed}")
    return codes[column][given.casefold()]


def _difficult(place: str, cell: str) -> int:
    if cell.strip() not in ("", "0", "1"):
        raise InputError(f"{place}: difficult '{_brief(cell)}': expected 1, 0 or nothing")
    return int(cell.strip() or 0)


# Spreadsheets turn straight quotation marks into round ones as one types.
STRAIGHT = str.maketrans("‘’‚“”„", "'''\"\"\"")


def _trigger(place: str, row: Mapping[str, Any], text: str) -> tuple[int, int]:
    """Where the trigger stands in the sentence."""
    if "from" in row:
        if not 0 <= row["from"] < row["to"] <= len(text):
            raise InputError(f"{place}: trigger {row['from']}-{row['to']} is not in the sentence; mark it again")
        return row["from"], row["to"]
    for given in (row["trigger"], restored(row["trigger"])):
        words = given.translate(STRAIGHT).split()
        found = words and re.search(r"\s+".join(map(re.escape, words)), text.translate(STRAIGHT))
        if found:
            return found.span()
    raise InputError(f"{place}: trigger '{_brief(row['trigger'])}' is not in the sentence; copy the words from it")


def _brief(cell: str) -> str:
    """A cell for a message: on one line, at most 60 characters, which is enough to find it by."""
    flat = " ".join(cell.split())
    return flat if len(flat) <= 60 else f"{flat[:57]}..."
