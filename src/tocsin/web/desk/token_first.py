"""The token of a form, looked at before the file behind it is taken in.

Django looks for it when the whole form has arrived, and a large file would be on the disk by then.
A browser sends the fields of a form in their order, and every form of ours begins with its token.
"""

import re
from io import BytesIO
from typing import IO, Any, cast
from urllib.parse import urlencode

from django.core.files.uploadhandler import FileUploadHandler
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import MultiPartParser
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.datastructures import MultiValueDict

_FIELD = "csrfmiddlewaretoken"
_HEAD_BYTES = 1 << 12
_AT_ONCE = 1 << 16
_TOKEN = re.compile(rb'name="csrfmiddlewaretoken"\r\n\r\n([A-Za-z0-9]{32,64})\r\n')
_FILE = re.compile(rb"\bfilename\*?=", re.IGNORECASE)


class TokenFirst(FileUploadHandler):
    """Hands a form to another handler if it begins with a right token, and else keeps no file."""

    def __init__(self, request: HttpRequest, inner: FileUploadHandler | None) -> None:
        """Take the request and what keeps its file; None: the file is not kept in any case."""
        super().__init__(request)
        self._inner = inner

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, Any],  # noqa: N803 - Django's name
        content_length: int,  # noqa: ARG002 - Django's
        boundary: str,  # noqa: ARG002 - Django's
        encoding: str | None = None,
    ) -> tuple[QueryDict, MultiValueDict[str, Any]]:
        """Return fields and files of a form; of one that is not ours, only its token."""
        head = _read(input_data, _HEAD_BYTES)
        found = _TOKEN.search(_FILE.split(head, maxsplit=1)[0])
        token = found[1].decode() if found else ""
        if self._inner is not None and self._is_right(token):
            whole = cast("IO[bytes]", _Joined(head, input_data))  # it reads, no more is asked
            return MultiPartParser(META, whole, [self._inner], encoding).parse()
        while _read(input_data, _AT_ONCE):  # a browser shows no answer while it is still sending
            pass
        return QueryDict(urlencode({_FIELD: token})), MultiValueDict()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002 - Django's
        """Keep nothing: never called, the other handler reads."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Return no file."""

    def _is_right(self, token: str) -> bool:
        """Whether Django would take a small form with this token, from this very visitor."""
        request: Any = self.request
        if getattr(request, "_dont_enforce_csrf_checks", False):  # set by Django's test client
            return True
        form = urlencode({_FIELD: token}).encode()
        small = WSGIRequest(
            {
                **request.environ,
                "wsgi.input": BytesIO(form),
                "CONTENT_LENGTH": str(len(form)),
                "CONTENT_TYPE": "application/x-www-form-urlencoded",
            }
        )
        guard = CsrfViewMiddleware(lambda _: HttpResponse())
        guard.process_request(small)
        return guard.process_view(small, _nothing, (), {}) is None


class _Joined:
    """A stream whose head was read already."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head, self._rest = head, rest

    def read(self, size: int = _AT_ONCE) -> bytes:
        """Return at most so many bytes; none at the end."""
        if self._head:
            given, self._head = self._head[:size], self._head[size:]
            return given
        return self._rest.read(size)


def _read(stream: IO[bytes], size: int) -> bytes:
    """Return so many bytes of a stream, fewer only at its end."""
    found = b""
    while len(found) < size and (more := stream.read(size - len(found))):
        found += more
    return found


def _nothing(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()
