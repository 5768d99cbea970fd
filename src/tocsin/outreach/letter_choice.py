"""Which letter somebody gets: by audience and by why they are told; pure rules."""

from collections.abc import Mapping

from tocsin.base.errors import TocsinError
from tocsin.outreach.contacts import ContactLine
from tocsin.outreach.letter import LetterText

Letters = Mapping[tuple[str, str, str], LetterText]
"""Texts by key, language and country; no country: the empty text."""

_BY_VERDICT = {
    ("patient", "affected"): ("patient-affected",),
    ("patient", "cannot_tell"): ("patient-check-version",),
    ("facility", "affected"): ("facility",),
    ("facility", "cannot_tell"): ("facility",),
    ("distributor", "affected"): ("distributor",),
    ("distributor", "cannot_tell"): ("distributor",),
}
_OF_CARERS = ("dhpc", "clinician")


class NoLetterText(TocsinError):
    """There is no text of the letter that somebody should get, in their language."""

    code = "no_letter_text"


class LanguageNotKnown(TocsinError):
    """Nobody knows in which language to write to somebody."""

    code = "language_not_known"


def choose_letter(line: ContactLine, letters: Letters, language: str | None = None) -> LetterText:
    """Return the text that somebody gets.

    A clinic or clinician that looks after concerned persons gets the DHPC, or where there is none
    the clinicians' letter. A text of the country comes before one for every country.

    Args:
        line: whom to tell, and why.
        letters: the texts that there are.
        language: for everybody; None: each in their own.

    Raises:
        LanguageNotKnown: if no language is given and the holder's is not known.
        NoLetterText: if there is no text.
    """
    wanted = (language or line.language).partition("-")[0].lower()
    if not wanted:
        raise LanguageNotKnown(
            f"Nobody knows in which language to write to holder {line.holder_id}. No letter was "
            "made. Add the language to the list of holders, or give `--language`."
        )
    keys = _BY_VERDICT.get((line.audience, line.why), _OF_CARERS)
    for key in keys:
        for country in (line.country, ""):
            found = letters.get((key, wanted, country))
            if found is not None:
                return found
    raise NoLetterText(
        f"There is no text {' or '.join(keys)} in the language {wanted} for holder "
        f"{line.holder_id}. No letter was made. Write that version, or choose another language."
    )


def letters_by_key(texts: "list[LetterText]") -> dict[tuple[str, str, str], LetterText]:
    """Return texts by key, language and country, later ones before earlier ones."""
    return {(text.letter, text.language, text.country or ""): text for text in texts}
