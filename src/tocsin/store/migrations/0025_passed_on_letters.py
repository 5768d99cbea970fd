"""Who was given a device gets a letter of their own, which the note of it names."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from tocsin.store.kept_rows import KeepRows


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("store", "0024_answer_files"),
    ]

    operations: ClassVar = [
        migrations.AddField(
            model_name="passedon",
            name="recipient",
            field=models.OneToOneField(
                help_text="the letter of who has it now",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="passed_on",
                to="store.recipient",
            ),
        ),
        KeepRows(),
    ]
