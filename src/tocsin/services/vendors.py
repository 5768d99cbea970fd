"""Vendors who carry text messages or letters for an organisation: added, ended and listed.

Only the machine's console adds one: its folder is one of the machine's, and its address is reached
from the machine's network.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from tocsin.base.errors import TocsinError
from tocsin.delivery.webhook import check_webhook_address
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState
from tocsin.outreach.short_texts import longest_sender
from tocsin.services.outlets import read_secret, vendor_for
from tocsin.services.work import Work, service
from tocsin.store.models import Dispatch, Vendor

OFFERED = (Channel.SMS, Channel.LETTER)
_LONGEST_NAME = 40


class VendorUnfit(TocsinError):
    """A vendor cannot be used as it was described."""

    code = "vendor_unfit"


class VendorUnknown(TocsinError):
    """There is no such vendor here."""

    code = "vendor_unknown"


@dataclass(frozen=True)
class VendorPlan:
    """How messages reach a vendor.

    Attributes:
        name: what we call it.
        kind: ``file_drop`` or ``webhook``.
        place: a folder of this machine, or an https address.
        sender_name: who writes, in every text message; a letter names its sender itself.
        receipts: a folder in which it leaves receipts; empty: none.
        secret_from: ``env:NAME`` or ``file:PATH``: with what messages and receipts are signed.
        ca_file: certificates to trust besides the system's.
        per_minute: how many messages it takes a minute at most; None: as many as there are.
        repeats_h: for how many hours it promises to take a message of the same id as the same;
            0: it promises nothing, and what became of a message without an answer is unknown.
        channel: what it carries: text messages or letters.
    """

    name: str
    kind: str
    place: str
    sender_name: str
    receipts: str = ""
    secret_from: str = ""
    ca_file: str = ""
    per_minute: float | None = None
    repeats_h: float = 0.0
    channel: Channel = Channel.SMS


@dataclass(frozen=True)
class VendorLine:
    """A vendor as it is listed: its address without what may be secret."""

    vendor_id: int
    name: str
    channel: str
    kind: str
    place: str
    receipts: str
    repeats_h: float
    added_at: datetime
    ended_at: datetime | None
    n_dispatches: int


@service
def add_vendor(work: Work, plan: VendorPlan) -> int:
    """Let a vendor carry the organisation's text messages or letters from now on; return its id.

    Who carried them before is ended: what was made for it still leaves by it. Letters that wait for
    a print batch already stay there. Right: the console.
    Leaves vendor_added.

    Raises:
        VendorUnfit, WebhookUnfit, SecretMissing: if it cannot be used so; nothing was changed.
    """
    _check_plan(plan)
    before = vendor_for(plan.channel)
    if before is not None:
        Vendor.objects.filter(pk=before.pk).update(ended_at=work.now)
    made = Vendor.objects.create(
        name=plan.name,
        channel=str(plan.channel),
        kind=plan.kind,
        place=plan.place,
        receipts=plan.receipts,
        secret_from=plan.secret_from,
        ca_file=plan.ca_file,
        sender_name=plan.sender_name,
        per_minute=plan.per_minute,
        repeats_h=plan.repeats_h,
        added_at=work.now,
    )
    told = {
        "name": made.name,
        "channel": made.channel,
        "kind": made.kind,
        "place": public_place(made),
        "secret_from": made.secret_from,
        "repeats_h": made.repeats_h,
    }
    if before is not None:
        work.record("vendor_added", f"vendor:{before.pk}", new={"replaced_by": made.pk})
    work.record("vendor_added", f"vendor:{made.pk}", new=told)
    return made.pk


@service
def end_vendor(work: Work, vendor_id: int) -> int:
    """Make no more messages for a vendor; return how many still wait for it. Right: the console.

    What waits still leaves by it; what does not until its time is over opens the next channel.
    Leaves vendor_ended.

    Raises:
        VendorUnknown: if there is none that is in use.
    """
    row = Vendor.objects.filter(pk=vendor_id, ended_at__isnull=True).first()
    if row is None:
        raise VendorUnknown(
            f"There is no vendor {vendor_id} in use here. Nothing was changed. `tocsin vendor "
            "list` shows them."
        )
    Vendor.objects.filter(pk=row.pk).update(ended_at=work.now)
    work.record("vendor_ended", f"vendor:{row.pk}")
    waiting = [str(DispatchState.BEING_MADE), str(DispatchState.QUEUED)]
    return Dispatch.objects.filter(vendor=row, state__in=waiting).count()


@service
def list_vendors(work: Work) -> Sequence[VendorLine]:  # noqa: ARG001 - asks for rights only
    """Return the organisation's vendors, those of the past too.

    Right: author, reviewer, releaser, operator, auditor, administrator, the console.
    """
    return [
        VendorLine(
            row.pk,
            row.name,
            row.channel,
            row.kind,
            public_place(row),
            row.receipts,
            row.repeats_h,
            row.added_at,
            row.ended_at,
            Dispatch.objects.filter(vendor=row).count(),
        )
        for row in Vendor.objects.order_by("pk")
    ]


def public_place(row: Vendor) -> str:
    """Return a folder, or the host of an address: what is behind it may be a secret."""
    return row.place if row.kind == "file_drop" else urlsplit(row.place).netloc


def _check_plan(plan: VendorPlan) -> None:
    if plan.channel not in OFFERED:
        raise VendorUnfit(
            f"A vendor carries {' or '.join(OFFERED)}, not {plan.channel}. Nothing was changed."
        )
    sender, most = plan.sender_name, longest_sender()
    is_told = plan.channel is Channel.SMS or sender
    if is_told and not (
        0 < len(sender) <= most and sender.isprintable() and sender.strip() == sender
    ):
        raise VendorUnfit(
            f"The sender's name has 1 to {most} printable characters, not {len(sender)}. It stands "
            "in every text message. Nothing was changed."
        )
    if not (0 < len(plan.name) <= _LONGEST_NAME and plan.name.isprintable()):
        raise VendorUnfit(f"A vendor's name has 1 to {_LONGEST_NAME} characters.")
    if plan.repeats_h < 0 or (plan.per_minute is not None and plan.per_minute <= 0):
        raise VendorUnfit("Hours are not negative, and a rate is more than 0. Nothing was changed.")
    if plan.kind == "webhook":
        check_webhook_address(plan.place)
        read_secret(plan.secret_from)
    elif plan.kind == "file_drop":
        _check_folder(plan.place)
        if plan.secret_from:
            read_secret(plan.secret_from)
    else:
        raise VendorUnfit(f"Messages go by file_drop or webhook, not by {plan.kind[:20]!r}.")
    if plan.receipts:
        _check_folder(plan.receipts)
    if plan.receipts and plan.receipts == plan.place:
        raise VendorUnfit("Messages and receipts need two folders. Nothing was changed.")


def _check_folder(path: str) -> None:
    folder = Path(path)
    if not folder.is_absolute() or not folder.is_dir():
        raise VendorUnfit(
            f"{path} is no folder of this machine with its whole path. Nothing was changed. Make "
            "it first, writable by whoever runs the sender."
        )
