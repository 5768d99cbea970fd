"""Letters of the demonstration: short ones, made from what the notice itself says, and locked."""

from collections.abc import Callable
from typing import Any

from tocsin.notice.model import Notice
from tocsin.outreach.letter import LetterText
from tocsin.outreach.letter_kinds import letter_kinds
from tocsin.services.letter_approval import (
    finish_translation,
    lock_letter_version,
    review_letter_version,
    tick_letter,
    waive_letter_agreement,
)
from tocsin.services.letters import read_letter, write_letter_source, write_letter_version
from tocsin.services.work import Caller
from tocsin.store.roles import Role

COUNTRY, LANGUAGE = "US", "en"
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


def _lock(team: dict[Role, Caller], action: int, source: LetterText, prove: Prove) -> int:
    author, reviewer, releaser = (team[r] for r in (Role.AUTHOR, Role.REVIEWER, Role.RELEASER))
    write_letter_source(author, action, source)
    text = source.model_copy(update={"country": COUNTRY})
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
