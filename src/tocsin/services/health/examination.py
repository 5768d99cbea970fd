"""All checks of an installation, the most urgent first; a check that cannot be made is a finding.

Needs no working installation: what is missing is what it tells.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from django.db import DatabaseError

from tocsin.base.errors import TocsinError, first_line
from tocsin.services.health.finding import Finding, Urgency
from tocsin.services.health.place_checks import check_place
from tocsin.services.installation import open_outdated, pending_steps
from tocsin.store.home import Home, find_home


def examine_installation(*, is_full: bool = False) -> list[Finding]:
    """Return all that was found wrong, the most urgent first; changes nothing. For the console.

    Args:
        is_full: read all of the audit trail and of a SQLite file, however long it takes.
    """
    home, now = find_home(), datetime.now(tz=UTC)
    found = list(check_place(home))
    if home.is_complete:
        found += _examine_inside(home, now, is_full=is_full)
    return sorted(found, key=lambda finding: finding.urgency)


def _examine_inside(home: Home, now: datetime, *, is_full: bool) -> Iterator[Finding]:
    try:
        open_outdated()
        pending = pending_steps()
    except TocsinError as error:
        found, _, advice = error.sentence.partition(". ")
        yield Finding(error.code, Urgency.NOW, found + ".", advice)
        return
    if pending:
        yield Finding(
            "database_outdated",
            Urgency.NOW,
            f"The database lacks changes of this version: {len(pending)}, first {pending[0]}.",
            "Make a backup, then run `tocsin store upgrade`. What its tables hold was not checked.",
        )
    # Their modules name tables, so they cannot be imported before Django is ready.
    from tocsin.services.health import (  # noqa: PLC0415
        address_checks,
        database_checks,
        running_checks,
        trail_checks,
    )

    checks: list[Callable[[], Iterable[Finding]]] = [
        lambda: database_checks.check_database(is_full=is_full),
        lambda: running_checks.check_data_files(now.date()),
    ]
    if not pending:
        checks.append(lambda: trail_checks.check_trail(home, now, is_full=is_full))
        checks.append(lambda: running_checks.check_running(home, now))
        checks.append(address_checks.check_address)
    for check in checks:
        try:
            yield from check()
        except (DatabaseError, OSError, TocsinError) as error:
            yield Finding(
                "check_failed",
                Urgency.NOW,
                f"A check could not be made: {first_line(error)}.",
                "Mend what it says, or stop work and restore a backup beside this installation.",
            )
