"""What every service of a letter's version begins and ends with: its row, its state, its trail."""

from typing import Any

from tocsin.base.errors import TocsinError
from tocsin.outreach.action_states import ActionState
from tocsin.outreach.letter_states import LetterState, check_letters_may_change, next_letter_state
from tocsin.services.work import Work
from tocsin.store.letter_rows import version_name
from tocsin.store.models import LetterVersion


class LetterUnknown(TocsinError):
    """There is no such letter here."""

    code = "letter_unknown"


class LetterNotSeen(TocsinError):
    """What was to be signed is not the text that there is now."""

    code = "letter_not_seen"


class LetterMoved(TocsinError):
    """Somebody else has saved a letter since its text was looked at."""

    code = "letter_moved"


class LetterSuperseded(TocsinError):
    """A newer version of this letter exists."""

    code = "letter_superseded"


def find_version(version_id: int) -> LetterVersion:
    """Return a version of the organisation that we act for.

    Raises:
        LetterUnknown: if there is none.
    """
    return _known(LetterVersion.objects.filter(pk=version_id).first(), version_id)


def check_not_moved(what: str, seen_sha256: str | None, now_sha256: str) -> None:
    """Check that a text is still the one that was looked at before something was written over it.

    Args:
        what: the text, in words.
        seen_sha256: of the text that was there then; empty: none was; None: whatever it was.
        now_sha256: of the text that is there now; empty: there is none.

    Raises:
        LetterMoved: if it is another one.
    """
    if seen_sha256 is not None and seen_sha256 != now_sha256:
        raise LetterMoved(
            f"Somebody else has saved {what} since you opened it. Nothing was changed, and what "
            "you wrote is not kept yet. Compare both, then save again what is to stand."
        )


def begin_version(work: Work, version_id: int, seen_sha256: str | None = None) -> LetterVersion:
    """Return a version whose state allows the service; others who change it wait for us.

    Args:
        work: the call.
        version_id: the version.
        seen_sha256: of the text that the caller has looked at, where they sign or tick it.

    Raises:
        LetterUnknown: if there is none.
        LetterNotNow: if its state, or the action's, does not allow the service.
        LetterSuperseded: if there is a newer version.
        LetterNotSeen: if the text is another one by now.
    """
    found = LetterVersion.objects.select_for_update().filter(pk=version_id).first()
    row = _known(found, version_id)
    check_letters_may_change(ActionState(row.action.state))
    next_letter_state(work.service, LetterState(row.state))
    newer = LetterVersion.objects.filter(before=row).first()
    if newer is not None:
        raise LetterSuperseded(
            f"The letter {version_name(row)} has a newer version, {newer.pk}. Nothing was changed. "
            "Work on that one."
        )
    if seen_sha256 is not None and seen_sha256 != row.sha256:
        raise LetterNotSeen(
            f"The text of {version_name(row)} that you have seen has the SHA-256 "
            f"{seen_sha256[:16] or 'none'}..., the one that there is now {row.sha256[:16]}... "
            f"Nothing was signed. Look at it again: `tocsin letter show {row.pk}`."
        )
    return row


def conclude_version(
    work: Work,
    row: LetterVersion,
    event: str,
    *,
    new: dict[str, Any] | None = None,
    reason: str | None = None,
) -> LetterState:
    """Bring a version to the state that the service leads to, leave its event, return the state."""
    was = LetterState(row.state)
    state = next_letter_state(work.service, was)
    row.state = str(state)
    row.save()
    told = {**(new or {}), "state": str(state), "sha256": row.sha256}
    work.record(event, subject_of(row), old={"state": str(was)}, new=told, reason=reason)
    return state


def forget_agreement(row: LetterVersion) -> None:
    """Take from a version that goes back to draft what was said about a text that is no more."""
    row.authority = row.reference = row.why_no_authority = ""
    row.submitted_at = row.agreed_at = None


def subject_of(row: LetterVersion) -> str:
    """Return a version as signatures and the audit trail name it."""
    return f"letterversion:{row.pk}"


def _known(found: LetterVersion | None, version_id: int) -> LetterVersion:
    if found is None:
        raise LetterUnknown(
            f"There is no letter {version_id} here. Nothing was changed. `tocsin letter list` "
            "shows those that there are."
        )
    return found
