"""Answers of the desk: a page, a way to the next page with a word, a file."""

import os
from pathlib import Path
from typing import IO, Any, cast

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse


def show(
    request: HttpRequest, template: str, *, status: int | None = None, **values: Any
) -> HttpResponse:
    """Return a page of the desk.

    Args:
        request: the request.
        template: its name below ``web/desk/``.
        status: the HTTP status; by default 200, or that of what ``form`` was refused for.
        values: what the template shows. ``form`` brings its error summary; ``refresh_s`` lets
            the page load itself anew, for what goes on by itself.
    """
    form = values.get("form")
    if status is None:
        refused = form is not None and form.is_bound and bool(form.errors)
        status = getattr(form, "refused_with", 400) if refused else 200
    return HttpResponse(render_to_string(f"web/desk/{template}", values, request), status=status)


def go(name: str, said: str, request: HttpRequest, **place: Any) -> HttpResponse:
    """Return the way to a page, on which a sentence says what was done.

    Args:
        name: the page's name, such as ``desk:action``.
        said: one sentence in the past tense.
        request: the request.
        place: what the page's address is made of.
    """
    messages.success(request, said)
    return HttpResponseRedirect(reverse(name, kwargs=place))


def file_answer(path: Path, name: str, content_type: str) -> HttpResponse:
    """Return a file of this installation to keep, sent in parts; it may be removed meanwhile."""
    answer = FileResponse(
        path.open("rb"), as_attachment=True, filename=name, content_type=content_type
    )
    return cast("HttpResponse", answer)  # it has all that pages are asked for


def lent_file(file: IO[bytes], name: str) -> HttpResponse:
    """Return a ZIP file to keep that has no name on the disk and is gone when it was sent."""
    kept_open = os.fdopen(os.dup(file.fileno()), "rb")  # the answer is sent after it was lent
    answer = FileResponse(
        kept_open, as_attachment=True, filename=name, content_type="application/zip"
    )
    return cast("HttpResponse", answer)


def csv_answer(text: str, name: str) -> HttpResponse:
    """Return a CSV file to keep; `text` must be made so that no cell starts a formula."""
    return HttpResponse(
        text,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
