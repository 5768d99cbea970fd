"""Long work at the desk: what waits, how far it is, ending it, starting it again."""

from django.http import HttpResponse
from django.urls import path

from tocsin.base.errors import TocsinError
from tocsin.services.jobs import JobLine, cancel_job, list_jobs, read_job, retry_job
from tocsin.services.rights import rights_table
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.forms import ReasonForm, refuse
from tocsin.web.desk.view import DeskRequest, desk_page

PER_PAGE = 50
_REFRESH_S = 5
_OPEN = frozenset({"queued", "claimed"})
KIND_WORDS = {
    "add_example": "Example data",
    "import_records": "Import of devices",
    "import_holders": "Import of holders",
    "match_action": "Match of an action",
    "verify_trail": "Verification of the audit trail",
}
STATE_WORDS = {
    "queued": "waits",
    "claimed": "runs",
    "done": "done",
    "failed": "failed",
    "cancelled": "cancelled",
}


@desk_page("list_jobs", "GET")
def jobs(request: DeskRequest) -> HttpResponse:
    """Show the long work of the organisation, the newest first."""
    below = request.GET.get("below", "")
    start = int(below) if below.isdecimal() and len(below) < 19 else None
    only_open = request.GET.get("open") == "1"
    found = list_jobs(request.caller, only_open=only_open, limit=PER_PAGE + 1, below=start)
    lines = found[:PER_PAGE]
    return show(
        request,
        "jobs/list.html",
        rows=[(line, _kind(line), STATE_WORDS[line.state], line.state in _OPEN) for line in lines],
        only_open=only_open,
        later=lines[-1].job_id if len(found) > PER_PAGE else None,
        may_end=bool(rights_table()["cancel_job"].roles & request.caller.roles),
        refresh_s=_REFRESH_S if any(line.state in _OPEN for line in lines) else None,
    )


@desk_page("cancel_job", "GET", "POST")
def cancel(request: DeskRequest, job_id: int) -> HttpResponse:
    """End a job, with a reason; what its steps have done so far stays."""
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            cancel_job(request.caller, job_id, form.cleaned_data["reason"])
            return go("desk:jobs", f"Job {job_id} is cancelled; it can be started again.", request)
        except TocsinError as error:
            refuse(form, error)
    line = read_job(request.caller, job_id)
    return show(request, "jobs/cancel.html", form=form, line=line, kind=_kind(line))


@desk_page("retry_job", "POST")
def retry(request: DeskRequest, job_id: int) -> HttpResponse:
    """Let a job that failed or was cancelled go on from its last step."""
    retry_job(request.caller, job_id)
    return go("desk:jobs", f"Job {job_id} waits again; a worker takes it.", request)


def _kind(line: JobLine) -> str:
    return KIND_WORDS.get(line.kind, line.kind.replace("_", " ").capitalize())


urlpatterns = [
    path("jobs/", jobs, name="jobs"),
    path("jobs/<int:job_id>/cancel/", cancel, name="cancel_job"),
    path("jobs/<int:job_id>/retry/", retry, name="retry_job"),
]
