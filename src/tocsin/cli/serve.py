"""`tocsin serve`: the pages in a browser, on this machine."""

import os
import socket
import sys
from importlib.util import find_spec
from pathlib import Path

import click

from tocsin.base.errors import TocsinError, UsageError

_DEMO_HOME = "tocsin-demo"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

# Names, not imports: the server is a program of its own, and faces do not import each other.
_PAGES = "tocsin.web.wsgi:application"
_WORKER = "tocsin.worker"
_MAILBOX = "tocsin.worker.demo_mailbox"


class AddressNotFree(TocsinError):
    """Another program listens where the server should, or this machine has no such address."""

    code = "address_not_free"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes."
)
@click.option("--demo", is_flag=True, help="Show the golden cases, in a folder of its own.")
@click.option("--yes", is_flag=True, help="Make the installation without asking.")
def serve(host: str, port: int, workers: int, demo: bool, yes: bool) -> None:
    """Serve the pages: the desk for those who log in, and what the public may see.

    The installation of TOCSIN_HOME is used, and made if you agree; where nobody can log in yet, a
    one-time link is printed with which the first administrator is made. Other hosts are answered
    for only if TOCSIN_HOSTS names them. Ctrl-C ends the server.
    """
    from tocsin.cli.child_processes import run_together  # noqa: PLC0415

    _check_free(host, port)
    if demo:
        _choose_demo(host, port)
        _load_demo()
    else:
        _open_or_create(may_create=yes)
    shown = f"[{host}]" if ":" in host else host
    if host not in _LOOPBACK:
        os.environ.setdefault("TOCSIN_HOSTS", f"{shown},localhost,127.0.0.1,[::1]")
        click.echo(
            "This address can be reached by others, and what travels is not encrypted. Put a "
            "server with TLS in front: docs/how-to/serve.md.",
            err=True,
        )
    _tell_addresses(f"http://{'localhost' if host in _LOOPBACK else shown}:{port}", demo=demo)
    run_together([*_commands(shown, port, workers), *(_mailbox() if demo else [])])


def _check_free(host: str, port: int) -> None:
    """Try to listen before anything is made: loading the demonstration takes a while.

    Raises:
        AddressNotFree: if nothing can listen there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
        try:
            listener.bind((host, port))
        except OSError as error:
            raise AddressNotFree(
                f"Nothing can listen on {host}, port {port}: {error.strerror or error}. Nothing "
                "was made. Choose another with --port, or end the program that has it."
            ) from error


def _tell_addresses(site: str, *, demo: bool) -> None:
    """Print where to go: the desk, or the link of the first start, and what the public sees."""
    from tocsin.services.first_start import open_first_start  # noqa: PLC0415 - after set-up

    token = None if demo else open_first_start()
    if token:
        _offer_example()
        click.echo("Nobody can log in yet. Make the first administrator here; it works once:")
        click.echo(f"                        {site}/desk/begin/{token}/")
    else:
        click.echo(f"The desk                {site}/desk/")
    if demo:
        _tell_demo_users(site)
    click.echo(f"Is my pump affected?    {site}/")
    click.echo(f"Safety notices          {site}/en/notices")
    click.echo("Ctrl-C ends it.")


def _offer_example() -> None:
    """Ask for example data where somebody can answer; the first administrator brings it."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return
    from tocsin.services.example import want_example  # noqa: PLC0415 - after set-up

    question = (
        "Add example data when the first administrator is made? Invented people, in an "
        "organisation of its own; nothing of it is ever sent or shown to the public."
    )
    want_example(wanted=click.confirm(question, default=False))


def _tell_demo_users(site: str) -> None:
    from tocsin.services.demo_users import PASSWORD, list_demo_users  # noqa: PLC0415

    click.echo(f"Users, codes, mail      {site}/desk/demo/")
    for user in list_demo_users():
        click.echo(f"  {user.role.replace('_', ' '):<16} {user.email:<30} {PASSWORD}")


def _choose_demo(host: str, port: int) -> None:
    """Point to a folder of the demonstration, and away from every real database.

    Raises:
        UsageError: if others could reach it: its passwords are printed everywhere.
    """
    if host not in _LOOPBACK:
        raise UsageError(
            f"The demonstration has passwords that everybody knows, so it is served on this "
            f"machine only, not on {host}. Nothing was started. Leave --host out."
        )
    from tocsin.services.installation import choose_home  # noqa: PLC0415 - needs Django
    from tocsin.services.public_notices import DEMO_VARIABLE  # noqa: PLC0415

    folder = choose_home(Path(_DEMO_HOME))
    os.environ[DEMO_VARIABLE] = "1"
    os.environ.setdefault("TOCSIN_PUBLIC_URL", f"http://localhost:{port}")  # its letters lead here
    click.echo(f"Demonstration: three example actions, kept apart in {folder}.")


def _load_demo() -> None:
    """Make the demonstration whole if it is not: it takes less than a minute, once."""
    from datetime import datetime  # noqa: PLC0415 - so that --help does not wait for it

    from tocsin.services.installation import create_installation  # noqa: PLC0415

    create_installation()
    from tocsin.services import demo_desk  # noqa: PLC0415 - after set-up

    if demo_desk.is_loaded():
        return
    if demo_desk.discard_half_loaded():
        create_installation()
    demo_desk.load_demo(datetime.now().astimezone(), lambda what: click.echo(f"  {what}"))


def _mailbox() -> list[list[str]]:
    """Name a free port of this machine as the demonstration's relay; return what listens there."""
    from tocsin.services.demo_post import point_mail_to  # noqa: PLC0415 - after set-up

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    point_mail_to(port)
    return [[sys.executable, "-m", _MAILBOX, str(port)]]


def _open_or_create(*, may_create: bool) -> None:
    from tocsin.services.installation import (  # noqa: PLC0415 - needs Django
        create_installation,
        has_installation,
        open_installation,
    )

    if has_installation():
        open_installation()
        return
    if not may_create:
        click.confirm("There is no installation here yet. Make one now?", abort=True)
    place, _ = create_installation()
    click.echo(f"The installation is in {place}. Keep a copy of its keys (*.key) elsewhere.")


def _commands(host: str, port: int, workers: int) -> list[list[str]]:
    python = sys.executable
    options = {
        "--bind": f"{host}:{port}",
        "--workers": str(workers),
        "--threads": "4",
        "--worker-class": "gthread",
        "--graceful-timeout": "10",
        "--log-level": "warning",
    }
    flat = [part for option in options.items() for part in option]
    commands = [[python, "-m", "gunicorn", _PAGES, *flat, "--no-control-socket"]]
    if find_spec(_WORKER):
        commands.append([python, "-m", "tocsin.cli.main", "worker"])
    return commands
