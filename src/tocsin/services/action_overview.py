"""An action as its page shows it: all that belongs together, in one transaction."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from tocsin.match.figures import Count, MatchSummary
from tocsin.outreach.action_states import ActionState, allowed_services, state_meanings
from tocsin.services.action_matching import MATCH_ACTION, RunView
from tocsin.services.action_work import find_action, subject_of
from tocsin.services.actions import ActionLine, HistoryLine
from tocsin.services.jobs import JobLine, job_line
from tocsin.services.rights import rights_table
from tocsin.services.work import Work, service
from tocsin.store.audit.listing import Wanted, find_lines
from tocsin.store.models import Action, Job, JobState, MatchRun, NoticeRevision, User
from tocsin.store.tenancy import current_organisation

NEWEST = 60
"""How many events the page looks at; all of them stand on a page of their own."""
_ENDED = (JobState.DONE, JobState.CANCELLED)
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


@service
def read_overview(work: Work, action_id: int) -> Overview:  # noqa: ARG001 - asks for rights only
    """Return an action with its last match, its figures and its newest events.

    Right: everybody of the organisation but administrators.

    Raises:
        ActionUnknown: if there is none.
    """
    action = find_action(action_id)
    last = action.runs.order_by("-number").first()
    notices, registries = list(_notices(action, last)), list(_registries(action, last))
    divided = json.loads(bytes(last.divided) or b"{}") if last else {}
    events = list(_events(action))
    return Overview(
        ActionLine(action.pk, action.title, action.state, action.is_exercise, action.opened_at),
        state_meanings()[ActionState(action.state)],
        allowed_services(ActionState(action.state), is_exercise=action.is_exercise),
        notices,
        registries,
        _run_view(last, registries) if last else None,
        last is not None and any(each.is_stale for each in (*notices, *registries)),
        _counts(divided, "country"),
        _counts(divided, "kind"),
        _job(action),
        events,
        _names({event.actor for event in events}),
    )


def _notices(action: Action, last: MatchRun | None) -> Iterator[SourceLine]:
    links = action.notices.order_by("pk").values_list("notice_id", "notice__name")
    revisions = NoticeRevision.objects.filter(notice__actions__action=action)
    newest = {
        notice_id: (number, state)
        for notice_id, number, state in revisions.order_by("number").values_list(
            "notice_id", "number", "state"
        )
    }
    judged = _judged(last, "notices", "revision__notice_id", "revision__number")
    for notice_id, name in links:
        number, state = newest[notice_id]
        yield SourceLine(name, number, state, judged.get(notice_id))


def _registries(action: Action, last: MatchRun | None) -> Iterator[SourceLine]:
    judged = _judged(last, "registries", "registry_id", "revision")
    links = action.registries.order_by("pk")
    columns = links.values_list("registry_id", "registry__name", "registry__revision")
    for registry_id, name, revision in columns:
        yield SourceLine(name, revision, "", judged.get(registry_id))


def _judged(last: MatchRun | None, what: str, *columns: str) -> dict[int, int]:
    return dict(getattr(last, what).values_list(*columns)) if last else {}


def _run_view(run: MatchRun, registries: Sequence[SourceLine]) -> RunView:
    return RunView(
        run.number,
        MatchSummary.model_validate_json(bytes(run.figures)),
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
    found = jobs.filter(payload__action_id=action.pk).order_by("-pk").first()
    return None if found is None or found.state in _ENDED else job_line(found)


def _events(action: Action) -> Iterator[HistoryLine]:
    named = {event for right in rights_table().values() for event in right.events}
    lines = find_lines(
        current_organisation(), Wanted(subject=subject_of(action), since=action.opened_at)
    )
    for line in islice((each for each in lines if each.event in named), NEWEST):
        at = datetime.fromisoformat(line.at)
        yield HistoryLine(at, line.actor, line.event, line.old, line.new, line.reason)


def _names(actors: set[str]) -> dict[str, str]:
    ids = [int(actor.partition(":")[2]) for actor in actors if actor.startswith("user:")]
    found = User.objects.filter(pk__in=ids).values_list("pk", "name")
    return {f"user:{pk}": name for pk, name in found}
