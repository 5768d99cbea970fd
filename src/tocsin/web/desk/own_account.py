"""My account: name, time zone, second factors, and the sessions that are open."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.http import HttpResponse
from django.urls import path

from tocsin.services.accounts import end_session, list_sessions
from tocsin.services.step_up import ways_to_prove
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.view import DeskRequest, desk_page
from tocsin.web.desk.visitor import ZONE


@desk_page("list_sessions", "GET", needs_organisation=False)
def account(request: DeskRequest) -> HttpResponse:
    """Show the user's own account."""
    return show(
        request,
        "account/account.html",
        sessions=list_sessions(request.caller),
        ways=ways_to_prove(request.visitor.account.user_id),
    )


class _Zone(forms.Form):
    zone = forms.ChoiceField(
        label="Time zone",
        help_text="Times are shown in it, and it stands beside what you sign. Until you sign out.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        names = sorted(name for name in available_timezones() if "/" in name or name == "UTC")
        self.fields["zone"].choices = [(each, each) for each in names]  # type: ignore[attr-defined]


@desk_page("read_own_account", "GET", "POST", needs_organisation=False)
def zone(request: DeskRequest) -> HttpResponse:
    """Let the user choose the time zone of this session."""
    now = str(request.caller.now.tzinfo)
    form = _Zone(request.POST or None, initial={"zone": now})
    if form.is_valid():
        request.session[ZONE] = form.cleaned_data["zone"]
        return go("desk:account", f"Times are those of {form.cleaned_data['zone']} now.", request)
    return show(request, "account/zone.html", form=form)


@desk_page("end_session", "POST", needs_organisation=False)
def end(request: DeskRequest, key: str) -> HttpResponse:
    """End one of the user's sessions."""
    end_session(request.caller, key)
    return go("desk:account", "The session was ended.", request)


urlpatterns = [
    path("account/", account, name="account"),
    path("account/zone/", zone, name="zone"),
    path("account/sessions/<str:key>/end/", end, name="end_session"),
]
