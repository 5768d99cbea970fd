"""A mail's bytes say exactly what its parts say, whatever a list or a letter holds."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from itertools import product

import pytest

from tocsin.delivery.mail_message import Attachment, MailParts, MailUnfit, build_mail

NAMES = (
    "", "Zoe Zwetschge", "Zoë Zwetschge", "Müller, Hans", "name <x@y.example>", "Group: 1; 2",
    'O\'Brien "X" \\', "山田 太郎", "very long name " * 9 + "x", "a" * 120,
)  # fmt: skip
SUBJECTS = (
    "Hi",
    "Überraschung " * 9 + "!",
    "plain words " * 12 + ".",
    "x" * 200,
    "Re: [list] 50 % off?",
)
TEXTS = (
    "", "a\n.b\nFrom me\n\n. \n", "ü" * 300 + "\n\n indented\n\nend", "山" * 200, "x" * 2000,
    "tab\t\nequals = sign\nspaces  ", "form\x0cfeed and \u2028 stay\n",
)  # fmt: skip


def parts(name: str, subject: str, text: str, *attachments: Attachment) -> MailParts:
    return MailParts(
        "Acme, Safety", "safety@sender.example", name, "x@recipient.example", subject, text,
        "<1.abc@sender.example>", datetime(2026, 12, 1, tzinfo=UTC), "nl", attachments=attachments,
    )  # fmt: skip


@pytest.mark.parametrize("attachments", [(), (Attachment("letter.pdf", "a/b", b"\x00\n"),)])
def test_a_mail_reads_as_it_was_written(attachments: tuple[Attachment, ...]) -> None:
    names = NAMES[:2] if attachments else NAMES
    for name, subject, text in product(names, SUBJECTS, TEXTS):
        told = parts(name, subject, text, *attachments)
        content = build_mail(told)
        assert content == build_mail(told)
        assert content.isascii()
        assert b"\n" not in content.replace(b"\r\n", b"")
        assert max(map(len, content.split(b"\r\n"))) <= 998
        read = message_from_bytes(content, policy=policy.default)
        (to,) = read["To"].addresses
        assert (to.display_name, to.addr_spec) == (name, "x@recipient.example")
        assert read["Subject"] == subject
        assert read["From"].addresses[0].display_name == "Acme, Safety"
        assert read["Message-ID"] == "<1.abc@sender.example>"
        body = read.get_body(("plain",))
        assert body is not None
        assert body["Content-Language"] == "nl"
        shown = body.get_content().replace("\r\n", "\n")
        assert shown.removesuffix("\n") == text.removesuffix("\n")
        assert len(list(read.iter_attachments())) == len(attachments)


@pytest.mark.parametrize("bad", ["a\nBcc: x@y.example", "a\r", "a\x00", "a\u2028"])
def test_nothing_adds_a_line_to_the_head(bad: str) -> None:
    for told in (parts(bad, "Hi", ""), parts("Zoe", bad, "")):
        with pytest.raises(MailUnfit):
            build_mail(told)
