"""A desk that is really served: an author and a registry of case A in an installation of its own.

Run: python -m tests.lib.served_desk FOLDER makes the installation; `serving_desk` serves it.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lib.desk_server import free_port, wait_for

ROOT = Path(__file__).parents[2]
EMAIL, PASSWORD = "ada@example.org", "a long walk by the canal"
REGISTRY = "Pump patients"


@contextmanager
def serving_desk(folder: Path) -> Iterator[str]:
    """Make the installation in an empty folder and serve it; yield its address."""
    port = free_port()
    kept = {key: value for key, value in os.environ.items() if not key.startswith("TOCSIN_")}
    environment = {**kept, "TOCSIN_HOME": str(folder), "PYTHONPATH": str(ROOT / "src")}
    for name in ("DJANGO_SETTINGS_MODULE", "DATABASE_URL"):
        environment.pop(name, None)
    tocsin = [sys.executable, "-m", "tocsin.cli.main"]
    make = [sys.executable, "-m", "tests.lib.served_desk", str(folder)]
    subprocess.run([*tocsin, "store", "init"], env=environment, check=True, capture_output=True)
    subprocess.run(make, env=environment, check=True, cwd=ROOT)
    with (folder / "serve.log").open("wb") as log:
        server = subprocess.Popen(
            [*tocsin, "serve", "--port", str(port), "--workers", "1"],
            cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            wait_for(port, server, folder / "serve.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(60)


def make_installation(folder: Path) -> None:
    """Add the author and the registry to the installation that `TOCSIN_HOME` names."""
    from tests.lib.people import caller_of, make_organisation, make_user
    from tests.services.lists import import_list
    from tocsin.services.list_imports import add_registry
    from tocsin.services.samples import make_sample, write_csv
    from tocsin.store.roles import Role

    make_organisation()
    user = make_user("ada", Role.AUTHOR, Role.OPERATOR, password=PASSWORD)
    path = folder / "pumps.csv"
    write_csv(make_sample("a", 1).registry, path)
    add_registry(caller_of(user), REGISTRY)
    import_list(caller_of(user), REGISTRY, path)


if __name__ == "__main__":
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.web.settings"
    django.setup()
    make_installation(Path(sys.argv[1]))
