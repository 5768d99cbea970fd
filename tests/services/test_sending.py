"""One commit for two mails: an acceptance is recorded with the next beginning, or at once alone."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection

from tests.lib.databases import Opened
from tests.lib.scripted_relay import Script, ScriptedRelay, scripted_relay
from tests.lib.sending import arm, arrange, make_home
from tocsin.delivery.channel import Answer, Envelope, Handed
from tocsin.delivery.smtp_relay import RelayPlace, SmtpRelay
from tocsin.outreach.sending_rules import sending_rules
from tocsin.services.sending import Sender
from tocsin.store.models import Dispatch, DispatchAttempt

OK = b"250 2.1.0 ok\r\n"
SECONDS = 20.0
BREAK = """
CREATE TRIGGER broken BEFORE UPDATE OF state ON store_dispatch
WHEN NEW.state = 'handing_over' AND NEW.id = {second}
BEGIN SELECT RAISE(ABORT, 'a fault in the combined commit'); END
"""


def take_all(_verb: str, _n: int) -> bytes:
    return OK


def states() -> list[str]:
    return list(Dispatch.everywhere.order_by("pk").values_list("state", flat=True))


def outcomes() -> list[tuple[int, str]]:
    """Return which mail, from 1 on, had which outcome."""
    first = Dispatch.everywhere.order_by("pk").values_list("pk", flat=True)[0]
    rows = DispatchAttempt.everywhere.order_by("pk").values_list("dispatch_id", "outcome")
    return [(pk - first + 1, outcome) for pk, outcome in rows]


@contextmanager
def sending(folder: Path, script: Script, n: int) -> Iterator[tuple[Sender, ScriptedRelay]]:
    """Let so many mails wait for a sender whose relay follows a script."""
    with scripted_relay(script) as relay:
        home = make_home(folder / "relay-home", relay.port)
        before = os.environ["TOCSIN_HOME"]
        os.environ["TOCSIN_HOME"] = str(home.folder)
        arm()
        arrange(n)
        sender = Sender(lambda: False, sending_rules().model_copy(update={"most_tries": 9}))
        try:
            yield sender, relay
        finally:
            sender.close()
            os.environ["TOCSIN_HOME"] = before


def test_an_outcome_does_not_wait_for_a_relay_that_hangs(
    own_database: Opened, tmp_path: Path
) -> None:
    """The relay says nothing to the second offer until the first outcome is in the database."""
    seen: list[list[str]] = []

    def hang(verb: str, n: int) -> bytes:
        until = time.monotonic() + SECONDS
        while verb == "RCPT" and n == 2 and time.monotonic() < until:
            if (now := states())[0] == "accepted":
                seen.append(now)
                connection.close()
                break
        return OK

    assert own_database.kind
    with sending(tmp_path, hang, 3) as (sender, relay):
        assert sender.send_some() == 3
        assert len(relay.taken) == 3
    assert seen == [["accepted", "claimed", "claimed"]]
    assert states() == ["accepted"] * 3


REFUSALS = {
    "for now": (b"451 4.7.1 later\r\n", "refuse_for_now"),
    "for good": (b"550 5.1.1 nobody\r\n", "refuse"),
    "by its end": (b"", "not_begun"),
    "by half a line": (b"250 2.1", "not_begun"),
}


@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS.keys())
def test_a_refusal_of_the_next_costs_the_one_before_nothing(
    own_database: Opened, tmp_path: Path, refusal: tuple[bytes, str]
) -> None:
    told, event = refusal
    assert own_database.kind
    with sending(tmp_path, lambda verb, n: told if (verb, n) == ("RCPT", 2) else OK, 3) as made:
        sender, relay = made
        assert sender.send_some() == 3
        assert len(relay.taken) == 2
    assert outcomes() == [(1, "accept"), (2, event), (3, "accept")]
    assert states()[::2] == ["accepted", "accepted"]


@pytest.mark.sqlite_is_enough
def test_a_fault_in_the_commit_of_both_keeps_the_first_and_sends_no_second(
    own_database: Opened, tmp_path: Path
) -> None:
    assert own_database.kind == "sqlite"
    with sending(tmp_path, take_all, 3) as (sender, relay):
        pks = list(Dispatch.everywhere.order_by("pk").values_list("pk", flat=True))
        with connection.cursor() as cursor:
            cursor.execute(BREAK.format(second=pks[1]))
        assert sender.send_some() == 3
        assert len(relay.taken) == 2
        assert outcomes() == [(1, "accept"), (2, "not_begun"), (3, "accept")]
        assert states() == ["accepted", "queued", "accepted"]
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER broken")
        Dispatch.everywhere.update(not_before=Dispatch.everywhere.first().queued_at)
        assert sender.send_some() == 1
    assert states() == ["accepted"] * 3


@pytest.mark.sqlite_is_enough
def test_who_stops_after_a_mail_records_it_first(own_database: Opened, tmp_path: Path) -> None:
    assert own_database.kind
    with sending(tmp_path, take_all, 3) as (sender, relay):
        sender.is_stopping = lambda: bool(relay.taken)
        assert sender.send_some() == 1
        assert states() == ["accepted", "queued", "queued"]


@pytest.mark.parametrize("with_pipelining", [True, False], ids=["at once", "one by one"])
def test_a_relay_is_asked_without_waiting(with_pipelining: bool) -> None:
    told = {
        ("MAIL", 2): b"451 4.3.0 not this sender\r\n",
        ("RCPT", 3 if with_pipelining else 2): b"250-two lines\r\n250 ok\r\n",
    }
    answers = []
    with scripted_relay(
        lambda verb, n: told.get((verb, n), OK), with_pipelining=with_pipelining
    ) as server:
        relay = SmtpRelay(RelayPlace("127.0.0.1", server.port))
        relay.open()
        for name in ("a", "b", "c"):
            envelope = Envelope("s@sender.example", f"{name}@recipient.example", name)
            relay.ask(envelope, b"Subject: x\r\n\r\nx\r\n")
            takes = relay.takes_soon(SECONDS)
            answer = relay.answer()
            assert takes is (answer is None)
            answers.append(answer or relay.hand_over())
        relay.close()
    assert answers[1] == Answer(Handed.REFUSED_FOR_NOW, 451, "4.3.0 not this sender")
    assert [answer.outcome for answer in answers[::2]] == [Handed.ACCEPTED] * 2
    assert server.taken == ["a@recipient.example", "c@recipient.example"]


def test_a_message_in_one_chunk_is_taken_refused_or_of_unknown_outcome() -> None:
    """Where the relay offers that. Source: RFC 3030."""
    replies = iter((b"250 2.0.0 taken\r\n", b"452 4.3.1 full\r\n", b"552 5.3.4 no\r\n", b""))

    def script(verb: str, _n: int) -> bytes:
        return next(replies) if verb == "BDAT" else OK

    content = b"Subject: dots\r\n\r\n.one\r\n..two\r\n.\r\nno end"
    with scripted_relay(script, with_chunking=True) as relay:
        channel = SmtpRelay(RelayPlace("127.0.0.1", relay.port))
        found = []
        for number in range(4):
            channel.open()
            envelope = Envelope("a@sender.example", f"p{number}@recipient.example", str(number))
            assert channel.offer(envelope, content) is None
            found.append(channel.hand_over().outcome)
        assert not channel.is_open
    assert found == [Handed.ACCEPTED, Handed.REFUSED_FOR_NOW, Handed.REFUSED, Handed.UNKNOWN]
    assert relay.chunks == [content + b"\r\n"] * 4, "nothing is doubled, the last line is ended"
    assert relay.taken == ["p0@recipient.example"]
