"""Everything about one person, and finding a person by what they tell of themselves.

A search compares blind tokens, so that nobody's name is read for it; what it finds is told by
ids. Searching, and opening what was found, both leave a row in the audit trail.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max, QuerySet

from tocsin.base.errors import UsageError
from tocsin.base.truth import Truth
from tocsin.base.verdict import verdict_of
from tocsin.outreach.dispatch_states import DispatchState, dispatch_meanings
from tocsin.registry.same_person import Mark, marks_of
from tocsin.services.persons import PersonShown, find_person, open_person
from tocsin.services.work import Work, service
from tocsin.store.audit.listing import TrailLine, Wanted, find_lines
from tocsin.store.blind_tokens import BlindTokens
from tocsin.store.home import find_home
from tocsin.store.models import (
    DeviceRecord,
    Dispatch,
    Holder,
    MatchRun,
    Person,
    PersonLink,
    PersonToken,
    Registry,
    TriageAnswer,
    Verdict,
)
from tocsin.store.person_holds import why_held
from tocsin.store.run_rows import GAP_PLACE, records_at, revisions_of
from tocsin.store.tenancy import current_organisation

BY_HOLDER_ID, BY_PERSON_ID = "holder_id", "person_id"
SEARCHED_BY: Mapping[str, str] = {
    "email": "E-mail address",
    "phone": "Telephone number",
    "name": "Whole name",
    BY_HOLDER_ID: "Holder number of a list",
    BY_PERSON_ID: "Person number",
}
"""By what a person can be looked for, with words for it."""
_COLUMN_OF_MARK = {Mark.EMAIL: "email", Mark.PHONE: "phone", Mark.NAME: "name"}
_MOST_FOUND = 20
_N_ACCESSES = 100
_N_DISPATCHES = 100
_PERSON_EVENTS = frozenset(
    {"person_accessed", "person_erased", "erasure_held", "legal_hold_set", "legal_hold_ended"}
)


@dataclass(frozen=True)
class PersonFound:
    """Somebody whom a search has found, by ids only."""

    person_id: str
    kind: str
    country: str
    is_erased: bool
    holders: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PersonSearch:
    """What a search has found; ``has_more`` if there are more than are shown."""

    found: tuple[PersonFound, ...]
    has_more: bool


@dataclass(frozen=True)
class PersonVerdict:
    """What the last run of an action says of one of a person's devices, for one notice."""

    action_id: int
    action: str
    run: int
    notice: str
    verdict: str
    entry: str
    reason_code: str


@dataclass(frozen=True)
class PersonDevice:
    """A device that a person holds now, with what was decided about it."""

    registry_id: int
    registry: str
    holder_id: str
    device_id: str
    manufacturer: str
    product: str
    software_version: str
    lot: str
    serial: str
    quantity: str
    evidence_on: str
    verdicts: tuple[PersonVerdict, ...]


@dataclass(frozen=True)
class PersonAnswer:
    """What somebody told about one of a person's devices."""

    action_id: int
    answered_at: datetime
    device_id: str
    column: str
    old_value: str
    new_value: str
    told_by: str
    evidence: str


@dataclass(frozen=True)
class PersonDispatch:
    """A letter to, or about, a person: which one, through which channel, where it stands.

    Attributes:
        goes_to: the id of who is written to, if that is somebody else.
        meaning: what the state means, in words.
    """

    action_id: int
    letter: str
    language: str
    channel: str
    purpose: str
    goes_to: str
    state: str
    meaning: str
    state_at: datetime


@dataclass(frozen=True)
class PersonTie:
    """A link to another person who may be, or is, the same."""

    link_id: int
    person_id: str
    state: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class PersonFile:
    """Everything about one person.

    Attributes:
        shown: private data and the ids of the lists.
        represents: the ids of those for whom this person is written to.
        held_because: why they cannot be erased now.
        dispatches: letters to them and about them, the newest first, at most a hundred.
        accesses: what was done with their data, the newest first, at most a hundred rows.
    """

    shown: PersonShown
    legal_hold: bool
    erasure_asked_at: datetime | None
    erased_at: datetime | None
    held_because: tuple[str, ...]
    represents: tuple[str, ...]
    devices: tuple[PersonDevice, ...]
    answers: tuple[PersonAnswer, ...]
    dispatches: tuple[PersonDispatch, ...]
    ties: tuple[PersonTie, ...]
    accesses: tuple[TrailLine, ...]


@service
def search_persons(work: Work, by: str, text: str, purpose: str) -> PersonSearch:
    """Return whom something is known of, by ids only. Right: operator, privacy officer.

    Leaves persons_searched: by what was searched, never for what, and who was found.

    Args:
        work: the call.
        by: one of `SEARCHED_BY`. Names are compared whole, without accents and in any order.
        text: what the person tells.
        purpose: why; it names nobody.

    Raises:
        UsageError: if it says nothing that could be looked for.
    """
    if by not in SEARCHED_BY or not purpose.strip():
        raise UsageError("Say by what you look for somebody, and for what. Nothing was searched.")
    found = list(_found_by(by, text)[: _MOST_FOUND + 1])
    told = tuple(map(_tell_found, found[:_MOST_FOUND]))
    work.record(
        "persons_searched",
        "persons",
        new={"by": by, "n_found": len(told), "persons": [each.person_id for each in told]},
        reason=purpose.strip(),
    )
    return PersonSearch(told, len(found) > _MOST_FOUND)


@service
def access_person_file(work: Work, person_id: str, purpose: str) -> PersonFile:
    """Return everything about one person. Right: operator, privacy officer.

    Leaves person_accessed. Who was erased is shown without private data.

    Raises:
        UsageError: without a purpose.
        PersonUnknown: if there is nobody of this id here.
    """
    person = find_person(person_id)
    shown = open_person(work, person, purpose)
    devices, row_nos = _devices(person)
    wanted = Wanted(subject=f"person:{person.pk}", events=_PERSON_EVENTS, limit=_N_ACCESSES)
    return PersonFile(
        shown=shown,
        legal_hold=person.legal_hold,
        erasure_asked_at=person.erasure_asked_at,
        erased_at=person.erased_at,
        held_because=why_held(person),
        represents=tuple(_represented_by(person)),
        devices=_with_verdicts(devices, row_nos),
        answers=tuple(_answers(devices)),
        dispatches=tuple(_dispatches(person)),
        ties=tuple(_ties(person)),
        accesses=tuple(find_lines(work.caller.organisation_id, wanted)),
    )


def _found_by(by: str, text: str) -> QuerySet[Person]:
    if by == BY_PERSON_ID:
        try:
            return Person.objects.filter(pk=UUID(text.strip()))
        except ValueError:
            raise UsageError("A person's number has 32 letters and digits. Look again.") from None
    if by == BY_HOLDER_ID:
        holders = Holder.objects.filter(holder_id=text.strip()).values("person_id")
        return Person.objects.filter(pk__in=holders).order_by("pk")
    mark = Mark(by)
    normal = marks_of({_COLUMN_OF_MARK[mark]: text}).get(mark)
    if normal is None:
        raise UsageError(f"This is no {SEARCHED_BY[by].lower()}. Nothing was searched.")
    token = BlindTokens(find_home().persons_key, current_organisation()).token(mark, normal)
    tokens = PersonToken.objects.filter(kind=str(mark), token=token).values("person_id")
    return Person.objects.filter(pk__in=tokens).order_by("pk")


def _tell_found(person: Person) -> PersonFound:
    holders = person.holders.select_related("registry").order_by("pk")
    return PersonFound(
        str(person.pk),
        person.kind,
        person.country,
        person.erased_at is not None,
        tuple((holder.registry.name, holder.holder_id) for holder in holders),
    )


def _represented_by(person: Person) -> Iterator[str]:
    for other in Person.objects.filter(represented_by=person).order_by("pk"):
        yield str(other.pk)


def _devices(person: Person) -> tuple[list[PersonDevice], dict[tuple[int, str], list[int]]]:
    """Return a person's devices as they are now, and all states of each by their numbers."""
    devices: list[PersonDevice] = []
    states: dict[tuple[int, str], list[int]] = {}
    for holder in person.holders.select_related("registry").order_by("pk"):
        own = {"registry_id": holder.registry_id, "holder_id": holder.holder_id}
        for device_id, row_no in DeviceRecord.objects.filter(**own).values_list(
            "device_id", "row_no"
        ):
            states.setdefault((holder.registry_id, device_id), []).append(row_no)
        now = records_at(holder.registry_id, holder.registry.revision).filter(**own)
        devices += [_device(holder.registry, record) for record in now.order_by("device_id")]
    return devices, states


def _device(registry: Registry, record: DeviceRecord) -> PersonDevice:
    return PersonDevice(
        registry_id=registry.pk,
        registry=registry.name,
        holder_id=record.holder_id,
        device_id=record.device_id,
        manufacturer=record.manufacturer,
        product=record.model or record.product or record.catalogue_no or record.udi,
        software_version=record.software_version,
        lot=record.lot,
        serial=record.serial,
        quantity=record.quantity,
        evidence_on=record.evidence_on,
        verdicts=(),
    )


def _with_verdicts(
    devices: Sequence[PersonDevice], states: Mapping[tuple[int, str], Sequence[int]]
) -> tuple[PersonDevice, ...]:
    """Return devices with what the last run of each action says of them."""
    registries = {device.registry_id for device in devices}
    judged = MatchRun.objects.filter(registries__registry_id__in=registries)
    last = judged.order_by().values("action_id").annotate(last=Max("pk")).values_list("last")
    runs = MatchRun.objects.filter(pk__in=[pk for (pk,) in last]).select_related("action")
    told: dict[tuple[int, str], list[PersonVerdict]] = {}
    for run in runs.order_by("-action_id"):
        where = set(run.registries.values_list("registry_id", flat=True))
        own = {key: set(rows) for key, rows in states.items() if key[0] in where}
        for key, verdicts in _verdicts_of(run, own):
            told.setdefault(key, []).extend(verdicts)
    return tuple(
        PersonDevice(
            **{
                **vars(device),
                "verdicts": tuple(told.get((device.registry_id, device.device_id), ())),
            }
        )
        for device in devices
    )


def _verdicts_of(
    run: MatchRun, states: Mapping[tuple[int, str], set[int]]
) -> Iterator[tuple[tuple[int, str], list[PersonVerdict]]]:
    names = [revision.notice.name for revision in revisions_of(run)]
    wanted = [row_no for rows in states.values() for row_no in rows]
    kept = list(Verdict.objects.filter(run=run, row_no__in=wanted).order_by("place"))

    def told(notice: str, truth: Truth, entry: str = "", code: str = "") -> PersonVerdict:
        verdict = str(verdict_of(truth))
        title = run.action.title
        return PersonVerdict(run.action_id, title, run.number, notice, verdict, entry, code)

    for key, rows in states.items():
        own = [row for row in kept if row.row_no in rows]
        found = [
            told(
                "" if row.place == GAP_PLACE else names[row.place],
                Truth(row.truth),
                row.entry,
                row.reason_code,
            )
            for row in own
        ]
        spoken = {row.place for row in own}
        if GAP_PLACE not in spoken:
            found += [
                told(name, Truth.FALSE) for place, name in enumerate(names) if place not in spoken
            ]
        yield key, found


def _answers(devices: Sequence[PersonDevice]) -> Iterator[PersonAnswer]:
    by_registry: dict[int, list[str]] = {}
    for device in devices:
        by_registry.setdefault(device.registry_id, []).append(device.device_id)
    for registry_id, device_ids in by_registry.items():
        given = TriageAnswer.objects.filter(registry_id=registry_id, device_id__in=device_ids)
        for row in given.order_by("-pk"):
            yield PersonAnswer(
                row.action_id,
                row.answered_at,
                row.device_id,
                row.column,
                row.old_value,
                row.new_value,
                row.told_by,
                row.evidence,
            )


def _dispatches(person: Person) -> Iterator[PersonDispatch]:
    meanings = dispatch_meanings()
    about = Dispatch.objects.filter(person=person) | Dispatch.objects.filter(addressee=person)
    for row in about.select_related("letter_version").order_by("-pk")[:_N_DISPATCHES]:
        yield PersonDispatch(
            row.action_id,
            row.letter_version.key,
            row.letter_version.language,
            row.channel,
            row.purpose,
            "" if row.addressee_id == person.pk else str(row.addressee_id),
            row.state,
            meanings[DispatchState(row.state)],
            row.state_at,
        )


def _ties(person: Person) -> Iterator[PersonTie]:
    links = PersonLink.objects.filter(one=person) | PersonLink.objects.filter(other=person)
    for link in links.order_by("pk"):
        other = link.other_id if link.one_id == person.pk else link.one_id
        yield PersonTie(link.pk, str(other), link.state, tuple(link.reasons))
