"""A JSON document taken apart: the entries of a Bundle one at a time, then what is left.

The whole text is in memory, but never all of its values: those take ten times as much.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

from tocsin.formats.fhir.json_text import JsonReader, UnreadableJson, expect, skip_gap


@dataclass(frozen=True)
class Part:
    """A piece of a document.

    Attributes:
        value: an entry of a Bundle, an item of a list, or the document without its entries.
        number: the entry's number from 1; None for the document itself.
        fault: why the value must not be used; empty if it may.
    """

    value: Any
    number: int | None
    fault: str


def split_document(text: str, reader: JsonReader) -> Iterator[Part]:
    """Yield the parts of a text: one JSON document, or several one after the other.

    Raises:
        UnreadableJson: where the text stops being JSON; all parts before were yielded.
    """
    place = skip_gap(text, 0)
    while place < len(text):
        if text[place] == "[":
            place = yield from _items(text, place, reader)
        elif text[place] == "{":
            place = yield from _members(text, place, reader)
        else:
            raise UnreadableJson("it is no JSON object")
        place = skip_gap(text, place)


def _members(text: str, start: int, reader: JsonReader) -> Generator[Part, None, int]:
    """Yield the entries of an object, then the object without them; return its end."""
    head: dict[str, Any] = {}
    fault = ""
    place = start + 1
    first = skip_gap(text, place)
    if text[first : first + 1] == "}":
        yield Part(head, None, "")
        return first + 1
    while True:
        place = expect(text, place, '"') - 1
        name, place = reader.read(text, place)
        place = skip_gap(text, expect(text, place, ":"))
        if name in head:
            fault = f"it gives {name[:60]!r} more than once"
        if name == "entry" and text[place : place + 1] == "[":
            head[name] = None
            place = yield from _items(text, place, reader)
        else:
            head[name], place = reader.read(text, place)
            fault = fault or reader.fault
        place = expect(text, place, ",}")
        if text[place - 1] == "}":
            yield Part(head, None, fault)
            return place


def _items(text: str, start: int, reader: JsonReader) -> Generator[Part, None, int]:
    """Yield the items of a list; return its end."""
    place = skip_gap(text, start + 1)
    if text[place : place + 1] == "]":
        return place + 1
    number = 0
    while True:
        number += 1
        value, place = reader.read(text, skip_gap(text, place))
        yield Part(value, number, reader.fault)
        place = expect(text, place, ",]")
        if text[place - 1] == "]":
            return place
