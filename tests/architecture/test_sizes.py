"""The size check itself: what it refuses, and what it lets pass."""

import ast

import pytest

from scripts.check_sizes import count_statements, find_failures


def _lines(count: int) -> str:
    return "x = 1\n" * count


def _function(n_statements: int) -> str:
    return "def long():\n" + "    x = 1\n" * n_statements


@pytest.mark.parametrize(
    ("modules", "says"),
    [
        ({"tests/a.py": _lines(601)}, "601 lines"),
        ({"src/tocsin/a.py": _lines(151)}, "median"),
        ({"src/tocsin/a.py": _function(41)}, "41 statements"),
        ({"src/tocsin/utils.py": ""}, "'utils'"),
        ({"src/tocsin/lot_v2.py": ""}, "'lot_v2'"),
    ],
)
def test_what_is_too_large_is_named(modules: dict[str, str], says: str) -> None:
    (failure,) = find_failures(modules, {})
    assert says in failure


@pytest.mark.parametrize(
    "modules",
    [
        {"tests/a.py": _lines(600)},
        {"src/tocsin/a.py": _lines(150), "src/tocsin/__init__.py": ""},
        {"src/tocsin/a.py": _function(40)},
    ],
)
def test_what_is_just_small_enough_passes(modules: dict[str, str]) -> None:
    assert find_failures(modules, {}) == []


def test_a_long_module_with_a_reason_passes_and_an_old_reason_does_not() -> None:
    assert find_failures({"tests/a.py": _lines(700)}, {"tests/a.py": "one table"}) == []
    assert "remove the entry" in find_failures({}, {"tests/a.py": "one table"})[0]


def test_statements_are_counted_without_docstring_and_nested_definitions() -> None:
    text = '''
def outer():
    """Return nothing."""
    if True:
        x = 1
    def inner():
        y = 2
        return y
    return x
'''
    function = ast.parse(text).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert count_statements(function) == 4
