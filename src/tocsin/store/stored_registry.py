"""Which of our tables are those of `match.engines.stored_layout`."""

from collections.abc import Mapping
from types import MappingProxyType

from tocsin.match.engines.stored_layout import DAYS, DICTIONARIES, FACTS, PRODUCTS, RECORDS
from tocsin.match.rules import COUNTRY, LOT, SERIAL, SOFTWARE
from tocsin.store.tables.device_record import (
    CountryValue,
    DayValue,
    DeviceRecord,
    FactValue,
    LotValue,
    OfRegistry,
    ProductText,
    SerialValue,
    SoftwareValue,
)
from tocsin.store.tables.registry import Registry

TABLE_OF_DICTIONARY: Mapping[str, type[OfRegistry]] = MappingProxyType(
    {
        PRODUCTS: ProductText,
        SOFTWARE: SoftwareValue,
        LOT: LotValue,
        SERIAL: SerialValue,
        COUNTRY: CountryValue,
        FACTS: FactValue,
        DAYS: DayValue,
    }
)


def table_names() -> dict[str, str]:
    """Return what the database calls the tables of the layout, by their names there."""
    names = {
        DICTIONARIES[name].name: table._meta.db_table  # noqa: SLF001 - Django's own name
        for name, table in TABLE_OF_DICTIONARY.items()
    }
    return {RECORDS: DeviceRecord._meta.db_table, **names}  # noqa: SLF001


def note_keys(registry_id: int, made_by: str) -> None:
    """Note what made a registry's keys before more are written; empty if it was different code.

    Matching uses stored keys only if the very code that runs made all of them.
    """
    registry = Registry.objects.get(pk=registry_id)
    is_first = not ProductText.objects.filter(registry_id=registry_id).exists()
    if registry.keys_made_by != made_by:
        registry.keys_made_by = made_by if is_first else ""
        registry.save(update_fields=["keys_made_by"])
