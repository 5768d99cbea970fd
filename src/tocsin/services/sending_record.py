"""What a sender writes of each try: that it begins, and how it ended, in one commit where it can.

A known outcome is recorded until the database takes it. An acceptance may be held back until the
next message has been offered, and is then committed together with its beginning. It must wait for
nothing slow: a sender that is killed meanwhile leaves an outcome that nobody knows.
Source: `docs/adr/0033-one-commit-for-each-mail.md`.
"""

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast

from django.db import DatabaseError, InterfaceError, connection

from tocsin.delivery.channel import Answer, Handed
from tocsin.delivery.owners import own_name
from tocsin.outreach.dispatch_states import EventName
from tocsin.outreach.sending_rules import SendingRules, back_off_s
from tocsin.store.dispatch_claims import ClaimedDispatch
from tocsin.store.dispatch_tries import accept_and_begin, begin_dispatch, record_outcome

_LONGEST_WAIT_S = 2.0


@dataclass(frozen=True)
class _Held:
    """A message that was accepted, which is not written down yet."""

    claim: ClaimedDispatch
    answer: Answer
    owner: str


@dataclass
class SendingRecord:
    """The tries of one process's sender.

    Attributes:
        rules: how long to wait for what.
        n_outcomes: how many tries ended how.
        refused_because: why the last try was put off; empty if it was not.
    """

    rules: SendingRules
    n_outcomes: Counter[Handed] = field(default_factory=Counter, init=False)
    refused_because: str = field(default="", init=False)
    _held: _Held | None = field(default=None, init=False)

    @property
    def holds(self) -> bool:
        """Whether an acceptance is held back."""
        return self._held is not None

    def hold(self, claim: ClaimedDispatch, answer: Answer, owner: str) -> None:
        """Hold an acceptance back until the next message begins, or `settle` is called."""
        self.settle()
        self._count(answer)
        self._held = _Held(claim, answer, owner)

    def settle(self) -> None:
        """Record what is held back, as often as it takes."""
        if (held := self._held) is not None:
            self._write(held.claim, held.answer, held.owner)
            self._held = None

    def begin(self, claim: ClaimedDispatch, owner: str) -> bool:
        """Mark that a message may be leaving from now on; return False if it must not.

        What is held back is recorded with it. If that raises, neither is known to be written: what
        is held back stays so.

        Raises:
            DatabaseError, InterfaceError: if the database does not say that it was committed.
        """
        quarantine = timedelta(seconds=self.rules.quarantine_s)
        if (held := self._held) is not None:
            answer = held.answer.code, held.answer.text
            is_kept, may = accept_and_begin(
                held.claim, held.owner, answer, claim, (owner, quarantine)
            )
            if is_kept:
                self._held = None
                return may
            self.settle()  # somebody has decided about it meanwhile
        return begin_dispatch(claim, owner, quarantine)

    def keep(self, claim: ClaimedDispatch, answer: Answer, owner: str = "") -> None:
        """Record how a try ended, as often as it takes; never send again for it."""
        self.settle()
        self._count(answer)
        self._write(claim, answer, owner)

    def _count(self, answer: Answer) -> None:
        self.n_outcomes[answer.outcome] += 1
        is_later = answer.outcome in {Handed.REFUSED_FOR_NOW, Handed.NOT_BEGUN}
        self.refused_because = answer.text if is_later else ""

    def _write(self, claim: ClaimedDispatch, answer: Answer, owner: str) -> None:
        event, wait_s = self._event_of(claim, answer.outcome)
        wait = None if wait_s is None else timedelta(seconds=wait_s)
        pause_s = 0.02
        while True:
            try:
                record_outcome(claim, owner or own_name(), event, (answer.code, answer.text), wait)
            except (DatabaseError, InterfaceError):
                connection.close()
                time.sleep(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_WAIT_S)
            else:
                return

    def _event_of(self, claim: ClaimedDispatch, outcome: Handed) -> tuple[EventName, float | None]:
        """Return where an outcome leads a dispatch, and how long it waits if that is the queue."""
        later_s = back_off_s(claim.n_tries + 1, self.rules)
        if outcome is Handed.REFUSED_FOR_NOW:
            return ("refuse", None) if later_s is None else ("refuse_for_now", later_s)
        if outcome is Handed.NOT_BEGUN:
            return "not_begun", self.rules.back_off_s[0]
        if outcome is Handed.UNKNOWN and later_s is not None and _may_repeat(claim):
            return "repeat", later_s
        return cast("EventName", outcome.value), None


def _may_repeat(claim: ClaimedDispatch) -> bool:
    """Whether the vendor has promised to take a repeat as the same message, and still does."""
    return claim.repeat_until is not None and datetime.now(tz=UTC) < claim.repeat_until
