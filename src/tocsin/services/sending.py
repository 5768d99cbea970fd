"""The sender: claims messages, hands each over once, and keeps what became of it.

All channels alike (`delivery.channel`). Offered first; then `handing_over` is committed under the
fence, with the outcome of the message before (`services.sending_record`); then the message itself.
A known outcome is recorded until the database takes it. An unknown one is never handed over again:
a person decides (`services.unknown_outcomes`). Only a vendor that has promised to take a repeat as
the same message gets one. Source: `docs/adr/0029-dispatches-and-unknown-outcomes.md`.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic as _now_s

from django.db import DatabaseError, InterfaceError

from tocsin.base.errors import TocsinError, first_line
from tocsin.delivery.channel import (
    Answer,
    ChannelUnfit,
    DeliveryChannel,
    Envelope,
    Handed,
    content_sha256,
)
from tocsin.delivery.owners import is_gone, own_name
from tocsin.delivery.smtp_relay import SmtpRelay
from tocsin.outreach.sending_rules import SendingRules, sending_rules
from tocsin.services.dispatch_making import open_message
from tocsin.services.outlets import Key, Outlet, find_outlets
from tocsin.services.sending_record import SendingRecord
from tocsin.store.arming import is_armed
from tocsin.store.dispatch_claims import ClaimedDispatch, claim_dispatches, give_back
from tocsin.store.home import find_home
from tocsin.store.left_dispatches import owners_under_lease, settle_left
from tocsin.store.vault import SecretUnreadable, Vault

_FEWEST_AT_ONCE, _MOST_AT_ONCE = 20, 320
_QUICK_BATCH_S, _SLOW_BATCH_S = 1.0, 5.0
"""A batch that took less is followed by one twice as large: claiming has a price of its own. One
that took more is followed by half of it: what is claimed waits for us, and for nobody else."""
_ARMED_FOR_S = 0.5
_OFFER_WAIT_S = 0.05
"""How long a known outcome waits for the relay's answer to the next offer. Most answer within a
millisecond; a longer wait would only make it likelier that a killed sender takes it with it."""
_SHORTEST_REST_S, _LONGEST_REST_S = 0.5, 30.0


@dataclass
class _Way:
    """An outlet as this process uses it: its channel, and until when it is left alone."""

    outlet: Outlet
    channel: DeliveryChannel | None = None
    away_because: str = ""
    away_until_s: float = 0.0
    wait_s: float = _SHORTEST_REST_S
    n_at_once: int = _FEWEST_AT_ONCE

    def took(self, seconds: float) -> None:
        """Choose the size of the next batch by how long a full one took."""
        if seconds < _QUICK_BATCH_S:
            self.n_at_once = min(2 * self.n_at_once, _MOST_AT_ONCE)
        elif seconds > _SLOW_BATCH_S:
            self.n_at_once = max(self.n_at_once // 2, _FEWEST_AT_ONCE)

    def opened(self) -> DeliveryChannel:
        """Return its channel, ready to be used.

        Raises:
            ChannelUnfit: if it cannot be used now.
        """
        try:
            if self.channel is None:
                self.channel = self.outlet.make()
            self.channel.open()
        except TocsinError as error:
            raise ChannelUnfit(error.sentence.rstrip(".")) from error
        self.away_because, self.wait_s = "", _SHORTEST_REST_S
        return self.channel

    def rest(self, because: str) -> None:
        """Leave it alone for a while, each time for longer."""
        self.away_because = because
        self.away_until_s = _now_s() + self.wait_s
        self.wait_s = min(2 * self.wait_s, _LONGEST_REST_S)


@dataclass
class Sender:
    """One process's sender, with one connection to each way out.

    Attributes:
        is_stopping: asked before each message; once it says so, nothing more is begun.
        rules: how long to wait for what.
        hindrances: what somebody should know of ways out that do not take what waits, by name.
    """

    is_stopping: Callable[[], bool]
    rules: SendingRules = field(default_factory=sending_rules)
    hindrances: dict[str, str] = field(default_factory=dict, init=False)
    _ways: dict[Key, _Way] = field(default_factory=dict, init=False)
    _armed_until_s: float = field(default=0.0, init=False)
    _record: SendingRecord = field(init=False)

    def __post_init__(self) -> None:
        """Begin its record."""
        self._record = SendingRecord(self.rules)

    @property
    def n_outcomes(self) -> Counter[Handed]:
        """Return how many tries ended how, since it was made."""
        return self._record.n_outcomes

    def send_some(self) -> int:
        """Hand over what waits, a batch by each way out; return how many tries were made.

        A way out that is away is left alone for a while, and holds up no other.

        Raises:
            SettingsUnfit: if `settings.toml` cannot be used.
        """
        if not self._may_send():
            return 0
        n_tried = 0
        vault = Vault(find_home().persons_key)
        for outlet in find_outlets():
            way = self._ways.setdefault(outlet.key, _Way(outlet))
            way.outlet = outlet
            if _now_s() >= way.away_until_s:
                n_tried += self._send_by(way, vault)
        return n_tried

    def close(self) -> None:
        """End all connections."""
        for way in self._ways.values():
            if way.channel is not None:
                way.channel.close()

    def _may_send(self) -> bool:
        if self.is_stopping():
            return False
        if _now_s() >= self._armed_until_s:
            self._record.settle()  # what is asked now may take long
            if not is_armed(find_home()):
                return False
            self._armed_until_s = _now_s() + _ARMED_FOR_S
        return True

    def _send_by(self, way: _Way, vault: Vault) -> int:
        """Hand over a batch of what waits for one way out; return how many tries were made."""
        lease = timedelta(seconds=self.rules.lease_s)
        n, limits = way.n_at_once, way.outlet.limits
        claims, began_s = claim_dispatches(own_name(), way.outlet.key, n, lease, limits), _now_s()
        try:
            n_tried = self._send_each(way, claims, vault)
        finally:
            self._record.settle()  # whatever has happened
        if n_tried == n:
            way.took(_now_s() - began_s)
        return n_tried

    def _send_each(self, way: _Way, claims: list[ClaimedDispatch], vault: Vault) -> int:
        for number, claim in enumerate(claims):
            if not self._may_send():
                self._give_back(claims[number:])
                return number
            try:
                self._send(way.opened(), claim, vault, is_last=number + 1 == len(claims))
            except ChannelUnfit as error:
                self._give_back(claims[number:])
                way.rest(str(error))
                self.hindrances[way.outlet.name] = (
                    f"{error}. Nothing is lost: what waits is tried again."
                )
                return number
            said = self._record.refused_because
            if said:
                self.hindrances[way.outlet.name] = (
                    f"{way.outlet.name} takes nothing now: {said}. It is tried again later."
                )
            else:
                self.hindrances.pop(way.outlet.name, None)
        return len(claims)

    def _send(
        self, channel: DeliveryChannel, claim: ClaimedDispatch, vault: Vault, *, is_last: bool
    ) -> None:
        """Hand one dispatch over, and keep what became of it, or hold that for the next.

        Raises:
            ChannelUnfit: if the channel has gone away; nothing was begun.
        """
        record = self._record
        try:
            sender, recipient, content = self._read(claim, vault)
            envelope = Envelope(sender, recipient, claim.reference.hex)
            refused = self._offer(channel, envelope, content)
        except (SecretUnreadable, ValueError) as error:
            record.keep(claim, Answer(Handed.REFUSED, 0, f"not sent: {type(error).__name__}"))
            return
        if refused is not None:
            record.keep(claim, refused)
            return
        owner = own_name(channel.local_port)
        try:
            may = record.begin(claim, owner)
        except (DatabaseError, InterfaceError) as error:
            # Whether it was committed is not known; that nothing has left is.
            record.settle()
            channel.withdraw()
            because = f"the database did not keep that it begins: {first_line(error)[:200]}"
            record.keep(claim, Answer(Handed.NOT_BEGUN, 0, because))
            return
        if not may:
            channel.withdraw()
            self._give_back([claim])
            return
        answer = channel.hand_over()
        # Only an acceptance, and only while nothing slow comes next: connecting, or no message.
        is_held = answer.outcome is Handed.ACCEPTED and not is_last and _can_ask(channel)
        (record.hold if is_held else record.keep)(claim, answer, owner)

    def _offer(self, channel: DeliveryChannel, envelope: Envelope, content: bytes) -> Answer | None:
        """Offer a message; what is held back does not wait for a channel that is slow."""
        if self._record.holds and isinstance(channel, SmtpRelay):
            channel.ask(envelope, content)
            if not channel.takes_soon(_OFFER_WAIT_S):
                self._record.settle()
            return channel.answer()
        self._record.settle()
        return channel.offer(envelope, content)

    def _give_back(self, claims: list[ClaimedDispatch]) -> None:
        self._record.settle()
        give_back(claims)

    @staticmethod
    def _read(claim: ClaimedDispatch, vault: Vault) -> tuple[str, str, bytes]:
        """Return envelope and bytes of a dispatch; they must be those that were released."""
        if claim.sealed is None or claim.wrapped is None:
            raise ValueError("the message is no more: the person was erased")
        told = open_message(vault, claim.addressee_id, claim.wrapped, claim.reference, claim.sealed)
        if content_sha256(told[2]) != claim.sha256:
            raise ValueError("the bytes are not those that were queued")
        return told


def _can_ask(channel: DeliveryChannel) -> bool:
    """Whether a channel can be asked for the next message without waiting."""
    return isinstance(channel, SmtpRelay) and channel.is_open


def settle_what_was_left() -> tuple[int, int]:
    """Settle dispatches of senders that ended; return how many wait again, how many are unknown.

    What was not begun waits again. What was begun is unknown as soon as it is proved that the
    process and its connection are no more, or else after the quarantine.
    """
    gone = {owner for owner in owners_under_lease() if is_gone(owner)}
    return settle_left(gone)
