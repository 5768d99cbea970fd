"""Whom an action's letters are for: planned from a released scope, then frozen with the release.

The plan is part of the manifest that two people sign, person by person, so that nobody can be
dropped or added between the signatures and the sending.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from tocsin.base.truth import Truth
from tocsin.base.verdict import verdict_of
from tocsin.outreach.dispatch_states import Standing, states_with
from tocsin.outreach.escalation import Ladder, Urgency, shipped_ladder, urgency_of
from tocsin.outreach.person_groups import choose_contact
from tocsin.outreach.recipients import (
    Concerned,
    OfferedLetter,
    PersonFacts,
    PlannedRecipient,
    Why,
    plan_recipients,
)
from tocsin.outreach.sending_rules import sending_rules
from tocsin.store.blind_tokens import BlindTokens
from tocsin.store.home import find_home
from tocsin.store.letter_rows import locked_versions
from tocsin.store.models import (
    Action,
    Dispatch,
    Holder,
    LetterRelease,
    MatchRun,
    Person,
    PersonKey,
    Recipient,
    ScopeRelease,
    Verdict,
)
from tocsin.store.notice_rows import read_revision
from tocsin.store.run_rows import linked_groups, revisions_of
from tocsin.store.sealed_persons import SealedPersons
from tocsin.store.tenancy import current_organisation
from tocsin.store.vault import Vault

_AT_ONCE = 5_000
UNKNOWN_COUNTRY = "country unknown"
HolderKey = tuple[int, str]


@dataclass(frozen=True)
class RecipientPlan:
    """Whom a release of letters would reach.

    Attributes:
        recipients: one line per person.
        new_holders: ids for holders of whom no list tells anything: they are on the list too.
        n_without_holder: devices that nobody is known to have.
        urgency, ladder: by which channels people are told, and when again.
    """

    recipients: Sequence[PlannedRecipient]
    new_holders: Mapping[UUID, HolderKey]
    n_without_holder: int
    urgency: Urgency
    ladder: Ladder

    def without_letter(self) -> Mapping[tuple[str, str], int]:
        """Return for how many of which audience and country no locked letter fits."""
        return Counter(
            (each.audience, each.country or UNKNOWN_COUNTRY)
            for each in self.recipients
            if each.letter is None
        )

    def manifest(self) -> dict[str, Any]:
        """Return what is signed of it, as a tree of plain values."""
        rules = sending_rules()
        return {
            "recipients": [
                [each.person, each.letter.version if each.letter else None]
                for each in self.recipients
            ],
            "without_holder": self.n_without_holder,
            "urgency": str(self.urgency),
            "ladder": self.ladder.model_dump(mode="json"),
            "send_delay_s": int(rules.send_delay_s),
            "not_after_h": {str(way): int(one.hours) for way, one in rules.not_after.items()},
            "counts": self.counts(),
        }

    def counts(self) -> dict[str, Any]:
        """Return how many people it is about, by what they are and what they get."""
        told = [each for each in self.recipients if each.letter is not None]
        by = {
            "audience": Counter(each.audience for each in self.recipients),
            "country": Counter(each.country or UNKNOWN_COUNTRY for each in self.recipients),
            "letter": Counter(each.letter.name for each in told if each.letter),
        }
        return {
            "people": len(self.recipients),
            "other_language": sum(not each.speaks_theirs for each in told),
            "by": {name: dict(sorted(found.items())) for name, found in by.items()},
        }


def plan_release(action: Action, scope: ScopeRelease) -> RecipientPlan:
    """Return whom the locked letters of an action are for, by its released scope."""
    found = _Concerns(scope.run)
    concerned = [*found.holders(), *found.carers(), *_no_longer(action, found.persons())]
    facts = person_facts(each.person for each in concerned) | found.unknown_facts()
    notices = [read_revision(row) for row in revisions_of(scope.run)]
    urgency = urgency_of((each.kind, each.escalation) for each in notices)
    return RecipientPlan(
        plan_recipients(concerned, facts, _offered(action)),
        found.new_holders,
        found.n_without_holder,
        urgency,
        shipped_ladder(urgency),
    )


def recipient_row(
    release: LetterRelease, planned: PlannedRecipient, letter: OfferedLetter
) -> Recipient:
    """Return the row of somebody on the list of a release; it is not kept by this."""
    return Recipient(
        release=release,
        person_id=UUID(planned.person),
        addressee_id=UUID(planned.addressee),
        letter_version_id=letter.version,
        audience=planned.audience,
        verdict=str(planned.verdict or ""),
        why=str(planned.why),
        country=planned.country,
        n_devices=planned.n_devices,
    )


def freeze_recipients(release: LetterRelease, plan: RecipientPlan) -> list[Recipient]:
    """Keep the list of a release, in its transaction; return its rows."""
    _add_unknown_holders(plan.new_holders)
    return Recipient.objects.bulk_create(
        [
            recipient_row(release, each, each.letter)
            for each in plan.recipients
            if each.letter is not None
        ],
        batch_size=500,
    )


class _Concerns:
    """What a run says of persons."""

    def __init__(self, run: MatchRun) -> None:
        self._truths: dict[HolderKey, Truth] = {}
        self._devices: dict[HolderKey, set[str]] = defaultdict(set)
        self._clinics: dict[HolderKey, str] = {}
        self.n_without_holder = 0
        self._read(run)
        self._person_of, clinic_of = _persons_of(self._truths)
        for key, clinic in clinic_of.items():
            self._clinics[key] = self._clinics.get(key) or clinic
        tokens = BlindTokens(find_home().persons_key, current_organisation())
        self.new_holders = {
            UUID(tokens.token("unlisted holder", f"{registry}/{holder}")[:32]): (registry, holder)
            for registry, holder in self._truths
            if (registry, holder) not in self._person_of
        }
        self._person_of |= {key: str(person) for person, key in self.new_holders.items()}
        self._stands_for = _representatives(set(self._person_of.values()))

    def _read(self, run: MatchRun) -> None:
        columns = ("registry_id", "holder_id", "clinic_id", "truth", "device_id")
        without: set[tuple[int, str]] = set()
        rows = Verdict.objects.filter(run=run).values_list(*columns)
        for registry_id, holder_id, clinic_id, truth, device_id in rows.iterator(20_000):
            if not holder_id:
                without.add((registry_id, device_id))
                continue
            key = (registry_id, holder_id)
            self._truths[key] = max(Truth(truth), self._truths.get(key, Truth.FALSE))
            self._devices[key].add(device_id)
            if clinic_id:
                self._clinics[key] = clinic_id
        self.n_without_holder = len(without)

    def holders(self) -> Iterator[Concerned]:
        """Yield who holds something, a line per holder; linked persons are one."""
        truth: dict[str, Truth] = {}
        n_devices: dict[str, int] = defaultdict(int)
        for key, person in self._person_of.items():
            stands = self._stands_for.get(person, person)
            truth[stands] = max(self._truths[key], truth.get(stands, Truth.FALSE))
            n_devices[stands] += len(self._devices[key])
        for person, worst in truth.items():
            yield Concerned(person, verdict_of(worst), Why.HOLDS, n_devices[person])

    def carers(self) -> Iterator[Concerned]:
        """Yield the clinics, and their clinicians, that look after somebody concerned."""
        clinics = {(registry, clinic) for (registry, _), clinic in self._clinics.items()}
        for registry in {registry for registry, _ in clinics}:
            names = [clinic for each, clinic in clinics if each == registry]
            for some in _batches(names):
                held = Holder.objects.filter(registry_id=registry)
                there = held.filter(holder_id__in=some)
                staff = held.filter(clinic_id__in=some, person__kind="clinician")
                for rows in (there, staff):
                    for person in rows.values_list("person_id", flat=True).iterator():
                        yield Concerned(str(person), None, Why.LOOKS_AFTER, 0)

    def persons(self) -> set[str]:
        """Return all who hold something."""
        return {self._stands_for.get(each, each) for each in self._person_of.values()}

    def unknown_facts(self) -> dict[str, PersonFacts]:
        """Return what is known of holders of whom no list tells: nothing."""
        return {str(person): PersonFacts("person", "", "") for person in self.new_holders}


def _persons_of(keys: Iterable[HolderKey]) -> tuple[dict[HolderKey, str], dict[HolderKey, str]]:
    """Return the persons of holders, and the clinics that lists tell of them."""
    by_registry: dict[int, list[str]] = defaultdict(list)
    for registry, holder in keys:
        by_registry[registry].append(holder)
    persons: dict[HolderKey, str] = {}
    clinics: dict[HolderKey, str] = {}
    for registry, holders in by_registry.items():
        for some in _batches(holders):
            rows = Holder.objects.filter(registry_id=registry, holder_id__in=some)
            for holder, person, clinic in rows.values_list("holder_id", "person_id", "clinic_id"):
                persons[registry, holder] = str(person)
                if clinic:
                    clinics[registry, holder] = clinic
    return persons, clinics


def _representatives(persons: set[str]) -> dict[str, str]:
    """Return, for linked persons, the one of their group that is written to."""
    groups = {group for person, group in linked_groups().items() if person in persons}
    wanted = {UUID(person) for group in groups for person in group}
    sealed = SealedPersons()
    n_channels = {
        str(person.pk): len(sealed.open(person))
        for person in Person.objects.filter(pk__in=wanted).select_related("key")
    }
    chosen = {group: choose_contact(group, n_channels) for group in groups}
    return {person: chosen[group] for group in groups for person in group}


def person_facts(persons: Iterable[str]) -> dict[str, PersonFacts]:
    """Return what choosing a letter needs to know of persons, and of who represents them."""
    columns = ("pk", "kind", "country", "language", "represented_by_id")
    found: dict[str, PersonFacts] = {}
    wanted = set(persons)
    while wanted:
        guardians: set[str] = set()
        for some in _batches(sorted(wanted)):
            rows = Person.objects.filter(pk__in=[UUID(person) for person in some])
            for pk, kind, country, language, guardian in rows.values_list(*columns):
                found[str(pk)] = PersonFacts(
                    kind, country, language, str(guardian) if guardian else None
                )
                if guardian and str(guardian) not in found:
                    guardians.add(str(guardian))
        wanted = guardians - found.keys()
    return found


def _no_longer(action: Action, still: set[str]) -> Iterator[Concerned]:
    """Yield who was told in an earlier release and holds nothing concerned any more."""
    told = Dispatch.objects.filter(
        action=action,
        state__in=states_with(Standing.TOLD, Standing.DOUBT),
        recipient__why=str(Why.HOLDS),
    )
    for person in told.values_list("person_id", flat=True).distinct():
        if str(person) not in still:
            yield Concerned(str(person), verdict_of(Truth.FALSE), Why.NO_LONGER, 0)


def _offered(action: Action) -> list[OfferedLetter]:
    return [
        OfferedLetter(row.pk, row.key, row.language, row.country)
        for row in locked_versions(action.pk)
    ]


def _add_unknown_holders(new: Mapping[UUID, HolderKey]) -> None:
    """Give holders of whom no list tells a person without contact data, to be repaired."""
    there = set(Person.objects.filter(pk__in=list(new)).values_list("pk", flat=True))
    vault = Vault(find_home().persons_key)
    for person_id, (registry_id, holder_id) in new.items():
        if person_id in there:
            continue
        wrapped = vault.new_key(person_id)
        sealed = vault.seal(person_id, wrapped, {})
        person = Person.objects.create(id=person_id, kind="person", sealed=sealed)
        PersonKey.objects.create(person=person, wrapped=wrapped)
        Holder.objects.create(registry_id=registry_id, holder_id=holder_id, person=person)


def _batches(items: Iterable[str]) -> Iterator[list[str]]:
    left = iter(items)
    while some := list(islice(left, _AT_ONCE)):
        yield some
