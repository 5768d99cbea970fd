"""What an installation is made of: the facts that come with it, its sender, its health."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from tocsin.services.arming import read_arming
from tocsin.services.health.examination import examine_installation
from tocsin.services.health.finding import Finding, Urgency
from tocsin.services.health.running_checks import check_data_files, check_running
from tocsin.services.work import Work, service
from tocsin.store.home import find_home
from tocsin.store.site import read_site_settings

_CHECKED = re.compile(r"\bchecked_on: *['\"]?(\d{4}-\d{2}-\d{2})")
_REVIEW = re.compile(r"\bnext_review: *['\"]?(\d{4}-\d{2}-\d{2})")
_DOCUMENT = re.compile(r"\bdocument: *(?:\"([^\"]+)\"|'([^']+)'|([^,}\n]+))")
_SOURCE = re.compile(r"^source: *\"?([^\"\n{]+)", re.MULTILINE)


@dataclass(frozen=True)
class FactTable:
    """A table of facts that comes with Tocsin.

    Attributes:
        name: its file.
        about: the package that it belongs to: what it is about.
        source: the first document that it names; empty if none.
        n_sources: how many documents it names.
        checked_on: when the oldest of its facts was checked; None if it does not say.
        next_review: when the first of its facts is to be checked again; None if it does not say.
        is_overdue: whether that day has passed.
    """

    name: str
    about: str
    source: str
    n_sources: int
    checked_on: date | None
    next_review: date | None
    is_overdue: bool


@dataclass(frozen=True)
class InstallationFacts:
    """What the settings show of the whole installation.

    Attributes:
        host: the name under which browsers reach it.
        own_sign_in: how an organisation's own provider of identities is called; empty without.
        disarmed: why nothing is sent from here, a clause each; none if the sender is armed.
        tables: the tables of facts, overdue ones first.
    """

    host: str
    own_sign_in: str
    disarmed: list[str]
    tables: list[FactTable]


@service
def read_installation_facts(work: Work) -> InstallationFacts:
    """Return what the installation is made of. Right: everybody with a role."""
    site = read_site_settings(find_home().folder)
    today = work.now.date()
    tables = [_judged(table, today) for table in _fact_tables()]
    tables.sort(key=lambda one: (not one.is_overdue, one.next_review or date.max, one.name))
    return InstallationFacts(
        site.site.host, site.oidc.name if site.oidc else "", read_arming(), tables
    )


@service
def read_health(work: Work) -> list[Finding]:  # noqa: ARG001 - asks for rights only
    """Return what is wrong with the installation, the most urgent first. Right: administrator."""
    return examine_installation()


@service
def read_urgent_findings(work: Work) -> list[Finding]:
    """Return what is wrong with jobs, clock, backups and facts, quickly. Right: administrator.

    `read_health` looks at everything.
    """
    found = [*check_running(find_home(), work.now), *check_data_files(work.now.date())]
    return sorted((one for one in found if one.urgency < Urgency.NOTE), key=lambda one: one.urgency)


def _judged(table: FactTable, today: date) -> FactTable:
    is_overdue = table.next_review is not None and table.next_review < today
    return FactTable(**{**vars(table), "is_overdue": is_overdue})


@cache
def _fact_tables() -> tuple[FactTable, ...]:
    return tuple(
        table
        for package, name, text in _data_files(files("tocsin"), "")
        if (table := _read(package, name, text)) is not None
    )


def _read(package: str, name: str, text: str) -> FactTable | None:
    """Return what a file says of its facts; None if it says nothing."""
    documents = list(dict.fromkeys(next(filter(None, each)) for each in _DOCUMENT.findall(text)))
    checked, review = _CHECKED.findall(text), _REVIEW.findall(text)
    own = _SOURCE.search(text)
    source = documents[0].strip() if documents else own.group(1).strip() if own else ""
    if not (source or checked or review):
        return None
    return FactTable(
        name,
        package,
        source,
        len(documents),
        date.fromisoformat(min(checked)) if checked else None,
        date.fromisoformat(min(review)) if review else None,
        is_overdue=False,
    )


def _data_files(folder: Traversable, package: str) -> Iterator[tuple[str, str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if entry.is_dir():
            inner = package or entry.name if entry.name == "data" else f"{package} {entry.name}"
            yield from _data_files(entry, inner.strip())
        elif entry.name.endswith(".yaml"):
            yield package.replace("_", " "), entry.name, entry.read_text("utf-8")
