"""The form of one entry, and those of the notice's other parts."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import path

from tocsin.base.errors import TocsinError
from tocsin.identify.family import known_families
from tocsin.notice.entry_fields import fact_places, fields_of
from tocsin.notice.scope import Entry
from tocsin.services.draft_edits import EntryUnknown, FieldsRefused, put_entry
from tocsin.services.working_drafts import DraftMoved, read_draft
from tocsin.store.roles import Role
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.count_choice import CountChoice
from tocsin.web.desk.draft_counts import WAS, counted, typed_entry
from tocsin.web.desk.drafts import card_of
from tocsin.web.desk.forms import refuse
from tocsin.web.desk.view import DeskRequest, desk_page

_LONGEST = 48_000
_MOST_FACTS = 6
_SPAN_HINT = "One per line. Several: <code>B201575</code>; a range: <code>GWX 001 to GWX 206</code>"
_DAY_HINT = (
    "One interval per line, such as <code>from 2010-11-30 to 2011-01-04</code>, "
    "<code>before 2011-02</code> or <code>2011</code>."
)
_UNREAD_HINT = "A sentence that cannot be put into fields. Such records will be cannot_tell."
_WITHHELD_HINT = "What the notice says instead of its list. Such records will be cannot_tell."


def _lines(label: str, hint: str = "One per line.", rows: int = 3) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": rows, "spellcheck": "false"}),
    )


def _line(label: str, hint: str = "", *, required: bool = False) -> forms.CharField:
    return forms.CharField(label=label, help_text=hint, required=required)


class EntryForm(forms.Form):
    """All fields of an entry; each is text, read by the parser of files when it is sent."""

    entry = _line("Name of the entry", "Short, such as pump-522.", required=True)
    sense = forms.ChoiceField(
        label="What it does",
        choices=[("affects", "These devices are affected"), ("excludes", "These are left out")],
        widget=forms.RadioSelect,
    )
    family = forms.ChoiceField(label="Family", required=False)
    models = _lines("Models", "One per line; 522K/722K names two.")
    names = _lines("Product names")
    catalogue = _lines("Catalogue numbers")
    manufacturer = _line("Manufacturer", "Only if it is not the notice's own.")
    dis = _lines("Device identifiers (UDI-DI)")
    dis_complete = forms.BooleanField(
        label="The list of device identifiers is complete", required=False
    )
    dis_unread = _lines("Device identifiers that are printed malformed")
    software = _lines(
        "Software versions",
        "One range per line, such as <code>2.4A or lower</code>, <code>before 3.1</code>, "
        "<code>1.2 or later and before 3.0</code>. Empty: all versions.",
    )
    software_unread = _lines("Text about versions that could not be read", _UNREAD_HINT, 2)
    software_withheld = _lines("Versions that the notice withholds", _WITHHELD_HINT, 2)
    lots = _lines("Lots", f"{_SPAN_HINT}; <code>beginning with B20</code>. Empty: all lots.")
    lots_unread = _lines("Text about lots that could not be read", _UNREAD_HINT, 2)
    lots_withheld = _lines("Lots that the notice withholds", _WITHHELD_HINT, 2)
    serials = _lines("Serial numbers", f"{_SPAN_HINT}. Empty: all serial numbers.")
    serials_unread = _lines("Text about serial numbers that could not be read", _UNREAD_HINT, 2)
    serials_withheld = _lines("Serial numbers that the notice withholds", _WITHHELD_HINT, 2)
    made_on = _lines("Made", _DAY_HINT, 2)
    shipped_on = _lines("Shipped", _DAY_HINT, 2)
    expires_on = _lines("Expiring", _DAY_HINT, 2)
    serviced_on = _lines("Last serviced", _DAY_HINT, 2)
    implanted_on = _lines("Implanted", _DAY_HINT, 2)
    country_sense = forms.ChoiceField(
        label="Country of sale",
        help_text="Only if the notice surely includes or excludes by it. What stands beside "
        "“all units” is information and clears nobody.",
        choices=[("", "no limit"), ("only", "only these"), ("other_than", "all but these")],
        required=False,
    )
    countries = _line("Countries", "Two letters each, such as US, FR.")
    withheld = _lines("What the notice says instead of its list", _WITHHELD_HINT, 2)
    more_unread = _lines("Sentences that no field can hold", _UNREAD_HINT, 2)
    no_status = forms.BooleanField(
        label="The notice lists these devices without saying whether they are affected",
        required=False,
    )
    is_confirmed = forms.BooleanField(
        label="I have compared this entry with the published text, and it says the same",
        required=False,
    )

    def __init__(
        self, data: Mapping[str, Any] | None, entry: Entry | None, *, n_facts: int
    ) -> None:
        """Make the form of an entry, or of a new one.

        Args:
            data: what was sent, if anything was.
            entry: the entry as it is in the draft.
            n_facts: how many facts the form has room for.
        """
        initial: dict[str, Any] = dict(fields_of(entry)) if entry else {"sense": "affects"}
        initial["dis_complete"] = initial.get("dis_complete") == "yes"
        initial["no_status"] = initial.get("no_status") == "yes"
        super().__init__(data, initial=initial)
        self.unread = entry.unread if entry else ()
        family = self.fields["family"]
        assert isinstance(family, forms.ChoiceField)  # noqa: S101 - for the types
        family.choices = _families(initial.get("family", ""))
        self.facts = [self._add_fact(place) for place in range(n_facts)]
        if self.unread:
            self.fields["drop_unread"] = forms.MultipleChoiceField(
                label="Sentences that could not be read: tick those that the fields say now",
                choices=[(str(place), text) for place, text in enumerate(self.unread)],
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )

    def _add_fact(self, place: int) -> list[str]:
        stem = f"fact-{place}"
        self.fields |= {
            f"{stem}-name": _line("Fact", "Such as clear_ring: what only the holder can see."),
            f"{stem}-any_of": _lines("Values in scope", rows=2),
            f"{stem}-values": _lines("All values that can occur", rows=2),
            f"{stem}-ask": _line("Question that settles it"),
        }
        return [f"{stem}-{part}" for part in ("name", "any_of", "values", "ask")]

    def texts(self) -> dict[str, str]:
        """Return what was typed, as `notice.entry_fields` names it."""
        found = {name: str(value or "") for name, value in self.cleaned_data.items()}
        for name in ("dis_complete", "no_status"):
            found[name] = "yes" if self.cleaned_data.get(name) else ""
        found["drop_unread"] = ",".join(self.cleaned_data.get("drop_unread") or ())
        return found

    def groups(self) -> list[dict[str, Any]]:
        """Return the fields in groups, each with whether anything in it is filled or wrong."""
        facts = [name for fact in self.facts for name in fact]
        return [
            self._group(title, names, always=place < len(_OPEN_GROUPS))
            for place, (title, names) in enumerate(
                [*_OPEN_GROUPS, *_GROUPS, ("What only the holder can see", facts)]
            )
        ]

    def _group(self, title: str, names: Sequence[str], *, always: bool) -> dict[str, Any]:
        bound = [self[name] for name in names if name in self.fields]
        is_open = always or any(field.value() or field.errors for field in bound)
        return {"title": title, "fields": bound, "is_open": is_open, "is_always": always}


_OPEN_GROUPS = (
    ("Products", ("family", "models", "names")),
    ("Software", ("software",)),
    ("Lots and serial numbers", ("lots", "serials")),
)
_GROUPS = (
    (
        "More about the product",
        ("catalogue", "manufacturer", "dis", "dis_complete", "dis_unread"),
    ),
    ("Days", ("made_on", "shipped_on", "expires_on", "serviced_on", "implanted_on")),
    ("Country", ("country_sense", "countries")),
    (
        "What the notice leaves open",
        (
            "drop_unread",
            "more_unread",
            "withheld",
            "no_status",
            *(f"{what}_{how}" for what in ("software", "lots", "serials")
              for how in ("unread", "withheld")),
        ),
    ),
)  # fmt: skip


def _families(own: str) -> list[tuple[str, str]]:
    known = [
        (
            key,
            f"{family.name} ({family.manufacturer}): {', '.join(m.model for m in family.members)}",
        )
        for key, family in sorted(known_families().items())
    ]
    unknown = [(own, own)] if own and own not in known_families() else []
    return [("", "none"), *known, *unknown]


@desk_page("put_entry", "GET", "POST")
def entry(request: DeskRequest, draft_id: int, name: str | None = None) -> HttpResponse:
    """Show the form of an entry, and put what was sent into the draft."""
    view = read_draft(request.caller, draft_id)
    before = _entry_of(view.working.scope, name)
    n_facts = _n_facts(before, request)
    form = EntryForm(request.POST or None, before, n_facts=n_facts)
    seen = _number(request.POST.get("seen")) or view.version
    choice = CountChoice(request)
    values: dict[str, Any] = {}
    if form.is_valid():
        if request.POST.get("go") == "count":
            values = counted(request, draft_id, choice, typed_entry(request))
        else:
            try:
                put_entry(
                    request.caller,
                    draft_id,
                    seen,
                    name,
                    form.texts(),
                    is_confirmed=form.cleaned_data["is_confirmed"],
                )
            except FieldsRefused as error:
                for field, sentence in error.faults.items():
                    form.add_error(field if field in form.fields else None, sentence)
            except DraftMoved as error:
                refuse(form, error)
                seen = view.version
                values["moved"] = True
            except TocsinError as error:
                refuse(form, error)
            else:
                said = f"Entry {form.cleaned_data['entry']} is saved in the draft."
                return go("desk:draft", said, request, draft_id=draft_id)
    return show(
        request,
        "notices/entry.html",
        view=view,
        form=form,
        entry=before,
        was=name or "",
        was_field=WAS,
        card=card_of(view, before, request.caller.user_id) if before else None,
        seen=seen,
        choice=choice,
        is_too_long=before is not None and sum(map(len, fields_of(before).values())) > _LONGEST,
        may_count=bool({Role.AUTHOR, Role.REVIEWER} & request.caller.roles),
        **values,
    )


def _entry_of(scope: Sequence[Entry], name: str | None) -> Entry | None:
    if name is None:
        return None
    for each in scope:
        if each.entry == name:
            return each
    raise EntryUnknown(f"The draft has no entry {name!r}. Somebody may have renamed it.")


def _n_facts(before: Entry | None, request: DeskRequest) -> int:
    sent = len(fact_places(request.POST))
    own = len(before.facts) if before else 0
    return min(max(sent, own + 1), max(own, _MOST_FACTS))


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else 0


urlpatterns = [
    path("notices/drafts/<int:draft_id>/entry/", entry, name="draft_new_entry"),
    path("notices/drafts/<int:draft_id>/entries/<str:name>/", entry, name="draft_entry"),
]
