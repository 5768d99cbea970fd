"""The notices that the public may see: released ones of running actions, with their date.

Everything that is public (the check page, statements, feeds) asks `released_notices` and
nothing else, so that no page can show what was not released.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files

import yaml

from tocsin.notice.model import Notice
from tocsin.services.samples import CASES, case_notices
from tocsin.store.home import find_home

DEMO_VARIABLE = "TOCSIN_DEMO"
"""Set to 1, the golden cases are shown, and every page says that it is a demonstration."""
DEMO_LOADED = "demo.loaded"
"""A file in the folder of a demonstration whose store is filled."""
MAX_AGE = timedelta(hours=24)
"""A list of notices that is older than this clears nobody."""
ENGLISH = "en"
_RECENT_S = 5


@dataclass(frozen=True)
class PublicNotice:
    """A released notice.

    Attributes:
        notice: its revision that holds now.
        earlier: the released revisions before it, in order.
        translations: language -> English text of the notice -> the same in that language.
    """

    notice: Notice
    earlier: tuple[Notice, ...] = ()
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def revisions(self) -> tuple[Notice, ...]:
        """Return all released revisions, the one that holds now last."""
        return (*self.earlier, self.notice)

    @property
    def updated_on(self) -> date:
        """Return the day on which the revision that holds now was released."""
        return released_on(self.notice)

    def text_in(self, language: str, text: str) -> tuple[str, str]:
        """Return a text of the notice and the language it is in: English if untranslated.

        A text that was changed since it was translated is found under no key, and is shown in
        English: a patient never reads the translation of an older revision.
        """
        translated = self.translations.get(language, {}).get(text)
        return (translated, language) if translated else (text, ENGLISH)


@dataclass(frozen=True)
class ReleasedNotices:
    """All notices that the public may see, and when this list was last known to be whole."""

    notices: tuple[PublicNotice, ...]
    as_of: datetime
    is_demo: bool = False

    def is_fresh(self, now: datetime) -> bool:
        """Whether the list is young enough to say "not affected"."""
        return now - self.as_of <= MAX_AGE

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

    texts = _demo_translations() if is_demo else {}
    kept = [PublicNotice(last, tuple(earlier), texts) for *earlier, last in read_public_revisions()]
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
    translations = _demo_translations()
    found = []
    for case in CASES:
        *earlier, current = case_notices(case)
        found.append(PublicNotice(current, tuple(earlier), translations))
    return _newest_first(found)


@cache
def _demo_translations() -> dict[str, dict[str, str]]:
    text = (files("tocsin.cases") / "data" / "public_texts.yaml").read_text("utf-8")
    by_text: dict[str, dict[str, str]] = yaml.safe_load(text)["texts"]
    found: dict[str, dict[str, str]] = {}
    for english, translated in by_text.items():
        for language, words in translated.items():
            found.setdefault(language, {})[english] = words
    return found
