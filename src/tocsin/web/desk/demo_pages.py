"""Pages of the demonstration alone: its users with their codes, and its mailbox."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.urls import path

from tocsin.base.errors import TocsinError
from tocsin.services.demo_mail import list_mail, read_mail
from tocsin.services.demo_only import DemoOnly, check_demo
from tocsin.services.demo_users import PASSWORD, list_demo_users
from tocsin.web.desk.answers import show
from tocsin.web.desk.faults import explain_fault, missing_page
from tocsin.web.desk.view import dress
from tocsin.web.routes import PUBLIC, View, route

P = ParamSpec("P")


def _only_in_demo(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> View[P]:
    """Return a page that is nowhere but in the demonstration, on this machine."""

    @route(PUBLIC, "GET")
    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            check_demo()
            response = view(request, *args, **kwargs)
        except DemoOnly:
            response = missing_page(request)
        except TocsinError as error:
            response = explain_fault(request, error)
        return dress(response)

    return answer


@_only_in_demo
def users(request: HttpRequest) -> HttpResponse:
    """Show the users of the demonstration, and what their apps show now."""
    return show(request, "demo/users.html", users=list_demo_users(), password=PASSWORD)


@_only_in_demo
def mailbox(request: HttpRequest) -> HttpResponse:
    """Show what the demonstration would have sent."""
    return show(request, "demo/mailbox.html", letters=list_mail())


@_only_in_demo
def letter(request: HttpRequest, name: str) -> HttpResponse:
    """Show one letter of the mailbox."""
    return show(request, "demo/letter.html", letter=read_mail(name))


urlpatterns = [
    path("demo/", users, name="demo"),
    path("demo/mail/", mailbox, name="demo_mail"),
    path("demo/mail/<str:name>/", letter, name="demo_letter"),
]
