"""What stands before a letter that is sent once more, and below every mail: how to answer it."""

from collections.abc import Mapping
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

from tocsin.base.provenance import Source
from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.outreach.recipients import base_language

Preface = Literal["possible_copy", "reminder", "devices", "answer", "answer_print"]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")
    source: Source
    prefaces: Mapping[Preface, Mapping[str, str]]


@cache
def _table() -> _Table:
    return load_data_file(data_folder("tocsin.outreach") / "prefaces.yaml", _Table)


def preface_text(preface: Preface, language: str) -> str:
    """Return a preface in a language; in English if there is none in it.

    >>> preface_text("reminder", "de-AT").split(".")[0]
    'Dies ist eine Erinnerung'
    """
    texts = _table().prefaces[preface]
    return texts.get(base_language(language), texts["en"])
