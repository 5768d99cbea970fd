"""The devices of a FHIR source as rows of a registry: one per device and holder."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tocsin.formats.fhir.claims import Claim, collect_claims
from tocsin.formats.fhir.device import (
    EXTRA_COLUMNS,
    Row,
    explain_unusable,
    misplaced_fields,
    read_device,
)
from tocsin.formats.fhir.device_use import USE_KINDS, DeviceUse
from tocsin.formats.fhir.element import Element, part_of, parts_of, text_of, words_of
from tocsin.formats.fhir.index import Index
from tocsin.formats.fhir.keys import contained_key, link_of, searches_of
from tocsin.formats.fhir.place import Broken, Found
from tocsin.formats.fhir.source import FhirSource
from tocsin.registry.schema import COLUMNS

REGISTRY_COLUMNS = (*COLUMNS, *EXTRA_COLUMNS)
NAMELESS = "it has neither an id nor an address in its Bundle, so that nothing can name it"
_DEVICE = frozenset({"Device"})


@dataclass
class RegistryReading:
    """Reads the devices of a source, and counts what a user should know.

    Attributes:
        broken: what could not become a record.
        several_holders: devices that more than one person has or had.
        without_device: uses whose device is not in the source.
        unread_fields: values of a wrong type, by field.
        loose_versions: devices whose versions are not surely the software's.
    """

    source: FhirSource
    index: Index
    broken: dict[Broken, None] = field(default_factory=dict)
    several_holders: int = 0
    without_device: int = 0
    unread_fields: Counter[str] = field(default_factory=Counter)
    loose_versions: int = 0

    def rows(self) -> Iterator[Row]:
        """Yield the rows; what cannot be a row is in ``broken`` afterwards."""
        self.broken.update(self.index.broken)
        open_uses = dict.fromkeys(self.index.uses)
        by_identifier = any("?identifier=" in key for key in open_uses)
        for found in self.source.read(_DEVICE, also=USE_KINDS):
            if isinstance(found, Broken):
                self.broken[found] = None
                continue
            for device, key in self._devices_of(found):
                names = [key or ""]
                if by_identifier:
                    names += searches_of(device)
                uses = [use for name in names for _, use in self.index.uses.get(name, ())]
                for name in names:
                    open_uses.pop(name, None)
                yield from self._rows_of(device, key, uses)
        yield from self._rows_without_device(open_uses)

    def _devices_of(self, found: Found) -> Iterator[tuple[Found, str | None]]:
        """Yield a Device, or the Devices that a use contains, each with its key."""
        if found.kind == "Device":
            yield found, self.index.keys.key_of(found)
        elif found.kind in USE_KINDS:
            for inside in parts_of(found.resource, "contained"):
                name = text_of(inside, "id")
                if inside.get("resourceType") == "Device" and name:
                    yield Found(inside, found.place), contained_key(found, name)

    def _rows_of(self, found: Found, key: str | None, uses: Sequence[DeviceUse]) -> Iterator[Row]:
        why = explain_unusable(found.resource)
        if key is None:
            why = NAMELESS
        if why or key is None:
            self.broken[Broken(found.place, key or "Device", why)] = None
            return
        self.unread_fields.update(misplaced_fields(found.resource))
        row = read_device(found.resource, self._definition_of(found))
        if row["software_version"] is None and row["fhir.other_versions"]:
            self.loose_versions += 1
        patient = link_of(part_of(found.resource, "patient"), found)
        owner = link_of(part_of(found.resource, "owner"), found)
        place = link_of(part_of(found.resource, "location"), found)
        claims = collect_claims(patient, owner or place, uses, self.index)
        if owner:
            row["clinic_id"] = self.index.organisation_of(self.index.keys.resolve(owner))
        yield from self._rows_of_claims(found, key.removeprefix("Device/"), row, claims, uses)

    def _rows_of_claims(
        self,
        found: Found,
        device_id: str,
        row: Row,
        claims: Sequence[Claim],
        uses: Sequence[DeviceUse],
    ) -> Iterator[Row]:
        """Yield a row per holder; only the first has the quantity and the plain device_id."""
        row["evidence_source"] = str(found.place)
        implanted = {use.implanted_on for use in uses if use.implanted_on and not use.is_weak}
        row["implanted_on"] = implanted.pop() if len(implanted) == 1 else None
        days = [row.get("evidence_on"), *(use.told_on for use in uses)]
        row["evidence_on"] = max((day for day in days if day), default=None)
        self.several_holders += len(claims) > 1
        for number, claim in enumerate(claims):
            own: Row = {"device_id": device_id, "holder_id": claim.holder, "fhir.use": claim.words}
            owner = row.get("clinic_id")
            clinic = self.index.clinic_of(claim.holder) if claim.holder else None
            own["clinic_id"] = clinic or (owner if owner != claim.holder else None)
            if number:
                own |= {"device_id": f"{device_id}@{claim.holder}", "quantity": None}
            yield row | own

    def _definition_of(self, found: Found) -> Element:
        """Return the definition that a Device points to, or an empty one."""
        reference = part_of(found.resource, "definition")
        link = link_of(part_of(reference, "reference") or reference, found)
        return self._definition(self.index.keys.resolve(link)) if link else {}

    def _definition(self, key: str) -> Element:
        """Return a definition, with the name of its maker where it only points to it."""
        found = self.index.definitions.get(key)
        if found is None:
            return {}
        resource = found.resource
        maker = part_of(resource, "manufacturer") or part_of(resource, "manufacturerReference")
        link = link_of(maker, found)
        name = self.index.organisations.get(self.index.keys.resolve(link)) if link else None
        return {**resource, "manufacturerString": name} if name else resource

    def _rows_without_device(self, open_uses: Iterable[str]) -> Iterator[Row]:
        """Yield rows for uses whose device is not here, or that name only a kind of device."""
        for key in open_uses:
            uses = self.index.uses[key]
            yield from self._row_without_device(key, uses[0][0], [use for _, use in uses], {})
        for found, use in self.index.kind_only:
            own_key = self.index.keys.key_of(found)
            if own_key is None:
                self.broken[Broken(found.place, found.kind, NAMELESS)] = None
                continue
            resolved = self.index.keys.resolve(use.device) if use.device else ""
            row = read_device({}, self._definition(resolved))
            words = "; ".join(words_of(use.kind_of_device))
            row["fhir.kind"] = row["fhir.kind"] or words or None
            yield from self._row_without_device(own_key, found, [use], row)

    def _row_without_device(
        self, key: str, found: Found, uses: Sequence[DeviceUse], row: Row
    ) -> Iterator[Row]:
        self.without_device += 1
        claims = collect_claims(None, None, uses, self.index)
        yield from self._rows_of_claims(found, key.removeprefix("Device/"), row, claims, uses)
