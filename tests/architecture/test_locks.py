"""The lock files: every package pinned and hashed, none under a licence we do not ship."""

import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, metadata, packages_distributions
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, imported_names, read_sources

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PIN = re.compile(
    r"^(?P<name>[a-z0-9._-]+)==(?P<version>\S+)(?: ; (?P<marker>.+?))? \\$", re.MULTILINE
)
# Data frames that the caller brings along; imported where one is given or asked for.
OPTIONAL = {"pandas", "polars"}
# GPL and AGPL; the Lesser GPL is none of them.
# Offered under several licences, one of which we may ship: which one is ours.
OUR_CHOICE = {"pyphen": "MPL 1.1"}
COPYLEFT = re.compile(r"\bA?GPL|(?<!Lesser )(?<!Library or )General Public License", re.IGNORECASE)


def _pins(lock: Path) -> dict[tuple[str, str], str]:
    found = PIN.finditer(lock.read_text(encoding="utf-8"))
    return {(pin["name"], pin["marker"] or ""): pin["version"] for pin in found}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_package_is_pinned_with_hashes(lock: Path) -> None:
    blocks = re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8"))
    packages = [block for block in blocks if not block.startswith("#")]
    assert packages
    assert [
        b.splitlines()[0] for b in packages if not PIN.match(b) or "--hash=sha256:" not in b
    ] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_no_lock_names_a_host_or_a_path(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert re.findall(r".*(?:://|--index|--find-links| @ |\s/\w).*", text) == []


def test_what_runs_is_what_was_tested() -> None:
    tested = _pins(ROOT / "requirements" / "dev.txt")
    for name in ("run", "build"):
        pins = _pins(ROOT / "requirements" / f"{name}.txt")
        assert {key: tested.get(key, version) for key, version in pins.items()} == pins


def test_the_build_backend_is_the_locked_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = (ROOT / "requirements" / "build.in").read_text(encoding="utf-8").splitlines()
    assert project["build-system"]["requires"] == [w for w in wanted if not w.startswith("#")]


def _normal(name: str) -> str:
    """Return a distribution's name as lock files write it (pdfminer.six is pdfminer-six)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_what_is_imported_is_locked_for_running() -> None:
    """The tests run with the development lock, where a missing run-time package is there."""
    locked = {name for name, _ in _pins(ROOT / "requirements" / "run.txt")} | OPTIONAL
    provided_by = packages_distributions()
    imported = {
        name.partition(".")[0] for source in read_sources() for name in imported_names(source.tree)
    } - {*sys.stdlib_module_names, "tocsin"}
    missing = {
        name
        for name in imported
        if not any(_normal(found) in locked for found in provided_by.get(name, [name]))
    }
    assert missing == set()


def _licence(name: str) -> str:
    found = metadata(name)
    classifiers = [c for c in found.get_all("Classifier") or [] if c.startswith("License")]
    # A licence text in the field "License" is cut: its first line is its name.
    return "; ".join(
        [found.get("License-Expression") or (found.get("License") or "")[:80], *classifiers]
    )


def test_nothing_shipped_is_under_the_gpl() -> None:
    wrong = {}
    for name, _ in _pins(ROOT / "requirements" / "run.txt"):
        try:
            licence = _licence(name)
        except PackageNotFoundError:  # for another platform than this one
            continue
        if COPYLEFT.search(licence) and name not in OUR_CHOICE:
            wrong[name] = licence
    assert wrong == {}


@pytest.mark.parametrize(
    ("licence", "refused"),
    [
        ("GPL-3.0-or-later", True),
        ("License :: OSI Approved :: GNU Affero General Public License v3", True),
        ("LGPL-3.0-only", False),
        ("GNU Lesser General Public License", False),
        ("Apache-2.0", False),
    ],
)
def test_a_licence_is_told(licence: str, refused: bool) -> None:
    assert bool(COPYLEFT.search(licence)) is refused
