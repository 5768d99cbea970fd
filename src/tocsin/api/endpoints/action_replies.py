"""Actions, matches and their figures as other software reads them: names instead of places."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tocsin.base.truth import Truth
from tocsin.base.verdict import Verdict, verdict_of
from tocsin.match.figures import Change, Count, MatchSummary
from tocsin.match.run_changes import DeviceChange
from tocsin.outreach.action_contacts import ActionContact
from tocsin.services.action_matching import RunView
from tocsin.services.actions import ActionView, HistoryLine

_URGENCY = (Verdict.AFFECTED, Verdict.CANNOT_TELL, Verdict.NOT_AFFECTED)


@dataclass(frozen=True)
class NoticeAnswered:
    """A notice that an action answers, at its newest revision."""

    name: str
    revision: int
    state: str


@dataclass(frozen=True)
class RegistrySeen:
    """A registry in which an action looks, at its revision."""

    name: str
    revision: int


@dataclass(frozen=True)
class ActionShown:
    """An action as it stands.

    Attributes:
        last_match: number of its last match; null if there was none.
        is_stale: whether a notice or registry has a newer revision than the last match saw.
        allowed: the services that its state allows now.
    """

    action_id: int
    title: str
    state: str
    is_exercise: bool
    opened_at: datetime
    notices: list[NoticeAnswered]
    registries: list[RegistrySeen]
    last_match: int | None
    is_stale: bool
    allowed: list[str]


@dataclass(frozen=True)
class Happened:
    """Something that happened to an action, as the audit trail tells it.

    Attributes:
        place: which of the things that happened it is, from 1.
        actor: who did it: user:17, console or worker.
        old: what was changed, before.
        new: after.
    """

    place: int
    at: datetime
    actor: str
    event: str
    old: dict[str, Any]
    new: dict[str, Any]
    reason: str | None


@dataclass(frozen=True)
class Match:
    """A match of an action.

    Attributes:
        number: within the action, from 1.
        figures_sha256: of the figures' bytes.
    """

    number: int
    figures: MatchSummary
    figures_sha256: str
    registries: list[RegistrySeen]


@dataclass(frozen=True)
class Figure:
    """How much of a match falls under one notice, part and verdict.

    Attributes:
        part: a country, or a kind of holder.
    """

    notice: str
    part: str
    verdict: str
    count: Count


@dataclass(frozen=True)
class ChangeShown:
    """What a match changes for one device and notice.

    Attributes:
        holder: whom to contact, by id; empty if nobody is known.
    """

    registry_id: int
    device_id: str
    notice: str
    was: Verdict
    now: Verdict
    change: Change
    holder: str


@dataclass(frozen=True)
class NoticeSays:
    """What a notice says to somebody."""

    notice: str
    verdict: Verdict


@dataclass(frozen=True)
class ContactLine:
    """Somebody to contact, by id.

    Attributes:
        urgency: 0 for who has an affected device, 1 for who has one that cannot be told.
        person: who is contacted.
        verdict: the most urgent one over all notices and devices.
        n_devices: devices that are affected or cannot be told.
    """

    urgency: int
    person: str
    verdict: Verdict
    notices: list[NoticeSays]
    n_devices: int


def show_action(view: ActionView) -> ActionShown:
    """Return an action as it stands."""
    return ActionShown(
        **vars(view.line),
        notices=[NoticeAnswered(*each) for each in view.notices],
        registries=[RegistrySeen(*each) for each in view.registries],
        last_match=view.last_run,
        is_stale=view.is_stale,
        allowed=list(view.allowed),
    )


def show_history(lines: Sequence[HistoryLine]) -> list[Happened]:
    """Return what happened, each with its place."""
    return [Happened(place, **vars(line)) for place, line in enumerate(lines, start=1)]


def show_match(view: RunView) -> Match:
    """Return a match."""
    registries = [RegistrySeen(*each) for each in view.registries]
    return Match(view.number, view.summary, view.figures_sha256, registries)


def show_figures(found: Mapping[tuple[str, str, str], Count]) -> list[Figure]:
    """Return figures line by line."""
    return [Figure(*divided, count=count) for divided, count in found.items()]


def show_changes(found: Sequence[DeviceChange]) -> list[ChangeShown]:
    """Return changes as the API shows them."""
    return [
        ChangeShown(
            each.registry_id,
            each.device_id,
            each.notice,
            _verdict(each.was),
            _verdict(each.now),
            each.change,
            each.holder,
        )
        for each in found
    ]


def show_contacts(found: Sequence[ActionContact]) -> list[ContactLine]:
    """Return whom to contact."""
    return [
        ContactLine(
            _URGENCY.index(each.verdict),
            each.person,
            each.verdict,
            [NoticeSays(*said) for said in each.notices],
            each.n_devices,
        )
        for each in found
    ]


def _verdict(truth: Truth) -> Verdict:
    return verdict_of(truth)
