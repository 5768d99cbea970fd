"""A SupplyRequest for what replaces an affected device."""

from tocsin.formats.fhir.written import (
    Concerned,
    Resource,
    WrittenRelease,
    device_references,
    identifier_of,
    subject_of,
)
from tocsin.notice.model import Notice, Remedy

REPLACING = frozenset({"exchange", "replacement"})
# R4 cannot say for whom; this is how a field of R5 is written there.
_DELIVER_FOR = "http://hl7.org/fhir/5.0/StructureDefinition/extension-SupplyRequest.deliverFor"


def replacing_remedy(notice: Notice) -> Remedy | None:
    """Return the remedy that sends something to patients, if the notice offers one."""
    offered = (r for r in notice.remedies if r.kind in REPLACING and r.audience == "patient")
    return next(offered, None)


def write_supply_request(
    notice: Notice, remedy: Remedy, concerned: Concerned, release: WrittenRelease
) -> Resource:
    """Return a request as a draft: one unit per affected device, for a person to confirm.

    Source: http://hl7.org/fhir/supplyrequest.html, R4 and R5.
    """
    item = {"text": remedy.details or f"{remedy.kind.capitalize()} for the affected device"}
    request: Resource = {
        "resourceType": "SupplyRequest",
        "identifier": [identifier_of("SupplyRequest", notice, concerned)],
        "status": "draft",
        "quantity": {"value": len(device_references(concerned))},
    }
    if release == "R5":
        request["item"] = {"concept": item}
        request["reason"] = [{"concept": {"text": notice.title}}]
        if concerned.is_person:
            request["deliverFor"] = subject_of(concerned)
    else:
        request["itemCodeableConcept"] = item
        request["reasonCode"] = [{"text": notice.title}]
        if concerned.is_person:
            request["extension"] = [{"url": _DELIVER_FOR, "valueReference": subject_of(concerned)}]
    if not concerned.is_person:
        request["deliverTo"] = subject_of(concerned)
    return request
