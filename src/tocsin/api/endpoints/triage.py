"""Triage: what would settle what cannot be told, and what people have answered."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from tocsin.api.endpoint import Endpoint
from tocsin.api.fields import Line, Lines, Number, OptionalLine
from tocsin.api.pages import ItemKey, Order, Sought
from tocsin.base.truth import Truth
from tocsin.match.explain import Explanation
from tocsin.services import gap_views, triage, triage_queue
from tocsin.services.triage import DeviceAnswer, NewVerdict
from tocsin.services.triage_queue import OpenQuestion
from tocsin.services.work import Caller

Teller = Literal[
    "patient",
    "carer",
    "clinician",
    "clinic",
    "pharmacy",
    "distributor",
    "manufacturer",
    "payer",
    "record",
]
"""As `services.triage.TELLERS` has them; a test compares."""


@dataclass(frozen=True)
class Reasoning:
    """A line of reasoning, and the lines below it.

    Attributes:
        truth: true, false or unknown; null for a line that is a heading or a question.
    """

    text: str
    truth: Literal["true", "false", "unknown"] | None
    below: list["Reasoning"]


@dataclass(frozen=True)
class NoticeReasoning:
    """The whole reasoning of one notice about a device."""

    notice: str
    reasoning: Reasoning


_TRUTHS: dict[Truth, Literal["true", "false", "unknown"]] = {
    Truth.TRUE: "true",
    Truth.FALSE: "false",
    Truth.UNKNOWN: "unknown",
}


def answer_triage(
    caller: Caller,
    action_id: int,
    device_id: Annotated[Line, Field(description="The record.", examples=["R-20931"])],
    column: Annotated[
        Line,
        Field(description="Which of its columns was answered.", examples=["software_version"]),
    ],
    value: Annotated[
        OptionalLine,
        Field(description="What it is; empty if nobody knows.", examples=["2.4A"]),
    ],
    told_by: Annotated[Teller, Field(description="Who told it.")],
    evidence: Annotated[
        Lines,
        Field(
            description="How it was told. No names or addresses.",
            examples=["Read from the status screen, by telephone."],
        ),
    ],
    registry: Annotated[
        Line | None, Field(description="Which one, if several have a record of this id.")
    ] = None,
) -> list[NewVerdict]:
    """Let a record say what somebody has told."""
    answer = DeviceAnswer(device_id, column, value, told_by, evidence, registry)
    return triage.answer_triage(caller, action_id, answer)


def list_open_questions(
    caller: Caller,
    action_id: int,
    number: Annotated[Number | None, Field(description="Of the match; the last without.")] = None,
    *,
    after: ItemKey | None,
    limit: int,
) -> Sought[OpenQuestion]:
    """List what cannot be told."""
    behind = int(after[0]) if after else None
    page = triage_queue.list_open_questions(caller, action_id, behind, limit, number)
    return Sought(page.lines, (page.later,) if page.later else None)


def _explained(found: list[tuple[str, Explanation]]) -> list[NoticeReasoning]:
    return [NoticeReasoning(name, _reasoning(tree)) for name, tree in found]


def _reasoning(tree: Explanation) -> Reasoning:
    truth = None if tree.truth is None else _TRUTHS[tree.truth]
    return Reasoning(tree.text, truth, [_reasoning(each) for each in tree.below])


ENDPOINTS = (
    Endpoint(
        "GET",
        "/actions/{action_id}/triage",
        list_open_questions,
        "List what cannot be told, with the question that settles it, urgent ones first",
        seeks=OpenQuestion,
        explain="What an answer has settled since the match is left out.",
    ),
    Endpoint(
        "GET",
        "/actions/{action_id}/triage/{verdict_id}",
        triage_queue.read_triage_case,
        "Show one record of the triage list as it is now",
    ),
    Endpoint(
        "GET",
        "/actions/{action_id}/gaps",
        gap_views.list_gaps,
        "Tell what is missing on records, and what knowing it would settle",
    ),
    Endpoint(
        "POST",
        "/actions/{action_id}/answers",
        answer_triage,
        "Record what somebody has told about a device",
        status=201,
        explain="The reply has the record's verdicts before and after. Match the action again for "
        "the difference as a whole.",
    ),
    Endpoint(
        "GET",
        "/actions/{action_id}/answers",
        triage.list_answers,
        "List the answers of an action, and whether they still hold",
        order=Order(lambda line: (line.answer_id,)),
    ),
    Endpoint(
        "POST",
        "/actions/{action_id}/explanations",
        triage.explain_stored_device,
        "Explain a device's verdicts, step by step",
        shape=_explained,
        explain="A POST, although it changes nothing: what identifies a device stands in no "
        "address, and so in no log.",
    ),
)
