"""The states of one device record: found, read as texts, and followed by a new one."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from django.db.models import Max

from tocsin.base.errors import DeviceNotFound
from tocsin.match.engines.stored_layout import (
    CODED_KINDS,
    DAYS,
    DICTIONARIES,
    FACTS,
    FACTS_NO,
    NUMBER_COLUMNS,
    OTHER_COLUMNS,
    PRODUCTS,
    TEXT_COLUMNS,
    number_column,
)
from tocsin.registry.schema import DAY_COLUMNS
from tocsin.store.models import DeviceRecord, FactValue, Registry
from tocsin.store.revisions import complete_revision, start_revision
from tocsin.store.run_rows import records_at
from tocsin.store.stored_registry import TABLE_OF_DICTIONARY, note_keys

ANSWER = "answer"


class Keyed(Protocol):
    """A record as `compute.one_record` keys it."""

    @property
    def dictionaries(self) -> Mapping[str, list[dict[str, Any]]]:
        """Return per dictionary its rows."""

    @property
    def record(self) -> dict[str, Any]:
        """Return the record's numbers and texts."""

    @property
    def keys_made_by(self) -> str:
        """Return what read the texts."""


def current_record(registry: Registry, device_id: str) -> DeviceRecord:
    """Return the state of a record that holds now.

    Raises:
        DeviceNotFound: if the registry has none of this id.
    """
    # First by the index of what holds now; an import that has not ended may have closed it already.
    rows = records_at(registry.pk, registry.revision).filter(device_id=device_id)
    found = rows.filter(until_revision__isnull=True).first() or rows.first()
    if found is None:
        raise DeviceNotFound(
            f"The registry {registry.name!r} has no record {device_id!r} now. Nothing was changed. "
            "Check the id; `tocsin action triage` lists those that wait for an answer."
        )
    return found


def texts_of(record: DeviceRecord) -> dict[str, str]:
    """Return a record as the columns of a registry file, facts and unknown columns too."""
    texts = {name: getattr(record, name) for name in TEXT_COLUMNS if name != OTHER_COLUMNS}
    kept = FactValue.objects.filter(registry_id=record.registry_id, facts_no=record.facts_no)
    for text in (kept.values_list("facts", flat=True).first(), record.other_columns):
        texts |= json.loads(text) if text else {}
    return texts


def follow_state(old: DeviceRecord, keyed: Keyed, now: datetime) -> DeviceRecord:
    """End a record's state and add the one that follows, as a registry revision of its own.

    What the list said last is kept as the hash that imports compare with: the same list imported
    again leaves the answer standing.

    Raises:
        RegistryBusy: if an import into the registry has not ended.
    """
    revision = start_revision(old.registry_id, ANSWER, now)
    note_keys(old.registry_id, keyed.keys_made_by)
    numbers = _numbers(old.registry_id, keyed)
    old.until_revision = revision.number
    old.save(update_fields=["until_revision"])
    texts = {name: keyed.record[name] for name in TEXT_COLUMNS}
    made = DeviceRecord.objects.create(
        registry_id=old.registry_id,
        since_revision=revision.number,
        content=old.content,
        **numbers,
        **texts,
    )
    revision.n_added = revision.n_closed = 1
    complete_revision(revision, now)
    return made


def _numbers(registry_id: int, keyed: Keyed) -> dict[str, int]:
    """Return the record's numbers in the registry's dictionaries; new texts are added to them."""
    product = keyed.dictionaries[PRODUCTS][0]
    product_no = _number(registry_id, PRODUCTS, product)
    numbers = {"product_no": product_no}
    for kind in (*CODED_KINDS, FACTS):
        row = {**keyed.dictionaries[kind][0], "product_no": product_no}
        numbers[FACTS_NO if kind == FACTS else number_column(kind)] = _number(
            registry_id, kind, row
        )
    by_own = {row["day_no"]: _number(registry_id, DAYS, row) for row in keyed.dictionaries[DAYS]}
    for kind in DAY_COLUMNS:
        column = number_column(kind)
        numbers[column] = by_own[keyed.record[column]]
    return {name: numbers[name] for name in NUMBER_COLUMNS}


def _number(registry_id: int, name: str, row: Mapping[str, Any]) -> int:
    """Return the number of a dictionary's text, which is added if it is new."""
    dictionary, table = DICTIONARIES[name], TABLE_OF_DICTIONARY[name]
    rows = table.objects.filter(registry_id=registry_id)
    texts = {text: row[text] for text in dictionary.texts}
    known: int | None = (
        rows.filter(**texts).values_list(dictionary.number, flat=True).order_by().first()
    )
    if known is not None:
        return known
    highest: int = rows.aggregate(n=Max(dictionary.number))["n"] or 0
    columns = {**row, "registry_id": registry_id, dictionary.number: highest + 1}
    table.objects.bulk_create([table(**columns)])
    return highest + 1
