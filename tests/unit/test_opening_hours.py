"""Opening hours: who answers at this hour, in the contact's own zone, and when nobody can say."""

from datetime import UTC, datetime

import pytest

from tocsin.base.truth import Truth
from tocsin.notice.opening_hours import is_open

WEEK = "Mon-Fri 08:00-20:00; Sat 09:00-13:00 America/New_York"


@pytest.mark.parametrize(
    ("hours", "at", "expected"),
    [
        (WEEK, "2026-11-20T12:59Z", Truth.FALSE),  # Friday, a minute before eight in New York
        (WEEK, "2026-11-20T13:00Z", Truth.TRUE),
        (WEEK, "2026-11-21T01:00Z", Truth.TRUE),  # Saturday in Greenwich, Friday 20:00 there
        (WEEK, "2026-11-21T01:01Z", Truth.FALSE),
        (WEEK, "2026-07-17T12:00Z", Truth.TRUE),  # summer time
        (WEEK, "2026-11-21T14:00Z", Truth.TRUE),
        (WEEK, "2026-11-22T14:00Z", Truth.FALSE),
        ("24/7", "2026-11-22T03:00Z", Truth.TRUE),
        ("Fri-Mon 00:00-24:00 Europe/Paris", "2026-11-22T22:59Z", Truth.TRUE),
        ("Fri-Mon 00:00-24:00 Europe/Paris", "2026-11-24T23:00Z", Truth.FALSE),
        (None, "2026-11-22T03:00Z", Truth.UNKNOWN),
        ("office hours", "2026-11-22T03:00Z", Truth.UNKNOWN),
        ("Mon-Fri 08:00-20:00", "2026-11-20T13:00Z", Truth.UNKNOWN),  # in which zone?
        ("Mon-Fri 08:00-20:00 Nowhere/Town", "2026-11-20T13:00Z", Truth.UNKNOWN),
        ("Mon-Fri 08:00-20:00; by letter Europe/Paris", "2026-11-20T13:00Z", Truth.UNKNOWN),
    ],
)
def test_hours(hours: str | None, at: str, expected: Truth) -> None:
    assert is_open(hours, datetime.fromisoformat(at).astimezone(UTC)) is expected
