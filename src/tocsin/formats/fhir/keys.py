"""One key for every resource, and the key that a reference means.

A key is ``Type/id``; where a source holds resources of several servers, it is the whole address,
so that Patient/1 of one is never taken for Patient/1 of the other.
Source: FHIR R5, 2.1.3.0 (literal, logical and contained references) and Bundle 3.1.5 (fullUrl).
"""

import re
from typing import NamedTuple

from tocsin.formats.fhir.element import Element, part_of, parts_of, text_of
from tocsin.formats.fhir.place import Found

_ADDRESS = re.compile(
    r"(?:(https?://[^?#]+)/)?([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,128})(?:/_history/[^/]+)?"
)
_BY_IDENTIFIER = re.compile(r"([A-Z][A-Za-z]+)\?identifier=(.+)")


class Link(NamedTuple):
    """A reference as it was written, and the address of the resource that makes it."""

    text: str
    base: str | None


def link_of(reference: Element, found: Found) -> Link | None:
    """Return a reference to another resource; None if it names none.

    A reference by identifier is written as a search, ``Patient?identifier=system|value``.
    """
    text = text_of(reference, "reference")
    if text and text.startswith("#"):
        text = contained_key(found, text[1:])
    if not text:
        identifier = part_of(reference, "identifier")
        value = text_of(identifier, "value")
        if not value:
            return None
        kind = text_of(reference, "type") or "Patient"
        text = f"{kind.rpartition('/')[2]}?identifier={text_of(identifier, 'system') or ''}|{value}"
    return Link(text, base_of(found.full_url))


def contained_key(found: Found, name: str) -> str:
    """Return the key of a resource that another one contains."""
    own = text_of(found.resource, "id") or found.full_url or str(found.place)
    return f"{found.kind}/{own}#{name}"


def base_of(full_url: str | None) -> str | None:
    """Return the address of the server in a full address."""
    found = _ADDRESS.fullmatch(full_url or "")
    return found.group(1) if found else None


class Keys:
    """The names by which the resources of a source are known."""

    def __init__(self) -> None:
        self.bases: set[str] = set()
        self._aliases: dict[str, str] = {}
        self._identifiers: dict[str, str | None] = {}

    def add(self, found: Found, *, with_identifiers: bool = False) -> None:
        """Take note of the names of a resource."""
        if base := base_of(found.full_url):
            self.bases.add(base)
        elif found.full_url and (key := self._plain_key(found)):
            self._aliases[found.full_url] = key
        if with_identifiers and (key := self._plain_key(found)):
            for search in searches_of(found):
                known = self._identifiers.setdefault(search, key)
                if known != key:
                    self._identifiers[search] = None  # two have it: it names neither

    def _plain_key(self, found: Found) -> str | None:
        own = text_of(found.resource, "id")
        if own is None and found.full_url:
            address = _ADDRESS.fullmatch(found.full_url)
            own = address.group(3) if address else found.full_url.rpartition(":")[2]
        return f"{found.kind}/{own}" if own else None

    def key_of(self, found: Found) -> str | None:
        """Return the key of a resource; None if it has neither id nor address."""
        key = self._plain_key(found)
        base = base_of(found.full_url)
        return f"{base}/{key}" if key and base and len(self.bases) > 1 else key

    def resolve(self, link: Link) -> str:
        """Return the key of the resource that a reference means, known or not."""
        text = link.text
        if text in self._aliases:
            return self._aliases[text]
        if by_identifier := _BY_IDENTIFIER.fullmatch(text):
            return self._identifiers.get(text) or by_identifier.group(0)
        address = _ADDRESS.fullmatch(text)
        if address is None:
            return text
        base, kind, own = address.groups()
        plain = f"{kind}/{own}"
        if base and self.bases and base not in self.bases:
            return f"{base}/{plain}"
        base = base or link.base
        return f"{base}/{plain}" if base and len(self.bases) > 1 else plain


def searches_of(found: Found) -> list[str]:
    """Return the searches by identifier that find a resource."""
    searches = []
    for identifier in parts_of(found.resource, "identifier"):
        if value := text_of(identifier, "value"):
            system = text_of(identifier, "system") or ""
            searches.append(f"{found.kind}?identifier={system}|{value}")
    return searches
