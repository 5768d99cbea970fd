"""An action as its page shows it: all that belongs together, in one transaction."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tocsin.base.last_used import LastUsed
from tocsin.match.figures import Count, MatchSummary
from tocsin.outreach.action_states import ActionState, allowed_services, state_meanings
from tocsin.services.action_matching import MATCH_ACTION, RunView
from tocsin.services.action_timeline import newest_events
from tocsin.services.action_work import find_action
from tocsin.services.actions import ActionLine, HistoryLine
from tocsin.services.jobs import JobLine, job_line
from tocsin.services.work import Work, service
from tocsin.store.action_sources import Source, sources_of
from tocsin.store.models import Action, Job, JobState, MatchRun, User
from tocsin.store.run_rows import stamp_of
from tocsin.store.tenancy import current_organisation

NEWEST = 60
"""How many events the page looks at; all of them stand on a page of their own."""
_OPEN = (JobState.QUEUED, JobState.CLAIMED, JobState.FAILED)
Divided = Mapping[tuple[str, str, str], Count]


@dataclass(frozen=True)
class SourceLine:
    """A notice or registry of an action.

    Attributes:
        revision: the newest.
        state: of a notice's revision; empty for a registry.
        judged: the revision that the last match has judged; None if it has not judged any.
    """

    name: str
    revision: int
    state: str
    judged: int | None

    @property
    def is_stale(self) -> bool:
        """Whether there is something that the last match has not seen."""
        return self.judged != self.revision


@dataclass(frozen=True)
class Overview:
    """An action as it stands.

    Attributes:
        meaning: what its state means, in words.
        allowed: the services that its state allows now.
        run: its last match, if there was one.
        is_stale: whether a notice or registry has changed since.
        by_country, by_kind: figures of the last match by notice, part and verdict.
        job: a match that waits, runs or has failed.
        events: what happened to it of late, the last first.
        names: what the users among its actors are called.
        stamp: what tells the last match from all others; empty if there was none.
    """

    line: ActionLine
    meaning: str
    allowed: Sequence[str]
    notices: Sequence[SourceLine]
    registries: Sequence[SourceLine]
    run: RunView | None
    is_stale: bool
    by_country: Divided
    by_kind: Divided
    job: JobLine | None
    events: Sequence[HistoryLine]
    names: Mapping[str, str]
    stamp: str


@service
def read_overview(work: Work, action_id: int) -> Overview:  # noqa: ARG001 - asks for rights only
    """Return an action with its last match, its figures and its newest events.

    Right: everybody of the organisation but administrators.

    Raises:
        ActionUnknown: if there is none.
    """
    last = MatchRun.objects.filter(action_id=action_id).select_related("action")
    run = last.order_by("-number").first()
    action = run.action if run else find_action(action_id)
    facts = _FACTS.get(stamp_of(run), lambda: _RunFacts(run)) if run else None
    sources = sources_of(action.pk)
    judged = (facts.notices, facts.registries) if facts else ({}, {})
    notices = tuple(_line(each, judged[0]) for each in sources if each.is_notice)
    registries = tuple(_line(each, judged[1]) for each in sources if not each.is_notice)
    events = newest_events(action, NEWEST)
    return Overview(
        ActionLine(action.pk, action.title, action.state, action.is_exercise, action.opened_at),
        state_meanings()[ActionState(action.state)],
        allowed_services(ActionState(action.state), is_exercise=action.is_exercise),
        notices,
        registries,
        _run_view(run, facts, registries) if run and facts else None,
        run is not None and any(each.is_stale for each in (*notices, *registries)),
        facts.by_country if facts else {},
        facts.by_kind if facts else {},
        _job(action),
        events,
        _names({event.actor for event in events}),
        stamp_of(run) if run else "",
    )


def _line(source: Source, judged: Mapping[int, int]) -> SourceLine:
    return SourceLine(source.name, source.revision, source.state, judged.get(source.source_id))


class _RunFacts:
    """What a finished run says; it never changes, so it is read once (`base.last_used`).

    Attributes:
        notices, registries: the revision that it judged of each, by its id.
        summary: its figures.
        by_country, by_kind: see `Overview`.
    """

    def __init__(self, run: MatchRun) -> None:
        divided = json.loads(bytes(run.divided) or b"{}")
        self.notices = dict(run.notices.values_list("revision__notice_id", "revision__number"))
        self.registries = dict(run.registries.values_list("registry_id", "revision"))
        self.summary = MatchSummary.model_validate_json(bytes(run.figures))
        self.by_country, self.by_kind = _counts(divided, "country"), _counts(divided, "kind")


_FACTS: LastUsed[_RunFacts] = LastUsed(most=64)


def _run_view(run: MatchRun, facts: _RunFacts, registries: Sequence[SourceLine]) -> RunView:
    return RunView(
        run.number,
        facts.summary,
        run.figures_sha256,
        tuple((each.name, each.judged) for each in registries if each.judged is not None),
        run.matched_at,
    )


def _counts(
    divided: Mapping[str, Sequence[tuple[str, str, str, dict[str, int]]]], part: str
) -> Divided:
    return {
        (name, where, verdict): Count(**count)
        for name, where, verdict, count in divided.get(part, ())
    }


def _job(action: Action) -> JobLine | None:
    """Return the newest match that was queued, unless it ended well or was taken back."""
    jobs = Job.objects.filter(organisation_id=current_organisation(), kind=MATCH_ACTION)
    # By state: there is an index for it, and of all jobs only few have not ended.
    still = jobs.filter(state__in=_OPEN).order_by("-pk")
    found = next((job for job in still if job.payload.get("action_id") == action.pk), None)
    if found is None:
        return None
    is_past = jobs.filter(pk__gt=found.pk, payload__action_id=action.pk).exists()
    return None if is_past else job_line(found)


def _names(actors: set[str]) -> dict[str, str]:
    ids = [int(actor.partition(":")[2]) for actor in actors if actor.startswith("user:")]
    found = User.objects.filter(pk__in=ids).values_list("pk", "name")
    return {f"user:{pk}": name for pk, name in found}
