"""One transaction around what a logged-in user changes by django-allauth's pages.

allauth writes first and tells us afterwards; without this, a crash between the two would leave a
new security key without a row in the audit trail. Log-ins are not wrapped: hashing a password
would hold SQLite's write lock, and what they leave is the row itself.
"""

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve

_READING = {"GET", "HEAD", "OPTIONS", "TRACE"}
_OF_ALLAUTH = "allauth."


class AccountTransaction:
    """Middleware: change and audit row are written together, or neither is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Take what comes after it."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the page's response; an error of ours undoes what was written."""
        if request.method in _READING or not request.user.is_authenticated:
            return self._get_response(request)
        if not _is_allauths(request):
            return self._get_response(request)
        with transaction.atomic():
            response = self._get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        return response


def _is_allauths(request: HttpRequest) -> bool:
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return False
    return view.__module__.startswith(_OF_ALLAUTH)
