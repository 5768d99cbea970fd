"""What somebody tells about one device: which column it fills, and whether it can be read."""

import unicodedata
from collections.abc import Callable, Mapping

from tocsin.base.errors import UsageError
from tocsin.registry.record import (
    read_country,
    read_days,
    read_model,
    read_number,
    read_udi,
    read_version,
)
from tocsin.registry.schema import COLUMNS, DAY_COLUMNS, FACT_PREFIX, clean

_NOT_TOLD = {
    "device_id",
    "holder_id",
    "clinic_id",
    "quantity",
    "evidence_on",
    "evidence_source",
}
ANSWER_COLUMNS = tuple(name for name in COLUMNS if name not in _NOT_TOLD)
"""The columns that an answer can fill, beside facts."""
_READERS: Mapping[str, Callable[[str], object]] = {
    "software_version": read_version,
    "lot": read_number,
    "serial": read_number,
    "country": read_country,
    "udi": read_udi,
    "model": read_model,
    "catalogue_no": read_model,
    **dict.fromkeys(DAY_COLUMNS, read_days),
}
_MOST = 200


def check_answer(column: str, value: str) -> str:
    """Return an answer without surrounding space; empty says that nobody knows.

    Raises:
        UsageError: if nobody can tell this column, or the value could not be read as one.

    >>> check_answer("software_version", " 2.4A ")
    '2.4A'
    """
    if column not in ANSWER_COLUMNS and not _is_fact(column):
        raise UsageError(
            f"An answer cannot fill the column {column[:80]!r}. It fills one of "
            f"{', '.join(ANSWER_COLUMNS)}, or {FACT_PREFIX}NAME. Nothing was changed."
        )
    trimmed = value.strip()
    if len(trimmed) > _MOST or any(unicodedata.category(char)[0] == "C" for char in trimmed):
        raise UsageError(
            f"An answer has at most {_MOST} characters, and none that cannot be seen. Nothing was "
            "changed."
        )
    if trimmed and not can_read(column, trimmed):
        raise UsageError(
            f"{trimmed!r} cannot be read as {column}. Nothing was changed. Ask for what the device "
            "or its label shows, letter by letter; leave it empty if nobody knows."
        )
    return trimmed


def can_read(column: str, value: str) -> bool:
    """Whether a value says something that can be known, in the column that it is told for.

    >>> can_read("made_on", "2010-12"), can_read("made_on", "soon")
    (True, False)
    """
    return _READERS.get(column, clean)(value) is not None


def _is_fact(column: str) -> bool:
    name = column.removeprefix(FACT_PREFIX)
    return name != column and name.isidentifier() and len(column) <= _MOST
