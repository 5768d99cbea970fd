"""Registries at the desk: the list, one with what is in it and how it came to be."""

from datetime import UTC, datetime

from django import forms
from django.http import HttpResponse
from django.urls import path

from tocsin.base.errors import TocsinError
from tocsin.render.svg import Bar, bars
from tocsin.services.list_imports import add_registry, list_imports
from tocsin.services.registry_views import RegistryLine, list_registry_lines, read_registry
from tocsin.services.rights import rights_table
from tocsin.store.registry_figures import RegistryFigures, Share
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.forms import refuse
from tocsin.web.desk.listing import Column, Listing
from tocsin.web.desk.view import DeskRequest, desk_page

_N_BARS = 12
_N_IMPORTS = 10


class _Name(forms.Form):
    name = forms.CharField(
        label="Name of the registry",
        help_text="Whose list it is: a clinic's, a pharmacy's, the maker's own.",
        max_length=200,
    )


@desk_page("list_registries", "GET")
def registries(request: DeskRequest) -> HttpResponse:
    """Show all registries with their size and age."""
    columns: list[Column[RegistryLine]] = [
        Column("name", "Registry", lambda line: line.name.casefold()),
        Column("n_records", "Records", lambda line: line.n_records, is_number=True),
        Column("revision", "Revision", lambda line: line.revision, is_number=True),
        Column("changed_at", "Last changed", lambda line: line.changed_at),
        Column("import_id", "Import"),
    ]
    listing = Listing(request, list_registry_lines(request.caller), columns, sort="name")
    return show(request, "registries/list.html", listing=listing, may=_may(request))


@desk_page("add_registry", "GET", "POST")
def add(request: DeskRequest) -> HttpResponse:
    """Add an empty registry."""
    form = _Name(request.POST or None)
    if form.is_valid():
        try:
            made = add_registry(request.caller, form.cleaned_data["name"].strip())
            said = "The registry is there, and empty. Import a list into it."
            return go("desk:registry", said, request, registry_id=made)
        except TocsinError as error:
            refuse(form, error, "name")
    return show(request, "registries/add.html", form=form)


@desk_page("read_registry", "GET")
def registry(request: DeskRequest, registry_id: int) -> HttpResponse:
    """Show one registry: what is in it, how old it is, how it came to be."""
    shown = read_registry(request.caller, registry_id)
    may = _may(request)
    imports = list_imports(request.caller, registry_id, _N_IMPORTS) if may["see_imports"] else []
    changed_at = shown.line.changed_at
    return show(
        request,
        "registries/registry.html",
        shown=shown,
        imports=imports,
        may=may,
        age_days=(datetime.now(tz=UTC) - changed_at).days if changed_at else None,
        plots=_plots(shown.figures),
    )


def _plots(figures: RegistryFigures) -> list[dict[str, object]]:
    found = (
        _plot("Records by product", figures.products, "records"),
        _plot("Records by country", figures.countries, "records"),
        _plot("Records by the year that the information is of", figures.years, "records"),
        _plot("Holders by kind", figures.holders, "holders"),
    )
    return [plot for plot in found if plot]


def _plot(caption: str, shares: tuple[Share, ...], unit: str) -> dict[str, object] | None:
    """Return what ``web/desk/parts/figure.html`` shows; the most frequent, and the rest as one."""
    if not shares:
        return None
    named = [(share.name or "not known", share.n) for share in shares]
    rest = sum(n for _, n in named[_N_BARS:])
    drawn = named[:_N_BARS] + ([("all others", rest)] if rest else [])
    return {
        "caption": caption,
        "svg": bars(caption, [Bar(name[:32], n) for name, n in drawn], unit),
        "heads": ["", unit.capitalize()],
        "rows": [(name, f"{n:,}") for name, n in named],
    }


def _may(request: DeskRequest) -> dict[str, bool]:
    """Return what the user may do with registries beside looking."""
    wanted = {"add": "add_registry", "import": "begin_import", "see_imports": "list_imports"}
    roles = request.caller.roles
    return {name: bool(rights_table()[which].roles & roles) for name, which in wanted.items()}


urlpatterns = [
    path("registries/", registries, name="registries"),
    path("registries/add/", add, name="add_registry"),
    path("registries/<int:registry_id>/", registry, name="registry"),
]
