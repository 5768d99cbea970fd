"""What surrounds every page of the desk: where one can go, who one is, the style sheets."""

import os
from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString

from tocsin.services.public_notices import DEMO_VARIABLE
from tocsin.services.rights import rights_table
from tocsin.store.roles import Role
from tocsin.web.pages import static_address, style_address

PREFIX = "/desk/"
# Label, name of the page, the service that opens it.
_PLACES = (
    ("Home", "desk:home", "read_own_account"),
    ("Actions", "desk:actions", "list_actions"),
    ("Notices", "desk:notices", "list_notices"),
    ("Registries", "desk:registries", "list_registries"),
    ("Persons", "desk:persons", "list_links"),
    ("Audit", "desk:trail", "list_trail"),
    ("Jobs", "desk:jobs", "list_jobs"),
    ("Settings", "desk:settings", "list_administrators"),
)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return what ``web/desk/base.html`` needs beside the page's own values."""
    if not request.path.startswith(PREFIX):
        return {}
    visitor = getattr(request, "visitor", None)
    return {
        **_assets(),
        "visitor": visitor,
        "oidc_name": _oidc_name(),
        "sends_mail": settings.SENDS_ACCOUNT_MAIL,
        "is_demo": os.environ.get(DEMO_VARIABLE) == "1",
        "places": "" if visitor is None else _places(request.path, visitor.caller.roles),
    }


@cache
def _assets() -> dict[str, str]:
    """Return the addresses of style sheets and scripts; they are the same for every page."""
    return {
        "style": style_address(),
        "desk_style": static_address("desk.css"),
        "key_script": static_address("security_key.js"),
        "htmx_script": f"{settings.STATIC_URL}django_htmx/htmx-2.min.js",
    }


def _oidc_name() -> str:
    """Return how an organisation's own provider of identities is called; empty without one."""
    providers = getattr(settings, "SOCIALACCOUNT_PROVIDERS", {})
    apps = providers.get("openid_connect", {}).get("APPS", [])
    return str(apps[0]["name"]) if apps else ""


@lru_cache(maxsize=1000)
def _places(path: str, roles: frozenset[Role]) -> SafeString:
    """Return where one can go from a page: made once for each page and each set of roles."""
    found = []
    for label, name, service in _PLACES:
        right = rights_table()[service]
        if not (right.own or right.roles & roles):
            continue
        try:
            href = reverse(name)
        except NoReverseMatch:  # this part of the desk is not there
            continue
        is_here = path == href or (href != reverse("desk:home") and path.startswith(href))
        found.append({"label": label, "href": href, "is_here": is_here})
    return render_to_string("web/desk/parts/places.html", {"places": found})
