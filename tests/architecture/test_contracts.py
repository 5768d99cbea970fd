"""Rules about imports that an import-linter contract cannot state while a package is missing."""

import pytest

from tests.architecture.sources import (
    PACKAGE,
    core_rooms,
    imported_names,
    is_within,
    read_contract,
    read_sources,
)

# What decides, and what may only inform the person who decides.
STEERING = {"match", "outreach", "supply", "report"}
WINGS = ("tocsin.signal", "tocsin.hazard")

# The engines share what they are asked about and the words they answer in, and no rule:
# of `match.rules` the vocabulary, but not `decide`.
SHARED_BY_ENGINES = (
    "tocsin.base",
    "tocsin.identify",
    "tocsin.notice",
    "tocsin.registry",
    "tocsin.match.result",
    "tocsin.match.rules.How",
    "tocsin.match.rules.Reasons",
    "tocsin.match.scopes",
)


def test_every_package_of_the_core_is_under_the_core_contract() -> None:
    written = {f"tocsin.{room}" for room in core_rooms() if (PACKAGE / room).is_dir()}
    assert set(read_contract("core")["source_modules"]) == written


def test_a_wing_never_steers_by_import() -> None:
    wrong = [
        f"{source.module} imports {name}"
        for source in read_sources()
        if source.room in STEERING
        for name in imported_names(source.tree)
        if is_within(name, *WINGS)
    ]
    assert wrong == []


def test_tables_are_touched_by_store_and_services_only() -> None:
    wrong = [
        f"{source.module} imports {name}"
        for source in read_sources()
        if source.room not in {"store", "services"}
        for name in imported_names(source.tree)
        if is_within(name, "tocsin.store.models")
    ]
    assert wrong == []


def _imports_of_engine(engine: str) -> set[str]:
    package = f"tocsin.match.engines.{engine}"
    return {
        name
        for source in read_sources()
        if is_within(source.module, package)
        for name in imported_names(source.tree)
        if is_within(name, "tocsin") and not is_within(name, package)
    }


def _engine_is_written(engine: str) -> bool:
    return any(source.module.endswith(f".engines.{engine}") for source in read_sources())


@pytest.mark.skipif(
    not (_engine_is_written("reference") and _engine_is_written("relational")),
    reason="an engine is not yet written",
)
def test_the_engines_share_values_but_no_rule() -> None:
    shared = _imports_of_engine("reference") & _imports_of_engine("relational")
    rules = {name for name in shared if not is_within(name, *SHARED_BY_ENGINES)}
    constants = {name for name in rules if name.rpartition(".")[2].isupper()}
    assert rules - constants == set()


def test_the_core_is_found() -> None:
    assert {"base", "identify", "match"} <= core_rooms() & {
        source.room for source in read_sources()
    }
