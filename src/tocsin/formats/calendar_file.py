"""A plan as a calendar file (iCalendar, RFC 5545), for any calendar program."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from tocsin.outreach.plan import Milestone

_PRODUCT = "-//Tocsin//Plan of a field safety action//EN"


def write_calendar(
    milestones: Iterable[Milestone], title: str, action_id: int, made_at: datetime
) -> bytes:
    """Return the milestones that have a day as all-day events.

    A milestone keeps its UID when it moves, so that a calendar that is read again moves it too.

    Args:
        milestones: of one plan; those without a day are left out, since no calendar can show them.
        title: the action's.
        action_id: the action's number, for the UIDs.
        made_at: aware UTC; the stamp of every event.
    """
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", title)
    for each in milestones:
        day = each.reached_on or each.due_on
        if day is None:
            continue
        event = Event()
        event.add("uid", f"{each.key}@action-{action_id}.tocsin")
        event.add("dtstamp", made_at)
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(days=1))
        event.add("summary", " ".join(filter(None, [each.country, each.what, each.audience])))
        event.add("description", f"{title}. To be done by the {each.by}.")
        event.add("status", "CONFIRMED" if each.reached_on else "TENTATIVE")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
