"""Answers: the record changes, then the verdict, with history; nothing is overwritten."""

from pathlib import Path

import pyarrow as pa
import pytest

from tests.services.kept_actions import (
    keep_action,
    keep_registry,
    make_team,
    revise_registry,
    small_sample,
)
from tests.services.lists import current_rows
from tocsin.base.errors import DeviceNotFound, UsageError
from tocsin.match.figures import Change
from tocsin.services.action_matching import match_action, read_run
from tocsin.services.changed_devices import read_changes
from tocsin.services.matching import match_registry
from tocsin.services.samples import case_notices
from tocsin.services.triage import (
    DeviceAnswer,
    NewVerdict,
    answer_triage,
    explain_stored_device,
    list_answers,
    list_triage,
)
from tocsin.services.work import Caller
from tocsin.store.models import DeviceRecord
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for

pytestmark = pytest.mark.usefixtures("database")
Team = dict[Role, Caller]


@pytest.fixture
def registry() -> pa.Table:
    return small_sample("a").registry


def arrange(folder: Path) -> tuple[Team, int]:
    team = make_team()
    keep_registry(team, "list", small_sample("a").registry, folder)
    made = keep_action(team, case_notices("a"), "list")
    match_action(team[Role.AUTHOR], made)
    return team, made


def answer(team: Team, action: int, device: str, column: str, value: str) -> list[NewVerdict]:
    told = DeviceAnswer(device, column, value, "patient", "read from the screen, by telephone")
    return answer_triage(team[Role.OPERATOR], action, told)


def open_versions(team: Team, action: int) -> list[str]:
    lines = list_triage(team[Role.AUDITOR], action)
    return [line.device_id for line in lines if line.column == "software_version"]


def test_every_record_that_cannot_be_told_has_a_question(
    team: Team, registry: pa.Table, action: int
) -> None:
    lines = list_triage(team[Role.AUDITOR], action)
    with match_registry(case_notices("a"), registry) as files:
        assert len(lines) == files.summary.notices[0].verdicts["cannot_tell"].records
    assert all(line.question for line in lines)
    assert {line.column for line in lines} >= {"software_version"}


def test_an_answer_changes_the_record_and_its_verdict(team: Team, action: int) -> None:
    device, *_ = open_versions(team, action)
    n_open = len(list_triage(team[Role.AUDITOR], action))
    (verdict,) = answer(team, action, device, "software_version", "1.1")
    assert (verdict.was, verdict.now) == ("cannot_tell", "affected")
    assert len(list_triage(team[Role.AUDITOR], action)) == n_open - 1
    with acting_for(team[Role.OPERATOR].organisation_id):
        states = DeviceRecord.objects.filter(device_id=device).order_by("row_no")
        told = states.values_list("software_version", "since_revision", "until_revision")
        assert [row[1:] for row in told] == [(1, 2), (2, None)]
        assert told[1][0] == "1.1"
    match_action(team[Role.AUTHOR], action)
    diff = read_changes(team[Role.AUDITOR], action)
    moved = [change for change in diff.changes if change.change is not Change.UNCHANGED]
    assert [(one.device_id, one.change) for one in moved] == [(device, Change.CONTACT_AGAIN)]


def test_an_answer_is_undone_by_a_further_answer(team: Team, action: int) -> None:
    device, *_ = open_versions(team, action)
    operator = team[Role.OPERATOR]
    before = current_rows(operator, "list", "device_id", "software_version")
    answer(team, action, device, "software_version", "9.9")
    old_value = dict(before)[device]
    (verdict,) = answer(team, action, device, "software_version", old_value)
    assert verdict.now == "cannot_tell"
    assert current_rows(operator, "list", "device_id", "software_version") == before
    answers = list_answers(team[Role.AUDITOR], action)
    assert [each.still_holds for each in answers] == [False, True]
    assert device in open_versions(team, action)


def test_many_answers_are_judged_as_a_file_with_those_values_is(
    team: Team, registry: pa.Table, action: int
) -> None:
    devices = open_versions(team, action)[:12]
    versions = ["1.0", "2.4A", "2.5B", "2.6A", "2.7A", "2.8"]
    given = {device: versions[n % len(versions)] for n, device in enumerate(devices)}
    for device, version in given.items():
        answer(team, action, device, "software_version", version)
    match_action(team[Role.AUTHOR], action)
    rows = registry.to_pylist()
    for row in rows:
        row["software_version"] = given.get(row["device_id"], row["software_version"])
    changed = pa.Table.from_pylist(rows, registry.schema)
    with match_registry(case_notices("a"), changed) as files:
        assert read_run(team[Role.AUDITOR], action).summary.notices == files.summary.notices


def test_the_same_list_imported_again_leaves_answers_standing(
    team: Team, registry: pa.Table, action: int, tmp_path: Path
) -> None:
    device, *_ = open_versions(team, action)
    operator = team[Role.OPERATOR]
    answer(team, action, device, "software_version", "1.1")
    revise_registry(team, "list", registry, tmp_path)
    assert dict(current_rows(operator, "list", "device_id", "software_version"))[device] == "1.1"


def test_a_fact_and_a_product_can_be_told(team: Team, action: int) -> None:
    device, *_ = open_versions(team, action)
    operator = team[Role.OPERATOR]
    answer(team, action, device, "fact.retainer_ring", "black")
    answer(team, action, device, "model", "MMT-1780")
    assert dict(current_rows(operator, "list", "device_id", "model"))[device] == "MMT-1780"
    trees = explain_stored_device(team[Role.AUDITOR], action, device)
    assert trees[0][1].text
    answers = list_answers(team[Role.AUDITOR], action)
    assert [each.column for each in answers] == ["fact.retainer_ring", "model"]


@pytest.mark.parametrize(
    ("column", "value", "told_by", "evidence"),
    [
        ("software_version", "???", "patient", "by telephone"),
        ("holder_id", "H1", "patient", "by telephone"),
        ("software_version", "2.4A", "somebody", "by telephone"),
        ("software_version", "2.4A", "patient", " "),
        ("software_version", "2.4A\x00", "patient", "by telephone"),
        ("made_on", "yesterday", "patient", "by telephone"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    team: Team, action: int, column: str, value: str, told_by: str, evidence: str
) -> None:
    device, *_ = open_versions(team, action)
    operator = team[Role.OPERATOR]
    with pytest.raises(UsageError, match="Nothing was changed"):
        answer_triage(operator, action, DeviceAnswer(device, column, value, told_by, evidence))
    with pytest.raises(DeviceNotFound, match="no record 'nobody'"):
        answer(team, action, "nobody", "lot", "A1")
    assert list_answers(team[Role.AUDITOR], action) == []
