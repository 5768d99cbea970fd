"""What every table of an organisation's rows is made of."""

from collections.abc import Iterable
from typing import Any, ClassVar, Self, TypeVar, cast

from django.db import models

from tocsin.store.tables.organisation import Organisation
from tocsin.store.tenancy import check_owner, current_organisation

M = TypeVar("M", bound=models.Model)


class OwnedQuerySet(models.QuerySet[M]):
    """Rows of the organisation that we act for."""

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        """Add rows to the organisation that we act for.

        Raises:
            OtherOrganisation: if one of them belongs to another.
        """
        rows = list(objs)
        for row in cast("list[Owned]", rows):
            row.organisation_id = check_owner(row.organisation_id)
        return super().bulk_create(rows, *args, **kwargs)


class OwnedManager(models.Manager[M]):
    """Finds the rows of the organisation that we act for, and no others."""

    def get_queryset(self) -> OwnedQuerySet[M]:
        """Return the organisation's rows.

        Raises:
            NoOrganisation: outside of `store.tenancy.acting_for`.
        """
        found: OwnedQuerySet[M] = OwnedQuerySet(self.model, using=self._db)
        return found.filter(organisation_id=current_organisation())


class Owned(models.Model):
    """A row that belongs to one organisation; nobody else sees it.

    ``everywhere`` finds all rows: only what serves the whole installation may use it.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, editable=False, related_name="+"
    )
    objects: ClassVar[OwnedManager[Self]] = OwnedManager()
    everywhere: ClassVar[models.Manager[Self]] = models.Manager()

    class Meta:
        abstract = True
        base_manager_name = "everywhere"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the row for the organisation that we act for.

        Raises:
            OtherOrganisation: if it belongs to another.
        """
        self.organisation_id = check_owner(self.organisation_id)
        super().save(*args, **kwargs)


def unindexed_organisation(
    *, is_checked: bool = True
) -> "models.ForeignKey[Organisation, Organisation]":
    """Return the field for a table whose rows are never looked for by their organisation alone.

    Args:
        is_checked: whether the database looks the organisation up for each row. Where a row always
            takes it from another that was checked, that costs more than it is worth: PostgreSQL
            locks the organisation's row for it, which all senders share.
    """
    return models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        editable=False,
        related_name="+",
        db_index=False,
        db_constraint=is_checked,
    )
