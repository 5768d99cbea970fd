"""Runs of matching as rows: which records were judged, the verdicts, whom a holder stands for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from django.db.models import Count as CountRows
from django.db.models import Q, QuerySet

from tocsin.base.errors import TocsinError
from tocsin.base.truth import Truth
from tocsin.match.figures import Count
from tocsin.match.run_changes import JudgedDevice
from tocsin.outreach.person_groups import group_persons
from tocsin.registry.quantity import read_quantity
from tocsin.store.models import (
    DeviceRecord,
    Holder,
    LinkState,
    MatchRun,
    NoticeRevision,
    PersonLink,
    Verdict,
)

GAP_PLACE = -1
_AT_ONCE = 20_000


class NoMatchYet(TocsinError):
    """The action has no such run."""

    code = "no_match_yet"


class KeptVerdict(NamedTuple):
    """A verdict as it is hashed; the order of the fields is part of the hash."""

    registry_id: int
    device_id: str
    place: int
    truth: int
    entry: str
    reason_code: str


@dataclass(frozen=True)
class SamePersons:
    """Which holders stand for one person, because somebody has confirmed it.

    Attributes:
        by_holder: registry and holder id -> the key of the group.
    """

    by_holder: Mapping[tuple[int, str], str]

    def key(self, registry_id: int, holder_id: str) -> str:
        """Return whom a holder stands for; empty if nobody is known."""
        if not holder_id:
            return ""
        return self.by_holder.get((registry_id, holder_id)) or f"{registry_id}/{holder_id}"


def records_at(registry_id: int, revision: int) -> QuerySet[DeviceRecord]:
    """Return the records of a registry as they were at a revision."""
    still = Q(until_revision__isnull=True) | Q(until_revision__gt=revision)
    return DeviceRecord.objects.filter(still, registry_id=registry_id, since_revision__lte=revision)


def linked_groups() -> dict[str, tuple[str, ...]]:
    """Return, for every person with a confirmed link, all persons of their group."""
    links = PersonLink.objects.filter(state=LinkState.CONFIRMED)
    pairs = links.values_list("one_id", "other_id")
    return group_persons((str(one), str(other)) for one, other in pairs)


def same_persons() -> SamePersons:
    """Return the confirmed links between persons, by their holders."""
    groups = linked_groups()
    found = Holder.objects.filter(person_id__in=list(groups))
    return SamePersons(
        {
            (registry_id, holder_id): f"person {groups[str(person_id)][0]}"
            for registry_id, holder_id, person_id in found.values_list(
                "registry_id", "holder_id", "person_id"
            )
        }
    )


def total_counts(
    judged: Iterable[tuple[int, int]], persons: SamePersons
) -> tuple[Count, dict[int, int]]:
    """Return how many records, units and holders there are, and the records of each registry.

    Args:
        judged: registries with the revisions that are counted.
        persons: linked holders count once.
    """
    quantity = unknown = holders = 0
    n_records: dict[int, int] = {}
    groups: set[str] = set()
    for registry_id, revision in judged:
        rows = records_at(registry_id, revision)
        n_records[registry_id] = 0
        for text, n in rows.values_list("quantity").annotate(n=CountRows("pk")).order_by():
            units = read_quantity(text)
            n_records[registry_id] += n
            quantity += (units or 0) * n
            unknown += n if units is None else 0
        held = rows.exclude(holder_id="")
        holders += held.aggregate(n=CountRows("holder_id", distinct=True))["n"]
        linked = [holder for registry, holder in persons.by_holder if registry == registry_id]
        for some in _batches(linked):
            there = held.filter(holder_id__in=some).values_list("holder_id", flat=True).distinct()
            present = list(there)
            holders -= len(present)
            groups |= {persons.key(registry_id, holder) for holder in present}
    totals = Count(
        records=sum(n_records.values()),
        quantity=quantity,
        holders=holders + len(groups),
        quantity_unknown=unknown,
    )
    return totals, n_records


def find_run(action_id: int, number: int | None = None) -> MatchRun:
    """Return a run of an action; the last without a number.

    Raises:
        NoMatchYet: if there is none.
    """
    runs = MatchRun.objects.filter(action_id=action_id)
    found = runs.filter(number=number) if number else runs.order_by("-number")
    first = found.first()
    if first is None:
        what = f"no run {number}" if number else "no run yet"
        raise NoMatchYet(
            f"Action {action_id} has {what}. Nothing was changed. `tocsin action match "
            f"{action_id}` makes one."
        )
    return first


def revisions_of(run: MatchRun) -> list[NoticeRevision]:
    """Return the notice revisions that a run judged, by their places."""
    links = run.notices.select_related("revision__notice").order_by("place")
    return [link.revision for link in links]


def judged_devices(
    run: MatchRun, persons: SamePersons, device_ids: Sequence[str] | None = None
) -> Iterator[JudgedDevice]:
    """Yield what a run found, per notice: a gap that is listed once stands for every notice.

    Args:
        run: the run.
        persons: who stands for whom.
        device_ids: of which devices; without, of all.
    """
    if device_ids is not None:
        for some in _batches(device_ids):
            yield from _judged(run, persons, Verdict.objects.filter(device_id__in=some))
    else:
        yield from _judged(run, persons, Verdict.objects.all())


def devices_of_before(before: MatchRun, after: MatchRun) -> list[str] | None:
    """Return the devices of which a run says something that a later one does not say so.

    None if the runs do not judge the same notices in the same order: then all must be compared.
    """
    names = [[row.notice.name for row in revisions_of(run)] for run in (before, after)]
    if names[0] != names[1]:
        return None
    columns = ("registry_id", "device_id", "place", "truth")
    told = [Verdict.objects.filter(run=run).values_list(*columns) for run in (before, after)]
    return sorted({row[1] for row in told[0].difference(told[1]).iterator(_AT_ONCE)})


def _judged(
    run: MatchRun, persons: SamePersons, found: QuerySet[Verdict]
) -> Iterator[JudgedDevice]:
    names = [revision.notice.name for revision in revisions_of(run)]
    columns = ("registry_id", "device_id", "place", "truth", "holder_id", "quantity")
    rows = found.filter(run=run).values_list(*columns)
    for registry_id, device_id, place, truth, holder_id, quantity in rows.iterator(_AT_ONCE):
        holder = persons.key(registry_id, holder_id)
        for name in names if place == GAP_PLACE else (names[place],):
            yield JudgedDevice(registry_id, device_id, name, Truth(truth), holder, quantity)


def verdicts_sha256(verdicts: Iterable[KeptVerdict]) -> str:
    """Return the hash of verdicts, whatever their order: the same run made again has the same."""
    digest = sha256()
    for verdict in sorted(verdicts):
        digest.update("\x1f".join(map(str, verdict)).encode() + b"\x1e")
    return digest.hexdigest()


def kept_verdicts(run: MatchRun) -> Iterator[KeptVerdict]:
    """Yield the verdicts of a run as they are hashed."""
    rows = Verdict.objects.filter(run=run).values_list(*KeptVerdict._fields)
    for row in rows.iterator(_AT_ONCE):
        yield KeptVerdict(*row)


def _batches(items: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]
