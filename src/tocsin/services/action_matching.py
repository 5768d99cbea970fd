"""Matching an action in the store: runs that can be made again, and what changes between two."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from typing import TYPE_CHECKING

from django.db import connection

from tocsin.base.truth import Truth
from tocsin.match.figures import Change, Count, MatchSummary
from tocsin.match.run_changes import DeviceChange, JudgedDevice, compare_runs, count_changes
from tocsin.match.run_figures import GAP_NOTICE, count_by, count_run
from tocsin.notice.model import Notice as CoreNotice
from tocsin.notice.revision import tells_differently
from tocsin.outreach.action_contacts import ActionContact, Concern, contacts_of_action
from tocsin.registry.quantity import read_quantity
from tocsin.services.action_work import begin, conclude, find_action
from tocsin.services.work import Work, service
from tocsin.store.audit.chain import canonical_json
from tocsin.store.bulk_rows import AT_ONCE, insert_batch
from tocsin.store.jobs import queue_job
from tocsin.store.models import (
    Action,
    MatchRun,
    MatchRunNotice,
    MatchRunRegistry,
    NoticeRevision,
    Person,
    Registry,
    Verdict,
)
from tocsin.store.notice_rows import newest_revisions, read_revision
from tocsin.store.run_rows import (
    GAP_PLACE,
    KeptVerdict,
    SamePersons,
    find_run,
    judged_devices,
    kept_verdicts,
    revisions_of,
    same_persons,
    total_counts,
    verdicts_sha256,
)
from tocsin.store.stored_registry import table_names

if TYPE_CHECKING:
    from tocsin.compute.run_rows import RunRow

MATCH_ACTION = "match_action"


@dataclass(frozen=True)
class RunView:
    """A finished run.

    Attributes:
        number: within the action, from 1.
        summary: its figures.
        figures_sha256: of the figures' bytes.
        registries: name and revision of each registry.
    """

    number: int
    summary: MatchSummary
    figures_sha256: str
    registries: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class RunDiff:
    """What a run changes against an earlier one.

    Attributes:
        old, new: their numbers.
        changes: per device and notice, those that are equal too.
        counts: records, units and holders of each change, by notice.
    """

    old: int
    new: int
    changes: Sequence[DeviceChange]
    counts: dict[str, dict[Change, Count]]


@service
def match_action(work: Work, action_id: int) -> int:
    """Match the newest revisions of an action's notices and registries; return the run's number.

    Right: author, operator, the worker. States: all but terminated. Leaves action_matched. The
    run stands whole, in this transaction, or not at all.

    Raises:
        NotNow: if the action's state does not allow it.
        NoticeBytesChanged: if a kept notice is not what was kept.
    """
    action = begin(work, action_id)
    revisions = newest_revisions(action.pk)
    links = action.registries.select_related("registry").order_by("pk")
    registries = [link.registry for link in links]
    run = _make_run(work, action, revisions, registries)
    conclude(
        work,
        action,
        "action_matched",
        new={"run": run.number, "figures": run.figures_sha256, "verdicts": run.verdicts_sha256},
    )
    return run.number


@service
def queue_match(work: Work, action_id: int) -> int:
    """Let a worker match an action; return the job's id. Right: author, operator.

    States: all but terminated. Leaves match_queued.

    Raises:
        NotNow: if the action's state does not allow it.
    """
    action = begin(work, action_id)
    payload = {"action_id": action.pk}
    job = queue_job(MATCH_ACTION, payload, work.now, work.caller.organisation_id)
    conclude(work, action, "match_queued", new={"job": job.pk})
    return job.pk


@service
def read_run(work: Work, action_id: int, number: int | None = None) -> RunView:  # noqa: ARG001
    """Return a run with its figures; the last without a number.

    Right: everybody of the organisation but administrators.

    Raises:
        ActionUnknown, NoMatchYet: if there is none.
    """
    run = find_run(find_action(action_id).pk, number)
    links = run.registries.select_related("registry").order_by("pk")
    return RunView(
        run.number,
        MatchSummary.model_validate_json(bytes(run.figures)),
        run.figures_sha256,
        tuple((link.registry.name, link.revision) for link in links),
    )


@service
def read_changes(
    work: Work,  # noqa: ARG001 - asks for rights only
    action_id: int,
    new: int | None = None,
    old: int | None = None,
) -> RunDiff:
    """Return what a run changes against an earlier one: the last two if none is named.

    Right: everybody of the organisation but administrators.

    Raises:
        ActionUnknown, NoMatchYet: if there is none.
    """
    after = find_run(find_action(action_id).pk, new)
    before = find_run(action_id, old or after.number - 1) if after.number > 1 or old else None
    changes = changes_of_runs(before, after)
    names = dict.fromkeys(change.notice for change in changes)
    counts = {
        name: dict(count_changes(change for change in changes if change.notice == name))
        for name in names
    }
    return RunDiff(before.number if before else 0, after.number, changes, counts)


@service
def read_figures_by(
    work: Work,  # noqa: ARG001 - asks for rights only
    action_id: int,
    part: str,
    number: int | None = None,
) -> dict[tuple[str, str, str], Count]:
    """Return a run's figures by notice, country or kind of the holder, and verdict.

    Right: everybody of the organisation but administrators. Holders of whom no person is known
    are ``unknown``.

    Args:
        work: the call.
        action_id: the action.
        part: ``country`` or ``kind``.
        number: of the run; the last without.
    """
    run, persons = find_run(find_action(action_id).pk, number), same_persons()
    part_of: dict[str, str] = {}
    known = Person.objects.values_list("holders__registry_id", "holders__holder_id", part)
    for registry_id, holder_id, value in known.iterator(AT_ONCE):
        if holder_id:
            part_of[persons.key(registry_id, holder_id)] = value
    counts = count_by(judged_devices(run, persons), part_of)
    return {(name, where, str(verdict)): count for (name, where, verdict), count in counts.items()}


@service
def list_contacts(work: Work, action_id: int, number: int | None = None) -> list[ActionContact]:  # noqa: ARG001
    """Return whom a run asks to contact, once each, by ids only, the most urgent first.

    Right: author, reviewer, releaser, operator, auditor.

    Raises:
        ActionUnknown, NoMatchYet: if there is no run.
    """
    run = find_run(find_action(action_id).pk, number)
    concerns = (
        Concern(
            device.holder, device.notice, f"{device.registry_id}/{device.device_id}", device.truth
        )
        for device in judged_devices(run, same_persons())
    )
    return contacts_of_action(concerns, {})


@service
def verify_run(work: Work, action_id: int, number: int | None = None) -> bool:  # noqa: ARG001
    """Whether a run, made again from what it judged, gives the very same verdicts and figures.

    Right: reviewer, releaser, operator, auditor. Figures count holders by the links between
    persons of today, so only the verdicts are compared; the kept figures against their hash.

    Raises:
        ActionUnknown, NoMatchYet: if there is no run.
    """
    run = find_run(find_action(action_id).pk, number)
    revisions = revisions_of(run)
    notices = [read_revision(row) for row in revisions]
    found = [
        KeptVerdict(
            link.registry_id, row.device_id, row.place, row.truth, row.entry, row.reason_code
        )
        for link in run.registries.select_related("registry")
        for row in _judge(link.registry, link.revision, notices)
    ]
    return (
        verdicts_sha256(found) == run.verdicts_sha256 == verdicts_sha256(kept_verdicts(run))
        and sha256(bytes(run.figures)).hexdigest() == run.figures_sha256
    )


def changes_of_runs(before: MatchRun | None, after: MatchRun) -> list[DeviceChange]:
    """Return what a run changes for each device and notice, against another run or nothing."""
    persons = same_persons()
    old = list(judged_devices(before, persons)) if before else []
    told_anew: set[str] = set()
    if before:
        were = {row.notice.name: row for row in revisions_of(before)}
        for row in revisions_of(after):
            was = were.get(row.notice.name)
            if (
                was
                and was.pk != row.pk
                and tells_differently(read_revision(was), read_revision(row))
            ):
                told_anew.add(row.notice.name)
    return compare_runs(old, judged_devices(after, persons), told_anew)


def _make_run(
    work: Work, action: Action, revisions: Sequence[NoticeRevision], registries: Sequence[Registry]
) -> MatchRun:
    from tocsin.compute.registry_keys import key_stamp  # noqa: PLC0415 - Ibis and Arrow are slow

    notices, persons = [read_revision(row) for row in revisions], same_persons()
    rows = {
        registry.pk: list(_judge(registry, registry.revision, notices)) for registry in registries
    }
    judged = [(registry.pk, registry.revision) for registry in registries]
    totals, n_records = total_counts(judged, persons)
    summary = _summary(notices, registries, rows, totals, persons)
    figures = canonical_json(summary.model_dump(mode="json"))
    hashed = (
        KeptVerdict(pk, row.device_id, row.place, row.truth, row.entry, row.reason_code)
        for pk, found in rows.items()
        for row in found
    )
    run = MatchRun.objects.create(
        action=action,
        number=action.runs.count() + 1,
        matched_at=work.now,
        software_version=version("tocsin"),
        key_stamp=key_stamp()[:64],
        n_records=summary.records,
        n_verdicts=sum(map(len, rows.values())),
        figures=figures,
        figures_sha256=sha256(figures).hexdigest(),
        verdicts_sha256=verdicts_sha256(hashed),
    )
    for place, revision in enumerate(revisions):
        MatchRunNotice.objects.create(run=run, place=place, revision=revision)
    for registry in registries:
        MatchRunRegistry.objects.create(
            run=run,
            registry=registry,
            revision=registry.revision,
            n_records=n_records[registry.pk],
        )
        _keep(run, registry.pk, rows[registry.pk])
    return run


def _judge(registry: Registry, revision: int, notices: Sequence[CoreNotice]) -> "Iterator[RunRow]":
    """Yield the verdicts of a registry, by the relational engine in our own transaction."""
    from tocsin.compute.run_rows import run_rows  # noqa: PLC0415 - Ibis and Arrow are slow
    from tocsin.compute.stored_match import match_stored  # noqa: PLC0415
    from tocsin.compute.stored_records import StoredRegistry  # noqa: PLC0415

    connection.ensure_connection()
    stored = StoredRegistry(registry.pk, revision, registry.keys_made_by, table_names())
    with match_stored(connection.connection, stored, notices) as verdicts:
        yield from run_rows(verdicts)


def _keep(run: MatchRun, registry_id: int, rows: "Sequence[RunRow]") -> None:
    import pyarrow as pa  # noqa: PLC0415 - slow to import

    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        columns = {
            "row_no": pa.array([row.row_no for row in some], pa.int64()),
            "place": pa.array([row.place for row in some], pa.int16()),
            "truth": pa.array([row.truth for row in some], pa.int16()),
            "quantity": pa.array([read_quantity(row.quantity) for row in some], pa.int64()),
            **{
                name: pa.array([getattr(row, name) for row in some], pa.string())
                for name in ("entry", "reason_code", "device_id", "holder_id", "clinic_id")
            },
        }
        constants: dict[str, int | None] = {"run_id": run.pk, "registry_id": registry_id}
        insert_batch(Verdict, pa.record_batch(columns), constants)


def _summary(
    notices: Sequence[CoreNotice],
    registries: Sequence[Registry],
    rows: "dict[int, list[RunRow]]",
    totals: Count,
    persons: SamePersons,
) -> MatchSummary:
    judged = [
        JudgedDevice(
            pk,
            row.device_id,
            GAP_NOTICE if row.place == GAP_PLACE else notices[row.place].notice,
            Truth(row.truth),
            persons.key(pk, row.holder_id),
            read_quantity(row.quantity),
        )
        for pk, found in rows.items()
        for row in found
    ]
    return MatchSummary(
        software_version=version("tocsin"),
        registry=", ".join(each.name for each in registries),
        records=totals.records,
        gaps=sum(device.notice == GAP_NOTICE for device in judged),
        notices=count_run(judged, totals, [(each.notice, each.revision) for each in notices]),
    )
