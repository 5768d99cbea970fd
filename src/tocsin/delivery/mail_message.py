"""A letter as a mail: its bytes, made once and the same for the same parts.

Nothing that a list or a letter says can add a line to the head: what could is refused, not mended.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from tocsin.base.errors import TocsinError
from tocsin.delivery.smtp_relay import is_plain_address

_POLICY = SMTP.clone(cte_type="7bit")


class MailUnfit(TocsinError):
    """A part of a mail could change its head, or is no address."""

    code = "mail_unfit"


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True)
class MailParts:
    """What a mail is made of.

    Attributes:
        from_name, from_address: who writes.
        to_name, to_address: to whom.
        reply_to: where answers go; empty for the sender.
        message_id: with its angle brackets.
        language: of the text, BCP 47.
    """

    from_name: str
    from_address: str
    to_name: str
    to_address: str
    subject: str
    text: str
    message_id: str
    sent_at: datetime
    language: str = ""
    reply_to: str = ""
    attachments: Sequence[Attachment] = ()


def build_mail(parts: MailParts) -> bytes:
    """Return a mail as bytes with CR LF, ready to be handed over; the same for the same parts.

    Raises:
        MailUnfit: if a part of its head has a control character, or an address is none.
    """
    _check_head(parts)
    mail = EmailMessage(_POLICY)
    mail["From"] = _address(parts.from_name, parts.from_address)
    mail["To"] = _address(parts.to_name, parts.to_address)
    if parts.reply_to:
        mail["Reply-To"] = _address("", parts.reply_to)
    mail["Subject"] = parts.subject
    mail["Date"] = format_datetime(parts.sent_at)
    mail["Message-ID"] = parts.message_id
    mail["Auto-Submitted"] = "auto-generated"
    if parts.language:
        mail["Content-Language"] = parts.language
    mail.set_content(parts.text, subtype="plain", charset="utf-8")
    for attachment in parts.attachments:
        main, _, sub = attachment.kind.partition("/")
        mail.add_attachment(
            attachment.content, maintype=main, subtype=sub, filename=attachment.name
        )
    if parts.attachments:
        mail.set_boundary(f"=_{parts.message_id.strip('<>').partition('@')[0]}")
    return mail.as_bytes()


def _check_head(parts: MailParts) -> None:
    head = [
        ("sender's name", parts.from_name),
        ("recipient's name", parts.to_name),
        ("subject", parts.subject),
        ("Message-ID", parts.message_id),
        ("language", parts.language),
        *(("name of an attachment", each.name) for each in parts.attachments),
    ]
    for what, text in head:
        if any(unicodedata.category(char) in {"Cc", "Zl", "Zp", "Cs"} for char in text):
            raise MailUnfit(
                f"The {what} of a mail has a control character, which could add a line to its "
                "head. The mail was not made. Correct the list or the letter that it comes from."
            )
    for what, address in (
        ("sender's", parts.from_address),
        ("recipient's", parts.to_address),
        ("reply", parts.reply_to or parts.from_address),
    ):
        if not is_plain_address(address):
            raise MailUnfit(
                f"The {what} address of a mail is none that every relay takes. The mail was not "
                "made. Correct the contact."
            )


def _address(name: str, address: str) -> Address:
    user, _, domain = address.partition("@")
    return Address(name, user, domain)
