"""`tocsin worker`: do the long work that waits in the installation."""

import signal
import sys
from datetime import datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tocsin.store.jobs import Claim


@click.command()
@click.option("--once", is_flag=True, help="Do what waits, then end.")
def worker(*, once: bool) -> None:
    """Do the long work that waits: imports and matches.

    Runs until it is stopped: with Ctrl-C, or by the system (SIGTERM); then it ends the step that it
    is in and gives the job back. Several may run at once. Killed, nothing is lost and nothing is
    done twice: the next worker goes on when the job's lease has ended, after a minute or the
    seconds that TOCSIN_LEASE_S names.
    """
    from tocsin.services.installation import open_installation  # noqa: PLC0415 - needs Django

    open_installation()
    from tocsin.worker.loop import Worker  # noqa: PLC0415 - after the installation is open

    loop = Worker(_tell, _tell_step)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: loop.stop())
    loop.run(once=once)


def _tell(sentence: str) -> None:
    click.echo(f"{datetime.now().astimezone():%H:%M:%S} {sentence}")
    sys.stdout.flush()


def _tell_step(claim: "Claim") -> None:
    done = f"{claim.n_done:,}" + (f" of {claim.n_total:,}" if claim.n_total else "")
    _tell(f"job {claim.job_id} ({claim.kind}): {done}")
