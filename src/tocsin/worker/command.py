"""`tocsin worker`: do the long work that waits in the installation."""

import signal
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tocsin.store.jobs import Claim


@click.command()
@click.option("--once", is_flag=True, help="Do what waits, then end.")
def worker(*, once: bool) -> None:
    """Do the long work that waits, imports and matches, and send what may leave.

    Runs until it is stopped: with Ctrl-C, or by the system (SIGTERM); then it ends the step that it
    is in and gives the job back. Several may run at once. Killed, nothing is lost and nothing is
    done twice: the next worker goes on when the job's lease has ended, after a minute or the
    seconds that TOCSIN_LEASE_S names.
    """
    from tocsin.services.installation import open_installation  # noqa: PLC0415 - needs Django

    open_installation()
    from tocsin.worker.loop import Worker  # noqa: PLC0415 - after the installation is open
    from tocsin.worker.sender_loop import SenderLoop  # noqa: PLC0415

    loop, sending = Worker(_tell, _tell_step), SenderLoop(_tell)
    _stop_on_signal(loop.stop, sending.stop)
    # A match may take minutes; what may leave does not wait for it.
    thread = threading.Thread(target=sending.run, kwargs={"once": once}, name="sender")
    thread.start()
    try:
        loop.run(once=once)
    finally:
        if not once:
            sending.stop()
        thread.join()


def send_until_stopped(*, once: bool) -> bool:
    """Send what may leave in this process and nothing else; return whether nothing hindered it."""
    from tocsin.services.installation import open_installation  # noqa: PLC0415 - needs Django

    open_installation()
    from tocsin.worker.sender_loop import SenderLoop  # noqa: PLC0415 - after it is open

    sending = SenderLoop(_tell)
    _stop_on_signal(sending.stop)
    if not once:
        _tell("Sending what may leave. Ctrl-C ends it after the message that it is handing over.")
    return sending.run(once=once)


def _stop_on_signal(*stops: Callable[[], None]) -> None:
    def stop(*_: object) -> None:
        for each in stops:
            each()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, stop)


def _tell(sentence: str) -> None:
    click.echo(f"{datetime.now().astimezone():%H:%M:%S} {sentence}")
    sys.stdout.flush()


def _tell_step(claim: "Claim") -> None:
    done = f"{claim.n_done:,}" + (f" of {claim.n_total:,}" if claim.n_total else "")
    _tell(f"job {claim.job_id} ({claim.kind}): {done}")
