"""An action as its page shows it: all that belongs together, in one transaction."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tocsin.base.last_used import LastUsed
from tocsin.match.figures import Count, MatchSummary
from tocsin.outreach.action_states import ActionState, allowed_services, state_meanings
from tocsin.services.action_matching import MATCH_ACTION, RunView
from tocsin.services.action_timeline import newest_events
from tocsin.services.action_work import action_unknown
from tocsin.services.actions import ActionLine, HistoryLine
from tocsin.services.jobs import JobLine, job_line
from tocsin.services.work import Work, service
from tocsin.store.action_standing import Source, sources_of, standing_of
from tocsin.store.jobs import open_jobs
from tocsin.store.models import Job, MatchRun
from tocsin.store.run_marks import RunMark
from tocsin.store.tenancy import current_organisation
from tocsin.store.user_rows import user_names

NEWEST = 60
"""How many events the page looks at; all of them stand on a page of their own."""
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
    found = standing_of(action_id)
    if found is None:
        raise action_unknown(action_id)
    state, run = ActionState(found.state), found.last
    facts = _FACTS.get(run.stamp, lambda: _RunFacts(run)) if run else None
    sources = sources_of(action_id)
    judged = (facts.notices, facts.registries) if facts else ({}, {})
    notices = tuple(_line(each, judged[0]) for each in sources if each.is_notice)
    registries = tuple(_line(each, judged[1]) for each in sources if not each.is_notice)
    events = newest_events(action_id, found.opened_at, NEWEST)
    return Overview(
        ActionLine(action_id, found.title, found.state, found.is_exercise, found.opened_at),
        state_meanings()[state],
        allowed_services(state, is_exercise=found.is_exercise),
        notices,
        registries,
        _run_view(run, facts, registries) if run and facts else None,
        run is not None and any(each.is_stale for each in (*notices, *registries)),
        facts.by_country if facts else {},
        facts.by_kind if facts else {},
        _job(action_id),
        events,
        _names({event.actor for event in events}),
        run.stamp if run else "",
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

    def __init__(self, mark: RunMark) -> None:
        run = MatchRun.objects.get(pk=mark.run_id)
        divided = json.loads(bytes(run.divided) or b"{}")
        self.notices = dict(run.notices.values_list("revision__notice_id", "revision__number"))
        self.registries = dict(run.registries.values_list("registry_id", "revision"))
        self.summary = MatchSummary.model_validate_json(bytes(run.figures))
        self.by_country, self.by_kind = _counts(divided, "country"), _counts(divided, "kind")


_FACTS: LastUsed[_RunFacts] = LastUsed(most=64)


def _run_view(run: RunMark, facts: _RunFacts, registries: Sequence[SourceLine]) -> RunView:
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


def _job(action_id: int) -> JobLine | None:
    """Return the newest match that was queued, unless it ended well or was taken back."""
    still = open_jobs(MATCH_ACTION, current_organisation())
    found = next((each for each, told in still if told.get("action_id") == action_id), None)
    if found is None:
        return None
    jobs = Job.objects.filter(organisation_id=current_organisation(), kind=MATCH_ACTION)
    is_past = jobs.filter(pk__gt=found, payload__action_id=action_id).exists()
    return None if is_past else job_line(jobs.get(pk=found))


def _names(actors: set[str]) -> dict[str, str]:
    ids = [int(actor.partition(":")[2]) for actor in actors if actor.startswith("user:")]
    return {f"user:{pk}": name for pk, name in user_names(ids).items()}
