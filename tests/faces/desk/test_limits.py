"""Too many questions are stopped, over all workers; what they came from is not written down."""

import http.client
import urllib.parse
from http.cookies import SimpleCookie
from pathlib import Path

import pytest

from tests.lib.desk_server import running_demo
from tocsin.store.rate_limit import RateLimit


def _limit(folder: Path, **bounds: int) -> RateLimit:
    return RateLimit(folder / "limit.bin", b"key", **{"per_address": 3, "in_all": 100, **bounds})


def test_an_address_has_its_own_limit_and_a_new_one_each_minute(tmp_path: Path) -> None:
    limit = _limit(tmp_path)
    assert [limit.allows("192.0.2.1", 7) for _ in range(4)] == [True, True, True, False]
    assert limit.allows("192.0.2.2", 7)
    assert limit.allows("192.0.2.1", 8)


def test_two_workers_count_together(tmp_path: Path) -> None:
    one, other = _limit(tmp_path), _limit(tmp_path)
    assert [each.allows("192.0.2.1", 7) for each in (one, other, one, other)][-1] is False


def test_one_address_over_its_limit_does_not_shut_out_the_others(tmp_path: Path) -> None:
    limit = _limit(tmp_path, in_all=5)
    for _ in range(50):
        limit.allows("192.0.2.1", 7)
    assert limit.allows("192.0.2.2", 7)


def test_all_together_have_a_limit(tmp_path: Path) -> None:
    limit = _limit(tmp_path, in_all=5)
    allowed = [limit.allows(f"192.0.2.{number}", 7) for number in range(8)]
    assert allowed == [True] * 5 + [False] * 3


def test_a_subscriber_of_version_6_is_one_address(tmp_path: Path) -> None:
    limit = _limit(tmp_path)
    allowed = [limit.allows(f"2001:db8::{number:x}", 7) for number in range(4)]
    assert allowed == [True, True, True, False]
    assert limit.allows("2001:db8:0:1::1", 7)


def test_the_file_does_not_hold_the_address(tmp_path: Path) -> None:
    _limit(tmp_path).allows("192.0.2.1", 7)
    assert b"192.0.2.1" not in (tmp_path / "limit.bin").read_bytes()
    assert (tmp_path / "limit.bin").stat().st_mode & 0o077 == 0


def test_the_server_says_so_in_words_and_when_to_come_back(tmp_path: Path) -> None:
    with running_demo(tmp_path, posts_per_minute=2) as demo:
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(demo).netloc, timeout=30)
        connection.request("GET", "/en/check")
        answer = connection.getresponse()
        page = answer.read().decode()
        cookie = SimpleCookie(answer.getheader("Set-Cookie"))["csrftoken"].value
        token = page.split('name="csrfmiddlewaretoken" value="')[1].partition('"')[0]
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": token, "step": "manufacturer"})
        statuses = []
        for _ in range(6):  # a new minute may begin in between
            connection.request(
                "POST",
                "/en/check",
                body,
                {
                    "Cookie": f"csrftoken={cookie}",
                    "Content-Type": "application/x-www-form-urlencoded",
                },
            )
            answer = connection.getresponse()
            text = answer.read().decode()
            statuses.append(answer.status)
        connection.close()
        assert 429 in statuses
        if answer.status == 429:
            assert answer.getheader("Retry-After") == "60"
            assert "Please wait a minute" in text
            assert "Very unwell?" in text


@pytest.mark.parametrize("address", ["", "not an address"])
def test_what_is_no_address_is_limited_together(tmp_path: Path, address: str) -> None:
    limit = _limit(tmp_path)
    assert [limit.allows(address, 7) for _ in range(4)][-1] is False
