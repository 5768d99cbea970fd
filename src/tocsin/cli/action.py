"""`tocsin action`: open an action, match it, see what changed, and whom to contact."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tocsin.cli.action_course import COURSE_COMMANDS
from tocsin.cli.action_release import RELEASE_COMMANDS
from tocsin.cli.action_triage import TRIAGE_COMMANDS
from tocsin.cli.caller import as_user
from tocsin.cli.csv_file import csv_option, write_rows

if TYPE_CHECKING:
    from tocsin.match.figures import Count
    from tocsin.services.action_matching import RunView
    from tocsin.services.changed_devices import RunDiff
    from tocsin.services.work import Caller

_id = click.argument("action_id", type=int, metavar="ACTION")
_run = click.option("--run", type=int, metavar="NUMBER", help="Which match; without it the last.")


@click.group()
def action() -> None:
    """Run a field safety action in the store: from notices and registries to a released scope.

    An action has a number, which `tocsin action list` shows. What is possible in which state stands
    in docs/reference/action-states.md; who may do it in docs/reference/rights.md.
    """


@action.command("open")
@click.argument("title")
@click.option("--notice", "-n", multiple=True, required=True, metavar="NAME", help="Kept notice.")
@click.option("--registry", "-r", multiple=True, required=True, metavar="NAME", help="Where.")
@click.option("--exercise", is_flag=True, help="Only try it: nothing will ever leave the house.")
@as_user
def open_(
    caller: "Caller", title: str, notice: Sequence[str], registry: Sequence[str], exercise: bool
) -> None:
    """Open an action as a draft, about one or several linked notices."""
    from tocsin.services.actions import open_action  # noqa: PLC0415 - needs Django

    made = open_action(caller, title, notice, registry, is_exercise=exercise)
    click.echo(f"Action {made} is open. Next: tocsin action match {made}.")


@action.command("list")
@as_user
def list_all(caller: "Caller") -> None:
    """List the actions, the last first."""
    from tocsin.services.actions import list_actions  # noqa: PLC0415

    found = list_actions(caller)
    if not found:
        click.echo(
            "There is no action yet. `tocsin action open TITLE -n NOTICE -r REGISTRY` opens one."
        )
    for line in found:
        exercise = " (exercise)" if line.is_exercise else ""
        click.echo(f"{line.action_id}\t{line.state}\t{line.title}{exercise}")


@action.command()
@_id
@as_user
def show(caller: "Caller", action_id: int) -> None:
    """Show an action: its state, notices, registries, last match, and what is possible now."""
    from tocsin.services.action_matching import read_run  # noqa: PLC0415
    from tocsin.services.actions import read_action  # noqa: PLC0415

    view = read_action(caller, action_id)
    exercise = ", an exercise" if view.line.is_exercise else ""
    click.echo(f"Action {action_id}: {view.line.title} ({view.line.state}{exercise})")
    for name, revision, state in view.notices:
        click.echo(f"  notice {name}, revision {revision} ({state})")
    for name, revision in view.registries:
        click.echo(f"  registry {name}, revision {revision}")
    if view.last_run is None:
        click.echo("  Not matched yet.")
    else:
        _print_run(read_run(caller, action_id))
    if view.is_stale:
        click.echo("  A notice or registry has changed since: match it again.")
    click.echo(f"Possible now: {', '.join(name.replace('_', ' ') for name in view.allowed)}.")


@action.command("add-notice")
@_id
@click.argument("name")
@as_user
def add_notice(caller: "Caller", action_id: int, name: str) -> None:
    """Let an action answer one more kept notice."""
    from tocsin.services.actions import add_notice_to_action  # noqa: PLC0415

    add_notice_to_action(caller, action_id, name)
    click.echo(f"Action {action_id} answers {name} too. Match it again.")


@action.command("add-registry")
@_id
@click.argument("name")
@as_user
def add_registry(caller: "Caller", action_id: int, name: str) -> None:
    """Let an action look in one more registry."""
    from tocsin.services.actions import add_registry_to_action  # noqa: PLC0415

    add_registry_to_action(caller, action_id, name)
    click.echo(f"Action {action_id} looks in {name} too. Match it again.")


@action.command("match")
@_id
@click.option("--wait/--queue", "is_now", default=True, help="Do it now, or leave it to a worker.")
@as_user
def match(caller: "Caller", action_id: int, is_now: bool) -> None:
    """Match an action's newest notice revisions with its registries as they are now."""
    from tocsin.services.action_matching import (  # noqa: PLC0415
        match_action,
        queue_match,
        read_run,
    )
    from tocsin.services.changed_devices import read_changes  # noqa: PLC0415

    if not is_now:
        click.echo(f"Job {queue_match(caller, action_id)} waits for a worker.")
        return
    number = match_action(caller, action_id)
    _print_run(read_run(caller, action_id, number))
    if number > 1:
        _print_diff(read_changes(caller, action_id, limit=1))


@action.command("diff")
@_id
@click.option("--run", type=int, metavar="NUMBER", help="The newer match; without it the last.")
@click.option("--before", type=int, metavar="NUMBER", help="The older; without it the one before.")
@csv_option
@as_user
def diff(
    caller: "Caller", action_id: int, run: int | None, before: int | None, csv: Path | None
) -> None:
    """Show what a match changes against an earlier one: newly in, newly out, contact again."""
    from tocsin.services.changed_devices import SoughtChanges, read_changes  # noqa: PLC0415

    found = read_changes(caller, action_id, run, before)
    _print_diff(found)
    names = ("registry_id", "device_id", "notice", "was", "now", "change", "holder")

    def rows(page: "RunDiff") -> Iterator[dict[str, str]]:
        while True:
            for one in page.changes:
                row = {name: str(getattr(one, name)) for name in names}
                yield row | _words(one.was, one.now)
            if page.later is None:
                return
            sought = SoughtChanges(after=page.later)
            page = read_changes(caller, action_id, page.new, page.old or None, sought)

    write_rows(csv, names, rows(found))


@action.command("figures")
@_id
@_run
@click.option(
    "--by",
    type=click.Choice(["country", "kind"]),
    help="Divide them by the holders' country or kind.",
)
@csv_option
@as_user
def figures(
    caller: "Caller", action_id: int, run: int | None, by: str | None, csv: Path | None
) -> None:
    """Show a match's figures, whole or by country or kind of the holders."""
    from tocsin.services.action_matching import read_figures_by, read_run  # noqa: PLC0415

    if by is None:
        view = read_run(caller, action_id, run)
        _print_run(view)
        counts = {
            (each.notice, "all", str(verdict)): count
            for each in view.summary.notices
            for verdict, count in each.verdicts.items()
        }
    else:
        counts = read_figures_by(caller, action_id, by, run)
        for (name, part, verdict), count in counts.items():
            click.echo(f"{name}\t{part}\t{verdict}{_count_words(count)}")
    write_rows(csv, ("notice", by or "part", "verdict", *_COUNTED), _figure_rows(counts, by))


@action.command("contacts")
@_id
@_run
@csv_option
@as_user
def contacts(caller: "Caller", action_id: int, run: int | None, csv: Path | None) -> None:
    """List whom to contact, once each over all notices of the action, by ids only."""
    from tocsin.services.action_matching import list_contacts  # noqa: PLC0415

    found = list_contacts(caller, action_id, run)
    rows = [
        {
            "person": one.person,
            "verdict": str(one.verdict),
            "notices": "; ".join(f"{name}: {verdict}" for name, verdict in one.notices),
            "devices": one.n_devices,
        }
        for one in found
    ]
    if csv is None:
        for row in rows:
            click.echo("\t".join(map(str, row.values())))
    write_rows(csv, ("person", "verdict", "notices", "devices"), rows)
    click.echo(f"{len(found):,} persons and organisations to contact.", err=True)


@action.command("history")
@_id
@as_user
def history(caller: "Caller", action_id: int) -> None:
    """Show what happened to an action, as the audit trail tells it."""
    from tocsin.services.actions import read_history  # noqa: PLC0415

    for line in read_history(caller, action_id):
        told = ", ".join(f"{name} {value}" for name, value in line.new.items())
        why = f" because: {line.reason}" if line.reason else ""
        click.echo(f"{line.at:%Y-%m-%d %H:%M:%S %Z}\t{line.actor}\t{line.event}\t{told}{why}")


@action.command("verify")
@_id
@_run
@as_user
def verify(caller: "Caller", action_id: int, run: int | None) -> None:
    """Make a match again from what it judged, and say whether it comes out the same."""
    from tocsin.services.action_matching import verify_run  # noqa: PLC0415

    if verify_run(caller, action_id, run):
        click.echo("Made again, the match gives the very same verdicts.")
        return
    click.echo(
        "Made again, the match gives other verdicts, or its figures were changed. Do not act on "
        "it: match the action again, and compare.",
        err=True,
    )
    raise SystemExit(3)


_COUNTED = ("records", "quantity", "holders", "quantity_unknown")


def _print_run(view: "RunView") -> None:
    lists = ", ".join(f"{name} at revision {revision}" for name, revision in view.registries)
    click.echo(f"Match {view.number}, of {lists}:")
    for each in view.summary.notices:
        click.echo(f"  {each.notice}, revision {each.revision}:")
        for verdict, count in each.verdicts.items():
            click.echo(f"    {verdict:<13}{_count_words(count)}")
    if view.summary.gaps:
        click.echo(f"  {view.summary.gaps:,} records name no product; each is listed once.")


def _print_diff(found: "RunDiff") -> None:
    click.echo(f"From match {found.old} to match {found.new}:")
    for name, counts in found.counts.items():
        click.echo(f"  {name}:")
        for change, count in counts.items():
            click.echo(f"    {change:<14}{_count_words(count)}")
    if not found.counts:
        click.echo("  Neither concerns any record.")


def _count_words(count: "Count") -> str:
    return f"{count.records:>12,} records {count.quantity:>12,} units {count.holders:>10,} holders"


def _words(was: Any, now: Any) -> dict[str, str]:
    from tocsin.base.verdict import verdict_of  # noqa: PLC0415

    return {"was": str(verdict_of(was)), "now": str(verdict_of(now))}


def _figure_rows(
    counts: Mapping[tuple[str, str, str], "Count"], by: str | None
) -> Iterable[dict[str, Any]]:
    for (name, part, verdict), count in counts.items():
        yield {"notice": name, by or "part": part, "verdict": verdict, **count.model_dump()}


for _command in (*COURSE_COMMANDS, *RELEASE_COMMANDS, *TRIAGE_COMMANDS):
    action.add_command(_command)
