"""Reading `ls` from top to bottom is following the data: a module imports only from above itself."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "analysis"
# Loading any of these can run code that came with the data, or reach over the network.
UNSAFE_MODULES = {"pickle", "cPickle", "dill", "shelve", "marshal"}
NETWORK_MODULES = {"requests", "urllib.request", "urllib3", "socket", "http.client", "httpx", "aiohttp", "ftplib"}
NETWORK_MODULES |= {"trafilatura.downloads", "spacy.cli"}
UNSAFE_CALLS = {"yaml.load", "eval", "exec", "read_pickle", "to_pickle", "fetch_url", "urlopen", "allow_pickle"}


def name_of(path: Path) -> str:
    """analysis/corpus/clean.py -> analysis.corpus.clean; a package goes by its folder's name."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules(root: Path) -> dict[str, str]:
    """The source of each module by name, in the order `ls` lists them."""
    paths = sorted(path.relative_to(root) for path in (root / PACKAGE).rglob("*.py"))
    return {name_of(path): (root / path).read_text(encoding="utf-8") for path in paths}


def imported(name: str, source: str, is_package: bool) -> set[str]:
    """Full names of what a module imports, wherever in the module; of `from a import b`, both."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = name.split(".")[: len(name.split(".")) - node.level + is_package] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


def measure(name: str) -> str:
    """The measure that a module belongs to: keywords, or claims of measures.claims.cues; '' where it is none."""
    parts = name.split(".")
    return parts[2] if parts[:2] == [PACKAGE, "measures"] and len(parts) > 2 else ""


def breaches(sources: dict[str, str]) -> list[str]:
    """Imports from below, and of one measure by another; the command line stands on top of all."""
    order = sorted(sources)
    packages = {name.rpartition(".")[0] for name in order}
    found = []
    for name in order:
        if name == f"{PACKAGE}.__main__":
            continue
        for other in sorted(imported(name, sources[name], name in packages) & set(order)):
            if order.index(other) >= order.index(name):
                found.append(f"{name} imports {other}, which does not stand above it")
            elif measure(name) and measure(other) and measure(name) != measure(other):
                found.append(f"{name} imports {other}: measures never import each other")
    return found


def dangers(sources: dict[str, str]) -> list[str]:
    """Imports and calls that load foreign code or reach over the network."""
    found = []
    for name, source in sources.items():
        for module in sorted(imported(name, source, False)):
            if any(module == bad or module.startswith(f"{bad}.") for bad in UNSAFE_MODULES | NETWORK_MODULES):
                found.append(f"{name} imports {module}")
        for node in ast.walk(ast.parse(source)):
            found += [f"{name} calls {call}" for call in sorted(_calls(node) & UNSAFE_CALLS)]
    return found


def _calls(node: ast.AST) -> set[str]:
    """How the called function may be named, and its keywords that are not off."""
    if not isinstance(node, ast.Call):
        return set()
    full = ast.unparse(node.func)
    # A bare last name, unless it is a method that only shares it: `frame.eval`, `cursor.exec`.
    last = {full.rpartition(".")[2]} - {"eval", "exec"}
    return {full} | last | {word.arg for word in node.keywords if word.arg and ast.unparse(word.value) != "False"}


SOURCES = modules(ROOT)


def test_a_module_imports_only_from_what_ls_lists_above_it():
    assert breaches(SOURCES) == []


def test_nothing_loads_foreign_code_or_reaches_over_the_network():
    assert dangers(SOURCES) == []


def test_the_modules_were_found():
    assert {"analysis", "analysis.codebook", "analysis.contracts", "analysis.corpus"} <= set(SOURCES)


GOOD = {
    "analysis": "",
    "analysis.__main__": "from analysis import workbench",
    "analysis.codebook": "import csv\nfrom analysis import InputError",
    "analysis.corpus": "",
    "analysis.corpus.articles": "from analysis import InputError, codebook",
    "analysis.corpus.clean": "from . import articles\nfrom ..codebook import read",
    "analysis.measures": "",
    "analysis.measures.claims": "from analysis.corpus.clean import spans",
    "analysis.measures.claims.cues": "from analysis.measures.claims import Passage",
    "analysis.measures.keywords": "import numpy as np",
    "analysis.workbench": "import analysis.measures.claims",
}


def test_imports_from_above_pass():
    assert breaches(GOOD) == []
    assert dangers(GOOD) == []


@pytest.mark.parametrize(
    ("module", "line", "complaint"),
    [
        ("analysis.codebook", "from analysis import workbench", "analysis.codebook imports analysis.workbench"),
        ("analysis.codebook", "import analysis.corpus.clean", "analysis.codebook imports analysis.corpus.clean"),
        ("analysis.corpus.articles", "from . import clean", "analysis.corpus.articles imports analysis.corpus.clean"),
        ("analysis.corpus.articles", "from .clean import spans", "imports analysis.corpus.clean, which"),
        ("analysis.corpus", "from .clean import spans", "analysis.corpus imports analysis.corpus.clean"),
        ("analysis.corpus.clean", "from ..workbench import build", "imports analysis.workbench, which"),
        ("analysis", "from analysis.codebook import read", "analysis imports analysis.codebook"),
        ("analysis.codebook", "def late():\n    import analysis.workbench", "imports analysis.workbench, which"),
        ("analysis.measures.keywords", "from analysis.measures import claims", "measures never import each other"),
        ("analysis.measures.claims", "from analysis.measures import keywords", "which does not stand above it"),
        ("analysis.measures.keywords", "from analysis.measures.claims import cues", "measures never import each other"),
    ],
)
def test_an_import_from_below_is_found(module, line, complaint):
    assert complaint in "\n".join(breaches(GOOD | {module: line}))


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("import pickle", "imports pickle"),
        ("import requests", "imports requests"),
        ("from urllib.request import urlopen", "imports urllib.request"),
        ("from urllib import request", "imports urllib.request"),
        ("import socket as plug", "imports socket"),
        ("from trafilatura import downloads", "imports trafilatura.downloads"),
        ("trafilatura.fetch_url('a')", "calls fetch_url"),
        ("yaml.load(text)", "calls yaml.load"),
        ("pd.read_pickle('a')", "calls read_pickle"),
        ("np.load('a', allow_pickle=True)", "calls allow_pickle"),
        ("eval('1')", "calls eval"),
    ],
)
def test_what_loads_foreign_code_or_reaches_out_is_found(line, complaint):
    assert complaint in "\n".join(dangers(GOOD | {"analysis.codebook": line}))


@pytest.mark.parametrize(
    "line", ["from urllib.parse import urlsplit", "np.load('a', allow_pickle=False)", "yaml.safe_load(text)"]
)
def test_what_is_harmless_passes(line):
    assert dangers(GOOD | {"analysis.codebook": line}) == []
