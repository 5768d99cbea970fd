"""What went wrong at the desk, as a page: the error's own sentence, its code, what to do."""

from django.http import HttpRequest, HttpResponse

from tocsin.base.errors import TocsinError
from tocsin.services.own_organisations import list_administrators
from tocsin.web.desk.answers import show

_STATUS = {
    "answer_file_erased": 410,
    "database_away": 503,
    "database_unreachable": 503,
    "device_not_found": 404,
    "draft_closed": 409,
    "draft_moved": 409,
    "import_not_waiting": 409,
    "job_not_open": 409,
    "leavers_unsigned": 409,
    "letter_moved": 409,
    "list_not_kept": 409,
    "link_not_open": 409,
    "name_taken": 409,
    "no_match_yet": 409,
    "no_role_here": 403,
    "not_allowed": 403,
    "not_now": 409,
    "not_ready": 409,
    "not_reviewed": 409,
    "records_moved": 409,
    "registry_busy": 409,
    "registry_exists": 409,
    "run_stale": 409,
    "scope_not_seen": 409,
    "scope_unreviewed": 409,
    "second_person_missing": 409,
    "step_up_needed": 403,
    "too_many_attempts": 429,
}
_TITLES = {
    403: "You may not do this",
    404: "There is nothing here",
    410: "This is gone",
    409: "This cannot be done now",
    429: "Too many attempts",
    500: "The fault is ours",
    503: "The database does not answer",
}


def status_of(error: TocsinError) -> int:
    """Return the HTTP status that says what kind of refusal an error is."""
    if error.exit_code == 1:
        return 500
    return _STATUS.get(error.code, 404 if error.code.endswith("_unknown") else 400)


def explain_fault(request: HttpRequest, error: TocsinError) -> HttpResponse:
    """Return the page of an error; one of rights says which role is needed and who gives it."""
    status = status_of(error)
    visitor = getattr(request, "visitor", None)
    administrators = []
    if status == 403 and visitor is not None and visitor.organisation is not None:
        administrators = list_administrators(visitor.caller)
    return show(
        request,
        "fault.html",
        status=status,
        title=_TITLES.get(status, "This was refused"),
        sentence=error.sentence,
        code=error.code,
        administrators=administrators,
    )


def missing_page(request: HttpRequest) -> HttpResponse:
    """Say that there is no such page at the desk."""
    return show(
        request,
        "fault.html",
        status=404,
        title=_TITLES[404],
        sentence="There is no page at this address. Nothing was changed. Check the address, or "
        "go on from the start.",
        code="page_unknown",
    )


def expired_form(request: HttpRequest) -> HttpResponse:
    """Say that a form was not one of ours, or was open for too long."""
    return show(
        request,
        "fault.html",
        status=403,
        title="Send the form again",
        sentence="The form was open for too long, or your browser keeps no cookies. Nothing was "
        "changed. Go back, load the page again, and send it once more.",
        code="form_expired",
    )


def broken_page(request: HttpRequest) -> HttpResponse:
    """Say that the fault is ours."""
    return show(
        request,
        "fault.html",
        status=500,
        title=_TITLES[500],
        sentence="Something broke that should not. What was not finished was not kept. Try again; "
        "if it happens again, tell the administrator of the machine what time it is now.",
        code="broken",
    )
