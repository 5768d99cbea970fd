"""Write docs/explanation/reliability.md from figures that the long tests of the sender have kept.

`make test-long` adds figures to .tocsin-long; run this afterwards, and commit the page.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / ".tocsin-long"
PAGE = ROOT / "docs" / "explanation" / "reliability.md"
_ROWS = (
    ("sender-kills-sqlite", "kills", "`kill -9`, SQLite", 5_000),
    ("sender-kills-postgresql", "kills", "`kill -9`, PostgreSQL", 5_000),
    ("sender-stops-sqlite", "stops", "stopped (SIGSTOP) and let go on, SQLite", 1_500),
    ("sender-stops-postgresql", "stops", "stopped (SIGSTOP) and let go on, PostgreSQL", 1_500),
    ("sender-restarts", "restarts", "PostgreSQL ended as by a crash", 500),
)
_HEAD = """\
# How reliable the sender is

<!-- Written by scripts/reliability_page.py from kept figures. Do not edit. -->

Three real senders hand mails to a real mail server (aiosmtpd in a process of its own) that keeps
each mail on disk and then answers late. They are disturbed at moments chosen by chance while they
hand something over. At the end every mail is looked at, one by one, in the database and in what the
server took.

- **lost**: counts as accepted, and the server does not have it.
- **duplicated**: the server has it more than once.
- **hidden**: the server has it, and it counts as neither accepted nor unknown.
- **unknown**: nobody saw the answer; it waits for a person. Of these, *taken*: the server had it.
- **in the window**: between the commit of `handing_over` and the record of the outcome. An
  acceptance is recorded in the commit that begins the next mail (ADR 0033), or at once if that
  could take long.

| disturbance | n | wanted | in the window | mails | lost | duplicated | hidden | unknown (taken) |
|---|---|---|---|---|---|---|---|---|
"""
_TAIL = """
Zero failures in n trials bound the rate below 3/n with 95 % confidence. The runs add up:
with `TOCSIN_LONG=1` a run goes on where the last one ended, and begins anew when a module of the
sender changes.
The short form runs in `make test`: 50 kills per database, stops, restarts, a relay that drops the
connection at each verb, refuses for now or for good, or drops it behind the final dot, a stop
of the organisation, after which nothing more began, a disk that gets full (SQLite), and senders
killed while they hand text messages and letters over to a vendor.
"""


def render_page(kept: Path) -> str:
    """Return the page made of the figures in a folder."""
    return _HEAD + "\n".join(_lines(kept)) + "\n" + _TAIL


def _lines(kept: Path) -> Iterator[str]:
    for name, unit, words, wanted in _ROWS:
        path = kept / f"{name}.json"
        told: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
        counts: dict[str, int] = told.get("counts", {})
        n = counts.get(unit, 0)
        if not n:
            yield f"| {words} | 0 | {wanted:,} | | | | | | not run yet |"
            continue
        inside = counts.get(f"{unit} inside the window")
        share = f"{inside / n:.0%}" if inside is not None else ""
        unknown = f"{counts.get('unknown', 0):,} ({counts.get('unknown, taken', 0):,})"
        cells = [f"{counts.get(each, 0):,}" for each in ("mails", "lost", "duplicated", "hidden")]
        yield f"| {words} | {n:,} | {wanted:,} | {share} | {' | '.join(cells)} | {unknown} |"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(render_page(KEPT), "utf-8")
    print(f"Written: {PAGE}")
