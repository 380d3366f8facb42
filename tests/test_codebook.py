"""The instrument is read whole or refused with the place and the way out; names are found as they stand."""

import csv

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import InputError
from analysis import codebook as codebooks
from analysis.codebook import KEYS, SHEETS, Names

# One small instrument on an invented dispute, enough to be read without a complaint.
ROWS = {
    "outlets": [
        {
            "outlet": "Avaria Post",
            "group": "Avaria",
            "home": "AVA",
            "wire": "The Post via AW",
            "mark": r"^The Avaria Post$",
        }
    ],
    "pages": [{"outlet": "Avaria Post", "field": "title", "pattern": r"^# (?P<value>.+)$"}],
    "actors": [
        {"actor": "BEL", "label": "Belmont", "focus": "2"},
        {"actor": "AVA", "label": "Avaria", "focus": "1"},
        {"actor": "INT", "label": "River Council"},
    ],
    "names": [
        {"name": "Avaria", "actor": "AVA", "kind": "country"},
        {"name": "Avaria Post", "kind": "institution"},
    ],
    "cues": [{"frame": "obligation", "cue": "must", "kind": "modal", "strength": "strong"}],
    "events": [{"date": "2031-02-03", "event": "Talks", "kind": "summit"}],
    "overrides": [{"doc_id": "a", "column": "date", "value": "2031-02-03"}],
    "lexicon": [{"term": "dam", "valence": "0"}],
}


@pytest.fixture
def folder(tmp_path):
    for sheet, columns in SHEETS.items():
        with open(tmp_path / f"{sheet}.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(columns), restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(ROWS.get(sheet, []))
    return tmp_path


def change(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def append(path, line):
    path.write_text(path.read_text("utf-8") + line + "\n", "utf-8")


# The instrument -----------------------------------------------------------------------------


def test_the_instrument_of_the_project_is_read(codebook):
    assert len(set(codebook.focus)) == 2
    assert set(codebook.focus) <= set(codebook.actors["actor"])


def test_every_sheet_of_the_instrument_is_described_and_has_a_key():
    assert set(KEYS) == set(SHEETS)
    assert all(set(KEYS[sheet]) <= set(SHEETS[sheet]) for sheet in SHEETS)


def test_cells_are_strings_and_empty_where_nothing_is_given(folder):
    book = codebooks.read(folder)
    assert book.events["end"].tolist() == [""]
    assert book.lexicon["valence"].tolist() == ["0"]


def test_the_pair_is_ordered_by_its_number_not_by_its_row(folder):
    assert codebooks.read(folder).focus == ("AVA", "BEL")


def test_an_actor_is_shown_by_its_label_and_a_code_that_is_none_as_it_is(folder):
    book = codebooks.read(folder)
    assert (book.label("INT"), book.label("OUTLET")) == ("River Council", "OUTLET")


def test_a_spreadsheets_byte_order_mark_is_no_part_of_the_first_column(folder):
    path = folder / "actors.csv"
    path.write_text("\ufeff" + path.read_text("utf-8"), "utf-8")
    assert codebooks.read(folder).focus == ("AVA", "BEL")


def test_blanks_around_a_cell_do_not_count(folder):
    change(folder / "actors.csv", "INT,", " INT ,")
    assert "INT" in set(codebooks.read(folder).actors["actor"])


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_missing_sheet_is_named_with_its_columns(folder, sheet):
    (folder / f"{sheet}.csv").unlink()
    with pytest.raises(InputError, match=rf"{sheet}\.csv: the codebook needs this sheet; .*{list(SHEETS[sheet])[-1]}"):
        codebooks.read(folder)


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_sheet_with_a_column_renamed_is_refused(folder, sheet):
    first = next(iter(SHEETS[sheet]))
    change(folder / f"{sheet}.csv", first, "surprise")
    with pytest.raises(InputError, match=rf"{sheet}\.csv: line 1: columns are surprise, .*; expected {first}, "):
        codebooks.read(folder)


def test_an_empty_file_is_refused(folder):
    (folder / "names.csv").write_text("", "utf-8")
    with pytest.raises(InputError, match=r"names\.csv: line 1: columns are \(none\)"):
        codebooks.read(folder)


@pytest.mark.parametrize("line", ["CHN,Third", "CHN,Third,,a note, that goes on"])
def test_a_short_or_long_row_is_named_by_its_line(folder, line):
    append(folder / "actors.csv", line)
    with pytest.raises(InputError, match=r"actors\.csv: line 5: 4 cells expected; quote a cell"):
        codebooks.read(folder)


def test_an_empty_key_is_named_by_its_line(folder):
    append(folder / "names.csv", " ,AVA,country,")
    with pytest.raises(InputError, match=r"names\.csv: line 4: name is empty"):
        codebooks.read(folder)


def test_a_key_given_twice_is_named_with_both_lines(folder):
    append(folder / "names.csv", "Avaria,BEL,country,")
    with pytest.raises(InputError, match=r"names\.csv: line 4: Avaria is already on line 2; keep one"):
        codebooks.read(folder)


def test_a_key_of_several_columns_is_given_twice_only_where_all_agree(folder):
    append(folder / "cues.csv", "blame,must,modal,weak,")
    assert len(codebooks.read(folder).cues) == 2
    append(folder / "cues.csv", "blame,must,modal,strong,")
    with pytest.raises(InputError, match=r"cues\.csv: line 4: must / blame / modal is already on line 3"):
        codebooks.read(folder)


def test_a_sheet_that_is_not_utf8_is_refused(folder):
    (folder / "names.csv").write_bytes("name,actor,kind,note\nJosé,AVA,person,\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"names\.csv: not UTF-8 .*save the sheet as CSV UTF-8"):
        codebooks.read(folder)


def test_a_name_of_an_unknown_actor_is_refused(folder):
    append(folder / "names.csv", "Carvia,CAR,country,")
    with pytest.raises(InputError, match=r"names\.csv: actor 'CAR' is not in actors\.csv; add it there or correct it"):
        codebooks.read(folder)


def test_an_outlet_whose_home_is_unknown_is_refused(folder):
    append(folder / "outlets.csv", "Carvia Today,Carvia,CAR,,,")
    with pytest.raises(InputError, match=r"outlets\.csv: actor 'CAR' is not in actors\.csv"):
        codebooks.read(folder)


def test_a_page_rule_of_an_unknown_outlet_is_refused_and_one_for_any_outlet_is_not(folder):
    append(folder / "pages.csv", ",drop,^Advert$,,")
    assert len(codebooks.read(folder).pages) == 2
    append(folder / "pages.csv", "Carvia Today,drop,^Share$,,")
    with pytest.raises(InputError, match=r"pages\.csv: outlet 'Carvia Today' is not in outlets\.csv"):
        codebooks.read(folder)


@pytest.mark.parametrize(
    ("sheet", "good"),
    [("outlets", "^The Avaria Post$"), ("outlets", "The Post via AW"), ("pages", "^# (?P<value>.+)$")],
)
def test_a_pattern_that_is_none_is_refused_with_its_fault(folder, sheet, good):
    change(folder / f"{sheet}.csv", good, "(")
    with pytest.raises(InputError, match=rf"{sheet}\.csv: row 2: '\(' is no regular expression: missing \)"):
        codebooks.read(folder)


@pytest.mark.parametrize(
    ("sheet", "old", "new"),
    [
        ("cues", "obligation", "obligaton"),
        ("cues", "strong", "middling"),
        ("events", "2031-02-03", "2031-13-03"),
        ("events", "2031-02-03", "3 February 2031"),
        ("events", "2031-02-03,", "2031-02-03,later"),
        ("lexicon", "dam,0", "dam,4.1"),
        ("lexicon", "dam,0", "dam,bad"),
    ],
)
def test_a_cell_that_is_not_of_its_columns_form_is_refused(folder, sheet, old, new):
    change(folder / f"{sheet}.csv", old, new)
    with pytest.raises(InputError, match=rf"{sheet}\.csv: \w+ '.+': expected "):
        codebooks.read(folder)


@pytest.mark.parametrize(("old", "new"), [("Avaria,1", "Avaria,2"), ("Avaria,1", "Avaria,"), ("Council,", "Council,1")])
def test_the_pair_must_be_two_actors(folder, old, new):
    change(folder / "actors.csv", old, new)
    with pytest.raises(InputError, match=r"actors\.csv: column focus must hold 1 for one actor and 2 for another"):
        codebooks.read(folder)


def test_a_role_has_its_words_and_one_that_is_not_used_has_none(folder):
    append(folder / "words.csv", "say,speech,")
    roles = codebooks.read(folder).roles
    assert roles["speech"] == {"say"}
    assert roles["silence"] == set()


# Names --------------------------------------------------------------------------------------

TABLE = pd.DataFrame(
    [
        ("Avaria", "AVA", "country"),
        ("Avarian", "AVA", "adjective"),
        ("A.V.", "AVA", "country"),
        ("New Avaria", "BEL", "country"),
        ("Avaria Post", "", "institution"),
        ("River Council", "INT", "institution"),
    ],
    columns=["name", "actor", "kind"],
)
NAMES = Names(TABLE)
# Pieces from which texts are made that touch, break and overlap names.
PIECES = st.sampled_from(
    [*TABLE["name"], "New", "Post", "River", "Council", "'s", "-led", "s", " ", "\n", "\u00a0", ".", "avaria"]
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)


def found(text):
    return [(mention.name, mention.actor) for mention in NAMES.find(text)]


@given(TEXTS)
def test_mentions_are_ordered_and_do_not_overlap(text):
    ends = [0]
    for mention in NAMES.find(text):
        assert ends[-1] <= mention.start < mention.end <= len(text)
        ends.append(mention.end)


@given(TEXTS)
def test_a_mention_is_its_name_up_to_white_space(text):
    for mention in NAMES.find(text):
        assert " ".join(text[mention.start : mention.end].split()) == mention.name


@given(TEXTS)
def test_a_mention_has_the_actor_and_kind_of_its_row(text):
    rows = {row.name: (row.actor, row.kind) for row in TABLE.itertuples(index=False)}
    assert all(rows[mention.name] == (mention.actor, mention.kind) for mention in NAMES.find(text))
    assert all(mention.actor for mention in NAMES.find(text))


@given(TEXTS)
def test_no_mention_is_part_of_a_longer_word(text):
    for mention in NAMES.find(text):
        around = text[mention.start - 1 : mention.start] + text[mention.end : mention.end + 1]
        assert not any(character.isalnum() or character == "_" for character in around)


@given(TEXTS)
def test_the_order_of_the_rows_does_not_matter(text):
    assert Names(TABLE[::-1]).find(text) == NAMES.find(text)


@given(st.lists(st.sampled_from(["Avaria", "Belmont", "and", "told"]), max_size=10).map(" ".join))
def test_swapping_the_names_swaps_the_actors_and_nothing_else(text):
    pair = pd.DataFrame([("Avaria", "AVA", "c"), ("Belmont", "BEL", "c")], columns=["name", "actor", "kind"])
    swap = {"Avaria": "Belmont", "Belmont": "Avaria", "AVA": "BEL", "BEL": "AVA"}
    swapped = " ".join(swap.get(word, word) for word in text.split())
    before = [swap[mention.actor] for mention in Names(pair).find(text)]
    assert [mention.actor for mention in Names(pair).find(swapped)] == before


def test_the_longest_reading_comes_first():
    assert found("New Avaria wrote to Avaria.") == [("New Avaria", "BEL"), ("Avaria", "AVA")]


def test_a_shorter_name_is_read_where_the_longer_is_only_begun():
    assert found("Avaria Posts, Avarians, Avarian") == [("Avaria", "AVA"), ("Avarian", "AVA")]


@pytest.mark.parametrize(
    "text", ["Avaria's dam", "Avaria’s dam", "the Avaria-led side", "(Avaria)", "Avaria.", "“Avaria”"]
)
def test_a_name_is_found_with_what_follows_it(text):
    assert found(text) == [("Avaria", "AVA")]


@pytest.mark.parametrize("text", ["Avarias", "avaria", "AVARIA", "xAvaria", "Avaria2", "River", "A.V.A"])
def test_what_is_only_like_a_name_is_none(text):
    assert found(text) == []


@pytest.mark.parametrize("gap", [" ", "\n", "  ", "\r\n", "\t", "\u00a0", "\n\n  "])
def test_a_name_may_be_broken_over_a_line(gap):
    text = f"the River{gap}Council met"
    (mention,) = NAMES.find(text)
    assert (mention.name, text[mention.start : mention.end]) == ("River Council", f"River{gap}Council")


def test_a_name_that_ends_in_a_full_stop_is_found_at_the_end_too():
    assert found("A.V. and the A.V.'s dam: A.V.") == [("A.V.", "AVA")] * 3


def test_a_name_of_nobody_hides_the_shorter_name_in_it():
    assert found("the Avaria Post") == []


def test_a_name_typed_with_two_blanks_is_found_like_one_with_one():
    names = Names(pd.DataFrame([("River  Council", "INT", "institution")], columns=["name", "actor", "kind"]))
    assert [mention.name for mention in names.find("River Council")] == ["River Council"]


@pytest.mark.parametrize("name", ["a.b", "^x", "-x", "]x", "\\x", "(x", "x*"])
def test_a_name_is_taken_letter_by_letter_not_as_a_pattern(name):
    names = Names(pd.DataFrame([(name, "AVA", "country")], columns=["name", "actor", "kind"]))
    assert [mention.name for mention in names.find(f"see {name} and axb")] == [name]


def test_without_names_nothing_is_found():
    assert Names(TABLE[:0]).find("Avaria") == []


# The sample ---------------------------------------------------------------------------------

SAMPLE = codebooks.FOLDER.parent / "sample" / "codebook"


def test_the_sample_is_an_instrument_of_its_own(codebook):
    sample = codebooks.read(SAMPLE)
    names = sample.names_sheet[sample.names_sheet["actor"].isin(sample.focus)]["name"]
    assert len(names)
    assert not set(names) & set(codebook.names_sheet["name"])
    assert not set(sample.outlets["outlet"]) & set(codebook.outlets["outlet"])


def values(book, sheet, column):
    return set(codebooks.read_sheet(book.folder / f"{sheet}.csv", SHEETS[sheet], KEYS[sheet])[column])


@pytest.mark.parametrize(
    ("sheet", "column"), [("cues", "kind"), ("words", "role"), ("names", "kind"), ("pages", "field")]
)
def test_the_sample_has_no_kind_that_the_instrument_has_not(codebook, sheet, column):
    assert values(codebooks.read(SAMPLE), sheet, column) <= values(codebook, sheet, column)
