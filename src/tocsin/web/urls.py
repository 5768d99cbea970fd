"""The addresses of all pages; each view declares its right (`web.routes`)."""

from django.urls import include, path, re_path

from tocsin.web import answer, check, feeds, letter_check, statements

urlpatterns = [
    path("", statements.any_language),
    path(".well-known/csaf/<path:path>", feeds.csaf),
    # By its name: pages and API do not import each other, they only share a server.
    path("api/v1/", include("tocsin.api.urls")),
    path("desk/", include("tocsin.web.desk.account_urls")),
    path("desk/", include("tocsin.web.desk.urls")),
    path("<slug:language>/", statements.start),
    path("<slug:language>/unwell", statements.unwell),
    path("<slug:language>/check", check.check),
    path("a/<slug:token>", answer.any_language),
    path("<slug:language>/answer", answer.type_code, name="answer_code"),
    path("<slug:language>/answer/<slug:token>", answer.answer, name="answer_letter"),
    path("l", letter_check.any_language),
    path("<slug:language>/letter", letter_check.check_letter, name="letter_check"),
    path("<slug:language>/notices", statements.notices),
    path("<slug:language>/notices.atom", feeds.atom),
    path("<slug:language>/notices.json", feeds.json_feed),
    re_path(
        r"^(?P<language>[-\w]+)/notices/(?P<notice_id>[A-Za-z0-9._:()-]{1,120})$",
        statements.statement,
    ),
]

handler400 = "tocsin.web.errors.refused"
handler404 = "tocsin.web.errors.missing"
handler500 = "tocsin.web.errors.broken"
