"""What must be known before the devices are read: who uses them, who looks after those persons.

It is held in memory, about a kilobyte per use or person; the devices themselves are not.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tocsin.formats.fhir.device_use import USE_KINDS, DeviceUse, read_device_use
from tocsin.formats.fhir.element import codes_of, part_of, parts_of, text_of
from tocsin.formats.fhir.keys import Keys, Link, link_of
from tocsin.formats.fhir.place import Broken, Found
from tocsin.formats.fhir.source import FhirSource

HOLDER_KINDS = frozenset({"Patient", "Organization", "Practitioner", "RelatedPerson", "Location"})
INDEX_KINDS = HOLDER_KINDS | USE_KINDS | {"PractitionerRole", "DeviceDefinition"}
_IDENTIFIED = frozenset({"Patient", "Organization", "Practitioner"})


@dataclass(frozen=True, slots=True)
class Relation:
    """A person beside a patient: who it is, and which relations are given."""

    patient: Link
    person: Found
    codes: frozenset[str]


@dataclass
class Index:
    """The resources around the devices, by key.

    Attributes:
        uses: what is said about a device's use, by the device's key.
        kind_only: uses that name no device, only a kind of device.
        carers: who may be the clinic of a patient, a role or a place, by its key.
        replaced_by: the record of a patient that took the place of another, by its key.
        definitions: what a Device may point to, by key.
        organisations: names of organisations, by key.
        relations: persons beside patients, by the patient's key.
        broken: what could not be read.
    """

    keys: Keys = field(default_factory=Keys)
    uses: dict[str, list[tuple[Found, DeviceUse]]] = field(default_factory=dict)
    kind_only: list[tuple[Found, DeviceUse]] = field(default_factory=list)
    carers: dict[str, list[Link]] = field(default_factory=dict)
    replaced_by: dict[str, Link] = field(default_factory=dict)
    definitions: dict[str, Found] = field(default_factory=dict)
    organisations: dict[str, str] = field(default_factory=dict)
    relations: dict[str, list[Relation]] = field(default_factory=dict)
    broken: dict[Broken, None] = field(default_factory=dict)

    def clinic_of(self, holder: str) -> str | None:
        """Return who looks after a holder: an organisation if one is named, else a clinician."""
        links = self.carers.get(holder, ())
        found = [self.organisation_of(self.keys.resolve(link)) for link in links]
        return next((key for key in found if "Organization/" in key), next(iter(found), None))

    def organisation_of(self, key: str) -> str:
        """Return the organisation of a role or a place; the key itself if none is named."""
        if "PractitionerRole/" in key or "Location/" in key:
            links = self.carers.get(key)
            return self.keys.resolve(links[0]) if links else key
        return key

    def person_of(self, key: str) -> str:
        """Return the record of a person that took the place of this one, else this one."""
        seen = {key}
        while (link := self.replaced_by.get(key)) is not None:
            key = self.keys.resolve(link)
            if key in seen:
                return min(seen)
            seen.add(key)
        return key


def build_index(source: FhirSource) -> Index:
    """Return the index of a source; devices that stand in NDJSON are passed over unread."""
    index = Index()
    waiting: list[tuple[Found, object]] = []
    for found in source.read(INDEX_KINDS, also=frozenset({"Device"})):
        if isinstance(found, Broken):
            index.broken[found] = None
        else:
            index.keys.add(found, with_identifiers=found.kind in _IDENTIFIED)
            if (facts := _facts_of(found)) is not None:
                waiting.append((_bare(found), facts))
    for found, facts in waiting:  # only now is it known how keys are written
        _file(index, found, facts)
    return index


@dataclass(frozen=True, slots=True)
class _Care:
    carers: list[Link]
    replaced_by: Link | None = None


def _facts_of(found: Found) -> object:
    """Return what is kept of a resource; None if nothing is."""
    resource = found.resource
    if found.kind in USE_KINDS:
        return read_device_use(found)
    if found.kind == "DeviceDefinition":
        return found
    if found.kind == "Organization":
        return text_of(resource, "name")
    if found.kind == "RelatedPerson":
        patient = link_of(part_of(resource, "patient"), found)
        codes = frozenset(codes_of(parts_of(resource, "relationship")))
        return Relation(patient, _bare(found), codes) if patient else None
    fields = {
        "Patient": ("generalPractitioner", "managingOrganization"),
        "PractitionerRole": ("organization", "practitioner"),
        "Location": ("managingOrganization",),
    }.get(found.kind, ())
    care = _Care(list(_links(found, fields)), _replacement(found))
    return care if care.carers or care.replaced_by else None


def _links(found: Found, fields: Iterable[str]) -> Iterable[Link]:
    for name in fields:
        for reference in parts_of(found.resource, name):
            if link := link_of(reference, found):
                yield link


def _replacement(found: Found) -> Link | None:
    """Return the record that took this one's place."""
    if found.kind == "Patient":
        for link in parts_of(found.resource, "link"):
            if text_of(link, "type") == "replaced-by":
                return link_of(part_of(link, "other"), found)
    return None


def _bare(found: Found) -> Found:
    """Return a resource with nothing left but its names."""
    names = {name: found.resource.get(name) for name in ("resourceType", "id")}
    return Found(names, found.place, found.full_url)


def _file(index: Index, found: Found, facts: object) -> None:
    """Put what is kept of a resource under its key."""
    key = index.keys.key_of(found)
    if isinstance(facts, DeviceUse):
        device = index.keys.resolve(facts.device) if facts.device else None
        if device is None or "DeviceDefinition/" in device:
            index.kind_only.append((found, facts))
        else:
            index.uses.setdefault(device, []).append((found, facts))
    elif isinstance(facts, Relation):
        index.relations.setdefault(index.keys.resolve(facts.patient), []).append(facts)
    elif key is None:
        return
    elif isinstance(facts, Found):
        index.definitions[key] = facts
    elif isinstance(facts, str):
        index.organisations[key] = facts
    elif isinstance(facts, _Care):
        index.carers[key] = facts.carers
        if facts.replaced_by:
            index.replaced_by[key] = facts.replaced_by
