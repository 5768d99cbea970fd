"""Complaints at the desk: a list, and the words of one, read for a purpose."""

from django.http import HttpResponse
from django.urls import path

from tocsin.services.complaints import access_complaint, list_complaints
from tocsin.web.desk.answers import show
from tocsin.web.desk.listing import Column, Listing
from tocsin.web.desk.private_words import ERASED, show_words
from tocsin.web.desk.view import DeskRequest, desk_page


@desk_page("list_complaints", "GET")
def complaints(request: DeskRequest) -> HttpResponse:
    """Show the complaints, without the words of who made them."""
    found = list_complaints(request.caller)
    listing = Listing(
        request,
        found,
        [
            Column("complaint", "Complaint", lambda line: line.complaint_id),
            Column("aware", "We know since", lambda line: line.aware_at),
            Column("happened", "Happened", lambda line: line.happened_on),
            Column("action", "Action", lambda line: line.action_id),
            Column("channel", "By", lambda line: line.channel),
            Column("device", "Device", lambda line: line.device_id),
        ],
    )
    return show(request, "outcome/complaints.html", listing=listing)


@desk_page("access_complaint", "GET", "POST")
def complaint(request: DeskRequest, complaint_id: int) -> HttpResponse:
    """Show the words of a complaint, after a purpose was told."""

    def access(purpose: str) -> dict[str, str]:
        return {"what happened": access_complaint(request.caller, complaint_id, purpose) or ERASED}

    return show_words(request, f"Complaint {complaint_id}", access)


urlpatterns = [
    path("complaints/", complaints, name="complaints"),
    path("complaints/<int:complaint_id>/", complaint, name="complaint"),
]
