"""All triggers that keep rows as they are, made in one way: see `store.kept_rows`."""

from typing import ClassVar

from django.db import migrations

from tocsin.store.kept_rows import KeepRows


class Migration(migrations.Migration):
    dependencies: ClassVar = [("store", "0004_kept_things_stay")]
    operations: ClassVar = [KeepRows()]
