"""Signatures on the very bytes that are approved, and the rule that two people must agree.

A signature exists only inside a service whose right says `step_up`: `services.work` has used up a
fresh proof of the signer before. 21 CFR 11.50(a): printed name, date and time, meaning; 11.70:
bound to the record, here by the SHA-256 of its bytes; 11.100(a): one person's alone; 11.200(a):
the password opened the session, the code or the key is given again for each act.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from tocsin.base.errors import TocsinError
from tocsin.services.rights import SIGNED
from tocsin.services.work import Work, service
from tocsin.store.models import Signature, User
from tocsin.store.tables.signature import Meaning

_AGREEING = (Meaning.REVIEWED, Meaning.APPROVED, Meaning.RELEASED)


class UnprovenSignature(TocsinError):
    """A service that asks for no proof was to sign: a bug of ours."""

    code = "unproven_signature"
    exit_code = 1


class SecondPersonMissing(TocsinError):
    """Nobody but one person has agreed to these bytes."""

    code = "second_person_missing"


@dataclass(frozen=True)
class SignatureLine:
    """A signature as it is printed: 21 CFR 11.50(b).

    Attributes:
        signature_id: its id.
        user_id: who signed.
        printed_name: what they were called then.
        signed_at: when, in the signer's zone.
        meaning: authored, reviewed, approved or released.
        subject: what was signed, as ``table:id``.
        sha256: of the bytes that were signed, hexadecimal.
        method: how the signer proved who they were: totp or webauthn.
    """

    signature_id: int
    user_id: int
    printed_name: str
    signed_at: datetime
    meaning: Meaning
    subject: str
    sha256: str
    method: str

    def __str__(self) -> str:
        when = self.signed_at.isoformat(sep=" ", timespec="seconds")
        return f"{self.meaning} by {self.printed_name} on {when} (SHA-256 {self.sha256})"


def add_signature(work: Work, subject: str, content: bytes, meaning: Meaning) -> int:
    """Sign bytes as the caller of a service and return the signature's id. Leaves signature_added.

    No service of its own: who approves something calls the service that approves it, and that one
    signs the bytes that it has itself taken from the store, never bytes that came with the call.

    Args:
        work: of a service whose right says `step_up`.
        subject: what is signed, as ``table:id``.
        content: its bytes; the signature is bound to their SHA-256.
        meaning: what the signer says about it.

    Raises:
        UnprovenSignature: if the service asks for no proof.
    """
    if work.proven_by is None:
        raise UnprovenSignature(f"{work.service} signs, but its right does not say step_up.")
    offset = work.now.utcoffset()
    made = Signature.objects.create(
        user_id=work.user_id,
        printed_name=User.objects.get(pk=work.user_id).name,
        signed_at=work.now,
        utc_offset_min=int(offset.total_seconds() // 60) if offset else 0,
        meaning=meaning,
        subject=subject,
        sha256=sha256(content).hexdigest(),
        method=work.proven_by,
    )
    new = {
        "subject": subject,
        "sha256": made.sha256,
        "meaning": str(meaning),
        "method": str(work.proven_by),
    }
    work.record(SIGNED, f"signature:{made.pk}", new=new)
    return made.pk


def check_second_person(subject: str, content: bytes, author_id: int | None) -> None:
    """Check that two people stand behind these bytes, and that one of them is not the author.

    Whoever signed as the author, or is named as the author, counts as one; somebody else must have
    signed as reviewer, approver or releaser. Signatures over other bytes, or on another subject,
    do not count: a changed letter is agreed to anew.

    Args:
        subject: what is released, as ``table:id``.
        content: its bytes as they are now.
        author_id: the user who wrote it, whether they signed or not; None if nobody here did,
            then two different people must have agreed.

    Raises:
        SecondPersonMissing: saying what is there and what is missing.
    """
    digest = sha256(content).hexdigest()
    signed = Signature.objects.filter(subject=subject, sha256=digest)
    authors = set(signed.filter(meaning=Meaning.AUTHORED).values_list("user_id", flat=True))
    if author_id is not None:
        authors.add(author_id)
    agreed = set(signed.filter(meaning__in=_AGREEING).values_list("user_id", flat=True))
    if agreed - authors and len(agreed | authors) >= 2:
        return
    raise SecondPersonMissing(
        f"{subject} must be agreed to by two people, one of them not its author; {len(agreed)} "
        f"signed these bytes (SHA-256 {digest[:16]}...) as reviewer or releaser, "
        f"{len(agreed - authors)} of them not the author. Nothing was released. Ask a second "
        "person to look at it and sign."
    )


@service
def list_signatures(work: Work, subject: str) -> list[SignatureLine]:  # noqa: ARG001 - its rights
    """Return the signatures on a subject, first signed first. Right: all but administrators."""
    return signature_lines(subject)


def signature_lines(subject: str) -> list[SignatureLine]:
    """Return the signatures on a subject, first signed first; no service of its own."""
    return [
        SignatureLine(
            row.pk,
            row.user_id,
            row.printed_name,
            row.signed_local,
            Meaning(row.meaning),
            row.subject,
            row.sha256,
            row.method,
        )
        for row in Signature.objects.filter(subject=subject).order_by("pk")
    ]
