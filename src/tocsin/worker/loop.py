"""The worker's loop: do what waits, anchor the trail, stop between two steps, outlive restarts."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db import InterfaceError, OperationalError, connection

from tocsin.base.errors import TocsinError, first_line
from tocsin.services.anchoring import anchor_trail
from tocsin.services.job_runs import JobStopped, describe_job, run_next
from tocsin.store.jobs import Claim

LOOK_S = 1.0
"""How long to wait before looking again when nothing waits."""
LONGEST_WAIT_S = 30.0
ANCHOR_EVERY_S = 60.0


@dataclass
class Worker:
    """Does jobs until it is asked to stop.

    Attributes:
        told: is called with a sentence when something happens.
        stepped: is called after each committed step of a job.
        look_s: seconds between two looks when nothing waits.
    """

    told: Callable[[str], None]
    stepped: Callable[[Claim], None]
    look_s: float = LOOK_S
    is_stopping: bool = field(default=False, init=False)
    _anchor_at_s: float = field(default=0.0, init=False)

    def stop(self) -> None:
        """Ask to stop after the step that is done now."""
        self.is_stopping = True

    def run(self, *, once: bool = False) -> None:
        """Do jobs until asked to stop; with ``once`` until none waits."""
        wait_s = self.look_s
        while not self.is_stopping:
            try:
                self._anchor()
                claim = run_next(self._after_step)
            except JobStopped:
                return
            except (OperationalError, InterfaceError, OSError) as error:
                self._tell_trouble(error, wait_s)
                self._sleep(wait_s)
                wait_s = min(2 * wait_s, LONGEST_WAIT_S)
                continue
            wait_s = self.look_s
            if claim is not None:
                self.told(describe_job(claim.job_id))
            elif once:
                return
            else:
                self._sleep(self.look_s)

    def _anchor(self) -> None:
        """Anchor the trail once a minute; what hinders it is told and hinders no work."""
        if time.monotonic() < self._anchor_at_s:
            return
        self._anchor_at_s = time.monotonic() + ANCHOR_EVERY_S
        try:
            problem = anchor_trail(datetime.now(tz=UTC)).problem
        except TocsinError as error:
            problem = error.sentence
        if problem:
            self.told(problem)

    def _after_step(self, claim: Claim) -> None:
        self.stepped(claim)
        self._anchor()
        if self.is_stopping:
            raise JobStopped

    def _tell_trouble(self, error: Exception, wait_s: float) -> None:
        self.told(f"{first_line(error)}. Nothing is lost; looking again in {wait_s:.0f} s.")
        connection.close()  # a connection that broke stays broken

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self.is_stopping and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.2))
