"""Beginning a letter at the desk: empty, from a text of our own, from its source, from a file."""

from pathlib import Path, PurePosixPath
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.urls import path

from tocsin.base.errors import TocsinError
from tocsin.formats.letter_file import LetterInvalid, letter_of_text
from tocsin.outreach.letter import LetterText
from tocsin.outreach.letter_kinds import letter_kinds
from tocsin.outreach.typed_letter import TypedLetter, lay_beside, type_letter, type_plain
from tocsin.services.letter_templates import letter_templates
from tocsin.web.desk.answers import show
from tocsin.web.desk.forms import refuse
from tocsin.web.desk.letter_form import is_too_long, language_field
from tocsin.web.desk.letter_writing import form_of, show_writing, source_writing, version_writing
from tocsin.web.desk.view import DeskRequest, desk_page

_MOST_BYTES = 100_000
_OF_TREES = (".yaml", ".yml", ".json")
_SUFFIXES = (*_OF_TREES, ".txt")
_FIRST = {"empty": "With nothing", "source": "With the source's text, to be written over"}
_STARTS = (("own", "With a text of our own"), ("file", "With a file"))


class _Begin(forms.Form):
    """How a letter is begun.

    Args:
        key: the letter that is written in a language; empty: a source is begun, of any letter.
    """

    letter = forms.ChoiceField(
        label="Letter",
        choices=lambda: [(key, f"{key}: {kind.meaning}") for key, kind in letter_kinds().items()],
    )
    language = language_field()
    country = forms.RegexField(
        regex=r"^[A-Z]{2}$",
        label="Country",
        help_text="Two letters, such as BE. Empty: one text for every country.",
        required=False,
        error_messages={"invalid": "Write two capital letters, such as BE."},
        widget=forms.TextInput(attrs={"class": "short"}),
    )
    start = forms.ChoiceField(label="Begin", widget=forms.RadioSelect)
    template = forms.ChoiceField(
        label="Text of our own", help_text="If you begin with one.", required=False
    )
    file = forms.FileField(
        label="File",
        help_text="If you begin with one: a letter's text as YAML or JSON, as <code>tocsin "
        "letter</code> reads it; or plain text, the subject first, an empty line between "
        "paragraphs. At most 100 kB.",
        required=False,
        widget=forms.FileInput(attrs={"accept": ",".join(_SUFFIXES)}),
    )
    use_required_attribute = False

    def __init__(self, key: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.key = key
        first = "source" if key else "empty"
        start: Any = self.fields["start"]
        start.choices = [(first, _FIRST[first]), *_STARTS]
        self.initial["start"] = first
        template: Any = self.fields["template"]
        template.choices = [
            ("", "none"),
            *((name, _called(name)) for name in letter_templates() if not key or _of(name, key)),
        ]
        del self.fields["letter" if key else "country"]

    def clean(self) -> dict[str, Any]:
        """Check that what it is to begin with is there."""
        said: dict[str, Any] = super().clean() or {}
        for start, field, sentence in (
            ("own", "template", "Choose which text."),
            ("file", "file", "No file arrived. Choose one of at most 100 kB."),
        ):
            if said.get("start") == start and not said.get(field) and field not in self.errors:
                self.add_error(field, sentence)
        return said


def _of(name: str, key: str) -> bool:
    return letter_templates()[name].letter == key


def _called(name: str) -> str:
    text, where = letter_templates()[name], name.partition("/")[0]
    kept = "general" if where == "general" else f"case {where.upper()}"
    machine = ", machine-prepared" if text.prepared_by == "machine" else ""
    return f"{text.letter}, {text.language} ({kept}{machine})"


@desk_page("write_letter_source", "GET", "POST")
def begin_source(request: DeskRequest, action_id: int) -> HttpResponse:
    """Begin a letter's source."""
    form = _Begin("", *_sent(request), initial={"language": "en"})
    if form.is_valid():
        said = form.cleaned_data
        try:
            typed, text = _typed(said)
            key = text.letter if text else said["letter"]
            language = text.language if text else said["language"]
            writing = source_writing(request, action_id, key, language)
        except TocsinError as error:
            refuse(form, error)
        else:
            return show_writing(request, writing, form_of(writing, typed))
    return show(request, "letters/begin.html", form=form, action_id=action_id, key="")


@desk_page("write_letter_version", "GET", "POST")
def begin_version(request: DeskRequest, action_id: int, key: str) -> HttpResponse:
    """Begin a letter in a language, for a country or for all."""
    version_writing(request, action_id, key, "", "")  # refuses what has no source
    form = _Begin(key, *_sent(request))
    if form.is_valid():
        said = form.cleaned_data
        try:
            typed, text = _typed(said)
            _check_place(text, key, said)
            writing = version_writing(request, action_id, key, said["language"], said["country"])
        except TocsinError as error:
            refuse(form, error)
        else:
            source = writing.source
            if source and said["start"] == "source":
                typed = type_letter(source)
            typed = lay_beside(typed, source) if source else typed
            return show_writing(request, writing, form_of(writing, typed))
    return show(request, "letters/begin.html", form=form, action_id=action_id, key=key)


def _sent(request: DeskRequest) -> tuple[Any, ...]:
    return (request.POST, request.FILES) if request.method == "POST" else ()


def _typed(said: dict[str, Any]) -> tuple[TypedLetter, LetterText | None]:
    """Return what a letter begins with, and the text that it is, if it is one.

    Raises:
        LetterInvalid: if the file holds none.
    """
    if said["start"] == "own":
        text = letter_templates()[said["template"]]
        return type_letter(text), text
    if said["start"] == "file":
        return _read_file(said["file"])
    return TypedLetter(), None


def _read_file(sent: UploadedFile) -> tuple[TypedLetter, LetterText | None]:
    suffix = PurePosixPath(sent.name or "").suffix.lower()
    if suffix not in _SUFFIXES:
        raise LetterInvalid(
            f"The file's name must end in {', '.join(_SUFFIXES)}. Nothing was read."
        )
    content = sent.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise LetterInvalid(
            f"The file has more than {_MOST_BYTES // 1000} kB. Nothing was read. A letter is "
            "shorter: choose another file."
        )
    try:
        written = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LetterInvalid(
            f"The file is not text in UTF-8, at byte {error.start}. Nothing was read. Save it as "
            "UTF-8."
        ) from error
    text = letter_of_text(written, Path(f"file{suffix}")) if suffix in _OF_TREES else None
    typed = type_letter(text) if text else type_plain(written)
    if is_too_long(typed):
        raise LetterInvalid(
            "The text is more than a form can hold. Nothing was read. Keep it with "
            "`tocsin letter source` or `tocsin letter write`."
        )
    return typed, text


def _check_place(text: LetterText | None, key: str, said: dict[str, Any]) -> None:
    if text is None:
        return
    if text.letter != key or text.language != said["language"]:
        raise LetterInvalid(
            f"The text is {text.letter} in {text.language}; you write {key} in "
            f"{said['language']}. Nothing was begun. Choose another text, or another language."
        )


urlpatterns = [
    path("actions/<int:action_id>/letters/new/", begin_source, name="begin_source"),
    path("actions/<int:action_id>/letters/<slug:key>/new/", begin_version, name="begin_version"),
]
