"""Working days of a country: what "within 10 working days" means there.

Public holidays come from the library `holidays`. For a country that it does not know, every
weekday counts as a working day, so that a deadline comes rather too early than too late; the
calendar says so.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

import holidays

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkingDays:
    """The working days of a country, by its ISO 3166 code; empty: weekdays only.

    >>> WorkingDays("FR").is_working(date(2020, 7, 14)), WorkingDays("").knows_holidays
    (False, False)
    """

    country: str
    _off: holidays.HolidayBase | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        known = self.country in holidays.list_supported_countries(include_aliases=False)
        found = holidays.country_holidays(self.country) if known else None
        object.__setattr__(self, "_off", found)

    @property
    def knows_holidays(self) -> bool:
        """Whether the public holidays are known; else only weekends are left out."""
        return self._off is not None

    def is_working(self, day: date) -> bool:
        """Whether people work on a day."""
        return day.weekday() < 5 and not (self._off is not None and day in self._off)

    def add(self, day: date, n_days: int) -> date:
        """Return the day that lies a number of working days after a day, or before it.

        The day itself does not count. Zero gives the day, or the next working day after it.

        >>> WorkingDays("BE").add(date(2020, 7, 20), 2)  # the 21st is Belgium's national day
        datetime.date(2020, 7, 23)
        """
        step = _ONE_DAY if n_days >= 0 else -_ONE_DAY
        left = abs(n_days)
        while left or not self.is_working(day):
            day += step
            left -= self.is_working(day) and left > 0
        return day

    def between(self, start: date, end: date) -> int:
        """Return how many working days lie after a day, up to another; negative if it is earlier.

        >>> WorkingDays("").between(date(2020, 6, 2), date(2020, 6, 22))
        14
        """
        if end < start:
            return -self.between(end, start)
        days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
        return sum(self.is_working(day) for day in days)
