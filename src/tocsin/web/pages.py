"""A page of the public site: its language, the number for help, and what every page needs."""

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tocsin.notice.translation import ENGLISH
from tocsin.services.languages import LANGUAGES, Catalogue, catalogue_of
from tocsin.services.public_notices import released_notices
from tocsin.web.countries import known_countries

SHORT_WHILE = "public, max-age=300"
"""How long a page without anything typed may be kept."""


def check_language(language: str) -> None:
    """Raise Http404 if the pages do not speak a language."""
    if language not in LANGUAGES:
        raise Http404


def render_page(
    request: HttpRequest, language: str, template: str, *, status: int = 200, **values: Any
) -> HttpResponse:
    """Return a page in a language.

    Args:
        request: the request; its path is kept in the links to the other languages.
        language: one of `LANGUAGES`.
        template: name of the template below ``web/``.
        status: the status of the answer.
        values: what the template shows; ``country`` decides which number for help it names.
    """
    catalogue = catalogue_of(language)
    country = values.get("country")
    context = {
        "catalogue": catalogue,
        "language": language,
        "direction": catalogue.direction,
        "languages": [catalogue_of(each) for each in LANGUAGES],
        "language_links": _language_links(request.path, language),
        "is_machine": catalogue.prepared_by == "machine",
        "english": ENGLISH,
        "is_demo": released_notices().is_demo,
        "emergency": emergency_number(catalogue, country),
        "emergency_guide": emergency_guide(catalogue, country),
        "style": style_address(),
        **values,
    }
    with translation.override(language):  # days and numbers as they are written there
        text = render_to_string(f"web/{template}", context, request)
    response = HttpResponse(text, status=status)
    response["Content-Language"] = language
    return response


def emergency_number(catalogue: Catalogue, country: str | None) -> SafeString:
    """Return the number to call, as a link, or words for it where the country is not known."""
    known = known_countries().get(country or "")
    return call_link(known.emergency) if known else catalogue.say("emergency_local")


def emergency_guide(catalogue: Catalogue, country: str | None) -> SafeString:
    """Return the number to call; where the country is not known, words and two numbers."""
    if country in known_countries():
        return emergency_number(catalogue, country)
    regions = catalogue.say("emergency_regions", europe=call_link("112"), america=call_link("911"))
    return format_html("{} ({})", catalogue.say("emergency_local"), regions)


def call_link(phone: str) -> SafeString:
    """Return a telephone number that a telephone dials when it is touched."""
    digits = "".join(each for each in phone if each.isdecimal() or each == "+")
    return format_html('<a class="call" href="tel:{}"><bdi dir="ltr">{}</bdi></a>', digits, phone)


def joined(parts: Sequence[SafeString | str], between: str = ", ") -> SafeString:
    """Return pieces of HTML with a text between them."""
    return format_html_join(between, "{}", ((part,) for part in parts))


def style_address() -> str:
    """Return the address of the style sheet of every page; it changes when the sheet does."""
    return static_address("pages.css")


@cache
def static_address(name: str) -> str:
    """Return the address of one of our own static files; it changes when the file does."""
    file = Path(__file__).parent / "static" / "web" / name
    mark = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    return f"{settings.STATIC_URL}web/{name}?{mark}"


def site_address(request: HttpRequest) -> str:
    """Return the address of this site: the one it is known by, else the one that was called."""
    known: str = settings.PUBLIC_URL
    return known or f"{request.scheme}://{request.get_host()}"


def _language_links(path: str, language: str) -> list[tuple[Catalogue, str]]:
    """Return the same page in every language; the first page where it has no other."""
    _, _, rest = path.lstrip("/").partition("/")
    has_language = path.startswith(f"/{language}/")
    return [(catalogue_of(each), f"/{each}/{rest if has_language else ''}") for each in LANGUAGES]
