"""The difference between two revisions of a notice, entry by entry."""

from dataclasses import dataclass

from tocsin.notice.describe import describe_entry
from tocsin.notice.model import Notice
from tocsin.notice.scope import Entry


@dataclass(frozen=True)
class EntryChange:
    """An entry that was added, removed or changed, in words."""

    entry: str
    change: str
    was: str | None
    now: str | None


def compare_scopes(old: Notice, new: Notice) -> list[EntryChange]:
    """Return the entries that differ, in the order of the new scope, removed ones last."""
    before = {entry.entry: entry for entry in old.scope}
    after = {entry.entry: entry for entry in new.scope}
    changes = []
    for name, entry in after.items():
        if name not in before:
            changes.append(EntryChange(name, "added", None, _words(entry)))
        elif _without_spans(before[name]) != _without_spans(entry):
            changes.append(EntryChange(name, "changed", _words(before[name]), _words(entry)))
    changes += [
        EntryChange(name, "removed", _words(entry), None)
        for name, entry in before.items()
        if name not in after
    ]
    return changes


def _without_spans(entry: Entry) -> Entry:
    return entry.model_copy(update={"spans": ()})


def _words(entry: Entry) -> str:
    return f"{'affects' if entry.affects else 'excludes'} {describe_entry(entry)}"


def tells_differently(old: Notice, new: Notice) -> bool:
    """Whether holders who stay in scope must be told something new."""
    return (old.precautions, old.instructions, old.remedies, old.hazard) != (
        new.precautions,
        new.instructions,
        new.remedies,
        new.hazard,
    )
