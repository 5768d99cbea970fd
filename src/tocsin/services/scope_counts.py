"""What a draft would mean for registries: counts while it is edited, and records that flip.

Judged by the expression that matches stored registries; nothing of it is kept.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from django.db import connection
from pydantic import ValidationError

from tocsin.base.truth import Truth
from tocsin.base.verdict import Verdict, verdict_of
from tocsin.notice.model import Notice as CoreNotice
from tocsin.notice.working import as_if_reviewed, open_points
from tocsin.services.draft_edits import with_fields
from tocsin.services.list_imports import RegistryUnknown
from tocsin.services.work import Work, service
from tocsin.services.working_drafts import DraftUnfit
from tocsin.store.draft_rows import current_version, find_draft, read_version
from tocsin.store.models import Notice, Registry
from tocsin.store.notice_rows import newest_revision, read_revision
from tocsin.store.stored_registry import table_names

if TYPE_CHECKING:
    from tocsin.compute.counted_registry import CountedRegistries, JudgedGroups
    from tocsin.compute.stored_records import StoredRegistry

MOST_FLIPS = 200


@dataclass
class VerdictCount:
    """How many device records have each verdict."""

    affected: int = 0
    cannot_tell: int = 0
    not_affected: int = 0

    def add(self, truth: int, n: int) -> None:
        """Count some more records."""
        name = verdict_of(Truth(truth)).value
        setattr(self, name, getattr(self, name) + n)

    @property
    def records(self) -> int:
        """Return how many records were counted."""
        return self.affected + self.cannot_tell + self.not_affected


@dataclass
class ScopeCount:
    """What a scope means for some registries.

    Attributes:
        version: of the draft that was counted.
        registries: the names of the registries.
        total: all records.
        by_entry: the records for which an entry speaks; every entry is there.
        unnamed: records whose product no entry names.
        gaps: records without any product evidence.
        held_back: unreviewed entries, because of which no record is not affected.
    """

    version: int
    registries: list[str] = field(default_factory=list)
    total: VerdictCount = field(default_factory=VerdictCount)
    by_entry: dict[str, VerdictCount] = field(default_factory=dict)
    unnamed: VerdictCount = field(default_factory=VerdictCount)
    gaps: int = 0
    held_back: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Flip:
    """A record on which a draft judges otherwise than the kept revision."""

    registry: str
    device_id: str
    was: Verdict
    now: Verdict
    was_entry: str
    now_entry: str


@dataclass
class Flips:
    """What would flip against the newest kept revision.

    Attributes:
        base_revision: what it was compared with.
        counts: how many records go from one verdict to another.
        lesser: some of those that get a lesser verdict, at most `MOST_FLIPS` for each registry.
    """

    base_revision: int
    counts: Counter[tuple[Verdict, Verdict]] = field(default_factory=Counter)
    lesser: list[Flip] = field(default_factory=list)

    @property
    def ways(self) -> list[tuple[Verdict, Verdict, int]]:
        """Return verdict before, verdict after and how many records, the most first."""
        return [(was, now, n) for (was, now), n in self.counts.most_common()]

    @property
    def n_lesser(self) -> int:
        """Return how many records get a less urgent verdict."""
        return sum(n for (was, now), n in self.counts.items() if _RANK[now] < _RANK[was])


_RANK = {verdict_of(truth): int(truth) for truth in Truth}


@dataclass(frozen=True)
class TypedEntry:
    """An entry as somebody has typed it, not kept yet.

    Attributes:
        was: the entry whose place it takes; None to add it.
        fields: as `notice.entry_fields` names them.
    """

    was: str | None
    fields: Mapping[str, str]


@service
def count_draft(
    work: Work,  # noqa: ARG001 - asks for rights only
    draft_id: int,
    registry_ids: Sequence[int],
    typed: TypedEntry | None = None,
) -> ScopeCount:
    """Return what a draft's scope means for registries. Right: author, reviewer, releaser.

    Args:
        work: the call.
        draft_id: the draft.
        registry_ids: the registries, each at its current revision.
        typed: an entry to be counted as if it were kept and confirmed.

    Raises:
        DraftUnknown: if there is no such draft.
        DraftUnfit: if its scope cannot be judged yet.
        FieldsRefused: if the typed entry cannot be read.
        EntryUnknown: if the entry whose place it takes is not there.
        RegistryUnknown: if one of the registries is not there.
    """
    row = find_draft(draft_id)
    notice = _notice_of(draft_id, typed)
    found = ScopeCount(
        row.version,
        by_entry={entry.entry: VerdictCount() for entry in notice.scope},
        held_back=[entry.entry for entry in notice.scope if entry.affects and not entry.reviewed],
    )
    for registry in _registries(registry_ids):
        found.registries.append(registry.name)
        with _judged(registry, [notice]) as judged:
            for _, entry_no, truth, is_gap, n in judged.counts():
                found.total.add(truth, n)
                if is_gap:
                    found.gaps += n
                elif entry_no is None:
                    found.unnamed.add(truth, n)
                else:
                    found.by_entry[notice.scope[entry_no].entry].add(truth, n)
    return found


@service
def list_flips(work: Work, draft_id: int, registry_ids: Sequence[int]) -> Flips | None:  # noqa: ARG001
    """Return which records a draft judges otherwise than the newest kept revision.

    Right: author, reviewer, releaser. None if no revision is kept yet.

    Raises:
        DraftUnknown: if there is no such draft.
        DraftUnfit: if its scope cannot be judged yet.
        RegistryUnknown: if one of the registries is not there.
    """
    row = find_draft(draft_id)
    kept = Notice.objects.filter(name=row.name).first()
    if kept is None:
        return None
    newest = newest_revision(kept)
    base, notice = read_revision(newest), _notice_of(draft_id)
    found = Flips(newest.number)
    for registry in _registries(registry_ids):
        found.lesser += _flips_of(registry, base, notice, found.counts)
    return found


def _flips_of(
    registry: Registry,
    base: CoreNotice,
    notice: CoreNotice,
    counts: "Counter[tuple[Verdict, Verdict]]",
) -> Iterator[Flip]:
    from tocsin.compute.counted_registry import records_of_groups  # noqa: PLC0415 - Ibis is slow

    with _judged(registry, [base, notice]) as judged:
        groups = judged.changed_groups()
    by_way: dict[tuple[int, int], int] = defaultdict(int)
    for group in groups.select(["was", "now", "n"]).to_pylist():
        by_way[group["was"], group["now"]] += group["n"]
    for (was, now), n in by_way.items():
        counts[verdict_of(Truth(was)), verdict_of(Truth(now))] += n
    listed = records_of_groups(connection.connection, _stored(registry), groups, MOST_FLIPS)
    for device_id, was, now, was_entry, now_entry in listed:
        yield Flip(
            registry.name,
            device_id,
            verdict_of(Truth(was)),
            verdict_of(Truth(now)),
            "" if was_entry is None else base.scope[was_entry].entry,
            "" if now_entry is None else notice.scope[now_entry].entry,
        )


def _notice_of(draft_id: int, typed: TypedEntry | None = None) -> CoreNotice:
    working = read_version(current_version(find_draft(draft_id)))
    if typed is not None:
        entry, working = with_fields(working, typed.was, typed.fields)
        working = as_if_reviewed(working, entry.entry)
    try:
        return working.notice()
    except ValidationError as error:
        points = " ".join(list(open_points(working))[:3])
        raise DraftUnfit(f"The scope cannot be counted yet. {points}") from error


def _registries(registry_ids: Sequence[int]) -> list[Registry]:
    found = list(Registry.objects.filter(pk__in=registry_ids).order_by("pk"))
    if missing := set(registry_ids) - {registry.pk for registry in found}:
        raise RegistryUnknown(
            f"There is no registry {', '.join(map(str, sorted(missing)))} here. Nothing was "
            "counted."
        )
    return found


def _stored(registry: Registry) -> "StoredRegistry":
    from tocsin.compute.stored_records import StoredRegistry  # noqa: PLC0415 - Ibis is slow

    return StoredRegistry(registry.pk, registry.revision, registry.keys_made_by, table_names())


@contextmanager
def _judged(registry: Registry, notices: Sequence[CoreNotice]) -> "Iterator[JudgedGroups]":
    connection.ensure_connection()
    last = registry.revisions.filter(number=registry.revision).first()
    key = (
        *(str(connection.settings_dict[part]) for part in ("NAME", "HOST", "PORT")),
        registry.organisation_id,
        registry.pk,
        registry.revision,
        registry.keys_made_by,
        last and (last.completed_at, last.n_accepted),
    )
    copy = _copies().get(key, _stored(registry))
    with copy.judged(connection.connection, notices) as judged:
        yield judged


@cache
def _copies() -> "CountedRegistries":
    from tocsin.compute.counted_registry import CountedRegistries  # noqa: PLC0415 - Ibis is slow

    return CountedRegistries()
