"""What a recipient is asked: their devices, the instructions of the notices, what is offered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tocsin.base.errors import TocsinError
from tocsin.base.truth import Truth
from tocsin.base.verdict import Verdict as Answer
from tocsin.match.engines.reference import match_records
from tocsin.match.reason_words import reason_words
from tocsin.notice.model import Notice
from tocsin.outreach.reply import instruction_key
from tocsin.registry.record import read_record
from tocsin.services.letter_devices import N_SERIAL_END, held_devices
from tocsin.services.work import ANSWER_PAGE, Caller, Work, service
from tocsin.store.answer_links import find_link
from tocsin.store.models import DeviceRecord, Recipient, Verdict
from tocsin.store.notice_rows import read_revision
from tocsin.store.record_states import texts_of
from tocsin.store.run_rows import GAP_PLACE, revisions_of

SETTLING = ("software_version", "lot")
"""What an answer may tell of a device that settles its verdict, as columns of a registry."""
_LARGE = (
    "release__manifest",
    "release__scope_release__manifest",
    "release__scope_release__leavers",
    "release__scope_release__run__figures",
)
"""What names everybody on a list: read for each answer, it would cost more than all the rest."""
_OFFERS_NOTHING = frozenset({"none", "advice"})


class LinkUnknown(TocsinError):
    """A link opens nothing: mistyped, replaced or withdrawn."""

    code = "letter_link_unknown"


@dataclass(frozen=True)
class AskedDevice:
    """A device of the letter.

    Attributes:
        key: its name in answers, ``registry/device_id``.
        product: what it is, as the list says.
        serial_end: the last characters of its serial number; empty if it has none.
        verdict: of the last match, after what answers have changed since.
        asks_version: whether its software version would settle the verdict.
        asks_lot: whether its lot would.
    """

    key: str
    registry_id: int
    registry_name: str
    device_id: str
    product: str
    serial_end: str
    verdict: str
    asks_version: bool
    asks_lot: bool = False

    @property
    def asked_columns(self) -> tuple[str, ...]:
        """Return those of `SETTLING` that are asked, in their order."""
        asked = {"software_version": self.asks_version, "lot": self.asks_lot}
        return tuple(column for column in SETTLING if asked[column])


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
    offers: tuple[str, ...]
    answered_at: datetime | None


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
        tuple(_devices(recipient, notices)),
        tuple(_instructions(recipient.audience, asking)),
        tuple(
            dict.fromkeys(
                remedy.kind
                for notice in asking
                for remedy in notice.remedies
                if remedy.audience == recipient.audience and remedy.kind not in _OFFERS_NOTHING
            )
        ),
        last.answered_at if last else None,
    )


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


def _devices(recipient: Recipient, notices: Sequence[Notice]) -> Iterable[AskedDevice]:
    run = recipient.release.scope_release.run
    judged = dict(run.registries.values_list("registry_id", "revision"))
    for held in held_devices(run, [recipient.person_id]).get(recipient.person_id, ()):
        record = held.record
        if not held.rows:  # no notice speaks of it
            continue
        if record.since_revision > judged[record.registry_id]:
            asked = set(_asked_now(record, notices))
        else:
            asked = {column for row in held.rows if (column := _asked_by(row, notices))}
        yield AskedDevice(
            f"{record.registry_id}/{record.device_id}",
            record.registry_id,
            record.registry.name,
            record.device_id,
            " ".join(filter(None, (record.manufacturer, record.product, record.model))),
            record.serial[-N_SERIAL_END:],
            str(held.verdict),
            "software_version" in asked and not record.software_version,
            "lot" in asked and not record.lot,
        )


def _asked_by(row: Verdict, notices: Sequence[Notice]) -> str:
    """Return the column that would settle what a run could not tell; empty if none would."""
    if Truth(row.truth) is not Truth.UNKNOWN or row.place == GAP_PLACE:
        return ""
    return reason_words(notices[row.place], Truth.UNKNOWN, row.entry, row.reason_code).column


def _asked_now(record: DeviceRecord, notices: Sequence[Notice]) -> Iterable[str]:
    """Yield the columns that would settle what cannot be told of a record that has changed since.

    An answer that settles one constraint may leave another open.
    """
    told = read_record(texts_of(record))
    for notice in notices:
        found = next(match_records([notice], [told]))
        if found.verdict is Answer.CANNOT_TELL:
            yield reason_words(notice, Truth.UNKNOWN, found.entry, found.reason_code).column
