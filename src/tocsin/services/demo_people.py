"""How invented people behave who get the demonstration's letters: what comes back, who answers.

The shares are assumptions, told on the page; every figure that the demonstration shows is counted
from what the store holds afterwards.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from email.message import EmailMessage
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from typing import TypeVar

import numpy as np

from tocsin.delivery.local_mailbox import TakenMail
from tocsin.outreach.reply import DeviceOutcome, DeviceReply, Doing, PersonOutcome, Reply
from tocsin.outreach.reply_lines import Means, ReplyLine
from tocsin.services.answer_forms import AnswerForm
from tocsin.services.asked_devices import AskedDevice

T = TypeVar("T")
_TOKEN = re.compile(rb"/a/([0-9A-Z]{26})\b")
_VERSIONS = ("2.4A", "2.5B", "2.6A", "2.7B")
_STATUSES = (("5.1.1", "no such mailbox"), ("5.2.2", "mailbox full"), ("5.7.1", "refused by rule"))


@dataclass(frozen=True)
class Behaviour:
    """Shares, from 0 to 1, of what people do with a letter that has reached them.

    Attributes:
        bounces: mails of which a notification comes back.
        visits: of those for whom a letter waits at their clinic: they have come.
        confirms: of these hand-overs: the clinic confirms them in writing.
        answers: of the mails that stay.
        astray: of the answers: moved, deceased, another person, will not answer.
        knows_first_step, done: of the answers by who is meant.
        knows_version: of those who are asked for it, or for the model.
        passed_on, problem, wants: of the answers about devices.
    """

    bounces: float = 0.03
    visits: float = 0.4
    confirms: float = 0.85
    answers: float = 0.25
    astray: float = 0.04
    knows_first_step: float = 0.93
    done: float = 0.88
    knows_version: float = 0.8
    passed_on: float = 0.03
    problem: float = 0.02
    wants: float = 0.7

    def sentences(self) -> tuple[str, ...]:
        """Return what is assumed, for whoever reads the figures."""
        came = (
            f"Simulated: of {self.bounces:.0%} of the mails a notification of failure comes back, "
            f"{self.answers:.0%} of the others are answered within hours. Where clinics hand "
            f"letters over, {self.visits:.0%} of their people have come to a visit, and "
            f"{self.confirms:.0%} of the hand-overs are confirmed."
        )
        said = (
            f"Simulated: {self.astray:.0%} of the answers say moved, deceased, wrong person or no; "
            f"{self.knows_first_step:.0%} know the first step, {self.done:.0%} have done what "
            f"applies, {self.knows_version:.0%} of those asked find their version or model."
        )
        return came, said


BEHAVIOUR = Behaviour()


def choose(rng: np.random.Generator, things: Sequence[T], share: float) -> list[T]:
    """Return a share of mails or whatever it be, drawn by chance, in their order."""
    draws = rng.random(len(things))
    return [each for each, draw in zip(things, draws, strict=True) if draw < share]


def token_of(mail: TakenMail) -> str:
    """Return the token of the answer link that a mail holds; empty if it holds none."""
    content = mail.content.replace(b"=\r\n", b"")  # quoted-printable folds long lines
    found = _TOKEN.search(content)
    return found[1].decode() if found else ""


def bounces_of(rng: np.random.Generator, mails: Iterable[TakenMail]) -> Iterator[bytes]:
    """Yield a notification after RFC 3464 for each mail, as a relay would send it back."""
    for mail in mails:
        status, words = _STATUSES[int(rng.choice(len(_STATUSES), p=[0.7, 0.25, 0.05]))]
        report = MIMEMultipart("report")
        report.set_param("report-type", "delivery-status")
        report["From"], report["To"] = "MAILER-DAEMON@mail.example", mail.sender
        report["Subject"] = "Undelivered mail"
        report.attach(MIMEText("Your message was not delivered.", "plain", "us-ascii"))
        told = MIMEBase("message", "delivery-status")
        whole, one = EmailMessage(), EmailMessage()
        whole["Reporting-MTA"] = "dns; mail.example"
        if mail.envelope_id:
            whole["Original-Envelope-Id"] = mail.envelope_id
        one["Final-Recipient"] = f"rfc822; {mail.recipient}"
        one["Action"], one["Status"] = "failed", status
        one["Diagnostic-Code"] = f"smtp; 550 {status} {words}"
        told.set_payload([whole, one])
        report.attach(told)
        head = mail.content.partition(b"\r\n\r\n")[0].decode("ascii", "replace")
        report.attach(MIMEText(f"{head}\n", "rfc822-headers", "us-ascii"))
        yield report.as_bytes()


def reply_to(rng: np.random.Generator, form: AnswerForm, like: Behaviour = BEHAVIOUR) -> Reply:
    """Return what somebody answers to a letter."""
    if rng.random() < like.astray:
        others = [each for each in PersonOutcome if each is not PersonOutcome.ANSWERS]
        return Reply(others[int(rng.integers(len(others)))], is_confirmed=True)
    has_done = rng.random() < like.done
    reply = Reply(
        PersonOutcome.ANSWERS,
        {each.key: _device(rng, like, each) for each in form.devices},
        {key: Doing.DONE if has_done else Doing.NOT_YET for key, _ in form.instructions}
        | {
            line.key: _doing(rng, like, line, has_done=has_done)
            for line in form.lines
            if line.doings
        },
        knows_first_step=bool(rng.random() < like.knows_first_step),
        is_confirmed=True,
    )
    if form.offers:
        reply = replace(reply, wants_replacement=bool(rng.random() < like.wants))
    if form.devices and rng.random() < like.problem:
        reply = replace(reply, problem="The readings were not right last week.")
    return reply


def _doing(rng: np.random.Generator, like: Behaviour, line: ReplyLine, *, has_done: bool) -> Doing:
    """Return what somebody says to a statement of the letter's reply form."""
    match line.means:
        case Means.UNDERSTOOD:
            return Doing.DONE if rng.random() < like.knows_first_step else Doing.NOT_UNDERSTOOD
        case Means.DONE:
            return Doing.DONE if has_done else Doing.NOT_YET
        case _:
            return Doing.NOT_FOR_ME


def _device(rng: np.random.Generator, like: Behaviour, device: AskedDevice) -> DeviceReply:
    if rng.random() < like.passed_on:
        return DeviceReply(DeviceOutcome.PASSED_ON, passed_on_to="somebody else in the family")
    found: dict[str, str] = {}
    lost = []
    for asked in device.asked:
        if rng.random() >= like.knows_version:
            lost.append(asked.column)
        elif asked.column == "software_version":
            found |= {asked.column: _VERSIONS[int(rng.integers(len(_VERSIONS)))]}
        elif asked.choices:
            found |= dict(asked.choices[int(rng.integers(len(asked.choices)))].columns)
    version = found.pop("software_version", "")
    return DeviceReply(DeviceOutcome.HAVE, version, told=found, not_found=tuple(lost))
