"""The address that the letters of a release lead to is kept with it."""

from typing import ClassVar

from django.db import migrations, models

from tocsin.store.kept_rows import KeepRows


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("store", "0019_dispatches_in_place"),
    ]

    operations: ClassVar = [
        migrations.AddField(
            model_name="letterrelease",
            name="public_address",
            field=models.CharField(default="", max_length=300),
        ),
        KeepRows(),
    ]
