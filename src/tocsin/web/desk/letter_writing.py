"""Writing a letter at the desk, block by block: its source, and its text in a language.

Nothing is kept before it is saved: what is typed travels with the form, also when a button adds,
moves or removes a block, so that it works without a script.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django import forms
from django.http import HttpResponse
from django.urls import path, reverse

from tocsin.base.errors import TocsinError
from tocsin.outreach.letter import LetterText, letter_sha256
from tocsin.outreach.letter_checklists import items_for
from tocsin.outreach.letter_faults import find_faults
from tocsin.outreach.letter_fields import letter_fields
from tocsin.outreach.letter_kinds import letter_kinds
from tocsin.outreach.readability import Reading, read_hardness
from tocsin.outreach.typed_letter import BLOCKS, TypedLetter, lay_beside, type_letter
from tocsin.services.letter_preview import preview_letter_text
from tocsin.services.letter_work import LetterMoved, LetterUnknown
from tocsin.services.letters import (
    LetterView,
    list_letter_sources,
    list_letters,
    read_letter,
    write_letter_source,
    write_letter_version,
)
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.forms import refuse
from tocsin.web.desk.letter_form import (
    Edited,
    LetterForm,
    apply_button,
    is_too_long,
    language_field,
    read_removed,
    read_sent,
    shape_of,
    unmatched,
)
from tocsin.web.desk.letters import EVERY, compare, pdf_answer
from tocsin.web.desk.view import DeskRequest, desk_page

_EDITING = frozenset({"add", "up", "down", "remove", "restore"})


@dataclass(frozen=True)
class Writing:
    """Which text of an action is written, and over and beside what.

    Attributes:
        action_id: the action.
        key: which letter it is.
        language: in which language it is written.
        country: for which country; empty: for every one.
        before: the text that is there now; None: there is none.
        revision: number of the newest source; 0: there is none.
        source: the source's text, where a version of it is written; None: it is the source itself.
        version: where the version stands; None: there is none, or it is the source.
    """

    action_id: int
    key: str
    language: str
    country: str = ""
    before: LetterText | None = None
    revision: int = 0
    source: LetterText | None = None
    version: LetterView | None = None

    @property
    def address(self) -> str:
        """Return the address of the page on which it is written."""
        if self.source is None:
            return reverse("desk:write_source", args=[self.action_id, self.key])
        place = [self.action_id, self.key, self.language, self.country or EVERY]
        return reverse("desk:write_version", args=place)

    @property
    def head(self) -> dict[str, str | None]:
        """Return what a text says of itself beside what is typed."""
        audience = letter_kinds()[self.key].audience
        told = {"letter": self.key, "audience": audience, "language": self.language}
        return {**told, "country": self.country or None}

    def seen(self) -> dict[str, str]:
        """Return what a form carries of the texts that it was written over and beside."""
        told = {"seen": letter_sha256(self.before) if self.before else ""}
        return told | ({"seen_source": letter_sha256(self.source)} if self.source else {})


@dataclass(frozen=True)
class Checkup:
    """What can be said of a text beside it.

    Attributes:
        readings: how hard it is to read.
        faults: what stands against a review, but for ticks.
        checklist: what it must hold; for each whether somebody ticked it for this very text.
    """

    readings: Sequence[Reading]
    faults: Sequence[str]
    checklist: Sequence[tuple[str, bool]]


def source_writing(request: DeskRequest, action_id: int, key: str, language: str) -> Writing:
    """Return the writing of a source, new or over the newest one.

    Raises:
        ActionUnknown, LetterUnknown: if there is no such action, or no such letter at all.
    """
    _check_kind(key)
    found = [
        each for each in list_letter_sources(request.caller, action_id) if each[1].letter == key
    ]
    if not found:
        return Writing(action_id, key, language)
    revision, text = found[0]
    return Writing(action_id, key, language or text.language, before=text, revision=revision)


def version_writing(
    request: DeskRequest, action_id: int, key: str, language: str, country: str
) -> Writing:
    """Return the writing of a letter in a language for a country (empty: for every one).

    Raises:
        ActionUnknown, LetterUnknown: if there is no such action, or the letter has no source.
    """
    over = source_writing(request, action_id, key, "")
    if over.before is None:
        raise LetterUnknown(
            f"Action {action_id} has no source text of the letter {key}. Nothing was changed. "
            "Write the source first."
        )
    writing = replace(over, language=language, country=country, source=over.before, before=None)
    for line in list_letters(request.caller, action_id):
        if (line.key, line.language, line.country) == (key, language, country):
            view = read_letter(request.caller, line.version_id)
            return replace(writing, before=view.text, version=view)
    return writing


def form_of(writing: Writing, typed: TypedLetter, *, is_sent: bool = False) -> LetterForm:
    """Return the form of a letter as it is typed; what is wrong is said where it was sent."""
    own: dict[str, tuple[forms.Field, str]] = {}
    if writing.source is None:
        own["language"] = (language_field(), writing.language)
    return LetterForm(typed, writing.language or "en", own, is_sent=is_sent)


def show_writing(
    request: DeskRequest,
    writing: Writing,
    form: LetterForm,
    *,
    edited: Edited | None = None,
    text: LetterText | None = None,
    is_moved: bool = False,
) -> HttpResponse:
    """Return the page on which a letter is written.

    Args:
        request: the request.
        writing: which text it is.
        form: with the letter as it is typed now.
        edited: what a button has made of it.
        text: the text, where what is typed is one: it is held against all rules.
        is_moved: whether somebody else has saved another one since.
    """
    typed, before = form.typed, writing.before
    edited = edited or Edited(typed, removed=read_removed(request.POST))
    return show(
        request,
        "letters/write.html",
        writing=writing,
        action_id=writing.action_id,
        meaning=letter_kinds()[writing.key].meaning,
        form=form,
        shape=shape_of(typed),
        blocks=list(form.shown(edited, writing.source)),
        removed=edited.removed,
        unmatched=unmatched(typed, writing.source),
        kinds=[(kind, title) for kind, (title, _) in BLOCKS.items()],
        fields=letter_fields(),
        checkup=_check(text, writing) if text else None,
        is_saved=before is not None and _bare(typed) == type_letter(before),
        changes=list(compare(before, text)) if is_moved and before and text else None,
    )


@desk_page("write_letter_source", "preview_letter_text", "GET", "POST")
def write_source(request: DeskRequest, action_id: int, key: str) -> HttpResponse:
    """Write a letter's source."""
    writing = source_writing(request, action_id, key, request.POST.get("language", "").strip())
    return _write(request, writing)


@desk_page("write_letter_version", "preview_letter_text", "GET", "POST")
def write_version(
    request: DeskRequest, action_id: int, key: str, language: str, country: str
) -> HttpResponse:
    """Write a letter in a language for a country, beside its source."""
    chosen = "" if country == EVERY else country
    return _write(request, version_writing(request, action_id, key, language, chosen))


def _write(request: DeskRequest, writing: Writing) -> HttpResponse:
    if request.method != "POST":
        text = writing.before
        begun_with = text or writing.source
        typed = type_letter(begun_with) if begun_with else TypedLetter()
        return show_writing(request, writing, form_of(writing, _beside(typed, writing)), text=text)
    sent = request.POST
    typed, what = read_sent(sent), sent.get("do", "").partition(":")[0]
    if writing.source and sent.get("seen_source") != letter_sha256(writing.source):
        typed = _beside(typed, writing)
    edited = apply_button(sent, typed, writing.source)
    if what in _EDITING and not is_too_long(edited.typed):
        text = form_of(writing, edited.typed, is_sent=True).read(writing.head)
        quiet = form_of(writing, edited.typed)
        return show_writing(request, writing, quiet, edited=edited, text=text)
    form = form_of(writing, typed, is_sent=True)
    text = form.read(writing.head)
    if is_too_long(edited.typed):
        form.add_error(None, "This is more than a form can hold. Leave blocks out, or use a file.")
    elif text and what in {"save", "pdf"}:
        try:
            if what == "pdf":
                made = preview_letter_text(request.caller, writing.action_id, text)
                return pdf_answer(made, f"{writing.key}-{writing.language}-preview.pdf")
            return _save(request, writing, text)
        except TocsinError as error:
            refuse(form, error)
            is_moved = isinstance(error, LetterMoved)
            return show_writing(request, writing, form, text=text, is_moved=is_moved)
    return show_writing(request, writing, form, text=text)


def _save(request: DeskRequest, writing: Writing, text: LetterText) -> HttpResponse:
    caller, sent, action = request.caller, request.POST, writing.action_id
    if writing.source is None:
        kept = write_letter_source(caller, action, text, sent.get("seen"))
        said = f"The source is kept as revision {kept.revision}."
        if kept.reopened:
            said += " Drafts again: " + ", ".join(name for _, name in kept.reopened) + "."
        return go("desk:write_source", said, request, action_id=action, key=writing.key)
    seen, seen_source = sent.get("seen"), sent.get("seen_source")
    number = write_letter_version(caller, action, text, seen, seen_source)
    kept_as = read_letter(caller, number).line
    said = f"The text is kept: version {kept_as.number}, a {kept_as.state}."
    place = {"key": writing.key, "language": writing.language, "country": writing.country or EVERY}
    return go("desk:write_version", said, request, action_id=action, **place)


def _bare(typed: TypedLetter) -> TypedLetter:
    """Return a letter without what stands beside its blocks."""
    return replace(typed, blocks=tuple(replace(each, beside=None) for each in typed.blocks))


def _beside(typed: TypedLetter, writing: Writing) -> TypedLetter:
    return lay_beside(typed, writing.source) if writing.source else typed


def _check(text: LetterText, writing: Writing) -> Checkup:
    items = items_for(text)
    view = writing.version
    of_this = view is not None and view.line.sha256 == letter_sha256(text)
    ticks = view.ticks if view is not None and of_this else ()
    ticked = {tick.item for tick in ticks if tick.is_of_this_text}
    return Checkup(
        read_hardness(text),
        find_faults(text, set(items)),
        [(words, key in ticked) for key, words in items.items()],
    )


def _check_kind(key: str) -> None:
    if key not in letter_kinds():
        raise LetterUnknown(
            f"There is no letter {key}. Nothing was changed. There are {', '.join(letter_kinds())}."
        )


urlpatterns = [
    path("actions/<int:action_id>/letters/<slug:key>/source/", write_source, name="write_source"),
    path(
        "actions/<int:action_id>/letters/<slug:key>/<slug:language>/<slug:country>/",
        write_version,
        name="write_version",
    ),
]
