"""Answers of holders: entered for them, their words read for a purpose, what they ask of us."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from tocsin.api.endpoint import Endpoint
from tocsin.api.fields import Lines, OptionalLine, OptionalLines, Word
from tocsin.api.pages import Order
from tocsin.api.replies import done, made
from tocsin.outreach.reply import DeviceOutcome, DeviceReply, Doing, PersonOutcome, Reply
from tocsin.services import answer_files, answer_forms, answer_work, answers, new_holders
from tocsin.services.answer_files import OpenedFile
from tocsin.services.answer_forms import AnswerForm
from tocsin.services.answers import KeptAnswer
from tocsin.services.asked_devices import AskedDevice
from tocsin.services.new_holders import HolderTold, NewHolder
from tocsin.services.sent_documents import SentDocument
from tocsin.services.work import Caller

Channel = Literal["paper", "telephone", "clinic"]
"""As `services.answers.CHANNELS` has them; a test compares."""
PassedOnOutcome = Literal["told", "was told already", "cannot be found"]
"""As `services.answer_work.PASSED_ON_OUTCOMES` has them; a test compares."""
Key = Annotated[str, Field(min_length=1, max_length=400)]


ScanName = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9._ ()-]{1,100}\.(pdf|jpg|jpeg|png|PDF|JPG|JPEG|PNG)$",
        examples=["scan.pdf"],
    ),
]


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
class Instruction:
    """An instruction of the letter, in English."""

    key: str
    text: str


@dataclass(frozen=True)
class Line:
    """A statement of the letter's reply form, in its language.

    Attributes:
        means: what it counts for.
        answers: what can be said to it; empty where something is only written to it.
        has_text: whether something is written to it.
    """

    key: str
    text: str
    means: str
    answers: list[str]
    has_text: bool


@dataclass(frozen=True)
class AnswerAsked:
    """What one recipient is asked.

    Attributes:
        letter: which letter, such as patient-affected.
        notices: the names of the notices that it is about.
        titles: their titles.
        devices: the devices that they are thought to have.
        offers: the kinds of remedy that they are offered.
        answered_at: when they last answered; null if never.
        lines: the statements of the letter's reply form, for clinics and companies; answered among
            the instructions.
    """

    action_id: int
    recipient_id: int
    letter: str
    audience: str
    language: str
    country: str
    notices: list[str]
    titles: list[str]
    devices: list[AskedDevice]
    instructions: list[Instruction]
    offers: list[str]
    answered_at: datetime | None
    lines: list[Line]


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


@dataclass(frozen=True)
class Words:
    """The private words of an answer, by their field."""

    words: dict[str, str]


@dataclass(frozen=True)
class FileOfAnswer:
    """A file that shows an answer, as it was sent.

    Attributes:
        name: what it may be called; not as whoever sent it called it.
        content: in Base64.
    """

    name: str
    media_type: str
    sha256: str
    content: str


@dataclass(frozen=True)
class PassedOnTo:
    """Who has a device now, in the holder's words; empty where the person was erased since."""

    passed_on_to: str


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


def add_answer_file(caller: Caller, acknowledgement_id: int, *, sent: SentDocument) -> int:
    """Keep a file that shows an answer; its name is not kept."""
    return answer_files.add_answer_file(caller, acknowledgement_id, sent.content)


def _opened(found: OpenedFile) -> FileOfAnswer:
    content = b64encode(found.content).decode("ascii")
    return FileOfAnswer(found.name, found.media_type, found.sha256, content)


def _asked(form: AnswerForm) -> AnswerAsked:
    asked = {key: value for key, value in vars(form).items() if key != "translations"}
    told = asked | {
        "notices": list(form.notices),
        "titles": list(form.titles),
        "devices": list(form.devices),
        "instructions": [Instruction(*each) for each in form.instructions],
        "offers": list(form.offers),
        "lines": [
            Line(
                each.key,
                each.text,
                str(each.means),
                [str(one) for one in each.doings],
                each.has_text,
            )
            for each in form.lines
        ],
    }
    return AnswerAsked(**told)


def _kept(found: KeptAnswer) -> AnswerKept:
    verdicts = [
        DeviceVerdict(device, each.notice, str(each.was), str(each.now))
        for device, changed in found.verdicts.items()
        for each in changed
    ]
    follows = [str(each) for each in found.follows]
    return AnswerKept(found.acknowledgement_id, found.is_new, verdicts, follows)


def _words(found: dict[str, str]) -> Words:
    return Words(found)


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
        "/recipients/{recipient_id}/form",
        answer_forms.read_recipient_form,
        "Show what a recipient is asked, to enter their answer",
        shape=_asked,
        explain="The list of an action's dispatches names the recipients.",
    ),
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
    Endpoint(
        "GET",
        "/actions/{action_id}/acknowledgements",
        answers.list_acknowledgements,
        "List the answers of an action, the last first, without any word of theirs",
        order=Order(lambda line: (line.acknowledgement_id,), is_descending=True),
    ),
    Endpoint(
        "POST",
        "/acknowledgements/{acknowledgement_id}/access",
        answers.access_acknowledgement,
        "Show the words of an answer, for a purpose",
        shape=_words,
        is_repeatable=False,
        explain="It is recorded who looked, and for what. Its reply is kept nowhere.",
    ),
    Endpoint(
        "POST",
        "/acknowledgements/{acknowledgement_id}/files",
        add_answer_file,
        "Keep a file that shows an answer",
        shape=made,
        status=201,
        file_names=ScanName,
        explain="A PDF, JPEG or PNG of at most 5 MB, as its first bytes say; sealed with the "
        "person's key. The same file again changes nothing.",
    ),
    Endpoint(
        "GET",
        "/actions/{action_id}/answer-files",
        answer_files.list_answer_files,
        "List the files that show answers, with their SHA-256",
        order=Order(lambda line: (line.file_id,)),
    ),
    Endpoint(
        "POST",
        "/answer-files/{file_id}/access",
        answer_files.access_answer_file,
        "Get a file that shows an answer, for a purpose",
        shape=_opened,
        is_repeatable=False,
        explain="It is recorded who looked, and for what. Its reply is kept nowhere.",
    ),
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
