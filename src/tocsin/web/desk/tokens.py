"""My tokens for other software: what is there, making one, revoking one."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import path

from tocsin.base.errors import TocsinError
from tocsin.services.api_tokens import (
    MOST_DAYS,
    MOST_NAME,
    TokenLine,
    TokenUnknown,
    WantedToken,
    add_token,
    list_tokens,
    revoke_token,
)
from tocsin.services.rights import rights_table
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.forms import refuse
from tocsin.web.desk.view import DeskRequest, desk_page


class _Wanted(forms.Form):
    name = forms.CharField(
        label="What is it for?",
        help_text="Such as: the hospital's device list, every night.",
        max_length=MOST_NAME,
    )
    roles = forms.MultipleChoiceField(
        label="Which of your roles may it use?", widget=forms.CheckboxSelectMultiple
    )
    may_write = forms.BooleanField(
        label="It may also change things",
        help_text="Without this it only reads. It can never sign.",
        required=False,
    )
    services = forms.MultipleChoiceField(
        label="Only these services",
        help_text="Choose what it needs and no more. None chosen: all that these roles may.",
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 12}),
    )
    days = forms.IntegerField(
        label="For how many days?",
        help_text=f"1 to {MOST_DAYS}. Then it opens nothing, and you make another.",
        min_value=1,
        max_value=MOST_DAYS,
        initial=90,
    )

    def __init__(self, roles: tuple[str, ...], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        named = [(role, role.replace("_", " ")) for role in roles]
        self.fields["roles"].choices = named  # type: ignore[attr-defined]
        may = sorted(
            name
            for name, right in rights_table().items()
            if not right.step_up and {str(role) for role in right.roles} & set(roles)
        )
        words = [(name, name.replace("_", " ")) for name in may]
        self.fields["services"].choices = words  # type: ignore[attr-defined]


@desk_page("list_tokens", "GET", needs_organisation=False)
def tokens(request: DeskRequest) -> HttpResponse:
    """Show the user's tokens, those that have ended too."""
    return show(request, "tokens/list.html", tokens=list_tokens(request.caller))


@desk_page("add_token", "GET", "POST")
def add(request: DeskRequest) -> HttpResponse:
    """Make a token for the organisation that the user acts for, and show it this once."""
    own = request.visitor.organisation
    if own is None:  # never: the page needs one
        raise TokenUnknown("Choose an organisation first. Nothing was made.")
    form = _Wanted(own.roles, request.POST or None)
    if form.is_valid():
        told = form.cleaned_data
        wanted = WantedToken(
            told["name"],
            tuple(told["roles"]),
            tuple(told["services"]),
            told["may_write"],
            told["days"],
        )
        try:
            token, until = add_token(request.caller, own.slug, wanted)
            return show(request, "tokens/made.html", token=token, until=until, name=told["name"])
        except TocsinError as error:
            refuse(form, error)
    return show(request, "tokens/add.html", form=form, own=own)


@desk_page("revoke_token", "GET", "POST", needs_organisation=False)
def revoke(request: DeskRequest, token_id: int) -> HttpResponse:
    """End a token at once."""
    line = _find(request, token_id)
    if request.method == "POST":
        revoke_token(request.caller, token_id)
        return go("desk:tokens", f"The token {line.name!r} opens nothing any more.", request)
    return show(request, "tokens/revoke.html", line=line)


def _find(request: DeskRequest, token_id: int) -> TokenLine:
    for line in list_tokens(request.caller):
        if line.token_id == token_id and line.is_open:
            return line
    raise TokenUnknown(f"You have no open token {token_id}. Nothing was changed.")


urlpatterns = [
    path("account/tokens/", tokens, name="tokens"),
    path("account/tokens/add/", add, name="add_token"),
    path("account/tokens/<int:token_id>/revoke/", revoke, name="revoke_token"),
]
