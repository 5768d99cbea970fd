"""The form in which staff enter an answer: made from the letter's own questions."""

from functools import partial
from typing import Any

from django import forms
from django.utils.text import capfirst

from tocsin.notice.translation import ENGLISH, words_in
from tocsin.outreach.reply import DeviceOutcome, DeviceReply, Doing, PersonOutcome, Reply
from tocsin.outreach.reply_lines import ReplyLine
from tocsin.registry.schema import DAY_COLUMNS
from tocsin.services.answer_forms import AnswerForm
from tocsin.services.answers import CHANNELS
from tocsin.services.asked_devices import AskedFact
from tocsin.services.languages import catalogue_of
from tocsin.services.question_words import thing_words
from tocsin.web.desk.answer_files import answer_file_field


def _choices(values: Any) -> list[tuple[str, str]]:
    return [(str(each), str(each).replace("_", " ").capitalize()) for each in values]


def _text(label: str, n_rows: int) -> forms.CharField:
    """Return a field for words, which need not be there."""
    widget = forms.Textarea(attrs={"rows": n_rows}) if n_rows > 1 else forms.TextInput()
    return forms.CharField(label=label, max_length=2000, required=False, widget=widget)


_OUTCOMES = {
    PersonOutcome.ANSWERS: "Yes",
    PersonOutcome.MOVED: "No: they have moved",
    PersonOutcome.DECEASED: "No: they have died",
    PersonOutcome.WRONG_PERSON: "No: it came to somebody else",
    PersonOutcome.REFUSES: "They do not want to answer",
}
_PLACES = {
    DeviceOutcome.HAVE: "They have it",
    DeviceOutcome.USED: "Used up",
    DeviceOutcome.RETURNED: "Returned",
    DeviceOutcome.DESTROYED: "Thrown away or destroyed",
    DeviceOutcome.PASSED_ON: "Passed on",
    DeviceOutcome.NEVER_HAD: "They never had it",
}
_NAMES = {"product": "Name of the product"}
_HELP = {
    "lot": "Leave it empty if they have more than one, and write all of them as their question.",
    "country": "Where it was sold: two letters, such as FR.",
    **dict.fromkeys(DAY_COLUMNS, "Such as 2010-12-10; a month or a year is enough."),
}


def _name_of(column: str) -> str:
    """Return what the public pages call in English what a column holds."""
    if column in _NAMES:
        return _NAMES[column]
    return thing_words(column, catalogue_of(ENGLISH), partial(words_in, {})).text


def _fact_fields(place: int, asked: AskedFact, of_which: str) -> dict[str, forms.Field]:
    """Return the fields that ask something of a device, with what stands on record of it.

    Args:
        place: of the device in the form.
        asked: what is asked.
        of_which: tells it from the other devices; empty where there is only one.
    """
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
        label = asked.ask or f"{capfirst(_name_of(column))}, as the device or its label shows it"
        if asked.values:
            values = [("", "Not said"), *((each, each) for each in asked.values)]
            fields[f"{column}-{place}"] = forms.ChoiceField(
                label=label + of_which, choices=values, help_text=" ".join(help_), required=False
            )
            continue
        fields[f"{column}-{place}"] = forms.CharField(
            label=label + of_which,
            help_text=" ".join(help_),
            max_length=200,
            required=False,
        )
    fields[f"{asked.column}-{place}-none"] = forms.BooleanField(
        label=f"Not found: {_name_of(asked.column).lower()}{of_which}. They want a call",
        required=False,
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


class EnterForm(forms.Form):
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
        label="Is the letter for them?", choices=[*_OUTCOMES.items()], widget=forms.RadioSelect
    )

    def __init__(self, asked: AnswerForm, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.asked = asked
        for place, device in enumerate(asked.devices):
            end = f" (serial number ends in {device.serial_end})" if device.serial_end else ""
            self.fields[f"device-{place}"] = forms.ChoiceField(
                label=f"Where is the {device.product}{end} now?",
                choices=[*_PLACES.items()],
                widget=forms.RadioSelect,
            )
            of_which = f" – {device.product}{end}" if len(asked.devices) > 1 else ""
            whom = _text(f"Who has it now, if they passed it on?{of_which}", 1)
            self.fields[f"passed-on-{place}"] = whom
            for each in device.asked:
                self.fields |= _fact_fields(place, each, of_which)
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
