"""All endpoints but the public check: to add one, write a row in a module of `endpoints`."""

from collections.abc import Mapping

from tocsin.api.endpoint import Endpoint
from tocsin.api.endpoints import (
    actions,
    answer_entry,
    answer_forms,
    answer_work,
    answers,
    complaints,
    drafts,
    letters,
    notices,
    outcomes,
    overviews,
    people,
    persons,
    plans,
    printing,
    registries,
    releases,
    sending,
    triage,
    verdicts,
    work,
)

TABLES: Mapping[str, tuple[Endpoint, ...]] = {
    "Overviews": overviews.ENDPOINTS,
    "Notices": notices.ENDPOINTS,
    "Drafts": drafts.ENDPOINTS,
    "Registries": registries.ENDPOINTS,
    "Actions": actions.ENDPOINTS,
    "Verdicts": verdicts.ENDPOINTS,
    "Triage": triage.ENDPOINTS,
    "Plan": plans.ENDPOINTS,
    "Releases": releases.ENDPOINTS,
    "Letters": letters.ENDPOINTS,
    "Sending": sending.ENDPOINTS,
    "Printed letters": printing.ENDPOINTS,
    "Answers": (
        *answer_forms.ENDPOINTS,
        *answer_entry.ENDPOINTS,
        *answers.ENDPOINTS,
        *answer_work.ENDPOINTS,
    ),
    "Complaints": complaints.ENDPOINTS,
    "Outcomes": outcomes.ENDPOINTS,
    "Persons": persons.ENDPOINTS,
    "People": people.ENDPOINTS,
    "Work and trail": work.ENDPOINTS,
}
"""Group -> its endpoints, in the order in which they are told."""
