"""Notices that are kept: their list, each revision in words, two side by side, and exports."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path

from tocsin.notice.describe import describe_open_points
from tocsin.notice.model import Notice
from tocsin.notice.sections import changed_sections, sections_of
from tocsin.services.exporting import EXPORT_FORMATS, ExportOptions, export_file_name, export_notice
from tocsin.services.kept_notices import (
    NoticeLine,
    RevisionLine,
    list_notice_actions,
    list_notices,
    list_revisions,
    read_kept_notice,
)
from tocsin.services.notices import compare_notices
from tocsin.services.working_drafts import begin_draft, list_drafts
from tocsin.store.roles import Role
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.listing import Column, Listing
from tocsin.web.desk.view import DeskRequest, desk_page

DRAFTERS = frozenset({Role.AUTHOR, Role.REVIEWER, Role.RELEASER, Role.AUDITOR})
_COLUMNS = (
    Column[NoticeLine]("name", "Notice", by=lambda row: row.name),
    Column[NoticeLine]("title", "Title", by=lambda row: row.title),
    Column[NoticeLine]("revision", "Revision", by=lambda row: row.revision, is_number=True),
    Column[NoticeLine]("state", "State", by=lambda row: row.state),
    Column[NoticeLine]("linked", "Linked with"),
)


class _Filters(forms.Form):
    text = forms.CharField(label="Name or title", required=False)
    state = forms.ChoiceField(
        label="State",
        choices=[("", "all"), ("draft", "not released"), ("released", "released")],
        required=False,
    )


@desk_page("list_notices", "GET")
def notices(request: DeskRequest) -> HttpResponse:
    """Show the kept notices and the open drafts."""
    filters = _Filters(request.GET or None)
    wanted = filters.cleaned_data if filters.is_bound and filters.is_valid() else {}
    text = wanted.get("text", "").lower()
    rows = [
        row
        for row in list_notices(request.caller)
        if text in f"{row.name} {row.title}".lower() and wanted.get("state", "") in {"", row.state}
    ]
    may_draft = bool(request.caller.roles & DRAFTERS)
    return show(
        request,
        "notices/notices.html",
        listing=Listing(request, rows, _COLUMNS, sort="name"),
        filters=filters,
        drafts=list_drafts(request.caller) if may_draft else [],
        is_author=Role.AUTHOR in request.caller.roles,
    )


@desk_page("list_revisions", "GET")
def notice(request: DeskRequest, name: str, number: int | None = None) -> HttpResponse:
    """Show a revision of a notice in words; the newest without a number."""
    revisions = list_revisions(request.caller, name)
    core = read_kept_notice(request.caller, name, number or revisions[0].number)
    line = next(each for each in revisions if each.number == core.revision)
    return show(
        request,
        "notices/notice.html",
        core=core,
        line=line,
        revisions=revisions,
        others=[each for each in revisions if each.number != line.number],
        sections=[each for each in sections_of(core) if each.key != "scope"],
        entries=_entries(core),
        formats=EXPORT_FORMATS,
        actions=list_notice_actions(request.caller, name),
        is_author=Role.AUTHOR in request.caller.roles,
    )


def _entries(core: Notice) -> list[dict[str, Any]]:
    told = {each.key: each.lines for each in sections_of(core)}["scope"]
    return [
        {
            "entry": entry,
            "words": words.partition(" ")[2],
            "open": [point for point in describe_open_points(entry) if "confirmed" not in point],
        }
        for entry, words in zip(core.scope, told, strict=True)
    ]


@desk_page("read_kept_notice", "GET")
def compare(request: DeskRequest, name: str) -> HttpResponse:
    """Show two revisions of a notice side by side, what differs first."""
    revisions = list_revisions(request.caller, name)
    old, new = _chosen(request, revisions)
    before = read_kept_notice(request.caller, name, old)
    after = read_kept_notice(request.caller, name, new)
    return show(
        request,
        "notices/compare.html",
        name=name,
        revisions=revisions,
        old=before,
        new=after,
        was_title=f"Revision {before.revision}",
        now_title=f"Revision {after.revision}",
        **comparison(before, after),
    )


def comparison(before: Notice, after: Notice) -> dict[str, Any]:
    """Return what a page needs to show two notices side by side."""
    changed = changed_sections(before, after)
    told = {each.key: each.lines for each in sections_of(before)}
    pairs = [
        {
            "key": each.key,
            "title": each.title,
            "was": told[each.key],
            "now": each.lines,
            "is_changed": each.key in changed,
        }
        for each in sections_of(after)
        if each.lines or told[each.key]
    ]
    return {
        "diff": compare_notices(before, after),
        "changed": [pair for pair in pairs if pair["is_changed"]],
        "equal": [pair["title"] for pair in pairs if not pair["is_changed"]],
    }


def _chosen(request: HttpRequest, revisions: list[RevisionLine]) -> tuple[int, int]:
    known = [each.number for each in revisions]
    asked = [request.GET.get(side, "") for side in ("old", "new")]
    if not all(text.isdecimal() and len(text) < 9 and int(text) in known for text in asked):
        return known[min(1, len(known) - 1)], known[0]
    return int(asked[0]), int(asked[1])


@desk_page("read_kept_notice", "GET")
def export(request: DeskRequest, name: str, number: int, kind: str) -> HttpResponse:
    """Return a revision as a file in one of the formats that we write."""
    if kind not in EXPORT_FORMATS:
        raise Http404
    revisions = [each.number for each in list_revisions(request.caller, name)]
    core = read_kept_notice(request.caller, name, number)
    earlier = [
        read_kept_notice(request.caller, name, each) for each in sorted(revisions) if each < number
    ]
    text = export_notice(core, kind, ExportOptions(earlier=earlier))
    is_json = EXPORT_FORMATS[kind].suffix.endswith(".json")
    return HttpResponse(
        text,
        content_type="application/json" if is_json else "application/yaml; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{export_file_name(core, kind)}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


@desk_page("begin_draft", "POST")
def draft_of_notice(request: DeskRequest, name: str) -> HttpResponse:
    """Begin a draft of the next revision."""
    draft_id = begin_draft(request.caller, None, name)
    return go("desk:draft", f"A draft of {name} was begun.", request, draft_id=draft_id)


urlpatterns = [
    path("notices/", notices, name="notices"),
    path("notices/of/<str:name>/", notice, name="notice"),
    path("notices/of/<str:name>/compare/", compare, name="notice_compare"),
    path("notices/of/<str:name>/draft/", draft_of_notice, name="notice_draft"),
    path("notices/of/<str:name>/<int:number>/", notice, name="notice_revision"),
    path("notices/of/<str:name>/<int:number>/export/<str:kind>/", export, name="notice_export"),
]
