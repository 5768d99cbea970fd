"""Senders as processes of their own that begin quickly, so that thousands can be killed."""

import os
import signal
from collections.abc import Mapping
from pathlib import Path

from tests.lib.forked import ForkedProcess, start_forked

SenderProcess = ForkedProcess
Rules = Mapping[str, float]


def start_sender(
    url: str, home: Path, log: Path, rules: Rules, *, keeps_up: bool = True
) -> SenderProcess:
    """Start a sender of an installation.

    Args:
        url: of its database.
        home: its folder.
        log: where what it prints is added.
        rules: other waits than the shipped ones, by their names in `SendingRules`.
        keeps_up: whether it looks after escalation and accounts too, as a sender does when it
            begins: that takes longer than all that it does until it is killed.
    """
    return start_forked(_send, url, str(home), log, dict(rules), keeps_up)


def _send(url: str, home: str, log: Path, chosen: dict[str, float], keeps_up: bool) -> None:
    with log.open("ab") as out:
        for number in (1, 2):
            os.dup2(out.fileno(), number)
    os.environ["TOCSIN_HOME"] = home
    from tests.lib.databases import point_to

    point_to(url)
    from tocsin.outreach.sending_rules import sending_rules
    from tocsin.worker import sender_loop

    if not keeps_up:
        sender_loop.keep_up = lambda _now: []
    back_off_s = chosen.pop("back_off_s", 0.05)
    rules = sending_rules().model_copy(
        update={**chosen, "back_off_s": (back_off_s,), "most_tries": 100_000}
    )
    loop = sender_loop.SenderLoop(
        lambda sentence: os.write(1, f"{sentence}\n".encode()), rules, look_s=0.01
    )
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: loop.stop())
    loop.run()
