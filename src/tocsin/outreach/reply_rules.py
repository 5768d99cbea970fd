"""What an answer lacks, shows and leads to, by all that was asked. Pure rules."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tocsin.outreach.reply import (
    MOST_TEXT,
    DeviceOutcome,
    Doing,
    Follows,
    PersonOutcome,
    Reply,
    ReplyRefused,
)
from tocsin.outreach.reply_lines import Means, ReplyLine, of_meaning

_SETTLED = {Doing.DONE, Doing.NOT_FOR_ME}


@dataclass(frozen=True)
class Asked:
    """All that a letter asks.

    Attributes:
        devices: the devices that it is about, as answers name them.
        instructions: the keys of the instructions of its notices.
        lines: the statements of its reply form.
        asks_first_step: whether it asks what comes first if somebody is very unwell.
    """

    devices: Sequence[str] = ()
    instructions: Sequence[str] = ()
    lines: Sequence[ReplyLine] = ()
    asks_first_step: bool = True


def check_reply(reply: Reply, asked: Asked) -> None:
    """Check that an answer says something about everything that it was asked.

    Who says that they have nothing of what the letter is about need not say what they did with it.

    Raises:
        ReplyRefused: naming every field that lacks an answer, or has one that cannot be.
    """
    faults = dict(_text_faults(reply))
    if reply.outcome is PersonOutcome.ANSWERS:
        faults |= dict(_device_faults(reply, asked.devices))
        for key in asked.instructions:
            if key not in reply.instructions:
                faults[f"instructions.{key}"] = "say how far you are with this."
        faults |= dict(_line_faults(reply, asked.lines))
        known = {*asked.instructions, *(line.key for line in asked.lines)}
        if unknown := set(reply.instructions) - known:
            faults["instructions"] = f"{len(unknown)} answers are to no question of this letter."
    if not reply.is_confirmed:
        faults["is_confirmed"] = "tick that this answer is yours to give."
    if faults:
        raise ReplyRefused(faults)


def _text_faults(reply: Reply) -> Iterator[tuple[str, str]]:
    for name in ("problem", "query", "name"):
        if len(getattr(reply, name)) > MOST_TEXT:
            yield name, f"write at most {MOST_TEXT} characters."
    for key, text in reply.line_texts.items():
        if len(text) > MOST_TEXT:
            yield f"line_texts.{key}", f"write at most {MOST_TEXT} characters."


def _device_faults(reply: Reply, devices: Sequence[str]) -> Iterator[tuple[str, str]]:
    for device in devices:
        told = reply.devices.get(device)
        if told is None:
            yield f"devices.{device}.outcome", "say where this device is now."
        elif told.outcome is DeviceOutcome.PASSED_ON and not told.passed_on_to.strip():
            yield f"devices.{device}.passed_on_to", "say who has it now, so that we can tell them."
    if unknown := set(reply.devices) - set(devices):
        yield "devices", f"{len(unknown)} answers are about no device of this letter."


def _line_faults(reply: Reply, lines: Sequence[ReplyLine]) -> Iterator[tuple[str, str]]:
    has_none = _says(reply, lines, Means.NONE)
    for line in lines:
        said = reply.instructions.get(line.key)
        if said is None and line.doings and not (has_none and line.means is Means.DONE):
            yield f"instructions.{line.key}", "say whether this is so."
        elif said is not None and said not in line.doings:
            yield f"instructions.{line.key}", f"{said} is no answer to this."
        elif _lacks_whom(reply, line):
            yield f"line_texts.{line.key}", "say to whom, so that we can tell them."


def _lacks_whom(reply: Reply, line: ReplyLine) -> bool:
    is_said = reply.instructions.get(line.key) is Doing.DONE
    written = reply.line_texts.get(line.key, "").strip()
    return line.means is Means.FORWARDED and is_said and not written


def _says(reply: Reply, lines: Sequence[ReplyLine], means: Means) -> bool:
    return any(reply.instructions.get(key) is Doing.DONE for key in of_meaning(lines, means))


def has_understood(reply: Reply, asked: Asked) -> bool:
    """Whether all questions were answered right, and nothing is what they do not understand.

    Whoever is not the addressee, refuses, or was asked nothing, has not shown that they understood.
    """
    confirmed = of_meaning(asked.lines, Means.UNDERSTOOD)
    return (
        reply.outcome is PersonOutcome.ANSWERS
        and (reply.knows_first_step if asked.asks_first_step else bool(confirmed))
        and all(reply.instructions.get(key) is Doing.DONE for key in confirmed)
        and Doing.NOT_UNDERSTOOD not in reply.instructions.values()
    )


def has_acted(reply: Reply, asked: Asked) -> bool:
    """Whether every instruction that applies was answered as done.

    Where a letter asked for nothing, nobody has shown that they acted. Who has nothing of what it
    is about, and says so, has done what applies.
    """
    if reply.outcome is not PersonOutcome.ANSWERS:
        return False
    if _says(reply, asked.lines, Means.NONE):
        return all(reply.instructions.get(key) in _SETTLED for key in asked.instructions)
    keys = [*asked.instructions, *of_meaning(asked.lines, Means.DONE)]
    return bool(keys) and all(reply.instructions.get(key) in _SETTLED for key in keys)


def what_follows(reply: Reply, asked: Asked | None = None) -> list[Follows]:
    """Return what an answer makes necessary, the most urgent first.

    >>> gone = Reply(PersonOutcome.DECEASED, is_confirmed=True)
    >>> [str(each) for each in what_follows(gone)]
    ['stop_reminders']
    """
    asked = asked or Asked()
    devices = reply.devices.values()
    answers = reply.outcome is PersonOutcome.ANSWERS
    # Somebody else has the letter: the right person has not been told.
    is_astray = reply.outcome in {PersonOutcome.MOVED, PersonOutcome.WRONG_PERSON}
    is_lost = any(each.not_found for each in devices)
    wanted = {
        Follows.COMPLAINT: bool(reply.problem.strip()),
        Follows.VERSION: any(each.columns() for each in devices),
        Follows.PASSED_ON: any(each.outcome is DeviceOutcome.PASSED_ON for each in devices),
        Follows.FORWARDED: answers and _says(reply, asked.lines, Means.FORWARDED),
        Follows.HELP: answers and not has_understood(reply, asked) and _was_asked(asked),
        Follows.CALL: is_lost or (answers and _says(reply, asked.lines, Means.CALL)),
        Follows.QUERY: bool(reply.query.strip()),
        Follows.REPLACEMENT: reply.wants_replacement is True,
        Follows.REPAIR_CONTACT: is_astray,
        Follows.STOP_REMINDERS: not is_astray,
    }
    return [each for each, is_wanted in wanted.items() if is_wanted]


def _was_asked(asked: Asked) -> bool:
    """Whether anything was asked that shows if the letter was understood."""
    return bool(
        asked.asks_first_step or asked.instructions or of_meaning(asked.lines, Means.UNDERSTOOD)
    )
