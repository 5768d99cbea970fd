"""Whether nobody was lost and nothing went twice: an action's four accounts, person by person."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db.models import QuerySet

from tocsin.outreach.channels import Channel
from tocsin.outreach.conservation import (
    FAULTS,
    DispatchFact,
    Fault,
    Listed,
    find_faults,
    find_relay_faults,
    is_settled,
)
from tocsin.outreach.dispatch_states import DispatchState
from tocsin.services.action_work import find_action
from tocsin.services.work import Work, service
from tocsin.store.listed_rows import added_rows, frozen_rows
from tocsin.store.models import (
    Action,
    AuditRow,
    ContactRepair,
    Dispatch,
    DispatchAttempt,
    DispatchEvidence,
    LetterRelease,
    Recipient,
)
from tocsin.store.released_plan import released_list

_RELAY_LOG = "relay_log"


@dataclass(frozen=True)
class Conservation:
    """How the accounts of an action compare.

    Attributes:
        n_listed: persons on the frozen lists, and who was given a device since, each once.
        n_dispatches: dispatches.
        n_settled: persons for whom nothing waits or is in doubt, and who were told, or looked for
            in vain by somebody who said so.
        faults: where they do not agree; none is what it must be.
    """

    checked_at: datetime
    n_listed: int
    n_dispatches: int
    n_settled: int
    faults: Sequence[Fault]

    @property
    def by_code(self) -> Mapping[str, int]:
        """Return how many faults there are of each kind, in words."""
        return {FAULTS[code]: n for code, n in Counter(f.code for f in self.faults).items()}


@service
def read_conservation(work: Work, action_id: int) -> Conservation:
    """Return how the accounts of an action compare now.

    Right: author, reviewer, releaser, operator, auditor.

    Raises:
        ActionUnknown: if there is no such action.
    """
    return compare_accounts(find_action(action_id), work.now)


@service
def note_conservation(work: Work, action_id: int) -> Conservation:
    """Compare the accounts of an action, and keep in the trail what does not agree, once.

    Right: the worker. Leaves conservation_broken.
    """
    found = compare_accounts(find_action(action_id), work.now)
    told = "\n".join(sorted(f"{fault.code} {fault.subject}" for fault in found.faults))
    digest = sha256(told.encode()).hexdigest()
    subject = f"action:{action_id}"
    if not found.faults or _noted(subject) == digest:
        work.leave_unchanged()
        return found
    counts = dict(Counter(fault.code for fault in found.faults))
    work.record("conservation_broken", subject, new={"faults": counts, "faults_sha256": digest})
    return found


def compare_accounts(action: Action, now: datetime) -> Conservation:
    """Return how manifest, frozen list, dispatches and relay log of an action compare."""
    faults: list[Fault] = []
    facts = list(dispatch_facts(action))
    in_repair = {
        str(person)
        for person in ContactRepair.objects.filter(action=action).values_list(
            "person_id", flat=True
        )
    }
    persons: set[str] = set()
    letters: dict[str, set[str]] = {}
    for release in LetterRelease.objects.filter(action=action, released_at__isnull=False):
        frozen = _frozen(release)
        persons |= {each.person for each in frozen}
        for each in frozen:
            letters.setdefault(each.person, set()).add(each.letter)
        here = {each.person: each.letter for each in frozen}
        of_release = [fact for fact in facts if here.get(fact.person) == fact.letter]
        faults += find_faults(released_list(release), frozen, of_release, in_repair)
    told = {fact.person for fact in facts}
    for each in _added(action):
        letters.setdefault(each.person, set()).add(each.letter)
        if each.person not in persons | told | in_repair:
            faults.append(Fault("forgotten", f"person:{each.person}"))
        persons.add(each.person)
    faults += [
        Fault(
            "stray" if fact.person not in letters else "other_letter", f"dispatch:{fact.dispatch}"
        )
        for fact in facts
        if fact.letter not in letters.get(fact.person, set())
    ]
    faults += find_relay_faults(facts, _relay_counts(action), is_complete=False)
    n_settled = len(persons & _settled(action, facts))
    return Conservation(
        now,
        len(persons),
        len(facts),
        n_settled,
        sorted(set(faults), key=lambda f: (f.code, f.subject)),
    )


def _settled(action: Action, facts: Sequence[DispatchFact]) -> set[str]:
    """Return who needs nothing more: told, or looked for in vain by a person who said so."""
    repairs = ContactRepair.objects.filter(action=action)
    still = {str(p) for p in repairs.filter(closed_at=None).values_list("person_id", flat=True)}
    done = {str(p) for p in repairs.exclude(closed_at=None).values_list("person_id", flat=True)}
    states: dict[str, list[DispatchState]] = {person: [] for person in done}
    for fact in facts:
        states.setdefault(fact.person, []).append(fact.state)
    return {
        person
        for person, found in states.items()
        if person not in still and is_settled(found, was_sought=person in done)
    }


def dispatch_facts(action: Action) -> Iterator[DispatchFact]:
    """Yield what the database tells of each dispatch of an action."""
    rows = Dispatch.objects.filter(action=action)
    accepted = set(
        DispatchAttempt.objects.filter(dispatch__action=action, outcome="accept").values_list(
            "dispatch_id", flat=True
        )
    ) | set(
        DispatchEvidence.objects.filter(
            dispatch__action=action, tells__in=["accepted", "delivered", "bounced", "answered"]
        ).values_list("dispatch_id", flat=True)
    )
    columns = (
        "pk", "person_id", "letter_version_id", "channel", "purpose", "state", "message_id",
        "replaces_id",
    )  # fmt: skip
    for pk, person, letter, channel, purpose, state, message_id, replaces in rows.values_list(
        *columns
    ).iterator(5_000):
        yield DispatchFact(
            pk,
            str(person),
            str(letter),
            Channel(channel),
            purpose,
            DispatchState(state),
            pk in accepted,
            message_id,
            replaces,
        )


def unsettled_words(action: Action, now: datetime) -> list[str]:
    """Return what keeps an action from being complete, as clauses with counts."""
    found = compare_accounts(action, now)
    states = Counter(Dispatch.objects.filter(action=action).values_list("state", flat=True))
    told = []
    for state, n in sorted(states.items()):
        if DispatchState(state) in _OPEN:
            told.append(f"{n} dispatches are {state.replace('_', ' ')}")
    if n_left := found.n_listed - found.n_settled:
        told.append(f"{n_left} of {found.n_listed} people on the list are not settled")
    repairs = ContactRepair.objects.filter(action=action, closed_at__isnull=True).count()
    if repairs:
        told.append(f"{repairs} contacts wait to be repaired")
    if found.faults:
        told.append(f"the accounts do not agree in {len(found.faults)} places")
    return told


_OPEN = frozenset(
    {
        DispatchState.BEING_MADE,
        DispatchState.QUEUED,
        DispatchState.CLAIMED,
        DispatchState.HANDING_OVER,
        DispatchState.UNKNOWN,
        DispatchState.PRINTED,
    }
)


def _frozen(release: LetterRelease) -> list[Listed]:
    return _listed(frozen_rows(Recipient.objects.filter(release=release)))


def _added(action: Action) -> list[Listed]:
    """Return who gets which letter because of an answer: their own, or who gave them a device."""
    return _listed(added_rows(Recipient.objects.filter(release__action=action)))


def _listed(found: QuerySet[Recipient]) -> list[Listed]:
    rows = found.values_list("person_id", "letter_version_id")
    return [Listed(str(person), str(letter)) for person, letter in rows.iterator(5_000)]


def _relay_counts(action: Action) -> Counter[str]:
    """Return how often the imported logs tell of each mail that the relay has taken it."""
    rows = DispatchEvidence.objects.filter(
        dispatch__action=action, kind=_RELAY_LOG, tells="accepted"
    ).exclude(dispatch__message_id="")
    return Counter(rows.values_list("dispatch__message_id", flat=True))


def _noted(subject: str) -> str:
    """Return the hash of the faults that were noted last for an action."""
    rows = AuditRow.objects.filter(event="conservation_broken").order_by("-seq")[:50]
    for row in rows:
        body = json.loads(bytes(row.body))
        if body["subject"] == subject:
            return str(body["new"]["faults_sha256"])
    return ""
