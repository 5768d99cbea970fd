"""Two runs over kept registries -> what changes for each device and notice, and for whom.

A device is known by its registry and id, not by a row: the row is another one after every change
of the record. Pure; the verdicts come from wherever they are kept.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from tocsin.base.truth import Truth
from tocsin.match.figures import Change, Count


@dataclass(frozen=True, slots=True)
class JudgedDevice:
    """A device that a run says is affected or cannot be told.

    Attributes:
        registry_id: its registry's key.
        device_id: its id there.
        notice: the notice's name.
        truth: TRUE or UNKNOWN; a device that is not affected is not listed.
        holder: whom to count and contact; empty if nobody is known.
        quantity: units; None if the record states none.
    """

    registry_id: int
    device_id: str
    notice: str
    truth: Truth
    holder: str = ""
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class DeviceChange:
    """What a new run means for one device and notice."""

    registry_id: int
    device_id: str
    notice: str
    was: Truth
    now: Truth
    change: Change
    holder: str = ""
    quantity: int | None = None

    @property
    def is_lesser(self) -> bool:
        """Whether the new verdict is less urgent: whoever acts on it may be left alone."""
        return self.now < self.was


def compare_runs(
    before: Iterable[JudgedDevice], after: Iterable[JudgedDevice], told_anew: Container[str]
) -> list[DeviceChange]:
    """Return what changes, by registry, device and notice; what stays equal is listed too.

    Args:
        before: the verdicts of the older run.
        after: those of the newer one.
        told_anew: names of the notices whose instructions changed, so that who stays in scope
            must be contacted again.
    """
    old, new = _by_key(before), _by_key(after)
    changes = []
    for key in sorted(old.keys() | new.keys()):
        one, other = old.get(key), new.get(key)
        was = one.truth if one else Truth.FALSE
        now = other.truth if other else Truth.FALSE
        shown = other or one
        if shown is None or was is now is Truth.FALSE:
            continue
        change = change_of(was, now, told_anew=key[2] in told_anew)
        changes.append(DeviceChange(*key, was, now, change, shown.holder, shown.quantity))
    return changes


def change_of(was: Truth, now: Truth, *, told_anew: bool) -> Change:
    """Return what a step from one truth to another means; both FALSE is unchanged."""
    if was is Truth.FALSE and now is not Truth.FALSE:
        return Change.NEWLY_IN
    if was is not Truth.FALSE and now is Truth.FALSE:
        return Change.NEWLY_OUT
    if now is not Truth.FALSE and (was is not now or told_anew):
        return Change.CONTACT_AGAIN
    return Change.UNCHANGED


def count_changes(changes: Iterable[DeviceChange]) -> Mapping[Change, Count]:
    """Return records, units and holders of each change; a holder may occur under several."""
    found: dict[Change, list[DeviceChange]] = {change: [] for change in Change}
    for change in changes:
        found[change.change].append(change)
    return {change: _count(rows) for change, rows in found.items()}


def _count(rows: list[DeviceChange]) -> Count:
    return Count(
        records=len(rows),
        quantity=sum(row.quantity or 0 for row in rows),
        holders=len({row.holder for row in rows if row.holder}),
        quantity_unknown=sum(row.quantity is None for row in rows),
    )


def _by_key(devices: Iterable[JudgedDevice]) -> dict[tuple[int, str, str], JudgedDevice]:
    return {(device.registry_id, device.device_id, device.notice): device for device in devices}
