"""The letters of an action: CommunicationRequest for a planned one, Communication for a sent."""

from datetime import datetime
from typing import Literal

from tocsin.base.verdict import Verdict
from tocsin.formats.fhir.written import (
    Concerned,
    Resource,
    WrittenRelease,
    addressee_of,
    device_references,
    identifier_of,
    subject_of,
)
from tocsin.notice.model import Notice

_MODES = "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode"
_MODE_OF_CHANNEL = {"e-mail": "EMAILWRIT", "letter": "MAILWRIT", "telephone": "PHONE"}
_CATEGORY = "http://terminology.hl7.org/CodeSystem/communication-category"

SendState = Literal["in-progress", "completed", "stopped", "not-done", "unknown"]


def write_communication_request(
    notice: Notice, concerned: Concerned, release: WrittenRelease
) -> Resource:
    """Return a planned letter as a draft: a person reviews it before anything is sent.

    Source: http://hl7.org/fhir/communicationrequest.html, R4 and R5.
    """
    request = _letter("CommunicationRequest", notice, concerned, release)
    request["status"] = "draft"
    if release == "R5":
        request["intent"] = "plan"
    return request


def write_communication(
    notice: Notice,
    concerned: Concerned,
    release: WrittenRelease,
    state: SendState,
    sent_at: datetime | None = None,
) -> Resource:
    """Return a letter that was sent, or whose sending ended otherwise.

    Args:
        notice: what it is about.
        concerned: to whom.
        release: R4 or R5.
        state: what became of it; ``unknown`` if the carrier did not say.
        sent_at: when it went out, aware.
    """
    sent = _letter("Communication", notice, concerned, release)
    sent["status"] = state
    if sent_at is not None:
        sent["sent"] = sent_at.isoformat(timespec="seconds").replace("+00:00", "Z")
    return sent


def _letter(kind: str, notice: Notice, concerned: Concerned, release: WrittenRelease) -> Resource:
    text = _content(notice, concerned.verdict)
    letter: Resource = {
        "resourceType": kind,
        "identifier": [identifier_of(kind, notice, concerned)],
        "category": [
            {
                "coding": [
                    {"system": _CATEGORY, "code": "notification", "display": "Notification"}
                ],
                "text": "Field safety notice",
            }
        ],
        "about": device_references(concerned),
        "recipient": [addressee_of(concerned)],
    }
    if concerned.is_person:
        letter["subject"] = subject_of(concerned)
    if mode := _MODE_OF_CHANNEL.get(concerned.channel):
        letter["medium"] = [{"coding": [{"system": _MODES, "code": mode}]}]
    if release == "R5":  # R5 has no contentString, and a reason of its own type
        letter["payload"] = [{"contentCodeableConcept": {"text": text}}]
        letter["reason"] = [{"concept": {"text": notice.title}}]
    else:
        letter["payload"] = [{"contentString": text}]
        letter["reasonCode"] = [{"text": notice.title}]
    return letter


def _content(notice: Notice, verdict: Verdict) -> str:
    named = f"{notice.title} ({notice.notice}, revision {notice.revision})"
    if verdict is Verdict.AFFECTED:
        return f"The letter to holders of affected devices. Notice: {named}"
    return (
        f"The letter that asks what is missing to tell if the device is affected. Notice: {named}"
    )
