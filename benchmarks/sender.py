"""The durable sender against a bare smtplib loop, into the same Postfix with the same connections.

Both build their messages. The bare loop keeps nothing: killed, it cannot say what was sent. Ours
seals each message, keeps it, marks it as handing over on disk before it leaves, and keeps the
answer on disk after it. Needs Postfix and root.

Run: python -m benchmarks.sender [--quick] [--json FILE]
"""

import argparse
import json
import multiprocessing
import os
import smtplib
import tempfile
import time
from importlib import import_module
from pathlib import Path
from uuid import uuid4

from tests.lib.postfix import NoPostfix, Postfix, running_postfix

FULL, QUICK, REPEATS = 3_000, 400, 3
CONNECTIONS = 2
BAR = 0.70
_FORKED = multiprocessing.get_context("spawn")


def send_bare(port: int, n: int) -> None:
    """Build and send mails in a loop, over one connection."""
    from datetime import UTC, datetime

    from tests.lib.sending import TEXT
    from tocsin.delivery.mail_message import MailParts, build_mail
    from tocsin.render.letter_plain import render_plain

    smtp = smtplib.SMTP("127.0.0.1", port)
    for _ in range(n):
        name = uuid4().hex
        parts = MailParts(
            "Acme Safety", "safety@sender.example", f"Person {name[:6]}",
            f"good{name}@recipient.example", TEXT.subject,
            render_plain(TEXT), f"<1.{name}@sender.example>", datetime.now(tz=UTC), "en",
        )  # fmt: skip
        smtp.sendmail("safety@sender.example", [f"good{name}@recipient.example"], build_mail(parts))
    smtp.quit()


def send_durably(url: str, home: str, release_id: int, first: int, n: int) -> None:
    """Make the dispatches of some recipients, then send until nothing waits."""
    os.environ["TOCSIN_HOME"] = home
    import tests.reliability.ready  # noqa: F401 - makes Django ready
    from tests.lib.databases import point_to
    from tests.lib.sending import make_dispatches

    os.environ["TOCSIN_HOME"] = home
    point_to(url)
    from tocsin.services.sending import Sender

    make_dispatches(release_id, first, n)
    sender = Sender(lambda: False)
    while sender.send_some():
        pass
    sender.close()


def timed(target: object, arguments: list[tuple[object, ...]]) -> float:
    """Return how long some processes took together, their start left out."""
    with _FORKED.Pool(len(arguments)) as pool:
        pool.starmap(_warm, [(0,)] * len(arguments), chunksize=1)
        began = time.perf_counter()
        pool.starmap(target, arguments, chunksize=1)  # type: ignore[arg-type]
        return time.perf_counter() - began


def _warm(_turn: int) -> None:
    """Load what both need, Django first, and let every process of the pool do so."""
    for name in ("tests.reliability.ready", "tests.lib.sending", "tocsin.services.sending"):
        import_module(name)
    time.sleep(1.0)


def measure_ours(postfix: Postfix, url: str, folder: Path, n: int) -> float:
    """Return the seconds in which our senders have made and sent so many mails."""
    from tests.lib.databases import point_to
    from tests.lib.sending import arm, arrange, make_home

    home = make_home(folder / "home", postfix.port).folder
    os.environ["TOCSIN_HOME"] = str(home)
    point_to(url)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    arm()
    arranged = arrange(n, "good", with_dispatches=False)
    each = n // CONNECTIONS
    work = [
        (url, str(home), arranged.release_id, start * each, each) for start in range(CONNECTIONS)
    ]
    seconds = timed(send_durably, work)
    from tocsin.store.models import Dispatch

    states = set(Dispatch.everywhere.values_list("state", flat=True))
    if states != {"accepted"}:
        raise SystemExit(f"not all were accepted: {states}")
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    n = QUICK if options.quick else FULL
    import tests.reliability.ready  # noqa: F401
    from tests.lib.postgres import running_postgres

    told: dict[str, list[float]] = {"bare": [], "sqlite": [], "postgresql": []}
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "pg").mkdir()
        (folder / "postfix").mkdir()
        try:
            with (
                running_postfix(folder / "postfix") as postfix,
                running_postgres(folder / "pg", is_durable=True) as server,
            ):
                for turn in range(1 if options.quick else REPEATS):
                    bare = [(postfix.port, n // CONNECTIONS)] * CONNECTIONS
                    told["bare"].append(n / timed(send_bare, bare))
                    for kind in ("sqlite", "postgresql"):
                        place = folder / f"{kind}{turn}"
                        place.mkdir()
                        url = f"sqlite:///{place}/db.sqlite3"
                        if kind == "postgresql":
                            url = server.create(f"bench{turn}")
                        told[kind].append(n / measure_ours(postfix, url, place, n))
        except NoPostfix as error:
            print(f"Skipped: {error}")
            return
    best = {kind: max(rates) for kind, rates in told.items()}
    print(
        f"{n} mails, {CONNECTIONS} connections, messages built in all; best of {len(told['bare'])}"
    )
    for kind, rate in best.items():
        print(f"{kind:>12}: {rate:7.1f} mails/s, {rate / best['bare']:.2f} of the bare loop")
    for kind in ("sqlite", "postgresql"):
        ratio = best[kind] / best["bare"]
        print(f"{kind}: bar {BAR:.2f} {'reached' if ratio >= BAR else 'NOT reached'} ({ratio:.2f})")
    if options.json:
        options.json.write_text(json.dumps({"mails": n, "rates": told}, indent=1))


if __name__ == "__main__":
    main()
