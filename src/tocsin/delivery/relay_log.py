"""What a relay's log tells of our mails: Postfix's lines, put together by their queue ids."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tocsin.delivery.channel import without_addresses

_LINE = re.compile(
    r"^(?P<at>\S+(?:\s+\d+\s+[\d:]+)?)\s+\S+\s+(?P<program>[\w/.-]*postfix[\w/.-]*)\[\d+\]:\s+"
    r"(?P<queue>[0-9A-Za-z]{6,20}):\s+(?P<rest>.*)$"
)
_MESSAGE_ID = re.compile(r"\bmessage-id=(<[^<>\s]+>)")
_STATUS = re.compile(r"\bdsn=(?P<dsn>[\d.]+),\s+status=(?P<status>\w+)\s+\((?P<said>.*)\)\s*$")


@dataclass(frozen=True)
class RelayLine:
    """What one line of a log tells of one of our mails.

    Attributes:
        message_id: with its angle brackets.
        tells: accepted (the relay owns it), delivered, bounced or delayed.
        queue_id: the relay's own name of the mail.
        status: an enhanced status code; empty for accepted.
        at: the time as the log writes it.
        detail: the next server's words, without addresses.
        line: the line itself, to be hashed; it is not kept.
    """

    message_id: str
    tells: str
    queue_id: str
    status: str
    at: str
    detail: str
    line: str


_TELLS = {"sent": "delivered", "bounced": "bounced", "deferred": "delayed", "expired": "bounced"}


def read_relay_log(lines: Iterable[str]) -> Iterator[RelayLine]:
    """Yield what a Postfix log tells, in its order; lines of anything else are passed over.

    A queue id is good until Postfix removes it; then another mail may get it.
    """
    ids: dict[str, str] = {}
    for line in lines:
        found = _LINE.match(line.rstrip("\n"))
        if found is None:
            continue
        queue_id, rest = found["queue"], found["rest"]
        if told := _MESSAGE_ID.search(rest):
            if found["program"].endswith("/cleanup"):
                ids[queue_id] = told[1]
                yield RelayLine(told[1], "accepted", queue_id, "", found["at"], "", line)
        elif rest.startswith("removed"):
            ids.pop(queue_id, None)
        elif queue_id in ids and (status := _STATUS.search(rest)):
            tells = _TELLS.get(status["status"])
            if tells:
                yield RelayLine(
                    ids[queue_id],
                    tells,
                    queue_id,
                    status["dsn"],
                    found["at"],
                    without_addresses(status["said"]),
                    line,
                )
