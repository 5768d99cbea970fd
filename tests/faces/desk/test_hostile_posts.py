"""What no form of ours sends: every answer is a page, never a fault of the server."""

import http.client
import random
import urllib.parse
from http.cookies import SimpleCookie
from pathlib import Path

import pytest

from tests.lib.hostile_text import HOSTILE
from tocsin.registry.schema import COLUMNS

KEYS = [*COLUMNS, "country_now", "fact.ring", "fact.", "fact." + "x" * 99, "nothing"]
STEPS = [*KEYS, "device", "review", "answer", "called_country", ""]
FIELDS = ["maker", "maker_name", "device", "model", "product", "value", "country_code", "day",
          "month", "year", "large"]  # fmt: skip
VALUES = [*HOSTILE, "", "other", "unknown", "Medtronic", "model: 723", "US", "\0", "٣", "9" * 500]


class _Visitor:
    def __init__(self, demo: str) -> None:
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(demo).netloc, timeout=60)
        self.connection.request("GET", "/en/check")
        answer = self.connection.getresponse()
        page = answer.read().decode()
        self.cookie = SimpleCookie(answer.getheader("Set-Cookie"))["csrftoken"].value
        self.token = page.split('name="csrfmiddlewaretoken" value="')[1].partition('"')[0]

    def post(self, fields: dict[str, str]) -> tuple[int, str]:
        body = urllib.parse.urlencode(
            {"csrfmiddlewaretoken": self.token, **fields}, errors="replace"
        )
        headers = {
            "Cookie": f"csrftoken={self.cookie}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        self.connection.request("POST", "/nl/check", body, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read().decode()


@pytest.mark.parametrize("seed", range(4))
def test_hostile_posts_are_answered_with_a_page(demo: str, demo_folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    visitor = _Visitor(demo)
    for _ in range(100):
        stated = {f"a.{chance.choice(KEYS)}": chance.choice(VALUES) for _ in range(4)}
        typed = {chance.choice(FIELDS): chance.choice(VALUES) for _ in range(3)}
        go = chance.choice(["next", "unknown", f"change:{chance.choice(STEPS)}", "x"])
        fields = {**stated, **typed, "step": chance.choice(STEPS), "go": go}
        status, page = visitor.post(fields)
        assert status == 200, fields
        assert page.count("<h1") == 1, fields
        assert "<script" not in page.lower(), fields
    visitor.connection.close()
    assert "Error" not in (demo_folder / "serve.log").read_text("utf-8")


def test_too_many_fields_and_too_large_bodies_are_refused_in_words(demo: str) -> None:
    for fields in ({f"f{number}": "x" for number in range(100)}, {"value": "x" * 200_000}):
        visitor = _Visitor(demo)
        status, page = visitor.post(fields)
        visitor.connection.close()
        assert status in {400, 403}
        assert "Begin alstublieft opnieuw" in page
