"""When a contact answers: opening hours as a notice writes them, against an instant.

    Mon-Fri 08:00-20:00; Sat 09:00-13:00 America/New_York
    24/7

Days are English and of three letters, times are local to the zone at the end (IANA names).
Anything else is a text for people, and nobody can say from it whether somebody answers now.
"""

import re
from datetime import datetime, time
from zoneinfo import ZoneInfo

from tocsin.base.truth import Truth

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY = "|".join(_DAYS)
_SPAN = re.compile(
    rf"({_DAY})(?:-({_DAY}))? ([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]|24):([0-5]\d)"
)
_ALWAYS = "24/7"
_LAST_MINUTE = time(23, 59, 59, 999999)


def is_open(hours: str | None, at: datetime) -> Truth:
    """Return whether a contact with these hours answers at an instant (aware).

    >>> from datetime import UTC
    >>> is_open("Mon-Fri 08:00-18:00 Europe/Paris", datetime(2026, 11, 20, 16, 59, tzinfo=UTC)).name
    'TRUE'
    >>> is_open("on working days", datetime(2026, 11, 20, 12, tzinfo=UTC)).name
    'UNKNOWN'
    """
    text = " ".join((hours or "").split())
    if text == _ALWAYS:
        return Truth.TRUE
    spans, _, zone = text.rpartition(" ")
    found = [_SPAN.fullmatch(span.strip()) for span in spans.split(";")]
    if not spans or not all(found):
        return Truth.UNKNOWN
    try:
        local = at.astimezone(ZoneInfo(zone))
    except (KeyError, ValueError, OSError):  # no such zone, or no data about zones here
        return Truth.UNKNOWN
    inside = any(_covers(span, local) for span in found if span)
    return Truth.TRUE if inside else Truth.FALSE


def _covers(span: re.Match[str], local: datetime) -> bool:
    first, last, *clock = span.groups()
    start, end = _DAYS.index(first), _DAYS.index(last or first)
    day = local.weekday()
    on_day = start <= day <= end if start <= end else day >= start or day <= end
    from_hour, from_minute, to_hour, to_minute = map(int, clock)
    until = _LAST_MINUTE if to_hour == 24 else time(to_hour, to_minute)
    return on_day and time(from_hour, from_minute) <= local.time() <= until
