"""Whether a printed letter is ours: asked by anybody who holds it, answered about no person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tocsin.base.errors import TocsinError
from tocsin.notice.model import Notice
from tocsin.services.work import ANSWER_PAGE, Caller, Work, service
from tocsin.store.issued_letters import find_issued
from tocsin.store.models import IssuedLetter
from tocsin.store.notice_rows import newest_revisions, read_revision


class LetterNotIssued(TocsinError):
    """No letter of this id and code has left this house."""

    code = "letter_not_issued"


@dataclass(frozen=True)
class IssuedFacts:
    """What may be said about a letter to whoever holds it.

    Attributes:
        sender: who wrote it, as its head says.
        written_on: the day that it bears.
        notices: the id and the title of each notice that it is about.
    """

    sender: str
    written_on: date
    notices: Sequence[tuple[str, str]]


def letter_caller(letter_id: str, code: str, now: datetime) -> Caller:
    """Return who holds a letter, as a caller of services for its organisation.

    Raises:
        LetterNotIssued: for a wrong id, a wrong code, and a letter that has not left. What is
            done and said is the same.
    """
    found = find_issued(letter_id, code)
    if found is None:
        raise _unknown()
    return Caller(ANSWER_PAGE, found.organisation_id, frozenset(), now)


@service
def read_issued_letter(work: Work, letter_id: str, code: str) -> IssuedFacts:  # noqa: ARG001
    """Return what may be said about a letter. Right: the public page. Changes nothing.

    Raises:
        LetterNotIssued: if there is no such letter here.
    """
    found = find_issued(letter_id, code)
    letter = IssuedLetter.objects.filter(pk=found.pk).first() if found else None
    if letter is None or letter.written_on is None:
        raise _unknown()
    notices: list[Notice] = [
        read_revision(row) for row in newest_revisions(letter.dispatch.action_id)
    ]
    return IssuedFacts(
        notices[0].manufacturer or notices[0].issuers[0].name,
        letter.written_on,
        [(notice.notice, notice.title) for notice in notices],
    )


def _unknown() -> LetterNotIssued:
    return LetterNotIssued(
        "No letter with this number and code has left this house. Check both; if they are right, "
        "do not do what the letter says before you have called."
    )
