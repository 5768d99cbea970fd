"""Where a resource stood, and what could not be used."""

from dataclasses import dataclass

from tocsin.formats.fhir.element import Element


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a source: a file, and a line of NDJSON or an entry of a Bundle."""

    file: str
    line: int | None = None
    entry: int | None = None

    def __str__(self) -> str:
        """Return the place in words."""
        words = [self.file]
        if self.line is not None:
            words.append(f"line {self.line}")
        if self.entry is not None:
            words.append(f"entry {self.entry}")
        return ", ".join(words)


@dataclass(frozen=True, slots=True)
class Found:
    """A resource, where it stood, and the address that its Bundle gives it."""

    resource: Element
    place: Place
    full_url: str | None = None

    @property
    def kind(self) -> str:
        """Return the type of the resource."""
        return str(self.resource["resourceType"])


@dataclass(frozen=True, slots=True)
class Broken:
    """Something that could not be read or used, and why; ``what`` names no person."""

    place: Place
    what: str
    why: str
