"""Jobs as people see them: their own only, ended and started again with a row in the trail."""

from datetime import UTC, datetime

import pytest

from tests.services.lists import as_role, operator_of
from tocsin.base.errors import TocsinError
from tocsin.services import job_runs
from tocsin.services.job_handlers import HANDLERS
from tocsin.services.jobs import (
    JobNotOpen,
    JobUnknown,
    cancel_job,
    list_jobs,
    read_job,
    retry_job,
)
from tocsin.services.rights import NotAllowed
from tocsin.store.jobs import Claim, queue_job
from tocsin.store.roles import Role

NOW = datetime(2026, 11, 21, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("database")


class Broken(TocsinError):
    code = "broken"


@pytest.fixture(autouse=True)
def _more_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_claim: Claim, _told: object) -> None:
        raise Broken("The file is gone. Import it again.")

    def surprise(_claim: Claim, _told: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(HANDLERS, "refuse", refuse)
    monkeypatch.setitem(HANDLERS, "surprise", surprise)


def test_a_job_is_ended_and_started_again() -> None:
    operator = operator_of()
    job = queue_job("refuse", {}, NOW, operator.organisation_id)
    with pytest.raises(JobNotOpen, match="is queued"):
        retry_job(operator, job.pk)
    cancel_job(operator, job.pk, "the wrong list")
    assert read_job(operator, job.pk).state == "cancelled"
    with pytest.raises(JobNotOpen, match="cancelled already"):
        cancel_job(operator, job.pk, "again")
    retry_job(operator, job.pk)
    assert [line.state for line in list_jobs(operator, only_open=True)] == ["queued"]


def test_jobs_of_others_are_not_there() -> None:
    operator, other = operator_of(), operator_of("other")
    job = queue_job("refuse", {}, NOW, operator.organisation_id)
    assert list_jobs(other) == []
    with pytest.raises(JobUnknown):
        cancel_job(other, job.pk, "not mine")
    with pytest.raises(NotAllowed):
        cancel_job(as_role(operator, Role.AUDITOR), job.pk, "may not")


def test_a_job_that_is_refused_says_why() -> None:
    operator = operator_of()
    job = queue_job("refuse", {}, NOW, operator.organisation_id)
    assert job_runs.run_next(lambda _claim: None) is not None
    assert read_job(operator, job.pk).problem == "The file is gone. Import it again."


def test_an_error_that_nobody_foresaw_is_tried_again_and_reported() -> None:
    operator = operator_of()
    job = queue_job("surprise", {}, NOW, operator.organisation_id)
    for state in ("queued", "queued", "failed"):
        assert job_runs.run_next(lambda _claim: None) is not None
        assert read_job(operator, job.pk).state == state
    line = read_job(operator, job.pk)
    assert "our fault (ZeroDivisionError)" in line.problem
    assert job_runs.run_next(lambda _claim: None) is None
