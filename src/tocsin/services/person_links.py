"""The same person in two lists: proposed with reasons, decided by a person, undone without loss.

A link joins nothing: both rows stay as they are, and only whoever contacts people asks for
groups. So undoing a link separates again exactly what it joined.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby, islice
from uuid import UUID

from tocsin.base.errors import TocsinError, UsageError
from tocsin.registry.same_person import Comparable, Mark, is_exact, may_be_same, most_sharing
from tocsin.services.persons import PersonShown, find_person, open_person
from tocsin.services.work import Work, service
from tocsin.store.models import (
    DeviceRecord,
    Holder,
    LinkState,
    Person,
    PersonLink,
    PersonToken,
)

Pair = tuple[UUID, UUID]
_AT_ONCE = 500


class LinkUnknown(TocsinError):
    """There is no such link here."""

    code = "link_unknown"


class LinkNotOpen(TocsinError):
    """The link is not in a state in which this could be decided."""

    code = "link_not_open"


class LinkNotExact(TocsinError):
    """The link rests on too little to be confirmed without a look."""

    code = "link_not_exact"


@dataclass(frozen=True)
class LinkShown:
    """A link with its two persons, opened.

    Attributes:
        reasons: what is equal, of `registry.same_person.Mark`.
        is_exact: whether it could be confirmed without a look.
    """

    link_id: int
    state: str
    reasons: tuple[str, ...]
    is_exact: bool
    decided_by: str
    reason: str
    one: PersonShown
    other: PersonShown


@service
def propose_links(work: Work) -> list[int]:
    """Propose persons of different lists who may be one; return the ids of what is new.

    What somebody has rejected or undone is proposed again only for a reason that they did not
    know. Right: operator. Leaves links_proposed.
    """
    known = {(link.one_id, link.other_id): link for link in PersonLink.objects.all()}
    proposed = []
    for (one, other), marks in sorted(_pairs().items()):
        reasons = sorted(marks)
        link = known.get((one, other))
        if link is None:
            link = PersonLink(one_id=one, other_id=other)
        elif link.state in {LinkState.PROPOSED, LinkState.CONFIRMED} or set(reasons) <= set(
            link.reasons
        ):
            continue
        link.state, link.reasons, link.proposed_at = LinkState.PROPOSED, reasons, work.now
        link.save()
        proposed.append(link.pk)
    if not proposed:
        work.leave_unchanged()
    else:
        work.record("links_proposed", "person_links", new={"links": proposed})
    return proposed


@service
def list_links(
    work: Work,  # noqa: ARG001 - asks for rights only
    state: str | None = None,
    behind: int | None = None,
    limit: int | None = None,
) -> list[PersonLink]:
    """Return the links, those that wait first. Right: operator, privacy officer, auditor.

    Args:
        work: the call.
        state: only those of this state; then the first proposed come first.
        behind: only those after the link of this number, which needs a state.
        limit: at most so many.
    """
    found = PersonLink.objects.order_by(*(("pk",) if state else ("-state", "pk")))
    if state:
        found = found.filter(state=state)
    if behind is not None:
        found = found.filter(pk__gt=behind)
    return list(found[:limit])


@service
def access_link(work: Work, link_id: int, purpose: str) -> LinkShown:
    """Return the two persons of a link, opened side by side. Right: operator, privacy officer.

    Leaves person_accessed for each of them. Who was erased is shown without private data.

    Raises:
        LinkUnknown: if there is no such link.
        UsageError: without a purpose.
    """
    link = find_link(link_id)
    shown = [open_person(work, find_person(str(each)), purpose) for each in link_persons(link)]
    return LinkShown(
        link_id=link.pk,
        state=link.state,
        reasons=tuple(link.reasons),
        is_exact=is_exact(Mark(reason) for reason in link.reasons),
        decided_by=link.decided_by,
        reason=link.reason,
        one=shown[0],
        other=shown[1],
    )


@service
def confirm_exact_links(work: Work, link_ids: Sequence[int], reason: str) -> int:
    """Say of many links that their persons are one; return how many were confirmed.

    Only links whose persons agree in name, address and one thing more can be confirmed unseen.
    Right: operator, privacy officer. Leaves link_confirmed for each.

    Raises:
        LinkUnknown, LinkNotOpen: if one of them cannot be decided; none is then.
        LinkNotExact: if one of them must be looked at; none is confirmed.
    """
    n_confirmed = 0
    for link in sorted((find_link(each) for each in set(link_ids)), key=lambda each: each.pk):
        if not is_exact(Mark(told) for told in link.reasons):
            raise LinkNotExact(
                f"Link {link.pk} rests on {' and '.join(link.reasons)} alone. Only links of equal "
                "name and address and one thing more are confirmed without a look. Nothing was "
                "changed."
            )
        n_confirmed += link.state == LinkState.PROPOSED
        _decide(work, link.pk, reason, LinkState.CONFIRMED, {LinkState.PROPOSED})
    if not link_ids:
        work.leave_unchanged()
    return n_confirmed


@service
def confirm_link(work: Work, link_id: int, reason: str) -> None:
    """Say that two persons are one. Right: operator, privacy officer. Leaves link_confirmed."""
    _decide(work, link_id, reason, LinkState.CONFIRMED, {LinkState.PROPOSED})


@service
def reject_link(work: Work, link_id: int, reason: str) -> None:
    """Say that two persons are not one. Right: operator, privacy officer. Leaves link_rejected."""
    _decide(work, link_id, reason, LinkState.REJECTED, {LinkState.PROPOSED})


@service
def undo_link(work: Work, link_id: int, reason: str) -> None:
    """Separate again two persons that were taken for one. Right: as `confirm_link`.

    Leaves link_undone.
    """
    _decide(work, link_id, reason, LinkState.UNDONE, {LinkState.CONFIRMED})


def find_link(link_id: int) -> PersonLink:
    """Return a link of the organisation that we act for; others who change it wait for us.

    Raises:
        LinkUnknown: if there is no such link.
    """
    link = PersonLink.objects.select_for_update().filter(pk=link_id).first()
    if link is None:
        raise LinkUnknown(f"There is no link {link_id} here. Nothing was changed.")
    return link


def link_persons(link: PersonLink) -> tuple[UUID, UUID]:
    """Return the ids of the two persons of a link."""
    return link.one_id, link.other_id


def _decide(
    work: Work, link_id: int, reason: str, state: LinkState, allowed: set[LinkState]
) -> None:
    if not reason.strip():
        raise UsageError("Say why (--reason), without naming anybody. Nothing was changed.")
    link = find_link(link_id)
    if link.state == state:
        work.leave_unchanged()
        return
    if link.state not in allowed:
        raise LinkNotOpen(
            f"Link {link_id} is {link.state}; only what is {' or '.join(sorted(allowed))} can "
            f"become {state}. Nothing was changed."
        )
    old = link.state
    link.state, link.decided_at = state, work.now
    link.decided_by, link.reason = work.caller.actor, reason.strip()
    link.save()
    work.record(
        f"link_{state}",
        f"person_link:{link_id}",
        old={"state": old},
        new={
            "state": str(state),
            "persons": [str(link.one_id), str(link.other_id)],
            "reasons": link.reasons,
        },
        reason=reason.strip(),
    )


def _pairs() -> dict[Pair, set[Mark]]:
    """Return the pairs that are worth a look, with the marks that they share."""
    shared: dict[Pair, set[Mark]] = defaultdict(set)
    for mark, persons in _sharing():
        for one, other in combinations(sorted(persons), 2):
            shared[one, other].add(mark)
    people = _comparable({person for pair in shared for person in pair})
    # Most pairs stand in one list: they are left out before anybody's devices are read.
    likely = {
        (one, other): marks
        for (one, other), marks in shared.items()
        if one in people
        and other in people
        and may_be_same(people[one], people[other], {*marks, Mark.SERIAL})
    }
    named = [pair for pair, marks in likely.items() if Mark.NAME in marks]
    devices = _devices({person for pair in named for person in pair})
    for one, other in named:
        likely[one, other].discard(Mark.NAME)
        if devices[one] & devices[other]:
            likely[one, other].add(Mark.SERIAL)
    return {
        (one, other): marks
        for (one, other), marks in likely.items()
        if may_be_same(people[one], people[other], marks)
    }


def _sharing() -> Iterator[tuple[Mark, set[UUID]]]:
    """Yield groups of persons with an equal token, but those that too many share."""
    rows = PersonToken.objects.order_by("kind", "token").values_list("kind", "token", "person_id")
    for (kind, _), group in groupby(rows.iterator(chunk_size=50_000), lambda row: row[:2]):
        persons = {person for _, _, person in group}
        if 1 < len(persons) <= most_sharing(Mark(kind)):
            yield Mark(kind), persons


def _devices(persons: Iterable[UUID]) -> Mapping[UUID, set[tuple[str, str]]]:
    """Return maker and serial number of each person's devices, as they are written."""
    found: dict[UUID, set[tuple[str, str]]] = defaultdict(set)
    for some in _portions(persons):
        holding: dict[int, dict[str, UUID]] = defaultdict(dict)
        for registry, holder, person in Holder.objects.filter(person__in=some).values_list(
            "registry_id", "holder_id", "person_id"
        ):
            holding[registry][holder] = person
        for registry, person_of in holding.items():
            records = DeviceRecord.objects.filter(
                registry_id=registry, holder_id__in=list(person_of), until_revision=None
            ).exclude(serial="")
            for holder, maker, serial in records.values_list("holder_id", "manufacturer", "serial"):
                told = (maker.casefold(), "".join(serial.upper().split()))
                found[person_of[holder]].add(told)
    return found


def _comparable(wanted: Iterable[UUID]) -> Mapping[UUID, Comparable]:
    return {each.pk: told for some in _portions(wanted) for each, told in _compare(some)}


def _compare(some: Sequence[UUID]) -> Iterator[tuple[Person, Comparable]]:
    registries: dict[UUID, set[int]] = defaultdict(set)
    for person_id, registry in Holder.objects.filter(person__in=some).values_list(
        "person_id", "registry_id"
    ):
        registries[person_id].add(registry)
    for person in Person.objects.filter(pk__in=some, erased_at=None):
        yield (
            person,
            Comparable(
                person_id=str(person.pk),
                kind=person.kind,
                is_minor=person.is_minor,
                represented_by=str(person.represented_by_id) if person.represented_by_id else None,
                registry_ids=frozenset(registries[person.pk]),
            ),
        )


def _portions(persons: Iterable[UUID]) -> Iterator[list[UUID]]:
    """Yield persons in portions that one statement can name; SQLite takes so many values only."""
    waiting = iter(persons)
    while some := list(islice(waiting, _AT_ONCE)):
        yield some
