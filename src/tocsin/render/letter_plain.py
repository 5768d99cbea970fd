"""A letter's text as plain text, for a mail and for somebody who reads it out at the telephone."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence

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

_WIDTH = 76
Parts = tuple[str | Devices, ...]


def render_plain(letter: LetterText, devices: Sequence[Mapping[str, str]] = ()) -> str:
    """Return a letter whose fields are filled in as plain text.

    Args:
        letter: what `outreach.letter_fields.fill_letter` gives.
        devices: the person's devices, by the names of the columns of `Devices`.
    """
    return join_plain(plain_parts(letter), devices)


def plain_parts(letter: LetterText) -> Parts:
    """Return a letter's blocks as texts; the table of devices, which persons fill, stays one."""
    return tuple(
        block if isinstance(block, Devices) else "\n".join(_lines(block)) for block in letter.blocks
    )


def join_plain(parts: Parts, devices: Sequence[Mapping[str, str]] = ()) -> str:
    """Return what `plain_parts` gives as one text, with the devices of one person."""
    texts = (
        each if isinstance(each, str) else "\n".join(_devices(each, devices)) for each in parts
    )
    return "\n\n".join(text for text in texts if text) + "\n"


def list_devices(devices: Sequence[Mapping[str, str]]) -> str:
    """Return devices as a list, for a letter whose text has no table of them."""
    return "\n".join(_wrapped(", ".join(filter(None, device.values())), "- ") for device in devices)


def table_rows(block: Table) -> Iterator[str]:
    """Yield the rows of a table as lines, each cell after the heading of its column."""
    for row in block.rows:
        cells = zip(block.columns, row, strict=True)
        yield "; ".join(f"{name}: {cell}" for name, cell in cells)


def device_rows(block: Devices, devices: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """Yield devices as lines, what is known of each after the heading of its column."""
    for device in devices:
        yield "; ".join(
            f"{head}: {device[name]}" for name, head in block.columns.items() if device.get(name)
        )


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Heading():
            text = block.text
            yield from (text, ("=" if block.level == 1 else "-") * min(len(text), _WIDTH))
        case Paragraph():
            yield _wrapped(block.text)
        case ListOf():
            yield from (_wrapped(item, "- ") for item in block.items)
        case Steps():
            for number, item in enumerate(block.items, 1):
                yield _wrapped(item, f"{number}. ")
        case Callout():
            yield from (_wrapped(line, "! ") for line in block.lines)
        case Table():
            yield block.caption
            yield from (_wrapped(row, "- ") for row in table_rows(block))
        case Contact():
            told = (block.name, block.phone, block.email, block.url, block.hours)
            yield from filter(None, told)
        case Reply():
            yield from (_wrapped(line) for line in block.lines)


def _devices(block: Devices, devices: Sequence[Mapping[str, str]]) -> Iterator[str]:
    if not devices:
        return
    yield block.caption
    yield from (_wrapped(row, "- ") for row in device_rows(block, devices))


def _wrapped(text: str, mark: str = "") -> str:
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent=mark,
        subsequent_indent=" " * len(mark),
        break_long_words=False,
        break_on_hyphens=False,
    )
