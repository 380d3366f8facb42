"""The README's numbers are those of the notebooks."""

import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def said(name: str) -> str:
    """Everything a notebook says, numbers without their leading zero."""
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    texts = [cell.source for cell in notebook.cells]
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            texts += [output.get("text", ""), output.get("data", {}).get("text/plain", "")]
    return re.sub(r"\b0\.", ".", "\n".join(texts))


def numbers(text: str) -> set[str]:
    """Shares (.59) and counts that follow 'n = '."""
    return set(re.findall(r"(?<![\w.])\.\d\d\b", text)) | set(re.findall(r"n = [\d,]+\d", text))


@pytest.mark.parametrize(
    ("notebook", "first", "last"),
    [
        ("05_responsibility", "Of the obligation that", "How to read it"),
        ("06_validation", "| coded text |", "The coded text ("),
        ("03_sentiment", "r = .56", "(.53 to .59)"),
        ("06_validation", "recall is not the same", "a claim that an outlet"),
    ],
)
def test_every_number_stands_in_the_notebook(notebook, first, last):
    part = README[README.index(first) : README.index(last)]
    assert numbers(part)
    assert numbers(part) - numbers(said(notebook)) == set()
