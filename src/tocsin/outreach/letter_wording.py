"""Words that do not belong into a safety letter, per language: data, each with the reason."""

import re
from collections.abc import Mapping
from functools import cache

from pydantic import BaseModel, ConfigDict

from tocsin.base.provenance import Source
from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.outreach.letter import LetterText


class Forbidden(BaseModel):
    """A wording that must not stand in a letter.

    Attributes:
        words: as they are written; upper and lower case are the same.
        why: what is wrong with them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    words: str
    why: str


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")
    source: Source
    languages: dict[str, tuple[Forbidden, ...]]


@cache
def forbidden_wording() -> Mapping[str, tuple[Forbidden, ...]]:
    """Return the wordings that must not stand in a letter, by language."""
    path = data_folder("tocsin.outreach") / "forbidden_wording.yaml"
    return load_data_file(path, _Table).languages


def find_forbidden(text: LetterText) -> list[Forbidden]:
    """Return the wordings of a text that must not stand there."""
    known = forbidden_wording().get(text.language.partition("-")[0], ())
    said = "\n".join(text.texts())
    return [
        each
        for each in known
        if re.search(rf"(?<!\w){re.escape(each.words)}(?!\w)", said, re.IGNORECASE)
    ]
