"""What waits for whom, an action at a glance, and what the installation is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tocsin.api.endpoint import Endpoint
from tocsin.api.endpoints.action_replies import (
    Figure,
    Happened,
    Match,
    show_figures,
    show_history,
    show_match,
)
from tocsin.api.replies import made
from tocsin.services import (
    action_overview,
    desk_overview,
    example,
    own_organisations,
    settings_facts,
    trail_review,
)
from tocsin.services.action_overview import SourceLine
from tocsin.services.actions import ActionLine
from tocsin.services.desk_overview import Waiting
from tocsin.services.health.finding import Finding
from tocsin.services.jobs import JobLine


@dataclass(frozen=True)
class Due:
    """What is due next in a plan."""

    what: str
    on: date


@dataclass(frozen=True)
class Glance:
    """An action at a glance.

    Attributes:
        n_affected, n_cannot_tell: records of its last match, over all notices; null without one.
        n_late: how many days of its plan have passed without being reached.
    """

    action_id: int
    title: str
    state: str
    is_exercise: bool
    n_affected: int | None
    n_cannot_tell: int | None
    next_due: Due | None
    n_late: int


@dataclass(frozen=True)
class WhatWaits:
    """The running actions, and what waits for the token's user by its roles.

    Attributes:
        n_ended: actions that have ended.
    """

    actions: list[Glance]
    waiting: list[Waiting]
    n_ended: int


@dataclass(frozen=True)
class ActionAtOnce:
    """An action with all that its page shows.

    Attributes:
        meaning: what its state means, in words.
        allowed: the services that its state allows now.
        match: its last match; null if there was none.
        is_stale: whether a notice or registry has changed since.
        by_country: figures of the last match by notice, country and verdict.
        by_kind: the same by kind of holder.
        job: a match that waits, runs or has failed.
        events: what happened to it of late, the last first.
        names: what the users among its actors are called.
    """

    action: ActionLine
    meaning: str
    allowed: list[str]
    notices: list[SourceLine]
    registries: list[SourceLine]
    match: Match | None
    is_stale: bool
    by_country: list[Figure]
    by_kind: list[Figure]
    job: JobLine | None
    events: list[Happened]
    names: dict[str, str]


@dataclass(frozen=True)
class Administrator:
    """Somebody who can give roles."""

    name: str
    email: str


@dataclass(frozen=True)
class FindingShown:
    """One thing that is wrong with the installation, or good to know.

    Attributes:
        code: stable, for programs.
        urgency: now, soon or note.
        found: what is wrong, a sentence.
        advice: what to do, a sentence.
    """

    code: str
    urgency: str
    found: str
    advice: str


def _waits(found: desk_overview.Overview) -> WhatWaits:
    actions = [
        Glance(**vars(each) | {"next_due": Due(*each.next_due) if each.next_due else None})
        for each in found.actions
    ]
    return WhatWaits(actions, found.waiting, found.n_ended)


def _action(found: action_overview.Overview) -> ActionAtOnce:
    return ActionAtOnce(
        found.line,
        found.meaning,
        list(found.allowed),
        list(found.notices),
        list(found.registries),
        show_match(found.run) if found.run else None,
        found.is_stale,
        show_figures(found.by_country),
        show_figures(found.by_kind),
        found.job,
        show_history(found.events),
        dict(found.names),
    )


def _administrators(found: Sequence[tuple[str, str]]) -> list[Administrator]:
    return [Administrator(*each) for each in found]


def _findings(found: Sequence[Finding]) -> list[FindingShown]:
    return [
        FindingShown(each.code, each.urgency.name.lower(), each.found, each.advice)
        for each in found
    ]


ENDPOINTS = (
    Endpoint(
        "GET",
        "/waiting",
        desk_overview.read_waiting,
        "Show the running actions, and what waits for you",
        shape=_waits,
    ),
    Endpoint(
        "GET",
        "/actions/{action_id}/overview",
        action_overview.read_overview,
        "Show an action with its last match, its figures and its newest events",
        shape=_action,
    ),
    Endpoint(
        "GET",
        "/administrators",
        own_organisations.list_administrators,
        "List who can give roles in your organisation",
        shape=_administrators,
    ),
    Endpoint(
        "POST",
        "/example",
        example.add_example,
        "Add example data in an organisation of its own",
        shape=made,
        status=202,
        explain="The number is that of the job that fills it; you get roles there.",
    ),
    Endpoint(
        "GET",
        "/actors",
        trail_review.name_actors,
        "Name the users that the audit trail calls by their numbers",
    ),
    Endpoint(
        "GET",
        "/installation",
        settings_facts.read_installation_facts,
        "Show what the installation is made of: its facts, and whether it may send",
    ),
    Endpoint(
        "GET",
        "/installation/health",
        settings_facts.read_health,
        "Tell what is wrong with the installation, the most urgent first",
        shape=_findings,
    ),
)
