"""The right that every route declares: who may call it, and with which methods.

A view without a declaration cannot be a route: a test walks all routes and fails. `PUBLIC` is a
declaration, too. Roles of users come beside it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
PUBLIC = "public"
_DECLARATION = "declaration"


@dataclass(frozen=True)
class Declaration:
    """Who may call a route, and how."""

    right: str
    methods: tuple[str, ...]


def route(right: str, *methods: str) -> Callable[[View[P]], View[P]]:
    """Return a decorator that declares a view's right, and refuses every other method.

    HEAD is answered wherever GET is.
    """
    declaration = Declaration(right, methods)

    def declare(view: View[P]) -> View[P]:
        @wraps(view)
        def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            method = "GET" if request.method == "HEAD" else request.method
            if method not in methods:
                return HttpResponseNotAllowed(methods)
            return view(request, *args, **kwargs)

        setattr(answer, _DECLARATION, declaration)  # read by declared_on
        return answer

    return declare


def declared_on(view: object) -> Declaration | None:
    """Return what a view declares; None if nothing."""
    return getattr(view, _DECLARATION, None)
