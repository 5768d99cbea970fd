"""What a recipient is asked: their devices, the instructions of the notices, what is offered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tocsin.base.errors import TocsinError
from tocsin.base.verdict import Verdict as Answer
from tocsin.notice.model import Notice
from tocsin.notice.translation import Translation
from tocsin.outreach.reply import instruction_key
from tocsin.outreach.reply_lines import ReplyLine, reply_lines
from tocsin.outreach.reply_rules import Asked
from tocsin.services.asked_devices import AskedDevice, asked_devices
from tocsin.services.work import ANSWER_PAGE, Caller, Work, service
from tocsin.store.answer_links import find_link
from tocsin.store.letter_rows import read_text
from tocsin.store.models import Recipient
from tocsin.store.notice_rows import read_revision
from tocsin.store.run_rows import revisions_of

_LARGE = (
    "release__manifest",
    "release__scope_release__manifest",
    "release__scope_release__leavers",
    "release__scope_release__run__figures",
)
"""What names everybody on a list: read for each answer, it would cost more than all the rest."""
_PATIENTS = frozenset({"patient", "public"})
_OFFERS_NOTHING = frozenset({"none", "advice"})


class LinkUnknown(TocsinError):
    """A link opens nothing: mistyped, replaced or withdrawn."""

    code = "letter_link_unknown"


@dataclass(frozen=True)
class AnswerForm:
    """What one recipient is asked.

    Attributes:
        action_id: the action.
        recipient_id: whose letter.
        letter: which letter, such as ``patient-affected``.
        audience, language, country: of the letter.
        notices: the names of the notices that it is about.
        titles: their titles.
        devices: the devices that they are thought to have; empty for who looks after others.
        instructions: the key and the text of each, in English; none if nothing is affected.
        translations: of titles and instructions, as the notices were released with them.
        lines: the statements of the letter's reply form, in its language; patients are asked
            otherwise.
        offers: the kinds of remedy that they are offered.
        answered_at: when they last answered; None if never.
    """

    action_id: int
    recipient_id: int
    letter: str
    audience: str
    language: str
    country: str
    notices: tuple[str, ...]
    titles: tuple[str, ...]
    devices: tuple[AskedDevice, ...]
    instructions: tuple[tuple[str, str], ...]
    translations: tuple[Translation, ...]
    offers: tuple[str, ...]
    answered_at: datetime | None
    lines: tuple[ReplyLine, ...] = ()

    @property
    def is_for_patient(self) -> bool:
        """Whether the letter speaks to a patient, not to a clinic or company."""
        return self.audience in _PATIENTS

    @property
    def asked(self) -> Asked:
        """Return all that it asks, as the rules of answers take it."""
        return Asked(
            [each.key for each in self.devices],
            [key for key, _ in self.instructions],
            self.lines,
            asks_first_step=self.is_for_patient,
        )


def answer_caller(token: str, now: datetime) -> Caller:
    """Return who holds a letter, as a caller of services for its organisation.

    Raises:
        LinkUnknown: if the token opens nothing. The sentence is the same for every cause.
    """
    link = find_link(token)
    if link is None:
        raise LinkUnknown(
            "This link or code opens no letter. Nothing was changed. Check that you typed all of "
            "it, or call the number in the letter: you can answer by telephone as well."
        )
    return Caller(ANSWER_PAGE, link.organisation_id, frozenset(), now)


@service
def read_answer_form(work: Work, token: str) -> AnswerForm:  # noqa: ARG001 - its rights
    """Return what the holder of a letter is asked. Right: the answer page. Changes nothing.

    Raises:
        LinkUnknown: if the token opens nothing here.
    """
    return form_of(recipient_of(token))


@service
def read_recipient_form(work: Work, recipient_id: int) -> AnswerForm:  # noqa: ARG001 - its rights
    """Return what a recipient is asked, for who enters an answer from paper or the telephone.

    Right: operator.

    Raises:
        LinkUnknown: if there is no such recipient here.
    """
    return form_of(find_recipient(recipient_id))


def recipient_of(token: str) -> Recipient:
    """Return whose letter a token opens, in the organisation that we act for.

    Raises:
        LinkUnknown: if it opens nothing here.
    """
    link = find_link(token)
    return find_recipient(link.recipient_id if link else 0)


def find_recipient(recipient_id: int) -> Recipient:
    """Return a recipient of the organisation that we act for.

    Raises:
        LinkUnknown: if there is none.
    """
    parts = ("release__scope_release__run", "release__action", "letter_version")
    rows = Recipient.objects.select_related(*parts).defer(*_LARGE)
    found = rows.filter(pk=recipient_id).first()
    if found is None:
        raise LinkUnknown(
            "There is no such recipient here. Nothing was changed. The list of an action's "
            "dispatches names them."
        )
    return found


def form_of(recipient: Recipient) -> AnswerForm:
    """Return what a recipient is asked."""
    run = recipient.release.scope_release.run
    notices = [read_revision(row) for row in revisions_of(run)]
    last = recipient.acknowledgements.order_by("-pk").first()
    # Who is told that a device is not affected is asked to do nothing, and offered nothing.
    asking = [] if recipient.verdict == Answer.NOT_AFFECTED else notices
    return AnswerForm(
        recipient.release.action_id,
        recipient.pk,
        recipient.letter_version.key,
        recipient.audience,
        recipient.letter_version.language,
        recipient.country,
        tuple(notice.notice for notice in notices),
        tuple(notice.title for notice in notices),
        tuple(asked_devices(recipient, notices)),
        tuple(_instructions(recipient.audience, asking)),
        tuple(told for notice in notices for told in notice.translations),
        tuple(
            dict.fromkeys(
                remedy.kind
                for notice in asking
                for remedy in notice.remedies
                if remedy.audience == recipient.audience and remedy.kind not in _OFFERS_NOTHING
            )
        ),
        last.answered_at if last else None,
        () if recipient.audience in _PATIENTS else tuple(_lines(recipient)),
    )


def _lines(recipient: Recipient) -> list[ReplyLine]:
    return reply_lines(read_text(recipient.letter_version))


def _instructions(audience: str, notices: Iterable[Notice]) -> Iterable[tuple[str, str]]:
    told = {
        instruction_key(text): text
        for notice in notices
        for by_audience in (notice.precautions, notice.instructions)
        for told_to, texts in by_audience.items()
        if told_to == audience
        for text in texts
    }
    return told.items()
