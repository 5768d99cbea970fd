"""A relay's log, or notifications, as a file that somebody sends: kept, and told in counts."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.base.errors import TocsinError
from tocsin.delivery.relay_log import read_relay_log
from tocsin.outreach.dispatch_states import DispatchState
from tocsin.services.heard_back import Heard, keep_notifications, keep_relay_log
from tocsin.services.work import Caller
from tocsin.store.models import Dispatch
from tocsin.store.tenancy import acting_for

MOST_BYTES = 5_000_000
"""The largest file that is taken by a page or the API; the console takes larger ones."""
_AT_ONCE = 500
_BETWEEN = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\r\n\r\n))From [^\n]*\n")


class EvidenceUnfit(TocsinError):
    """What was sent is no log of Postfix's and no notification."""

    code = "evidence_unfit"


@dataclass(frozen=True)
class EvidenceTaken:
    """What a file has come to.

    Attributes:
        n_read: lines of the log about mails, or messages.
        n_new: that told something new of our dispatches; `tells` what, and how often each.
        n_known: that were known before.
        n_set_aside: of no dispatch of ours, or of nothing that can be read.
        n_undecided: dispatches of the organisation whose outcome is still unknown.
        alarms: sentences about what is wrong with our own mail.
    """

    n_read: int
    n_new: int
    tells: dict[str, int]
    n_known: int
    n_set_aside: int
    n_undecided: int
    alarms: tuple[str, ...]


def split_messages(content: bytes) -> list[bytes]:
    r"""Return the messages of an mbox file, or the one that a file holds.

    >>> split_messages(b"From a\nTo: b\n\nx\n\nFrom c\nTo: d\n\ny\n")
    [b'To: b\n\nx\n\n', b'To: d\n\ny\n']
    """
    if not content.startswith(b"From "):
        return [content] if content.strip() else []
    return [each for each in _BETWEEN.split(content)[1:] if each.strip()]


def relay_lines(content: bytes) -> list[str]:
    """Return the lines of a log that Postfix has written."""
    lines = content.decode("utf-8", "replace").splitlines()
    return [line for line in lines if "postfix" in line]


def take_relay_log(caller: Caller, content: bytes) -> EvidenceTaken:
    """Keep what a log tells of the organisation's dispatches, as `keep_relay_log` does.

    Raises:
        EvidenceUnfit: if it is too large, or no line of it tells of a mail.
    """
    _check_size(content)
    lines = relay_lines(content)
    n_read = sum(1 for _ in read_relay_log(lines))
    if not n_read:
        raise EvidenceUnfit(
            "No line of it tells of a mail as Postfix's log does. Nothing was changed. Send the "
            "log's own lines, such as those of /var/log/mail.log, from the day of the sending."
        )
    return _taken(caller, n_read, [keep_relay_log(caller, lines)])


def take_notifications(caller: Caller, content: bytes) -> EvidenceTaken:
    """Keep what notifications tell: one message, or an mbox of them; as `keep_notifications` does.

    Raises:
        EvidenceUnfit: if it is too large, or empty.
    """
    _check_size(content)
    messages = split_messages(content)
    if not messages:
        raise EvidenceUnfit(
            "It holds no message. Nothing was changed. Send one message, or an mbox file."
        )
    heard = [
        keep_notifications(caller, messages[start : start + _AT_ONCE])
        for start in range(0, len(messages), _AT_ONCE)
    ]
    return _taken(caller, len(messages), heard)


def _taken(caller: Caller, n_read: int, heard: Sequence[Heard]) -> EvidenceTaken:
    tells: Counter[str] = Counter()
    for each in heard:
        tells.update(each.counts)
    with acting_for(caller.organisation_id):
        n_undecided = Dispatch.objects.filter(state=str(DispatchState.UNKNOWN)).count()
    return EvidenceTaken(
        n_read,
        tells.total(),
        dict(sorted(tells.items())),
        sum(each.n_known for each in heard),
        sum(each.n_unmatched for each in heard),
        n_undecided,
        tuple(sorted({alarm for each in heard for alarm in each.alarms})),
    )


def _check_size(content: bytes) -> None:
    if len(content) > MOST_BYTES:
        raise EvidenceUnfit(
            f"It has {len(content):,} bytes; at most {MOST_BYTES:,} are taken here. Nothing was "
            "changed. Send it in parts, or give it to `tocsin dispatch relay-log` or `bounces`."
        )
