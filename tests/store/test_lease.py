"""How long a lease lasts: what is told and can be, and nothing else."""

from datetime import timedelta

import pytest

from tocsin.store.lease import LeaseUnfit, read_lease


@pytest.mark.parametrize(("told", "seconds"), [(None, 60), ("", 60), ("0.1", 0.1), ("3600", 3600)])
def test_a_lease_is_a_minute_or_as_told(told: str | None, seconds: float) -> None:
    assert read_lease(told) == timedelta(seconds=seconds)


@pytest.mark.parametrize("told", ["0", "-1", "0.09", "3601", "nan", "inf", "1e999", "a minute"])
def test_a_lease_that_cannot_be_is_refused(told: str) -> None:
    with pytest.raises(LeaseUnfit, match="to 3600 seconds"):
        read_lease(told)
