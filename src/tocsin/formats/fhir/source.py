"""All resources of a source, one after the other: files, lines, Bundles within each other."""

import gzip
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tocsin.base.errors import RegistryUnreadable
from tocsin.formats.fhir.document import split_document
from tocsin.formats.fhir.element import Element, part_of, parts_of, text_of
from tocsin.formats.fhir.files import (
    MAX_LINE_BYTES,
    Line,
    has_lines,
    list_files,
    read_document,
    read_lines,
)
from tocsin.formats.fhir.json_text import JsonReader, UnreadableJson
from tocsin.formats.fhir.place import Broken, Found, Place
from tocsin.formats.fhir.release import is_older

_TYPE = re.compile(rb'"resourceType"\s*:\s*"([A-Za-z]+)"')
_ALWAYS = frozenset({"Bundle", "CapabilityStatement", "OperationOutcome"})
_MAX_NESTED = 5
_BAD_PACKING = (EOFError, zlib.error, gzip.BadGzipFile)


@dataclass
class FhirSource:
    """A file or folder of FHIR resources, and what was seen while it was read.

    Attributes:
        others: how many resources of other types were passed over.
        next_pages: addresses of further pages that Bundles name.
        pages: addresses of the pages that are here.
        not_fhir: documents that are no resource, such as the manifest of an export.
        not_read: names of files of other kinds.
    """

    path: Path
    others: Counter[str] = field(default_factory=Counter)
    next_pages: dict[str, str] = field(default_factory=dict)
    pages: set[str] = field(default_factory=set)
    not_fhir: list[str] = field(default_factory=list)
    not_read: list[str] = field(default_factory=list)
    _sought: frozenset[str] = frozenset()
    _yielded: frozenset[str] = frozenset()

    def read(
        self, wanted: frozenset[str], also: frozenset[str] = frozenset()
    ) -> Iterator[Found | Broken]:
        """Yield the resources of some types, and what could not be read.

        Args:
            wanted: types of resources; a line of NDJSON without any of them is passed over.
            also: types that are yielded too where they stand in a Bundle or in a wanted line.

        Raises:
            RegistryUnreadable: if a file cannot be read, or is of an older release of FHIR.
        """
        files, self.not_read = list_files(self.path)
        self.others.clear()
        self.not_fhir.clear()
        self._sought = wanted | _ALWAYS
        self._yielded = wanted | _ALWAYS | also
        for file in files:
            try:
                yield from self._read_file(file)
            except _BAD_PACKING as error:
                raise RegistryUnreadable(
                    f"The file {file} is not whole: unpacking it fails ({type(error).__name__}). "
                    "Nothing was read. Fetch it again."
                ) from error

    def _read_file(self, file: Path) -> Iterator[Found | Broken]:
        reader = JsonReader()
        if has_lines(file):
            for line in read_lines(file):
                yield from self._read_line(line, file.name, reader)
            return
        text = read_document(file)
        try:
            for part in split_document(text, reader):
                place = Place(file.name, entry=part.number)
                if part.fault:
                    yield Broken(place, _name_of(part.value), part.fault)
                elif part.number is None:
                    yield from self._read_value(part.value, place)
                else:
                    yield from self._read_entry(part.value, place, 0)
        except UnreadableJson as error:
            raise RegistryUnreadable(
                f"The file {file} is not whole or not JSON: {error}. Nothing was read, since "
                "nobody knows what is missing. Fetch it again."
            ) from error

    def _read_line(self, line: Line, file: str, reader: JsonReader) -> Iterator[Found | Broken]:
        place = Place(file, line.number)
        if line.raw is None:
            why = f"the line is longer than {MAX_LINE_BYTES // 1_000_000} MB"
            yield Broken(place, "", why)
            return
        kinds = _TYPE.findall(line.raw)
        if kinds and b"\\u" not in line.raw:
            named = {kind.decode() for kind in kinds}
            if not named & self._sought:
                self.others[kinds[0].decode()] += 1
                return
        try:
            text = line.raw.decode().strip()
            value, end = reader.read(text)
        except UnicodeDecodeError:
            yield Broken(place, "", "the line is not UTF-8 text")
        except UnreadableJson as error:
            yield Broken(place, "", str(error))
        else:
            if end < len(text):
                yield Broken(place, _name_of(value), "something follows it in the same line")
            elif reader.fault:
                yield Broken(place, _name_of(value), reader.fault)
            else:
                yield from self._read_value(value, place)

    def _read_value(self, value: Any, place: Place, depth: int = 0) -> Iterator[Found | Broken]:
        if not isinstance(value, dict):
            yield Broken(place, "", "it is no JSON object")
        elif text_of(value, "resourceType") is None:
            if place.line is None and place.entry is None:
                self.not_fhir.append(place.file)
            else:
                yield Broken(place, "", "it has no resourceType")
        elif value["resourceType"] == "Bundle":
            yield from self._read_bundle(value, place, depth)
        else:
            yield from self._pass(Found(value, place))

    def _read_bundle(self, bundle: Element, place: Place, depth: int) -> Iterator[Found | Broken]:
        if text_of(bundle, "type") == "history":
            raise RegistryUnreadable(
                f"{place} is a Bundle of type history: it lists old states of a record beside "
                "the present one. Nothing was read. Export the present state (a search or a "
                "bulk export)."
            )
        for link in parts_of(bundle, "link"):
            relation, url = text_of(link, "relation"), text_of(link, "url")
            if url and relation == "self":
                self.pages.add(url)
            elif url and relation == "next":
                self.next_pages[url] = str(place)
        if depth >= _MAX_NESTED:
            yield Broken(place, "Bundle", "Bundles are nested too deeply")
            return
        entries = bundle.get("entry")
        for number, entry in enumerate(entries if isinstance(entries, list) else (), 1):
            inside = Place(place.file, place.line, place.entry or number)
            yield from self._read_entry(entry, inside, depth + 1)

    def _read_entry(self, entry: Any, place: Place, depth: int) -> Iterator[Found | Broken]:
        if isinstance(entry, dict) and "resourceType" in entry:  # a plain list of resources
            yield from self._read_value(entry, place, depth)
            return
        if not isinstance(entry, dict) or not isinstance(entry.get("resource", {}), dict):
            yield Broken(place, "", "the entry is no JSON object with a resource")
            return
        resource = part_of(entry, "resource")
        if not resource:
            return  # an answer or a request without content
        if resource.get("resourceType") == "Bundle":
            yield from self._read_bundle(resource, place, depth)
        elif text_of(resource, "resourceType") is None:
            yield Broken(place, "", "the resource has no resourceType")
        else:
            yield from self._pass(Found(resource, place, text_of(entry, "fullUrl")))

    def _pass(self, found: Found) -> Iterator[Found]:
        if is_older(found.resource):
            raise RegistryUnreadable(
                f"{found.place} is a {found.kind} of FHIR STU3 or older; this program reads R4, "
                "R4B and R5. Nothing was read, since a field that moved could be misread. Ask for "
                "an export in R4, or convert it."
            )
        if found.kind in self._yielded:
            yield found
        else:
            self.others[found.kind] += 1


def _name_of(value: Any) -> str:
    """Return the type and id of a resource that cannot be used."""
    resource = value.get("resource", value) if isinstance(value, dict) else {}
    if not isinstance(resource, dict):
        return ""
    names = (text_of(resource, "resourceType"), text_of(resource, "id"))
    return "/".join(name for name in names if name)[:120]
