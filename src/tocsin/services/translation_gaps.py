"""What recipients of letters would read in English, or as no person has reviewed it.

A letter is translated and locked; the page behind its link shows texts of the notice. A warning, no
hindrance: the page says what is in English, and a letter that waits for it helps nobody.
"""

from collections.abc import Iterable, Iterator

from tocsin.notice.model import Audience, Notice
from tocsin.notice.translation import ENGLISH, said_in, texts_for
from tocsin.outreach.letter_kinds import letter_kinds
from tocsin.store.letter_rows import locked_versions
from tocsin.store.models import ScopeRelease
from tocsin.store.notice_rows import read_revision
from tocsin.store.run_rows import revisions_of

_SHOWN = 80


def translation_warnings(scope: ScopeRelease, action_id: int) -> list[str]:
    """Return a sentence per audience and language whose letters lead to texts not translated.

    Raises:
        NoticeBytesChanged: if a kept revision is not what was kept.
    """
    kinds = letter_kinds()
    told = {
        (kinds[row.key].audience, row.language.partition("-")[0])
        for row in locked_versions(action_id)
    }
    wanted = sorted(each for each in told if each[1] != ENGLISH)
    if not wanted:
        return []
    notices = [read_revision(row) for row in revisions_of(scope.run)]
    return [warning for each in wanted for warning in _warnings(*each, notices)]


def _warnings(audience: Audience, language: str, notices: Iterable[Notice]) -> Iterator[str]:
    for notice in notices:
        said = said_in(notice.translations, language)
        texts = texts_for(notice, audience)
        missing = [text for text in texts if text not in said]
        machine = [text for text in texts if text in said and said[text].is_machine]
        page = f"Letters to each {audience} in `{language}` lead to a page"
        if missing:
            first = missing[0] if len(missing[0]) <= _SHOWN else f"{missing[0][: _SHOWN - 3]}..."
            yield (
                f"{page} on which {len(missing)} of {len(texts)} texts of notice {notice.notice} "
                f"are in English, since nobody has translated them; the first is {first!r}. "
                "Translations are part of the notice: its next revision can bring them."
            )
        if machine:
            yield (
                f"{page} on which {len(machine)} of {len(texts)} texts of notice {notice.notice} "
                "are machine-prepared and reviewed by nobody. The page says so."
            )
