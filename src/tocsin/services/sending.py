"""The sender: claims mails, hands each over once, and keeps what became of it.

Envelope first; then `handing_over` is committed under the fence; then the message itself. A known
outcome is recorded until the database takes it. An unknown one is never handed over again: a person
decides (`services.unknown_outcomes`). Source: `docs/adr/0029-dispatches-and-unknown-outcomes.md`.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import DatabaseError, InterfaceError, connection

from tocsin.base.errors import TocsinError
from tocsin.delivery.owners import is_gone, own_name
from tocsin.delivery.smtp_relay import (
    Envelope,
    Handed,
    RelayAnswer,
    RelayUnfit,
    SmtpRelay,
    content_sha256,
)
from tocsin.outreach.channels import Channel
from tocsin.outreach.sending_rules import SendingRules, back_off_s, sending_rules
from tocsin.services.dispatch_making import open_message
from tocsin.services.mail_place import MailPlace, find_mail_place
from tocsin.store.arming import is_armed
from tocsin.store.dispatch_claims import (
    ClaimedDispatch,
    begin_dispatch,
    claim_dispatches,
    give_back,
    owners_under_lease,
    record_outcome,
    settle_left,
)
from tocsin.store.home import find_home
from tocsin.store.vault import SecretUnreadable, Vault

N_AT_ONCE = 40
_ARMED_FOR_S = 0.5
_LONGEST_WAIT_S = 2.0


class RelayAway(TocsinError):
    """The relay cannot be used now; everything waits."""

    code = "relay_away"


@dataclass
class Sender:
    """One process's sender, with one connection to the relay.

    Attributes:
        is_stopping: asked before each message; once it says so, nothing more is begun.
        rules: how long to wait for what.
        n_outcomes: how many tries ended how, since it was made.
    """

    is_stopping: Callable[[], bool]
    rules: SendingRules = field(default_factory=sending_rules)
    n_outcomes: Counter[Handed] = field(default_factory=Counter, init=False)
    _relay: SmtpRelay | None = field(default=None, init=False)
    _armed_until_s: float = field(default=0.0, init=False)

    def send_some(self) -> int:
        """Hand over what waits, a batch at most; return how many tries were made.

        Raises:
            RelayAway: if the relay cannot be used; what was claimed was given back.
            SettingsUnfit: if `settings.toml` cannot be used.
        """
        place = find_mail_place()
        if place is None or not self._may_send():
            return 0
        claims = claim_dispatches(
            own_name(),
            {Channel.EMAIL},
            N_AT_ONCE,
            timedelta(seconds=self.rules.lease_s),
            place.limits(),
        )
        if not claims:
            return 0
        vault = Vault(find_home().persons_key)
        for number, claim in enumerate(claims):
            if not self._may_send():
                give_back(claims[number:])
                return number
            try:
                relay = self._opened(place)
            except RelayUnfit as error:
                give_back(claims[number:])
                raise RelayAway(f"{error}. Nothing is lost: what waits is tried again.") from error
            self._send(relay, claim, vault)
        return len(claims)

    def close(self) -> None:
        """End the connection to the relay."""
        if self._relay is not None:
            self._relay.close()

    def _may_send(self) -> bool:
        if self.is_stopping():
            return False
        if time.monotonic() >= self._armed_until_s:
            if not is_armed(find_home()):
                return False
            self._armed_until_s = time.monotonic() + _ARMED_FOR_S
        return True

    def _opened(self, place: MailPlace) -> SmtpRelay:
        if self._relay is None:
            self._relay = SmtpRelay(place.relay())
        self._relay.open()
        return self._relay

    def _send(self, relay: SmtpRelay, claim: ClaimedDispatch, vault: Vault) -> None:
        """Hand one dispatch over, and keep what became of it."""
        try:
            sender, recipient, content = self._read(claim, vault)
            envelope = Envelope(sender, recipient, claim.reference.hex)
        except (SecretUnreadable, ValueError) as error:
            self._keep(claim, RelayAnswer(Handed.REFUSED, 0, f"not sent: {type(error).__name__}"))
            return
        refused = relay.offer(envelope)
        if refused is not None:
            self._keep(claim, refused)
            return
        owner = own_name(relay.local_port)
        try:
            may = begin_dispatch(claim, owner, timedelta(seconds=self.rules.quarantine_s))
        except (DatabaseError, InterfaceError):
            # Whether it was committed is not known; that nothing has left is.
            relay.withdraw()
            self._keep(claim, RelayAnswer(Handed.NOT_BEGUN, 0, "the database went away"))
            return
        if not may:
            relay.withdraw()
            give_back([claim])
            return
        self._keep(claim, relay.hand_over(content), owner)

    @staticmethod
    def _read(claim: ClaimedDispatch, vault: Vault) -> tuple[str, str, bytes]:
        """Return envelope and bytes of a dispatch; they must be those that were released."""
        if claim.sealed is None or claim.wrapped is None:
            raise ValueError("the message is no more: the person was erased")
        told = open_message(vault, claim.addressee_id, claim.wrapped, claim.reference, claim.sealed)
        if content_sha256(told[2]) != claim.sha256:
            raise ValueError("the bytes are not those that were queued")
        return told

    def _keep(self, claim: ClaimedDispatch, answer: RelayAnswer, owner: str = "") -> None:
        """Record how a try ended, as often as it takes; never send again for it."""
        self.n_outcomes[answer.outcome] += 1
        event, wait_s = answer.outcome, None
        if event is Handed.REFUSED_FOR_NOW:
            wait_s = back_off_s(claim.n_tries + 1, self.rules)
            event = Handed.REFUSED if wait_s is None else event
        elif event is Handed.NOT_BEGUN:
            wait_s = self.rules.back_off_s[0]
        wait = None if wait_s is None else timedelta(seconds=wait_s)
        pause_s = 0.02
        while True:
            try:
                record_outcome(
                    claim, owner or own_name(), event.value, (answer.code, answer.text), wait
                )
            except (DatabaseError, InterfaceError):
                connection.close()
                time.sleep(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_WAIT_S)
            else:
                return


def settle_what_was_left() -> tuple[int, int]:
    """Settle dispatches of senders that ended; return how many wait again, how many are unknown.

    What was not begun waits again. What was begun is unknown as soon as it is proved that the
    process and its connection are no more, or else after the quarantine.
    """
    gone = {owner for owner in owners_under_lease() if is_gone(owner)}
    return settle_left(gone)
