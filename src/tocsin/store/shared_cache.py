"""Django's cache as a table of ours: limits of attempts must hold across processes.

Django's own cache in a database keeps pickled objects, so that whoever can write a row could run
code here; ours keeps JSON. A cache per process would let a code be used once per process.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.core.cache import cache
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import IntegrityError, transaction

_SWEPT_AT_ONCE = 200


def keep_counted(key: str, value: Any, timeout_s: float) -> None:
    """Keep what was counted, once the transaction that counted it has ended well.

    Who only reads must not begin to write: on SQLite that fails when somebody else has written
    since. A value that cannot be kept is counted again.
    """
    transaction.on_commit(lambda: cache.set(key, value, timeout_s), robust=True)


class SharedCache(BaseCache):
    """Keeps JSON values until they expire, the same for every process of the installation."""

    def __init__(self, _location: str, params: Mapping[str, Any]) -> None:
        """Take Django's settings of the cache."""
        super().__init__(dict(params))

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """Return a value that has not expired, else the default."""
        found = self._alive().filter(key=self.make_and_validate_key(key, version=version)).first()
        return default if found is None else found.value

    def set(
        self,
        key: str,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> None:
        """Keep a value, whatever stood there."""
        row = self._row(key, value, timeout, version)
        self._rows().bulk_create(
            [row],
            update_conflicts=True,
            unique_fields=["key"],
            update_fields=["value", "expires_at"],
        )
        self._sweep()

    def add(
        self,
        key: str,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        """Keep a value unless there is one; return whether there was none."""
        row = self._row(key, value, timeout, version)
        with transaction.atomic():
            self._rows().filter(key=row.key, expires_at__lte=_now()).delete()
            try:
                with transaction.atomic():
                    row.save(force_insert=True)
            except IntegrityError:
                return False
        return True

    def touch(
        self,
        key: str,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        """Let a value live longer; return whether there is one."""
        found = self._alive().filter(key=self.make_and_validate_key(key, version=version))
        return bool(found.update(expires_at=self._expiry(timeout)))

    def delete(self, key: str, version: int | None = None) -> bool:
        """Forget a value; return whether there was one."""
        key = self.make_and_validate_key(key, version=version)
        return bool(self._rows().filter(key=key).delete()[0])

    def clear(self) -> None:
        """Forget everything."""
        self._rows().all().delete()

    def _row(self, key: str, value: Any, timeout: float | None, version: int | None) -> Any:
        key = self.make_and_validate_key(key, version=version)
        return self._rows().model(key=key, value=value, expires_at=self._expiry(timeout))

    def _expiry(self, timeout: float | None) -> datetime | None:
        until = self.get_backend_timeout(timeout)
        return None if until is None else datetime.fromtimestamp(until, tz=UTC)

    def _alive(self) -> Any:
        return self._rows().exclude(expires_at__lte=_now())

    def _sweep(self) -> None:
        """Delete some of what has expired; rows that another process sweeps are left to it."""
        with transaction.atomic():
            old = self._rows().filter(expires_at__lte=_now()).select_for_update(skip_locked=True)
            keys = list(old.values_list("key", flat=True)[:_SWEPT_AT_ONCE])
            self._rows().filter(key__in=keys).delete()

    @staticmethod
    def _rows() -> Any:
        from tocsin.store.tables.cached_value import CachedValue  # noqa: PLC0415 - after set-up

        return CachedValue.objects


def _now() -> datetime:
    return datetime.now(tz=UTC)
