"""Django's forms in our look, and refusals of services shown in them."""

from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates

from tocsin.base.errors import TocsinError
from tocsin.web.desk.faults import status_of


class DeskForms(DjangoTemplates):
    """Draws each field as label, hint, error, control; the summary stands on top of the page."""

    form_template_name = "web/desk/parts/form.html"
    field_template_name = "web/desk/parts/field.html"


def refuse(form: forms.BaseForm, error: TocsinError, field: str | None = None) -> None:
    """Put what a service has refused into a form, beside a field or above all.

    `web.desk.answers.show` then answers with the status of the refusal.
    """
    form.add_error(field, forms.ValidationError(error.sentence, code=error.code))
    form.refused_with = status_of(error)  # type: ignore[attr-defined] # read by show


class DayField(forms.DateField):
    """A day, chosen in the browser's own calendar or typed as 2026-12-01."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, **options: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], **options)


class ReasonForm(forms.Form):
    """Asks why, for what stands in the audit trail with its reason."""

    reason = forms.CharField(
        label="Why?",
        help_text="It stands in the audit trail. Name no patient.",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class PurposeForm(forms.Form):
    """Asks for what somebody's words are read."""

    purpose = forms.CharField(
        label="For what do you read it?",
        help_text="It stands in the audit trail. Name no patient.",
        max_length=300,
    )
