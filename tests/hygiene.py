"""What a notebook must be to be kept: each check takes a notebook and yields what is wrong with it.

A check stands for one hole through which a notebook that is wrong would pass nbval, or would
change with the machine it is run on. `complaints` runs them all.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode

MAX_BYTES = 200 * 1024
# Fewer than ten lines: a cell a reader takes in at a glance; what is longer belongs into analysis/.
MAX_LINES = 9
ABSOLUTE_PATH = re.compile(r"(?<![\w.:/])/(?:home|root|work|tmp|Users|mnt|opt|var|usr)/|\b[A-Za-z]:\\|file://")
# A number that stands for a place in memory is another one in each run. Sizes (640x480) are none.
ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]+")
# Their output depends on the clock or the window, so it is another one in each run.
MOVING = re.compile(r"\b(clear_output|interact|interactive|interact_manual|tqdm|trange|ipywidgets|FloatProgress)\b")
SILENCED = re.compile(r"\b(import warnings|warnings\.|filterwarnings|simplefilter|capture_output|redirect_stderr)")
NBVAL_MARK = re.compile(r"#\s*(NBVAL_|PYTEST_VALIDATE)", re.IGNORECASE)


def code_cells(notebook: NotebookNode) -> Iterator[tuple[int, NotebookNode]]:
    """Each code cell with its place in the notebook, counted from 1."""
    return ((place, cell) for place, cell in enumerate(notebook.cells, start=1) if cell.cell_type == "code")


def outputs(notebook: NotebookNode) -> Iterator[tuple[int, NotebookNode]]:
    """Each output with the place of its cell."""
    return ((place, output) for place, cell in code_cells(notebook) for output in cell.outputs)


def trees(notebook: NotebookNode) -> Iterator[tuple[int, ast.Module]]:
    """The syntax of each code cell that is plain Python."""
    for place, cell in code_cells(notebook):
        try:
            yield place, ast.parse(cell.source)
        except SyntaxError:
            continue


def texts(output: NotebookNode) -> Iterator[str]:
    """What an output says in characters; pictures are left out."""
    if "text" in output:
        yield output.text
    for kind, value in output.get("data", {}).items():
        if kind.startswith("text/") or kind == "image/svg+xml":
            yield value


def is_picture(output: NotebookNode) -> bool:
    return any(kind.startswith("image/") for kind in output.get("data", {}))


def is_run_in_order(notebook: NotebookNode) -> Iterator[str]:
    """nbval runs a cell without a count and compares nothing: a stripped notebook passes."""
    counts = [cell.execution_count for _, cell in code_cells(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"execution counts are {counts}; run it in a fresh kernel from top to bottom"


def has_outputs(notebook: NotebookNode) -> Iterator[str]:
    if not any(outputs(notebook)):
        yield "no cell has an output; run it and save it with its outputs"
    for place, tree in trees(notebook):
        shows = tree.body and isinstance(tree.body[-1], ast.Expr)
        if shows and isinstance(tree.body[-1].value, ast.Name) and not notebook.cells[place - 1].outputs:
            yield f"cell {place}: ends with a name, but its output is not stored"


def raises_nothing(notebook: NotebookNode) -> Iterator[str]:
    for place, output in outputs(notebook):
        if output.output_type == "error":
            yield f"cell {place}: stopped with {output.ename}"


def warns_of_nothing(notebook: NotebookNode) -> Iterator[str]:
    for place, output in outputs(notebook):
        if output.get("name") == "stderr" or any("Warning:" in text for text in texts(output)):
            yield f"cell {place}: wrote a warning; see to its cause"


def hides_no_warning(notebook: NotebookNode) -> Iterator[str]:
    for place, cell in code_cells(notebook):
        if SILENCED.search(cell.source):
            yield f"cell {place}: silences warnings or output; see to their cause"


def is_plain_python(notebook: NotebookNode) -> Iterator[str]:
    """A magic or a shell command works in one place and breaks in another."""
    parsed = {place for place, _ in trees(notebook)}
    for place, _ in code_cells(notebook):
        if place not in parsed:
            yield f"cell {place}: not plain Python (a % magic, a ! command or a ?)"


def has_no_trailing_semicolon(notebook: NotebookNode) -> Iterator[str]:
    """A semicolon keeps the value from being shown, and so from being compared."""
    for place, cell in code_cells(notebook):
        if any(line.rstrip().endswith(";") for line in cell.source.splitlines()):
            yield f"cell {place}: a line ends with ;"


def holds_no_logic(notebook: NotebookNode) -> Iterator[str]:
    for place, tree in trees(notebook):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
                yield f"cell {place}: defines a function or class; it belongs into analysis/"
            elif isinstance(node, ast.Import | ast.ImportFrom) and _imported(node) & {"re", "regex"}:
                yield f"cell {place}: uses regular expressions; they belong into analysis/"


def _imported(node: ast.Import | ast.ImportFrom) -> set[str]:
    names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
    return {name.partition(".")[0] for name in names}


def has_short_cells(notebook: NotebookNode) -> Iterator[str]:
    for place, cell in code_cells(notebook):
        n_lines = len(cell.source.splitlines())
        if n_lines > MAX_LINES:
            yield f"cell {place}: {n_lines} lines; under ten, the rest belongs into analysis/"


def has_prose_before_code(notebook: NotebookNode) -> Iterator[str]:
    for place, _ in code_cells(notebook):
        if place == 1 or notebook.cells[place - 2].cell_type != "markdown":
            yield f"cell {place}: no prose before it says what it will show"


def opens_with_a_question(notebook: NotebookNode) -> Iterator[str]:
    first = notebook.cells[0] if notebook.cells else None
    if first is None or first.cell_type != "markdown" or not first.source.startswith("# "):
        yield "the first cell is not a heading ('# ...')"
    elif "?" not in first.source:
        yield "the first cell asks no question"


def closes_with_prose(notebook: NotebookNode) -> Iterator[str]:
    if notebook.cells and notebook.cells[-1].cell_type != "markdown":
        yield "the last cell is no prose: the limits and the next question"


def is_marked_for_nothing(notebook: NotebookNode) -> Iterator[str]:
    """nbval passes over NBVAL_IGNORE_OUTPUT as a tag in silence; and what is marked is not tested."""
    for place, cell in enumerate(notebook.cells, start=1):
        if NBVAL_MARK.search(cell.source) or cell.metadata.get("tags"):
            yield f"cell {place}: has a tag or an nbval comment; let the output be compared as it is"


def stands_still(notebook: NotebookNode) -> Iterator[str]:
    """What redraws itself is different at each run."""
    for place, cell in code_cells(notebook):
        if MOVING.search(cell.source):
            yield f"cell {place}: widgets, progress bars and clear_output never compare"
    for place, output in outputs(notebook):
        if any("widget" in kind for kind in output.get("data", {})) or any("\r" in text for text in texts(output)):
            yield f"cell {place}: a widget or progress bar in the output"


def names_no_absolute_path(notebook: NotebookNode) -> Iterator[str]:
    for place, cell in enumerate(notebook.cells, start=1):
        said = [cell.source] + [text for output in cell.get("outputs", []) for text in texts(output)]
        if any(ABSOLUTE_PATH.search(text) for text in said):
            yield f"cell {place}: an absolute path, which is another one elsewhere"


def shows_no_address(notebook: NotebookNode) -> Iterator[str]:
    for place, output in outputs(notebook):
        if any(ADDRESS.search(text) for text in texts(output)):
            yield f"cell {place}: the output shows a place in memory, another one in each run"


def shows_no_script(notebook: NotebookNode) -> Iterator[str]:
    """A script in an output is run by whoever opens the notebook as a page."""
    for place, output in outputs(notebook):
        if any("<script" in text.lower() for text in texts(output)) or "application/javascript" in output.get(
            "data", {}
        ):
            yield f"cell {place}: a script in the output"


def has_a_table_before_each_chart(notebook: NotebookNode) -> Iterator[str]:
    """nbval compares text and no pictures: the table is what is tested."""
    table = False
    for place, output in outputs(notebook):
        if is_picture(output):
            if not table:
                yield f"cell {place}: a chart with no table before it"
            table = False
        else:
            table = True


def has_the_same_metadata_everywhere(notebook: NotebookNode) -> Iterator[str]:
    """The version of Python, widget states and times of execution would change the bytes."""
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        yield "metadata: kernelspec is not python3"
    if "version" in notebook.metadata.get("language_info", {}):
        yield "metadata: language_info names a version of Python; leave it out"
    if "widgets" in notebook.metadata:
        yield "metadata: holds the state of widgets"
    for place, cell in enumerate(notebook.cells, start=1):
        if "execution" in cell.metadata:
            yield f"cell {place}: metadata holds the time it was run"


def has_an_id_for_each_cell(notebook: NotebookNode) -> Iterator[str]:
    times = Counter(cell.get("id", "") for cell in notebook.cells)
    for identity, n in times.items():
        if not identity or n > 1:
            yield f"{n} cells have the id '{identity}'; one each, and the same at each run"


CHECKS = (
    is_run_in_order,
    has_outputs,
    raises_nothing,
    warns_of_nothing,
    hides_no_warning,
    is_plain_python,
    has_no_trailing_semicolon,
    holds_no_logic,
    has_short_cells,
    has_prose_before_code,
    opens_with_a_question,
    closes_with_prose,
    is_marked_for_nothing,
    stands_still,
    names_no_absolute_path,
    shows_no_address,
    shows_no_script,
    has_a_table_before_each_chart,
    has_the_same_metadata_everywhere,
    has_an_id_for_each_cell,
)


def complaints(notebook: NotebookNode) -> list[str]:
    """Everything that is wrong with a notebook, in the order of CHECKS."""
    return [complaint for check in CHECKS for complaint in check(notebook)]


def too_large(path: Path) -> list[str]:
    """What is wrong with a notebook's file."""
    size = path.stat().st_size
    return [f"{size:,} bytes; keep it under {MAX_BYTES:,}"] if size >= MAX_BYTES else []
