"""A scope before it is released: what is signed, by whom; then two people sign."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import path, reverse

from tocsin.base.errors import TocsinError
from tocsin.match.figures import MatchSummary
from tocsin.match.run_changes import DeviceChange
from tocsin.services.letter_release import (
    LetterPreview,
    read_letter_preview,
    release_letters,
    review_letters,
)
from tocsin.services.release_preview import access_sample_letter, read_dispatch_preview
from tocsin.services.rights import rights_table
from tocsin.services.scope_release import (
    ScopePreview,
    read_scope_preview,
    release_scope,
    review_leavers,
    review_scope,
)
from tocsin.services.signatures import SignatureLine, list_signatures
from tocsin.web.desk.action_words import verdict_figure
from tocsin.web.desk.answers import csv_answer, go, show
from tocsin.web.desk.differences import changes_csv
from tocsin.web.desk.forms import refuse
from tocsin.web.desk.listing import Column, Listing
from tocsin.web.desk.step_up import ask_proof, prove
from tocsin.web.desk.view import DeskRequest, desk_page
from tocsin.web.routes import View

_COLUMNS: tuple[Column[DeviceChange], ...] = (
    Column("device", "Device", lambda one: one.device_id),
    Column("notice", "Notice", lambda one: one.notice),
    Column("change", "Change", lambda one: str(one.change)),
    Column("was", "Was", lambda one: -one.was),
    Column("now", "Is now", lambda one: -one.now),
    Column("holder", "Holder", lambda one: one.holder),
)


class _SignForm(forms.Form):
    """What was seen: the signature is bound to it."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)


@desk_page("read_scope_preview", "list_signatures", "GET")
def release(request: DeskRequest, action_id: int) -> HttpResponse:
    """Show what would be signed, what stands against it, and who has signed already."""
    seen = read_scope_preview(request.caller, action_id)
    signed = _signed(request, seen)
    return show(
        request,
        "action/release.html",
        action_id=action_id,
        seen=seen,
        figures=_figures(seen),
        signatures=signed,
        n_leavers=len(seen.leavers),
        leavers=Listing(request, seen.leavers, _COLUMNS),
        leavers_signed=any(each.sha256 == seen.leavers_sha256 for each in signed),
        may={name: bool(rights_table()[name].roles & request.caller.roles) for name in _SIGNING},
    )


@desk_page("read_scope_preview", "GET")
def leavers_csv(request: DeskRequest, action_id: int) -> HttpResponse:
    """Give the records that would get a lesser verdict as CSV."""
    seen = read_scope_preview(request.caller, action_id)
    return csv_answer(changes_csv(seen.leavers), f"action-{action_id}-leavers.csv")


@desk_page("read_letter_preview", "read_dispatch_preview", "GET")
def letter_release(request: DeskRequest, action_id: int) -> HttpResponse:
    """Show which letters would be released, to whom and how, and what stands against it."""
    caller, again = request.caller, request.GET.get("count") == "again"
    rights, roles = rights_table(), caller.roles
    seen, told = read_letter_preview(caller, action_id, may_be_old=True), None
    if seen.manifest["scope"]:
        told = read_dispatch_preview(caller, action_id, may_be_old=not again)
        seen = read_letter_preview(caller, action_id, may_be_old=True) if again else seen
    margins = told and [
        ("Audience", told.by_audience),
        ("Country", told.by_country),
        ("Letter and language", told.by_letter),
        ("First told by", told.by_channel),
    ]
    return show(
        request,
        "action/letter_release.html",
        action_id=action_id,
        seen=seen,
        told=told,
        since=_since(seen),
        margins=margins,
        first_min=round(told.delay_s / 60) if told else None,
        waits=[(way, _while(hours)) for way, hours in told.not_after_h.items()] if told else [],
        may={name: bool(rights[name].roles & roles) for name in _SIGNING},
        may_see_samples=bool(rights["access_sample_letter"].roles & roles),
    )


@desk_page("access_sample_letter", "GET")
def release_sample(request: DeskRequest, action_id: int, person: str) -> HttpResponse:
    """Show the letter that somebody would get; it is recorded who looked."""
    told = access_sample_letter(request.caller, action_id, person)
    return show(request, "action/release_sample.html", action_id=action_id, told=told)


_SIGNING: dict[str, tuple[Callable[..., Any], str, str, str]] = {
    "review_scope": (
        review_scope,
        "Sign the scope as its reviewer",
        "I have compared the scope with the published text and looked at the samples.",
        "Signed as reviewer. Somebody else can release it now.",
    ),
    "review_leavers": (
        review_leavers,
        "Sign the list of lesser verdicts",
        "I have looked at the list: each of these records may get a lesser verdict.",
        "The list of lesser verdicts is signed.",
    ),
    "release_scope": (
        release_scope,
        "Release the scope",
        "I release this scope. The notice revisions in it never change again.",
        "The scope is released.",
    ),
    "review_letters": (
        review_letters,
        "Sign the letters as their reviewer",
        "I have looked at the letters of this manifest.",
        "Signed as reviewer. Somebody else can release the letters now.",
    ),
    "release_letters": (
        release_letters,
        "Release the letters",
        "I release the letters of this manifest. Nothing is sent before the action is started.",
        "The letters are released. Start the action to let them leave.",
    ),
}


def _sign_page(service: str) -> View[...]:
    call, title, meaning, said = _SIGNING[service]
    of_letters = service.endswith("_letters")

    @desk_page(service, "GET", "POST")
    def sign(request: DeskRequest, action_id: int) -> HttpResponse:
        """Show once more what is signed; take the signature."""
        seen: ScopePreview | LetterPreview
        if of_letters:
            seen = read_letter_preview(request.caller, action_id, may_be_old=True)
        else:
            seen = read_scope_preview(request.caller, action_id)
        start = {"seen": _digest(service, seen)}
        form = _SignForm(request.POST or None, initial=start)
        before = "desk:letter_release" if of_letters else "desk:release"
        if form.is_valid():
            try:
                call(prove(request), action_id, form.cleaned_data["seen"])
                there = "desk:action" if service.startswith("release") else before
                return go(there, said, request, action_id=action_id)
            except TocsinError as error:
                refuse(form, error)
        return show(
            request,
            "action/sign.html",
            form=form,
            action_id=action_id,
            title=title,
            meaning=meaning,
            seen=seen,
            digest=start["seen"],
            figures=[] if isinstance(seen, LetterPreview) else _figures(seen),
            before=reverse(before, args=[action_id]),
            of_letters=of_letters,
            counts=_counts(seen),
            since=_since(seen),
            step_up=ask_proof(request),
        )

    return sign


def _while(hours: float) -> str:
    days, left = divmod(round(hours), 24)
    return f"{days} days" if days > 1 and not left else f"{round(hours)} hours"


def _digest(service: str, seen: ScopePreview | LetterPreview) -> str:
    if isinstance(seen, ScopePreview) and service == "review_leavers":
        return seen.leavers_sha256
    return seen.sha256


def _counts(seen: ScopePreview | LetterPreview) -> dict[str, Any] | None:
    """Return the numbers of people that are signed with letters; None if nobody is on the list."""
    found = seen.manifest.get("dispatch") or {}
    counts: dict[str, Any] | None = found.get("counts")
    return counts


def _since(seen: ScopePreview | LetterPreview) -> list[tuple[str, int]]:
    """Return what has happened since people were counted that may have changed the numbers."""
    found = {} if isinstance(seen, ScopePreview) else seen.since
    return [(event.replace("_", " "), n) for event, n in sorted(found.items())]


def _figures(seen: ScopePreview) -> list[Any]:
    summary = MatchSummary.model_validate_json(seen.manifest["figures"])
    return [verdict_figure(each) for each in summary.notices]


def _signed(request: DeskRequest, seen: ScopePreview) -> list[SignatureLine]:
    return list_signatures(request.caller, seen.subject) if seen.subject else []


urlpatterns = [
    path("actions/<int:action_id>/release/", release, name="release"),
    path("actions/<int:action_id>/release/leavers.csv", leavers_csv, name="leavers_csv"),
    path("actions/<int:action_id>/release/letters/", letter_release, name="letter_release"),
    path(
        "actions/<int:action_id>/release/letters/samples/<str:person>/",
        release_sample,
        name="release_sample",
    ),
    *(
        path(
            f"actions/<int:action_id>/release/{service.replace('_', '-')}/",
            _sign_page(service),
            name=service,
        )
        for service in _SIGNING
    ),
]
