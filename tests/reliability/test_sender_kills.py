"""Senders that are killed, stopped and cut off: nothing lost, nothing twice, nothing hidden."""

import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection

from tests.lib.databases import Opened
from tests.lib.kept_counts import IS_LONG, kept_counts, repeat_until
from tests.lib.postgres import Postgres
from tests.reliability.campaign import campaign, check_figures, patiently
from tests.reliability.conftest import StartSink
from tocsin.services.sending_stops import end_sending_stop, stop_sending
from tocsin.services.work import Caller
from tocsin.store.models import DispatchAttempt
from tocsin.store.roles import Role

NOW = datetime(2026, 12, 1, tzinfo=UTC)
SOURCES = (
    "delivery/channel.py",
    "delivery/owners.py",
    "delivery/smtp_relay.py",
    "outreach/data/dispatch_states.yaml",
    "outreach/sending_rules.py",
    "services/sending.py",
    "services/sending_record.py",
    "store/dispatch_claims.py",
    "store/dispatch_tries.py",
    "store/left_dispatches.py",
    "store/sending_buckets.py",
    "store/sending_statements.py",
    "store/sqlite_commits.py",
    "worker/sender_loop.py",
)
WANTED_KILLS, WANTED_STOPS, WANTED_RESTARTS = 5_000, 1_500, 500
"""Of each database; restarts of PostgreSQL only."""
N_KILLS = 100 if IS_LONG else 50
N_STOPS = 30 if IS_LONG else 8
N_RESTARTS = 10 if IS_LONG else 3


def test_killed_senders_lose_nothing_and_repeat_nothing(
    own_database: Opened, start_sink: StartSink, tmp_path: Path
) -> None:
    """`kill -9` at any moment; the server keeps each mail, then answers late."""

    def once(turn: int) -> Counter[str]:
        sink = start_sink(early_s=0.02, late_s=0.12, seed=turn)
        folder = tmp_path / f"turn{turn}"
        folder.mkdir()
        with campaign(own_database.url, folder, sink, {"back_off_s": 0.02}, turn) as run:
            while run.counts["kills"] < N_KILLS:
                run.fill(40)
                run.start(3)
                time.sleep(run.rng.uniform(0.01, 0.15))
                run.kill_one()
            run.drain()
            return run.judge()

    kept = kept_counts(f"sender-kills-{own_database.kind}", SOURCES)
    found = repeat_until(WANTED_KILLS, "kills", kept, once)
    check_figures(found)
    assert found["unknown"] >= found["kills inside the window"]
    assert found["kills inside the window"] >= 0.6 * found["kills"], found


def test_stopped_senders_repeat_nothing(
    own_database: Opened, start_sink: StartSink, tmp_path: Path
) -> None:
    """SIGSTOP at any moment, for longer than the quarantine; then the sender goes on."""
    rules = {"quarantine_s": 0.4, "lease_s": 0.4, "back_off_s": 0.02}

    def once(turn: int) -> Counter[str]:
        sink = start_sink(early_s=0.01, late_s=0.08, seed=turn)
        folder = tmp_path / f"turn{turn}"
        folder.mkdir()
        with campaign(own_database.url, folder, sink, rules, turn) as run:
            while run.counts["stops"] < N_STOPS:
                run.fill(40)
                run.start(3)
                run.stop_one()
            run.drain()
            return run.judge()

    kept = kept_counts(f"sender-stops-{own_database.kind}", SOURCES)
    found = repeat_until(WANTED_STOPS, "stops", kept, once)
    check_figures(found)


def test_a_database_that_ends_at_once_costs_nothing(
    own_database: Opened, request: pytest.FixtureRequest, start_sink: StartSink, tmp_path: Path
) -> None:
    """PostgreSQL is ended as a crash ends it, while two senders work; they go on by themselves."""
    if own_database.kind != "postgresql":
        pytest.skip("SQLite has no server that could end")
    server: Postgres = request.getfixturevalue("postgres")

    def once(turn: int) -> Counter[str]:
        sink = start_sink(early_s=0.005, late_s=0.05, seed=turn)
        folder = tmp_path / f"turn{turn}"
        folder.mkdir()
        with campaign(own_database.url, folder, sink, {"back_off_s": 0.02}, turn) as run:
            for _ in range(N_RESTARTS):
                run.fill(30)
                run.start(2)
                run.wait_until_working()
                connection.close()
                server.restart_at_once()
                run.counts["restarts"] += 1
                patiently(connection.ensure_connection)
            run.drain()
            return run.judge()

    kept = kept_counts("sender-restarts", SOURCES)
    found = repeat_until(WANTED_RESTARTS, "restarts", kept, once)
    check_figures(found)
    assert found["unknown"] == 0, "each outcome was known to a sender that lived"


def test_whatever_a_relay_does_wrong_is_seen(
    own_database: Opened, start_sink: StartSink, tmp_path: Path
) -> None:
    """Cut off at each verb, refused for now, refused for good, cut off behind the final dot."""
    seen = {"drop": "", "4xx": "", "5xx": "state refused", "drop_data": "unknown"}
    seen["drop_after"] = "unknown, taken"
    for turn, (kind, wanted) in enumerate(seen.items()):
        sink = start_sink(faults=250, kinds=kind, seed=turn)
        folder = tmp_path / kind
        folder.mkdir()
        with campaign(own_database.url, folder, sink, {"back_off_s": 0.02}, turn, 30) as run:
            run.drain()
            found = run.judge()
            again = DispatchAttempt.everywhere.filter(
                dispatch__in=run.rows(), outcome__in=["not_begun", "refuse_for_now"]
            )
            assert found[wanted] if wanted else again.exists(), (kind, found)
        check_figures(found)
        if not wanted:
            assert found["state accepted"] == found["mails"], (kind, found)


def test_a_stop_works_within_a_second(
    own_database: Opened, start_sink: StartSink, tmp_path: Path
) -> None:
    """An organisation stops; what has not begun by then does not leave."""
    sink = start_sink()
    with campaign(own_database.url, tmp_path, sink, {}, 1, 150) as run:
        run.start(2)
        run.wait_until_working()
        caller = Caller("user:1", run.arranged.organisation_id, frozenset({Role.OPERATOR}), NOW)
        stop_sending(caller, "a wrong letter")
        begun = run.rows().exclude(state__in=["queued", "claimed"]).count()
        time.sleep(1.0)
        assert run.rows().exclude(state__in=["queued", "claimed"]).count() == begun
        n_taken = len(sink.taken())
        assert n_taken <= begun < 150
        end_sending_stop(replace(caller, roles=frozenset({Role.RELEASER})), "the right letter")
        run.drain()
        found = run.judge()
        states = list(run.rows().filter(purpose="first").values_list("state", flat=True))
    check_figures(found)
    assert states == ["accepted"] * 150
