"""Whether a resource is written in an older release of FHIR than R4, as far as it tells itself.

R4 and R5 need no such question: where they differ their fields have different names, and both are
read. What could be of any release is read too.
"""

import re

from tocsin.formats.fhir.element import Element, part_of, text_of, texts_of

# Source: http://hl7.org/fhir/directory.html, which lists the version numbers of the releases.
_VERSION = re.compile(r"(\d)\.\d")
_OLDER_VERSIONS = frozenset("013")
_IN_PROFILE = re.compile(r"/fhir/(?:(STU3|DSTU2)/|(\d)\.\d)", re.IGNORECASE)
_PINNED = re.compile(r"http://hl7\.org/fhir/StructureDefinition/[A-Za-z]+\|(\d)\.\d")

# Fields of STU3 and DSTU2 that later releases have not, and fields that only later ones have: a
# resource with both is taken for a later one with a field of its own.
_FIELDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "Device": (
        frozenset({"udi", "model"}),
        frozenset({
            "udiCarrier", "serialNumber", "modelNumber", "partNumber", "definition", "deviceName",
            "specialization", "distinctIdentifier", "statusReason", "name", "displayName",
            "availabilityStatus", "category", "mode", "cycle", "conformsTo",
            "biologicalSourceEvent",
        }),
    ),
    "DeviceUseStatement": (
        frozenset({"whenUsed", "indication", "notes"}),
        frozenset({"reasonCode", "reasonReference", "basedOn", "derivedFrom"}),
    ),
}  # fmt: skip


def is_older(resource: Element) -> bool:
    """Return whether a resource is surely of STU3 or older.

    >>> is_older({"resourceType": "Device", "udi": {}}), is_older({"resourceType": "Device"})
    (True, False)
    """
    stated = _stated_version(resource)
    if stated is not None:
        return stated in _OLDER_VERSIONS
    kind = resource.get("resourceType")
    fields = _FIELDS.get(kind) if isinstance(kind, str) else None
    if fields is None:
        return False
    older, later = fields
    # in STU3 the version of a Device is one text, later a list
    has_older = not older.isdisjoint(resource) or (
        kind == "Device" and isinstance(resource.get("version"), str)
    )
    return has_older and later.isdisjoint(resource)


def _stated_version(resource: Element) -> str | None:
    """Return the first digit of the version that a resource states of itself."""
    if version := text_of(resource, "fhirVersion"):
        found = _VERSION.match(version)
        return found.group(1) if found else None
    if "meta" not in resource:
        return None
    for profile in texts_of(part_of(resource, "meta"), "profile"):
        if inside := _IN_PROFILE.search(profile):
            return "3" if inside.group(1) else inside.group(2)
        if pinned := _PINNED.match(profile):
            return pinned.group(1)
    return None
