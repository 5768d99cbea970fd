"""How long a worker has a job without a step: a minute, or what TOCSIN_LEASE_S says.

A worker that is killed cannot give its job back; the next one waits for the lease's end. Shorter
means that less time is lost then. Too short only costs work: who lost a lease commits nothing.
"""

import math
import os
from datetime import timedelta

from tocsin.base.errors import TocsinError

LEASE_VARIABLE = "TOCSIN_LEASE_S"
_DEFAULT_S, _LEAST_S, _MOST_S = 60.0, 0.1, 3600.0


class LeaseUnfit(TocsinError):
    """TOCSIN_LEASE_S is no number of seconds that a lease can last."""

    code = "lease_unfit"


def read_lease(told: str | None) -> timedelta:
    """Return how long a lease lasts.

    Args:
        told: seconds from 0.1 to 3600 as text; a minute without it.

    Raises:
        LeaseUnfit: if it is no such number.

    >>> read_lease(None), read_lease("0.5")
    (datetime.timedelta(seconds=60), datetime.timedelta(microseconds=500000))
    """
    try:
        seconds = float(told) if told else _DEFAULT_S
    except ValueError:
        seconds = math.nan
    if not _LEAST_S <= seconds <= _MOST_S:
        raise LeaseUnfit(
            f"{LEASE_VARIABLE} is {told!r}, but a lease lasts {_LEAST_S} to {_MOST_S:.0f} seconds. "
            "Nothing was begun. Correct it, or leave it out: then it is a minute."
        )
    return timedelta(seconds=seconds)


LEASE = read_lease(os.environ.get(LEASE_VARIABLE))
