"""Who has a device, when several resources say so: each person in the hands of whom it is or was.

A device whose use has ended is still in somebody's hands or was, so that person is listed. Only a
statement that takes itself back (entered-in-error, not-done) gives way to one that does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.formats.fhir.device_use import DeviceUse
from tocsin.formats.fhir.index import Index
from tocsin.formats.fhir.keys import Link


@dataclass(frozen=True)
class Claim:
    """A holder of a device, with the uses that name it, the newest first."""

    holder: str | None
    uses: Sequence[DeviceUse] = ()

    @property
    def words(self) -> str | None:
        """Return states and periods of the uses."""
        words = dict.fromkeys(use.words for use in self.uses)
        return "; ".join(word for word in words if word) or None


def collect_claims(
    patient: Link | None, owner: Link | None, uses: Sequence[DeviceUse], index: Index
) -> list[Claim]:
    """Return the holders of a device, the present one first; never empty.

    Args:
        patient: to whom the Device says it belongs.
        owner: the organisation or place that has it; counts if no person is named.
        uses: what other resources say.
        index: resolves references.
    """
    by_holder: dict[str, list[DeviceUse]] = {}
    if patient:
        by_holder[_person(patient, index)] = []
    named = [use for use in uses if use.holder]
    firm = [use for use in named if not use.is_weak]
    weak_only = not by_holder and not firm
    for use in sorted(named if weak_only else firm, key=_rank, reverse=True):
        if use.holder:
            by_holder.setdefault(_person(use.holder, index), []).append(use)
    unnamed = [use for use in uses if not use.holder]
    if by_holder:
        return [Claim(holder, found) for holder, found in by_holder.items()]
    if owner:
        return [Claim(index.organisation_of(index.keys.resolve(owner)), unnamed)]
    return [Claim(None, unnamed)]


def _person(link: Link, index: Index) -> str:
    return index.person_of(index.keys.resolve(link))


def _rank(use: DeviceUse) -> tuple[bool, str, str]:
    """Return what puts a use that has not ended, and a later one, first."""
    ended = use.ended_on is not None or use.status in {"completed", "stopped", "explanted"}
    return not ended, use.began_on or use.told_on or "", use.ended_on or ""
