"""Who was given a device, at the desk: entered, and written to with the letter that is released."""

from django import forms
from django.http import HttpResponse
from django.urls import path

from tocsin.base.errors import TocsinError
from tocsin.registry.holder_record import KINDS
from tocsin.services.new_holders import NewHolder, tell_new_holder
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.forms import refuse
from tocsin.web.desk.view import DeskRequest, desk_page

_KINDS = ("person", *sorted(KINDS - {"person"}))


class _HolderForm(forms.Form):
    use_required_attribute = False
    needs_some = True
    name = forms.CharField(label="Name", required=False, max_length=200)
    email = forms.CharField(label="E-mail", required=False, max_length=254)
    phone = forms.CharField(label="Telephone, with its country", required=False, max_length=60)
    address_lines = forms.CharField(
        label="Postal address",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    country = forms.CharField(label="Country, two letters", required=False, max_length=2)
    language = forms.CharField(label="Language, such as fr", required=False, max_length=35)
    kind = forms.ChoiceField(label="Who is it?", choices=[(each, each) for each in _KINDS])
    person_id = forms.CharField(
        label="Or the id of a person who is known",
        help_text="Then leave the name and addresses empty.",
        required=False,
        max_length=36,
    )


@desk_page("tell_new_holder", "GET", "POST")
def new_holder(request: DeskRequest, action_id: int, item_id: int) -> HttpResponse:
    """Enter who has a device now, and queue the released letter for them."""
    form = _HolderForm(request.POST or None)
    if form.is_valid():
        told = form.cleaned_data
        holder = NewHolder(**told)
        try:
            done = tell_new_holder(request.caller, item_id, holder)
            ways = ", ".join(done.channels) or "no channel yet: a contact to repair is open"
            said = f"The letter {done.letter} is queued by {ways}."
            return go("desk:answers", said, request, action_id=action_id)
        except TocsinError as error:
            refuse(form, error)
    return show(request, "outcome/new_holder.html", form=form, action_id=action_id)


urlpatterns = [
    path(
        "actions/<int:action_id>/passed-on/<int:item_id>/new-holder/",
        new_holder,
        name="new_holder",
    ),
]
