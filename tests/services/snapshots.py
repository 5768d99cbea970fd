"""All tables before and after a call: which rows differ, and whether the audit trail tells it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import Model

from tests.services.sample_calls import World
from tests.services.told_subjects import IN_OTHER_WORDS, UNTOLD, subjects_of
from tocsin.store.models import AuditRow, Person

Row = Mapping[str, Any]
Snapshot = Mapping[tuple[str, Any], Row]


@dataclass(frozen=True)
class Change:
    """A row that was added, changed or removed; None: it was not there."""

    table: str
    key: Any
    before: Row | None
    after: Row | None

    @property
    def subjects(self) -> frozenset[str]:
        """Return as what the trail may tell it; one of these must stand there."""
        return subjects_of(self.table, self.key, self.before or self.after or {})

    def is_of_acme(self, world: World, *, with_users: bool) -> bool:
        """Whether the row belongs to acme; of users' own rows, if they count."""
        row = self.before or self.after or {}
        if row.get("organisation_id") is not None:
            return bool(row["organisation_id"] == world.acme)
        if "person_id" in row:  # keys have no organisation of their own
            owner = Person.everywhere.filter(pk=row["person_id"]).first()
            return owner is None or bool(owner.organisation_id == world.acme)
        user_id = self.key if self.table == "user" else row.get("user_id")
        return with_users and user_id in world.users_of_acme


def take_snapshot() -> Snapshot:
    """Return all rows of all tables, of all organisations, but what `UNTOLD` names."""
    return {
        (model._meta.model_name or "", _key_of(model, row)): row
        for model in _filled_models()
        for row in model._base_manager.values()
    }


def _filled_models() -> list[type[Model]]:
    """Return the tables that have rows: most have none, and one question finds out which."""
    models = [model for model in apps.get_models() if model._meta.model_name not in UNTOLD]
    asked = [
        f'SELECT {number} WHERE EXISTS (SELECT 1 FROM "{model._meta.db_table}")'
        for number, model in enumerate(models)
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked))
        return [models[number] for (number,) in cursor.fetchall()]


def find_changes(before: Snapshot, after: Snapshot) -> list[Change]:
    """Return the rows that differ."""
    return [
        Change(table, key, before.get((table, key)), after.get((table, key)))
        for table, key in sorted({*before, *after}, key=str)
        if before.get((table, key)) != after.get((table, key))
    ]


def read_bodies(behind: int) -> list[dict[str, Any]]:
    """Return what the trail tells behind a row."""
    rows = AuditRow.objects.filter(seq__gt=behind).order_by("seq")
    return [json.loads(bytes(row.body)) for row in rows]


def find_untold(changes: list[Change], bodies: list[dict[str, Any]]) -> Iterator[str]:
    """Yield a sentence per change that the trail does not tell, or tells otherwise."""
    subjects = {body["subject"] for body in bodies}
    for change in changes:
        if not subjects & change.subjects:
            wanted = " or ".join(sorted(change.subjects))
            yield f"{change.table} {change.key} was changed, and nothing tells {wanted}"
    compared = [change for change in changes if change.table not in IN_OTHER_WORDS]
    for body in bodies:
        told = [change for change in compared if body["subject"] in change.subjects]
        for side in ("old", "new"):
            for name, value in body[side].items():
                yield from _find_lies(told, side, name, value)


def _find_lies(told: list[Change], side: str, name: str, value: Any) -> Iterator[str]:
    """Yield a sentence if rows have a column of this name, and none of them the told value."""
    rows = [change.before if side == "old" else change.after for change in told]
    held = [
        _plain(row[column])
        for row in rows
        if row
        for column in (name, f"{name}_id")
        if column in row
    ]
    if held and value not in held:
        yield f"{side} {name} is told as {value!r}, but is one of {held!r}"


def _key_of(model: type[Model], row: Row) -> Any:
    key = tuple(row[field.attname] for field in model._meta.pk_fields)
    return key if len(key) > 1 else key[0]


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder, default=str))
