"""A registry that a database keeps is judged as files are, and as the plain engine says."""

from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.lib.empty_databases import OpenEmpty
from tests.lib.engines import (
    Answers,
    ask_again,
    ask_reference,
    ask_relational,
    ask_stored,
    find_differences,
)
from tests.lib.random_records import Row, random_rows
from tests.lib.random_scopes import random_notices
from tests.lib.stored_tables import TABLES
from tests.lib.strategies import Problem, problems, seeds
from tocsin.match.engines.stored_layout import DICTIONARIES
from tocsin.notice.model import Notice

QUICK: dict[str, Any] = {
    "deadline": None,
    "phases": (Phase.explicit, Phase.reuse, Phase.generate),
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
}


def differences(
    empty_database: OpenEmpty,
    notices: list[Notice],
    rows: list[Row],
    *,
    keep_all: bool,
    as_if_reviewed: bool = False,
) -> list[str]:
    """Return where the stored registry differs from the reference, or at all from files."""
    options = {"keep_all": keep_all, "as_if_reviewed": as_if_reviewed}
    with empty_database() as connection:
        found = ask_stored(connection, notices, rows, **options)
    assert found == ask_relational(notices, rows, **options)
    expected = ask_reference(notices, rows, as_if_reviewed=as_if_reviewed)
    return find_differences(expected, found, all_kept=keep_all)


@pytest.mark.parametrize("keep_all", [True, False], ids=["all kept", "only concerned"])
@settings(max_examples=4, **QUICK)
@given(problem=problems(n_notices=5, n_rows=100))
def test_a_stored_registry_is_judged_as_a_file_is(
    empty_database: OpenEmpty, keep_all: bool, problem: Problem
) -> None:
    assert not differences(empty_database, problem.notices, problem.rows, keep_all=keep_all)


@settings(max_examples=3, **QUICK)
@given(problem=problems(n_notices=1, n_rows=100))
def test_one_notice_taken_as_reviewed(empty_database: OpenEmpty, problem: Problem) -> None:
    assert not differences(
        empty_database, problem.notices, problem.rows, keep_all=True, as_if_reviewed=True
    )


@settings(max_examples=1, **QUICK)
@given(seed=seeds)
def test_many_notices_about_the_same_products(empty_database: OpenEmpty, seed: int) -> None:
    """More entries per product than fit into one word."""
    rng = Random(seed)
    notices = random_notices(rng, 30)
    rows = random_rows(rng, notices, 60)
    assert not differences(empty_database, notices, rows, keep_all=bool(seed % 2))


@settings(max_examples=3, **QUICK)
@given(problem=problems(n_notices=4, n_rows=80))
def test_keys_of_another_version_are_read_anew(empty_database: OpenEmpty, problem: Problem) -> None:
    with empty_database() as connection:
        expected = ask_stored(connection, problem.notices, problem.rows)
        spoil_keys(connection)
        assert ask_again(connection, problem.notices, 1, stamp="another version") == expected


def spoil_keys(connection: Any) -> None:
    """Leave nothing in the dictionaries but numbers and texts."""
    for dictionary in DICTIONARIES.values():
        if dictionary.keys:
            spoilt = ", ".join(f"{column} = NULL" for column in dictionary.keys)
            connection.execute(f"UPDATE {TABLES[dictionary.name]} SET {spoilt}")


def test_answers_are_those_of_the_probe(empty_database: OpenEmpty) -> None:
    """The comparison above compares something: the random problems give every verdict."""
    rng = Random(3)
    notices = random_notices(rng, 8)
    with empty_database() as connection:
        found: Answers = ask_stored(connection, notices, random_rows(rng, notices, 200))
    assert {str(each.verdict) for each in found.values()} == {
        "affected",
        "cannot_tell",
        "not_affected",
    }
