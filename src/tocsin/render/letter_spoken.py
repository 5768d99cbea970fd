"""A letter as it is spoken at the telephone: what is urgent first, in the letter's own sentences.

Nothing is added, nothing is said twice, and nothing is left out but how to answer, which the caller
asks instead, and whom to call, which is said at the end.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from tocsin.outreach.letter import LetterText
from tocsin.outreach.letter_blocks import (
    Block,
    Callout,
    Contact,
    Devices,
    Heading,
    ListOf,
    Paragraph,
    Reply,
    Steps,
    Table,
)
from tocsin.outreach.readability import split_sentences
from tocsin.render.letter_plain import device_rows, table_rows

Rows = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class SpokenLetter:
    """The sentences of a letter, in the order in which they are said.

    Attributes:
        subject: of the letter.
        emergency: what to do in an emergency.
        urgent: what it is about and what to do: subject, callouts, devices, sections with steps.
        rest: all the others.
        phone, hours: whom to call back; empty if the letter does not say.
    """

    subject: str
    emergency: Sequence[str]
    urgent: Sequence[str]
    rest: Sequence[str]
    phone: str
    hours: str


def speak_letter(
    letter: LetterText, devices: Rows = (), hotline: str = "", lead: str = ""
) -> SpokenLetter:
    """Return a letter as sentences.

    Urgent are callouts, the person's devices and every section that holds steps, whole: a step may
    speak of a list below it.

    Args:
        letter: its fields are filled in.
        devices: the person's, by the names of the columns of `Devices`.
        hotline: whom to call back if the letter itself names no number.
        lead: what is said before devices if the letter has no table of them.
    """
    sections = list(_sections(letter.blocks))
    emergency: list[str] = []
    urgent, rest = [letter.subject], list[str]()
    for block in letter.blocks:
        if isinstance(block, Callout):
            (emergency if block.urgency == "emergency" else urgent).extend(_said(block, devices))
    tables = [block for block in letter.blocks if isinstance(block, Devices)]
    for block in tables:
        urgent.extend(_said(block, devices))
    if devices and not tables:
        urgent += [lead, *(", ".join(filter(None, each.values())) for each in devices)]
    for section in sections:
        is_urgent = any(isinstance(block, Steps) for block in section)
        said = [line for block in section if not _is_apart(block) for line in _said(block, devices)]
        if all(isinstance(block, Heading) or _is_apart(block) for block in section):
            continue  # a heading over nothing that is said here
        (urgent if is_urgent else rest).extend(said)
    contacts = [block for block in letter.blocks if isinstance(block, Contact)]
    there = next((block for block in contacts if block.phone), None)
    return SpokenLetter(
        letter.subject,
        emergency,
        urgent,
        rest,
        (there.phone if there else "") or hotline,
        (there.hours if there else "") or "",
    )


def _is_apart(block: Block) -> bool:
    return isinstance(block, Callout | Devices | Contact | Reply)


def _sections(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    section: list[Block] = []
    for block in blocks:
        if isinstance(block, Heading) and section:
            yield section
            section = []
        section.append(block)
    yield section


def _said(block: Block, devices: Rows) -> list[str]:
    match block:
        case Heading() | Paragraph():
            lines: Sequence[str] = [block.text]
        case ListOf() | Steps():
            lines = block.items
        case Callout():
            lines = block.lines
        case Table():
            lines = [block.caption, *table_rows(block)]
        case Devices():
            lines = [block.caption, *device_rows(block, devices)] if devices else []
        case Contact() | Reply():
            lines = []
    return list(chain.from_iterable(map(split_sentences, lines)))
