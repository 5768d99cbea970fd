"""Behind TLS: Django's own check finds nothing, and cookies and headers insist on it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tocsin.store.home import Home

PROGRAM = """
import django, json; django.setup()
from django.test import Client
client = Client(SERVER_NAME="safety.example.org")
plain = client.get("/en/check")
page = client.get("/en/check", secure=True)
cookie = page.cookies["csrftoken"]
print(json.dumps({"plain": plain.status_code, "to": plain["Location"],
    "hsts": page["Strict-Transport-Security"], "secure": cookie["secure"],
    "httponly": cookie["httponly"], "samesite": cookie["samesite"]}))
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    Home(tmp_path).create()
    return {
        **os.environ,
        "TOCSIN_HOME": str(tmp_path),
        "TOCSIN_PUBLIC_URL": "https://safety.example.org",
        "TOCSIN_HOSTS": "safety.example.org",
        "TOCSIN_DEMO": "1",
        "DJANGO_SETTINGS_MODULE": "tocsin.web.settings",
        "PYTHONPATH": str(Path(__file__).parents[3] / "src"),
    }


def _run(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_django_finds_nothing_to_say(environment: dict[str, str]) -> None:
    done = _run(environment, "-m", "django", "check", "--deploy", "--fail-level", "INFO")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_cookies_and_headers_insist_on_tls(environment: dict[str, str]) -> None:
    done = _run(environment, "-c", PROGRAM)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told == {
        "plain": 301,
        "to": "https://safety.example.org/en/check",
        "hsts": "max-age=31536000; includeSubDomains; preload",
        "secure": True,
        "httponly": True,
        "samesite": "Lax",
    }


def test_a_fault_of_ours_is_logged_without_what_was_typed() -> None:
    import logging

    from tocsin.web.log_lines import CarefulFormatter

    def read(serial: str) -> None:
        raise ValueError(serial)

    try:
        read("SECRET-SERIAL")
    except ValueError:
        caught = sys.exc_info()
    record = logging.LogRecord(
        "django.request", logging.ERROR, __file__, 1, "%s", ("SECRET-ARG",), caught
    )
    line = CarefulFormatter().format(record)
    assert "ValueError" in line
    assert "test_deployment.py" in line
    assert "SECRET" not in line
