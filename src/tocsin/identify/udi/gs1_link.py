"""GS1 Digital Link addresses: the elements in their path and query.

Nothing is ever fetched: the address itself carries the identifiers.
Source: GS1 Digital Link Standard, URI syntax.
"""

import re
from urllib.parse import unquote

from tocsin.identify.udi.gs1_elements import Element
from tocsin.identify.udi.gs1_table import has_right_check_digit, identifiers, value_pattern
from tocsin.identify.udi.parts import UnreadableUdi

_LINK = re.compile(
    r"(?:https?|HTTPS?)://(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]+)?"
    r"/([A-Za-z0-9._~:/@!$&'()*+,;=%-]*)(?:\?([A-Za-z0-9._~:/?@!$&'()*+,;=%-]*))?(?:#.*)?"
)
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})|%00")
_SHORT_GTINS = {8, 12, 13}

_Pairs = list[tuple[str, str]]


def is_link(text: str) -> bool:
    """Return whether a text begins as a web address does."""
    return text[:7].lower() in {"http://", "https:/"}


def split_link(text: str) -> list[Element]:
    """Return the elements of a Digital Link address.

    Raises:
        UnreadableUdi: if it is no address, no GS1 key is in its path, qualifiers stand in the
            wrong place, or a value has the wrong shape.
    """
    found = _LINK.fullmatch(text)
    if found is None or _BAD_ESCAPE.search(text):
        raise UnreadableUdi(text)
    path, query = found.groups()
    in_path = _pairs_of_path(path.split("/"), text)
    key, *qualifiers = (name for name, _ in in_path)
    ways = identifiers().keys[key]
    if not any(_in_order(qualifiers, way) for way in ways):
        raise UnreadableUdi(text)
    in_query = _pairs_of_query(query or "")
    if any(name in way for name, _ in in_query for way in ways):
        raise UnreadableUdi(text)
    return [_element(name, unquote(value), text) for name, value in in_path + in_query]


def _pairs_of_path(steps: list[str], text: str) -> _Pairs:
    """Return the last key of the path and what follows it, in pairs of name and value."""
    table = identifiers()
    pairs: _Pairs = []
    for start in range(len(steps) - 2, -1, -2):
        name = table.words.get(steps[start], steps[start])
        if not steps[start + 1] or name not in table.formats:
            break
        pairs.insert(0, (name, steps[start + 1]))
        if name in table.keys:
            return pairs
    raise UnreadableUdi(text)


def _pairs_of_query(query: str) -> _Pairs:
    """Return the parts of the query whose name is a number; others are not GS1's."""
    pairs = (part.partition("=") for part in re.split("[&;]", query))
    return [
        (name, value.replace("+", " "))
        for name, equals, value in pairs
        if equals and name.isascii() and name.isdigit()
    ]


def _in_order(qualifiers: list[str], way: tuple[str, ...]) -> bool:
    left = iter(way)
    return all(qualifier in left for qualifier in qualifiers)


def _element(identifier: str, value: str, text: str) -> Element:
    if identifier not in identifiers().formats:
        raise UnreadableUdi(text)
    short = identifier == "01" and len(value) in _SHORT_GTINS
    if short and value.isascii() and value.isdigit() and has_right_check_digit(value):
        value = value.zfill(14)
    if not value_pattern(identifier).fullmatch(value):
        raise UnreadableUdi(text)
    return Element(identifier, value, fits=True)
