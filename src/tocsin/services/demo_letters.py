"""Letters of the demonstration: short ones, made from what the notice itself says, and locked."""

from collections.abc import Callable, Collection
from typing import Any

from tocsin.notice.model import Notice
from tocsin.outreach.letter import LetterText
from tocsin.outreach.letter_kinds import letter_kinds
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

COUNTRY, LANGUAGE = "US", "en"
_GENERAL = frozenset({"patient-retraction"})
_AUDIENCES = frozenset({"patient", "clinician", "facility"})
_SUBJECTS = {
    "patient-affected": "Your insulin pump is concerned: what to do now",
    "patient-check-version": "Please look which software your insulin pump has",
}
_OPENINGS = {
    "patient-affected": "We write to you because a pump that you use is concerned by a notice.",
    "patient-check-version": "We write to you because we cannot tell whether your pump is "
    "concerned. Look which software it shows, and tell us.",
}
Prove = Callable[[Caller], Caller]


def lock_demo_letters(
    team: dict[Role, Caller], action: int, notice: Notice, prove: Prove
) -> list[int]:
    """Write the letters to patients in one language, lead them to the lock; return their ids."""
    return [_lock(team, action, _text(key, notice), prove) for key in _SUBJECTS]


def lock_case_letters(
    team: dict[Role, Caller], action: int, case: str, languages: Collection[str], prove: Prove
) -> list[int]:
    """Lead a golden case's own letters to the lock, in English and some languages.

    Besides them the letter to who is concerned no more, which is the same for every notice.
    Returns the versions' ids.
    """
    general = [text for text in general_texts() if text.letter in _GENERAL]
    own = [text for text in case_texts(case) if text.audience in _AUDIENCES]
    made = []
    for text in sorted([*general, *own], key=lambda each: each.language != LANGUAGE):
        if text.language == LANGUAGE:
            write_letter_source(team[Role.AUTHOR], action, text)
        elif base_language(text.language) not in {base_language(each) for each in languages}:
            continue
        made.append(_lock_version(team, action, text, prove))
    return made


def _lock(team: dict[Role, Caller], action: int, source: LetterText, prove: Prove) -> int:
    write_letter_source(team[Role.AUTHOR], action, source)
    text = source.model_copy(update={"country": COUNTRY})
    return _lock_version(team, action, text, prove)


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


def _text(key: str, notice: Notice) -> LetterText:
    blocks: list[dict[str, Any]] = [
        {
            "kind": "callout",
            "urgency": "emergency",
            "lines": ["If you feel very unwell, call your local emergency number now."],
        },
        {"kind": "paragraph", "text": _OPENINGS[key]},
    ]
    if notice.hazard is not None:
        blocks.append({"kind": "paragraph", "text": notice.hazard.what})
    if told := [*notice.precautions.get("patient", ()), *notice.instructions.get("patient", ())]:
        blocks.append({"kind": "heading", "text": "What to do"})
        blocks.append({"kind": "steps", "items": told})
    for contact in notice.contacts:
        if contact.phone and contact.audience in {"all", "patient"}:
            name = contact.name or notice.issuers[0].name
            blocks.append({"kind": "contact", "name": name, "phone": contact.phone})
    tree = {
        "letter": key,
        "audience": letter_kinds()[key].audience,
        "language": LANGUAGE,
        "subject": _SUBJECTS[key],
        "blocks": blocks,
    }
    return LetterText.model_validate(tree)
