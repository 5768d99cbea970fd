"""All endpoints but the public check: to add one, write a row in a module of `endpoints`."""

from collections.abc import Mapping

from tocsin.api.endpoint import Endpoint
from tocsin.api.endpoints import (
    actions,
    letters,
    notices,
    people,
    persons,
    plans,
    registries,
    releases,
    triage,
    verdicts,
    work,
)

TABLES: Mapping[str, tuple[Endpoint, ...]] = {
    "Notices": notices.ENDPOINTS,
    "Registries": registries.ENDPOINTS,
    "Actions": actions.ENDPOINTS,
    "Verdicts": verdicts.ENDPOINTS,
    "Triage": triage.ENDPOINTS,
    "Plan": plans.ENDPOINTS,
    "Releases": releases.ENDPOINTS,
    "Letters and dispatches": letters.ENDPOINTS,
    "Persons": persons.ENDPOINTS,
    "People": people.ENDPOINTS,
    "Work and trail": work.ENDPOINTS,
}
"""Group -> its endpoints, in the order in which they are told."""
