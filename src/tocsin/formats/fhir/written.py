"""What all resources that we write share: who is meant, references, identifiers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import NAMESPACE_URL, uuid5

from tocsin.base.verdict import Verdict
from tocsin.notice.model import Notice

Resource = dict[str, Any]
WrittenRelease = Literal["R4", "R5"]

_LITERAL = re.compile(r"(?:https?://[^?#\s]+/)?[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")


@dataclass(frozen=True)
class Concerned:
    """A holder whom a notice concerns.

    Attributes:
        holder_id: the person or organisation; ``Patient/1`` if it comes from FHIR.
        is_person: whether it is a patient.
        verdict: the most urgent of its devices.
        devices: their device_ids.
        addressee_id: to whom a letter goes.
        channel: ``e-mail``, ``letter`` or ``telephone``; empty if none is known.
        from_fhir: whether the ids are those of FHIR resources.
    """

    holder_id: str
    is_person: bool
    verdict: Verdict
    devices: Sequence[str]
    addressee_id: str
    channel: str = ""
    from_fhir: bool = True


def reference_to(key: str, kind: str, *, from_fhir: bool = True) -> Resource:
    """Return a reference to a holder or device; one by identifier if it has no address.

    >>> reference_to("Patient/1", "Patient"), reference_to("H1", "Patient", from_fhir=False)
    ({'reference': 'Patient/1'}, {'type': 'Patient', 'identifier': {'value': 'H1'}})
    """
    if from_fhir and _LITERAL.fullmatch(key):
        return {"reference": key}
    if from_fhir and _ID.fullmatch(key):
        return {"reference": f"{kind}/{key}"}
    return {"type": kind, "identifier": {"value": key}}


def subject_of(concerned: Concerned) -> Resource:
    """Return the reference to the holder."""
    kind = "Patient" if concerned.is_person else "Organization"
    return reference_to(concerned.holder_id, kind, from_fhir=concerned.from_fhir)


def addressee_of(concerned: Concerned) -> Resource:
    """Return the reference to whom a letter goes; a guardian within a Patient has none."""
    key = concerned.addressee_id
    if key == concerned.holder_id:
        return subject_of(concerned)
    if "#" in key:
        return {"display": "the guardian or carer whom the record of the patient names"}
    return reference_to(key, "RelatedPerson", from_fhir=concerned.from_fhir)


def device_references(concerned: Concerned) -> list[Resource]:
    """Return references to the devices, without the mark of a second holder."""
    keys = dict.fromkeys(device.partition("@")[0] for device in concerned.devices)
    return [reference_to(key, "Device", from_fhir=concerned.from_fhir) for key in keys]


def identifier_of(kind: str, notice: Notice, concerned: Concerned) -> Resource:
    """Return an identifier that is the same each time, so that nothing is created twice."""
    name = "|".join((kind, notice.notice, str(notice.revision), concerned.holder_id))
    return {
        "system": "urn:ietf:rfc:3986",
        "value": uuid5(NAMESPACE_URL, f"urn:tocsin:{name}").urn,
    }
