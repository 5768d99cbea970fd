"""What answers ask of us: items to close, and who has a device now that was passed on."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from tocsin.api.endpoint import Endpoint
from tocsin.api.fields import OptionalLine, OptionalLines, Word
from tocsin.api.pages import Order
from tocsin.api.replies import done
from tocsin.services import answer_work, new_holders
from tocsin.services.new_holders import HolderTold, NewHolder
from tocsin.services.work import Caller

PassedOnOutcome = Literal["told", "was told already", "cannot be found"]
"""As `services.answer_work.PASSED_ON_OUTCOMES` has them; a test compares."""


@dataclass(frozen=True)
class PassedOnTo:
    """Who has a device now, in the holder's words; empty where the person was erased since."""

    passed_on_to: str


def tell_new_holder(
    caller: Caller,
    item_id: int,
    person_id: Annotated[OptionalLine, Field(description="Of somebody who is known.")] = "",
    name: OptionalLine = "",
    email: OptionalLine = "",
    phone: OptionalLine = "",
    address_lines: Annotated[OptionalLines, Field(description="The postal address.")] = "",
    country: Annotated[OptionalLine, Field(description="Two letters.")] = "",
    language: Annotated[OptionalLine, Field(description="Such as fr.")] = "",
    kind: Annotated[OptionalLine, Field(description="As in a holders file; person if empty.")] = "",
) -> HolderTold:
    """Queue the released letter for who has a device now."""
    holder = NewHolder(person_id, name, email, phone, address_lines, country, language, kind)
    return new_holders.tell_new_holder(caller, item_id, holder)


def _passed_on(text: str) -> PassedOnTo:
    return PassedOnTo(text)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/actions/{action_id}/answer-work",
        answer_work.list_answer_work,
        "List what the answers of an action ask of us",
        order=Order(lambda line: (line.kind, line.item_id)),
        explain="Items of the kind `passed_on` are closed and read under `/passed-on`.",
    ),
    Endpoint(
        "POST",
        "/answer-work/{item_id}/close",
        answer_work.close_work_item,
        "Say what became of something that an answer asked for",
        shape=done,
        types={"outcome": Annotated[Word, Field(description="In words that name nobody.")]},
    ),
    Endpoint(
        "POST",
        "/passed-on/{item_id}/access",
        answer_work.access_passed_on,
        "Show to whom a device was passed on, for a purpose",
        shape=_passed_on,
        is_repeatable=False,
        explain="It is recorded who looked, and for what. Its reply is kept nowhere.",
    ),
    Endpoint(
        "POST",
        "/passed-on/{item_id}/new-holder",
        tell_new_holder,
        "Queue the released letter for who has a device now",
        status=201,
        explain="Name a person who is known, or enter contact data: they are sealed.",
    ),
    Endpoint(
        "POST",
        "/passed-on/{item_id}/close",
        answer_work.close_passed_on,
        "Say what became of a device that was passed on",
        shape=done,
        types={"outcome": PassedOnOutcome},
    ),
)
