"""Two bounds on one kind of date: one window, or two."""

from collections.abc import Sequence
from dataclasses import replace

from tocsin.formats.prose.said import DaySaid
from tocsin.identify.day import parse_days

_LOW, _HIGH = {"from", "after"}, {"to", "before"}


def join_windows(days: Sequence[DaySaid]) -> list[DaySaid]:
    """Return windows with `from A` and `before B` of one column as one, where days lie between.

    "Before 2019 or after 2020" stays two windows: no day lies between.
    """
    joined: list[DaySaid] = []
    for day in days:
        merged = _merged(joined[-1], day) if joined else None
        if merged is None:
            joined.append(day)
        else:
            joined[-1] = merged
    return joined


def covers_everything(days: Sequence[DaySaid]) -> bool:
    """Whether two windows of one column would leave no day out (`after A or before B`)."""
    return len(join_windows(days)) < len(days)


def _merged(one: DaySaid, other: DaySaid) -> DaySaid | None:
    """Return one window for a lower and an upper bound, if days lie between them."""
    if one.column != other.column:
        return None
    names = set(one.interval), set(other.interval)
    if not any(
        names[0] <= low and names[1] <= high for low, high in ((_LOW, _HIGH), (_HIGH, _LOW))
    ):
        return None
    both = one.interval | other.interval
    low = next(text for name, text in both.items() if name in _LOW)
    high = next(text for name, text in both.items() if name in _HIGH)
    if parse_days(low).first > parse_days(high).last:
        return None
    return replace(one, interval=both, text=f"{one.text} and {other.text}")
