"""Which status of HTTP an error of ours has, by its code: `data/statuses.yaml`."""

from collections.abc import Mapping
from functools import cache
from http import HTTPStatus

from pydantic import BaseModel, ConfigDict

from tocsin.base.errors import TocsinError
from tocsin.identify.data_file import data_folder, load_data_file

_OUR_FAULT = 1


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")
    source: str
    endings: dict[int, list[str]]
    statuses: dict[int, list[str]]


@cache
def status_table() -> Mapping[str, int]:
    """Return the status by the code, of those that have one of their own."""
    return {code: status for status, codes in _table().statuses.items() for code in codes}


def status_of(error: TocsinError | type[TocsinError]) -> int:
    """Return the status of an error, or of a kind of error."""
    if error.exit_code == _OUR_FAULT:
        return HTTPStatus.INTERNAL_SERVER_ERROR
    return status_table().get(error.code) or _by_ending(error.code)


def _by_ending(code: str) -> int:
    for status, endings in _table().endings.items():
        if code.endswith(tuple(endings)):
            return status
    return HTTPStatus.UNPROCESSABLE_ENTITY


@cache
def _table() -> _Table:
    return load_data_file(data_folder("tocsin.api") / "statuses.yaml", _Table)
