"""An answer that somebody enters for a recipient, and what it has changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from tocsin.api.endpoint import Endpoint
from tocsin.api.fields import Lines, OptionalLine, OptionalLines
from tocsin.outreach.reply import DeviceOutcome, DeviceReply, Doing, PersonOutcome, Reply
from tocsin.services import answers
from tocsin.services.answers import KeptAnswer
from tocsin.services.work import Caller

Channel = Literal["paper", "telephone", "clinic"]
"""As `services.answers.CHANNELS` has them; a test compares."""
Key = Annotated[str, Field(min_length=1, max_length=400)]


class DeviceTold(BaseModel):
    """What somebody says about one of their devices."""

    model_config = ConfigDict(extra="forbid")

    outcome: DeviceOutcome = Field(description="Where it is.")
    software_version: OptionalLine = Field("", description="As the device shows it.")
    passed_on_to: OptionalLines = Field(
        "", description="Who has it now, in their words; only with passed_on."
    )
    lot: OptionalLine = Field("", description="As its label or package shows it.")
    told: dict[Key, OptionalLine] = Field(
        default_factory=dict,
        max_length=40,
        description="What else the form asks of it, by column, such as model.",
    )
    not_found: list[Key] = Field(
        default_factory=list,
        max_length=40,
        description="The columns asked for that they could not find; somebody calls them.",
    )


Devices = Annotated[
    dict[Key, DeviceTold],
    Field(max_length=100, description="By the key that the form gives each device."),
]
Doings = Annotated[
    dict[Key, Annotated[Doing, Field(strict=False)]],
    Field(max_length=100, description="How far they are, by the key of each instruction."),
]


@dataclass(frozen=True)
class DeviceVerdict:
    """What was told of a device has made of its verdict for a notice."""

    device: str
    notice: str
    was: str
    now: str


@dataclass(frozen=True)
class AnswerKept:
    """An answer that was kept, and what it changed.

    Attributes:
        is_new: false if exactly this was answered before.
        follows: what the answer asks of us, the most urgent first.
    """

    acknowledgement_id: int
    is_new: bool
    verdicts: list[DeviceVerdict]
    follows: list[str]


def enter_answer(
    caller: Caller,
    recipient_id: int,
    channel: Annotated[Channel, Field(description="How it came.")],
    evidence: Annotated[
        Lines,
        Field(
            description="Where it can be seen, such as a file's number; it names nobody.",
            examples=["file 17"],
        ),
    ],
    outcome: Annotated[PersonOutcome, Field(description="What became of the addressee.")],
    devices: Mapping[str, DeviceTold] | None = None,
    instructions: Mapping[str, Doing] | None = None,
    knows_first_step: Annotated[
        bool,
        Field(description="They said, unprompted, to call the emergency number first."),
    ] = False,
    problem: Annotated[
        OptionalLines, Field(description="What has happened with it; it becomes a complaint.")
    ] = "",
    query: Annotated[OptionalLines, Field(description="What they want to know.")] = "",
    line_texts: Annotated[
        dict[Key, OptionalLines] | None,
        Field(description="What is written to a line of the reply form, by its key."),
    ] = None,
    wants_replacement: Annotated[
        bool | None, Field(description="Of what the form offers; null if they did not say.")
    ] = None,
    name: Annotated[OptionalLine, Field(description="Who answered, as they write it.")] = "",
) -> KeptAnswer:
    """Keep an answer that came on paper, by telephone or through the clinic."""
    told = {
        key: DeviceReply(
            each.outcome,
            each.software_version,
            each.passed_on_to,
            each.lot,
            each.told,
            tuple(each.not_found),
        )
        for key, each in (devices or {}).items()
    }
    reply = Reply(
        outcome,
        told,
        instructions or {},
        knows_first_step,
        problem,
        query,
        wants_replacement,
        name,
        is_confirmed=True,
        line_texts=line_texts or {},
    )
    return answers.enter_answer(caller, recipient_id, reply, channel, evidence)


def _kept(found: KeptAnswer) -> AnswerKept:
    verdicts = [
        DeviceVerdict(device, each.notice, str(each.was), str(each.now))
        for device, changed in found.verdicts.items()
        for each in changed
    ]
    follows = [str(each) for each in found.follows]
    return AnswerKept(found.acknowledgement_id, found.is_new, verdicts, follows)


ENDPOINTS = (
    Endpoint(
        "POST",
        "/recipients/{recipient_id}/answers",
        enter_answer,
        "Enter an answer that came on paper, by telephone or through the clinic",
        shape=_kept,
        status=201,
        types={"devices": Devices | None, "instructions": Doings | None},
        explain="With the outcome `answers`, something must be said of each device, each "
        "instruction and each line of the form. The same answer again changes nothing.",
    ),
)
