"""A proof, and a code, count once, however many ask for it at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connections, transaction

from tests.lib.databases import Opened
from tocsin.store.models import Organisation, User
from tocsin.store.proofs import is_locked_out, keep_failure, make_proof, use_proof
from tocsin.store.tables.proof import ProofMethod

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
N_AT_ONCE = 8


@pytest.fixture
def user(own_database: Opened) -> tuple[int, int]:  # noqa: ARG001 - the database
    """Add a user and an organisation that other connections see too."""
    here = Organisation.objects.create(slug="at-once", name="At once", created_at=NOW)
    who = User.objects.create(email="at-once@example.org", name="Rita", created_at=NOW)
    return who.pk, here.pk


def at_once(ask: Callable[[], Any]) -> list[Any]:
    """Ask from many threads, each with a connection of its own."""

    def ask_alone(_: int) -> Any:
        try:
            return ask()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(N_AT_ONCE) as pool:
        return list(pool.map(ask_alone, range(N_AT_ONCE)))


def test_a_proof_counts_once(user: tuple[int, int]) -> None:
    user_id, here = user
    token = make_proof(user_id, here, ProofMethod.TOTP, NOW)

    def use() -> Any:
        with transaction.atomic():
            return use_proof(user_id, here, token, NOW)

    used = at_once(use)
    assert sorted(map(str, used)) == ["None"] * (N_AT_ONCE - 1) + ["totp"]


@pytest.mark.usefixtures("user")
def test_a_code_counts_once() -> None:
    added = at_once(lambda: cache.add("totp.used?code=123456", "y", 30))
    assert sorted(added) == [False] * (N_AT_ONCE - 1) + [True]


def test_guesses_made_at_once_are_counted_one_after_the_other(user: tuple[int, int]) -> None:
    user_id, _ = user

    def guess() -> str:
        with transaction.atomic():
            if is_locked_out(user_id, NOW):
                return "not looked at"
            keep_failure(user_id, ProofMethod.TOTP, NOW)
            return "wrong"

    assert sorted(at_once(guess)) == ["not looked at"] * (N_AT_ONCE - 5) + ["wrong"] * 5
