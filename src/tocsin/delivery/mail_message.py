"""A letter as a mail: its bytes, made once and the same for the same parts.

Nothing that a list or a letter says can add a line to the head: what could is refused, not mended.
"""

import base64
import binascii
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache

from tocsin.base.errors import TocsinError
from tocsin.delivery.smtp_relay import is_plain_address

_POLICY = SMTP.clone(cte_type="7bit")
_MOST_LINE = 78
_LONGEST_LINE = 998
"""Of a body (RFC 5322, 2.1.1): a link in plain text stays in one piece."""
_PLAIN = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")
"""What stands in a head as it is: printable ASCII that neither begins nor ends with a space."""


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
    if not parts.attachments:
        return _head(parts) + _text_part(parts)
    mail = EmailMessage(_POLICY)
    language = [f"Content-Language: {parts.language}"] if parts.language else []
    mail.set_content(parts.text, subtype="plain", charset="utf-8", headers=language)
    for attachment in parts.attachments:
        main, _, sub = attachment.kind.partition("/")
        mail.add_attachment(
            attachment.content, maintype=main, subtype=sub, filename=attachment.name
        )
    mail.set_boundary(f"=_{parts.message_id.strip('<>').partition('@')[0]}")
    return _head(parts) + mail.as_bytes()


def _head(parts: MailParts) -> bytes:
    """Return the lines of the head that say who writes what to whom and when."""
    told = [
        ("From", _address(parts.from_name, parts.from_address)),
        ("To", _address(parts.to_name, parts.to_address)),
        ("Reply-To", _address("", parts.reply_to) if parts.reply_to else ""),
        ("Subject", parts.subject),
        ("Date", format_datetime(parts.sent_at)),
        ("Auto-Submitted", "auto-generated"),
    ]
    lines = [_folded(name, text) for name, text in told if text]
    return "".join([*lines, f"Message-ID: {parts.message_id}\r\n"]).encode("ascii")


def _text_part(parts: MailParts) -> bytes:
    """Return a text as the whole body, with the lines of the head that tell how it is written.

    Written out, because the library reads and folds each line of a head three times for it, which
    takes ten times as long as everything else.
    """
    text = parts.text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.removesuffix("\n").split("\n")
    body = "".join(f"{line}\r\n" for line in lines).encode()
    if body.isascii() and max(map(len, lines)) <= _LONGEST_LINE:
        how = "7bit"
    else:
        how, body = min(_encodings(body), key=lambda each: len(each[1]))
    language = _folded("Content-Language", parts.language) if parts.language else ""
    head = (
        f'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: {how}\r\n'
        f"{language}MIME-Version: 1.0\r\n\r\n"
    )
    return head.encode("ascii") + body


def _encodings(body: bytes) -> list[tuple[str, bytes]]:
    """Return the ways in which any bytes can travel in lines of ASCII."""
    printable = binascii.b2a_qp(body.replace(b"\r\n", b"\n"), istext=True)
    return [
        ("quoted-printable", printable.replace(b"\n", b"\r\n")),
        ("base64", base64.encodebytes(body).replace(b"\n", b"\r\n")),
    ]


@lru_cache(maxsize=512)
def _folded(name: str, text: str) -> str:
    """Return one line of a head, folded and encoded where it must be."""
    if _PLAIN.fullmatch(text) and "=?" not in text and len(name) + len(text) + 2 <= _MOST_LINE:
        return f"{name}: {text}\r\n"
    made: str = _POLICY.fold(name, _POLICY.header_store_parse(name, text)[1])
    return made


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
        if not _PLAIN.fullmatch(text) and any(
            unicodedata.category(char) in {"Cc", "Zl", "Zp", "Cs"} for char in text
        ):
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


def _address(name: str, address: str) -> str:
    user, _, domain = address.partition("@")
    return str(Address(name, user, domain))
