"""What several tests need: the codebook, and the articles where they are at hand."""

import os
from pathlib import Path

import pytest

from analysis import codebook as codebooks


@pytest.fixture(scope="session")
def codebook():
    return codebooks.read()


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
