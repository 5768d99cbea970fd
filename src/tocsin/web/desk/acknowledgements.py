"""Answers at the desk: what came in, and the words of one, read for a purpose."""

from collections import Counter

from django.http import HttpResponse
from django.urls import path

from tocsin.services.answer_files import list_answer_files
from tocsin.services.answer_views import (
    ANSWER_COLUMNS,
    access_acknowledgement,
    answer_rows,
    list_acknowledgements,
)
from tocsin.services.answer_work import list_answer_work
from tocsin.services.matching import rows_csv
from tocsin.web.desk.answers import csv_answer, show
from tocsin.web.desk.listing import Column, Listing
from tocsin.web.desk.private_words import show_words
from tocsin.web.desk.view import DeskRequest, desk_page


@desk_page("list_acknowledgements", "list_answer_work", "GET")
def answers(request: DeskRequest, action_id: int) -> HttpResponse:
    """Show what was answered in an action, and what that asks of us."""
    files = Counter(
        each.acknowledgement_id for each in list_answer_files(request.caller, action_id)
    )
    lines = list_acknowledgements(request.caller, action_id)
    listing = Listing(
        request,
        [(line, files[line.acknowledgement_id]) for line in lines],
        [
            Column("answer", "Answer", lambda row: row[0].acknowledgement_id),
            Column("files", "Files", lambda row: row[1]),
            Column("when", "When", lambda row: row[0].answered_at),
            Column("channel", "By", lambda row: row[0].channel),
            Column("outcome", "Outcome", lambda row: row[0].outcome),
            Column("understood", "Understood", lambda row: row[0].has_understood),
            Column("acted", "Acted", lambda row: row[0].has_acted),
        ],
    )
    work = list_answer_work(request.caller, action_id)
    return show(
        request, "outcome/answers.html", action_id=action_id, listing=listing,
        open_work=[each for each in work if each.closed_at is None],
        n_closed=sum(each.closed_at is not None for each in work),
    )  # fmt: skip


@desk_page("list_acknowledgements", "GET")
def answers_csv(request: DeskRequest, action_id: int) -> HttpResponse:
    """Give the answers as CSV, without any word of theirs."""
    lines = list_acknowledgements(request.caller, action_id)
    text = rows_csv(ANSWER_COLUMNS, answer_rows(lines))
    return csv_answer(text, f"answers-of-action-{action_id}.csv")


@desk_page("access_acknowledgement", "GET", "POST")
def words(request: DeskRequest, acknowledgement_id: int) -> HttpResponse:
    """Show the words of an answer, after a purpose was told."""
    return show_words(
        request,
        f"Words of answer {acknowledgement_id}",
        lambda purpose: access_acknowledgement(request.caller, acknowledgement_id, purpose),
    )


urlpatterns = [
    path("actions/<int:action_id>/answers/", answers, name="answers"),
    path("actions/<int:action_id>/answers.csv", answers_csv, name="answers_csv"),
    path("answers/<int:acknowledgement_id>/words/", words, name="answer_words"),
]
