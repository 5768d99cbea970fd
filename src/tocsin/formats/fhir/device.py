"""One Device read: what it says of itself, as columns of a registry."""

from tocsin.formats.fhir.device_version import read_versions
from tocsin.formats.fhir.element import Element, codings_of, day_of, part_of, text_of
from tocsin.formats.fhir.product_evidence import kind_words, read_carriers, read_names

Row = dict[str, str | None]

# Columns beside those of a registry: what a person should see, but no rule may decide by.
EXTRA_COLUMNS = (
    "fhir.status",
    "fhir.use",
    "fhir.kind",
    "fhir.other_names",
    "fhir.other_versions",
    "fhir.other_udi",
)
_TEXTS = {
    "manufacturer": "manufacturer",
    "modelNumber": "model",
    "partNumber": "catalogue_no",
    "lotNumber": "lot",
    "serialNumber": "serial",
}
_DAYS = {"manufactureDate": "made_on", "expirationDate": "expires_on"}
_LISTS = ("udiCarrier", "deviceName", "name", "version")


def read_device(device: Element, definition: Element) -> Row:
    """Return what a Device, R4 or R5, says of itself; its definition fills what is missing.

    The definition tells only what all devices of a kind share: maker, model, name and DI.
    """
    kinds = kind_words(device)
    names = read_names(device, kinds)
    carriers = read_carriers(device)
    versions = read_versions(device)
    row: Row = {column: text_of(device, name) for name, column in _TEXTS.items()}
    row |= {column: day_of(text_of(device, name)) for name, column in _DAYS.items()}
    row["product"] = names.product
    row["udi"] = carriers.udi
    row["software_version"] = versions.software
    row["quantity"] = "1" if row["serial"] else None
    row["evidence_on"] = day_of(text_of(part_of(device, "meta"), "lastUpdated"))
    row["fhir.status"] = _status_of(device)
    row["fhir.kind"] = "; ".join(kinds) or None
    row["fhir.other_names"] = names.others
    row["fhir.other_versions"] = versions.others
    row["fhir.other_udi"] = carriers.others
    return _filled(row, definition) if definition else row


def _filled(row: Row, definition: Element) -> Row:
    """Return a row with what a definition adds to it; nothing that the row has is changed."""
    kinds = kind_words(definition)
    names = read_names(definition, kinds)
    more: Row = {
        "manufacturer": _maker_of(definition),
        "product": names.product,
        "model": text_of(definition, "modelNumber"),
        "catalogue_no": text_of(definition, "partNumber"),
        "fhir.kind": "; ".join(kinds) or None,
        "fhir.other_names": names.others,
    }
    if row["udi"] is None and row["fhir.other_udi"] is None:
        more["udi"], more["fhir.other_udi"] = read_carriers(definition)
    return row | {name: value for name, value in more.items() if not row[name]}


def _maker_of(definition: Element) -> str | None:
    reference = part_of(definition, "manufacturer") or part_of(definition, "manufacturerReference")
    written = text_of(definition, "manufacturerString") or text_of(definition, "manufacturer")
    return written or text_of(reference, "display")


def _status_of(device: Element) -> str | None:
    """Return the state of the record, and in R5 of the device (lost, destroyed)."""
    words = [text_of(device, "status") or ""]
    words += [coding.code for coding in codings_of(part_of(device, "availabilityStatus"))]
    return ", ".join(word for word in words if word) or None


def misplaced_fields(device: Element) -> list[str]:
    """Return the fields whose value has not the type that FHIR gives them.

    >>> misplaced_fields({"lotNumber": {"value": "A1"}, "udiCarrier": "(01)1"})
    ['lotNumber', 'udiCarrier']
    """
    wrong = [
        name
        for name in (*_TEXTS, *_DAYS)
        if device.get(name) is not None and not isinstance(device[name], str)
    ]
    return wrong + [
        name
        for name in _LISTS
        if device.get(name) is not None and not isinstance(device[name], list | dict)
    ]


def explain_unusable(device: Element) -> str:
    """Return why a Device must not be judged; empty if it may."""
    if text_of(device, "status") == "entered-in-error":
        return "its status is entered-in-error: whoever keeps it says that it is wrong"
    if device.get("modifierExtension") or device.get("implicitRules"):
        return (
            "it has a modifierExtension or implicitRules, which may turn its meaning round, and "
            "which this program does not know"
        )
    return ""
