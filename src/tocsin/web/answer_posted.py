"""What the answer page has sent, read as an answer; what is missing or cannot be, services find."""

from tocsin.outreach.reply import (
    DeviceOutcome,
    DeviceReply,
    Doing,
    PersonOutcome,
    Reply,
    ReplyRefused,
)
from tocsin.registry.schema import DAY_COLUMNS
from tocsin.services.answer_forms import AnswerForm
from tocsin.services.asked_devices import MODEL, AskedDevice, AskedFact
from tocsin.services.question_words import FIRST_STEPS
from tocsin.web.answer_asked import DAY_PARTS, TYPED, Posted, field_name
from tocsin.web.countries import OTHER
from tocsin.web.typed import UNKNOWN, read_day


def read_reply(posted: Posted, form: AnswerForm) -> Reply:
    """Return what was sent as an answer; what is missing is found by `check_reply`.

    Raises:
        ReplyRefused: if nobody said for whom the letter is.
    """
    if posted.get("outcome") not in list(PersonOutcome):
        raise ReplyRefused({"outcome": "say whether the letter is for you."})
    devices = {
        device.key: _read_device(posted, place, device, outcome)
        for place, device in enumerate(form.devices)
        if (outcome := posted.get(f"device-{place}", "")) in list(DeviceOutcome)
    }
    instructions = {
        key: Doing(doing)
        for key in (*(key for key, _ in form.instructions), *(line.key for line in form.lines))
        if (doing := posted.get(f"do-{key}", "")) in list(Doing)
    }
    return Reply(
        PersonOutcome(posted["outcome"]),
        devices,
        instructions,
        posted.get("first-step") == FIRST_STEPS[0],
        posted.get("problem", ""),
        posted.get("query", ""),
        {"yes": True, "no": False}.get(posted.get("wants", "")),
        posted.get("name", ""),
        posted.get("confirm") == "yes",
        {each.key: posted.get(f"text-{each.key}", "") for each in form.lines if each.has_text},
    )


def _read_device(posted: Posted, place: int, device: AskedDevice, outcome: str) -> DeviceReply:
    """Return what was sent about one device; what cannot be read is left for the service."""
    told: dict[str, str] = {}
    not_found = []
    for asked in device.asked:
        name = field_name(asked.column, place)
        found = _read_fact(posted, name, asked)
        told |= found
        is_given_up = posted.get(f"{name}-none") == "yes" or posted.get(name) in {UNKNOWN, OTHER}
        if is_given_up and not any(text.strip() for text in found.values()):
            not_found.append(asked.column)
    return DeviceReply(
        DeviceOutcome(outcome),
        told.pop("software_version", ""),
        posted.get(f"passed-on-{place}", ""),
        told.pop("lot", ""),
        told,
        tuple(not_found),
    )


def _read_fact(posted: Posted, name: str, asked: AskedFact) -> dict[str, str]:
    chosen = posted.get(name, "")
    if asked.column == MODEL:
        for choice in asked.choices:
            if choice.key == chosen:
                return dict(choice.columns)
        return {} if chosen == UNKNOWN else {c: posted.get(f"{name}-{c}", "") for c in TYPED}
    if asked.column in DAY_COLUMNS:
        return {asked.column: _day(posted, name, asked.column)}
    if chosen in {UNKNOWN, OTHER}:
        return {}
    return {asked.column: chosen}


def _day(posted: Posted, name: str, column: str) -> str:
    parts = {part: posted.get(f"{name}-{part}", "").strip() for part in DAY_PARTS}
    if not any(parts.values()):
        return ""
    # What is no day goes on as it was sent: the service refuses it, and the page says so.
    return read_day(column, parts).answer.get(column, " ".join(parts.values()))
