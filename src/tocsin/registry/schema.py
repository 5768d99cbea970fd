"""The columns of a registry and of a holders file, and what counts as empty."""

from collections.abc import Mapping

from tocsin.registry.placeholder import is_placeholder
from tocsin.registry.spoilt import is_spoilt

COLUMNS: Mapping[str, str] = {
    "device_id": "the record's key, unique in the registry; the only column that must be filled",
    "holder_id": "who has the device",
    "clinic_id": "the clinic that looks after the holder",
    "manufacturer": "who made it, in any spelling",
    "product": "its name",
    "model": "its model number, with any suffix",
    "catalogue_no": "its catalogue or reference number",
    "udi": "the device identifier: whole bar code text, or the DI alone",
    "software_version": "the software version, as the device shows it",
    "lot": "the lot or batch",
    "serial": "the serial number",
    "quantity": "how many; empty is unknown, not one",
    "country": "country of sale, ISO 3166 with two letters",
    "made_on": "day of manufacture (ISO day, month or year)",
    "shipped_on": "day of shipment",
    "implanted_on": "day of implantation",
    "serviced_on": "day of the last service",
    "expires_on": "day of expiry",
    "evidence_on": "how old the information is",
    "evidence_source": "where it comes from",
}
FACT_PREFIX = "fact."

HOLDER_COLUMNS: Mapping[str, str] = {
    "holder_id": "the holder's key, unique in the file",
    "kind": "person, clinician, clinic, pharmacy, distributor or payer",
    "name": "name",
    "email": "e-mail address",
    "phone": "telephone number",
    "address_lines": "postal address, lines joined by |",
    "country": "ISO 3166, two letters",
    "language": "BCP 47 tag, such as fr or nl-BE",
    "clinic_id": "the clinic that looks after the person",
    "represented_by": "carer or guardian to write to instead (holder_id)",
    "minor": "true for a child",
}

PRODUCT_COLUMNS = ("manufacturer", "product", "model", "catalogue_no", "udi")
EVIDENCE_COLUMNS = ("product", "model", "catalogue_no", "udi")
DAY_COLUMNS = ("made_on", "shipped_on", "expires_on", "serviced_on", "implanted_on")


def clean(text: str | None) -> str | None:
    """Return a value without surrounding space, or None if it says nothing that is known.

    That is a placeholder, or what a spreadsheet program has made of a value.

    >>> clean(" n/a "), clean(" 2.4A")
    (None, '2.4A')
    """
    if text is None:
        return None
    trimmed = text.strip()
    return None if is_placeholder(trimmed) or is_spoilt(trimmed) else trimmed
