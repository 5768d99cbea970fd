"""Rows of the audit trail in words: who, what, what was and what is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tocsin.services.trail_review import name_actors
from tocsin.store.audit.listing import TrailLine
from tocsin.web.desk.view import DeskRequest

_ACTORS = {"console": "the console", "worker": "the worker", "sign_in": "signing in"}
_MOST_LISTED = 20


@dataclass(frozen=True)
class TrailRow:
    """A row of the trail in words.

    Attributes:
        who: the name of the user, or what else acted.
        what: the event in words.
        changes: what was, and what is: name, old, new.
    """

    line: TrailLine
    who: str
    what: str
    at: datetime | None
    changes: tuple[tuple[str, str, str], ...]


def words_of(event: str) -> str:
    """Return an event in words.

    >>> words_of("registry_revised")
    'Registry revised'
    """
    return event.replace("_", " ").capitalize()


def user_names(request: DeskRequest) -> dict[str, str]:
    """Return the names of who can have acted, by how the trail calls them."""
    return {**name_actors(request.caller), **_ACTORS}


def row_of(line: TrailLine, names: dict[str, str]) -> TrailRow:
    """Return a row of the trail in words."""
    keys = [*line.old, *(key for key in line.new if key not in line.old)]
    changes = tuple(
        (key.replace("_", " "), _value(line.old.get(key)), _value(line.new.get(key)))
        for key in keys
    )
    try:
        at = datetime.fromisoformat(line.at)
    except ValueError:
        at = None
    return TrailRow(line, names.get(line.actor, line.actor), words_of(line.event), at, changes)


def _value(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_value(own)}" for key, own in value.items())
    if isinstance(value, list):
        return ", ".join(map(_value, value[:_MOST_LISTED])) + (
            " ..." if len(value) > _MOST_LISTED else ""
        )
    return str(value)[:300]
