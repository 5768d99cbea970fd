"""The addresses of the API, below the one that it is mounted at."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, URLResolver, path, re_path
from django.views.decorators.csrf import csrf_exempt

from tocsin.api.application import make_interface
from tocsin.api.problems import AddressUnknown, MethodNotAllowed, problem_of

View = Callable[..., HttpResponse]


def _in_words(view: View) -> View:
    """Return a view that tells as a problem what the framework only refuses."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        allowed = sorted(response["Allow"].split(", "))
        told = problem_of(
            MethodNotAllowed(f"Here only {', '.join(allowed)} can be done. Nothing was changed.")
        )
        told["Allow"] = ", ".join(allowed)
        return told

    return answer


@csrf_exempt
def unknown(request: HttpRequest, _: str = "") -> HttpResponse:
    """Say that there is nothing at an address."""
    return problem_of(AddressUnknown(f"There is nothing at {request.path[:200]!r}."))


def _told(patterns: list[URLResolver | URLPattern]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern) and pattern.name != "api-root":
            pattern.callback = _in_words(pattern.callback)
            yield pattern


interface = make_interface()
_patterns, _app, _namespace = interface.urls
urlpatterns = [
    path("", ([*_told(_patterns)], _app, _namespace)),
    re_path(r"^(.*)$", unknown),
]
