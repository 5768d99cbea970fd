"""A list that somebody sends: streamed to the disk of the installation, never into memory.

The public pages take next to nothing. Only this page takes a file, only as large as
TOCSIN_IMPORT_MOST_MB says, and only from who may import and whose form is ours: both are looked at
before any byte of the file is kept (`web.desk.token_first`).
"""

from collections.abc import Callable
from functools import wraps
from tempfile import TemporaryFile
from typing import IO, Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from tocsin.base.errors import TocsinError
from tocsin.services.import_files import (
    LIST_SUFFIXES,
    NoSpace,
    discard_source,
    keep_stream,
    too_large,
    upload_folder,
)
from tocsin.services.list_imports import begin_import
from tocsin.services.registry_views import read_registry
from tocsin.services.rights import rights_table
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.faults import explain_fault
from tocsin.web.desk.forms import refuse
from tocsin.web.desk.token_first import TokenFirst
from tocsin.web.desk.view import DeskRequest, desk_page, dress
from tocsin.web.desk.visitor import find_visitor

_SERVICE = "begin_import"
_FAULT = "list_fault"
_AT_ONCE = 1 << 16
_FORM_BYTES = 1 << 20
"""What the rest of a form may have beside its file."""
_RECORDS, _CLAIMS, _HOLDERS = "records", "claims", "holders"


class ListUploadHandler(FileUploadHandler):
    """Writes a file into the installation's folder; it is gone when the request is over."""

    chunk_size = _AT_ONCE

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self._n_bytes = 0
        self._file: IO[bytes] | None = None

    def new_file(self, *args: Any, **options: Any) -> None:
        """Begin a file."""
        super().new_file(*args, **options)
        self._n_bytes = 0
        try:
            self._file = TemporaryFile(dir=upload_folder())  # noqa: SIM115 - lent to the request
        except OSError as error:
            self._stop(_no_space(error))

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002 - Django's
        """Write a part of the file."""
        self._n_bytes += len(raw_data)
        if self._n_bytes > settings.IMPORT_MOST_BYTES:
            self._stop(too_large(settings.IMPORT_MOST_BYTES))
        try:
            if self._file is not None:
                self._file.write(raw_data)
        except OSError as error:
            self._stop(_no_space(error))

    def file_complete(self, file_size: int) -> UploadedFile | None:
        """Return the whole file."""
        if self._file is None:
            return None
        self._file.seek(0)
        return UploadedFile(self._file, self.file_name, self.content_type, file_size, self.charset)

    def upload_interrupted(self) -> None:
        """Let go of a file that did not arrive whole."""
        if self._file is not None:
            self._file.close()

    def _stop(self, fault: TocsinError) -> None:
        self.upload_interrupted()
        setattr(self.request, _FAULT, fault)
        raise StopUpload(connection_reset=False)


class _Upload(forms.Form):
    kind = forms.ChoiceField(
        label="What is in the list?",
        choices=[
            (_RECORDS, "Devices: who has which one"),
            (_CLAIMS, "Claims that a payer has paid (HCPCS or NDC codes)"),
            (_HOLDERS, "Holders: who they are, and how they are reached"),
        ],
        widget=forms.RadioSelect,
        initial=_RECORDS,
    )
    list = forms.FileField(
        label="The file",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ",".join(LIST_SUFFIXES)}),
    )
    complete = forms.BooleanField(
        label="It is the whole list",
        help_text="If so, records of the registry that are not in it are closed, after you "
        "agreed. If not, they stay as they are.",
        required=False,
    )
    sheet = forms.CharField(
        label="Sheet of a workbook", help_text="The first, if empty.", required=False, max_length=80
    )
    encoding = forms.CharField(
        label="Encoding of a CSV file",
        help_text="Only if it is not UTF-8, such as latin-1.",
        required=False,
        max_length=30,
    )


def takes_list(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Return a page that takes a large file from who may import, and checks forms as all do."""
    guarded = csrf_protect(view)

    @csrf_exempt  # checked before the file is taken, and by `guarded` as everywhere
    @wraps(view)
    def answer(request: HttpRequest, /, *args: Any, **options: Any) -> HttpResponse:
        if request.method == "POST" and request.user.is_authenticated:
            if _length(request) > settings.IMPORT_MOST_BYTES + _FORM_BYTES:
                _drain(request)
                return dress(explain_fault(request, too_large(settings.IMPORT_MOST_BYTES)))
            inner = ListUploadHandler(request) if _may_import(request) else None
            request.upload_handlers = [TokenFirst(request, inner)]
        return guarded(request, *args, **options)

    return answer


def _may_import(request: HttpRequest) -> bool:
    visitor = find_visitor(request)
    return visitor is not None and bool(rights_table()[_SERVICE].roles & visitor.caller.roles)


@takes_list
@desk_page(_SERVICE, "GET", "POST")
def upload(request: DeskRequest, registry_id: int) -> HttpResponse:
    """Take a list for a registry, and begin its import: nothing is written before two looks."""
    shown = read_registry(request.caller, registry_id)
    form = _Upload(request.POST or None, request.FILES or None)
    fault = getattr(request, _FAULT, None)
    if fault is not None:
        form = _Upload(request.POST)
        refuse(form, fault, "list")
    elif request.method == "POST" and form.is_valid():
        try:
            begun = _begin(request, shown.line.name, form.cleaned_data)
            said = "The list has arrived. Nothing of it is in the registry yet."
            return go("desk:import", said, request, import_id=begun)
        except TocsinError as error:
            refuse(form, error, "list")
    most_mb = settings.IMPORT_MOST_BYTES // 1_000_000
    return show(request, "imports/upload.html", form=form, shown=shown, most_mb=most_mb)


def _begin(request: DeskRequest, registry: str, told: dict[str, Any]) -> int:
    own = request.caller.organisation_id or 0
    file: UploadedFile = told["list"]
    kept = keep_stream(file.chunks(), file.name or "", own, settings.IMPORT_MOST_BYTES)
    options = {
        "map": True,
        "ask": True,
        "complete": told["complete"] and told["kind"] != _HOLDERS,
        "list_kind": "claims" if told["kind"] == _CLAIMS else "registry",
        "sheet": told["sheet"].strip() or None,
        "encoding": told["encoding"].strip() or None,
    }
    kind = _HOLDERS if told["kind"] == _HOLDERS else _RECORDS
    try:
        return begin_import(request.caller, registry, kind, kept, options).pk
    except TocsinError:
        discard_source(kept, own)
        raise


def _no_space(error: OSError) -> NoSpace:
    return NoSpace(
        f"The list could not be kept: {error.strerror}. Nothing was imported, and nothing "
        "of it was left. Make room on the disk of the server and send it again."
    )


def _length(request: HttpRequest) -> int:
    told = request.META.get("CONTENT_LENGTH") or "0"
    return int(told) if str(told).isdecimal() else 0


def _drain(request: HttpRequest) -> None:
    """Read what is sent and keep nothing: a browser shows no answer while it is still sending."""
    left = min(_length(request), 4 * settings.IMPORT_MOST_BYTES)
    while left > 0 and (block := request.read(min(_AT_ONCE, left))):
        left -= len(block)


urlpatterns = [path("registries/<int:registry_id>/import/", upload, name="upload_list")]
