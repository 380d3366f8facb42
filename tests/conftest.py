"""What several tests need: the codebook, and the articles where they are at hand."""

import os
from pathlib import Path

import pytest

from analysis import codebook as codebooks
from analysis import workbench

SAMPLE = codebooks.FOLDER.parent / "sample"


def pytest_runtest_setup(item):
    if item.get_closest_marker("slow") and not os.environ.get("SLOW"):
        pytest.skip("takes a minute: run with SLOW=1")


@pytest.fixture(scope="session")
def codebook():
    return codebooks.read()


@pytest.fixture(scope="session")
def sample_book():
    return codebooks.read(SAMPLE / "codebook")


@pytest.fixture(scope="session")
def built(tmp_path_factory, sample_book):
    """Tables of the sample corpus, with its text beside them; to be read, not written."""
    folder = tmp_path_factory.mktemp("built") / "tables"
    workbench.build([SAMPLE / "articles"], folder, sample_book, keep_text=True)
    return folder


@pytest.fixture(scope="session")
def articles_folder():
    folder = os.environ.get("ARTICLES")
    if not folder:
        pytest.skip("needs the article texts, which are not ours to ship: set ARTICLES=FOLDER")
    return Path(folder).resolve()


@pytest.fixture(scope="session")
def gold_folder(articles_folder):
    folder = articles_folder.parent / "gold"
    if not folder.is_dir():
        pytest.skip(f"needs the coded sentences beside the articles: {folder} is not there")
    return folder
