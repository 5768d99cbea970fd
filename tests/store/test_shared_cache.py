"""The shared cache: the same for every process, JSON only, and `add` says who was first."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache

from tests.lib.databases import Opened
from tocsin.store.database import reading
from tocsin.store.models import CachedValue
from tocsin.store.shared_cache import SharedCache, keep_counted

pytestmark = pytest.mark.usefixtures("database")


def expire(key: str) -> None:
    past = datetime.now(tz=UTC) - timedelta(seconds=1)
    assert CachedValue.objects.filter(key__endswith=key).update(expires_at=past) == 1


def test_it_is_the_cache_of_the_product() -> None:
    assert isinstance(cache._connections["default"], SharedCache)


def test_values_are_kept_until_they_expire() -> None:
    cache.set("a", [1.5, 2.5], 60)
    cache.set("a", [3.5], 60)
    assert cache.get("a") == [3.5]
    expire("a")
    assert cache.get("a", "nothing") == "nothing"
    assert cache.touch("a") is False
    cache.set("b", None, None)
    assert cache.get("b", "nothing") is None


def test_only_the_first_adds() -> None:
    assert cache.add("code", "y", 30)
    assert not cache.add("code", "n", 30)
    assert cache.get("code") == "y"
    expire("code")
    assert cache.add("code", "later", 30)


def test_what_is_deleted_is_gone_and_what_expired_is_swept() -> None:
    cache.set("a", 1, 60)
    assert cache.delete("a")
    assert not cache.delete("a")
    cache.set("old", 1, 60)
    expire("old")
    cache.set("new", 1, 60)
    assert [row.key[-3:] for row in CachedValue.objects.all()] == ["new"]
    assert cache.touch("new", 5)
    cache.clear()
    assert not CachedValue.objects.exists()


def test_nothing_but_json_is_kept() -> None:
    with pytest.raises(TypeError):
        cache.set("a", object(), 60)


@pytest.mark.sqlite_is_enough
def test_who_only_reads_keeps_a_count_though_others_write(own_database: Opened) -> None:
    assert own_database.kind == "sqlite"
    with reading():
        assert cache.get("count") is None
        with sqlite3.connect(own_database.url.removeprefix("sqlite:///"), timeout=0) as other:
            other.execute("INSERT INTO store_sendingbucket VALUES ('x', 1.0)")
        other.close()
        keep_counted("count", 3, 60)
    assert cache.get("count") == 3
