"""Answers at the desk: what came in, what it asks of us, and entering one for somebody."""

from collections import Counter
from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import path

from tocsin.base.errors import TocsinError
from tocsin.outreach.reply import (
    DeviceOutcome,
    DeviceReply,
    Doing,
    PersonOutcome,
    Reply,
    ReplyRefused,
)
from tocsin.outreach.reply_lines import ReplyLine
from tocsin.registry.schema import DAY_COLUMNS, FACT_PREFIX
from tocsin.services.answer_files import add_answer_file, list_answer_files
from tocsin.services.answer_forms import AnswerForm, read_recipient_form
from tocsin.services.answer_views import (
    ANSWER_COLUMNS,
    access_acknowledgement,
    answer_rows,
    list_acknowledgements,
)
from tocsin.services.answer_work import (
    PASSED_ON_OUTCOMES,
    access_passed_on,
    close_passed_on,
    close_work_item,
    list_answer_work,
)
from tocsin.services.answers import CHANNELS, enter_answer
from tocsin.services.asked_devices import AskedFact
from tocsin.services.complaints import access_complaint, list_complaints
from tocsin.services.matching import rows_csv
from tocsin.web.desk.answer_files import answer_file_field
from tocsin.web.desk.answers import csv_answer, go, show
from tocsin.web.desk.forms import PurposeForm, refuse
from tocsin.web.desk.listing import Column, Listing
from tocsin.web.desk.view import DeskRequest, desk_page


def _choices(values: Any) -> list[tuple[str, str]]:
    return [(str(each), str(each).replace("_", " ").capitalize()) for each in values]


def _text(label: str, n_rows: int) -> forms.CharField:
    """Return a field for words, which need not be there."""
    widget = forms.Textarea(attrs={"rows": n_rows}) if n_rows > 1 else forms.TextInput()
    return forms.CharField(label=label, max_length=2000, required=False, widget=widget)


class _CloseForm(forms.Form):
    outcome = forms.CharField(
        label="What became of it?", help_text="Name no patient.", max_length=300
    )


class _PassedOnForm(forms.Form):
    outcome = forms.ChoiceField(
        label="What became of it?",
        choices=[(each, each.capitalize()) for each in PASSED_ON_OUTCOMES],
        widget=forms.RadioSelect,
    )


_HELP = {
    "lot": "Leave it empty if they have more than one, and write all of them as their question.",
    "country": "Where it was sold: two letters, such as FR.",
    **dict.fromkeys(DAY_COLUMNS, "Such as 2010-12-10; a month or a year is enough."),
}


def _fact_fields(place: int, asked: AskedFact) -> dict[str, forms.Field]:
    """Return the fields that ask something of a device, with what stands on record of it."""
    known = dict(asked.on_record)
    fields: dict[str, forms.Field] = {}
    for column in asked.fills:
        offered = [
            dict(each.columns)[column] for each in asked.choices if column in dict(each.columns)
        ]
        help_ = (
            [f"On record, but it does not settle it: {known[column]}."] if column in known else []
        )
        help_ += [f"One of {', '.join(offered)}, or another."] if offered else []
        help_ += [_HELP[column]] if column in _HELP else []
        label = asked.ask or f"{column.removeprefix(FACT_PREFIX).replace('_', ' ').capitalize()}"
        if asked.values:
            values = [("", "Not said"), *((each, each) for each in asked.values)]
            fields[f"{column}-{place}"] = forms.ChoiceField(
                label=label, choices=values, required=False
            )
            continue
        fields[f"{column}-{place}"] = forms.CharField(
            label=f"{label}, as the device or its label shows it",
            help_text=" ".join(help_),
            max_length=200,
            required=False,
        )
    fields[f"{asked.column}-{place}-none"] = forms.BooleanField(
        label="They cannot find it, and want a call", required=False
    )
    return fields


_LINE_WORDS = {
    Doing.DONE: "Yes",
    Doing.NOT_YET: "Not yet",
    Doing.NOT_FOR_ME: "No, or it does not apply",
    Doing.NOT_UNDERSTOOD: "No: it is not clear to them",
}


def _line_fields(line: ReplyLine) -> dict[str, forms.Field]:
    """Return the fields of a statement of the letter's reply form."""
    fields: dict[str, forms.Field] = {}
    if line.doings:
        fields[f"do-{line.key}"] = forms.ChoiceField(
            label=line.text,
            choices=[(str(each), _LINE_WORDS[each]) for each in line.doings],
            widget=forms.RadioSelect,
        )
    if line.has_text:
        fields[f"text-{line.key}"] = _text("To whom?" if line.doings else line.text, 2)
    return fields


class _EnterForm(forms.Form):
    """Asks what the letter asks; made from the letter's own questions."""

    use_required_attribute = False

    channel = forms.ChoiceField(
        label="How did the answer come?", choices=_choices(CHANNELS), widget=forms.RadioSelect
    )
    evidence = forms.CharField(
        label="Where can it be seen?", help_text="Such as a file's number. Name no patient.",
        max_length=300,
    )  # fmt: skip
    file = answer_file_field(required=False)
    outcome = forms.ChoiceField(
        label="Is the letter for them?", choices=_choices(PersonOutcome), widget=forms.RadioSelect
    )

    def __init__(self, asked: AnswerForm, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.asked = asked
        for place, device in enumerate(asked.devices):
            end = f" (serial number ends in {device.serial_end})" if device.serial_end else ""
            self.fields[f"device-{place}"] = forms.ChoiceField(
                label=f"Where is the {device.product}{end} now?",
                choices=_choices(DeviceOutcome),
                widget=forms.RadioSelect,
            )
            whom = _text("Who has it now, if they passed it on?", 1)
            self.fields[f"passed-on-{place}"] = whom
            for each in device.asked:
                self.fields |= _fact_fields(place, each)
        for key, text in asked.instructions:
            self.fields[f"do-{key}"] = forms.ChoiceField(
                label=text, choices=_choices(Doing), widget=forms.RadioSelect
            )
        for line in asked.lines:
            self.fields |= _line_fields(line)
        if asked.is_for_patient:
            self.fields["knows"] = forms.BooleanField(
                label="They said, unprompted, to call the emergency number first if very unwell",
                required=False,
            )
        if asked.offers:
            self.fields["wants"] = forms.ChoiceField(
                label=f"Do they want what is offered ({', '.join(asked.offers)})?",
                choices=[("", "Not said"), ("yes", "Yes"), ("no", "No")],
                required=False,
            )
        self.fields["problem"] = _text("What went wrong with the device?", 3)
        self.fields["query"] = _text("Their question", 3)
        self.fields["name"] = _text("Who answered", 1)

    def full_clean(self) -> None:
        """Read what was entered; what lacks depends on the outcome, and the service finds it.

        The fields are shown as needed all the same: beside them stands no "(optional)".
        """
        needed = [
            field
            for name, field in self.fields.items()
            if field.required and name not in {"channel", "evidence", "outcome"}
        ]
        for field in needed:
            field.required = False
        super().full_clean()
        for field in needed:
            field.required = True

    def reply(self) -> Reply:
        """Return what was entered."""
        told = self.cleaned_data
        devices = {
            device.key: DeviceReply(
                DeviceOutcome(told[f"device-{place}"]),
                passed_on_to=told[f"passed-on-{place}"],
                told={
                    column: told.get(f"{column}-{place}", "") for column in device.filled_columns
                },
                not_found=tuple(
                    each for each in device.asked_columns if told[f"{each}-{place}-none"]
                ),
            )
            for place, device in enumerate(self.asked.devices)
            if told[f"device-{place}"]
        }
        instructions = {
            name.removeprefix("do-"): Doing(said)
            for name, said in told.items()
            if name.startswith("do-") and said
        }
        return Reply(
            PersonOutcome(told["outcome"]),
            devices,
            instructions,
            told.get("knows", False),
            told["problem"],
            told["query"],
            {"yes": True, "no": False}.get(told.get("wants", "")),
            told["name"],
            is_confirmed=True,
            line_texts={
                line.key: told[f"text-{line.key}"] for line in self.asked.lines if line.has_text
            },
        )

    def field_of(self, fault: str) -> str | None:
        """Return the field of this form that a fault of a reply is about."""
        for place, device in enumerate(self.asked.devices):
            part = fault.removeprefix(f"devices.{device.key}.")
            name = {"outcome": "device", "passed_on_to": "passed-on"}.get(part, part)
            if part != fault and f"{name}-{place}" in self.fields:
                return f"{name}-{place}"
        if fault.startswith("instructions."):
            return f"do-{fault.removeprefix('instructions.')}"
        if fault.startswith("line_texts."):
            return f"text-{fault.removeprefix('line_texts.')}"
        return fault if fault in self.fields else None


@desk_page("list_acknowledgements", "list_answer_work", "GET")
def answers(request: DeskRequest, action_id: int) -> HttpResponse:
    """Show what was answered in an action, and what that asks of us."""
    files = Counter(
        each.acknowledgement_id for each in list_answer_files(request.caller, action_id)
    )
    lines = list_acknowledgements(request.caller, action_id)
    listing = Listing(
        request,
        [(line, files[line.acknowledgement_id]) for line in lines],
        [
            Column("answer", "Answer", lambda row: row[0].acknowledgement_id),
            Column("files", "Files", lambda row: row[1]),
            Column("when", "When", lambda row: row[0].answered_at),
            Column("channel", "By", lambda row: row[0].channel),
            Column("outcome", "Outcome", lambda row: row[0].outcome),
            Column("understood", "Understood", lambda row: row[0].has_understood),
            Column("acted", "Acted", lambda row: row[0].has_acted),
        ],
    )
    work = list_answer_work(request.caller, action_id)
    return show(
        request, "outcome/answers.html", action_id=action_id, listing=listing,
        open_work=[each for each in work if each.closed_at is None],
        n_closed=sum(each.closed_at is not None for each in work),
    )  # fmt: skip


@desk_page("list_acknowledgements", "GET")
def answers_csv(request: DeskRequest, action_id: int) -> HttpResponse:
    """Give the answers as CSV, without any word of theirs."""
    lines = list_acknowledgements(request.caller, action_id)
    text = rows_csv(ANSWER_COLUMNS, answer_rows(lines))
    return csv_answer(text, f"answers-of-action-{action_id}.csv")


@desk_page("access_acknowledgement", "GET", "POST")
def words(request: DeskRequest, acknowledgement_id: int) -> HttpResponse:
    """Show the words of an answer, after a purpose was told."""
    form, told = PurposeForm(request.POST or None), None
    if form.is_valid():
        try:
            told = access_acknowledgement(
                request.caller, acknowledgement_id, form.cleaned_data["purpose"]
            )
        except TocsinError as error:
            refuse(form, error)
    title = f"Words of answer {acknowledgement_id}"
    return show(request, "outcome/words.html", form=form, title=title, told=told)


@desk_page("access_passed_on", "GET", "POST")
def passed_on(request: DeskRequest, item_id: int) -> HttpResponse:
    """Show to whom a device was passed on, after a purpose was told."""
    form, told = PurposeForm(request.POST or None), None
    if form.is_valid():
        try:
            text = access_passed_on(request.caller, item_id, form.cleaned_data["purpose"])
            told = {"passed on to": text or "nothing that can still be read"}
        except TocsinError as error:
            refuse(form, error)
    return show(request, "outcome/words.html", form=form, title="Passed on to", told=told)


@desk_page("close_passed_on", "GET", "POST")
def close_passed(request: DeskRequest, action_id: int, item_id: int) -> HttpResponse:
    """Say what became of a device that was passed on."""
    form = _PassedOnForm(request.POST or None)
    if form.is_valid():
        try:
            close_passed_on(request.caller, item_id, form.cleaned_data["outcome"])
            return go("desk:answers", "The item is closed.", request, action_id=action_id)
        except TocsinError as error:
            refuse(form, error)
    return show(request, "outcome/close.html", form=form, action_id=action_id)


@desk_page("close_work_item", "GET", "POST")
def close(request: DeskRequest, action_id: int, item_id: int) -> HttpResponse:
    """Say what became of something that an answer asked for."""
    form = _CloseForm(request.POST or None)
    if form.is_valid():
        try:
            close_work_item(request.caller, item_id, form.cleaned_data["outcome"])
            return go("desk:answers", "The item is closed.", request, action_id=action_id)
        except TocsinError as error:
            refuse(form, error)
    return show(request, "outcome/close.html", form=form, action_id=action_id)


@desk_page("enter_answer", "GET", "POST")
def enter(request: DeskRequest, recipient_id: int) -> HttpResponse:
    """Enter an answer that came on paper, by telephone or through the clinic."""
    asked = read_recipient_form(request.caller, recipient_id)
    form = _EnterForm(asked, request.POST or None, request.FILES or None)
    if form.is_valid():
        told = form.cleaned_data
        try:
            kept = enter_answer(
                request.caller, recipient_id, form.reply(), told["channel"], told["evidence"]
            )
            if told["file"]:
                add_answer_file(request.caller, kept.acknowledgement_id, told["file"])
            said = "The answer was kept." if kept.is_new else "This answer was there already."
            return go("desk:answers", said, request, action_id=asked.action_id)
        except ReplyRefused as error:
            for fault, what in error.faults.items():
                form.add_error(form.field_of(fault), what.capitalize())
        except TocsinError as error:
            refuse(form, error)
    return show(request, "outcome/enter.html", form=form, asked=asked)


@desk_page("list_complaints", "GET")
def complaints(request: DeskRequest) -> HttpResponse:
    """Show the complaints, without the words of who made them."""
    found = list_complaints(request.caller)
    listing = Listing(
        request,
        found,
        [
            Column("complaint", "Complaint", lambda line: line.complaint_id),
            Column("aware", "We know since", lambda line: line.aware_at),
            Column("happened", "Happened", lambda line: line.happened_on),
            Column("action", "Action", lambda line: line.action_id),
            Column("channel", "By", lambda line: line.channel),
            Column("device", "Device", lambda line: line.device_id),
        ],
    )
    return show(request, "outcome/complaints.html", listing=listing)


@desk_page("access_complaint", "GET", "POST")
def complaint(request: DeskRequest, complaint_id: int) -> HttpResponse:
    """Show the words of a complaint, after a purpose was told."""
    form, told = PurposeForm(request.POST or None), None
    if form.is_valid():
        try:
            text = access_complaint(request.caller, complaint_id, form.cleaned_data["purpose"])
            told = {"what happened": text or "nothing that can still be read"}
        except TocsinError as error:
            refuse(form, error)
    title = f"Complaint {complaint_id}"
    return show(request, "outcome/words.html", form=form, title=title, told=told)


urlpatterns = [
    path("actions/<int:action_id>/answers/", answers, name="answers"),
    path("actions/<int:action_id>/answers.csv", answers_csv, name="answers_csv"),
    path("actions/<int:action_id>/work/<int:item_id>/close/", close, name="close_work_item"),
    path(
        "actions/<int:action_id>/passed-on/<int:item_id>/close/",
        close_passed,
        name="close_passed_on",
    ),
    path("answers/<int:acknowledgement_id>/words/", words, name="answer_words"),
    path("passed-on/<int:item_id>/", passed_on, name="passed_on"),
    path("recipients/<int:recipient_id>/answer/", enter, name="enter_answer"),
    path("complaints/", complaints, name="complaints"),
    path("complaints/<int:complaint_id>/", complaint, name="complaint"),
]
