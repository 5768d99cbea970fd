"""The package's own source text, as the architecture tests read it."""

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "tocsin"


class SourceFile(NamedTuple):
    """One module: its dotted name, its path and its syntax tree."""

    module: str
    path: Path
    tree: ast.Module

    @property
    def room(self) -> str:
        """The package directly below tocsin that the module lies in; empty for tocsin itself."""
        return self.module.removeprefix("tocsin").strip(".").partition(".")[0]


@cache
def read_sources() -> tuple[SourceFile, ...]:
    """Return every module of the package."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        module = ".".join(part for part in parts if part != "__init__")
        found.append(SourceFile(module, path, ast.parse(path.read_text(encoding="utf-8"))))
    return tuple(found)


def imported_names(tree: ast.AST) -> Iterator[str]:
    """Yield the dotted name of everything that is imported anywhere in a tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_within(name: str, *packages: str) -> bool:
    """Whether a dotted name is one of the packages or lies in one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


@cache
def read_pyproject() -> dict[str, Any]:
    """Return the content of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def read_contract(contract_id: str) -> dict[str, Any]:
    """Return one import-linter contract."""
    contracts = read_pyproject()["tool"]["importlinter"]["contracts"]
    return next(contract for contract in contracts if contract["id"] == contract_id)


def core_rooms() -> set[str]:
    """Return the packages of the core, written or not: `report` and all below it."""
    layers = [
        {room.strip(" ()") for room in layer.split("|")}
        for layer in read_contract("layers")["layers"]
    ]
    highest = next(index for index, rooms in enumerate(layers) if "report" in rooms)
    return set().union(*layers[highest:])
