"""What an installation is made of: the facts that come with it, its sender, its health."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from tocsin.services.arming import read_arming
from tocsin.services.health.examination import examine_installation
from tocsin.services.health.finding import Finding, Urgency
from tocsin.services.health.running_checks import check_data_files, check_running
from tocsin.services.work import Work, service
from tocsin.store.home import find_home
from tocsin.store.site import read_site_settings

_TOLD = frozenset({"document", "checked_on", "next_review"})
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


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
        if (table := _read(package, name, yaml.load(text, _LOADER))) is not None  # noqa: S506
    )


def _read(package: str, name: str, tree: Any) -> FactTable | None:
    """Return what a file says of its facts; None if it says nothing."""
    said: dict[str, list[Any]] = {}
    _collect(tree, said)
    documents = list(dict.fromkeys(str(each) for each in said.get("document", ())))
    if not documents and isinstance(tree, dict) and isinstance(tree.get("source"), str):
        documents = [tree["source"]]
    checked = [day for day in said.get("checked_on", ()) if isinstance(day, date)]
    review = [day for day in said.get("next_review", ()) if isinstance(day, date)]
    if not (documents or checked or review):
        return None
    return FactTable(
        name,
        package,
        documents[0] if documents else "",
        len(documents),
        min(checked, default=None),
        min(review, default=None),
        is_overdue=False,
    )


def _collect(tree: Any, said: dict[str, list[Any]]) -> None:
    """Note every value that a file gives to the names by which we tell where facts come from."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            if name in _TOLD and not isinstance(value, dict | list):
                said.setdefault(name, []).append(value)
            _collect(value, said)
    elif isinstance(tree, list):
        for value in tree:
            _collect(value, said)


def _data_files(folder: Traversable, package: str) -> Iterator[tuple[str, str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if entry.is_dir():
            inner = package or entry.name if entry.name == "data" else f"{package} {entry.name}"
            yield from _data_files(entry, inner.strip())
        elif entry.name.endswith(".yaml"):
            yield package.replace("_", " "), entry.name, entry.read_text("utf-8")
