"""Settings: the organisation's users and roles, and what the installation is made of."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import path, reverse

from tocsin.base.errors import TocsinError
from tocsin.services.invitations import invite_user, make_first_link
from tocsin.services.languages import LANGUAGES, catalogue_of
from tocsin.services.organisations import (
    UserLine,
    UserUnknown,
    disable_user,
    end_role,
    give_role,
    list_users,
)
from tocsin.services.rights import parse_role
from tocsin.services.settings_facts import read_health, read_installation_facts
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.forms import ReasonForm, refuse
from tocsin.web.desk.listing import Column, Listing
from tocsin.web.desk.view import DeskRequest, desk_page
from tocsin.web.pages import site_address

ROLES = {
    "author": "writes notices and letters, opens actions",
    "reviewer": "reviews and signs what authors have written",
    "releaser": "releases scopes and letters by a second signature, starts and ends actions",
    "operator": "imports registries, answers triage, looks after letters that leave",
    "auditor": "reads everything, changes nothing",
    "privacy_officer": "looks at persons, erases, holds, confirms links",
    "administrator": "adds users and gives roles; releases nothing",
}
"""What each role does, for whoever gives it."""
_CHOICES = [(key, f"{key.replace('_', ' ').capitalize()}: {said}") for key, said in ROLES.items()]
_COLUMNS = (
    Column[UserLine]("name", "Name", lambda one: one.name.lower()),
    Column[UserLine]("email", "E-mail", lambda one: one.email),
    Column[UserLine]("roles", "Roles", lambda one: one.roles),
    Column[UserLine]("active", "Can sign in", lambda one: one.is_active),
)


class _NewUser(forms.Form):
    name = forms.CharField(
        label="Name", max_length=200, help_text="As it is to be printed beside signatures."
    )
    email = forms.EmailField(label="E-mail address", help_text="Theirs alone: they sign in by it.")
    roles = forms.MultipleChoiceField(
        label="Roles", choices=_CHOICES, widget=forms.CheckboxSelectMultiple
    )


class _Role(forms.Form):
    role = forms.ChoiceField(label="Role", choices=_CHOICES, widget=forms.RadioSelect)

    def __init__(self, *args: Any, held: tuple[str, ...], **options: Any) -> None:
        super().__init__(*args, **options)
        left = [choice for choice in _CHOICES if choice[0] not in held]
        self.fields["role"].choices = left  # type: ignore[attr-defined] # a ChoiceField


@desk_page("read_installation_facts", "GET")
def settings(request: DeskRequest) -> HttpResponse:
    """Show what can be set, and how things stand."""
    facts = read_installation_facts(request.caller)
    return show(
        request,
        "settings/settings.html",
        facts=facts,
        n_overdue=sum(table.is_overdue for table in facts.tables),
        roles=request.caller.roles,
        languages=[catalogue_of(language) for language in LANGUAGES],
    )


@desk_page("read_installation_facts", "GET")
def fact_tables(request: DeskRequest) -> HttpResponse:
    """Show the tables of facts with their sources, overdue ones first."""
    return show(
        request, "settings/facts.html", tables=read_installation_facts(request.caller).tables
    )


@desk_page("read_health", "GET")
def health(request: DeskRequest) -> HttpResponse:
    """Show what is wrong with the installation."""
    return show(request, "settings/health.html", findings=read_health(request.caller))


@desk_page("list_users", "GET")
def users(request: DeskRequest) -> HttpResponse:
    """Show the organisation's users."""
    listing = Listing(request, list_users(request.caller), _COLUMNS, sort="name")
    return show(request, "settings/users.html", listing=listing)


@desk_page("invite_user", "make_first_link", "GET", "POST")
def new_user(request: DeskRequest) -> HttpResponse:
    """Add a user with roles, and show the link that lets them in."""
    form = _NewUser(request.POST or None)
    if form.is_valid():
        told = form.cleaned_data
        roles = [parse_role(role) for role in told["roles"]]
        try:
            user_id = invite_user(request.caller, told["email"], told["name"], roles)
            return _show_link(request, _find(request, user_id))
        except TocsinError as error:
            refuse(form, error, "email" if error.code == "name_taken" else None)
    return show(request, "settings/new_user.html", form=form)


@desk_page("list_users", "GET")
def user(request: DeskRequest, user_id: int) -> HttpResponse:
    """Show one user with their roles."""
    return show(request, "settings/user.html", user=_find(request, user_id), words=ROLES)


@desk_page("make_first_link", "POST")
def link(request: DeskRequest, user_id: int) -> HttpResponse:
    """Make the link by which a user chooses their first password."""
    return _show_link(request, _find(request, user_id))


@desk_page("give_role", "GET", "POST")
def give(request: DeskRequest, user_id: int) -> HttpResponse:
    """Give a user a role."""
    found = _find(request, user_id)
    form = _Role(request.POST or None, held=found.roles)
    if form.is_valid():
        try:
            give_role(request.caller, user_id, parse_role(form.cleaned_data["role"]))
        except TocsinError as error:
            refuse(form, error, "role")
        else:
            said = f"{found.name} has the role now."
            return go("desk:user", said, request, user_id=user_id)
    return show(request, "settings/give.html", form=form, user=found)


@desk_page("end_role", "GET", "POST")
def end(request: DeskRequest, user_id: int, role: str) -> HttpResponse:
    """End a user's role, and say why."""
    found = _find(request, user_id)
    if role not in found.roles:
        raise UserUnknown(f"User {user_id} does not have this role here. Nothing was changed.")
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            end_role(request.caller, user_id, parse_role(role), form.cleaned_data["reason"])
        except TocsinError as error:
            refuse(form, error)
        else:
            return go("desk:users", f"{found.name} has lost the role.", request)
    return show(request, "settings/end.html", form=form, user=found, role=role)


@desk_page("disable_user", "GET", "POST")
def disable(request: DeskRequest, user_id: int) -> HttpResponse:
    """Let a user sign in no more, and say why."""
    found = _find(request, user_id)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            disable_user(request.caller, user_id, form.cleaned_data["reason"])
        except TocsinError as error:
            refuse(form, error)
        else:
            return go("desk:user", f"{found.name} can sign in no more.", request, user_id=user_id)
    return show(request, "settings/disable.html", form=form, user=found)


def _show_link(request: DeskRequest, found: UserLine) -> HttpResponse:
    uid, _, key = make_first_link(request.caller, found.user_id).partition("-")
    way = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": key})
    address = f"{site_address(request)}{way}"
    return show(request, "settings/link.html", user=found, address=address)


def _find(request: DeskRequest, user_id: int) -> UserLine:
    found = next((one for one in list_users(request.caller) if one.user_id == user_id), None)
    if found is None:
        raise UserUnknown(f"There is no user {user_id} in your organisation.")
    return found


urlpatterns = [
    path("settings/", settings, name="settings"),
    path("settings/facts/", fact_tables, name="fact_tables"),
    path("settings/health/", health, name="health"),
    path("settings/users/", users, name="users"),
    path("settings/users/new/", new_user, name="new_user"),
    path("settings/users/<int:user_id>/", user, name="user"),
    path("settings/users/<int:user_id>/link/", link, name="user_link"),
    path("settings/users/<int:user_id>/give/", give, name="give_role"),
    path("settings/users/<int:user_id>/end/<slug:role>/", end, name="end_role"),
    path("settings/users/<int:user_id>/disable/", disable, name="disable_user"),
]
