"""A draft: what it says entry by entry, and what can be done with it as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path, reverse

from tocsin.base.errors import TocsinError
from tocsin.notice.describe import describe_entry, describe_open_points
from tocsin.notice.part_fields import PARTS
from tocsin.notice.scope import Entry
from tocsin.notice.sections import Section, sections_of
from tocsin.notice.translation import describe_translations
from tocsin.notice.working import unreviewed
from tocsin.services.draft_edits import confirm_entry, remove_entry
from tocsin.services.working_drafts import (
    DraftView,
    discard_draft,
    read_draft,
    save_draft,
    undo_edit,
)
from tocsin.store.roles import Role
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.count_choice import CountChoice
from tocsin.web.desk.draft_translations import languages_of
from tocsin.web.desk.forms import refuse
from tocsin.web.desk.notices import comparison
from tocsin.web.desk.view import DeskRequest, desk_page

_AROUND = 160


@dataclass(frozen=True)
class Passage:
    """A piece of the document and what it was read as, with the words around it."""

    before: str
    text: str
    after: str
    read_as: str
    is_unread: bool


@dataclass(frozen=True)
class EntryCard:
    """An entry as the draft's page shows it.

    Attributes:
        words: the whole entry as a phrase.
        open_points: what keeps it from deciding surely.
        passages: where in the document it was read.
        confirmed: who has confirmed it here, and when, in words.
    """

    entry: Entry
    words: str
    open_points: Sequence[str]
    passages: Sequence[Passage]
    confirmed: str


def cards_of(view: DraftView, user_id: int | None) -> list[EntryCard]:
    """Return the entries of a draft as cards."""
    return [card_of(view, entry, user_id) for entry in view.working.scope]


def card_of(view: DraftView, entry: Entry, user_id: int | None) -> EntryCard:
    """Return one entry of a draft as a card."""
    told = view.working.confirmed.get(entry.entry)
    confirmed = ""
    if told is not None:
        who = "you" if told.by == user_id else f"user {told.by}"
        confirmed = f"Confirmed by {who}, {told.at:%Y-%m-%d %H:%M} UTC"
    return EntryCard(
        entry,
        describe_entry(entry),
        [point for point in describe_open_points(entry) if "confirmed" not in point],
        passages_of(view.document, entry),
        confirmed,
    )


def passages_of(document: str, entry: Entry) -> list[Passage]:
    """Return where in a document an entry was read."""
    return [
        Passage(
            document[max(0, span.start - _AROUND) : span.start] if document else "",
            document[span.start : span.end] if document else span.text,
            document[span.end : span.end + _AROUND] if document else "",
            span.read_as,
            span.read_as == "unread",
        )
        for span in entry.spans
    ]


@desk_page("read_draft", "GET")
def draft(request: DeskRequest, draft_id: int) -> HttpResponse:
    """Show a draft."""
    view = read_draft(request.caller, draft_id)
    return show(
        request,
        "notices/draft.html",
        view=view,
        cards=cards_of(view, request.caller.user_id),
        parts=_parts(view),
        translated=[each.strip() for each in describe_translations(view.working.notice_so_far())],
        languages=languages_of(view.working.notice_so_far(), view.working.translations()),
        outdated=dict.fromkeys(each.language for each in view.working.outdated_translations()),
        unreviewed=unreviewed(view.working),
        choice=CountChoice(request),
        is_author=Role.AUTHOR in request.caller.roles and view.is_open,
        may_confirm=bool({Role.AUTHOR, Role.REVIEWER} & request.caller.roles) and view.is_open,
        may_count=bool({Role.AUTHOR, Role.REVIEWER, Role.RELEASER} & request.caller.roles),
        user_id=request.caller.user_id,
    )


def _parts(view: DraftView) -> list[tuple[str, Section]]:
    """Return the sections beside the scope, each with the key of the form that edits it."""
    sections = {each.key: each for each in sections_of(view.working.notice_so_far())}
    sections["issuers"] = Section("issuers", "Issuers", _issuers(view))
    return [(key, sections[key]) for key in PARTS]


def _issuers(view: DraftView) -> tuple[str, ...]:
    return tuple(
        f"{each.name} ({each.role.replace('-', ' ')})"
        for each in view.working.notice_so_far().issuers
    )


def _seen(request: DeskRequest, name: str = "seen") -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 9 else 0


@desk_page("confirm_entry", "POST")
def confirm(request: DeskRequest, draft_id: int, name: str) -> HttpResponse:
    """Confirm one entry."""
    confirm_entry(request.caller, draft_id, _seen(request), name)
    return go("desk:draft", f"Entry {name} is confirmed.", request, draft_id=draft_id)


@desk_page("remove_entry", "POST")
def remove(request: DeskRequest, draft_id: int, name: str) -> HttpResponse:
    """Take one entry out."""
    remove_entry(request.caller, draft_id, _seen(request), name)
    said = f"Entry {name} was removed. You can undo it."
    return go("desk:draft", said, request, draft_id=draft_id)


@desk_page("undo_edit", "POST")
def undo(request: DeskRequest, draft_id: int) -> HttpResponse:
    """Take back the last edit."""
    undo_edit(request.caller, draft_id, _seen(request))
    return go("desk:draft", "The last edit was undone.", request, draft_id=draft_id)


@desk_page("discard_draft", "GET", "POST")
def discard(request: DeskRequest, draft_id: int) -> HttpResponse:
    """Ask whether a draft is to be given up, and do it."""
    view = read_draft(request.caller, draft_id)
    form = forms.Form(request.POST or None)
    if request.method == "POST":
        try:
            discard_draft(request.caller, draft_id, _seen(request))
        except TocsinError as error:
            form.is_valid()
            refuse(form, error)
        else:
            return go("desk:notices", f"The draft of {view.name} was given up.", request)
    return show(request, "notices/discard.html", view=view, form=form)


@desk_page("save_draft", "GET", "POST")
def keep(request: DeskRequest, draft_id: int) -> HttpResponse:
    """Show what keeping a draft would change, and keep it as a revision."""
    view = read_draft(request.caller, draft_id)
    form = forms.Form(request.POST or None)
    if request.method == "POST":
        try:
            number = save_draft(request.caller, draft_id, _seen(request), _seen(request, "over"))
        except TocsinError as error:
            form.is_valid()
            refuse(form, error)
        else:
            said = f"Revision {number} of {view.name} is kept."
            messages.success(request, said)
            return HttpResponseRedirect(reverse("desk:notice", kwargs={"name": view.name}))
    so_far = None if view.hindrances else view.working.notice()
    compared = comparison(view.base, so_far) if view.base and so_far else {}
    return show(
        request,
        "notices/keep.html",
        view=view,
        form=form,
        unreviewed=unreviewed(view.working),
        choice=CountChoice(request),
        over=view.base.revision if view.base else 0,
        **compared,
    )


urlpatterns = [
    path("notices/drafts/<int:draft_id>/", draft, name="draft"),
    path("notices/drafts/<int:draft_id>/undo/", undo, name="draft_undo"),
    path("notices/drafts/<int:draft_id>/discard/", discard, name="draft_discard"),
    path("notices/drafts/<int:draft_id>/keep/", keep, name="draft_keep"),
    path(
        "notices/drafts/<int:draft_id>/entries/<str:name>/confirm/",
        confirm,
        name="draft_entry_confirm",
    ),
    path(
        "notices/drafts/<int:draft_id>/entries/<str:name>/remove/",
        remove,
        name="draft_entry_remove",
    ),
]
