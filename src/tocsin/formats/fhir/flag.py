"""A Flag on a patient: a device under a field safety action. The same in R4 and R5."""

from tocsin.formats.fhir.written import (
    Concerned,
    Resource,
    device_references,
    identifier_of,
    subject_of,
)
from tocsin.notice.model import Notice

_DETAIL = "http://hl7.org/fhir/StructureDefinition/flag-detail"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/flag-category"


def write_flag(notice: Notice, concerned: Concerned) -> Resource:
    """Return an active Flag for a person, which points to the devices concerned.

    Source: http://hl7.org/fhir/flag.html and the extension flag-detail.
    """
    flag: Resource = {
        "resourceType": "Flag",
        "extension": [
            {"url": _DETAIL, "valueReference": reference}
            for reference in device_references(concerned)
        ],
        "identifier": [identifier_of("Flag", notice, concerned)],
        "status": "active",
        "category": [{"coding": [{"system": _CATEGORY, "code": "safety", "display": "Safety"}]}],
        "code": {
            "text": f"Device under a field safety action: {notice.title} "
            f"({notice.notice}, revision {notice.revision})"
        },
        "subject": subject_of(concerned),
    }
    if notice.issued_on:
        flag["period"] = {"start": notice.issued_on.isoformat()}
    return flag
