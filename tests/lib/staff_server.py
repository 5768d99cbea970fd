"""A real server with an organisation, a user for each role and a worker, and browsers signed in.

with running_staff(folder) as staff:
    page = staff.browser(playwright_browser, Role.OPERATOR)
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lib.desk_server import free_port, wait_for
from tocsin.store.roles import Role
from tocsin.store.site import ADDRESS_VARIABLE

_ROOT = Path(__file__).parents[2]
_MAKE = """
import json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.web.settings"
from tocsin.services.installation import create_installation
create_installation()
from tests.lib.desk_client import team_at_desk
team = team_at_desk()
print(json.dumps({str(role): client.cookies["sessionid"].value for role, client in team.items()}))
"""


@dataclass(frozen=True)
class Staff:
    """The address of a server, and the session of each role's user."""

    address: str
    sessions: dict[str, str]
    environment: dict[str, str]

    def page(self, browser: Any, role: Role, **options: Any) -> Any:
        """Return a page, as axe can look at it, in which the user with a role is signed in."""
        context = browser.new_context(bypass_csp=True, reduced_motion="reduce", **options)
        cookie = {"name": "sessionid", "value": self.sessions[str(role)], "url": self.address}
        context.add_cookies([cookie])
        return context.new_page()

    def run(self, script: str) -> str:
        """Run Python in the installation, after it was opened, and return what it prints.

        It knows a public address, so that it can release letters; the server, which speaks no TLS,
        knows none.
        """
        opened = "from tocsin.services.installation import open_installation\nopen_installation()\n"
        environment = {**self.environment, ADDRESS_VARIABLE: "https://tocsin.example"}
        return _python(opened + script, environment)


@contextmanager
def running_staff(folder: Path) -> Iterator[Staff]:
    """Make an installation in a folder, and serve it with a worker until the block ends."""
    port = free_port()
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("TOCSIN_")},
        "TOCSIN_HOME": str(folder / "home"),
        "PYTHONPATH": f"{_ROOT / 'src'}{os.pathsep}{_ROOT}",
    }
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    environment.pop("DATABASE_URL", None)
    sessions = json.loads(_python(_MAKE, environment).splitlines()[-1])
    with (folder / "serve.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "tocsin.cli.main", "serve", "--port", str(port)],
            cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            wait_for(port, server, folder / "serve.log")
            yield Staff(f"http://127.0.0.1:{port}", sessions, environment)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


def _python(script: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
