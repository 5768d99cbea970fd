"""The forms of a draft's parts beside its scope: what it is, hazard, instructions, contacts ..."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.urls import path

from tocsin.base.errors import TocsinError
from tocsin.notice.part_fields import (
    PARTS,
    SINGLE,
    FieldKind,
    PartForm,
    fault_field,
    field_name,
    part_fields,
    read_part,
)
from tocsin.services.draft_edits import FieldsRefused, put_head
from tocsin.services.working_drafts import DraftMoved, read_draft
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.forms import refuse
from tocsin.web.desk.view import DeskRequest, desk_page


class _Fields(forms.Form):
    """The rows of a part; a list has one empty row more."""

    def __init__(
        self, data: Mapping[str, Any] | None, part: PartForm, rows: list[dict[str, str]]
    ) -> None:
        initial = {}
        made: dict[str, forms.Field] = {}
        self.rows: list[list[str]] = []
        for place, row in enumerate(rows):
            names = []
            for field in part.fields:
                name = field_name(part, place if part.is_list else SINGLE, field)
                made[name] = _control(field)
                initial[name] = row.get(field.key, "")
                names.append(name)
            self.rows.append(names)
        super().__init__(data, initial=initial)
        self.fields |= made

    def groups(self) -> list[list[forms.BoundField]]:
        """Return the fields row by row."""
        return [[self[name] for name in names] for names in self.rows]


def _control(field: FieldKind) -> forms.Field:
    if field.choices:
        words = {"true": "yes", "false": "no"}
        choices = [(each, words.get(each, each.replace("-", " "))) for each in field.choices]
        return forms.ChoiceField(
            label=field.label, choices=[("", "not stated"), *choices], required=False
        )
    widget: forms.Widget = (
        forms.Textarea(attrs={"rows": 3}) if field.is_lines else forms.TextInput()
    )
    return forms.CharField(label=field.label, widget=widget, required=False)


@desk_page("put_head", "GET", "POST")
def part(request: DeskRequest, draft_id: int, key: str) -> HttpResponse:
    """Show the form of a part, and put what was sent into the draft."""
    if key not in PARTS:
        raise Http404
    told = PARTS[key]
    view = read_draft(request.caller, draft_id)
    rows = part_fields(told, view.working.head)
    if told.is_list:
        rows = [*rows, {}]
    form = _Fields(request.POST or None, told, rows)
    seen = request.POST.get("seen", "")
    version = int(seen) if seen.isdecimal() and len(seen) < 9 else view.version
    if form.is_valid():
        read = read_part(told, form.cleaned_data, view.working.head, len(rows))
        try:
            put_head(request.caller, draft_id, version, key, read.changes)
        except FieldsRefused as error:
            for place, sentence in error.faults.items():
                form.add_error(fault_field(told, read, place), sentence)
        except DraftMoved as error:
            refuse(form, error)
            version = view.version
        except TocsinError as error:
            refuse(form, error)
        else:
            return go("desk:draft", f"{told.title} is saved in the draft.", request,
                      draft_id=draft_id)  # fmt: skip
    return show(
        request, "notices/part.html", view=view, part=told, form=form, seen=version,
        groups=form.groups(),
    )  # fmt: skip


urlpatterns = [path("notices/drafts/<int:draft_id>/parts/<str:key>/", part, name="draft_part")]
