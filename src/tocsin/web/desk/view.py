"""What every page of the desk is made by, and how to write one.

    @desk_page("read_action", "release_scope", "GET", "POST")
    def release(request: DeskRequest, action_id: int) -> HttpResponse:
        form = ReleaseForm(request.POST or None)
        if form.is_valid():
            try:
                release_scope(prove(request), action_id)
                return go("desk:action", "The scope is released.", request, action_id=action_id)
            except TocsinError as error:
                refuse(form, error)
        return show(request, "action/release.html", form=form, action=...)

- The names in lower case are services of the table of rights. The *first* decides who may open the
  page; the others are what the page can do, and refuse by themselves. A service that is everybody's
  own opens the page to every user, one with `needs_organisation=False` even to who has no role yet.
- Who is not logged in is sent to log in and back. Who works for several organisations chooses one.
- ``request.caller`` is the user for the chosen organisation, its time in the user's zone.
  ``prove(request)`` (`web.desk.step_up`) is the same with a proof, for a service that signs; the
  form then includes ``web/desk/parts/step_up.html``.
- A TocsinError that leaves the view becomes a page with its sentence and code (`web.desk.faults`);
  `refuse` (`web.desk.forms`) puts it into the form's error summary instead.
- `show`, `go` and `csv_answer` (`web.desk.answers`) make answers; `Listing` (`web.desk.listing`)
  makes sortable heads and page links. Forms are Django's; `{{ form }}` has our look.
- Templates extend ``web/desk/base.html``; their address is ``web/desk/<group>/<page>.html``.
  Parts to include: ``web/desk/parts/*.html``, each says at its top what it wants.
- A module of pages has its own ``urlpatterns`` with names (``desk:action``), and `web.desk.urls`
  gathers it.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode, urlsplit

from csp.constants import SELF
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from tocsin.base.errors import TocsinError
from tocsin.services.rights import check_roles, rights_table
from tocsin.services.work import Caller
from tocsin.web.desk.faults import explain_fault
from tocsin.web.desk.visitor import Visitor, find_visitor
from tocsin.web.headers import NO_STORE
from tocsin.web.routes import View, route

P = ParamSpec("P")
# A browser asks the policy also where the button "Sign in with ..." is redirected to.
_PROVIDER = urlsplit(getattr(settings, "OIDC_ISSUER", ""))
_POLICY = {
    "script-src": [SELF],
    "connect-src": [SELF],
    **({"form-action": [f"https://{_PROVIDER.netloc}"]} if _PROVIDER.netloc else {}),
}


class DeskRequest(HttpRequest):
    """A request of somebody who is logged in.

    Attributes:
        visitor: who, and for which organisation.
        caller: the same as the caller of services.
    """

    visitor: Visitor
    caller: Caller


DeskView = Callable[Concatenate[DeskRequest, P], HttpResponse]


def desk_page(*names: str, needs_organisation: bool = True) -> Callable[[DeskView[P]], View[P]]:
    """Return a decorator that makes a view a page of the desk.

    Args:
        names: services, the first opens the page; and methods, in capital letters.
        needs_organisation: whether the user must act for an organisation.

    Raises:
        KeyError: if a service has no right: a bug of ours, found when the module is imported.
    """
    services = [name for name in names if not name.isupper()]
    methods = [name for name in names if name.isupper()]
    for each in services:
        rights_table()[each]

    def make(view: DeskView[P]) -> View[P]:
        @route(services[0], *methods)
        @wraps(view)
        def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            try:
                visitor = find_visitor(request)
                if visitor is None:
                    return _to("account_login", request)
                request.visitor, request.caller = visitor, visitor.caller  # type: ignore[attr-defined]
                if needs_organisation and visitor.organisation is None:
                    return _to("desk:organisation", request)
                check_roles(services[0], visitor.caller.roles, is_console=False)
                with timezone.override(visitor.caller.now.tzinfo):  # times as the user's clock
                    response = view(request, *args, **kwargs)  # type: ignore[arg-type] # it is one
            except TocsinError as error:
                response = explain_fault(request, error)
            return dress(response)

        return answer

    return make


def dress(response: HttpResponse) -> HttpResponse:
    """Return an answer with the headers of the desk: never kept, scripts only from ourselves."""
    if not isinstance(response, HttpResponseNotAllowed):
        response._csp_update = _POLICY  # type: ignore[attr-defined] # noqa: SLF001 - django-csp's
    response["Cache-Control"] = NO_STORE
    return response


def _to(name: str, request: HttpRequest) -> HttpResponse:
    """Send somebody to a page and, when that is done, back to where they wanted to go."""
    wanted = request.get_full_path() if request.method in {"GET", "HEAD"} else reverse("desk:home")
    return dress(HttpResponseRedirect(f"{reverse(name)}?{urlencode({'next': wanted})}"))
