"""Check that modules and functions stay small enough to read at one sitting.

A module above 600 lines fails unless `[tool.tocsin.sizes]` in pyproject.toml lists it with
a reason; above 400 it is named, so that somebody looks again. The median module of `src`
has at most 150 lines, a function at most 40 statements, and no module hides behind a name
that could hold anything. Source: the house rules in CONTRIBUTING.md.
"""

import ast
import statistics
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

FOLDERS = ("src", "scripts", "benchmarks", "tests")
MEDIAN_LINES = 150
LOOK_AGAIN_LINES = 400
MOST_LINES = 600
MOST_STATEMENTS = 40
NAMES_FOR_ANYTHING = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
NUMBERED = ("_v2", "_v3", "_new", "_old")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def count_statements(function: Function) -> int:
    """Return the statements of a function: no docstring, and a nested definition is one."""
    waiting: list[ast.AST] = list(function.body)
    if ast.get_docstring(function) is not None:
        waiting = waiting[1:]
    count = 0
    while waiting:
        node = waiting.pop()
        count += isinstance(node, ast.stmt)
        if not isinstance(node, Function | ast.ClassDef):
            waiting.extend(ast.iter_child_nodes(node))
    return count


def check_functions(path: str, text: str) -> Iterator[str]:
    """Yield one sentence per function that is too long."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, Function) and (count := count_statements(node)) > MOST_STATEMENTS:
            yield (
                f"{path}:{node.lineno}: {node.name} has {count} statements, the most is "
                f"{MOST_STATEMENTS}. Give a part of it a name of its own."
            )


def check_name(path: str) -> Iterator[str]:
    """Yield a sentence if a module's name says nothing about what it holds."""
    stem = Path(path).stem
    if stem in NAMES_FOR_ANYTHING or stem.endswith(NUMBERED):
        yield f"{path}: the name {stem!r} does not say what the module holds. Name it after that."


def check_length(path: str, n_lines: int, allowed: dict[str, str]) -> Iterator[str]:
    """Yield a sentence if a module is too long and no reason is listed."""
    if n_lines > MOST_LINES and not allowed.get(path):
        yield (
            f"{path}: {n_lines} lines, the most is {MOST_LINES}. Split it, or list it with a "
            "reason under [tool.tocsin.sizes] in pyproject.toml."
        )


def find_failures(modules: dict[str, str], allowed: dict[str, str]) -> list[str]:
    """Return one sentence per broken rule.

    Args:
        modules: path from the root, with slashes -> text of the module.
        allowed: path -> why this module may be longer.
    """
    failures: list[str] = []
    for path, text in modules.items():
        failures += check_name(path)
        failures += check_length(path, len(text.splitlines()), allowed)
        failures += check_functions(path, text)
    failures += [
        f"pyproject.toml: {path} is allowed to be long, but is not: remove the entry."
        for path in allowed
        if len(modules.get(path, "").splitlines()) <= MOST_LINES
    ]
    if (median := median_lines(modules)) > MEDIAN_LINES:
        failures.append(f"src: the median module has {median:g} lines, the most is {MEDIAN_LINES}.")
    return failures


def median_lines(modules: dict[str, str]) -> float:
    """Return the median length of the modules under src, `__init__.py` apart."""
    lengths = [
        len(text.splitlines())
        for path, text in modules.items()
        if path.startswith("src/") and not path.endswith("__init__.py")
    ]
    return statistics.median(lengths) if lengths else 0.0


def read_modules(root: Path) -> dict[str, str]:
    """Return the text of every module by its path from the root."""
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for folder in FOLDERS
        for path in sorted((root / folder).rglob("*.py"))
    }


def main() -> int:
    """Print notes and failures; return 1 if there is a failure."""
    root = Path(__file__).resolve().parents[1]
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    modules = read_modules(root)
    for path, text in modules.items():
        if (n_lines := len(text.splitlines())) > LOOK_AGAIN_LINES:
            print(f"Note: {path} has {n_lines} lines. Look again whether it is one thing.")
    failures = find_failures(modules, settings["tool"]["tocsin"]["sizes"]["allowed"])
    print(
        "\n".join(failures) or f"Sizes: {len(modules)} modules, median {median_lines(modules):g}."
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
