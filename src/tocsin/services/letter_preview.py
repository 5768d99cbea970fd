"""A letter as it would be printed, to an invented person: for those who review it."""

from functools import cache
from os import environ, pathsep
from pathlib import Path

from tocsin.outreach.letter_fields import Value, fill_letter, letter_fields, notice_values
from tocsin.render.letters.pdf import LetterPdf, LetterPress
from tocsin.render.letters.sheet import LetterSheet
from tocsin.services.letter_work import find_version
from tocsin.services.work import Work, service
from tocsin.store.letter_rows import read_text
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
    text = read_text(row)
    values: dict[str, Value] = {name: f"[{name}]" for name in letter_fields()}
    maker = work.service
    for revision in newest_revisions(row.action_id)[:1]:
        values |= notice_values(read_revision(revision), text.audience, text.country)
        maker = str(values["maker"])
    sheet = LetterSheet(
        fill_letter(text, values),
        f"PREVIEW-{row.pk}",
        maker,
        maker,
        _ADDRESS,
        work.now.date(),
        reference=row.action.title,
        devices=[_DEVICE],
        is_unreviewed=text.prepared_by == "machine" and row.locked_at is None,
    )
    return _press().make(sheet)


def font_folders() -> list[Path]:
    """Return the folders with more fonts that this machine names."""
    return [Path(each) for each in environ.get(FONTS, "").split(pathsep) if each]


@cache
def _press() -> LetterPress:
    return LetterPress(font_folders())
