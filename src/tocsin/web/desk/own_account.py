"""My account: name, second factors, and the sessions that are open."""

from django.http import HttpResponse
from django.urls import path

from tocsin.services.accounts import end_session, list_sessions
from tocsin.services.step_up import ways_to_prove
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.view import DeskRequest, desk_page


@desk_page("list_sessions", "GET", needs_organisation=False)
def account(request: DeskRequest) -> HttpResponse:
    """Show the user's own account."""
    return show(
        request,
        "account/account.html",
        sessions=list_sessions(request.caller),
        ways=ways_to_prove(request.visitor.account.user_id),
    )


@desk_page("end_session", "POST", needs_organisation=False)
def end(request: DeskRequest, key: str) -> HttpResponse:
    """End one of the user's sessions."""
    end_session(request.caller, key)
    return go("desk:account", "The session was ended.", request)


urlpatterns = [
    path("account/", account, name="account"),
    path("account/sessions/<str:key>/end/", end, name="end_session"),
]
