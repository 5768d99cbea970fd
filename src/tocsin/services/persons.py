"""Persons: their private data are shown one at a time, for a purpose, and it is told who looked."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from tocsin.base.errors import TocsinError, UsageError
from tocsin.outreach.contacts import addressee_of
from tocsin.registry.holder_record import PRIVATE_COLUMNS
from tocsin.services.work import Work, service
from tocsin.store.erased_file import Erased, note_erasure
from tocsin.store.erasure import destroy_private
from tocsin.store.home import find_home
from tocsin.store.models import Person
from tocsin.store.person_holds import why_held
from tocsin.store.sealed_persons import SealedPersons


class PersonUnknown(TocsinError):
    """There is no such person here."""

    code = "person_unknown"


class PersonErased(TocsinError):
    """The person's private data are no more."""

    code = "person_erased"


@dataclass(frozen=True)
class PersonShown:
    """One person, opened.

    Attributes:
        private: name and addresses, as far as they are known.
        addressee_id: who is written to: the carer or guardian where there is one.
        holder_ids: what each registry calls the person: registry name -> its id.
    """

    person_id: str
    kind: str
    country: str
    language: str
    is_minor: bool
    private: Mapping[str, str]
    addressee_id: str
    holder_ids: Mapping[str, str]


@dataclass(frozen=True)
class Erasure:
    """What became of a request to erase; ``held_because`` is empty if it was done."""

    person_id: str
    held_because: tuple[str, ...]


@service
def access_person(work: Work, person_id: str, purpose: str) -> PersonShown:
    """Return one person's private data. Right: operator, privacy officer. Leaves person_accessed.

    Args:
        work: the call.
        person_id: whose.
        purpose: why they are read; it stands in the audit trail, so it names nobody.

    Raises:
        UsageError: without a purpose.
        PersonUnknown: if there is nobody of this id here.
        PersonErased: if they were erased.
    """
    person = find_person(person_id)
    if purpose.strip() and person.sealed is None:
        raise PersonErased(
            f"The private data of person {person.pk} were erased on {person.erased_at:%Y-%m-%d}; "
            "nobody can read them any more."
        )
    return open_person(work, person, purpose)


def open_person(work: Work, person: Person, purpose: str) -> PersonShown:
    """Return a person, opened, and leave person_accessed; without private data if erased.

    Raises:
        UsageError: without a purpose.
    """
    if not purpose.strip():
        raise UsageError("Say for what you read a person's data (--purpose). Nothing was shown.")
    private = SealedPersons().open(person)
    represented_by = str(person.represented_by_id) if person.represented_by_id else None
    work.record("person_accessed", f"person:{person.pk}", reason=purpose.strip())
    return PersonShown(
        person_id=str(person.pk),
        kind=person.kind,
        country=person.country,
        language=person.language,
        is_minor=person.is_minor,
        private={name: private[name] for name in PRIVATE_COLUMNS if name in private},
        addressee_id=addressee_of(str(person.pk), represented_by),
        holder_ids={
            holder.registry.name: holder.holder_id
            for holder in person.holders.select_related("registry")
        },
    )


@service
def erase_person(work: Work, person_id: str, reason: str) -> Erasure:
    """Erase a person's private data for good. Right: privacy officer.

    The key is destroyed and the tokens go; the row stays, so that figures and the trail still
    hold. While something holds the person, the request is noted and nothing is erased: nobody
    drops silently out of an open action. Leaves person_erased or erasure_held.

    Raises:
        UsageError: without a reason.
        PersonUnknown: if there is nobody of this id here.
    """
    if not reason.strip():
        raise UsageError("Say why the person is erased (--reason). Nothing was erased.")
    person = find_person(person_id)
    if person.erased_at is not None:
        work.leave_unchanged()
        return Erasure(str(person.pk), ())
    if held := why_held(person):
        person.erasure_asked_at = person.erasure_asked_at or work.now
        person.save(update_fields=["erasure_asked_at"])
        subject = f"person:{person.pk}"
        work.record("erasure_held", subject, new={"because": list(held)}, reason=reason.strip())
        return Erasure(str(person.pk), held)
    _erase(work, person)
    work.record("person_erased", f"person:{person.pk}", reason=reason.strip())
    return Erasure(str(person.pk), ())


@service
def hold_person(work: Work, person_id: str, reason: str) -> None:
    """Put a person under legal hold: nobody may erase them. Right: privacy officer.

    Leaves legal_hold_set.
    """
    _set_hold(work, person_id, reason, "legal_hold_set", is_held=True)


@service
def end_hold(work: Work, person_id: str, reason: str) -> None:
    """End a person's legal hold. Right: privacy officer. Leaves legal_hold_ended."""
    _set_hold(work, person_id, reason, "legal_hold_ended", is_held=False)


def find_person(person_id: str) -> Person:
    """Return a person of the organisation that we act for.

    Raises:
        PersonUnknown: if there is nobody of this id here.
    """
    try:
        found = Person.objects.filter(pk=UUID(person_id)).first()
    except ValueError:
        found = None
    if found is None:
        raise PersonUnknown(f"There is no person {person_id[:40]!r} here. Nothing was changed.")
    return found


def _set_hold(work: Work, person_id: str, reason: str, event: str, *, is_held: bool) -> None:
    if not reason.strip():
        raise UsageError("Say why (--reason). Nothing was changed.")
    person = find_person(person_id)
    if person.legal_hold == is_held:
        work.leave_unchanged()
        return
    person.legal_hold = is_held
    person.save(update_fields=["legal_hold"])
    work.record(event, f"person:{person.pk}", reason=reason.strip())


def _erase(work: Work, person: Person) -> None:
    """Erase, after it stands on disk outside the database that we did."""
    note_erasure(
        find_home().erased,
        Erased(str(person.pk), work.now.isoformat(), person.organisation_id),
    )
    destroy_private(str(person.pk), work.now)
