"""Letters that clinics hand over, at the desk: the clinics, the list of each, and what they say."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.urls import path

from tocsin.base.errors import TocsinError
from tocsin.outreach.dispatch_states import DispatchState
from tocsin.services.clinic_letters import ClinicLettersStay, lent_clinic_letters
from tocsin.services.hand_overs import (
    HAND_OVER_COLUMNS,
    ClinicLine,
    HandOver,
    HandOverList,
    access_hand_overs,
    hand_over_rows,
    list_hand_overs,
    note_hand_overs,
)
from tocsin.services.matching import rows_csv
from tocsin.services.rights import rights_table
from tocsin.web.desk.answers import csv_answer, go, lent_file, show
from tocsin.web.desk.forms import refuse
from tocsin.web.desk.listing import Column, Listing
from tocsin.web.desk.view import DeskRequest, desk_page

_COLUMNS: tuple[Column[ClinicLine], ...] = (
    Column("clinic", "Clinic", lambda line: line.clinic_id),
    Column("waiting", "To be handed over", lambda line: line.n_waiting, is_number=True),
    Column("given", "To be confirmed", lambda line: line.n_handed_over, is_number=True),
    Column("confirmed", "Confirmed", lambda line: line.n_confirmed, is_number=True),
)
_EVENTS = {
    "hand_over": "The clinic has handed them over",
    "confirm": "The clinic has confirmed in writing that they were handed over",
    "give_up": "The clinic could not hand them over: the next channel is opened",
}
_STANDS = {
    DispatchState.QUEUED: "to be handed over since {day}",
    DispatchState.HANDED_OVER: "handed over on {day}, to be confirmed",
}


class _NoteForm(forms.Form):
    use_required_attribute = False
    dispatches = forms.TypedMultipleChoiceField(
        label="Which letters?",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick at least one letter."},
    )
    event = forms.ChoiceField(
        label="What does the clinic say?", widget=forms.RadioSelect, choices=list(_EVENTS.items())
    )
    note = forms.CharField(
        label="Where is it filed?",
        help_text="Such as where the clinic's confirmation is kept. Name no patient.",
        required=False,
        max_length=200,
    )

    def __init__(self, found: HandOverList, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type] # Django's own
        choices = [(each.dispatch_id, _words(each)) for each in found.letters]
        self.fields["dispatches"].choices = choices  # type: ignore[attr-defined]


def _words(each: HandOver) -> str:
    stands = _STANDS[each.state].format(day=f"{each.since:%Y-%m-%d}")
    who = f"{each.name or 'Name unknown'} ({each.holder_id})" if each.holder_id else each.name
    return f"{who or 'Name unknown'}, {each.letter}: {stands}"


@desk_page("list_hand_overs", "GET")
def hand_overs(request: DeskRequest, action_id: int) -> HttpResponse:
    """List the clinics that hand letters over at the next visit."""
    lines = list_hand_overs(request.caller, action_id)
    return show(
        request,
        "sending/hand_overs.html",
        action_id=action_id,
        listing=Listing(request, lines, _COLUMNS),
        n_waiting=sum(line.n_waiting for line in lines),
        n_given=sum(line.n_handed_over for line in lines),
        n_confirmed=sum(line.n_confirmed for line in lines),
        may_look=bool(rights_table()["access_hand_overs"].roles & request.caller.roles),
    )


@desk_page("note_hand_overs", "access_hand_overs", "GET", "POST")
def clinic(request: DeskRequest, action_id: int, registry_id: int, clinic_id: str) -> HttpResponse:
    """Show whom a clinic has to give a letter to, and note what it says of them."""
    found = access_hand_overs(request.caller, action_id, registry_id, clinic_id)
    form = _NoteForm(found, request.POST if request.method == "POST" else None)
    if form.is_valid():
        told = form.cleaned_data
        try:
            n = note_hand_overs(
                request.caller, action_id, told["event"], told["dispatches"], told["note"]
            )
            said = "One letter is noted." if n == 1 else f"{n} letters are noted."
            place = {"action_id": action_id, "registry_id": registry_id, "clinic_id": clinic_id}
            return go("desk:hand_over_list", said, request, **place)
        except TocsinError as error:
            refuse(form, error)
    return show(request, "sending/hand_over_list.html", action_id=action_id, found=found, form=form)


@desk_page("access_hand_overs", "GET")
def clinic_csv(
    request: DeskRequest, action_id: int, registry_id: int, clinic_id: str
) -> HttpResponse:
    """Return a clinic's list as a file for it to fill in."""
    found = access_hand_overs(request.caller, action_id, registry_id, clinic_id)
    text = rows_csv(HAND_OVER_COLUMNS, hand_over_rows(found))
    return csv_answer(text, f"letters-to-hand-over-action-{action_id}.csv")


@desk_page("keep_clinic_letters", "POST")
def clinic_letters(
    request: DeskRequest, action_id: int, registry_id: int, clinic_id: str
) -> HttpResponse:
    """Return a clinic's letters as one file; what is left out is said on the page of its list."""
    place: dict[str, Any] = {
        "action_id": action_id,
        "registry_id": registry_id,
        "clinic_id": clinic_id,
    }
    try:
        with lent_clinic_letters(request.caller, **place) as (told, file):
            if told.left_out or told.n_more:
                messages.warning(request, told.told)
            return lent_file(file, told.name)
    except ClinicLettersStay as error:
        return go("desk:hand_over_list", error.sentence, request, **place)


_PLACE = "actions/<int:action_id>/hand-overs/"
_CLINIC = f"{_PLACE}<int:registry_id>/<path:clinic_id>"
urlpatterns = [
    path(_PLACE, hand_overs, name="hand_overs"),
    path(f"{_CLINIC}/letters.zip", clinic_letters, name="hand_over_letters"),
    path(f"{_CLINIC}/list.csv", clinic_csv, name="hand_over_csv"),
    path(f"{_CLINIC}/", clinic, name="hand_over_list"),
]
