"""The software version among the versions that a Device lists.

Only what is surely the software of the whole device counts. A firmware, a hardware revision, a
component, or a version without a type is kept apart: compared with a bound for software, it could
clear a device wrongly.
"""

from functools import cache
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from tocsin.base.provenance import Source
from tocsin.formats.fhir.element import Element, codes_of, parts_of, text_of, words_of
from tocsin.identify.data_file import data_folder, load_data_file


class _VersionKinds(BaseModel):
    model_config = ConfigDict(extra="forbid")

    source: Source
    software_codes: frozenset[str]
    software_words: frozenset[str]


@cache
def _known() -> _VersionKinds:
    path = data_folder("tocsin.formats.fhir") / "version_kinds.yaml"
    return load_data_file(path, _VersionKinds)


class Versions(NamedTuple):
    """The software version, and all that is not surely it, with its kind."""

    software: str | None
    others: str | None


def read_versions(device: Element) -> Versions:
    """Return the versions of a Device, R4 or R5."""
    software: list[str] = []
    others: list[str] = []
    for version in parts_of(device, "version"):
        value = text_of(version, "value")
        if value is None:
            continue
        kinds = parts_of(version, "type")
        if version.get("component"):
            others.append(f"{value} (of a component)")
        elif _is_software(kinds):
            software.append(value)
        else:
            words = [word for kind in kinds for word in words_of(kind)] or sorted(codes_of(kinds))
            others.append(f"{value} ({', '.join(words) or 'no type'})")
    distinct = list(dict.fromkeys(software))
    if len(distinct) > 1:
        others += [f"{value} (software)" for value in distinct]
    return Versions(distinct[0] if len(distinct) == 1 else None, "; ".join(others) or None)


def _is_software(kinds: list[Element]) -> bool:
    if codes_of(kinds) & _known().software_codes:
        return True
    words = {word.casefold() for kind in kinds for word in words_of(kind)}
    return bool(words & _known().software_words)
