"""Every notebook is clean, and each check of tests/hygiene.py finds what it is there for."""

import copy
from pathlib import Path

import hygiene
import nbformat
import pytest
from nbformat import v4

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# Files that tell pytest how to run; a sanitiser named in one of them rewrites what is compared.
SETTINGS = ("Makefile", ".ci/run", "pyproject.toml", "pytest.ini", "setup.cfg", "tox.ini")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_run_in_order_and_clean(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert hygiene.complaints(notebook) + hygiene.too_large(path) == []


def test_notebooks_are_numbered_from_01_without_a_gap():
    numbers = [path.name[:3] for path in NOTEBOOKS]
    assert numbers == [f"{number:02d}_" for number in range(1, len(NOTEBOOKS) + 1)]
    assert numbers


def test_no_sanitiser_rewrites_what_is_compared():
    found = [name for name in SETTINGS if (ROOT / name).is_file() and "sanitize" in (ROOT / name).read_text("utf-8")]
    folders = (ROOT, ROOT / "notebooks", ROOT / "tests")
    found += [path.name for folder in folders for path in folder.glob("*saniti[sz]e*") if path.is_file()]
    assert found == []


def clean():
    """A miniature notebook with nothing wrong: question, table, chart, limits."""
    table = v4.new_output("execute_result", {"text/html": "<table></table>", "text/plain": "n  3"}, execution_count=2)
    chart = v4.new_output("display_data", {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure size 640x480>"})
    notebook = v4.new_notebook()
    notebook.cells = [
        v4.new_markdown_cell("# Who gave way first?\n\nAvaria, in 3 of 4 reports."),
        v4.new_code_cell("from analysis import tables", execution_count=1),
        v4.new_markdown_cell("The reports by outlet:"),
        v4.new_code_cell("table = 3\ntable", execution_count=2, outputs=[table]),
        v4.new_markdown_cell("The same as a chart:"),
        v4.new_code_cell("figure = draw(table)", execution_count=3, outputs=[chart]),
        v4.new_markdown_cell("Four reports are few."),
    ]
    for place, cell in enumerate(notebook.cells, start=1):
        cell["id"] = f"cell-{place:02d}"
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
        }
    )
    return notebook


def stream(text, name="stdout"):
    return v4.new_output("stream", name=name, text=text)


def in_cell(place, **changes):
    """Set fields of one cell, counted from 1."""
    return lambda notebook: notebook.cells[place - 1].update(changes)


def source(text):
    """Put this source where the chart was made."""
    return in_cell(6, source=text)


def shown(output):
    """Put this output beside the table."""
    return lambda notebook: notebook.cells[3].outputs.append(output)


def plain(text):
    return shown(v4.new_output("display_data", {"text/plain": text}))


def html(text):
    return shown(v4.new_output("display_data", {"text/html": text}))


def stripped(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []


def metadata(**entries):
    return lambda notebook: notebook.metadata.update(nbformat.from_dict(entries))


HOLES = {
    "a cell that was not run": (in_cell(6, execution_count=None), "execution counts are [1, 2, None]"),
    "cells run out of order": (in_cell(6, execution_count=7), "execution counts are [1, 2, 7]"),
    "all outputs stripped": (stripped, "no cell has an output"),
    "one output stripped": (in_cell(4, outputs=[]), "cell 4: ends with a name"),
    "an error": (shown(v4.new_output("error", ename="KeyError", evalue="", traceback=[])), "stopped with KeyError"),
    "a warning on stderr": (shown(stream("careful", "stderr")), "cell 4: wrote a warning"),
    "a warning in print": (shown(stream("FutureWarning: soon")), "cell 4: wrote a warning"),
    "warnings hidden": (source("import warnings\nwarnings.simplefilter('ignore')"), "cell 6: silences warnings"),
    "a magic": (source("%matplotlib inline"), "cell 6: not plain Python"),
    "a shell command": (source("!ls"), "cell 6: not plain Python"),
    "help asked for": (source("table?"), "cell 6: not plain Python"),
    "a trailing semicolon": (source("draw(table);"), "cell 6: a line ends with ;"),
    "a function": (source("def half(n):\n    return n / 2"), "cell 6: defines a function"),
    "a lambda": (source("half = lambda n: n / 2"), "cell 6: defines a function"),
    "a class": (source("class Half:\n    pass"), "cell 6: defines a function or class"),
    "a regular expression": (source("import re"), "cell 6: uses regular expressions"),
    "a regular expression by name": (source("from re import search"), "cell 6: uses regular expressions"),
    "ten lines": (source("\n".join(f"a{n} = {n}" for n in range(10))), "cell 6: 10 lines"),
    "code after code": (lambda notebook: notebook.cells.pop(4), "cell 5: no prose before it"),
    "no heading": (in_cell(1, source="Who gave way first?"), "not a heading"),
    "no question": (in_cell(1, source="# Concessions"), "asks no question"),
    "code first": (lambda notebook: notebook.cells.pop(0), "cell 1: no prose before it"),
    "code last": (lambda notebook: notebook.cells.pop(), "last cell is no prose"),
    "an empty notebook": (lambda notebook: notebook.cells.clear(), "not a heading"),
    "a tag nbval ignores": (in_cell(4, metadata={"tags": ["NBVAL_IGNORE_OUTPUT"]}), "cell 4: has a tag"),
    "a tag nbval obeys": (in_cell(4, metadata={"tags": ["nbval-ignore-output"]}), "cell 4: has a tag"),
    "an nbval comment": (source("# NBVAL_SKIP\ndraw(table)"), "cell 6: has a tag or an nbval comment"),
    "clear_output": (source("display.clear_output()"), "cell 6: widgets, progress bars"),
    "interact": (source("interact(draw, n=3)"), "cell 6: widgets, progress bars"),
    "a progress bar in code": (source("for n in tqdm(table): pass"), "cell 6: widgets, progress bars"),
    "a progress bar in an output": (shown(stream("10%\r20%")), "cell 4: a widget or progress bar"),
    "a widget in an output": (
        shown(v4.new_output("display_data", {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}})),
        "cell 4: a widget or progress bar",
    ),
    "a path in code": (source("open('/home/me/a.csv')"), "cell 6: an absolute path"),
    "a path on Windows": (source(r"open('C:\\a.csv')"), "cell 6: an absolute path"),
    "a path in prose": (in_cell(5, source="See /tmp/out."), "cell 5: an absolute path"),
    "a path in an output": (plain("read /work/main/data"), "cell 4: an absolute path"),
    "a path in a table": (html("<td>/root/a</td>"), "cell 4: an absolute path"),
    "a place in memory": (plain("<Axes at 0x7f00>"), "cell 4: the output shows a place in memory"),
    "a script": (html("<SCRIPT>alert(1)</SCRIPT>"), "cell 4: a script in the output"),
    "a chart without its table": (lambda notebook: notebook.cells[3].outputs.clear(), "a chart with no table"),
    "two charts of one table": (
        lambda notebook: notebook.cells[5].outputs.append(copy.deepcopy(notebook.cells[5].outputs[0])),
        "cell 6: a chart with no table",
    ),
    "no kernel": (metadata(kernelspec={}), "kernelspec is not python3"),
    "a version of Python": (metadata(language_info={"version": "3.11.7"}), "names a version of Python"),
    "widget state": (metadata(widgets={}), "state of widgets"),
    "times of execution": (in_cell(4, metadata={"execution": {}}), "cell 4: metadata holds the time"),
    "an id twice": (in_cell(4, id="cell-02"), "2 cells have the id 'cell-02'"),
    "no id": (lambda notebook: notebook.cells[3].pop("id"), "1 cells have the id ''"),
}


def test_a_clean_notebook_is_not_complained_about():
    assert hygiene.complaints(clean()) == []


@pytest.mark.parametrize("hole", HOLES)
def test_each_hole_is_complained_about(hole):
    spoil, expected = HOLES[hole]
    notebook = clean()
    spoil(notebook)
    assert expected in "\n".join(hygiene.complaints(notebook))


def test_every_check_has_been_seen_to_complain():
    seen = set()
    for spoil, _ in HOLES.values():
        notebook = clean()
        spoil(notebook)
        seen |= {check for check in hygiene.CHECKS if list(check(notebook))}
    assert seen == set(hygiene.CHECKS)


@pytest.mark.parametrize("harmless", ["a ratio of 3/4", "see ../data/tables", "sizes 640x480", "data/home/x.csv"])
def test_what_only_looks_like_a_path_or_an_address_passes(harmless):
    notebook = clean()
    plain(harmless)(notebook)
    assert hygiene.complaints(notebook) == []


def test_pictures_are_not_read_as_text():
    notebook = clean()
    notebook.cells[5].outputs[0].data["image/png"] = "AAAA /tmp/ at 0x12"
    assert hygiene.complaints(notebook) == []


def test_a_notebook_of_200_kibibytes_is_too_large(tmp_path):
    path = tmp_path / "big.ipynb"
    path.write_bytes(b" " * hygiene.MAX_BYTES)
    assert "204,800 bytes" in hygiene.too_large(path)[0]
    path.write_bytes(b" " * (hygiene.MAX_BYTES - 1))
    assert hygiene.too_large(path) == []
