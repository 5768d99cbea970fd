"""What vendors say became of messages and letters: evidence of dispatches, as notifications are.

A receipt that proves acceptance settles an unknown outcome by itself; one of failure opens the next
channel (`services.failed_dispatches`).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from tocsin.base.errors import TocsinError
from tocsin.delivery.message_signatures import is_signed
from tocsin.delivery.receipts import MOST_BYTES, Receipt, read_receipts
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import EventName
from tocsin.services.dispatch_work import Told, add_evidence, find_dispatch, subject_of
from tocsin.services.heard_back import Heard, settle_by_evidence
from tocsin.services.outlets import read_secret
from tocsin.services.vendors import VendorUnknown
from tocsin.services.work import WORKER, Caller, Work, service
from tocsin.store.models import Dispatch, Vendor

VENDOR = "vendor"
_FILES_AT_ONCE = 1000
_DONE, _SET_ASIDE = "done", "set-aside"


class ReceiptUnsigned(TocsinError):
    """Receipts came without the signature of a vendor that is known here."""

    code = "receipt_unsigned"


@service
def keep_receipts(work: Work, vendor_id: int, content: bytes) -> Heard:
    """Keep what a vendor's receipts tell of its dispatches; lines that are none are counted.

    Right: operator, the console, the worker. Leaves receipt_kept for each dispatch they speak of.

    Raises:
        VendorUnknown: if there is no such vendor.
    """
    if not Vendor.objects.filter(pk=vendor_id).exists():
        raise VendorUnknown(
            f"There is no vendor {vendor_id} here. Nothing was kept. `tocsin vendor list` shows "
            "them."
        )
    receipts, n_unfit = read_receipts(content)
    counts: Counter[str] = Counter()
    n_known = n_unmatched = 0
    for receipt in receipts:
        found = Dispatch.objects.filter(reference=receipt.reference, vendor=vendor_id)
        dispatch_id = found.values_list("pk", flat=True).first()
        if dispatch_id is None:
            n_unmatched += 1
        elif _keep(work, dispatch_id, receipt):
            counts[receipt.tells] += 1
        else:
            n_known += 1
    if not counts:
        work.leave_unchanged()
    alarms = [f"{n_unfit} lines are no receipts; nothing was kept of them."] if n_unfit else []
    return Heard(counts, n_known, n_unmatched, alarms)


def take_signed_receipts(
    vendor_id: int, told: tuple[bytes, bytes], signature: str, now: datetime
) -> Heard:
    """Keep receipts that a vendor has posted, if it has signed them.

    Args:
        vendor_id: who says to have posted them.
        told: the body as it came and was signed, and its receipts one a line.
        signature: the header `Tocsin-Signature`.
        now: the time.

    Raises:
        ReceiptUnsigned: the same for a wrong signature and an unknown vendor.
        SecretMissing: if we have lost the vendor's secret.
    """
    row = Vendor.everywhere.filter(pk=vendor_id).exclude(secret_from="").first()
    if row is None or not is_signed(
        read_secret(row.secret_from), told[0], signature, int(now.timestamp())
    ):
        raise ReceiptUnsigned(
            "These receipts are not signed by a vendor that is known here, or their time is more "
            "than five minutes off. Nothing was kept."
        )
    return keep_receipts(Caller(WORKER, row.organisation_id, frozenset(), now), row.pk, told[1])


def collect_receipts(now: datetime) -> Iterator[str]:
    """Keep what vendors have left in their folders; yield what somebody should know.

    A file is moved into the folder ``done`` once it is kept; one with lines that are no receipts
    into ``set-aside``. Killed in between, it is read again, and nothing counts twice.
    """
    for row in Vendor.everywhere.exclude(receipts="").order_by("pk"):
        folder = Path(row.receipts)
        try:
            waiting = sorted(
                path
                for path in folder.iterdir()
                if path.is_file() and not path.is_symlink() and not path.name.startswith(".")
            )
            for path in waiting[:_FILES_AT_ONCE]:
                caller = Caller(WORKER, row.organisation_id, frozenset(), now)
                with path.open("rb") as file:
                    content = file.read(MOST_BYTES + 1)
                heard = keep_receipts(caller, row.pk, content)
                then = folder / (_SET_ASIDE if heard.alarms else _DONE)
                then.mkdir(exist_ok=True)
                path.rename(then / path.name)
                yield from (f"vendor {row.name}, {path.name}: {each}" for each in heard.alarms)
        except OSError as error:
            yield f"The receipts of vendor {row.name} cannot be read: {error.strerror}."
        except TocsinError as error:
            yield error.sentence


def _keep(work: Work, dispatch_id: int, receipt: Receipt) -> bool:
    row = find_dispatch(dispatch_id)
    told = Told(VENDOR, receipt.tells, receipt.line, receipt.detail, receipt.happened_at)
    if not add_evidence(row, told, work.now):
        return False
    for event in _events_of(receipt, Channel(row.channel)):
        settle_by_evidence(work, row, event, receipt.detail)
    work.record("receipt_kept", subject_of(row), new={"tells": receipt.tells, "state": row.state})
    return True


def _events_of(receipt: Receipt, channel: Channel) -> Sequence[EventName]:
    """Return what a receipt does to its dispatch, in order.

    A letter that was posted or came back had been taken before, whoever has seen that.
    """
    if channel is Channel.LETTER and receipt.status in {"posted", "delivered"}:
        return ("accept", "post")
    if channel is Channel.LETTER and receipt.status == "returned":
        return ("accept", "return")
    return ("bounce",) if receipt.tells == "bounced" else ("accept",)
