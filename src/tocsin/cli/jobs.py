"""`tocsin jobs`: what long work waits, how far it is, ending it, starting it again."""

from typing import TYPE_CHECKING

import click

from tocsin.cli.caller import as_user

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.services.jobs import JobLine
    from tocsin.services.work import Caller


@click.group()
def jobs() -> None:
    """Show the long work of an organisation (imports, matches), end it, or start it again."""


@jobs.command("list")
@click.option("--open", "only_open", is_flag=True, help="Only what waits or runs.")
@as_user
def list_all(caller: "Caller", *, only_open: bool) -> None:
    """List the jobs, the newest first."""
    from tocsin.services.jobs import list_jobs  # noqa: PLC0415 - after the installation is open

    found = list_jobs(caller, only_open=only_open)
    if not found:
        click.echo("There is no job. An import or a match makes one.")
        return
    click.echo(f"{'job':>6}  {'kind':<16} {'state':<10} {'done':>12} {'of':>12}  problem")
    _print(found)


@jobs.command()
@click.argument("job_id", type=int, metavar="JOB")
@as_user
def show(caller: "Caller", job_id: int) -> None:
    """Show how one job stands."""
    from tocsin.services.jobs import read_job  # noqa: PLC0415

    line = read_job(caller, job_id)
    _print([line])
    click.echo(f"begun {line.created_at:%Y-%m-%d %H:%M} UTC, taken {line.attempts} times")
    if line.finished_at:
        click.echo(f"ended {line.finished_at:%Y-%m-%d %H:%M} UTC")


@jobs.command()
@click.argument("job_id", type=int, metavar="JOB")
@click.option("--reason", required=True, help="Why; it goes into the audit trail.")
@as_user
def cancel(caller: "Caller", job_id: int, reason: str) -> None:
    """End a job; what its steps have done so far stays."""
    from tocsin.services.jobs import cancel_job  # noqa: PLC0415

    cancel_job(caller, job_id, reason)
    click.echo(f"Job {job_id} is cancelled. `tocsin jobs retry {job_id}` lets it go on.")


@jobs.command()
@click.argument("job_id", type=int, metavar="JOB")
@as_user
def retry(caller: "Caller", job_id: int) -> None:
    """Let a job that failed or was cancelled go on from its last step."""
    from tocsin.services.jobs import retry_job  # noqa: PLC0415

    retry_job(caller, job_id)
    click.echo(f"Job {job_id} waits again; `tocsin worker` takes it.")


def _print(lines: "Sequence[JobLine]") -> None:
    for line in lines:
        of = f"{line.n_total:,}" if line.n_total is not None else "?"
        click.echo(
            f"{line.job_id:>6}  {line.kind:<16} {line.state:<10} {line.n_done:>12,} {of:>12}  "
            f"{line.problem}"
        )
