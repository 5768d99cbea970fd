"""Headers of every answer, beside those that Django and django-csp set."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

_POWERS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()"
NO_STORE = "no-store, private"


class CarefulHeaders:
    """Takes powers from the page that it does not need; nothing that was posted is kept.

    A page says itself if it may be kept for a while; whatever says nothing may not.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep what makes the answer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the answer with its headers."""
        response = self.get_response(request)
        response["Permissions-Policy"] = _POWERS
        if "Cache-Control" not in response or request.method == "POST":
            response["Cache-Control"] = NO_STORE
        return response
