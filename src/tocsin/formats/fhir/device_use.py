"""Who uses a device, and since when: DeviceUseStatement, DeviceUsage and DeviceAssociation."""

from dataclasses import dataclass

from tocsin.formats.fhir.element import Element, codes_of, day_of, part_of, parts_of, text_of
from tocsin.formats.fhir.keys import Link, link_of
from tocsin.formats.fhir.place import Found

USE_KINDS = frozenset({"DeviceUseStatement", "DeviceUsage", "DeviceAssociation"})

# The states that say of themselves that nobody should rely on them.
WEAK_STATES = frozenset({"entered-in-error", "not-done"})
_ASSOCIATION_STATES = ("entered-in-error", "explanted", "implanted", "attached")


@dataclass(frozen=True, slots=True)
class DeviceUse:
    """What a resource says about one device in one person's hands.

    Attributes:
        device: the device; None if only a kind of device is named, see ``kind_of_device``.
        holder: who uses it; None if that is not said.
        implanted_on: when it was implanted, if the resource says that it was.
        told_on: when this was said or last changed.
    """

    device: Link | None
    kind_of_device: Element
    holder: Link | None
    status: str
    began_on: str | None
    ended_on: str | None
    implanted_on: str | None
    told_on: str | None

    @property
    def is_weak(self) -> bool:
        """Return whether the resource takes itself back."""
        return self.status in WEAK_STATES

    @property
    def words(self) -> str:
        """Return state and period in words: ``completed 2019-01-02/2020``."""
        period = f"{self.began_on or ''}/{self.ended_on or ''}".strip("/")
        if self.ended_on and not self.began_on:
            period = f"/{self.ended_on}"
        return " ".join(word for word in (self.status, period) if word)


def read_device_use(found: Found) -> DeviceUse:
    """Return what a resource of `USE_KINDS` says."""
    resource = found.resource
    device = part_of(resource, "device")
    inner = part_of(device, "reference") or device
    holder = part_of(resource, "patient") or part_of(resource, "subject")
    period = part_of(resource, "timingPeriod") or part_of(resource, "period")
    began = day_of(text_of(period, "start") or text_of(resource, "timingDateTime"))
    status = _status_of(resource)
    implanted = status in {"implanted", "explanted"}
    return DeviceUse(
        device=link_of(inner, found),
        kind_of_device=part_of(device, "concept"),
        holder=link_of(holder, found),
        status=status,
        began_on=began,
        ended_on=day_of(text_of(period, "end")),
        implanted_on=began if implanted else None,
        told_on=day_of(
            text_of(resource, "recordedOn")
            or text_of(resource, "dateAsserted")
            or text_of(part_of(resource, "meta"), "lastUpdated")
        ),
    )


def _status_of(resource: Element) -> str:
    """Return the state; an association gives it as a concept."""
    if written := text_of(resource, "status"):
        return written
    codes = codes_of(parts_of(resource, "status"))
    known = next((state for state in _ASSOCIATION_STATES if state in codes), None)
    return known or next(iter(sorted(codes)), "")
