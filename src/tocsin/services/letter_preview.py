"""A letter as it would be printed, to an invented person: for those who review it."""

from functools import cache
from os import environ, pathsep
from pathlib import Path

from tocsin.outreach.letter import LetterText
from tocsin.outreach.letter_fields import Value, fill_letter, letter_fields, notice_values
from tocsin.render.letters.pdf import LetterPdf, LetterPress
from tocsin.render.letters.sheet import LetterSheet
from tocsin.services.action_work import find_action
from tocsin.services.letter_work import find_version
from tocsin.services.work import Work, service
from tocsin.store.letter_rows import read_text
from tocsin.store.models import Action
from tocsin.store.notice_rows import newest_revisions, read_revision

FONTS = "TOCSIN_FONTS"
_ADDRESS = ("Jane Example", "1 Example Street", "Testwater")
_DEVICE = {"product": "Example", "model": "Example", "lot": "-", "software": "-", "quantity": "1"}


@service
def preview_letter(work: Work, version_id: int) -> LetterPdf:
    """Return a version as PDF to an invented person, held against both standards.

    Right: everybody of the organisation but administrators. Fields that the action's first notice
    does not fill are shown by their names in brackets.

    Raises:
        LetterUnknown: if there is no such letter.
        GlyphMissing, LanguageUnknown, LetterUnrenderable, LetterNotConformant: if no page can be
            made of it.
    """
    row = find_version(version_id)
    is_locked = row.locked_at is not None
    return _printed(row.action, read_text(row), f"PREVIEW-{row.pk}", work, is_locked=is_locked)


@service
def preview_letter_text(work: Work, action_id: int, text: LetterText) -> LetterPdf:
    """Return a text that is not kept yet as PDF, as `preview_letter` does. Right: author.

    Raises:
        ActionUnknown: if there is no such action.
        GlyphMissing, LanguageUnknown, LetterUnrenderable, LetterNotConformant: if no page can be
            made of it.
    """
    return _printed(find_action(action_id), text, "PREVIEW", work)


def _printed(
    action: Action, text: LetterText, letter_id: str, work: Work, *, is_locked: bool = False
) -> LetterPdf:
    values: dict[str, Value] = {name: f"[{name}]" for name in letter_fields()}
    maker = work.service
    for revision in newest_revisions(action.pk)[:1]:
        values |= notice_values(read_revision(revision), text.audience, text.country)
        maker = str(values["maker"])
    sheet = LetterSheet(
        fill_letter(text, values),
        letter_id,
        maker,
        maker,
        _ADDRESS,
        work.now.date(),
        reference=action.title,
        devices=[_DEVICE],
        is_unreviewed=text.prepared_by == "machine" and not is_locked,
    )
    return _press().make(sheet)


def font_folders() -> list[Path]:
    """Return the folders with more fonts that this machine names."""
    return [Path(each) for each in environ.get(FONTS, "").split(pathsep) if each]


@cache
def _press() -> LetterPress:
    return LetterPress(font_folders())
