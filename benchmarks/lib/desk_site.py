"""The pages' settings and addresses with one more: a view that does nothing, as the measure."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from tocsin.web.settings import *  # noqa: F403 - the settings that are measured
from tocsin.web.urls import urlpatterns as pages

ROOT_URLCONF = "benchmarks.lib.desk_site"


def empty(_request: HttpRequest) -> HttpResponse:
    """Answer with two letters, through all that pages go through."""
    return HttpResponse("ok")


@login_required
def empty_signed_in(_request: HttpRequest) -> HttpResponse:
    """Answer who is signed in with two letters: session and user are read, nothing else."""
    return HttpResponse("ok")


urlpatterns = [path("empty", empty), path("empty-signed-in", empty_signed_in), *pages]
