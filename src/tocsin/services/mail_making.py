"""The mails of a large release, written some at a time, each time in a transaction of its own.

The release has queued them as rows without bytes. Only a whole part of them becomes visible to
senders, and each once: killed between two parts, the next worker goes on with what is left.
"""

from collections.abc import Callable
from datetime import datetime

from tocsin.base.errors import TocsinError
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState
from tocsin.services.action_work import ActionUnknown, subject_of
from tocsin.services.dispatch_making import DispatchMaker
from tocsin.services.letter_devices import letter_devices
from tocsin.services.letter_values import letter_values
from tocsin.services.made_parts import MadePart, keep_part, make_in_parts
from tocsin.services.work import Work, service
from tocsin.store.answer_links import read_answer_tokens
from tocsin.store.jobs import Claim
from tocsin.store.models import Dispatch, LetterRelease
from tocsin.store.sealed_persons import SealedPersons

AT_ONCE = 200


@service
def keep_mails(work: Work, made: MadePart) -> int:
    """Keep mails of a release that were made; return how many. Right: the worker.

    One that could not be made is refused, and the next channel is opened as after any refusal.
    Leaves mails_made, with the hash over the hashes of all bytes.
    """
    part, told = keep_part(made)
    if not part.rows:
        work.leave_unchanged()
        return 0
    first = part.rows[0]
    told = {"release": first.recipient.release_id, **told}
    work.record("mails_made", subject_of(first.action), new=told)
    return len(part.rows)


def make_some_mails(release_id: int, now: datetime) -> MadePart | None:
    """Return the next mails of a release, made but not kept; None if none is left.

    Raises:
        ActionUnknown: if there is no such release in the organisation that we act for.
    """
    release = LetterRelease.objects.select_related("action", "scope_release__run").filter(
        pk=release_id
    )
    found = release.first()
    if found is None:
        raise ActionUnknown(f"There is no release {release_id} of letters here. Nothing was made.")
    waiting = (
        Dispatch.objects.filter(
            action_id=found.action_id,
            recipient__release=found,
            channel=str(Channel.EMAIL),
            state=str(DispatchState.BEING_MADE),
            sha256="",
        )
        .select_related("action", "recipient", "addressee__key")
        .prefetch_related("recipient__letter_version__source")  # a few for all rows
    )
    rows = list(waiting.order_by("pk")[:AT_ONCE])
    return _write(found, rows, now) if rows else None


def make_queued_mails(claim: Claim, told: Callable[[Claim], None] = lambda _claim: None) -> None:
    """Write the mails of the release that a job names, until none is left.

    Args:
        claim: the job; its payload names the release.
        told: is called when a part is committed.

    Raises:
        LeaseLost: if somebody else has the job by now.
    """
    release_id = claim.payload["release_id"]
    make_in_parts(claim, lambda now: make_some_mails(release_id, now), keep_mails, told)


def _write(release: LetterRelease, rows: list[Dispatch], now: datetime) -> MadePart:
    """Give rows their bytes and their new state."""
    recipients = [row.recipient for row in rows]
    signed_at = release.released_at or now
    values = letter_values(release.action, signed_at, read_answer_tokens(recipients))
    devices = letter_devices(release.scope_release.run, recipients)
    maker, sealed = DispatchMaker(release.action, now, values, devices), SealedPersons()
    messages, refused = [], {}
    for row in rows:
        row.state, row.state_at = str(DispatchState.QUEUED), now
        try:
            messages.append(maker.message_of(row, sealed.open(row.addressee), row.addressee))
        except TocsinError as error:
            row.state, row.reply = str(DispatchState.REFUSED), f"not made: {error.code}"
            refused[row.pk] = error.code
    return MadePart(rows, messages, refused)
