"""Letters of the demonstration: those of the golden cases, led to the lock as people would."""

from collections.abc import Callable, Collection

from tocsin.outreach.letter import LetterText
from tocsin.outreach.recipients import base_language
from tocsin.services.letter_approval import (
    finish_translation,
    lock_letter_version,
    review_letter_version,
    tick_letter,
    waive_letter_agreement,
)
from tocsin.services.letter_files import case_texts, general_texts
from tocsin.services.letters import read_letter, write_letter_source, write_letter_version
from tocsin.services.work import Caller
from tocsin.store.roles import Role

LANGUAGE = "en"
_GENERAL = frozenset({"patient-retraction"})
_AUDIENCES = frozenset({"patient", "clinician", "facility"})
Prove = Callable[[Caller], Caller]


def lock_case_letters(
    team: dict[Role, Caller],
    action: int,
    case: str,
    prove: Prove,
    languages: Collection[str] | None = None,
) -> list[int]:
    """Lead a golden case's own letters to the lock, in English and some languages.

    Besides them the letter to who is concerned no more, which is the same for every notice.
    Returns the versions' ids.

    Args:
        team: who does it.
        action: for which action.
        case: the golden case.
        prove: makes a proof for a signature.
        languages: those of the people concerned; None: all that the case has letters in.
    """
    general = [text for text in general_texts() if text.letter in _GENERAL]
    own = [text for text in case_texts(case) if text.audience in _AUDIENCES]
    spoken = None if languages is None else {base_language(each) for each in languages}
    made = []
    for text in sorted([*general, *own], key=lambda each: each.language != LANGUAGE):
        if text.language == LANGUAGE:
            write_letter_source(team[Role.AUTHOR], action, text)
        elif spoken is not None and base_language(text.language) not in spoken:
            continue
        made.append(_lock_version(team, action, text, prove))
    return made


def _lock_version(team: dict[Role, Caller], action: int, text: LetterText, prove: Prove) -> int:
    author, reviewer, releaser = (team[r] for r in (Role.AUTHOR, Role.REVIEWER, Role.RELEASER))
    version = write_letter_version(author, action, text)
    view = read_letter(author, version)
    seen = view.line.sha256
    tick_letter(author, version, seen, list(view.checklist))
    finish_translation(author, version)
    review_letter_version(prove(reviewer), version, seen)
    waive_letter_agreement(prove(releaser), version, seen, "An invented letter of an example.")
    lock_letter_version(prove(releaser), version, seen)
    return version
