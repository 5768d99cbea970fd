"""Reading the elements of a FHIR resource; what has the wrong type counts as missing."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Element = Mapping[str, Any]

_NEWLINES = re.compile(r"\s*[\r\n]+\s*")


class Coding(NamedTuple):
    """A code of a system with its display; a missing part is empty."""

    system: str
    code: str
    display: str


def text_of(element: Element, name: str) -> str | None:
    """Return a text without surrounding space, or None if it is missing or no text.

    >>> text_of({"lotNumber": " A1 "}, "lotNumber"), text_of({"lotNumber": ["A1"]}, "lotNumber")
    ('A1', None)
    """
    value = element.get(name)
    if value is None or not isinstance(value, str):
        return None
    return value.strip() or None


def is_true(element: Element, name: str) -> bool:
    """Return whether an element is surely true."""
    return element.get(name) is True


def part_of(element: Element, name: str) -> Element:
    """Return an object, or an empty one if it is missing or no object."""
    value = element.get(name)
    return value if isinstance(value, dict) else {}


def parts_of(element: Element, name: str) -> list[Element]:
    """Return the objects of a list; a lone object counts as a list of one."""
    value = element.get(name)
    if value is None:
        return []
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts_of(element: Element, name: str) -> list[str]:
    """Return the texts of a list, without surrounding space and without empty ones."""
    value = element.get(name)
    listed = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return [item.strip() for item in listed if isinstance(item, str) and item.strip()]


def codings_of(concept: Element) -> Iterator[Coding]:
    """Yield the codings of a CodeableConcept."""
    for coding in parts_of(concept, "coding"):
        yield Coding(
            text_of(coding, "system") or "",
            text_of(coding, "code") or "",
            text_of(coding, "display") or "",
        )


def words_of(concept: Element) -> list[str]:
    """Return the text of a CodeableConcept and the displays of its codings, each once."""
    words = [text_of(concept, "text") or "", *(coding.display for coding in codings_of(concept))]
    return list(dict.fromkeys(word for word in words if word))


def codes_of(concepts: "list[Element]") -> set[str]:
    """Return all codes of some CodeableConcepts, whatever their system."""
    return {coding.code for concept in concepts for coding in codings_of(concept)} - {""}


def one_line(text: str) -> str:
    """Return a text in one line."""
    return _NEWLINES.sub(", ", text.strip())


def day_of(text: str | None) -> str | None:
    """Return the day, month or year of a FHIR date or instant, as it is written there.

    >>> day_of("1958-07-12T23:58:16-04:00")
    '1958-07-12'
    """
    return text.partition("T")[0] if text else None
