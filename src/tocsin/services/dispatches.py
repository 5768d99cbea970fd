"""Dispatches of an action as people look at them: the list, one with all that is known of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from tocsin.outreach.dispatch_states import DispatchState, Standing, standing_of, states_with
from tocsin.services.action_work import find_action
from tocsin.services.arming import read_arming
from tocsin.services.dispatch_work import find_dispatch
from tocsin.services.signatures import SignatureLine, signature_lines
from tocsin.services.work import Work, service
from tocsin.store.letter_rows import version_name
from tocsin.store.models import (
    Action,
    ContactRepair,
    Dispatch,
    DispatchAttempt,
    DispatchEvidence,
    SendingStop,
)


@dataclass(frozen=True)
class DispatchLine:
    """A dispatch in a list; the person by their id only.

    Attributes:
        recipient_id: the line of the frozen list, for who enters an answer.
    """

    dispatch_id: int
    action_id: int
    recipient_id: int
    person_id: str
    letter: str
    audience: str
    country: str
    channel: str
    purpose: str
    state: DispatchState
    state_at: datetime
    not_before: datetime
    not_after: datetime
    n_tries: int
    reply: str
    replaces: int | None


@dataclass(frozen=True)
class AttemptLine:
    """One try: how it ended, and the other side's words."""

    ended_at: datetime
    outcome: str
    code: int
    reply: str
    owner: str


@dataclass(frozen=True)
class EvidenceLine:
    """What is known from elsewhere."""

    kept_at: datetime
    happened_at: datetime | None
    kind: str
    tells: str
    detail: str
    sha256: str


@dataclass(frozen=True)
class DispatchView:
    """A dispatch with all that is known of it.

    Attributes:
        sha256: of the bytes that leave; empty where none do.
        message_id: of the mail.
        signatures: of decisions about it.
    """

    line: DispatchLine
    sha256: str
    message_id: str
    attempts: Sequence[AttemptLine]
    evidence: Sequence[EvidenceLine]
    signatures: Sequence[SignatureLine]


@dataclass(frozen=True)
class DispatchFilter:
    """Which dispatches of an action are wanted; empty: all."""

    state: str = ""
    standing: str = ""
    channel: str = ""
    purpose: str = ""
    audience: str = ""
    country: str = ""
    person_id: str = ""


@dataclass(frozen=True)
class SendingStatus:
    """Where the sending of an action stands.

    Attributes:
        by_state: how many dispatches are in each state, by channel.
        is_stopped: whether the organisation has stopped all sending.
        disarmed_because: why nothing is sent from this installation; empty if it may.
        next_at: when the next that waits may leave.
        n_open_repairs: contacts that somebody must repair.
    """

    action_state: str
    is_exercise: bool
    by_state: Mapping[tuple[str, DispatchState], int]
    is_stopped: bool
    disarmed_because: Sequence[str]
    next_at: datetime | None
    n_open_repairs: int

    def count(self, *standings: Standing) -> int:
        """Return how many dispatches have one of some standings."""
        return sum(n for (_, state), n in self.by_state.items() if standing_of(state) in standings)


@service
def list_dispatches(
    work: Work,  # noqa: ARG001 - asks for rights only
    action_id: int,
    wanted: DispatchFilter | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[DispatchLine]:
    """Return dispatches of an action in the order in which they were made.

    Right: author, reviewer, releaser, operator, auditor.

    Args:
        work: the call.
        action_id: the action.
        wanted: which; all without.
        after: only those behind this id: for the next page.
        limit: how many at most.

    Raises:
        ActionUnknown: if there is no such action.
    """
    found = filtered(find_action(action_id), wanted or DispatchFilter())
    rows = found.filter(pk__gt=after).select_related("recipient__letter_version")
    return [line_of(row) for row in rows.order_by("pk")[:limit]]


@service
def read_dispatch(work: Work, dispatch_id: int) -> DispatchView:  # noqa: ARG001 - its rights
    """Return a dispatch with all that is known of it.

    Right: author, reviewer, releaser, operator, auditor.

    Raises:
        DispatchUnknown: if there is none.
    """
    row = find_dispatch(dispatch_id, to_change=False)
    return DispatchView(
        line_of(row),
        row.sha256,
        row.message_id,
        [
            AttemptLine(each.ended_at, each.outcome, each.code, each.reply, each.owner)
            for each in DispatchAttempt.objects.filter(dispatch=row).order_by("pk")
        ],
        [
            EvidenceLine(
                each.kept_at, each.happened_at, each.kind, each.tells, each.detail, each.sha256
            )
            for each in DispatchEvidence.objects.filter(dispatch=row).order_by("pk")
        ],
        signature_lines(f"dispatch:{row.pk}"),
    )


@service
def read_sending(work: Work, action_id: int) -> SendingStatus:  # noqa: ARG001 - asks for rights
    """Return where the sending of an action stands.

    Right: author, reviewer, releaser, operator, auditor.

    Raises:
        ActionUnknown: if there is no such action.
    """
    action = find_action(action_id)
    rows = Dispatch.objects.filter(action=action)
    counted = rows.values_list("channel", "state").annotate(n=Count("pk")).order_by()
    waiting = rows.filter(state=DispatchState.QUEUED).order_by("not_before")
    return SendingStatus(
        action.state,
        action.is_exercise,
        {(channel, DispatchState(state)): n for channel, state, n in counted},
        SendingStop.objects.filter(ended_at__isnull=True).exists(),
        read_arming(),
        waiting.values_list("not_before", flat=True).first(),
        ContactRepair.objects.filter(action=action, closed_at__isnull=True).count(),
    )


def filtered(action: Action, wanted: DispatchFilter) -> QuerySet[Dispatch]:
    """Return the dispatches of an action that are wanted."""
    found = Dispatch.objects.filter(action=action)
    if wanted.standing:
        states = [str(state) for state in states_with(Standing(wanted.standing))]
        found = found.filter(state__in=states)
    columns = {
        "state": wanted.state,
        "channel": wanted.channel,
        "purpose": wanted.purpose,
        "recipient__audience": wanted.audience,
        "recipient__country": wanted.country,
        "person_id": wanted.person_id,
    }
    return found.filter(**{name: text for name, text in columns.items() if text})


def line_of(row: Dispatch) -> DispatchLine:
    """Return a dispatch as it is listed."""
    return DispatchLine(
        row.pk,
        row.action_id,
        row.recipient_id,
        str(row.person_id),
        version_name(row.recipient.letter_version),
        row.recipient.audience,
        row.recipient.country,
        row.channel,
        row.purpose,
        DispatchState(row.state),
        row.state_at,
        row.not_before,
        row.not_after,
        row.n_tries,
        row.reply,
        row.replaces_id,
    )
