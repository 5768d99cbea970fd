"""Sending: where it stands, what people deliver, what nobody knows, contacts to repair."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from tocsin.api.endpoint import Endpoint
from tocsin.api.fields import ClinicRegistry, Word
from tocsin.api.pages import ItemKey, Order, Sought
from tocsin.api.replies import done, state
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState
from tocsin.services import (
    conservation,
    contact_repairs,
    dispatches,
    hand_deliveries,
    hand_overs,
    listed_recipients,
    sending_stops,
    unknown_outcomes,
)
from tocsin.services.dispatches import DispatchFilter, DispatchLine, SendingStatus
from tocsin.services.listed_recipients import RecipientLine, SoughtRecipients
from tocsin.services.sent_documents import SentDocument
from tocsin.services.sent_evidence import EvidenceTaken, take_notifications, take_relay_log
from tocsin.services.work import Caller

ClinicEvent = Literal["hand_over", "confirm", "give_up"]
LogName = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9._ ()-]{1,100}\.(log|txt)$", examples=["mail.log"])
]
MessageName = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9._ ()-]{1,100}\.(eml|mbox|txt)$", examples=["bounces.mbox"])
]
LetterEvent = Literal["printed", "spoilt", "posted", "returned"]


@dataclass(frozen=True)
class InState:
    """How many dispatches of a channel are in a state."""

    channel: str
    state: str
    n: int


@dataclass(frozen=True)
class SendingShown:
    """Where the sending of an action stands.

    Attributes:
        is_stopped: whether the organisation has stopped all sending.
        disarmed_because: why nothing is sent from this installation; empty if it may.
        next_at: when the next that waits may leave.
        n_open_repairs: contacts that somebody must repair.
    """

    action_state: str
    is_exercise: bool
    dispatches: list[InState]
    is_stopped: bool
    disarmed_because: list[str]
    next_at: datetime | None
    n_open_repairs: int


@dataclass(frozen=True)
class SendingStopped:
    """Since when all sending of the organisation is stopped; null if it is not."""

    stopped_at: datetime | None


@dataclass(frozen=True)
class Noted:
    """How many letters were noted."""

    n_letters: int


@dataclass(frozen=True)
class Repaired:
    """How many dispatches were queued because a contact was found."""

    n_queued: int


def list_dispatches(
    caller: Caller,
    action_id: int,
    state: Annotated[DispatchState | None, Field(description="Only in this state.")] = None,
    channel: Annotated[Channel | None, Field(description="Only by this channel.")] = None,
    *,
    after: ItemKey | None,
    limit: int,
) -> Sought[DispatchLine]:
    """List the dispatches of an action."""
    behind = int(after[0]) if after else 0
    wanted = DispatchFilter(state=str(state or ""), channel=str(channel or ""))
    found = dispatches.list_dispatches(caller, action_id, wanted, behind, limit + 1)
    last = (found[limit - 1].dispatch_id,) if len(found) > limit else None
    return Sought(found[:limit], last)


def list_recipients(
    caller: Caller,
    action_id: int,
    sought: Annotated[
        str, Field(description="The id of a person, or the number of a recipient.")
    ] = "",
    without_dispatch: Annotated[bool, Field(description="Only who has no dispatch.")] = False,
    *,
    after: ItemKey | None,
    limit: int,
) -> Sought[RecipientLine]:
    """List the people on the frozen lists of an action."""
    behind = int(after[0]) if after else 0
    wanted = SoughtRecipients(sought, without_dispatch)
    found = listed_recipients.list_recipients(caller, action_id, wanted, behind, limit + 1)
    last = (found[limit - 1].recipient_id,) if len(found) > limit else None
    return Sought(found[:limit], last)


def keep_relay_log(caller: Caller, *, sent: SentDocument) -> EvidenceTaken:
    """Keep what the relay's log tells of mails."""
    return take_relay_log(caller, sent.content)


def keep_notifications(caller: Caller, *, sent: SentDocument) -> EvidenceTaken:
    """Keep what notifications tell of mails."""
    return take_notifications(caller, sent.content)


def _sending(found: SendingStatus) -> SendingShown:
    by_state = sorted((*key, n) for key, n in found.by_state.items())
    return SendingShown(
        found.action_state,
        found.is_exercise,
        [InState(str(channel), str(state), n) for channel, state, n in by_state],
        found.is_stopped,
        list(found.disarmed_because),
        found.next_at,
        found.n_open_repairs,
    )


def _stopped(since: datetime | None) -> SendingStopped:
    return SendingStopped(since)


def _noted(n_letters: int) -> Noted:
    return Noted(n_letters)


def _repaired(n_queued: int) -> Repaired:
    return Repaired(n_queued)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/actions/{action_id}/sending",
        dispatches.read_sending,
        "Show where the sending of an action stands",
        shape=_sending,
    ),
    Endpoint(
        "GET",
        "/actions/{action_id}/conservation",
        conservation.read_conservation,
        "Compare the accounts of an action: whether anybody was lost or told twice",
    ),
    Endpoint(
        "GET",
        "/actions/{action_id}/dispatches",
        list_dispatches,
        "List the dispatches of an action, by ids only",
        seeks=DispatchLine,
    ),
    Endpoint(
        "GET",
        "/actions/{action_id}/recipients",
        list_recipients,
        "List the people on the frozen lists of an action, by ids only",
        seeks=RecipientLine,
        explain="Also who has no dispatch, because no channel is known.",
    ),
    Endpoint("GET", "/dispatches/{dispatch_id}", dispatches.read_dispatch, "Show a dispatch"),
    Endpoint(
        "GET",
        "/unknown-dispatches",
        unknown_outcomes.list_unknown,
        "List the dispatches whose outcome nobody knows, with what speaks for and against",
        order=Order(lambda each: (each.line.dispatch_id,)),
        explain="The 500 that wait longest.",
    ),
    Endpoint(
        "POST",
        "/relay-log",
        keep_relay_log,
        "Keep what the relay's log tells of mails: it settles what is unknown",
        file_names=LogName,
        explain="The body is Postfix's log, at most 5 MB. What it does not name stays undecided.",
    ),
    Endpoint(
        "POST",
        "/notifications",
        keep_notifications,
        "Keep what delivery status notifications tell of mails",
        file_names=MessageName,
        explain="The body is one message or an mbox of them, at most 5 MB.",
    ),
    Endpoint(
        "POST",
        "/dispatches/{dispatch_id}/decision",
        unknown_outcomes.decide_unknown,
        "Decide about a dispatch whose outcome nobody knows",
        explain="It is signed: send a code in `Tocsin-Code`. `channel` is for `other_way` only.",
    ),
    Endpoint(
        "GET",
        "/actions/{action_id}/by-hand/{channel}",
        hand_deliveries.list_by_hand,
        "List what people are to deliver now through a channel: calls, printed letters, clinics",
        order=Order(lambda line: (line.not_before.isoformat(), line.dispatch_id)),
        explain="The 500 that wait longest.",
    ),
    Endpoint(
        "POST",
        "/dispatches/{dispatch_id}/call-sheet",
        hand_deliveries.access_call,
        "Show number, name and script for one call",
        is_repeatable=False,
        explain="It is recorded who looked. Its reply is kept nowhere.",
    ),
    Endpoint(
        "POST",
        "/dispatches/{dispatch_id}/call",
        hand_deliveries.note_call,
        "Note how a call ended",
        shape=state,
    ),
    Endpoint(
        "POST",
        "/dispatches/{dispatch_id}/clinic",
        hand_deliveries.note_clinic,
        "Note that a clinic has handed a letter over, confirmed it, or could not",
        shape=state,
        types={"event": ClinicEvent},
    ),
    Endpoint(
        "GET",
        "/actions/{action_id}/hand-overs",
        hand_overs.list_hand_overs,
        "List the clinics that hand letters over, with how many wait at each",
        order=Order(lambda line: (line.registry_id, line.clinic_id)),
    ),
    Endpoint(
        "POST",
        "/actions/{action_id}/hand-over-list",
        hand_overs.access_hand_overs,
        "Show whom a clinic has to give a letter to, by name",
        types={"registry_id": ClinicRegistry},
        is_repeatable=False,
        explain="It is recorded who looked. Its reply is kept nowhere. The first 500.",
    ),
    Endpoint(
        "POST",
        "/actions/{action_id}/hand-overs",
        hand_overs.note_hand_overs,
        "Note what a clinic says of letters; of all of them, or of none",
        shape=_noted,
        types={"event": ClinicEvent},
    ),
    Endpoint(
        "POST",
        "/actions/{action_id}/printed-letters",
        hand_deliveries.note_letters,
        "Note what became of printed letters; of all of them, or of none",
        shape=_noted,
        types={"event": LetterEvent},
    ),
    Endpoint(
        "GET",
        "/actions/{action_id}/repairs",
        contact_repairs.list_repairs,
        "List an action's contacts to repair",
        order=Order(lambda line: (line.repair_id,)),
    ),
    Endpoint(
        "POST",
        "/repairs/{repair_id}/close",
        contact_repairs.close_repair,
        "Say what was found of a contact",
        shape=_repaired,
        types={
            "outcome": Annotated[
                Word, Field(max_length=40, description="In a few words that name nobody.")
            ]
        },
    ),
    Endpoint(
        "GET",
        "/sending/stop",
        sending_stops.read_sending_stop,
        "Show whether all sending of the organisation is stopped, and since when",
        shape=_stopped,
    ),
    Endpoint(
        "POST",
        "/sending/stop",
        sending_stops.stop_sending,
        "Let nothing more of the organisation leave, at once",
        shape=done,
    ),
    Endpoint(
        "POST",
        "/sending/end-stop",
        sending_stops.end_sending_stop,
        "Let letters leave again",
        shape=done,
    ),
)
