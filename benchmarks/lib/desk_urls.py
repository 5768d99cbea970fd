"""The pages' addresses with two more: views that do nothing, as the measure."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from tocsin.web.desk.view import DeskRequest, desk_page
from tocsin.web.urls import *  # noqa: F403 - the handlers of errors, too
from tocsin.web.urls import urlpatterns as pages


def empty(_request: HttpRequest) -> HttpResponse:
    """Answer with two letters, through all that pages go through."""
    return HttpResponse("ok")


@login_required
def empty_signed_in(_request: HttpRequest) -> HttpResponse:
    """Answer who is signed in with two letters: session and user are read, nothing else."""
    return HttpResponse("ok")


@desk_page("read_own_account", "GET")
def empty_at_desk(_request: DeskRequest) -> HttpResponse:
    """Answer two letters to who is signed in, through all that pages of the desk go through."""
    return HttpResponse("ok")


urlpatterns = [
    path("empty", empty),
    path("empty-signed-in", empty_signed_in),
    path("empty-at-desk", empty_at_desk),
    *pages,
]
