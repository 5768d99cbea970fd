"""Feeds of the notices, and the folder of CSAF documents."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

from tocsin.formats.csaf.provider import Provider
from tocsin.formats.feeds import Feed, FeedItem, write_atom, write_json_feed
from tocsin.services.languages import catalogue_of
from tocsin.services.public_csaf import csaf_files
from tocsin.services.public_notices import PublicNotice, released_notices, released_on
from tocsin.web.pages import SHORT_WHILE, check_language, site_address
from tocsin.web.routes import PUBLIC, route


@route(PUBLIC, "GET")
def atom(request: HttpRequest, language: str) -> HttpResponse:
    """Return the notices as an Atom feed in a language."""
    text = write_atom(_feed(request, language, "atom"))
    return _file(text, "application/atom+xml; charset=utf-8")


@route(PUBLIC, "GET")
def json_feed(request: HttpRequest, language: str) -> HttpResponse:
    """Return the notices as a JSON Feed in a language."""
    text = write_json_feed(_feed(request, language, "json"))
    return _file(text, "application/feed+json; charset=utf-8")


@route(PUBLIC, "GET")
def csaf(request: HttpRequest, path: str) -> HttpResponse:
    """Return one file of the folder of CSAF documents: list, feed, document or hash."""
    site = site_address(request)
    provider = Provider(publisher_name(), site)
    found = csaf_files(released_notices(), provider, site).get(path)
    if found is None:
        raise Http404
    media_type, text = found
    return _file(text, f"{media_type}; charset=utf-8")


def publisher_name() -> str:
    """Return who publishes here."""
    told: str = settings.PUBLISHER
    return told or ("Tocsin demonstration" if released_notices().is_demo else "Tocsin")


def _feed(request: HttpRequest, language: str, ending: str) -> Feed:
    check_language(language)
    site, released = site_address(request), released_notices()
    home = f"{site}/{language}/notices"
    return Feed(
        title=catalogue_of(language).texts["notices_title"],
        author=publisher_name(),
        language=language,
        url=f"{home}.{ending}",
        home=home,
        items=[_item(public, home, language) for public in released.notices],
        as_of=released.as_of,
    )


def _item(public: PublicNotice, home: str, language: str) -> FeedItem:
    notice = public.notice
    title = public.text_in(language, notice.title)
    summary = public.text_in(language, notice.hazard.what) if notice.hazard else title
    return FeedItem(
        url=f"{home}/{notice.notice}",
        title=title.text,
        summary=summary.text,
        language=title.language,
        published_on=released_on(public.revisions[0]),
        updated_on=public.updated_on,
    )


def _file(text: str, media_type: str) -> HttpResponse:
    response = HttpResponse(text, content_type=media_type)
    response["Cache-Control"] = SHORT_WHILE
    response["Access-Control-Allow-Origin"] = "*"  # what is public may be read by any page
    return response
