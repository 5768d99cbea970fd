"""Somebody's words at the desk: shown once it was told for what they are read."""

from collections.abc import Callable, Mapping

from django.http import HttpResponse

from tocsin.base.errors import TocsinError
from tocsin.web.desk.answers import show
from tocsin.web.desk.forms import PurposeForm, refuse
from tocsin.web.desk.view import DeskRequest

ERASED = "nothing that can still be read"
"""What is shown where there were words, and the person was erased since."""


def show_words(
    request: DeskRequest, title: str, access: Callable[[str], Mapping[str, str]]
) -> HttpResponse:
    """Ask for a purpose, and show the words once it was told.

    Args:
        request: the request.
        title: of the page.
        access: returns the words by what they are, for a purpose; each call stands in the trail.
    """
    form, told = PurposeForm(request.POST or None), None
    if form.is_valid():
        try:
            told = access(form.cleaned_data["purpose"])
        except TocsinError as error:
            refuse(form, error)
    return show(request, "outcome/words.html", form=form, title=title, told=told)
