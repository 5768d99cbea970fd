"""What happened to an action of late, from the audit trail: only what is new is read anew."""

from datetime import datetime

from django.db import connection

from tocsin.base.last_used import LastUsed
from tocsin.services.action_work import action_events, subject_of_id
from tocsin.services.actions import HistoryLine
from tocsin.store.audit.listing import TrailLine, Wanted, find_lines, lines_since
from tocsin.store.tenancy import current_organisation

MOST_NEW = 2_000
"""If more rows are new, the index of events finds those of the action sooner."""
_SEEN: LastUsed[tuple[TrailLine, ...]] = LastUsed(most=200)


def newest_events(action_id: int, opened_at: datetime, most: int) -> tuple[HistoryLine, ...]:
    """Return the newest events of an action, the last first.

    Rows of the trail never change and none comes before another: what was read stays as it is,
    and the trail is looked at from there on. That it still is the same trail, its last row tells.

    Args:
        action_id: the action.
        opened_at: when it was opened: nothing happened to it before.
        most: at most so many.
    """
    organisation, subject = current_organisation(), subject_of_id(action_id)
    key = (connection.settings_dict["NAME"], organisation, subject, most)
    wanted = Wanted(subject=subject, since=opened_at, events=action_events(), limit=most)
    seen = _SEEN.find(key)
    if seen:
        more = lines_since(organisation, wanted, seen[0].seq, MOST_NEW)
        if more and more[-1] == seen[0]:
            lines = _SEEN.put(key, (*more[:-1], *seen)[:most])
            return tuple(map(_history, lines))
    lines = _SEEN.put(key, tuple(find_lines(organisation, wanted)))
    return tuple(map(_history, lines))


def _history(line: TrailLine) -> HistoryLine:
    at = datetime.fromisoformat(line.at)
    return HistoryLine(at, line.actor, line.event, line.old, line.new, line.reason)
