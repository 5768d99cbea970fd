"""`POST /check`: the engine's verdicts, nothing kept, nothing cleared by an old list."""

import json
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from pydantic import TypeAdapter

from tests.lib.api_client import BASE, Answer, Software, call, software
from tests.services.snapshots import find_changes, take_snapshot
from tocsin.api.check import Checked, Device, check_one, reply_to
from tocsin.api.endpoints import notices, persons, registries, triage, verdicts
from tocsin.base.verdict import Verdict
from tocsin.match.engines.reference import match_records
from tocsin.registry.record import read_record
from tocsin.services import public_notices
from tocsin.services.import_views import SET_ASIDE
from tocsin.services.kept_notices import RELATIONS
from tocsin.services.person_file import SEARCHED_BY
from tocsin.services.public_notices import ReleasedNotices, released_notices
from tocsin.services.triage import TELLERS
from tocsin.services.verdict_list import ORDERS
from tocsin.store.roles import Role

NOW = datetime.now(tz=UTC)
PUMP = {"manufacturer": "Medtronic", "model": "723"}
DEVICES = [
    PUMP | {"software_version": version, "serial": "ZW3T5CHGE"} for version in ("2.4A", "2.6A", "")
] + [
    {"manufacturer": "Medtronic", "model": "508"},
    {"manufacturer": "Medtronic", "model": "780G"},
    {"manufacturer": "Tandem", "model": "X2", "software_version": "7.8"},
    {"manufacturer": "Animas", "product": "Animas 2.0 ml Cartridge", "lot": "B201575"},
    {"manufacturer": "Animas", "product": "Animas 2.0 ml Cartridge", "lot": "B999999"},
    {"udi": "(01)00763000000011(21)A1"},
    {"model": "???"},
    {},
]


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> ReleasedNotices:
    monkeypatch.setenv(public_notices.DEMO_VARIABLE, "1")
    public_notices._released_in.cache_clear()
    yield released_notices()
    public_notices._released_in.cache_clear()


def ask(told: object, **headers: str) -> Answer:
    sent = {"Content-Type": "application/json", **headers}
    return call("POST", f"{BASE}/check", sent, json.dumps(told).encode())


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("told", DEVICES, ids=str)
def test_the_verdict_is_that_of_the_engine(demo: ReleasedNotices, told: dict[str, str]) -> None:
    answer = ask(told)
    assert answer.status == 200, answer
    record = read_record({"device_id": "d", **told})
    by_notice = {
        public.notice.notice: next(match_records([public.notice], [record])).verdict
        for public in demo.notices
    }
    checked = answer.json
    said = {each["notice"]: each["verdict"] for each in checked["notices"]}
    said |= dict.fromkeys(checked["cleared_by"], "not_affected")
    assert said == by_notice
    order = [Verdict.AFFECTED, Verdict.CANNOT_TELL, Verdict.NOT_AFFECTED]
    assert checked["verdict"] == min(by_notice.values(), key=order.index)
    for each in checked["notices"]:
        assert each["reason"].endswith(".")
        assert each["what_to_do"]
        assert (each["verdict"] == "cannot_tell") == bool(each["to_settle"])
    assert "ZW3T5CHGE" not in answer.body.decode()


@pytest.mark.usefixtures("database", "demo")
def test_an_affected_pump_is_told_what_to_do_in_its_language() -> None:
    told = ask(PUMP | {"software_version": "2.4A", "language": "de"}).json
    assert (told["verdict"], told["is_demo"], told["questions"]) == ("affected", True, [])
    (notice,) = told["notices"]
    assert notice["entry"]
    assert notice["what_to_do"][0]["language"] == "de"
    assert any(each["phone"] for each in notice["calls"])
    assert notice["issued_by"]
    assert notice["issued_on"] == "2019-06-27"


@pytest.mark.usefixtures("database", "demo")
def test_what_is_missing_is_asked_for() -> None:
    told = ask(PUMP).json
    assert told["verdict"] == "cannot_tell"
    assert "software_version" in [each["field"] for each in told["questions"]]
    unread = ask(PUMP | {"software_version": "unleserlich!", "made_on": "soon"}).json
    assert unread["verdict"] == "cannot_tell"
    assert unread["unreadable"] == ["software_version", "made_on"]


@pytest.mark.parametrize("told", DEVICES, ids=str)
def test_an_old_list_clears_nobody(demo: ReleasedNotices, told: dict[str, str]) -> None:
    late = demo.as_of + public_notices.MAX_AGE + timedelta(seconds=1)
    checked = check_one(Device(**told), demo, late)
    assert checked.verdict is not Verdict.NOT_AFFECTED
    assert checked.cleared_by == []
    fresh = check_one(Device(**told), demo, demo.as_of)
    if fresh.verdict is Verdict.AFFECTED:
        assert checked.verdict is Verdict.AFFECTED
    for each in checked.notices:
        if each.reason_code == "list_stale":
            assert "too old" in each.reason
            assert each.to_settle


@pytest.mark.parametrize("told", DEVICES, ids=str)
def test_a_remembered_reply_is_the_one_that_would_be_made(
    demo: ReleasedNotices, told: dict[str, str]
) -> None:
    late = demo.as_of + public_notices.MAX_AGE + timedelta(seconds=1)
    for serial in (None, "A1", "", "unknown"):
        device = Device(**told | ({} if serial is None else {"serial": serial}))
        for now in (demo.as_of, late, demo.as_of):
            made = TypeAdapter(Checked).dump_json(check_one(device, demo, now))
            assert reply_to(device, demo, now) == made


def test_without_any_notice_nothing_is_cleared() -> None:
    checked = check_one(Device(**PUMP), ReleasedNotices((), NOW), NOW)
    assert (checked.verdict, checked.notices, checked.cleared_by) == (Verdict.CANNOT_TELL, [], [])


@pytest.mark.usefixtures("database", "demo")
def test_nothing_is_kept_and_nothing_logged(capsys: pytest.CaptureFixture[str]) -> None:
    before = take_snapshot()
    ask(PUMP | {"software_version": "2.4A", "serial": "ZW3T5CHGE"})
    ask({"serial": "ZW3T5CHGE", "nonsense": 1})
    assert find_changes(before, take_snapshot()) == []
    said = "".join(capsys.readouterr())
    assert "ZW3T5CHGE" not in said


@pytest.mark.usefixtures("database", "demo")
@pytest.mark.parametrize(
    "told",
    [
        {"serial": 5},
        {"model": "a\x00b"},
        {"model": "a" * 401},
        {"facts": {"Not A Name": "x"}},
        {"facts": {f"f{n}": "x" for n in range(21)}},
        {"language": "tlh"},
        {"quantity": "5"},
        [],
    ],
)
def test_what_is_no_device_is_refused(told: object) -> None:
    answer = ask(told)
    assert (answer.status, answer.code) == (422, "fields_unfit")


@pytest.mark.usefixtures("database", "demo")
def test_a_bar_code_with_its_separators_is_read() -> None:
    told = ask({"udi": "010076300000001110B201575\x1d21A1", "language": "en"})
    assert told.status == 200
    assert told.json["unreadable"] == []


@pytest.mark.usefixtures("database", "demo")
def test_too_many_questions_at_once_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    from tocsin.api import check

    class Never:
        @staticmethod
        def allows(_who: str, _minute: int) -> bool:
            return False

    monkeypatch.setattr(check, "_limit", lambda: Never)
    answer = ask(PUMP)
    assert (answer.status, answer.code) == (429, "too_many_requests")
    assert answer.headers["Retry-After"] == "60"


@pytest.mark.usefixtures("database")
def test_a_token_that_asks_too_much_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    from tocsin.api import callers
    from tocsin.store.rate_limit import RateLimit

    robot: Software = software(Role.OPERATOR)
    other: Software = software(Role.OPERATOR, name="second")
    known = callers.call_limit()
    small = RateLimit(known.path.with_name("small.bin"), b"k", 3, 1000)
    monkeypatch.setattr(callers, "call_limit", lambda: small)
    statuses = [robot.get("/registries").status for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert other.get("/registries").status == 200


def test_words_of_requests_are_those_of_the_services() -> None:
    assert get_args(triage.Teller) == TELLERS
    assert get_args(notices.Relation) == RELATIONS
    assert get_args(verdicts.By) == ORDERS
    assert set(get_args(persons.SearchedBy)) == set(SEARCHED_BY)
    assert set(get_args(registries.SetAsideName)) == set(SET_ASIDE)
