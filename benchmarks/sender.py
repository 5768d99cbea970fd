"""The durable sender against a bare smtplib loop, into the same Postfix with the same connections.

Both build their messages. The bare loop keeps nothing: killed, it cannot say what was sent. Ours
seals each message, keeps it, marks it as handing over on disk before it leaves, and keeps the
answer on disk after it. Postfix keeps what it took on disk and delivers nothing meanwhile: who is
slower would wait for deliveries that come after the time of who is faster. Needs root.

Run: python -m benchmarks.sender [--quick] [--json FILE]
"""

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.lib.result import environment, options_of, tell
from benchmarks.lib.sender_load import (
    master_of,
    send_bare,
    send_durably,
    timed,
)
from tests.lib.postfix import NoPostfix, Postfix, running_postfix
from tests.lib.postgres import Postgres, running_postgres
from tocsin.match.figures import BenchmarkResult

FULL, QUICK, REPEATS = 3_000, 400, 3
CONNECTIONS = 2
BAR = 0.70
KINDS = ("bare", "sqlite", "postgresql")
Measured = dict[str, tuple[float, float]]


def measure_turn(postfix: Postfix, server: Postgres, folder: Path, n: int) -> Measured:
    """Return seconds and CPU seconds of each contender, one after the other."""
    each, master = n // CONNECTIONS, master_of(postfix)
    found = {"bare": timed(send_bare, [(postfix.port, each)] * CONNECTIONS, [master])}
    for kind in KINDS[1:]:
        place = folder / kind
        place.mkdir(parents=True)
        url, servers = f"sqlite:///{place}/db.sqlite3", [master]
        if kind == "postgresql":
            url = server.create(folder.name)
            servers += [server.server.pid] if server.server else []
        work = prepare_ours(postfix, url, place, n)
        found[kind] = timed(send_durably, work, servers)
        check_ours()
    return found


def prepare_ours(
    postfix: Postfix, url: str, folder: Path, n: int
) -> list[tuple[str, str, int, int, int]]:
    """Make an installation whose recipients wait; return what each of our processes is to do."""
    from django.core.management import call_command

    from tests.lib.databases import point_to
    from tests.lib.sending import arm, arrange, make_home

    home = str(make_home(folder / "home", postfix.port).folder)
    os.environ["TOCSIN_HOME"] = home
    point_to(url)
    call_command("migrate", verbosity=0)
    arm()
    release_id = arrange(n, "good", with_dispatches=False).release_id
    each = n // CONNECTIONS
    return [(url, home, release_id, start * each, each) for start in range(CONNECTIONS)]


def check_ours() -> None:
    """Check that all mails were accepted and are kept so."""
    from tocsin.store.models import Dispatch

    states = set(Dispatch.everywhere.values_list("state", flat=True))
    if states != {"accepted"}:
        raise SystemExit(f"not all were accepted: {states}")


def result_of(turns: list[Measured], n: int, *, quick: bool) -> BenchmarkResult:
    """Return the best turn of each contender, and how fast ours is compared with the bare loop."""
    wall_s = {kind: min(turn[kind][0] for turn in turns) for kind in KINDS}
    cpu_s = {kind: min(turn[kind][1] for turn in turns) for kind in KINDS}
    per_mail = {f"{kind}, a mail": wall_s[kind] / n for kind in KINDS}
    per_mail |= {f"{kind}, CPU of all processes, a mail": cpu_s[kind] / n for kind in KINDS}
    speeds = {f"speed of {kind} / bare": wall_s["bare"] / wall_s[kind] for kind in KINDS[1:]}
    cpu = {f"CPU of bare / {kind}": cpu_s["bare"] / cpu_s[kind] for kind in KINDS[1:]}
    return BenchmarkResult(
        benchmark="sender",
        quick=quick,
        sizes={"mails": n, "connections": CONNECTIONS, "turns": len(turns)},
        seconds=per_mail,
        ratios=speeds | cpu,
        bars=dict.fromkeys(speeds, BAR),
        peak_memory_mb={},
        environment=environment(),
    )


def main() -> None:
    """Measure, print and write."""
    options = options_of(__doc__, f"{QUICK} mails, once").parse_args()
    n, turns = (QUICK, 1) if options.quick else (FULL, REPEATS)
    import benchmarks.lib.sender_ready  # noqa: F401 - makes Django ready

    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as name, ExitStack() as running:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "pg").mkdir()
        (folder / "postfix").mkdir()
        try:
            postfix = running.enter_context(running_postfix(folder / "postfix", delivers=False))
        except NoPostfix as error:
            print(f"Skipped: {error}")
            return
        server = running.enter_context(running_postgres(folder / "pg", is_durable=True))
        found = [measure_turn(postfix, server, folder / f"turn{turn}", n) for turn in range(turns)]
    result = result_of(found, n, quick=options.quick)
    tell(result, options.json, at_least=result.bars)


if __name__ == "__main__":
    main()
