"""Lists of verdicts: every row once on some page, whatever the filters and the order."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tests.services.kept_actions import keep_action, keep_registry, make_team, small_sample
from tests.services.lists import import_list
from tocsin.base.errors import UsageError
from tocsin.services.action_matching import match_action, read_figures_by, read_run
from tocsin.services.holder_devices import list_held_devices
from tocsin.services.samples import case_notices, write_csv
from tocsin.services.triage import DeviceAnswer, answer_triage, explain_stored_device, list_triage
from tocsin.services.triage_queue import (
    NotOnTriage,
    OpenQuestion,
    list_open_questions,
    read_triage_case,
)
from tocsin.services.verdict_list import (
    ORDERS,
    VerdictLine,
    VerdictPage,
    WantedVerdicts,
    export_verdicts,
    list_verdicts,
)
from tocsin.services.work import Caller
from tocsin.store import verdict_pages
from tocsin.store.roles import Role

pytestmark = pytest.mark.usefixtures("database")
Team = dict[Role, Caller]
FORMULA = "=1+1"


@pytest.fixture
def registry() -> pa.Table:
    return make_registry()


@cache
def make_registry() -> pa.Table:
    """Return some of case A's pumps, and the parts of some of their holders."""
    table = small_sample("a").registry
    pumps = table.slice(0, 260)
    is_theirs = pc.is_in(table["holder_id"], pumps["holder_id"].combine_chunks())
    rows = table.filter(is_theirs).to_pylist()
    first = next(row for row in rows if row["model"] == "MMT-722NAS")
    first["device_id"] = FORMULA
    return pa.Table.from_pylist(rows, table.schema)


@pytest.fixture
def holders() -> pa.Table:
    return make_holders()


def make_holders() -> pa.Table:
    table = small_sample("a").holders
    wanted = pc.is_in(table["holder_id"], make_registry()["holder_id"].combine_chunks())
    return table.filter(pc.or_(wanted, pc.equal(table["minor"], "true").fill_null(False)))


def arrange(folder: Path) -> tuple[Team, int]:
    """Match an action on some of case A's devices, with its holders; return who did, and it."""
    team = make_team()
    keep_registry(team, "list", make_registry(), folder)
    write_csv(make_holders(), folder / "holders.csv")
    import_list(team[Role.OPERATOR], "list", folder / "holders.csv", "holders")
    made = keep_action(team, case_notices("a"), "list")
    match_action(team[Role.AUTHOR], made)
    return team, made


def pages(caller: Caller, action: int, wanted: WantedVerdicts, limit: int) -> Iterator[VerdictPage]:
    page = list_verdicts(caller, action, wanted, limit=limit)
    yield page
    while page.later:
        page = list_verdicts(caller, action, wanted, page.later, limit)
        yield page


def test_every_verdict_is_on_one_page_in_every_order(
    team: Team, action: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = team[Role.AUDITOR]
    whole = list_verdicts(caller, action, WantedVerdicts(), limit=5000)
    everything = {line.verdict_id: line for line in whole.lines}
    assert len(everything) == whole.n_all == whole.n_found
    figures = read_run(caller, action).summary.notices[0].verdicts
    assert sum(line.verdict == "affected" for line in whole.lines) == figures["affected"].records
    orders = [*ORDERS, "-device", "-model"]
    for order in orders:
        read = list(pages(caller, action, WantedVerdicts(order=order), 37))
        lines = [line for page in read for line in page.lines]
        assert len(lines) == len(everything)
        assert {line.verdict_id for line in lines} == set(everything)
        assert [page.first for page in read] == list(range(1, len(lines) + 1, 37))
        check_order(lines, order)
        back = read[-1]
        for page in reversed(read[:-1]):
            back = list_verdicts(caller, action, WantedVerdicts(order=order), back.earlier, 37)
            assert [each.verdict_id for each in back.lines] == [
                each.verdict_id for each in page.lines
            ]
            assert back.first == page.first
        assert back.earlier == ""
    monkeypatch.setattr(verdict_pages, "FEW", 10)  # the walk of the large lists
    for order in ("device", "-device"):
        read = list(pages(caller, action, WantedVerdicts("affected", order=order), 41))
        lines = [line for page in read for line in page.lines]
        assert len(lines) == figures["affected"].records
        check_order(lines, order)
        again = list_verdicts(
            caller, action, WantedVerdicts("affected", order=order), read[2].earlier, 41
        )
        assert again.lines == read[1].lines


def check_order(lines: list[VerdictLine], order: str) -> None:
    name = {"device": "device_id"}.get(order.removeprefix("-"), order.removeprefix("-"))
    told = [getattr(line, name) for line in lines]
    if name == "device_id":
        assert told == sorted(told, reverse=order.startswith("-"))
    else:  # each value in one piece
        changes = sum(one != other for one, other in pairwise(told))
        assert changes == len(set(told)) - 1


def test_filters_leave_what_they_name_and_say_how_many(team: Team, action: int) -> None:
    caller = team[Role.OPERATOR]
    first = list_verdicts(caller, action, WantedVerdicts(), limit=5000)
    for name, choices in first.choices.items():
        assert sum(choice.n_records for choice in choices) == first.n_all
        for choice in choices:
            wanted = replace(WantedVerdicts(), **{name: choice.value})
            page = list_verdicts(caller, action, wanted, limit=5000)
            assert len(page.lines) == page.n_found == choice.n_records
            if name not in {"reason", "model", "country", "kind"}:
                assert {getattr(line, name) for line in page.lines} == {choice.value}
    countries = {line.country for line in first.lines}
    assert {"US", "FR"} <= countries
    one = first.lines[7]
    found = list_verdicts(caller, action, WantedVerdicts(device=one.device_id))
    assert one in found.lines
    assert list_verdicts(caller, action, WantedVerdicts(country="XX")).lines == []
    for wanted, key in ((WantedVerdicts(order="serial"), ""), (WantedVerdicts(), "1;2")):
        with pytest.raises(UsageError):
            list_verdicts(caller, action, wanted, key)


def test_reasons_in_words_are_those_of_the_whole_explanation(team: Team, action: int) -> None:
    caller = team[Role.AUDITOR]
    page = list_verdicts(caller, action, WantedVerdicts(order="reason"), limit=5000)
    for line in page.lines[::60]:
        ((_, tree),) = explain_stored_device(caller, action, line.device_id)
        assert tree.text.startswith(line.verdict)
        # The list's sentence leaves the record's own value out.
        assert tree.text.partition(": ")[2][:25] == line.reason[:25]


def test_figures_by_country_and_kind_are_kept_with_the_run(
    team: Team, action: int, holders: pa.Table, tmp_path: Path
) -> None:
    caller = team[Role.AUDITOR]
    page = list_verdicts(caller, action, WantedVerdicts(verdict="affected"), limit=5000)
    by_country = read_figures_by(caller, action, "country")
    french = [line for line in page.lines if line.country == "FR"]
    counted = by_country[case_notices("a")[0].notice, "FR", "affected"]
    assert counted.records == len(french) > 0
    assert counted.holders == len({line.holder_id for line in french})
    assert {where for _, where, _ in read_figures_by(caller, action, "kind")} == {"person"}
    moved = holders
    at = moved.schema.get_field_index("country")
    moved = moved.set_column(at, "country", pa.array(["SE"] * moved.num_rows))
    write_csv(moved, tmp_path / "holders.csv")
    import_list(team[Role.OPERATOR], "list", tmp_path / "holders.csv", "holders")
    assert read_figures_by(caller, action, "country") == by_country


def test_an_export_is_the_list_and_starts_no_formula(
    team: Team, action: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = team[Role.AUDITOR]
    monkeypatch.setattr("tocsin.services.verdict_list.MOST", 40)
    text = "".join(export_verdicts(caller, action, WantedVerdicts()))
    lines = text.splitlines()
    assert lines[0].startswith("registry,device_id,notice,verdict")
    assert len(lines) == 1 + list_verdicts(caller, action, WantedVerdicts(), limit=1).n_all
    assert lines.count(lines[0]) == 1
    assert sum(f",'{FORMULA}," in line for line in lines) == 1


def questions(caller: Caller, action: int) -> list[OpenQuestion]:
    found, after = [], None
    while True:
        page = list_open_questions(caller, action, after, 50)
        found += page.lines
        if page.later is None:
            return found
        after = page.later


def test_open_questions_are_those_of_triage_the_urgent_first(team: Team, action: int) -> None:
    caller = team[Role.OPERATOR]
    found = questions(caller, action)
    plain = list_triage(caller, action)
    assert sorted((each.device_id, each.question, each.column) for each in found) == sorted(
        (each.device_id, each.question, each.column) for each in plain
    )
    assert found[0].column == "software_version"
    is_model = [each.column != "software_version" for each in found]
    assert is_model == sorted(is_model)


def test_a_record_is_asked_about_answered_and_the_next_one_follows(team: Team, action: int) -> None:
    operator = team[Role.OPERATOR]
    first, second, third, *_ = questions(operator, action)
    case = read_triage_case(operator, action, first.verdict_id)
    assert case.open_now is not None
    assert (case.open_now.column, case.next_id) == ("software_version", second.verdict_id)
    assert case.holder is not None
    assert case.holder.kind == "person"
    assert case.texts["device_id"] == first.device_id
    for line, version in ((first, "1.1"), (second, "9.9")):
        told = DeviceAnswer(line.device_id, line.column, version, "patient", "by telephone")
        answer_triage(operator, action, told)
    assert questions(operator, action)[0] == third
    case = read_triage_case(operator, action, first.verdict_id)
    assert case.open_now is None
    assert [each.new_value for each in case.answers] == ["1.1"]
    assert case.next_id == third.verdict_id
    match_action(operator, action)
    assert questions(operator, action)[0].device_id == third.device_id
    affected = list_verdicts(operator, action, WantedVerdicts("affected")).lines[0]
    case = read_triage_case(operator, action, affected.verdict_id)
    assert (case.device_id, case.next_id) == (affected.device_id, None)
    assert [each.verdict for each in case.asked] == ["affected"]
    with pytest.raises(NotOnTriage):
        read_triage_case(operator, action, 10**12)


def test_a_holder_has_a_pump_and_the_parts_around_it(
    team: Team, registry: pa.Table, action: int
) -> None:
    rows = registry.to_pylist()
    part = next(row for row in rows if row["model"] == "MMT-503")
    pump = next(row for row in rows if row["model"] == "MMT-722NAS")
    found = list_held_devices(team[Role.AUDITOR], action, "list", part["holder_id"])
    assert {each.device_id for each in found} == {
        row["device_id"] for row in rows if row["holder_id"] == part["holder_id"]
    }
    assert "remote controller" in {each.part for each in found}
    alone = list_held_devices(team[Role.AUDITOR], action, "list", pump["holder_id"])
    assert alone[0].part == "pump"
    assert list_held_devices(team[Role.AUDITOR], action, "list", "nobody") == []
