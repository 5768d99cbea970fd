"""For whom we act: every query sees the rows of one organisation, or is refused.

A service says once for whom it acts; the tables' managers read it from here. A query outside such
a block is an error, not a query over everybody.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from tocsin.base.errors import TocsinError

_organisation_id: ContextVar[int | None] = ContextVar("organisation_id", default=None)


class NoOrganisation(TocsinError):
    """Rows were asked for without saying whose: a bug of ours."""

    code = "no_organisation"
    exit_code = 1


class OtherOrganisation(TocsinError):
    """A row of one organisation was to be written while acting for another: a bug of ours."""

    code = "other_organisation"
    exit_code = 1


@contextmanager
def acting_for(organisation_id: int | None) -> Iterator[None]:
    """See only one organisation's rows until the block ends; None: see none at all."""
    token = _organisation_id.set(organisation_id)
    try:
        yield
    finally:
        _organisation_id.reset(token)


def current_organisation() -> int:
    """Return the id of the organisation that we act for.

    Raises:
        NoOrganisation: outside of `acting_for`.
    """
    found = _organisation_id.get()
    if found is None:
        raise NoOrganisation("Rows were asked for without saying of which organisation.")
    return found


def check_owner(organisation_id: int | None) -> int:
    """Return the organisation of a new row: the one that we act for.

    Raises:
        NoOrganisation: outside of `acting_for`.
        OtherOrganisation: if the row names another one.
    """
    current = current_organisation()
    if organisation_id not in {None, current}:
        raise OtherOrganisation(
            f"A row of organisation {organisation_id} was to be written for {current}."
        )
    return current
