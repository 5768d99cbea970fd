"""Device records as `match.engines.stored_layout` lays them out, and the texts they share.

The tables are filled in bulk by one import at a time, which checks what it writes; so they have
no foreign keys that the database would look up for every row, and no index but those that
matching and finding one record need.
"""

from typing import Any, ClassVar

from django.db import models

from tocsin.store.tables.organisation import Organisation
from tocsin.store.tables.owned import Owned
from tocsin.store.tables.registry import Registry


def _bulk_key(to: type[models.Model], **options: Any) -> Any:
    """Return a reference that costs a bulk import nothing."""
    return models.ForeignKey(
        to,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
        **options,
    )


class OfRegistry(Owned):
    """A row that an import writes for a registry."""

    organisation = _bulk_key(Organisation, editable=False)
    registry = _bulk_key(Registry)

    class Meta:
        abstract = True


class DeviceRecord(OfRegistry):
    """One state of a device record: it holds from one revision until before another.

    ``content`` is a hash of all texts, by which the next import sees what has changed.
    """

    row_no = models.BigAutoField(primary_key=True)
    since_revision = models.IntegerField()
    until_revision = models.IntegerField(null=True)
    content = models.BigIntegerField()
    product_no = models.IntegerField()
    software_no = models.IntegerField()
    lot_no = models.IntegerField()
    serial_no = models.IntegerField()
    country_no = models.IntegerField()
    facts_no = models.IntegerField()
    made_on_no = models.IntegerField()
    shipped_on_no = models.IntegerField()
    expires_on_no = models.IntegerField()
    serviced_on_no = models.IntegerField()
    implanted_on_no = models.IntegerField()
    device_id = models.TextField()
    holder_id = models.TextField(blank=True)
    clinic_id = models.TextField(blank=True)
    manufacturer = models.TextField(blank=True)
    product = models.TextField(blank=True)
    model = models.TextField(blank=True)
    catalogue_no = models.TextField(blank=True)
    udi = models.TextField(blank=True)
    software_version = models.TextField(blank=True)
    lot = models.TextField(blank=True)
    serial = models.TextField(blank=True)
    quantity = models.TextField(blank=True)
    country = models.TextField(blank=True)
    made_on = models.TextField(blank=True)
    shipped_on = models.TextField(blank=True)
    implanted_on = models.TextField(blank=True)
    serviced_on = models.TextField(blank=True)
    expires_on = models.TextField(blank=True)
    evidence_on = models.TextField(blank=True)
    evidence_source = models.TextField(blank=True)
    other_columns = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["registry", "device_id"],
                condition=models.Q(until_revision__isnull=True),
                name="one_state_holds_per_device",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["registry", "product_no"], name="record_to_match"),
            models.Index(fields=["registry", "holder_id"], name="record_of_holder"),
        ]

    def __str__(self) -> str:
        return f"device record {self.row_no}"


class RegistryText(OfRegistry):
    """A distinct text of a registry under its number, with the keys that `identify` made of it."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.model_name} {self.pk}"


class ProductText(RegistryText):
    """The five texts that name a product."""

    pk = models.CompositePrimaryKey("registry", "product_no")
    product_no = models.IntegerField()
    manufacturer = models.TextField(blank=True)
    product = models.TextField(blank=True)
    model = models.TextField(blank=True)
    catalogue_no = models.TextField(blank=True)
    udi = models.TextField(blank=True)


class ProductValue(RegistryText):
    """A text whose meaning depends on the product that it is about."""

    product_no = models.IntegerField()

    class Meta:
        abstract = True


class SoftwareValue(ProductValue):
    """A software version as it was told, with the keys by which versions are ordered."""

    pk = models.CompositePrimaryKey("registry", "software_no")
    software_no = models.IntegerField()
    software_of_column = models.TextField(blank=True)
    software_low = models.TextField(null=True)
    software_high = models.TextField(null=True)


class LotValue(ProductValue):
    """A lot as the record and the device identifier tell it, with its keys."""

    pk = models.CompositePrimaryKey("registry", "lot_no")
    lot_no = models.IntegerField()
    lot_of_column = models.TextField(blank=True)
    lot_of_udi = models.TextField(blank=True)
    lot_text = models.TextField(null=True)
    lot_prefix = models.TextField(null=True)
    lot_counter = models.TextField(null=True)
    lot_width = models.SmallIntegerField(null=True)
    lot_skeleton = models.TextField(null=True)
    lot_stem = models.TextField(null=True)
    lot_stem_width = models.SmallIntegerField(null=True)


class SerialValue(ProductValue):
    """A serial number as the record and the device identifier tell it, with its keys."""

    pk = models.CompositePrimaryKey("registry", "serial_no")
    serial_no = models.IntegerField()
    serial_of_column = models.TextField(blank=True)
    serial_of_udi = models.TextField(blank=True)
    serial_text = models.TextField(null=True)
    serial_prefix = models.TextField(null=True)
    serial_counter = models.TextField(null=True)
    serial_width = models.SmallIntegerField(null=True)
    serial_skeleton = models.TextField(null=True)
    serial_stem = models.TextField(null=True)
    serial_stem_width = models.SmallIntegerField(null=True)


class CountryValue(ProductValue):
    """A country as it was told, with its code."""

    pk = models.CompositePrimaryKey("registry", "country_no")
    country_no = models.IntegerField()
    country_of_column = models.TextField(blank=True)
    country_low = models.TextField(null=True)
    country_high = models.TextField(null=True)


class FactValue(ProductValue):
    """What a holder saw, as a JSON object of the columns that are filled."""

    pk = models.CompositePrimaryKey("registry", "facts_no")
    facts_no = models.IntegerField()
    facts = models.TextField(blank=True)


class DayValue(RegistryText):
    """A day as the record and the device identifier tell it, with the days that it can mean."""

    pk = models.CompositePrimaryKey("registry", "day_no")
    day_no = models.IntegerField()
    kind = models.TextField()
    of_column = models.TextField(blank=True)
    of_udi = models.TextField(blank=True)
    low = models.IntegerField(null=True)
    high = models.IntegerField(null=True)
