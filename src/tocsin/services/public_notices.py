"""The notices that the public may see: released ones of running actions, with their date.

Everything that is public (the check page, statements, feeds) asks `released_notices` and
nothing else, so that no page can show what was not released.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property, lru_cache

from tocsin.notice.model import Notice
from tocsin.notice.translation import ENGLISH, Words, said_in, words_in
from tocsin.services.samples import CASES, case_notices
from tocsin.store.home import find_home

DEMO_VARIABLE = "TOCSIN_DEMO"
"""Set to 1, the golden cases are shown, and every page says that it is a demonstration."""
DEMO_LOADED = "demo.loaded"
"""A file in the folder of a demonstration whose store is filled."""
MAX_AGE = timedelta(hours=24)
"""A list of notices that is older than this clears nobody."""
_RECENT_S = 5


@dataclass(frozen=True)
class PublicNotice:
    """A released notice.

    Attributes:
        notice: its revision that holds now.
        earlier: the released revisions before it, in order.
    """

    notice: Notice
    earlier: tuple[Notice, ...] = ()

    @property
    def revisions(self) -> tuple[Notice, ...]:
        """Return all released revisions, the one that holds now last."""
        return (*self.earlier, self.notice)

    @property
    def updated_on(self) -> date:
        """Return the day on which the revision that holds now was released."""
        return released_on(self.notice)

    def asks_for(self, fact: str) -> bool:
        """Whether the revision that holds now asks for a fact."""
        return fact in self._facts

    @cached_property
    def _facts(self) -> frozenset[str]:
        return frozenset(name for entry in self.notice.scope for name in entry.facts)

    def text_in(self, language: str, text: str) -> Words:
        """Return a text of the revision that holds now in a language, or else in English."""
        return words_in(self._said.get(language, {}), text)

    @cached_property
    def _said(self) -> dict[str, dict[str, Words]]:
        told = self.notice.translations
        return {each.language: said_in(told, each.language) for each in told}


@dataclass(frozen=True)
class ReleasedNotices:
    """All notices that the public may see, and when this list was last known to be whole."""

    notices: tuple[PublicNotice, ...]
    as_of: datetime
    is_demo: bool = False

    def is_fresh(self, now: datetime) -> bool:
        """Whether the list is young enough to say "not affected"."""
        return now - self.as_of <= MAX_AGE

    def fact_text_in(self, fact: str, language: str, text: str) -> Words:
        """Return a text about a fact in a language, or else in English.

        As the first notice that asks for the fact, and has translated the text, says it.
        """
        asking = (public for public in self.notices if public.asks_for(fact))
        said = (public.text_in(language, text) for public in asking)
        return next((each for each in said if each.language == language), Words(text, ENGLISH))

    def find(self, notice_id: str) -> PublicNotice | None:
        """Return a notice by its id; None if no such notice is public."""
        return next((each for each in self.notices if each.notice.notice == notice_id), None)


def released_on(notice: Notice) -> date:
    """Return the day of a notice's release, as far as it is told."""
    return notice.approval.on or notice.issued_on or notice.source.checked_on


def released_notices() -> ReleasedNotices:
    """Return the notices that the public may see, newest first.

    Rights: public. They are the released revisions of what started actions answer, exercises
    apart. A demonstration in whose store nothing is released shows the golden cases.

    Raises:
        NoticeBytesChanged: if a kept revision is not what was released.
    """
    now = datetime.now(tz=UTC)
    is_demo = os.environ.get(DEMO_VARIABLE) == "1"
    if is_demo and not (find_home().folder / DEMO_LOADED).exists():
        return ReleasedNotices(_demo_notices(), now, is_demo=True)
    from tocsin.store.public_revisions import read_public_revisions  # noqa: PLC0415 - needs Django

    kept = [PublicNotice(last, tuple(earlier)) for *earlier, last in read_public_revisions()]
    if is_demo and not kept:
        return ReleasedNotices(_demo_notices(), now, is_demo=True)
    return ReleasedNotices(_newest_first(kept), now, is_demo)


def recent_notices(now: datetime) -> ReleasedNotices:
    """Return the notices as `released_notices` has them, read at most five seconds ago.

    For other software that asks about thousands of devices. The list says when it was read. While
    no notice changes, all lists hold the very same tuple of notices, so that what was worked out
    from it can be remembered.
    """
    return _released_in(int(now.timestamp()) // _RECENT_S)


@lru_cache(maxsize=1)
def _released_in(_some_seconds: int) -> ReleasedNotices:
    read = released_notices()
    if _LAST_NOTICES and _LAST_NOTICES[0] == read.notices:
        return replace(read, notices=_LAST_NOTICES[0])
    _LAST_NOTICES[:] = [read.notices]
    return read


_LAST_NOTICES: list[tuple[PublicNotice, ...]] = []


def _newest_first(notices: Iterable[PublicNotice]) -> tuple[PublicNotice, ...]:
    return tuple(sorted(notices, key=lambda each: each.updated_on, reverse=True))


@cache
def _demo_notices() -> tuple[PublicNotice, ...]:
    found = []
    for case in CASES:
        *earlier, current = case_notices(case)
        found.append(PublicNotice(current, tuple(earlier)))
    return _newest_first(found)
