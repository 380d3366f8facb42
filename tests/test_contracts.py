"""Tables are checked where they are made, and come back from the file as they went in."""

import datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import InputError, codebook, contracts
from analysis.contracts import KEYS, TABLES

# One value for each type a column may have: two rows that differ, told apart by the second letter.
VALUES = {
    pa.string(): ["A a", "A b"],
    contracts.CODE: ["a", "b"],
    pa.date32(): pd.to_datetime(["2031-02-03", "2031-02-04"]),
    pa.int16(): [1, 2],
    pa.int32(): [10, 20],
    pa.float32(): [-0.5, 0.25],
    pa.bool_(): [True, False],
}


def made(name):
    """A table of two rows that keeps its contract, its columns and rows in another order."""
    table = pd.DataFrame({column.name: VALUES[column.type] for column in reversed(TABLES[name])})
    return table[::-1]


TABLE_NAMES = sorted(TABLES)


@pytest.mark.parametrize("name", TABLE_NAMES)
def test_a_table_comes_back_as_it_went_in(name, tmp_path):
    path = contracts.write(name, made(name), tmp_path)
    assert path == tmp_path / f"{name}.parquet"
    back = contracts.read(name, tmp_path)
    expected = contracts.check(name, made(name))
    pd.testing.assert_frame_equal(back, expected, check_dtype=False)


@pytest.mark.parametrize("name", TABLE_NAMES)
def test_columns_stand_in_the_order_of_the_contract_and_rows_in_that_of_the_key(name):
    table = contracts.check(name, made(name))
    assert list(table.columns) == [column.name for column in TABLES[name]]
    assert table[KEYS[name]].apply(tuple, axis=1).is_monotonic_increasing
    assert list(table.index) == [0, 1]


@pytest.mark.parametrize("name", TABLE_NAMES)
def test_the_table_given_is_left_as_it_is(name):
    table = made(name)
    contracts.check(name, table)
    pd.testing.assert_frame_equal(table, made(name))


@pytest.mark.parametrize("name", TABLE_NAMES)
def test_the_same_rows_make_the_same_bytes_in_whatever_order_they_come(name, tmp_path):
    (tmp_path / "again").mkdir()
    first = contracts.write(name, made(name), tmp_path)
    again = contracts.write(name, made(name)[::-1], tmp_path / "again")
    assert first.read_bytes() == again.read_bytes()


@pytest.mark.parametrize("name", TABLE_NAMES)
def test_the_file_has_the_types_of_the_contract_and_names_no_version_of_pandas(name, tmp_path):
    schema = pq.read_schema(contracts.write(name, made(name), tmp_path))
    assert schema.equals(contracts.schema(name))
    assert b"pandas" not in (schema.metadata or {})


@pytest.mark.parametrize("name", TABLE_NAMES)
def test_a_table_without_rows_comes_back_with_its_columns(name, tmp_path):
    contracts.write(name, made(name)[:0], tmp_path)
    back = contracts.read(name, tmp_path)
    assert back.empty
    assert list(back.columns) == [column.name for column in TABLES[name]]


@pytest.mark.parametrize("name", TABLE_NAMES)
def test_a_table_in_parts_is_read_as_if_it_were_one_file(name, tmp_path):
    (tmp_path / "parts").mkdir()
    last, first = (made(name)[i : i + 1] for i in (0, 1))
    # The parts stand in the order of the articles, which need not be that of the key.
    paths = [contracts.write(name, part, tmp_path / "parts", number) for number, part in enumerate([last, first])]
    assert paths == [tmp_path / "parts" / f"{name}.parquet" / f"part-0000{number}.parquet" for number in range(2)]
    contracts.write(name, made(name), tmp_path)
    pd.testing.assert_frame_equal(contracts.read(name, tmp_path / "parts"), contracts.read(name, tmp_path))


def test_a_part_of_another_version_is_refused_by_name_and_a_folder_without_parts_is_no_table(tmp_path):
    contracts.write("claims", made("claims"), tmp_path, 0)
    made("claims").drop(columns="cue").to_parquet(tmp_path / "claims.parquet" / "part-00001.parquet")
    with pytest.raises(InputError, match=r"part-00001\.parquet: columns cue are missing or unknown"):
        contracts.read("claims", tmp_path)
    (tmp_path / "terms.parquet").mkdir()
    with pytest.raises(InputError, match=r"terms\.parquet: no such table"):
        contracts.read("terms", tmp_path)


def may_be_empty():
    return [(name, column.name, column.empty) for name in TABLE_NAMES for column in TABLES[name]]


@pytest.mark.parametrize(("name", "column"), [(name, column) for name, column, empty in may_be_empty() if empty])
def test_what_may_be_empty_comes_back_empty(name, column, tmp_path):
    table = made(name).reset_index(drop=True)
    table[column] = table[column].where([False, True])
    contracts.write(name, table, tmp_path)
    assert contracts.read(name, tmp_path)[column].isna().sum() == 1


@pytest.mark.parametrize(("name", "column"), [(name, column) for name, column, empty in may_be_empty() if not empty])
def test_what_must_be_filled_may_not_be_empty(name, column):
    table = made(name).reset_index(drop=True).astype({column: "object"})
    table.loc[0, column] = None
    with pytest.raises(ValueError, match=rf"{name}: column {column} is empty in 1 rows"):
        contracts.check(name, table)


@pytest.mark.parametrize("name", TABLE_NAMES)
def test_a_column_missing_or_unknown_is_named(name):
    first, *_, last = (column.name for column in TABLES[name])
    with pytest.raises(ValueError, match=rf"{name}: columns {last} are missing or unknown"):
        contracts.check(name, made(name).drop(columns=last))
    with pytest.raises(ValueError, match=rf"{name}: columns {first}, surprise are"):
        contracts.check(name, made(name).rename(columns={first: "surprise"}))


@pytest.mark.parametrize("name", TABLE_NAMES)
def test_a_key_given_twice_is_named(name):
    with pytest.raises(ValueError, match=rf"{name}: key given twice: \['"):
        contracts.check(name, pd.concat([made(name), made(name)[:1]]))


def test_dates_come_back_as_dates_and_codes_as_strings(tmp_path):
    contracts.write("documents", made("documents"), tmp_path)
    back = contracts.read("documents", tmp_path)
    assert pd.api.types.is_datetime64_any_dtype(back["date"])
    assert back["date"].dt.date.tolist() == [datetime.date(2031, 2, 3), datetime.date(2031, 2, 4)]
    assert back["outlet"].dtype == "str"
    assert not any(isinstance(kind, pd.CategoricalDtype) for kind in back.dtypes)


ROWS = st.lists(
    st.tuples(st.text(max_size=3), st.text(max_size=3), st.integers(0, 2**15 - 1)),
    max_size=8,
    unique_by=lambda row: row[:2],
)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_terms_of_any_letters_come_back(rows, tmp_path):
    table = pd.DataFrame(rows, columns=["doc_id", "term", "n"]).astype({"doc_id": "str", "term": "str"})
    contracts.write("terms", table, tmp_path)
    back = contracts.read("terms", tmp_path)
    assert sorted(back.itertuples(index=False, name=None)) == sorted(rows)


def test_a_count_too_large_for_its_column_is_not_cut(tmp_path):
    with pytest.raises(pa.ArrowInvalid, match="32768"):
        contracts.write("terms", made("terms").assign(n=2**15), tmp_path)


def test_a_missing_table_is_named_with_the_command_that_makes_it(tmp_path):
    with pytest.raises(InputError, match=r"claims\.parquet: no such table; make it with `python -m analysis build"):
        contracts.read("claims", tmp_path)


@pytest.mark.parametrize(
    "content", [b"", b"not a table", b"PAR1" + b"\0" * 64 + b"PAR1"], ids=["empty", "text", "broken footer"]
)
def test_a_file_that_is_no_table_is_refused(content, tmp_path):
    (tmp_path / "claims.parquet").write_bytes(content)
    with pytest.raises(InputError, match=r"claims\.parquet: not a Parquet file that can be read .*; build it again"):
        contracts.read("claims", tmp_path)


def test_a_table_of_another_version_is_refused(tmp_path):
    made("claims").drop(columns="cue").assign(mood="a").to_parquet(tmp_path / "claims.parquet")
    with pytest.raises(InputError, match=r"claims\.parquet: columns cue, mood are missing or unknown; build it again"):
        contracts.read("claims", tmp_path)


def test_columns_in_another_order_are_put_in_order(tmp_path):
    table = pq.read_table(contracts.write("terms", made("terms"), tmp_path))
    pq.write_table(table.select(["n", "term", "doc_id"]), tmp_path / "terms.parquet")
    assert list(contracts.read("terms", tmp_path).columns) == ["doc_id", "term", "n"]


def test_every_key_is_a_column_that_must_be_filled():
    for name, key in KEYS.items():
        assert set(key) <= {column.name for column in TABLES[name] if not column.empty}


def test_data_readme_lists_every_column_of_every_table_and_sheet():
    text = (Path(__file__).resolve().parent.parent / "data" / "README.md").read_text("utf-8")
    parts = dict(part.split("\n", 1) for part in text.split("\n### ")[1:])
    for name, columns in contracts.TABLES.items():
        part = parts[f"{name}.parquet"]
        rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("| ")][1:]
        assert [(row[0], row[2]) for row in rows] == [(column.name, column.meaning) for column in columns]
    for name, columns in codebook.SHEETS.items():
        for column, meaning in columns.items():
            assert f"| {column} | {meaning} |" in parts[f"{name}.csv"]
