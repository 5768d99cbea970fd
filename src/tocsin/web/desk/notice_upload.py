"""Beginning a draft: from a file that somebody sends, or from nothing."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import path

from tocsin.base.errors import TocsinError
from tocsin.notice.part_fields import PARTS
from tocsin.services.draft_edits import FieldsRefused, new_notice
from tocsin.services.notice_uploads import (
    MOST_BYTES,
    READ_SUFFIXES,
    import_notices,
    read_upload,
)
from tocsin.services.working_drafts import begin_draft
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.forms import refuse
from tocsin.web.desk.view import DeskRequest, desk_page

_KINDS = next(field.choices for field in PARTS["identity"].fields if field.key == "kind")
_FIELD_OF = {"issuers": "manufacturer", "scope": "entry", "source": "document"}
_MB = MOST_BYTES // 1_000_000


class _Upload(forms.Form):
    file = forms.FileField(
        label="File",
        help_text=f"Our YAML or JSON, CSAF 2.0 or 2.1, openFDA; or a letter or page as text, HTML "
        f"or PDF. At most {_MB} MB.",
        error_messages={"required": f"No file arrived. Choose one of at most {_MB} MB."},
        widget=forms.FileInput(attrs={"accept": ",".join(READ_SUFFIXES)}),
    )


@desk_page("import_notices", "GET", "POST")
def upload(request: DeskRequest) -> HttpResponse:
    """Read a file and begin a draft of each notice in it."""
    form = _Upload(request.POST, request.FILES) if request.method == "POST" else _Upload()
    if form.is_bound and form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            drafts = import_notices(request.caller, read_upload(sent.name, sent.read()))
        except TocsinError as error:
            refuse(form, error, "file")
        else:
            if len(drafts) == 1:
                said = "The file was read. Compare each entry with the published text."
                return go("desk:draft", said, request, draft_id=drafts[0])
            return go("desk:notices", f"{len(drafts)} drafts were begun from the file.", request)
    return show(request, "notices/upload.html", form=form)


class _Blank(forms.Form):
    notice = forms.CharField(
        label="Name of the notice",
        help_text="Letters, digits, dots and hyphens, such as acme-pump-2026-01. It stays.",
        max_length=120,
    )
    title = forms.CharField(label="Title", max_length=300)
    kind = forms.ChoiceField(label="Kind", choices=[(each, each) for each in _KINDS])
    manufacturer = forms.CharField(label="Manufacturer", max_length=300)
    document = forms.CharField(
        label="Source", help_text="The published document that says so.", max_length=300
    )
    entry = forms.CharField(
        label="Name of the first entry", help_text="Short, such as pump-522.", max_length=80
    )
    models = forms.CharField(
        label="Models of the first entry",
        help_text="One per line. Everything else is added on the next page.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
    )


@desk_page("begin_draft", "GET", "POST")
def blank(request: DeskRequest) -> HttpResponse:
    """Begin a draft from a few facts."""
    form = _Blank(request.POST or None)
    if form.is_valid():
        try:
            notice = new_notice(_tree(form.cleaned_data, request))
            draft_id = begin_draft(request.caller, notice)
        except FieldsRefused as error:
            for key, sentence in error.faults.items():
                form.add_error(_FIELD_OF.get(key, key), sentence)
        else:
            return go("desk:draft", "A draft was begun.", request, draft_id=draft_id)
    return show(request, "notices/blank.html", form=form)


def _tree(typed: dict[str, Any], request: DeskRequest) -> dict[str, Any]:
    models = [line.strip() for line in typed["models"].splitlines() if line.strip()]
    return {
        **{key: typed[key] for key in ("notice", "title", "kind")},
        "issuers": [{"name": typed["manufacturer"], "role": "manufacturer"}],
        "scope": [{"entry": typed["entry"], "affects": {"models": models}, "reviewed": "false"}],
        "source": {
            "document": typed["document"],
            "checked_on": request.caller.now.date().isoformat(),
        },
    }


urlpatterns = [
    path("notices/upload/", upload, name="notice_upload"),
    path("notices/new/", blank, name="notice_new"),
]
