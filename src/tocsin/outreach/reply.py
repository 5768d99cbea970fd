"""What a holder answers to a letter, per device and per instruction, and what follows from it.

Pure rules. Moved, deceased, wrong person and refused are answers of their own, not failures.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum

from tocsin.base.errors import UsageError

MOST_TEXT = 2000
"""Characters of a free text."""
PRIVATE_COLUMNS = frozenset({"serial", "udi"})
"""What points at one device: in clear stands a hash of it."""


class PersonOutcome(StrEnum):
    """What became of the letter's addressee; only `ANSWERS` asks about devices."""

    ANSWERS = "answers"
    MOVED = "moved"
    DECEASED = "deceased"
    WRONG_PERSON = "wrong_person"
    REFUSES = "refuses"


class DeviceOutcome(StrEnum):
    """Where a device is now."""

    HAVE = "have"
    USED = "used"
    RETURNED = "returned"
    DESTROYED = "destroyed"
    PASSED_ON = "passed_on"
    NEVER_HAD = "never_had"


class Doing(StrEnum):
    """How far somebody has come with one instruction."""

    DONE = "done"
    NOT_YET = "not_yet"
    NOT_FOR_ME = "not_for_me"
    NOT_UNDERSTOOD = "not_understood"


class Follows(StrEnum):
    """What an answer makes necessary."""

    COMPLAINT = "complaint"
    VERSION = "version"
    PASSED_ON = "passed_on"
    QUERY = "query"
    HELP = "help"
    CALL = "call"
    FORWARDED = "forwarded"
    REPLACEMENT = "replacement"
    REPAIR_CONTACT = "repair_contact"
    STOP_REMINDERS = "stop_reminders"
    NEXT_LETTER = "next_letter"


class ReplyRefused(UsageError):
    """An answer is incomplete or contradicts itself.

    Attributes:
        faults: field -> what is missing, in words; fields are named as in `Reply`.
    """

    code = "reply_refused"

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(
            "The answer was not kept, and nothing of it is lost: "
            + " ".join(f"{name}: {what}" for name, what in faults.items())
        )
        self.faults = dict(faults)


@dataclass(frozen=True)
class DeviceReply:
    """What somebody says about one of their devices.

    Attributes:
        outcome: where it is.
        software_version: as the device shows it; empty if it was not asked or is not known.
        passed_on_to: who has it now, in words; only with `DeviceOutcome.PASSED_ON`.
        lot: as its label or package shows it; empty if it was not asked or is not known.
        told: other columns of a registry, such as ``model``, and what the device or its label
            shows.
        not_found: the columns that were looked for in vain.
    """

    outcome: DeviceOutcome
    software_version: str = ""
    passed_on_to: str = ""
    lot: str = ""
    told: Mapping[str, str] = field(default_factory=dict)
    not_found: tuple[str, ...] = ()

    def columns(self) -> dict[str, str]:
        """Return all that is told of the device, by column; what is empty is left out."""
        own = {"software_version": self.software_version, "lot": self.lot}
        told = {name: text.strip() for name, text in (own | dict(self.told)).items()}
        return {name: text for name, text in told.items() if text}

    def only(self, columns: Collection[str], asked: Collection[str]) -> "DeviceReply":
        """Return it without what nobody asked for: other columns, or others not found."""
        told = {name: text for name, text in self.columns().items() if name in columns}
        return replace(
            self,
            software_version=told.pop("software_version", ""),
            lot=told.pop("lot", ""),
            told=told,
            not_found=tuple(sorted({*self.not_found} & {*asked})),
        )


@dataclass(frozen=True)
class Reply:
    """An answer to a letter.

    Attributes:
        outcome: what became of the addressee.
        devices: device -> what is said about it; devices as the letter names them.
        instructions: instruction -> how far they are.
        knows_first_step: whether they chose the right first step for when they feel unwell.
        problem: what has happened with the device, in their words; it becomes a complaint.
        query: what they want to know.
        wants_replacement: whether they want what is offered; None if nothing is offered.
        name: who answers, as they write it.
        line_texts: statement of the letter's reply form -> what is written to it; whether it is
            true stands among the instructions.
        is_confirmed: whether they ticked that the answer is theirs to give.
    """

    outcome: PersonOutcome
    devices: Mapping[str, DeviceReply] = field(default_factory=dict)
    instructions: Mapping[str, Doing] = field(default_factory=dict)
    knows_first_step: bool = False
    problem: str = ""
    query: str = ""
    wants_replacement: bool | None = None
    name: str = ""
    is_confirmed: bool = False
    line_texts: Mapping[str, str] = field(default_factory=dict)


def instruction_key(text: str) -> str:
    """Return the name of an instruction in answers: it changes when the text does.

    >>> instruction_key("Keep the pump with you.")
    'ee067d9d9e'
    """
    return _hash(text)


def _hash(text: str) -> str:
    return hashlib.sha256(text.strip().encode()).hexdigest()[:10]


def reply_bytes(reply: Reply) -> bytes:
    """Return what may stand in clear of an answer, as canonical JSON: no word about a person.

    Free texts and the name are private; only that there were some is kept here. What is told of a
    device stands in the registry, too, but for its serial number and bar code, of which a hash is
    kept. What was not told is left out: who repeats an answer from before it was asked still says
    the same.
    """
    told = asdict(reply)
    for name in ("problem", "query", "name"):
        told[name] = bool(told[name].strip())
    told["line_texts"] = {key: bool(text.strip()) for key, text in told["line_texts"].items()}
    if not any(told["line_texts"].values()):
        del told["line_texts"]
    for device in told["devices"].values():
        device["passed_on_to"] = bool(device["passed_on_to"].strip())
        device["told"] = {name: _clear(name, text) for name, text in device["told"].items()}
        for name in ("lot", "told", "not_found"):
            if not device[name]:
                del device[name]
    return _canonical(told)


def _canonical(tree: object) -> bytes:
    return json.dumps(tree, sort_keys=True, separators=(",", ":")).encode()


def _clear(column: str, text: str) -> str:
    return _hash(text) if _is_private(column) else text


def _is_private(column: str) -> bool:
    return column in PRIVATE_COLUMNS


def still_asked(body: bytes, asked: Mapping[str, tuple[Collection[str], Collection[str]]]) -> bytes:
    """Return an answer without what is asked no more, because it was settled.

    Args:
        body: as `reply_bytes` made it.
        asked: device -> the columns that an answer may fill now, and those that are asked.
    """
    tree = json.loads(body)
    for device, said in tree["devices"].items():
        fills, columns = asked.get(device, ((), ()))
        said["software_version"] *= "software_version" in fills
        told = {name: text for name, text in said.get("told", {}).items() if name in fills}
        lost = [column for column in said.get("not_found", ()) if column in columns]
        kept = {"told": told, "not_found": lost, "lot": said.get("lot", "") * ("lot" in fills)}
        for name, value in kept.items():
            said.pop(name, None)
            if value:
                said[name] = value
    return _canonical(tree)


def told_of_devices(body: bytes) -> dict[str, str]:
    """Return what stands in clear of devices in an answer, by its field.

    Args:
        body: as `reply_bytes` made it.
    """
    found: dict[str, str] = {}
    for device, said in json.loads(body)["devices"].items():
        told = {name: said.get(name, "") for name in ("software_version", "lot")}
        told |= {name: text for name, text in said.get("told", {}).items() if not _is_private(name)}
        found |= {f"devices.{device}.{name}": text for name, text in told.items() if text}
    return found


def private_texts(reply: Reply) -> dict[str, str]:
    """Return the texts of an answer that are private, by their field; empty ones are left out.

    A serial number and a bar code are among them: they point at one device.
    """
    texts = {name: getattr(reply, name) for name in ("problem", "query", "name")}
    texts |= {f"lines.{key}": text for key, text in reply.line_texts.items()}
    for device, told in reply.devices.items():
        texts[f"devices.{device}.passed_on_to"] = told.passed_on_to
        for name in PRIVATE_COLUMNS & told.columns().keys():
            texts[f"devices.{device}.{name}"] = told.columns()[name]
    return {name: text.strip() for name, text in texts.items() if text.strip()}
