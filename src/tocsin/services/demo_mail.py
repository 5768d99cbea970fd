"""The mail that the demonstration would send: files in a folder that a page of it shows."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.core.mail import EmailMessage as EmailMessageOfDjango
from django.core.mail.backends.base import BaseEmailBackend

from tocsin.base.errors import TocsinError
from tocsin.services.demo_only import check_demo
from tocsin.store.home import find_home

MOST = 200
_SUFFIX = ".eml"


class MailUnknown(TocsinError):
    """There is no such letter in the demonstration's mailbox."""

    code = "mail_unknown"


@dataclass(frozen=True)
class MailLine:
    """A letter in the mailbox."""

    name: str
    to: str
    subject: str
    at: datetime


@dataclass(frozen=True)
class MailShown:
    """A letter as it can be read here: its text, and the names of what is attached."""

    line: MailLine
    sender: str
    text: str
    attached: tuple[str, ...]


def mail_folder() -> Path:
    """Return where the demonstration keeps its mail."""
    return find_home().folder / "mail"


class FolderMail(BaseEmailBackend):
    """Django's mail about accounts, put into the mailbox instead of being sent."""

    def send_messages(self, email_messages: Sequence[EmailMessageOfDjango]) -> int:
        """Write each message as a file; return how many."""
        check_demo()
        for message in email_messages:
            keep_mail(message.message().as_bytes())
        return len(email_messages)


def keep_mail(data: bytes) -> Path:
    """Put a message into the mailbox, whole or not at all; return its file."""
    folder = mail_folder()
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{secrets.token_hex(8)}{_SUFFIX}"
    partial = path.with_suffix(".partial")
    partial.write_bytes(data)
    partial.rename(path)
    return path


def list_mail() -> list[MailLine]:
    """Return the newest letters, the last first. Only in the demonstration."""
    check_demo()
    files = sorted(_files(), key=lambda path: path.stat().st_mtime, reverse=True)
    return [_line(path, _read(path)) for path in files[:MOST]]


def read_mail(name: str) -> MailShown:
    """Return one letter. Only in the demonstration.

    Raises:
        MailUnknown: if there is none of this name.
    """
    check_demo()
    found = next((path for path in _files() if path.stem == name), None)
    if found is None:
        raise MailUnknown(f"There is no letter {name!r} in the mailbox of the demonstration.")
    message = _read(found)
    body = message.get_body(("plain", "html"))
    attached = tuple(part.get_filename() or "unnamed" for part in message.iter_attachments())
    text = str(body.get_content()) if body is not None else ""
    return MailShown(_line(found, message), str(message["From"] or ""), text, attached)


def _files() -> list[Path]:
    return [path for path in mail_folder().glob(f"*{_SUFFIX}") if path.is_file()]


def _read(path: Path) -> EmailMessage:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101 - what this policy makes
    return message


def _line(path: Path, message: EmailMessage) -> MailLine:
    at = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    return MailLine(path.stem, str(message["To"] or ""), str(message["Subject"] or ""), at)
