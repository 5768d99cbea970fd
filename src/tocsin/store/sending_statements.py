"""The statements that every mail costs, written out: the framework would build each anew.

One mail's acceptance and the beginning of the next are one transaction, and on PostgreSQL one
statement that the server has prepared: it takes longer to plan it than to run it.

They ask what `store.dispatch_claims` asks with the framework when it claims, and nothing else;
tests/store/test_dispatch_claims.py tries both with each hindrance. Instants are the database's.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from django.db import DatabaseError, connection

from tocsin.store.sqlite_commits import sqlite_transaction

_NOW = {
    "sqlite": "STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW')",
    "postgresql": "STATEMENT_TIMESTAMP()",
}
_LEASE = {"sqlite": "+lease_until", "postgresql": "(lease_until + INTERVAL '0')"}
"""The end of a lease, worded so that no index of leases is looked through for it: a row is found by
its id, while of the others all that were changed lately would be passed by, one after the other."""
_LATER = {
    "sqlite": "STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW', ? || ' seconds')",
    "postgresql": "STATEMENT_TIMESTAMP() + %s * INTERVAL '1 second'",
}
# Fence, state and times are asked of the very row that is changed, after it is locked.
_BEGIN = """
UPDATE store_dispatch
SET state = 'handing_over', state_at = {now}, owner = %s, lease_until = {later}
WHERE id = %s AND fence = %s AND state = 'claimed'
  AND {lease} > {now} AND not_before <= {now} AND not_after > {now}
  AND EXISTS (SELECT 1 FROM store_action a WHERE a.id = store_dispatch.action_id
    AND a.state = 'running' AND NOT a.is_exercise)
  AND NOT EXISTS (SELECT 1 FROM store_sendingstop s
    WHERE s.organisation_id = store_dispatch.organisation_id AND s.ended_at IS NULL)
"""
_ATTEMPT = """
INSERT INTO store_dispatchattempt
  (organisation_id, dispatch_id, fence, owner, ended_at, outcome, code, reply)
VALUES (%s, %s, %s, %s, {now}, %s, %s, %s) ON CONFLICT DO NOTHING
"""
_ACCEPTED = """
UPDATE store_dispatch SET state = 'accepted', state_at = {now}, reply = %s, lease_until = NULL
WHERE id = %s AND fence = %s AND state = 'handing_over'
"""


# Both in one statement: one way to the server and back instead of four.
_ACCEPTED_WITH_ATTEMPT = f"WITH tried AS ({_ATTEMPT}) {_ACCEPTED}"
# The next is begun only if the one before is where it should be: else both are looked at alone.
_ACCEPTED_THEN_BEGUN = f"""
WITH tried AS ({_ATTEMPT}), accepted AS ({_ACCEPTED} RETURNING 1),
begun AS ({_BEGIN} AND EXISTS (SELECT 1 FROM accepted) RETURNING 1)
SELECT (SELECT COUNT(*) FROM accepted), (SELECT COUNT(*) FROM begun)
"""  # noqa: S608 - made of the statements above
_NAMES = ("organisation_id", "dispatch_id", "fence", "owner", "outcome", "code", "reply")
_NOT_PREPARED = frozenset({"26000", "42P05"})
"""PostgreSQL's codes of a statement that is not prepared, or is twice: a pooler has changed servers
behind our back. Source: PostgreSQL documentation, appendix A."""
_may_prepare = True


def run_begin(dispatch_id: int, fence: int, owner: str, quarantine: timedelta) -> bool:
    """Mark a claimed dispatch as being handed over; return False if it must not leave."""
    values = [owner, _seconds(quarantine), dispatch_id, fence]
    return _execute(_BEGIN, values) == 1


def add_attempt(row: Mapping[str, Any]) -> None:
    """Add an attempt, unless the same is there already."""
    _execute(_ATTEMPT, [row[name] for name in _NAMES])


def run_accepted(dispatch_id: int, fence: int, reply: str) -> bool:
    """Mark a dispatch that is being handed over as accepted; return False if it is elsewhere."""
    return _execute(_ACCEPTED, [reply, dispatch_id, fence]) == 1


def keep_acceptance(row: Mapping[str, Any], reply: str) -> bool:
    """Add the attempt that was accepted, and mark its dispatch so; False if it is elsewhere.

    The attempt is kept in any case. On SQLite it needs the caller's transaction.
    """
    if connection.vendor != "postgresql":
        add_attempt(row)
        return run_accepted(row["dispatch_id"], row["fence"], reply)
    values = [*(row[name] for name in _NAMES), reply, row["dispatch_id"], row["fence"]]
    return _execute(_ACCEPTED_WITH_ATTEMPT, values) == 1


def keep_acceptance_and_begin(
    row: Mapping[str, Any], reply: str, begin: tuple[int, int, str, timedelta]
) -> tuple[bool, bool]:
    """Keep an acceptance as `keep_acceptance` does, and begin the next as `run_begin` does.

    All in one transaction. The attempt is kept in any case.

    Returns:
        Whether the first is accepted now (if not, it is elsewhere, and nothing was begun), and
        whether the next was begun.
    """
    if connection.vendor != "postgresql":
        with sqlite_transaction():
            is_accepted = keep_acceptance(row, reply)
            return is_accepted, is_accepted and run_begin(*begin)
    dispatch_id, fence, owner, quarantine = begin
    values = [
        *(row[name] for name in _NAMES), reply, row["dispatch_id"], row["fence"],
        owner, _seconds(quarantine), dispatch_id, fence,
    ]  # fmt: skip
    n_accepted, n_begun = _ask_prepared(_ACCEPTED_THEN_BEGUN, values)
    return n_accepted == 1, n_begun == 1


def _seconds(span: timedelta) -> float | str:
    seconds = span.total_seconds()
    return f"{seconds:+.3f}" if connection.vendor == "sqlite" else seconds


@cache
def _told(statement: str, vendor: str) -> str:
    """Return a statement in the words of a database."""
    if vendor == "sqlite":
        statement = statement.replace("%s", "?")
    return statement.format(now=_NOW[vendor], later=_LATER[vendor], lease=_LEASE[vendor])


def _execute(statement: str, values: list[Any]) -> int:
    """Run a statement; return how many rows it changed."""
    told = _told(statement, connection.vendor)
    if connection.vendor == "sqlite":
        # The framework's cursor would take longer over a statement than the database.
        connection.ensure_connection()
        with connection.wrap_database_errors:
            raw: Any = connection.connection
            return int(raw.execute(told, values).rowcount)
    with connection.cursor() as cursor:
        cursor.execute(told, values)
        return int(cursor.rowcount)


def _ask_prepared(statement: str, values: list[Any]) -> tuple[Any, ...]:
    """Return the one row that a statement of PostgreSQL gives; the server keeps its plan."""
    global _may_prepare  # noqa: PLW0603 - what lies between us and the server is the process's
    from psycopg import Cursor  # noqa: PLC0415 - SQLite needs none of it

    connection.ensure_connection()
    raw: Any = connection.connection
    if raw.prepare_threshold is None:
        raw.prepare_threshold = 0  # the framework's own statements never ask for it
    try:
        with connection.wrap_database_errors, Cursor(raw) as cursor:
            cursor.execute(_told(statement, "postgresql"), values, prepare=_may_prepare)
            found: tuple[Any, ...] | None = cursor.fetchone()
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", None) in _NOT_PREPARED:
            _may_prepare = False
        raise
    return found or (0, 0)
