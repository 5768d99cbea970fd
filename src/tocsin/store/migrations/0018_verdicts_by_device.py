"""The order of devices with the groups, so that a filtered list is found in the index alone."""

from typing import ClassVar

from django.db import migrations, models

from tocsin.store.kept_rows import KeepRows


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("store", "0017_vendors"),
    ]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="verdict",
            index=models.Index(
                fields=["run", "device_id", "id", "group"], name="verdict_by_device"
            ),
        ),
        migrations.RemoveIndex(model_name="verdict", name="verdict_of_device"),
        KeepRows(),
    ]
