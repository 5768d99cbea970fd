"""The first page of the desk, and choosing for which organisation one acts."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from tocsin.services.desk_overview import ActionOverview, Waiting, read_waiting
from tocsin.services.example import add_example, may_have_example
from tocsin.services.rights import rights_table
from tocsin.services.sending_stops import read_sending_stop
from tocsin.services.settings_facts import read_urgent_findings
from tocsin.store.roles import Role
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.view import DeskRequest, desk_page
from tocsin.web.desk.visitor import ORGANISATION

# Where what waits is settled: names of pages, the first that is there.
_PLACES = {
    "action": ("desk:action",),
    "triage": ("desk:triage", "desk:action"),
    "plan": ("desk:plan", "desk:action"),
    "imports": ("desk:imports", "desk:registries"),
    "links": ("desk:links", "desk:persons"),
    "notices": ("desk:notices",),
    "jobs": ("desk:jobs", "desk:registries"),
    **{
        name: (f"desk:{name}",)
        for name in ("sending", "answers", "repairs", "calls", "hand_overs", "print_batches")
    },
}
_FOR_OTHERS = "New work shows here as soon as it waits for your role."
_FOR_ADMINISTRATORS = (
    "Add users under Settings and give them roles. To see everything filled first, with a user for "
    "each role, `tocsin serve --demo` opens a demonstration beside this installation."
)


@desk_page("read_waiting", "read_sending_stop", "GET")
def home(request: DeskRequest) -> HttpResponse:
    """Show what waits for the user, and the actions with their state."""
    overview = read_waiting(request.caller)
    roles = request.caller.roles
    is_administrator = Role.ADMINISTRATOR in roles
    return show(
        request,
        "home/home.html",
        waiting=[{**asdict(one), "href": _href(one)} for one in overview.waiting],
        actions=[_linked(one) for one in overview.actions],
        n_ended=overview.n_ended,
        sees_actions=roles != {Role.ADMINISTRATOR},
        offers_example=is_administrator and may_have_example(),
        findings=read_urgent_findings(request.caller) if is_administrator else [],
        stopped_at=read_sending_stop(request.caller) if _sees_stop(roles) else None,
        calm=_FOR_ADMINISTRATORS if is_administrator else _FOR_OTHERS,
    )


@desk_page("add_example", "POST")
def example(request: DeskRequest) -> HttpResponse:
    """Add example data, in an organisation of its own."""
    add_example(request.caller)
    said = (
        "The example is being made; that takes a minute. Choose the organisation Example to see it."
    )
    return go("desk:organisation", said, request)


def _sees_stop(roles: frozenset[Role]) -> bool:
    return bool(rights_table()["read_sending_stop"].roles & roles)


def _linked(one: ActionOverview) -> dict[str, Any]:
    href = _href(Waiting("", "action", one.action_id))
    return {**asdict(one), "href": href}


def _href(one: Waiting) -> str:
    """Return the page that settles what waits; empty if there is none."""
    place = {} if one.action_id is None else {"action_id": one.action_id}
    for name in _PLACES[one.place]:
        try:
            return reverse(name, kwargs=place)
        except NoReverseMatch:
            continue
    return ""


class _Choice(forms.Form):
    organisation = forms.ChoiceField(label="Organisation", widget=forms.RadioSelect)


@desk_page("read_own_account", "GET", "POST", needs_organisation=False)
def organisation(request: DeskRequest) -> HttpResponse:
    """Let a user who works for several organisations choose one, for this session."""
    form = _Choice(request.POST or None)
    choices = [(each.slug, each.name) for each in request.visitor.account.organisations]
    form.fields["organisation"].choices = choices  # type: ignore[attr-defined] # a ChoiceField
    if form.is_valid():
        request.session[ORGANISATION] = form.cleaned_data["organisation"]
        wanted = request.GET.get("next", "")
        is_ours = url_has_allowed_host_and_scheme(
            wanted, {request.get_host()}, require_https=request.is_secure()
        )
        return HttpResponseRedirect(wanted if is_ours else reverse("desk:home"))
    return show(request, "home/organisation.html", form=form, has_choice=bool(choices))


urlpatterns = [
    path("", home, name="home"),
    path("example/", example, name="add_example"),
    path("organisation/", organisation, name="organisation"),
]
