"""What the columns of a list are: proposed with reasons and samples, corrected, then checked.

Twenty columns stand on a page, so that a form stays as small as every form here. What was chosen
waits in the session, until all of it is confirmed at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path, reverse

from tocsin.base.errors import MappingUnfit
from tocsin.registry.column_dates import ORDERS
from tocsin.registry.column_mapping import (
    CLAIM_COLUMNS,
    DATE_COLUMNS,
    NOT_OF_CLAIMS,
    ColumnMapping,
    Order,
)
from tocsin.registry.schema import COLUMNS
from tocsin.services.import_views import ImportSeen, read_import
from tocsin.services.list_imports import ImportNotWaiting, map_import
from tocsin.services.list_inspection import (
    AS_IT_IS,
    ColumnChoice,
    InspectedColumn,
    InspectedList,
    mapping_of_choices,
    proposed_choices,
)
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.forms import refuse
from tocsin.web.desk.view import DeskRequest, desk_page

PER_PAGE = 20
_KEPT = "as-it-is"
_SURENESS = {3: "sure", 2: "likely", 1: "open", 0: "not known"}
_ORDER_WORDS = {
    "sure-forms-only": "Not known: count what can be two days as unknown",
    "day-month-year": "Day, month, year",
    "month-day-year": "Month, day, year",
    "year-month-day": "Year, month, day",
}
_CONSTANTS = {
    "manufacturer": ("Maker of all these devices", "Only if one firm made all of them."),
    "country": ("Country of sale of all of them", "Two letters, such as FR."),
}


@dataclass(frozen=True)
class ColumnRow:
    """A column as the page shows it: what is known of it, and its fields."""

    column: InspectedColumn
    sureness: str
    target: forms.BoundField
    order: forms.BoundField | None


class ColumnsForm(forms.Form):
    """Asks for some columns of a list which of ours each is.

    A column without a choice is open: somebody has to say what it is.
    """

    def __init__(
        self,
        data: Any,
        kind: str,
        columns: Sequence[tuple[int, InspectedColumn]],
        choices: Mapping[str, ColumnChoice],
    ) -> None:
        super().__init__(data)
        self._columns = columns
        for number, column in columns:
            chosen = choices.get(column.name)
            targets = _targets(kind, column)
            self.fields[f"c{number}"] = forms.ChoiceField(
                label=f"What is {column.name}?",
                choices=targets if chosen else [("", "Choose one"), *targets],
                initial=(chosen.target or _KEPT) if chosen else "",
                error_messages={
                    "required": f"Say what {column.name} is, or choose to leave it as it is."
                },
            )
            if _has_order(column):
                self.fields[f"o{number}"] = forms.ChoiceField(
                    label="If it is a day, what stands first?",
                    choices=list(_ORDER_WORDS.items()),
                    initial=(chosen and chosen.order) or column.order,
                )

    def rows(self) -> list[ColumnRow]:
        """Return the columns with their fields."""
        return [
            ColumnRow(
                column,
                _SURENESS[column.confidence],
                self[f"c{number}"],
                self[f"o{number}"] if f"o{number}" in self.fields else None,
            )
            for number, column in self._columns
        ]

    def chosen(self) -> dict[str, ColumnChoice]:
        """Return what was chosen for these columns."""
        told = self.cleaned_data
        return {
            column.name: ColumnChoice(
                AS_IT_IS if told[f"c{number}"] == _KEPT else told[f"c{number}"],
                told.get(f"o{number}") or column.order,
            )
            for number, column in self._columns
        }


class _Constants(forms.Form):
    def __init__(self, data: Any, mapped: frozenset[str]) -> None:
        super().__init__(data)
        for name, (label, help_text) in _CONSTANTS.items():
            if name not in mapped:
                self.fields[name] = forms.CharField(
                    label=label, help_text=help_text, required=False, max_length=100
                )

    def constants(self) -> dict[str, str]:
        """Return what holds for every record."""
        return {name: text.strip() for name, text in self.cleaned_data.items() if text.strip()}


@desk_page("map_import", "GET", "POST")
def columns(request: DeskRequest, import_id: int) -> HttpResponse:
    """Ask which of ours the columns of a list are, twenty at a time."""
    seen, inspected = _inspected(request, import_id)
    choices = _choices(request, seen, inspected)
    n_pages = -(-len(inspected.columns) // PER_PAGE)
    number = _page(request, n_pages)
    start = (number - 1) * PER_PAGE
    some = list(enumerate(inspected.columns))[start : start + PER_PAGE]
    form = ColumnsForm(_sent(request), inspected.kind, some, choices)
    if form.is_valid():
        _keep(request, import_id, choices | form.chosen())
        if number < n_pages:
            here = reverse("desk:import_columns", kwargs={"import_id": import_id})
            return HttpResponseRedirect(f"{here}?page={number + 1}")
        return HttpResponseRedirect(reverse("desk:import_check", kwargs={"import_id": import_id}))
    return show(
        request,
        "imports/columns.html",
        form=form,
        told=seen.told,
        inspected=inspected,
        number=number,
        n_pages=n_pages,
        earlier=number - 1,
        is_known=seen.mapping is None and seen.last_mapping is not None,
    )


@desk_page("map_import", "GET", "POST")
def check(request: DeskRequest, import_id: int) -> HttpResponse:
    """Show all that was chosen, what it leaves open, and let the list be read like that."""
    seen, inspected = _inspected(request, import_id)
    choices = _choices(request, seen, inspected)
    for number, column in enumerate(inspected.columns):
        if column.name not in choices:
            here = reverse("desk:import_columns", kwargs={"import_id": import_id})
            return HttpResponseRedirect(f"{here}?page={number // PER_PAGE + 1}")
    mapped = frozenset(choice.target for choice in choices.values())
    form = _Constants(_sent(request), mapped)
    constants = form.constants() if form.is_valid() else {}
    points: list[str] = []
    try:
        mapping, points = mapping_of_choices(inspected, choices, constants)
        if form.is_valid():
            return _map(request, import_id, mapping)
    except MappingUnfit as error:
        form = _Constants(_sent(request) or {}, mapped)
        form.is_valid()
        refuse(form, error)
    rows = [(one, choices[one.name]) for one in inspected.columns]
    return show(
        request,
        "imports/check.html",
        form=form,
        told=seen.told,
        taken=[
            (one, choice.target, _words_of_days(choice)) for one, choice in rows if choice.target
        ],
        left=[one.name for one, choice in rows if not choice.target],
        points=points,
    )


def _words_of_days(choice: ColumnChoice) -> str:
    """Return in which order a column of days is read; nothing for other columns."""
    if choice.target not in DATE_COLUMNS or not choice.order:
        return ""
    return _ORDER_WORDS[choice.order]


def _map(request: DeskRequest, import_id: int, mapping: ColumnMapping) -> HttpResponse:
    map_import(request.caller, import_id, mapping.model_dump(mode="json"))
    request.session.pop(_key(import_id), None)
    said = "The columns are confirmed. The list is being read; nothing is written yet."
    return go("desk:import", said, request, import_id=import_id)


def _inspected(request: DeskRequest, import_id: int) -> tuple[ImportSeen, InspectedList]:
    seen = read_import(request.caller, import_id)
    if seen.inspected is None or seen.told.state not in {"mapping", "waiting"}:
        raise ImportNotWaiting(
            f"Import {import_id} is {seen.told.state_in_words}; its columns cannot be changed now. "
            "Nothing was changed. Go back to the import and see what it waits for."
        )
    return seen, seen.inspected


def _choices(
    request: DeskRequest, seen: ImportSeen, inspected: InspectedList
) -> dict[str, ColumnChoice]:
    """Return what is chosen so far: in this session, else before, else as proposed."""
    names = {one.name for one in inspected.columns}
    choices = proposed_choices(inspected)
    before = seen.mapping or seen.last_mapping
    if before is not None:
        known = {*before.columns, *before.kept}
        choices |= {
            name: ColumnChoice(before.columns.get(name, AS_IT_IS), before.dates.get(name))
            for name in names & known
        }
    kept = request.session.get(_key(seen.told.number), {})
    return choices | {
        name: ColumnChoice(target, _order(order))
        for name, (target, order) in kept.items()
        if name in names
    }


def _keep(request: DeskRequest, import_id: int, choices: Mapping[str, ColumnChoice]) -> None:
    request.session[_key(import_id)] = {
        name: (choice.target, choice.order) for name, choice in choices.items()
    }


def _sent(request: DeskRequest) -> Any:
    """Return what a form was sent with, which may be nothing; None if none was sent."""
    return request.POST if request.method == "POST" else None


def _key(import_id: int) -> str:
    return f"columns of import {import_id}"


def _order(text: str | None) -> Order | None:
    found: Order | None = text if text in get_args(Order) else None  # type: ignore[assignment]
    return found


def _has_order(column: InspectedColumn) -> bool:
    return bool(column.open_point) or column.order in ORDERS


def _targets(kind: str, column: InspectedColumn) -> list[tuple[str, str]]:
    ours = dict(COLUMNS)
    if kind == "claims":
        ours = {name: text for name, text in ours.items() if name not in NOT_OF_CLAIMS}
        ours |= {name: f"{name.upper()} code of the claim" for name in CLAIM_COLUMNS}
    own = {
        name: "a fact that a notice asks about" for name in column.candidates if name not in ours
    }
    named = [(name, f"{name}: {text}") for name, text in {**ours, **own}.items()]
    return [(_KEPT, "Leave it as it is: it decides nothing"), *named]


def _page(request: DeskRequest, n_pages: int) -> int:
    asked = request.GET.get("page", "1")
    number = int(asked) if asked.isdecimal() and len(asked) < 6 else 1
    return min(max(number, 1), max(n_pages, 1))


urlpatterns = [
    path("imports/<int:import_id>/columns/", columns, name="import_columns"),
    path("imports/<int:import_id>/check/", check, name="import_check"),
]
