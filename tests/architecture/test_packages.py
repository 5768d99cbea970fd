"""An `__init__.py` does no work: to import a package is free, and no import order matters."""

import ast

import pytest

from tests.architecture.sources import PACKAGE, read_sources

LAZY = {"__getattr__", "__dir__"}


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_for_type_checkers(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
        and not node.orelse
    )


def _is_free_import(node: ast.stmt) -> bool:
    """`__future__`, and what writes types or delays an import."""
    if isinstance(node, ast.ImportFrom):
        return node.module in {"__future__", "typing", "importlib"}
    return isinstance(node, ast.Import) and {a.name for a in node.names} <= {"importlib", "typing"}


def _is_literal(node: ast.stmt) -> bool:
    """A constant, `__all__` or a table of names: nothing is called."""
    if not isinstance(node, ast.Assign | ast.AnnAssign):
        return False
    return not any(isinstance(part, ast.Call) for part in ast.walk(node))


def _does_work(node: ast.stmt) -> bool:
    if isinstance(node, ast.FunctionDef):
        return node.name not in LAZY
    free = (_is_docstring, _is_for_type_checkers, _is_free_import, _is_literal)
    return not any(is_free(node) for is_free in free)


def test_init_files_do_no_work() -> None:
    wrong = [
        f"{source.module}, line {node.lineno}: {ast.unparse(node).splitlines()[0]}"
        for source in read_sources()
        if source.path.name == "__init__.py"
        for node in source.tree.body
        if _does_work(node)
    ]
    assert wrong == []


def test_every_folder_with_modules_is_a_package() -> None:
    folders = {source.path.parent for source in read_sources()}
    missing = [folder for folder in folders if not (folder / "__init__.py").is_file()]
    assert sorted(str(folder.relative_to(PACKAGE.parent)) for folder in missing) == []


@pytest.mark.parametrize(
    ("text", "works"),
    [
        ('"""What the package holds."""', False),
        ("from __future__ import annotations", False),
        ("__all__ = ['match']", False),
        ("def __getattr__(name: str) -> object: ...", False),
        ("if TYPE_CHECKING:\n    from tocsin.base.truth import Truth", False),
        ("from tocsin.base.truth import Truth", True),
        ("import pyarrow", True),
        ("TABLE = read_table()", True),
        ("def parse(text): ...", True),
    ],
)
def test_work_is_told_from_none(text: str, works: bool) -> None:
    assert _does_work(ast.parse(text).body[0]) is works
