"""Tables to notebooks to figures."""

import base64
import html
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from PIL import Image
from tqdm import tqdm
from traitlets.config import Config

from analysis import InputError, contracts, desk

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
FIGURES = desk.FOLDER


def figures(tables: Path = contracts.FOLDER, out: Path | None = None) -> list[Path]:
    """Run every notebook from a fresh kernel on the tables; returns the notebooks written.

    Without `out` the notebooks of this repository are run where they stand and figures/ is made
    anew; with it, the executed notebooks and their figures go to that folder. Raises InputError
    when a table is missing or a notebook stops.
    """
    for name in contracts.TABLES:
        contracts.read(name, tables)
    folder = Path(out) if out else NOTEBOOKS
    folder.mkdir(parents=True, exist_ok=True)
    places = {desk.TABLES: tables, desk.FIGURES: out or FIGURES}
    environment = {name: str(Path(place).resolve()) for name, place in places.items()}
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    # A thread only waits for its kernel, which is a process of its own.
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as threads:
        executed = threads.map(lambda path: _run(path, environment), paths)
        for path, text in zip(paths, tqdm(executed, "notebooks", len(paths), unit="", disable=None), strict=True):
            _replace(folder / path.name, text)
    return [folder / path.name for path in paths]


def _run(path: Path, environment: dict[str, str]) -> str:
    """The notebook as text, executed, without anything that would differ from one machine to the next."""
    notebook = nbformat.read(path, as_version=4)
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    with tempfile.TemporaryDirectory(prefix="kernel-") as sockets:
        # Sockets in the file system, where the system has them: no port is opened.
        manager = {"transport": "ipc", "ip": str(Path(sockets) / "kernel")} if os.name == "posix" else {}
        client = NotebookClient(
            notebook,
            timeout=600,
            kernel_name="python3",
            record_timing=False,
            config=Config({"KernelManager": manager}),
            resources={"metadata": {"path": str(NOTEBOOKS)}},
        )
        try:
            # One thread: a sum that is not split comes out the same on any number of cores.
            threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
            client.execute(env={**os.environ, **threads, **environment, "PYTHONPATH": paths})
        except CellExecutionError as error:
            raise InputError(f"{path}: a cell stopped; open the notebook with `make lab` to see it\n{error}") from None
    _state_answer(notebook)
    _lighten(notebook)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return nbformat.writes(notebook)


def _lighten(notebook: nbformat.NotebookNode) -> None:
    """Store each picture with a palette: charts have few colours, and the notebook is half the size.

    Colours are chosen to cover the range, not by how many points have them: a thin line keeps its own.
    """
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                picture = Image.open(BytesIO(base64.b64decode(output.data["image/png"]))).convert("RGB")
                small = BytesIO()
                picture.quantize(128, method=Image.Quantize.MAXCOVERAGE).save(small, "png", optimize=True)
                output.data["image/png"] = base64.b64encode(small.getvalue()).decode("ascii")


def _state_answer(notebook: nbformat.NotebookNode) -> None:
    """Put what the first code cell prints into the first cell, so that prose and tables cannot part."""
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    said = " ".join("".join(output.get("text", "") for output in first.outputs).split())
    question, _, _ = notebook.cells[0].source.partition("\n\n**Answer.**")
    notebook.cells[0].source = f"{question}\n\n**Answer.** {html.escape(said, quote=False)}"


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text + "\n" if not text.endswith("\n") else text, encoding="utf-8")
    os.replace(draft, path)
