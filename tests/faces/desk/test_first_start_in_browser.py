"""The first start in a real browser: from the link on the console to a second user's first page."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lib.desk_server import free_port
from tests.lib.desk_tour import press

PASSWORD = "a long walk by the canal"
OTHER = "another walk along the sea"


@pytest.fixture
def link(tmp_path: Path) -> Iterator[str]:
    """Serve an empty folder; yield the link that is printed."""
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("TOCSIN_", "DJANGO_"))},
        "PYTHONPATH": str(Path(__file__).parents[3] / "src"),
    }
    log = tmp_path / "serve.log"
    with log.open("wb") as file:
        server = subprocess.Popen(
            [sys.executable, "-u", "-m", "tocsin.cli.main", "serve", "--yes", "--workers", "1",
             "--port", str(free_port())],
            cwd=tmp_path, env=environment, stdout=file, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        yield _wait_for_link(server, log)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(60)


def _wait_for_link(server: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + 300
    while time.monotonic() < until and server.poll() is None:
        found = re.search(r"(http://localhost:(\d+))/desk/begin/\S+", log.read_text("utf-8"))
        if found:
            with socket.socket() as caller:
                if caller.connect_ex(("127.0.0.1", int(found[2]))) == 0:
                    return found[0]
        time.sleep(0.2)
    pytest.fail(log.read_text("utf-8"))


def test_from_the_link_to_a_second_users_first_page(chromium: Any, link: str) -> None:
    page = chromium.new_page()
    page.goto(link)
    told = {"organisation": "Acme Pumps", "slug": "acme", "name": "Anna First"}
    told |= {"email": "anna@example.org", "password": "short", "again": "short"}
    for field, text in told.items():
        page.fill(f"#id_{field}", text)
    press(page, "main form .button")
    page.locator(".summary:focus").wait_for()
    for field in ("password", "again"):
        page.fill(f"#id_{field}", PASSWORD)
    press(page, "main form .button")
    assert "Tocsin is yours" in page.locator(".told").inner_text()
    page.fill("#id_login", "anna@example.org")
    page.fill("#id_password", PASSWORD)
    press(page, "main form .button")
    assert page.title().startswith("Home")
    assert page.locator(".whoami strong").inner_text() == "Acme Pumps"

    press(page, ".places >> text=Settings")
    press(page, "text=Users and roles")
    press(page, "text=Add a user")
    page.fill("#id_name", "Bert Second")
    page.fill("#id_email", "bert@example.org")
    page.check("text=Author:")
    press(page, "main form .button")
    address = page.locator(".address").inner_text()
    assert page.request.get(link).status == 400  # the first link is over

    other = chromium.new_context().new_page()
    other.goto(address)
    for field in ("#id_password1", "#id_password2"):
        other.fill(field, OTHER)
    press(other, "main form .button")
    other.goto(f"{link.partition('/desk')[0]}/desk/")
    other.fill("#id_login", "bert@example.org")
    other.fill("#id_password", OTHER)
    press(other, "main form .button")
    assert "Bert Second" in other.locator(".lead").inner_text()
    assert other.locator(".places").inner_text().count("Persons") == 0
    other.context.close()
    page.close()
