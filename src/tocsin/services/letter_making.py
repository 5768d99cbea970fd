"""The letters that leave by a vendor one by one: printed here, some at a time, before a sender.

Whatever queues one, it waits as a row without bytes. The sender's upkeep sees that and queues a job
for its action. A part becomes visible to senders with its commit: killed between two parts, the
next worker goes on with what is left. Source: `docs/adr/0034-letters-by-vendors.md`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from tocsin.base.errors import TocsinError
from tocsin.delivery.print_batch import ManifestRow, manifest_row, write_single
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState
from tocsin.render.letters.pdf import LetterPdf, template_version
from tocsin.services.action_work import find_action, subject_of
from tocsin.services.dispatch_making import seal_message
from tocsin.services.dispatch_release import open_repairs
from tocsin.services.made_parts import MadePart, keep_part, make_in_parts
from tocsin.services.print_rendering import print_first
from tocsin.services.printed_sheets import SheetMaker
from tocsin.services.work import Work, service
from tocsin.store.home import find_home
from tocsin.store.issued_letters import shown
from tocsin.store.jobs import Claim, queue_job
from tocsin.store.models import Dispatch, IssuedLetter, Job, JobState
from tocsin.store.vault import Vault

MAKE_LETTERS = "make_letters"
AT_ONCE = 20
_AFTER_FAILURE = timedelta(hours=1)
_PARTS = (
    "addressee__key",
    "replaces",
    "recipient__letter_version__source",
    "recipient__release__scope_release__run",
)
_LARGE = (
    "recipient__release__manifest",
    "recipient__release__scope_release__manifest",
    "recipient__release__scope_release__leavers",
    "recipient__release__scope_release__run__figures",
)


@dataclass(frozen=True)
class MadeLetters:
    """Letters as they were printed, not yet kept.

    Attributes:
        part: their dispatches.
        letters: dispatch -> what the letter is known by.
    """

    part: MadePart
    letters: Mapping[int, IssuedLetter]


@service
def order_letters(work: Work, action_id: int) -> int:
    """Queue the job that makes an action's letters for a vendor, unless there is one.

    One that has failed is not queued again within the hour. Right: the worker. Leaves
    letters_ordered.

    Returns:
        How many letters wait to be made; 0 if a job sees to them already.
    """
    action = find_action(action_id)
    n_waiting = _to_make(action_id).count()
    is_recent = Q(state=JobState.FAILED, created_at__gt=work.now - _AFTER_FAILURE)
    under_way = Job.objects.filter(
        is_recent | Q(state__in=[JobState.QUEUED, JobState.CLAIMED]),
        kind=MAKE_LETTERS,
        organisation_id=action.organisation_id,
        payload__action_id=action.pk,
    )
    if not n_waiting or under_way.exists():
        work.leave_unchanged()
        return 0
    payload = {"action_id": action.pk}
    job = queue_job(MAKE_LETTERS, payload, work.now, action.organisation_id, n_waiting)
    work.record("letters_ordered", subject_of(action), new={"n": n_waiting, "job": job.pk})
    return n_waiting


@service
def keep_letters(work: Work, action_id: int, made: MadeLetters) -> int:
    """Keep letters that were printed for their vendor; return how many. Right: the worker.

    One that could not be printed is refused, which opens the next channel, and its contact is
    repaired. Leaves letters_made, with the hash over all hashes.

    Raises:
        ActionUnknown: if there is no such action.
    """
    action = find_action(action_id)
    part, told = keep_part(made.part)
    if not part.rows:
        work.leave_unchanged()
        return 0
    for message in part.messages:
        letter = made.letters[message.dispatch_id]
        letter.save(update_fields=["sealed_sheet", "written_on", "sha256", "n_pages", "sent_at"])
    for row in part.rows:
        if row.pk in part.refused:
            open_repairs(action, [row.person_id], part.refused[row.pk], work.now, row.channel)
    work.record("letters_made", subject_of(action), new=told)
    return len(part.rows)


def make_some_letters(action_id: int, now: datetime) -> MadeLetters | None:
    """Return the next letters of an action for their vendor, printed but not kept.

    Each is held against both standards.

    Returns:
        None if none is left.

    Raises:
        ActionUnknown: if there is no such action in the organisation that we act for.
    """
    action = find_action(action_id)
    rows = list(_to_make(action_id).select_related(*_PARTS).defer(*_LARGE).order_by("pk")[:AT_ONCE])
    if not rows:
        return None
    maker, vault = SheetMaker(action, now), Vault(find_home().persons_key)
    letters = {each.pk: each for each in IssuedLetter.objects.filter(dispatch__in=rows)}
    messages, refused = [], {}
    for row in rows:
        row.state, row.state_at = str(DispatchState.QUEUED), now
        letter = letters[row.pk]
        letter.dispatch = row
        try:
            pdf, letter.sealed_sheet = print_first(letter, maker, now)
        except TocsinError as error:
            row.state, row.reply = str(DispatchState.REFUSED), f"not made: {error.code}"
            refused[row.pk] = error.code
            continue
        # What it is known by: from now on it can leave, so that it counts as ours.
        letter.sha256, letter.n_pages, letter.sent_at = pdf.sha256, pdf.n_pages, now
        content = write_single(_head(row, now), _row_of(letter, pdf), pdf.content)
        messages.append(seal_message(vault, row, row.addressee, ("", ""), content))
    return MadeLetters(MadePart(rows, messages, refused), letters)


def make_queued_letters(claim: Claim, told: Callable[[Claim], None] = lambda _claim: None) -> None:
    """Make the letters of the action that a job names, until none is left.

    Args:
        claim: the job; its payload names the action.
        told: is called when a part is committed.

    Raises:
        LeaseLost: if somebody else has the job by now.
    """
    action_id = claim.payload["action_id"]
    make_in_parts(
        claim,
        lambda now: make_some_letters(action_id, now),
        lambda caller, made: keep_letters(caller, action_id, made),
        told,
    )


def actions_with_letters_to_make() -> Iterator[tuple[int, int]]:
    """Yield organisation and action of letters, of all organisations, that wait to be made."""
    rows = Dispatch.everywhere.filter(
        channel=str(Channel.LETTER), state=str(DispatchState.BEING_MADE), sha256=""
    )
    yield from rows.order_by("action").values_list("organisation_id", "action_id").distinct()


def _to_make(action_id: int) -> QuerySet[Dispatch]:
    return Dispatch.objects.filter(
        action=action_id,
        channel=str(Channel.LETTER),
        state=str(DispatchState.BEING_MADE),
        sha256="",
    )


def _head(row: Dispatch, now: datetime) -> dict[str, str | int]:
    return {
        "id": row.reference.hex,
        "action": row.action_id,
        "made_at": now.isoformat(timespec="seconds"),
        "template": template_version(),
    }


def _row_of(letter: IssuedLetter, pdf: LetterPdf) -> ManifestRow:
    row = letter.dispatch
    return manifest_row(
        shown(letter.letter_id),
        pdf.sha256,
        pdf.n_pages,
        country=row.recipient.country,
        language=row.recipient.letter_version.language,
        purpose=row.purpose,
    )
