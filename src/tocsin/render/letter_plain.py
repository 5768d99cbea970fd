"""A letter's text as plain text, for a mail and for somebody who reads it out at the telephone."""

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence

from tocsin.base.errors import TocsinError
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

_FIELD = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")
_WIDTH = 76


class FieldMissing(TocsinError):
    """A letter names a field that nothing fills in."""

    code = "field_missing"


def render_plain(
    letter: LetterText, values: Mapping[str, str], devices: Sequence[Mapping[str, str]] = ()
) -> str:
    """Return a letter as plain text, its fields filled in.

    Args:
        letter: the locked text.
        values: what each field says for this person.
        devices: the person's devices, by the names of the columns of `Devices`.

    Raises:
        FieldMissing: naming the fields that have no value.
    """
    if missing := sorted(letter.fields() - values.keys()):
        raise FieldMissing(
            f"The letter {letter.name} names {', '.join(missing)}, which nothing fills in. Nothing "
            "was made of it. Correct the letter, or say what the field is for the action."
        )
    parts = ["\n".join(_lines(block, values, devices)) for block in letter.blocks]
    return "\n\n".join(part for part in parts if part) + "\n"


def fill_in(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its fields filled in.

    >>> fill_in("Call {hotline}.", {"hotline": "555-0100"})
    'Call 555-0100.'
    """
    return _FIELD.sub(lambda found: values[found[1]], text)


def _lines(
    block: Block, values: Mapping[str, str], devices: Sequence[Mapping[str, str]]
) -> Iterator[str]:
    match block:
        case Heading():
            text = fill_in(block.text, values)
            yield from (text, ("=" if block.level == 1 else "-") * min(len(text), _WIDTH))
        case Paragraph():
            yield _wrapped(fill_in(block.text, values))
        case ListOf():
            yield from (_wrapped(fill_in(item, values), "- ") for item in block.items)
        case Steps():
            for number, item in enumerate(block.items, 1):
                yield _wrapped(fill_in(item, values), f"{number}. ")
        case Callout():
            yield from (_wrapped(fill_in(line, values), "! ") for line in block.lines)
        case Table():
            yield fill_in(block.caption, values)
            for row in block.rows:
                cells = zip(block.columns, row, strict=True)
                yield _wrapped(
                    "; ".join(f"{name}: {fill_in(cell, values)}" for name, cell in cells), "- "
                )
        case Devices():
            yield from _devices(block, values, devices)
        case Contact():
            told = (block.name, block.phone, block.email, block.url, block.hours)
            yield from (fill_in(text, values) for text in told if text)
        case Reply():
            yield from (_wrapped(fill_in(line, values)) for line in block.lines)


def _devices(
    block: Devices, values: Mapping[str, str], devices: Sequence[Mapping[str, str]]
) -> Iterator[str]:
    if not devices:
        return
    yield fill_in(block.caption, values)
    for device in devices:
        known = [
            f"{head}: {device[name]}" for name, head in block.columns.items() if device.get(name)
        ]
        yield _wrapped("; ".join(known), "- ")


def _wrapped(text: str, mark: str = "") -> str:
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent=mark,
        subsequent_indent=" " * len(mark),
        break_long_words=False,
        break_on_hyphens=False,
    )
