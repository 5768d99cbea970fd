"""Which release of FHIR a resource is written in, as far as it can be told from itself."""

import re
from typing import Literal

from tocsin.formats.fhir.element import Element, part_of, text_of, texts_of

Release = Literal["R4", "R5", "older"]

# Source: http://hl7.org/fhir/directory.html, which lists the version numbers of the releases.
_VERSION = re.compile(r"^(\d)\.\d")
_RELEASES: dict[str, Release] = {"0": "older", "1": "older", "3": "older", "4": "R4", "5": "R5"}
_IN_PROFILE = re.compile(r"/fhir/(?:(STU3|DSTU2)/|(\d\.\d))", re.IGNORECASE)
_PINNED = re.compile(r"^http://hl7\.org/fhir/StructureDefinition/[A-Za-z]+\|(\d\.\d)")

_SHAPES: dict[str, dict[Release, tuple[str, ...]]] = {
    "Device": {
        "R4": ("deviceName", "specialization", "distinctIdentifier", "statusReason"),
        "R5": (
            "name",
            "displayName",
            "availabilityStatus",
            "category",
            "mode",
            "cycle",
            "biologicalSourceEvent",
            "conformsTo",
        ),
        "older": ("udi", "model"),
    },
    "DeviceUseStatement": {
        "R4": ("reasonCode", "reasonReference", "basedOn", "derivedFrom"),
        "older": ("whenUsed", "indication", "notes"),
    },
}
# Fields that R4 and R5 share and older releases have not.
_SINCE_R4 = ("udiCarrier", "serialNumber", "modelNumber", "partNumber", "definition")


def release_of(resource: Element) -> Release | None:
    """Return the release of a resource; None if it could be of several.

    >>> release_of({"resourceType": "Device", "udi": {}}), release_of({"resourceType": "Patient"})
    ('older', None)
    """
    stated = _stated_release(resource)
    if stated:
        return stated
    kind = str(resource.get("resourceType"))
    if kind in {"DeviceUsage", "DeviceAssociation"}:
        return "R5"
    shapes = _SHAPES.get(kind, {})
    found: list[Release] = [
        release for release, names in shapes.items() if any(name in resource for name in names)
    ]
    if kind == "Device" and _has_plain_version(resource):
        found.append("older")
    if "older" in found and (len(set(found)) > 1 or any(name in resource for name in _SINCE_R4)):
        found = [release for release in found if release != "older"]
    return found[0] if len(set(found)) == 1 else None


def _has_plain_version(device: Element) -> bool:
    """Whether a Device has the one text that STU3 has for a version."""
    return text_of(device, "version") is not None


def _stated_release(resource: Element) -> Release | None:
    if version := text_of(resource, "fhirVersion"):
        found = _VERSION.match(version)
        return _RELEASES.get(found.group(1)) if found else None
    for profile in texts_of(part_of(resource, "meta"), "profile"):
        if inside := _IN_PROFILE.search(profile):
            return "older" if inside.group(1) else _RELEASES.get(inside.group(2)[0])
        if pinned := _PINNED.match(profile):
            return _RELEASES.get(pinned.group(1)[0])
    return None
