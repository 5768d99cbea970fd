"""Letters whose workers are killed while they print them: each is there once, none is missing."""

import io
import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zipfile import ZipFile

from tests.lib.databases import Opened
from tests.lib.kept_counts import IS_LONG, kept_counts, repeat_until
from tests.lib.killed_jobs import Killing
from tests.lib.printed_letters import NAMES, Team, console, letter_folders, wait_to_be_printed
from tests.services.kept_actions import make_team
from tocsin.services.letter_making import MAKE_LETTERS, order_letters
from tocsin.services.print_batches import make_print_batch, read_print_batch
from tocsin.services.print_handover import given_out
from tocsin.services.vendors import add_vendor
from tocsin.services.work import WORKER, Caller
from tocsin.store.audit.trail import find_faults
from tocsin.store.models import AuditRow, Dispatch, DispatchMessage, IssuedLetter, Job
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for

N_KILLS = 12 if IS_LONG else 4
WANTED_KILLS = 250
N_LETTERS = 18
SOURCES = (
    "store/jobs.py",
    "store/kept_lease.py",
    "services/job_runs.py",
    "services/letter_making.py",
    "services/made_parts.py",
    "services/print_batches.py",
    "services/print_rendering.py",
    "worker/command.py",
    "worker/loop.py",
)


def take_small_steps() -> None:
    import tocsin.services.letter_making
    import tocsin.services.print_rendering

    tocsin.services.letter_making.AT_ONCE = 4
    tocsin.services.print_rendering.AT_ONCE = 4


def new_action(slug: str, folder: Path, *, by_vendor: bool) -> tuple[Team, int]:
    """Return a team and its action with many letters that may leave, one of them unprintable."""
    folder.mkdir()
    team = make_team(slug)
    if by_vendor:
        add_vendor(console(team), letter_folders(folder))
    names = [*NAMES, *(f"Jane Example {n}" for n in range(N_LETTERS - len(NAMES)))]
    action = wait_to_be_printed(team, folder, names)
    now = datetime.now(tz=UTC)
    with acting_for(team[Role.OPERATOR].organisation_id):
        Dispatch.objects.update(
            queued_at=now, not_before=now - timedelta(1), not_after=now + timedelta(1)
        )
    return {role: replace(who, now=now) for role, who in team.items()}, action


def killing_in(opened: Opened, folder: Path, turn: int) -> Killing:
    return Killing(opened, folder / "log", take_small_steps, Random(turn), N_KILLS, 0.5)


def test_killed_workers_print_each_letter_of_a_batch_once(
    own_database: Opened, tmp_path: Path
) -> None:
    def once(turn: int) -> Counter[str]:
        killing = killing_in(own_database, tmp_path, turn)
        team, action = new_action(f"print-{turn}", tmp_path / f"print-{turn}", by_vendor=False)
        batch = make_print_batch(team[Role.OPERATOR], action)
        killing.work(Job.objects.latest("pk").pk)
        seen = read_print_batch(team[Role.OPERATOR], batch)
        line = seen.line
        assert (line.n_in, line.n_ready, line.n_set_aside) == (N_LETTERS, N_LETTERS - 1, 1)
        with (
            given_out(team[Role.OPERATOR], batch, "") as (_, file),
            ZipFile(io.BytesIO(file.read())) as archive,
        ):  # each letter was made anew, and held against the hash of its first bytes
            letters = [name for name in archive.namelist() if name.endswith(".pdf")]
        assert len(set(letters)) == len(letters) == N_LETTERS - 1
        assert list(find_faults()) == []
        return killing.counts

    counts = repeat_until(
        WANTED_KILLS, "kills", kept_counts(f"killed_prints_{own_database.kind}", SOURCES), once
    )
    assert counts["kills"] > 0
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_killed_workers_make_each_letter_for_a_vendor_once(
    own_database: Opened, tmp_path: Path
) -> None:
    def once(turn: int) -> Counter[str]:
        killing = killing_in(own_database, tmp_path, turn)
        slug = f"vendor-{turn}"
        team, action = new_action(slug, tmp_path / slug, by_vendor=True)
        organisation = team[Role.OPERATOR].organisation_id
        order_letters(Caller(WORKER, organisation, frozenset(), datetime.now(tz=UTC)), action)
        killing.work(Job.objects.filter(kind=MAKE_LETTERS).latest("pk").pk)
        with acting_for(organisation):
            states = Counter(Dispatch.objects.values_list("state", flat=True))
            assert states == {"queued": N_LETTERS - 1, "refused": 1}
            issued = set(IssuedLetter.objects.exclude(sha256="").values_list("dispatch", flat=True))
            held = list(DispatchMessage.objects.values_list("dispatch", flat=True))
            assert len(held) == len(issued) == N_LETTERS - 1
            assert set(held) == issued
        parts = AuditRow.objects.filter(event="letters_made", organisation_id=organisation)
        assert sum(json.loads(part.body)["new"]["n"] for part in parts) == N_LETTERS
        assert list(find_faults()) == []
        return killing.counts

    counts = repeat_until(
        WANTED_KILLS, "kills", kept_counts(f"killed_letters_{own_database.kind}", SOURCES), once
    )
    assert counts["kills"] > 0
    assert "Traceback" not in (tmp_path / "log").read_text()
