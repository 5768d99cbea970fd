"""Files that show answers: what is kept, keeping another, and looking at one for a purpose."""

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.urls import path

from tocsin.base.errors import TocsinError
from tocsin.services.answer_files import (
    MOST_BYTES,
    SUFFIXES,
    AnswerFileUnfit,
    access_answer_file,
    add_answer_file,
    check_answer_file,
    list_answer_files,
)
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.forms import PurposeForm, refuse
from tocsin.web.desk.view import DeskRequest, desk_page

_MB = MOST_BYTES // 1_000_000


class AnswerFileField(forms.FileField):
    """A file that shows an answer; its value is the file's bytes."""

    def clean(self, data: UploadedFile | None, initial: None = None) -> bytes:
        """Return the bytes of a file that can be kept; none where none was sent.

        Raises:
            ValidationError: if it is none.
        """
        sent = super().clean(data, initial)
        if not sent:
            return b""
        content: bytes = sent.read(MOST_BYTES + 1)
        try:
            check_answer_file(content)
        except AnswerFileUnfit as error:
            raise forms.ValidationError(error.sentence, code=error.code) from error
        return content


def answer_file_field(*, required: bool = True) -> AnswerFileField:
    """Return the field for a file that shows an answer."""
    return AnswerFileField(
        label="File that shows it",
        help_text=f"A scan, a photograph, a note of the call: PDF, JPEG or PNG, at most {_MB} MB. "
        "It is sealed with the person's key and erased with it; its name is not kept.",
        required=required,
        widget=forms.FileInput(attrs={"accept": ",".join(SUFFIXES.values())}),
        error_messages={"required": f"No file arrived. Choose one of at most {_MB} MB."},
    )


class _FileForm(forms.Form):
    file = answer_file_field()
    use_required_attribute = False


@desk_page("list_answer_files", "add_answer_file", "GET", "POST")
def files(request: DeskRequest, action_id: int, acknowledgement_id: int) -> HttpResponse:
    """Show the files of an answer, and keep another."""
    found = list_answer_files(request.caller, action_id)
    form = _FileForm(request.POST, request.FILES) if request.method == "POST" else _FileForm()
    if form.is_bound and form.is_valid():
        try:
            add_answer_file(request.caller, acknowledgement_id, form.cleaned_data["file"])
        except TocsinError as error:
            refuse(form, error)
        else:
            place = {"action_id": action_id, "acknowledgement_id": acknowledgement_id}
            return go("desk:answer_files", "The file is kept.", request, **place)
    return show(
        request,
        "outcome/files.html",
        form=form,
        action_id=action_id,
        acknowledgement_id=acknowledgement_id,
        files=[each for each in found if each.acknowledgement_id == acknowledgement_id],
    )


@desk_page("access_answer_file", "GET", "POST")
def file(request: DeskRequest, file_id: int) -> HttpResponse:
    """Ask for a purpose, and give a file of an answer, to be kept and not shown in the browser."""
    form = PurposeForm(request.POST or None)
    if form.is_valid():
        try:
            opened = access_answer_file(request.caller, file_id, form.cleaned_data["purpose"])
        except TocsinError as error:
            refuse(form, error)
        else:
            return HttpResponse(
                opened.content,
                content_type=opened.media_type,
                headers={
                    "Content-Disposition": f'attachment; filename="{opened.name}"',
                    "X-Content-Type-Options": "nosniff",
                },
            )
    return show(request, "outcome/file.html", form=form, file_id=file_id)


urlpatterns = [
    path(
        "actions/<int:action_id>/answers/<int:acknowledgement_id>/files/",
        files,
        name="answer_files",
    ),
    path("answer-files/<int:file_id>/", file, name="answer_file"),
]
