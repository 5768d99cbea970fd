"""Complaints: what people say has happened with a device."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from tocsin.api.endpoint import Endpoint
from tocsin.api.fields import Day, Id, Lines, OptionalLine, Uuid
from tocsin.api.pages import Order
from tocsin.api.replies import made
from tocsin.services import complaints
from tocsin.services.complaints import NewComplaint
from tocsin.services.work import Caller

Channel = Literal["telephone", "paper", "clinic", "e-mail"]
"""As `services.complaints.CHANNELS` has them; a test compares."""


@dataclass(frozen=True)
class Happening:
    """What happened, in the words of who complains; empty where they were erased since."""

    text: str


def open_complaint(
    caller: Caller,
    person_id: Annotated[Uuid, Field(description="Who has the device.")],
    text: Annotated[Lines, Field(description="What happened, in their words.")],
    channel: Annotated[Channel, Field(description="How it came.")],
    action_id: Annotated[Id | None, Field(description="The action that it came with.")] = None,
    device_id: Annotated[OptionalLine, Field(description="Which device, if told.")] = "",
    happened_on: date | None = None,
) -> int:
    """Keep a complaint."""
    told = NewComplaint(person_id, text, channel, device_id, happened_on)
    return complaints.open_complaint(caller, action_id, told)


def _happening(text: str) -> Happening:
    return Happening(text)


ENDPOINTS = (
    Endpoint(
        "POST",
        "/complaints",
        open_complaint,
        "Keep a complaint",
        shape=made,
        status=201,
        types={"happened_on": Annotated[Day | None, Field(description="When, if told.")]},
    ),
    Endpoint(
        "GET",
        "/complaints",
        complaints.list_complaints,
        "List the complaints, the last first, without the words of who made them",
        order=Order(lambda line: (line.complaint_id,), is_descending=True),
    ),
    Endpoint(
        "POST",
        "/complaints/{complaint_id}/access",
        complaints.access_complaint,
        "Show the words of a complaint, for a purpose",
        shape=_happening,
        is_repeatable=False,
        explain="It is recorded who looked, and for what. Its reply is kept nowhere.",
    ),
)
