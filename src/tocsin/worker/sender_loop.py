"""The sender's loop: send what waits, settle what others left, stop between two messages."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db import InterfaceError, OperationalError, connection

from tocsin.base.errors import TocsinError, first_line
from tocsin.delivery.channel import Handed
from tocsin.outreach.sending_rules import SendingRules, sending_rules
from tocsin.services.dispatch_upkeep import keep_up
from tocsin.services.sending import Sender, settle_what_was_left
from tocsin.services.waiting_words import explain_waiting

LOOK_S = 0.2
SETTLE_EVERY_S = 1.0
UPKEEP_EVERY_S = 60.0
LONGEST_WAIT_S = 30.0
EXPLAIN_EVERY_S = 10.0
TELL_EVERY_S = 10.0
_WORDS = {
    Handed.ACCEPTED: "accepted",
    Handed.REFUSED: "refused (the next channel is opened)",
    Handed.REFUSED_FOR_NOW: "refused for now (tried again later)",
    Handed.NOT_BEGUN: "not begun (tried again later)",
    Handed.UNKNOWN: "without an answer (see `tocsin dispatch unknown`)",
}


@dataclass
class SenderLoop:
    """Sends until it is asked to stop.

    Attributes:
        told: is called with a sentence when something happens.
        rules: how long to wait for what.
        look_s: seconds between two looks when nothing waits.
    """

    told: Callable[[str], None]
    rules: SendingRules = field(default_factory=sending_rules)
    look_s: float = LOOK_S
    is_stopping: bool = field(default=False, init=False)
    _settle_at_s: float = field(default=0.0, init=False)
    _keep_up_at_s: float = field(default=0.0, init=False)
    _said: str = field(default="", init=False)
    _explain_at_s: float = field(default=0.0, init=False)
    _explained: tuple[str, ...] = field(default=(), init=False)
    _tell_at_s: float = field(default=0.0, init=False)
    _told_outcomes: Counter[Handed] = field(default_factory=Counter, init=False)

    def stop(self) -> None:
        """Ask to stop after the message that is handed over now."""
        self.is_stopping = True

    def run(self, *, once: bool = False) -> bool:
        """Send until asked to stop; with ``once`` until nothing may leave now.

        Returns:
            Whether nothing hindered it at its end.
        """
        sender = Sender(lambda: self.is_stopping, self.rules)
        wait_s = self.look_s
        try:
            while not self.is_stopping:
                try:
                    self._settle()
                    n_tried = sender.send_some()
                    hindrances = [*sender.hindrances.values(), *self._waiting(n_tried)]
                except (OperationalError, InterfaceError, OSError) as error:
                    self._say(f"{first_line(error)}. Nothing is lost; looking again.")
                    connection.close()  # a connection that broke stays broken
                    wait_s = self._wait(wait_s)
                    continue
                except TocsinError as error:
                    self._say(error.sentence)
                    if once:
                        return False
                    wait_s = self._wait(wait_s)
                    continue
                wait_s = self.look_s
                self._say(" ".join(hindrances))
                self._tell_outcomes(sender, is_pause=not n_tried)
                if n_tried:
                    continue
                if once:
                    return not hindrances
                self._sleep(self.look_s)
        finally:
            self._tell_outcomes(sender, is_pause=True)
            sender.close()
            connection.close()
        return True

    def _waiting(self, n_tried: int) -> Sequence[str]:
        """Return why nothing leaves that is due; asked anew after a while."""
        now_s = time.monotonic()
        if n_tried:
            self._explained = ()
        elif now_s >= self._explain_at_s:
            self._explain_at_s = now_s + EXPLAIN_EVERY_S
            self._explained = tuple(explain_waiting())
        return self._explained

    def _tell_outcomes(self, sender: Sender, *, is_pause: bool) -> None:
        """Tell how the tries since the last time ended: at a pause, or after a while."""
        now_s = time.monotonic()
        new = sender.n_outcomes - self._told_outcomes
        if new and (is_pause or now_s >= self._tell_at_s):
            self._tell_at_s = now_s + TELL_EVERY_S
            self._told_outcomes = Counter(sender.n_outcomes)
            counts = ", ".join(f"{n:,} {_WORDS[each]}" for each, n in sorted(new.items()))
            self.told(f"handed over: {counts}.")

    def _settle(self) -> None:
        now_s = time.monotonic()
        if now_s >= self._settle_at_s:
            self._settle_at_s = now_s + SETTLE_EVERY_S
            n_back, n_unknown = settle_what_was_left()
            if n_back or n_unknown:
                self.told(
                    f"another sender has ended: {n_back} dispatches wait again, {n_unknown} are "
                    "unknown and wait for a person."
                )
        if now_s >= self._keep_up_at_s:
            self._keep_up_at_s = now_s + UPKEEP_EVERY_S
            for sentence in keep_up(datetime.now(tz=UTC)):
                self.told(sentence)

    def _say(self, sentence: str) -> None:
        """Tell what hinders, once."""
        if sentence and sentence != self._said:
            self.told(sentence)
        self._said = sentence

    def _wait(self, wait_s: float) -> float:
        self._sleep(wait_s)
        return min(2 * wait_s, LONGEST_WAIT_S)

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self.is_stopping and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))
