"""The `tocsin` command: its groups, and what happens when something goes wrong.

Exit codes, for every command: 0 done; 1 our fault; 2 bad usage; 3 an input was refused;
4 done, but rows were set aside; 130 interrupted.
"""

import os
import signal
import sys
import tempfile
import traceback
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from tocsin.base.errors import TocsinError

_INTERRUPTED = 130
_COMMANDS = {
    "match": "tocsin.cli.match:match",
    "explain": "tocsin.cli.match:explain",
    "notice": "tocsin.cli.notice:notice",
    "registry": "tocsin.cli.registry:registry",
    "udi": "tocsin.cli.udi:udi",
    "action": "tocsin.cli.action:action",
    "plan": "tocsin.cli.plan:plan",
    "letter": "tocsin.cli.letter:letter",
    "letters": "tocsin.cli.letters:letters",
    "serve": "tocsin.cli.serve:serve",
    "store": "tocsin.cli.store:store",
    "person": "tocsin.cli.person:person",
    "organisation": "tocsin.cli.organisation:organisation",
    "user": "tocsin.cli.user:user",
    "role": "tocsin.cli.role:role",
    "login": "tocsin.cli.login:login",
    "logout": "tocsin.cli.login:logout",
    "token": "tocsin.cli.token:token",
    "backup": "tocsin.cli.backup:backup",
    "restore": "tocsin.cli.backup:restore",
    "doctor": "tocsin.cli.doctor:doctor",
    "dispatch": "tocsin.cli.dispatch:dispatch",
    "print": "tocsin.cli.print_batch:print_group",
    "answer": "tocsin.cli.answer:answer",
    "complaint": "tocsin.cli.complaint:complaint",
    "check": "tocsin.cli.check:check",
    "funnel": "tocsin.cli.check:funnel",
    "sender": "tocsin.cli.sender:sender",
    "vendor": "tocsin.cli.vendor:vendor",
    "worker": "tocsin.worker.command:worker",
    "jobs": "tocsin.cli.jobs:jobs",
    "audit": "tocsin.cli.audit:audit",
    "schema": "tocsin.cli.schema:schema",
    "sample": "tocsin.cli.demo:sample",
    "demo": "tocsin.cli.demo:demo",
}
_SHORT = {
    "match": "Find whom a notice concerns in a registry, with a reason for every verdict.",
    "explain": "Show the whole reasoning about one device as a tree.",
    "registry": "Read a list with other people's column names, prepare it, or import it.",
    "notice": "Check a notice, compare two revisions, draft one, or write it in another format.",
    "udi": "Say in words what the bar code of a device tells.",
    "worker": "Do the long work that waits, and send what may leave.",
    "jobs": "Show the long work of an organisation, end it, or start it again.",
    "action": "Run a field safety action in the store: match, answer, release, pause, end it.",
    "plan": "Plan an action: milestones per country, who is late, the law's clocks.",
    "letters": "Make a PDF letter for everybody whom a notice concerns, from files.",
    "letter": "Write the letters of an action, lead each to its lock, and see where they stand.",
    "serve": "Serve the public pages: is my device affected, the notices, their feeds.",
    "store": "Make an installation for a team, and keep its database up to date.",
    "person": "Show or erase one person; decide who is the same person in two lists.",
    "organisation": "Add an organisation to the installation, or list them.",
    "user": "Add, list and disable users; their passwords, second factors and sessions.",
    "role": "Give a user a role in an organisation, end it, or list who is what.",
    "login": "Open a session at this terminal, so that commands need no password for a day.",
    "logout": "End the session at this terminal.",
    "token": "Make, list and revoke tokens with which other software uses the API as you.",
    "backup": "Make a backup of an installation while it works, and verify it.",
    "restore": "Make an installation of a backup; it sends nothing until it is armed.",
    "doctor": "Say what is wrong with an installation, and what to do.",
    "dispatch": "Show what is sent to whom; stop it, settle what is unknown, note calls.",
    "print": "Make batches of printed letters, hand them over once, keep what is reported back.",
    "answer": "Enter what people answer on paper or by telephone, and work off what it asks.",
    "complaint": "Keep what people say has happened with a device, and list it.",
    "check": "Draw an effectiveness check, keep its answers, and see what it allows one to say.",
    "funnel": "Show how many people were told, reached, understood and acted.",
    "sender": "Say whether letters may be sent from here; arm, disarm, send.",
    "vendor": "Say by whom text messages leave: a vendor's folder or address.",
    "audit": "Verify, list, anchor or export the audit trail of an installation.",
    "schema": "Print the JSON Schema or the columns of a file that Tocsin reads or writes.",
    "sample": "Write the synthetic registry, holders and notices of a golden case.",
    "demo": "Run the three golden cases end to end and leave pages to look at.",
}


class _Lazy(click.Group):
    """A group whose commands are imported only when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click asks for it
        return list(_COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click asks for it
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click asks for it
        formatter: click.HelpFormatter,
    ) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_SHORT.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            known = ", ".join(_COMMANDS)
            raise click.UsageError(f"{error.message} The commands are: {known}.", ctx) from error


@click.group(
    cls=_Lazy,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=(
        "Start with `tocsin demo`, or with your own list: `tocsin match NOTICE.yaml --registry "
        "devices.csv --out verdicts.csv`. A verdict is affected, not_affected or cannot_tell; "
        "when the evidence does not decide, Tocsin says so and what to ask."
    ),
)
@click.version_option(package_name="tocsin", message="%(prog)s %(version)s")
def cli() -> None:
    """Tocsin: whom does a safety notice on medical devices concern, why, and whom to tell."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit with its code."""
    code = run(arguments)
    # All is done or undone by now: Ctrl-C while Python takes itself apart would only hide that.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if code == _INTERRUPTED:
        # Python ends by a signal, whatever we say, if Ctrl-C came while it ran text as a program,
        # which is how dataclasses and named tuples are made at import.
        with suppress(OSError):
            sys.stdout.flush()
        os._exit(code)
    sys.exit(code)


def run(arguments: list[str] | None = None) -> int:
    """Return the exit code of a command; print one sentence for every foreseen error."""
    try:
        result = cli.main(args=arguments, prog_name="tocsin", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except (KeyboardInterrupt, click.Abort):
        return _interrupted()
    except Exception as error:  # noqa: BLE001 - the last resort of the program
        return _interrupted() if _was_interrupted(error) else _report(error)
    return result if isinstance(result, int) else 0


def _interrupted() -> int:
    click.echo("tocsin: interrupted; nothing was left half-written.", err=True)
    return _INTERRUPTED


def _was_interrupted(error: BaseException | None) -> bool:
    """Whether an error only tells that somebody pressed Ctrl-C: DuckDB has one of its own."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__cause__ or error.__context__
    return False


def _report(error: Exception) -> int:
    """Print what went wrong and return the exit code for it."""
    if isinstance(error, TocsinError):
        click.echo(f"tocsin: {error.sentence}", err=True)
        return error.exit_code
    if isinstance(error, BrokenPipeError):  # the reader of our output has gone: that is fine
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    if isinstance(error, OSError) and error.strerror:
        where = f" ({error.filename})" if error.filename else ""
        click.echo(f"tocsin: {error.strerror}{where}. Nothing was written.", err=True)
        return 3
    if "django.db" in sys.modules:  # a command of the store
        from tocsin.services.installation import explain_database_error  # noqa: PLC0415

        if foreseen := explain_database_error(error):
            return _report(foreseen)
    return _our_fault(error)


def _our_fault(error: BaseException) -> int:
    with tempfile.NamedTemporaryFile(
        "w", prefix="tocsin-report-", suffix=".txt", delete=False, encoding="utf-8"
    ) as report:
        report.write("".join(traceback.format_exception(error)))
    click.echo(
        f"tocsin: this is our fault ({type(error).__name__}). Nothing was written. What happened "
        f"is in {Path(report.name)}; please send it with the command that you ran. It may quote "
        "values of your file: look before you send it.",
        err=True,
    )
    return 1


if __name__ == "__main__":
    main()
