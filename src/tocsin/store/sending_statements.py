"""The two statements that every mail costs, written out: the framework would build each anew.

They ask what `store.dispatch_claims` asks with the framework when it claims, and nothing else;
tests/store/test_dispatch_claims.py tries both with each hindrance. Instants are the database's.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import connection

_NOW = {
    "sqlite": "STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'NOW')",
    "postgresql": "STATEMENT_TIMESTAMP()",
}
_LATER = {
    "sqlite": "STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'NOW', %s || ' seconds')",
    "postgresql": "STATEMENT_TIMESTAMP() + %s * INTERVAL '1 second'",
}
# Fence, state and times are asked of the very row that is changed, after it is locked.
_BEGIN = """
UPDATE store_dispatch
SET state = 'handing_over', state_at = {now}, owner = %s, lease_until = {later}
WHERE id = %s AND fence = %s AND state = 'claimed'
  AND lease_until > {now} AND not_before <= {now} AND not_after > {now}
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


def run_begin(dispatch_id: int, fence: int, owner: str, quarantine: timedelta) -> bool:
    """Mark a claimed dispatch as being handed over; return False if it must not leave."""
    values = [owner, _seconds(quarantine), dispatch_id, fence]
    return _execute(_BEGIN, values) == 1


def add_attempt(row: Mapping[str, Any]) -> None:
    """Add an attempt, unless the same is there already."""
    names = ("organisation_id", "dispatch_id", "fence", "owner", "outcome", "code", "reply")
    _execute(_ATTEMPT, [row[name] for name in names])


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
    names = ("organisation_id", "dispatch_id", "fence", "owner", "outcome", "code", "reply")
    values = [*(row[name] for name in names), reply, row["dispatch_id"], row["fence"]]
    return _execute(_ACCEPTED_WITH_ATTEMPT, values) == 1


def _seconds(span: timedelta) -> float | str:
    seconds = span.total_seconds()
    return f"{seconds:+.3f}" if connection.vendor == "sqlite" else seconds


def _execute(statement: str, values: list[Any]) -> int:
    vendor = connection.vendor
    with connection.cursor() as cursor:
        cursor.execute(statement.format(now=_NOW[vendor], later=_LATER[vendor]), values)
        return int(cursor.rowcount)
