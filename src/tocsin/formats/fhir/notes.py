"""What a user is told about a FHIR source beside what was set aside."""

from collections.abc import Iterator

from tocsin.formats.fhir.registry import RegistryReading
from tocsin.formats.fhir.source import FhirSource

_SHOWN = 5


def source_notes(source: FhirSource) -> Iterator[str]:
    """Yield sentences about what the source holds and what it lacks."""
    missing = [url for url in source.next_pages if url not in source.pages]
    if missing:
        where = source.next_pages[missing[0]]
        yield (
            f"{len(missing):,} Bundles name a next page that is not among the files (the first: "
            f"{where}). Devices on it were NOT judged. Fetch all pages, and give their folder."
        )
    if problems := source.others.get("OperationOutcome"):
        yield (
            f"The source holds {problems:,} reports of problems (OperationOutcome): the server "
            "may have left something out. Read them before you rely on the figures."
        )
    passed = [
        f"{n:,} {kind}" for kind, n in sorted(source.others.items()) if kind not in _SAYS_NOTHING
    ]
    if passed:
        yield f"Not read, since they are no list of devices: {', '.join(passed)}."
    files = [*source.not_fhir, *source.not_read]
    if files:
        rest = f" and {len(files) - _SHOWN} more" if len(files) > _SHOWN else ""
        yield f"No FHIR, and not read: {', '.join(files[:_SHOWN])}{rest}."


_SAYS_NOTHING = frozenset({
    "CapabilityStatement",
    "DeviceDefinition",
    "Location",
    "OperationOutcome",
    "Organization",
    "Patient",
    "Practitioner",
    "PractitionerRole",
    "RelatedPerson",
    "DeviceUseStatement",
    "DeviceUsage",
    "DeviceAssociation",
})  # fmt: skip


def registry_notes(reading: RegistryReading, copies: int) -> Iterator[str]:
    """Yield sentences about doubts in the devices."""
    if copies:
        yield f"{copies:,} devices were given more than once in the same words; they count once."
    if reading.several_holders:
        yield (
            f"{reading.several_holders:,} devices have or had more than one holder; each holder "
            "has a row, and only the first counts as the unit."
        )
    if reading.without_device:
        yield (
            f"{reading.without_device:,} uses speak of a device that is not in the source; each "
            "has a row without product, so that its holder is not forgotten."
        )
    if reading.loose_versions:
        yield (
            f"{reading.loose_versions:,} devices give a version that is not surely their "
            "software's; it stands in fhir.other_versions and counts as unknown."
        )
    for name, n in sorted(reading.unread_fields.items()):
        yield f"{name} has in {n:,} devices a value of the wrong type; it counts as unknown."


def holder_notes(copies: int) -> tuple[str, ...]:
    """Return sentences about the holders."""
    return (f"{copies:,} holders were given more than once; they count once.",) if copies else ()
