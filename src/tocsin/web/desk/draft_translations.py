"""The translations of a draft, a language at a time: the English text beside the field for it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.urls import path

from tocsin.base.errors import TocsinError
from tocsin.notice.model import Notice
from tocsin.notice.translation import ENGLISH, Translation, describe_translations, is_language
from tocsin.notice.translation_fields import TextRow, read_translations, rows_in
from tocsin.notice.working import TRANSLATIONS
from tocsin.services.draft_edits import FieldsRefused, put_head
from tocsin.services.languages import LANGUAGES
from tocsin.services.working_drafts import DraftMoved, DraftView, read_draft
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.forms import DayField, refuse
from tocsin.web.desk.view import DeskRequest, desk_page

_MOST = 4000
_FIELD = "text-"
_CHANGED = (
    "An English text was changed meanwhile. Nothing was saved: look at the texts below again. What "
    "you have typed for the old text is not among them."
)


class _Form(forms.Form):
    """Who answers for what is typed, and a field for each text."""

    prepared_by = forms.ChoiceField(
        label="What you have typed or changed here was prepared by",
        choices=[("person", "a person"), ("machine", "a machine")],
    )
    translator = forms.CharField(
        label="Whose translation is it?",
        help_text="A name; of a machine, which one. It is as public as the notice.",
        max_length=200,
        required=False,
    )
    reviewed_by = forms.CharField(
        label="Who has compared it with the English?",
        help_text="Leave it empty if nobody has: the pages say so where a machine prepared it.",
        max_length=200,
        required=False,
    )
    reviewed_on = DayField(label="When?", required=False)
    reviews_all = forms.BooleanField(
        label="They have compared every text here, the unchanged ones among them", required=False
    )

    def __init__(
        self, data: Mapping[str, Any] | None, rows: Sequence[TextRow], language: str
    ) -> None:
        super().__init__(data, initial={row.field: row.translated for row in rows})
        self.texts = rows
        for row in rows:
            self.fields[row.field] = forms.CharField(
                label=f"{row.place.capitalize()}: {row.english}",
                help_text=row.told,
                max_length=_MOST,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2, "lang": language}),
            )

    def who(self) -> list[forms.BoundField]:
        """Return the fields that say who answers for it."""
        return [self[name] for name in self.fields if not name.startswith(_FIELD)]

    def pairs(self) -> list[forms.BoundField]:
        """Return the field of each text."""
        return [self[row.field] for row in self.texts]

    def trees(self, view: DraftView, language: str) -> list[dict[str, Any]]:
        """Return the draft's translations with what was sent, as trees."""
        told = self.cleaned_data
        day = told["reviewed_on"]
        return read_translations(
            view.working.translations(),
            language,
            {row.english: told[row.field].replace("\r\n", "\n").strip() for row in self.texts},
            told | {"reviewed_on": str(day) if day else None},
            reviews_all=told["reviews_all"],
        )


def languages_of(notice: Notice, all_translations: Sequence[Translation]) -> list[str]:
    """Return the languages to offer: those of our pages, of the notice, and translated ones."""
    told = [each.language for each in all_translations]
    named = [each for each in notice.languages if is_language(each)]
    return [each for each in dict.fromkeys([*LANGUAGES, *named, *told]) if each != ENGLISH]


@desk_page("put_head", "GET", "POST")
def translations(request: DeskRequest, draft_id: int, language: str) -> HttpResponse:
    """Show the translations into a language, and put what was sent into the draft."""
    if not is_language(language):
        raise Http404
    view = read_draft(request.caller, draft_id)
    notice = view.working.notice_so_far()
    form = _Form(request.POST or None, rows_in(notice, language), language)
    seen = request.POST.get("seen", "")
    version = int(seen) if seen.isdecimal() and len(seen) < 9 else view.version
    if form.is_valid() and any(_lost(request, form)):
        form.add_error(None, _CHANGED)
        version = view.version
    elif form.is_valid():
        try:
            changes = {TRANSLATIONS: form.trees(view, language)}
            put_head(request.caller, draft_id, version, TRANSLATIONS, changes)
        except FieldsRefused as error:
            for sentence in error.faults.values():
                form.add_error("translator" if "translator" in sentence else None, sentence)
        except DraftMoved as error:
            refuse(form, error)
            version = view.version
        except TocsinError as error:
            refuse(form, error)
        else:
            said = f"The translations into {language} are saved in the draft."
            return go("desk:draft", said, request, draft_id=draft_id)
    return show(
        request,
        "notices/translations.html",
        view=view,
        form=form,
        seen=version,
        translated=language,
        outdated=_outdated(view, language),
        told=[each.strip() for each in describe_translations(notice)],
    )


def _lost(request: DeskRequest, form: _Form) -> list[str]:
    """Return the fields that were filled in for texts that are gone."""
    return [
        name
        for name, text in request.POST.items()
        if name.startswith(_FIELD) and name not in form.fields and str(text).strip()
    ]


def _outdated(view: DraftView, language: str) -> list[tuple[str, str]]:
    """Return what was made from English texts that are gone: the old English, the translation."""
    return [
        pair
        for told in view.working.outdated_translations()
        if told.language == language
        for pair in told.texts.items()
    ]


urlpatterns = [
    path(
        "notices/drafts/<int:draft_id>/translations/<str:language>/",
        translations,
        name="draft_translations",
    )
]
