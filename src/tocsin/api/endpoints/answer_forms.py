"""What a recipient is asked, for who enters their answer."""

from dataclasses import dataclass
from datetime import datetime

from tocsin.api.endpoint import Endpoint
from tocsin.services import answer_forms
from tocsin.services.answer_forms import AnswerForm
from tocsin.services.asked_devices import AskedDevice


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


ENDPOINTS = (
    Endpoint(
        "GET",
        "/recipients/{recipient_id}/form",
        answer_forms.read_recipient_form,
        "Show what a recipient is asked, to enter their answer",
        shape=_asked,
        explain="The list of an action's dispatches names the recipients.",
    ),
)
