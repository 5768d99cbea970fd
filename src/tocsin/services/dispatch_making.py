"""Dispatches are made here and nowhere else: channel, times, the bytes of a mail or text.

A message's bytes are made once, before any sender sees it, and sealed with the key of who is
written to: every attempt hands over the same bytes, and with the key they are gone. Mails of a
large release are made afterwards, some at a time (`services.mail_making`), before a sender sees
them; the letters of a vendor as well (`services.letter_making`).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import cast
from uuid import UUID, uuid4

from tocsin.delivery.channel import content_sha256
from tocsin.delivery.mail_message import MailParts, MailUnfit, build_mail
from tocsin.delivery.short_message import ShortMessage, ShortMessageUnfit, build_short_message
from tocsin.delivery.smtp_relay import is_plain_address
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState
from tocsin.outreach.letter import LetterText
from tocsin.outreach.letter_fields import fill_letter
from tocsin.outreach.prefaces import Preface, preface_text
from tocsin.outreach.short_texts import ShortKind, short_text
from tocsin.outreach.telephone import international_number
from tocsin.render.letter_plain import Parts, join_plain, list_devices, plain_parts
from tocsin.render.letter_spoken import SpokenLetter, speak_letter
from tocsin.services.letter_devices import letter_devices
from tocsin.services.letter_values import Values
from tocsin.services.mail_place import MailPlace, find_mail_place
from tocsin.services.outlets import vendor_for
from tocsin.store.home import find_home
from tocsin.store.issued_letters import issue_letters
from tocsin.store.letter_rows import read_text
from tocsin.store.models import (
    Action,
    Dispatch,
    DispatchMessage,
    LetterVersion,
    Person,
    Recipient,
    Vendor,
)
from tocsin.store.new_rows import add_rows
from tocsin.store.vault import Vault

Devices = Mapping[int, Sequence[Mapping[str, str]]]
MESSAGE = "message"
"""What is sealed, as the vault names it."""


@dataclass(frozen=True)
class Order:
    """What dispatch is to be made.

    Attributes:
        purpose: a step of the ladder, or why it is one more.
        not_before, not_after: when it may leave.
        replaces: the dispatch that it may repeat.
        preface: what kind of paragraph stands before the letter's own text; None: none.
        is_made_later: whether the bytes of a mail are left to `services.mail_making`.
    """

    recipient: Recipient
    channel: Channel
    purpose: str
    not_before: datetime
    not_after: datetime
    replaces: int | None = None
    preface: Preface | None = None
    is_made_later: bool = False


@dataclass(frozen=True)
class Made:
    """A dispatch that is not yet written, with its message if a sender hands one over."""

    dispatch: Dispatch
    message: DispatchMessage | None


class DispatchMaker:
    """Makes dispatches of one action."""

    def __init__(
        self, action: Action, now: datetime, values: Values, devices: Devices | None = None
    ) -> None:
        """Take the action, the time of the act, and what fills in letters.

        Args:
            action: the action.
            now: the time of the act.
            values: what fills in the fields.
            devices: recipient -> what `letter_devices` tells; without, it is read one by one.
        """
        self._action = action
        self._now = now
        self._values = values
        self._vault = Vault(find_home().persons_key)
        self._letters: dict[int, LetterText] = {}
        self._devices = devices
        self._vendors: dict[Channel, Vendor | None] = {}
        self._texts: dict[tuple[int, str], tuple[str, Parts]] = {}

    @cached_property
    def place(self) -> MailPlace | None:
        """Return where mail leaves; None if no relay is set up."""
        return find_mail_place()

    def vendor_of(self, channel: Channel) -> Vendor | None:
        """Return by whom text messages or letters leave; None if no vendor carries them."""
        if channel not in self._vendors:
            self._vendors[channel] = vendor_for(channel)
        return self._vendors[channel]

    def make(self, order: Order, private: Mapping[str, str], addressee: Person) -> Made:
        """Return a dispatch.

        Args:
            order: what is to be made.
            private: name and addresses of who is written to.
            addressee: who that is, with their key.

        Raises:
            MailUnfit, ShortMessageUnfit, ShortTextUnfit: if no message can be made of it.
            FieldsMissing: if the letter names what nothing fills in.
        """
        recipient, reference = order.recipient, uuid4()
        dispatch = Dispatch(
            organisation_id=self._action.organisation_id,
            action=self._action,
            recipient=recipient,
            letter_version_id=recipient.letter_version_id,
            person_id=recipient.person_id,
            addressee_id=recipient.addressee_id,
            channel=str(order.channel),
            purpose=order.purpose,
            replaces_id=order.replaces,
            state=str(DispatchState.QUEUED),
            state_at=self._now,
            queued_at=self._now,
            not_before=order.not_before,
            not_after=order.not_after,
            reference=reference,
        )
        if order.channel is Channel.SMS:
            return Made(dispatch, self._short_message(dispatch, order, private, addressee))
        if order.channel is Channel.LETTER and (vendor := self.vendor_of(Channel.LETTER)):
            dispatch.vendor, dispatch.state = vendor, str(DispatchState.BEING_MADE)
        if order.channel is not Channel.EMAIL:
            return Made(dispatch, None)
        if order.is_made_later:
            self._address(dispatch, private)
            dispatch.state = str(DispatchState.BEING_MADE)
            return Made(dispatch, None)
        return Made(dispatch, self.message_of(dispatch, private, addressee, order.preface))

    def letter_of(self, version: LetterVersion) -> LetterText:
        """Return the text of a letter version."""
        if version.pk not in self._letters:
            self._letters[version.pk] = read_text(version)
        return self._letters[version.pk]

    def plain_text(self, recipient: Recipient) -> tuple[str, str]:
        """Return subject and text of a recipient's letter, with their devices and how to answer.

        Raises:
            FieldsMissing: if the letter names what nothing fills in.
        """
        values = self._values(recipient)
        key = (recipient.letter_version_id, recipient.country)
        if key not in self._texts:
            letter = fill_letter(self.letter_of(recipient.letter_version), values)
            self._texts[key] = letter.subject, plain_parts(letter)
        subject, parts = self._texts[key]
        language = self.letter_of(recipient.letter_version).language
        devices = self._devices_of(recipient)
        text = join_plain(parts, devices)
        if devices and all(isinstance(part, str) for part in parts):
            text += f"\n{preface_text('devices', language)}\n{list_devices(devices)}\n"
        if "answer_link" in values:
            told = {name: str(each) for name, each in values.items() if name.startswith("answer_")}
            text += f"\n{preface_text('answer', language).format(**told)}\n"
        return subject, text

    def spoken_letter(self, recipient: Recipient) -> SpokenLetter:
        """Return a recipient's letter as it is said at the telephone, with their devices.

        Raises:
            FieldsMissing: if the letter names what nothing fills in.
        """
        values, devices = self._values(recipient), self._devices_of(recipient)
        letter = fill_letter(self.letter_of(recipient.letter_version), values)
        lead = preface_text("devices", letter.language)
        return speak_letter(letter, devices, str(values.get("hotline", "")), lead)

    def _devices_of(self, recipient: Recipient) -> Sequence[Mapping[str, str]]:
        if self._devices is None:
            run = recipient.release.scope_release.run
            return letter_devices(run, [recipient]).get(recipient.pk, ())
        return self._devices.get(recipient.pk, ())

    def _address(self, dispatch: Dispatch, private: Mapping[str, str]) -> MailPlace:
        """Give a mail what names it: to the relay, in notifications, to the throttle."""
        place = self.place
        address = private.get("email", "")
        if place is None or not is_plain_address(address):
            raise MailUnfit(
                f"No mail can be made for recipient {dispatch.recipient_id}: "
                f"{'no relay is set up' if place is None else 'the address is unfit'}. Nothing was "
                "queued. Set up [mail] in settings.toml, or choose another channel."
            )
        dispatch.message_id = place.message_id(self._action.pk, dispatch.reference)
        dispatch.bounce_token = place.bounce_token(dispatch.reference)
        dispatch.destination = place.destination(address)
        return place

    def message_of(
        self,
        dispatch: Dispatch,
        private: Mapping[str, str],
        addressee: Person,
        preface: Preface | None = None,
    ) -> DispatchMessage:
        """Return the sealed bytes of a mail, and note their hash in its dispatch.

        Raises:
            MailUnfit: if a mail cannot be made of it.
            FieldsMissing: if the letter names what nothing fills in.
        """
        place = self._address(dispatch, private)
        address = private["email"]
        subject, text = self.plain_text(dispatch.recipient)
        if preface:
            before = preface_text(preface, dispatch.recipient.letter_version.language)
            text = f"{before}\n\n{text}"
        content = build_mail(
            MailParts(
                from_name=place.mail.sender_name,
                from_address=place.mail.sender,
                to_name=private.get("name", ""),
                to_address=address,
                subject=subject,
                text=text,
                message_id=dispatch.message_id,
                sent_at=dispatch.not_before,
                language=self.letter_of(dispatch.recipient.letter_version).language,
            )
        )
        way = place.sender_of(dispatch.bounce_token), address
        return self._seal(dispatch, addressee, way, content)

    def _short_message(
        self,
        dispatch: Dispatch,
        order: Order,
        private: Mapping[str, str],
        addressee: Person,
    ) -> DispatchMessage:
        vendor, number = self.vendor_of(Channel.SMS), international_number(private.get("phone", ""))
        if vendor is None or number is None:
            raise ShortMessageUnfit(
                f"No text message can be made for recipient {order.recipient.pk}: "
                f"{'there is no vendor' if vendor is None else 'no number with its country'}. "
                "Nothing was queued. Add a vendor (`tocsin vendor add`), or choose another channel."
            )
        values = self._values(order.recipient)
        letter = self.letter_of(order.recipient.letter_version)
        own = fill_letter(letter, values).short or "" if letter.short else ""
        kind: ShortKind = "letter"
        if order.preface in {"reminder", "possible_copy"}:
            kind = cast("ShortKind", order.preface)
        told = short_text(
            kind, letter.language, vendor.sender_name, str(values.get("answer_link", "")), own
        )
        message = ShortMessage(
            dispatch.reference.hex, number, vendor.sender_name, letter.language, told
        )
        dispatch.vendor = vendor
        content = build_short_message(message)
        return self._seal(dispatch, addressee, (vendor.sender_name, number), content)

    def _seal(
        self, dispatch: Dispatch, addressee: Person, way: tuple[str, str], content: bytes
    ) -> DispatchMessage:
        return seal_message(self._vault, dispatch, addressee, way, content)


def seal_message(
    vault: Vault, dispatch: Dispatch, addressee: Person, way: tuple[str, str], content: bytes
) -> DispatchMessage:
    """Return envelope and bytes of a dispatch, sealed with the key of who is written to.

    Their hash is noted in the dispatch.

    Args:
        vault: which seals it.
        dispatch: whose message it is.
        addressee: who is written to, with their key.
        way: from and to whom, as the channel wants it.
        content: the bytes.
    """
    dispatch.sha256 = content_sha256(content)
    sender, recipient = way
    sealed = vault.seal_bytes(
        addressee.pk,
        bytes(addressee.key.wrapped),
        f"{MESSAGE} {dispatch.reference}",
        json.dumps({"from": sender, "to": recipient}).encode() + b"\n" + content,
    )
    return DispatchMessage(dispatch=dispatch, sealed=sealed)


def open_message(
    vault: Vault, person_id: UUID, wrapped: bytes, reference: UUID, sealed: bytes
) -> tuple[str, str, bytes]:
    """Return sender, recipient and bytes of a sealed message.

    Raises:
        SecretUnreadable: if it was changed, or is another's.
    """
    opened = vault.open_bytes(person_id, wrapped, f"{MESSAGE} {reference}", sealed)
    head, _, content = opened.partition(b"\n")
    envelope = json.loads(head)
    return envelope["from"], envelope["to"], content


def write_made(made: list[Made]) -> None:
    """Write dispatches with their messages, in the transaction of the caller.

    What will be printed gets its letter id and code.
    """
    rows = [each.dispatch for each in made]
    add_rows(rows)
    issue_letters(row for row in rows if row.channel == Channel.LETTER)
    messages = [each.message for each in made if each.message is not None]
    for message in messages:
        message.dispatch_id = message.dispatch.pk
    add_rows(messages)
