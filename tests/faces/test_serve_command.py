"""`tocsin serve`: asks before it makes anything, says where to go, ends all that it started."""

import os
import signal
import smtplib
import socket
import subprocess
import sys
import tomllib
import urllib.request
from pathlib import Path

import pytest

from tests.lib.desk_server import running_demo
from tocsin.cli.child_processes import ServerEnded, run_together

ENVIRONMENT = {
    **{k: v for k, v in os.environ.items() if not k.startswith(("TOCSIN_", "DJANGO_", "DATABASE"))},
    "PYTHONPATH": str(Path(__file__).parents[2] / "src"),
    "TOCSIN_DEMO_CASES": "",
}


def test_without_an_installation_it_asks_and_makes_nothing_on_no(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tocsin.cli.main", "serve"],
        cwd=tmp_path, env=ENVIRONMENT, input="n\n", capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert "There is no installation here yet" in done.stdout
    assert done.returncode == 130
    assert list(tmp_path.iterdir()) == []


def test_the_demonstration_is_kept_apart_and_says_what_it_is(tmp_path: Path) -> None:
    with running_demo(tmp_path, cases="a") as address:
        with urllib.request.urlopen(f"{address}/en/notices", timeout=30) as answer:
            page = answer.read().decode()
        assert "This is a demonstration" in page
        assert "MiniMed" in page, "case A runs, so its notice is public"
        with urllib.request.urlopen(f"{address}/desk/demo/mail/", timeout=30) as answer:
            assert answer.read().decode().count("URGENT") > 50, "the mails of case A are there"
        relay = tomllib.loads((tmp_path / "tocsin-demo" / "settings.toml").read_text())["mail"]
        with smtplib.SMTP(relay["host"], relay["port"], timeout=30) as mailbox:
            mailbox.sendmail("a@maker.example", "b@people.example", "Subject: One more\n\nHello.")
        with urllib.request.urlopen(f"{address}/desk/demo/mail/", timeout=30) as answer:
            assert "One more" in answer.read().decode()
        with urllib.request.urlopen(f"{address}/static/web/pages.css", timeout=30) as answer:
            assert answer.headers["Content-Type"].startswith("text/css")
    assert {path.name for path in tmp_path.iterdir()} == {"serve.log", "tocsin-demo"}
    told = (tmp_path / "serve.log").read_text("utf-8")
    assert address.replace("127.0.0.1", "localhost") in told
    assert "releaser@demo.example" in told
    assert "Traceback" not in told
    for port in (int(address.rpartition(":")[2]), relay["port"]):
        with socket.socket() as caller:
            assert caller.connect_ex(("127.0.0.1", port)) != 0, "a server still listens"


def test_a_taken_port_is_said_in_words(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = subprocess.run(
            [sys.executable, "-m", "tocsin.cli.main", "serve", "--demo", "--port",
             str(taken.getsockname()[1])],
            cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, timeout=120,
            check=False,
        )  # fmt: skip
    assert done.returncode == 3
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == [], "nothing was made in vain"


def test_when_one_program_ends_all_end(tmp_path: Path) -> None:
    mark = tmp_path / "ended"
    waits = (
        "import signal, time, pathlib, sys\n"
        f"signal.signal(signal.SIGTERM, lambda *_: (pathlib.Path({str(mark)!r}).touch(), "
        "sys.exit()))\nprint('ready', flush=True)\ntime.sleep(60)"
    )
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(ServerEnded, match="code 7"):
        run_together(
            [
                [sys.executable, "-c", waits],
                [sys.executable, "-c", "import time; time.sleep(2); raise SystemExit(7)"],
            ]
        )
    assert mark.is_file()
    assert signal.getsignal(signal.SIGTERM) is before
