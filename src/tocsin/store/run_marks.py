"""What tells a run from every other, for all that is kept of runs: they never change."""

from datetime import datetime
from typing import NamedTuple

from django.db import connection

from tocsin.store.models import MatchRun
from tocsin.store.statements import read_instant, rows_of
from tocsin.store.tenancy import current_organisation

MARK = (
    "run.id, run.organisation_id, run.number, run.matched_at, run.figures_sha256, "
    "run.verdicts_sha256"
)
"""The columns of a `RunMark`, for a statement over ``store_matchrun run``."""
_FIND = f"""
SELECT {MARK} FROM store_matchrun run WHERE run.action_id = %s AND run.organisation_id = %s
"""  # noqa: S608 - columns of ours


class RunMark(NamedTuple):
    """A run without its figures."""

    run_id: int
    organisation_id: int
    number: int
    matched_at: datetime
    figures_sha256: str
    verdicts_sha256: str

    @property
    def stamp(self) -> str:
        """Return what tells the run from all others, here and in other databases.

        What was made of a run may be kept by it (`base.last_used`).
        """
        return " ".join(map(str, (connection.settings_dict["NAME"], *self)))


def find_mark(action_id: int, number: int | None = None) -> RunMark | None:
    """Return the mark of a run of an action, of the last without a number; None without a run."""
    asked = [action_id, current_organisation()]
    if number:
        rows = rows_of(f"{_FIND} AND run.number = %s", [*asked, number])
    else:
        rows = rows_of(f"{_FIND} ORDER BY run.number DESC LIMIT 1", asked)
    return read_mark(*rows[0]) if rows else None


def mark_of(run: MatchRun) -> RunMark:
    """Return the mark of a run that was read whole."""
    return RunMark(
        run.pk,
        run.organisation_id,
        run.number,
        run.matched_at,
        run.figures_sha256,
        run.verdicts_sha256,
    )


def read_mark(
    run_id: int, organisation_id: int, number: int, at: datetime, *hashes: str
) -> RunMark:
    """Return a mark as a statement has selected it (`MARK`)."""
    return RunMark(run_id, organisation_id, number, read_instant(at), *hashes)
