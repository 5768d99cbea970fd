"""Patients, organisations, clinicians and guardians of a FHIR source as rows of holders."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from tocsin.formats.fhir.contact_details import (
    read_address,
    read_contact_point,
    read_person_name,
)
from tocsin.formats.fhir.device import Row
from tocsin.formats.fhir.element import (
    Element,
    codes_of,
    codings_of,
    is_true,
    one_line,
    part_of,
    parts_of,
    text_of,
)
from tocsin.formats.fhir.index import HOLDER_KINDS, Index
from tocsin.formats.fhir.place import Broken, Found
from tocsin.formats.fhir.registry import NAMELESS
from tocsin.formats.fhir.relations import is_minor, kind_of_organisation, represents
from tocsin.formats.fhir.source import FhirSource
from tocsin.identify.country import UnknownCountry, parse_country
from tocsin.registry.schema import HOLDER_COLUMNS

HOLDER_ROW_COLUMNS = (*HOLDER_COLUMNS, "fhir.birth_on", "fhir.status", "fhir.place")
_PHONE = ("phone", "sms")


@dataclass
class HolderReading:
    """Reads the holders of a source.

    Attributes:
        today: tells who is a child; None leaves that unknown.
        broken: what could not become a row.
    """

    source: FhirSource
    index: Index
    today: date | None = None
    broken: dict[Broken, None] = field(default_factory=dict)

    def rows(self) -> Iterator[Row]:
        """Yield a row per person, organisation and place; a guardian within a Patient is one."""
        self.broken.update(self.index.broken)
        for found in self.source.read(HOLDER_KINDS):
            if isinstance(found, Broken):
                self.broken[found] = None
            elif found.kind in HOLDER_KINDS:
                yield from self._rows_of(found)

    def _rows_of(self, found: Found) -> Iterator[Row]:
        key = self.index.keys.key_of(found)
        if key is None:
            self.broken[Broken(found.place, found.kind, NAMELESS)] = None
            return
        row = {"holder_id": key, "fhir.place": str(found.place), **_details_of(found.resource)}
        row["clinic_id"] = self.index.clinic_of(key)
        if found.kind == "Patient":
            yield from self._rows_of_patient(found.resource, key, row)
        elif found.kind in {"Organization", "Location"}:
            kind = (
                kind_of_organisation(found.resource) if found.kind == "Organization" else "clinic"
            )
            yield row | {"kind": kind, "name": text_of(found.resource, "name")}
        else:
            yield row | {"kind": "clinician" if found.kind == "Practitioner" else "person"}

    def _rows_of_patient(self, patient: Element, key: str, row: Row) -> Iterator[Row]:
        born = text_of(patient, "birthDate")
        minor = is_minor(born, self.today)
        guardians = [
            self.index.keys.key_of(relation.person)
            for relation in self.index.relations.get(key, ())
            if represents(relation.codes, minor=minor)
        ]
        inside = []
        for number, contact in enumerate(parts_of(patient, "contact"), 1):
            codes = frozenset(codes_of(parts_of(contact, "relationship")))
            if represents(codes, minor=minor):
                details = _details_of(contact)
                inside.append({**details, "holder_id": f"{key}#contact{number}", "kind": "person"})
        reachable = [
            r["holder_id"] for r in inside if r["email"] or r["phone"] or r["address_lines"]
        ]
        guardian = next((k for k in (*guardians, *reachable) if k), None)
        yield row | {
            "kind": "person",
            "language": _language_of(patient),
            "represented_by": guardian,
            "minor": None if minor is None else str(minor).lower(),
            "fhir.birth_on": born,
            "fhir.status": _status_of(patient),
        }
        for contact_row in inside:
            yield {**contact_row, "fhir.place": row["fhir.place"]}


def _details_of(holder: Element) -> Row:
    """Return name, e-mail, telephone and address; in R5 an organisation's stand in a contact."""
    contacts = [] if holder.get("resourceType") == "Patient" else parts_of(holder, "contact")
    points = parts_of(holder, "telecom")
    points += [point for contact in contacts for point in parts_of(contact, "telecom")]
    addresses = parts_of(holder, "address")
    addresses += [address for contact in contacts for address in parts_of(contact, "address")]
    lines, country = read_address(addresses)
    return {
        "name": read_person_name(holder),
        "email": read_contact_point(points, ("email",)),
        "phone": read_contact_point(points, _PHONE),
        "address_lines": lines,
        "country": _country_of(country),
        "language": _language_of(holder),
    }


def _country_of(text: str | None) -> str | None:
    """Return a country as its code if it is one, else as it is written."""
    if text is None:
        return None
    try:
        return parse_country(text)
    except UnknownCountry:
        return one_line(text)


def _language_of(person: Element) -> str | None:
    """Return the tag of the preferred language, else of the first that the person can use."""
    spoken = parts_of(person, "communication")
    spoken = [item for item in spoken if is_true(item, "preferred")] or spoken
    for item in spoken:
        # a Practitioner's communication is the language itself in R4
        for concept in (part_of(item, "language"), item):
            for coding in codings_of(concept):
                if coding.code:
                    return coding.code
    return None


def _status_of(patient: Element) -> str | None:
    """Return what must be known before a letter goes out: death, or a record out of use."""
    words = []
    if is_true(patient, "deceasedBoolean") or text_of(patient, "deceasedDateTime"):
        words.append("deceased")
    if patient.get("active") is False:
        words.append("inactive")
    return ", ".join(words) or None
