"""Cursors: every item once, in order, whatever comes in meanwhile; made by us alone."""

import pytest

from tests.lib.api_client import Software, software
from tocsin.store.roles import Role


@pytest.fixture
def robot(database: str) -> Software:  # noqa: ARG001 - rows in it
    made = software(Role.OPERATOR, Role.AUDITOR)
    for number in range(7):
        assert made.post("/registries", {"name": f"list {number}"}).status == 201
    return made


def names(page: list[dict[str, str]]) -> list[str]:
    return [each["name"] for each in page]


def test_pages_of_any_size_give_the_whole_list_once(robot: Software) -> None:
    for limit in (1, 2, 3, 7, 8, 500):
        assert names(robot.every("/registries", limit=limit)) == [f"list {n}" for n in range(7)]


def test_what_comes_in_meanwhile_shifts_nothing(robot: Software) -> None:
    first = robot.get("/registries", limit=3).json
    robot.post("/registries", {"name": "list 0 a"})  # before the cursor
    robot.post("/registries", {"name": "list 2 a"})  # behind it
    second = robot.get("/registries", limit=3, cursor=first["next"]).json
    assert names(second["items"]) == ["list 2 a", "list 3", "list 4"]
    newest = robot.get("/audit/rows", limit=3).json
    robot.post("/registries", {"name": "list 9"})
    older = robot.get("/audit/rows", limit=3, cursor=newest["next"]).json
    seen = [each["seq"] for each in newest["items"] + older["items"]]
    assert seen == sorted(seen, reverse=True)
    assert seen == list(range(seen[0], seen[0] - 6, -1))


def test_the_last_page_has_no_next(robot: Software) -> None:
    assert robot.get("/registries", limit=7).json["next"] is None
    page = robot.get("/registries", limit=6).json
    assert robot.get("/registries", limit=6, cursor=page["next"]).json["next"] is None
    assert robot.get("/actions").json == {"items": [], "next": None}


def test_limits_are_bounded(robot: Software) -> None:
    for limit in (0, -1, 501, 10**30, "x", "", "1.5"):
        answer = robot.get("/registries", limit=limit)
        assert (answer.status, answer.code) == (422, "fields_unfit")
        assert answer.json["errors"][0]["parameter"] == "limit"


def test_a_cursor_opens_only_the_list_that_it_was_given_for(robot: Software) -> None:
    cursor = robot.get("/registries", limit=3).json["next"]
    others = software(Role.OPERATOR, name="otto", organisation="other")
    for answer in (
        robot.get("/imports", cursor=cursor),
        robot.get("/audit/rows", cursor=cursor),
        others.get("/registries", cursor=cursor),
        robot.get("/registries", cursor=cursor[:-1]),
        robot.get("/registries", cursor=f"x{cursor}"),
        robot.get("/registries", cursor="bm9uZQ:1:x"),
    ):
        assert (answer.status, answer.code) == (422, "cursor_unfit")
    rows = robot.get("/audit/rows", limit=1, event="registry_added").json["next"]
    assert robot.get("/audit/rows", cursor=rows).code == "cursor_unfit"
    assert robot.get("/audit/rows", cursor=rows, event="registry_added").status == 200


def test_a_misspelt_filter_is_refused_and_shows_nothing(robot: Software) -> None:
    for query in ({"evnt": "registry_added"}, {"limit": 3, "Limit": 3}):
        answer = robot.get("/audit/rows", **query)
        assert (answer.status, answer.code) == (422, "fields_unfit")
