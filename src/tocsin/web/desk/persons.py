"""Persons at the desk: looked for by what they tell, opened for a purpose, held, erased.

No page lists names. Each look at somebody is recorded with its purpose, which is asked once for
each person and kept in the session for as long as the user is signed in.
"""

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path, reverse

from tocsin.base.errors import TocsinError
from tocsin.services.person_file import SEARCHED_BY, access_person_file, search_persons
from tocsin.services.person_links import list_links
from tocsin.services.persons import end_hold, erase_person, hold_person
from tocsin.services.rights import rights_table
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.forms import ReasonForm, refuse
from tocsin.web.desk.trail_words import row_of, user_names
from tocsin.web.desk.view import DeskRequest, desk_page

_PURPOSES = "purposes"
_MOST_PURPOSES = 50
PRIVATE_WORDS = {
    "name": "Name",
    "email": "E-mail address",
    "phone": "Telephone",
    "address_lines": "Postal address",
}


class _Search(forms.Form):
    by = forms.ChoiceField(label="Look for", choices=list(SEARCHED_BY.items()))
    text = forms.CharField(
        label="What they told you", max_length=300, widget=forms.TextInput({"autocomplete": "off"})
    )
    purpose = forms.CharField(
        label="For what?",
        help_text="Such as: they called about the recall. It is recorded; name nobody.",
        max_length=200,
    )


class _Purpose(forms.Form):
    purpose = forms.CharField(
        label="For what do you open this person's data?",
        help_text="It is recorded with your name, and the person may ask for it. Name nobody.",
        max_length=200,
    )


class _Erasure(ReasonForm):
    sure = forms.BooleanField(
        label="I know that nobody can ever read this person's name and addresses again."
    )


@desk_page("list_links", "search_persons", "GET", "POST")
def persons(request: DeskRequest) -> HttpResponse:
    """Look for a person; what is found is told by numbers only."""
    may_search = bool(rights_table()["search_persons"].roles & request.caller.roles)
    form = _Search(request.POST or None) if may_search or request.method == "POST" else None
    found = None
    if form is not None and form.is_valid():
        told = form.cleaned_data
        try:
            found = search_persons(request.caller, told["by"], told["text"], told["purpose"])
            for each in found.found:
                _remember(request, each.person_id, told["purpose"])
        except TocsinError as error:
            refuse(form, error)
    n_open = len(list_links(request.caller, "proposed", limit=100))
    return show(request, "persons/search.html", form=form, found=found, n_open=n_open)


@desk_page("access_person_file", "GET", "POST")
def person(request: DeskRequest, person_id: str) -> HttpResponse:
    """Show everything about one person, after it was said for what."""
    here = reverse("desk:person", kwargs={"person_id": person_id})
    form = _Purpose(request.POST or None)
    if form.is_valid():
        _remember(request, person_id, form.cleaned_data["purpose"])
        return HttpResponseRedirect(here)
    purpose = request.session.get(_PURPOSES, {}).get(person_id)
    if not purpose or request.method == "POST":
        return show(request, "persons/purpose.html", form=form)
    file = access_person_file(request.caller, person_id, purpose)
    may_keep = bool(rights_table()["erase_person"].roles & request.caller.roles)
    private = [
        (PRIVATE_WORDS.get(name, name), text.split("|"))
        for name, text in file.shown.private.items()
    ]
    return show(
        request,
        "persons/person.html",
        file=file,
        private=private,
        purpose=purpose,
        may_keep=may_keep,
        accesses=[row_of(line, user_names(request)) for line in file.accesses],
    )


@desk_page("hold_person", "GET", "POST")
def hold(request: DeskRequest, person_id: str) -> HttpResponse:
    """Put a person under legal hold, with a reason."""
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            hold_person(request.caller, person_id, form.cleaned_data["reason"])
            said = "The person is under legal hold: nobody can erase them."
            return go("desk:person", said, request, person_id=person_id)
        except TocsinError as error:
            refuse(form, error)
    return show(request, "persons/hold.html", form=form, person_id=person_id, is_end=False)


@desk_page("end_hold", "GET", "POST")
def release(request: DeskRequest, person_id: str) -> HttpResponse:
    """End a person's legal hold, with a reason."""
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            end_hold(request.caller, person_id, form.cleaned_data["reason"])
            return go("desk:person", "The legal hold has ended.", request, person_id=person_id)
        except TocsinError as error:
            refuse(form, error)
    return show(request, "persons/hold.html", form=form, person_id=person_id, is_end=True)


@desk_page("erase_person", "GET", "POST")
def erase(request: DeskRequest, person_id: str) -> HttpResponse:
    """Erase a person's private data for good, or note the wish while something holds them."""
    form = _Erasure(request.POST or None)
    if form.is_valid():
        try:
            erasure = erase_person(request.caller, person_id, form.cleaned_data["reason"])
            said = "The name and addresses were erased. Figures and the audit trail still hold."
            if erasure.held_because:
                why = "; ".join(erasure.held_because)
                said = f"Nothing was erased: {why}. The wish is noted; ask again when that ends."
            return go("desk:person", said, request, person_id=person_id)
        except TocsinError as error:
            refuse(form, error)
    return show(request, "persons/erase.html", form=form, person_id=person_id)


def _remember(request: DeskRequest, person_id: str, purpose: str) -> None:
    kept = {**request.session.get(_PURPOSES, {}), person_id: purpose.strip()}
    request.session[_PURPOSES] = dict(list(kept.items())[-_MOST_PURPOSES:])


urlpatterns = [
    path("persons/", persons, name="persons"),
    path("persons/<str:person_id>/", person, name="person"),
    path("persons/<str:person_id>/hold/", hold, name="hold_person"),
    path("persons/<str:person_id>/end-hold/", release, name="end_hold"),
    path("persons/<str:person_id>/erase/", erase, name="erase_person"),
]
