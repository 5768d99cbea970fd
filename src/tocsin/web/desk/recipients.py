"""The people on the frozen lists of an action, sought by id."""

from django import forms
from django.http import HttpResponse
from django.urls import path

from tocsin.base.errors import UsageError
from tocsin.services.listed_recipients import (
    MOST,
    RecipientLine,
    SoughtRecipients,
    list_recipients,
)
from tocsin.services.rights import rights_table
from tocsin.web.desk.answers import show
from tocsin.web.desk.listing import Column, Listing
from tocsin.web.desk.view import DeskRequest, desk_page

_COLUMNS: tuple[Column[RecipientLine], ...] = (
    Column("recipient", "Recipient", lambda line: line.recipient_id),
    Column("person", "Person", lambda line: line.person_id),
    Column("letter", "Letter", lambda line: line.letter),
    Column("why", "Why", lambda line: line.why),
    Column("country", "Country", lambda line: line.country),
    Column("dispatches", "Dispatches", lambda line: line.n_dispatches, is_number=True),
    Column("answer", "Answer"),
)


class _Filter(forms.Form):
    use_required_attribute = False
    sought = forms.CharField(
        label="Id of a person, or number of a recipient", required=False, max_length=60
    )
    without_dispatch = forms.BooleanField(label="Only who has no dispatch", required=False)


@desk_page("list_recipients", "GET")
def recipients(request: DeskRequest, action_id: int) -> HttpResponse:
    """List who is on the frozen lists of an action, with or without a dispatch."""
    filters = _Filter(request.GET or None)
    told = filters.cleaned_data if filters.is_valid() else {}
    lines: list[RecipientLine] = []
    try:
        lines = list_recipients(request.caller, action_id, SoughtRecipients(**told), limit=MOST)
    except UsageError as error:
        filters.add_error("sought", error.sentence)
    return show(
        request,
        "sending/recipients.html",
        action_id=action_id,
        filters=filters,
        listing=Listing(request, lines, _COLUMNS),
        is_cut=len(lines) == MOST,
        may_enter=bool(rights_table()["enter_answer"].roles & request.caller.roles),
    )


urlpatterns = [path("actions/<int:action_id>/recipients/", recipients, name="recipients")]
