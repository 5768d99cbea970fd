"""A notice as FHIR R5: one DeviceDefinition per product, each with its corrective action.

FHIR can say that a model, lots or serial numbers are under correction, not which: no version,
range or date. A receiver learns that the action exists, never whom it concerns; the Bundle
says so, and names the notice.
"""

from collections.abc import Iterator
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from tocsin.formats.fhir.written import Resource
from tocsin.notice.describe import describe_entry
from tocsin.notice.model import Notice
from tocsin.notice.scope import Entry, Numbers

_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_RECALLING = frozenset({"recall", "removal"})
_GS1 = "http://hl7.org/fhir/NamingSystem/gs1-di"


def write_device_definition(notice: Notice) -> Resource:
    """Return a collection Bundle of DeviceDefinition resources for what a notice affects.

    An entry gives one definition per model and catalogue number, or one if it names none.
    Source: http://hl7.org/fhir/R5/devicedefinition.html.
    """
    entries = [entry for entry in notice.scope if entry.affects]
    bundle: Resource = {
        "resourceType": "Bundle",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": _urn(notice)},
        "type": "collection",
        "entry": [
            {"fullUrl": _urn(notice, entry.entry, str(number)), "resource": definition}
            for entry in entries
            for number, definition in enumerate(_definitions(notice, entry))
        ],
    }
    return bundle


def _urn(notice: Notice, *more: str) -> str:
    name = "|".join((notice.notice, str(notice.revision), *more))
    return uuid5(NAMESPACE_URL, f"urn:tocsin:{name}").urn


def _definitions(notice: Notice, entry: Entry) -> Iterator[Resource]:
    product = entry.product
    shared: Resource = {"resourceType": "DeviceDefinition"}
    shared["identifier"] = [{"value": f"{notice.notice}#{entry.entry}"}]
    shared["description"] = (
        f"Notice {notice.notice}, revision {notice.revision}, entry {entry.entry} affects "
        f"{describe_entry(entry)}. Which devices are concerned is told by the notice alone."
    )
    if maker := notice.manufacturer_of(entry):
        shared["manufacturer"] = {"display": maker}
    names = [*product.names, *([product.family] if product.family else [])]
    if names:
        shared["deviceName"] = [{"name": n, "type": "user-friendly-name"} for n in names]
    if product.dis:
        jurisdiction = {"extension": [{"url": _ABSENT, "valueCode": "unknown"}]}
        shared["udiDeviceIdentifier"] = [
            {"deviceIdentifier": di, "issuer": _GS1, "_jurisdiction": jurisdiction}
            for di in product.dis
        ]
    shared["correctiveAction"] = _corrective_action(notice, entry)
    numbered = [{"modelNumber": model} for model in product.models]
    numbered += [{"partNumber": number} for number in product.catalogue]
    for number in numbered or [{}]:
        yield shared | number


def _corrective_action(notice: Notice, entry: Entry) -> Resource:
    """Return the corrective action; its period may lack a beginning, but must be there."""
    period: dict[str, Any] = {"extension": [{"url": _ABSENT, "valueCode": "unknown"}]}
    if notice.issued_on:
        period = {"start": notice.issued_on.isoformat()}
    return {"recall": notice.kind in _RECALLING, "scope": _scope_of(entry), "period": period}


def _scope_of(entry: Entry) -> str:
    if _limits(entry.serials):
        return "serial-numbers"
    return "lot-numbers" if _limits(entry.lots) else "model"


def _limits(numbers: Numbers) -> bool:
    stated = (numbers.any_of, numbers.prefixes, numbers.ranges, numbers.unread, numbers.withheld)
    return any(stated)
