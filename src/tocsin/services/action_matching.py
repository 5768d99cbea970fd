"""Matching an action in the store: runs that can be made again, and what changes between two."""

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from tocsin.match.figures import Count, MatchSummary
from tocsin.match.run_changes import DeviceChange, compare_runs
from tocsin.outreach.action_contacts import ActionContact, Concern, contacts_of_action
from tocsin.services.action_work import begin, conclude, find_action
from tocsin.services.run_making import judge, make_run
from tocsin.services.work import Work, service
from tocsin.store.jobs import queue_job
from tocsin.store.models import MatchRun
from tocsin.store.notice_rows import newest_revisions, read_revision
from tocsin.store.run_rows import (
    KeptVerdict,
    devices_of_before,
    find_run,
    judged_devices,
    kept_verdicts,
    revisions_of,
    same_persons,
    verdicts_sha256,
)

MATCH_ACTION = "match_action"


@dataclass(frozen=True)
class RunView:
    """A finished run.

    Attributes:
        number: within the action, from 1.
        summary: its figures.
        figures_sha256: of the figures' bytes.
        registries: name and revision of each registry.
        matched_at: when it was made.
    """

    number: int
    summary: MatchSummary
    figures_sha256: str
    registries: tuple[tuple[str, int], ...]
    matched_at: datetime


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
    run = make_run(action, revisions, registries, work.now)
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
        run.matched_at,
    )


@service
def read_figures_by(
    work: Work,  # noqa: ARG001 - asks for rights only
    action_id: int,
    part: str,
    number: int | None = None,
) -> dict[tuple[str, str, str], Count]:
    """Return a run's figures by notice, country or kind of the holder, and verdict.

    Right: everybody of the organisation but administrators. Holders of whom no person was known
    when the run was made are ``unknown``. Empty for a run of before these figures were kept.

    Args:
        work: the call.
        action_id: the action.
        part: ``country`` or ``kind``.
        number: of the run; the last without.
    """
    divided = json.loads(bytes(find_run(find_action(action_id).pk, number).divided) or b"{}")
    return {
        (name, where, verdict): Count(**count)
        for name, where, verdict, count in divided.get(part, [])
    }


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
        for row in judge(link.registry, link.revision, notices)
    ]
    return (
        verdicts_sha256(found) == run.verdicts_sha256 == verdicts_sha256(kept_verdicts(run))
        and sha256(bytes(run.figures)).hexdigest() == run.figures_sha256
    )


def lesser_changes(before: MatchRun, after: MatchRun) -> list[DeviceChange]:
    """Return what gets a lesser verdict in a later run; what is equal is not even read."""
    persons, devices = same_persons(), devices_of_before(before, after)
    old, new = (judged_devices(run, persons, devices) for run in (before, after))
    return [change for change in compare_runs(old, new, ()) if change.is_lesser]
