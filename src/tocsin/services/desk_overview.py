"""What the first page of the desk shows: actions as they stand, and what waits for the caller."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from tocsin.base.verdict import Verdict
from tocsin.match.figures import MatchSummary
from tocsin.outreach.action_states import ActionState
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState
from tocsin.services.actions import is_stale
from tocsin.services.work import Work, service
from tocsin.store.models import (
    Action,
    ApprovalState,
    ImportState,
    Job,
    JobState,
    LetterRelease,
    LinkState,
    ListImport,
    MatchRun,
    NoticeRevision,
    PersonLink,
    PlanMilestone,
    ScopeRelease,
)
from tocsin.store.roles import Role
from tocsin.store.tenancy import current_organisation

MOST_ACTIONS = 50
_ENDED = (ActionState.AUTHORITY_TERMINATED,)


@dataclass(frozen=True)
class Waiting:
    """Something that waits for the caller.

    Attributes:
        what: a sentence.
        place: which page settles it: ``action``, ``triage``, ``plan``, ``imports``, ``links``,
            ``notices``, ``jobs``, ``sending``, ``answers``, ``repairs``, ``calls``,
            ``hand_overs`` or ``print_batches``.
        action_id: of which action; None if of none.
        is_late: whether a day has passed.
    """

    what: str
    place: str
    action_id: int | None = None
    is_late: bool = False


@dataclass(frozen=True)
class ActionOverview:
    """An action at a glance.

    Attributes:
        n_affected, n_cannot_tell: records of its last run, over all its notices; None without one.
        next_due: what is due next in its plan, and when; None if nothing is.
        n_late: how many days of its plan have passed without being reached.
    """

    action_id: int
    title: str
    state: str
    is_exercise: bool
    n_affected: int | None
    n_cannot_tell: int | None
    next_due: tuple[str, date] | None
    n_late: int


@dataclass(frozen=True)
class Overview:
    """What the first page shows."""

    actions: list[ActionOverview]
    waiting: list[Waiting]
    n_ended: int


@service
def read_waiting(work: Work) -> Overview:
    """Return the running actions, and what waits for the caller by their roles.

    Right: everybody with a role. Administrators see no actions: they have no right to any.
    """
    if work.caller.roles <= {Role.ADMINISTRATOR}:
        return Overview([], list(_jobs(work)), 0)
    running = Action.objects.exclude(state__in=_ENDED).order_by("-pk")
    shown = list(running[:MOST_ACTIONS])
    actions = [_overview(action, work.now.date()) for action in shown]
    waiting = [
        one for role, find in _WAITING if role in work.caller.roles for one in find(work)
    ] + list(_late(actions))
    waiting = list(dict.fromkeys(waiting))
    return Overview(actions, waiting, Action.objects.filter(state__in=_ENDED).count())


def _overview(action: Action, today: date) -> ActionOverview:
    run = _last_run(action)
    counts = None
    if run is not None:
        counts = [_count(run, verdict) for verdict in (Verdict.AFFECTED, Verdict.CANNOT_TELL)]
    open_ones = PlanMilestone.objects.filter(
        action=action, reached_on__isnull=True, due_on__isnull=False
    ).order_by("due_on", "place")
    coming = open_ones.filter(due_on__gte=today).first()
    return ActionOverview(
        action.pk,
        action.title,
        action.state,
        action.is_exercise,
        counts[0] if counts else None,
        counts[1] if counts else None,
        (f"{coming.what}{f' ({coming.country})' if coming.country else ''}", coming.due_on)
        if coming and coming.due_on
        else None,
        open_ones.filter(due_on__lt=today).count(),
    )


def _count(run: MatchRun, verdict: Verdict) -> int:
    """Return how many records of a run have a verdict, over all its notices."""
    summary = MatchSummary.model_validate_json(bytes(run.figures))
    return sum(one.verdicts[verdict].records for one in summary.notices)


def _last_run(action: Action) -> MatchRun | None:
    return action.runs.order_by("-number").first()


def _late(actions: list[ActionOverview]) -> Iterator[Waiting]:
    for one in actions:
        if one.n_late:
            days = "One day" if one.n_late == 1 else f"{one.n_late} days"
            yield Waiting(
                f"{days} of the plan of {one.title!r} passed without being reached.",
                "plan",
                one.action_id,
                is_late=True,
            )


def _for_author(_work: Work) -> Iterator[Waiting]:
    for action in Action.objects.exclude(state__in=_ENDED).order_by("-pk")[:MOST_ACTIONS]:
        run = _last_run(action)
        if run is None:
            yield Waiting(f"{action.title!r} was never matched.", "action", action.pk)
        elif is_stale(run):
            yield Waiting(
                f"A notice or registry of {action.title!r} has changed since its last match.",
                "action",
                action.pk,
            )
    n_drafts = NoticeRevision.objects.filter(state=ApprovalState.DRAFT).count()
    if n_drafts:
        verb = "is" if n_drafts == 1 else "are"
        yield Waiting(f"{_n(n_drafts, 'notice revision')} {verb} not released yet.", "notices")


def _for_reviewer(_work: Work) -> Iterator[Waiting]:
    for action in Action.objects.exclude(state__in=_ENDED).order_by("-pk")[:MOST_ACTIONS]:
        run = _last_run(action)
        if run is None or is_stale(run):
            continue
        if not ScopeRelease.objects.filter(action=action, run=run).exists():
            yield Waiting(f"The scope of {action.title!r} waits for review.", "action", action.pk)


def _for_releaser(_work: Work) -> Iterator[Waiting]:
    for model, what in ((ScopeRelease, "The scope"), (LetterRelease, "Letters")):
        found = model.objects.filter(released_at__isnull=True).exclude(action__state__in=_ENDED)
        for release in found.select_related("action").order_by("-pk")[:MOST_ACTIONS]:
            yield Waiting(
                f"{what} of {release.action.title!r} {'wait' if what == 'Letters' else 'waits'} "
                "for your signature.",
                "action",
                release.action_id,
            )


def _for_operator(work: Work) -> Iterator[Waiting]:
    for action in Action.objects.filter(state=ActionState.RUNNING).order_by("-pk")[:MOST_ACTIONS]:
        run = _last_run(action)
        if run is None:
            continue
        if n_open := _count(run, Verdict.CANNOT_TELL):
            yield Waiting(
                f"{_n(n_open, 'record')} of {action.title!r} cannot be told: triage.",
                "triage",
                action.pk,
            )
    begun = Action.objects.exclude(state__in=(*_ENDED, ActionState.DRAFT)).order_by("-pk")
    for action in begun[:MOST_ACTIONS]:
        yield from _outreach(action, work)
    asking = ListImport.objects.filter(state__in=[ImportState.WAITING, ImportState.MAPPING])
    for listed in asking.select_related("registry")[:MOST_ACTIONS]:
        yield Waiting(
            f"Import {listed.pk} into {listed.registry.name!r} is {listed.get_state_display()}.",
            "imports",
        )
    yield from _links(work)
    yield from _jobs(work)


def _outreach(action: Action, work: Work) -> Iterator[Waiting]:
    """Yield what dispatches and answers leave to a person, the most urgent first."""
    dispatches = action.dispatches
    due = dispatches.filter(state=DispatchState.QUEUED, not_before__lte=work.now, vendor=None)
    for rows, what, asked, place in (
        (dispatches.filter(state=DispatchState.UNKNOWN), "outcome", "unknown", "sending"),
        (action.work_items.filter(closed_at=None), "item", "open after answers", "answers"),
        (
            action.passed_on.filter(closed_at=None),
            "device",
            "passed on: tell who has it",
            "answers",
        ),
        (action.repairs.filter(closed_at=None), "contact", "to be repaired", "repairs"),
        (due.filter(channel=Channel.TELEPHONE), "call", "to be made", "calls"),
        (
            dispatches.filter(
                channel=Channel.CLINIC,
                state__in=[DispatchState.QUEUED, DispatchState.HANDED_OVER],
            ),
            "letter",
            "with a clinic, to be handed over or confirmed",
            "hand_overs",
        ),
        (due.filter(channel=Channel.LETTER), "letter", "to be printed", "print_batches"),
    ):
        if n := rows.count():
            yield Waiting(f"{_n(n, what)} of {action.title!r}: {asked}.", place, action.pk)


def _links(_work: Work) -> Iterator[Waiting]:
    n_links = PersonLink.objects.filter(state=LinkState.PROPOSED).count()
    if n_links:
        yield Waiting(f"{_n(n_links, 'pair')} of persons may be one person each.", "links")


def _jobs(_work: Work) -> Iterator[Waiting]:
    failed = Job.objects.filter(organisation_id=current_organisation(), state=JobState.FAILED)
    for row in failed.values("kind").annotate(n=Count("pk")).order_by("kind"):
        kind = row["kind"].replace("_", " ")
        yield Waiting(f"{_n(row['n'], 'job')} ({kind}) failed.", "jobs", is_late=True)


def _n(count: int, what: str) -> str:
    return f"One {what}" if count == 1 else f"{count:,} {what}s"


_WAITING: tuple[tuple[Role, Callable[[Work], Iterator[Waiting]]], ...] = (
    (Role.RELEASER, _for_releaser),
    (Role.REVIEWER, _for_reviewer),
    (Role.AUTHOR, _for_author),
    (Role.OPERATOR, _for_operator),
    (Role.PRIVACY_OFFICER, _links),
)
