"""Entering an answer that came on paper, by telephone or through the clinic, at the desk."""

from django.http import HttpResponse
from django.urls import path

from tocsin.base.errors import TocsinError
from tocsin.outreach.reply import ReplyRefused
from tocsin.services.answer_files import add_answer_file
from tocsin.services.answer_forms import read_recipient_form
from tocsin.services.answers import enter_answer
from tocsin.web.desk.answer_form import EnterForm
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.forms import refuse
from tocsin.web.desk.view import DeskRequest, desk_page


@desk_page("enter_answer", "GET", "POST")
def enter(request: DeskRequest, recipient_id: int) -> HttpResponse:
    """Enter an answer that came on paper, by telephone or through the clinic."""
    asked = read_recipient_form(request.caller, recipient_id)
    form = EnterForm(asked, request.POST or None, request.FILES or None)
    if form.is_valid():
        told = form.cleaned_data
        try:
            kept = enter_answer(
                request.caller, recipient_id, form.reply(), told["channel"], told["evidence"]
            )
            if told["file"]:
                add_answer_file(request.caller, kept.acknowledgement_id, told["file"])
            said = "The answer was kept." if kept.is_new else "This answer was there already."
            return go("desk:answers", said, request, action_id=asked.action_id)
        except ReplyRefused as error:
            for fault, what in error.faults.items():
                form.add_error(form.field_of(fault), what.capitalize())
        except TocsinError as error:
            refuse(form, error)
    return show(request, "outcome/enter.html", form=form, asked=asked)


urlpatterns = [path("recipients/<int:recipient_id>/answer/", enter, name="enter_answer")]
