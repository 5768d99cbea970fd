"""Vendors who carry text messages, and which dispatch leaves by which."""

from typing import ClassVar

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

from tocsin.store.kept_rows import KeepRows


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("store", "0016_mails_in_parts"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Vendor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("e-mail", "EMAIL"),
                            ("letter", "LETTER"),
                            ("telephone", "TELEPHONE"),
                            ("clinic", "CLINIC"),
                            ("sms", "SMS"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("file_drop", "files"), ("webhook", "HTTPS")], max_length=10
                    ),
                ),
                ("place", models.CharField(help_text="a folder, or an address", max_length=400)),
                (
                    "receipts",
                    models.CharField(blank=True, help_text="a folder of receipts", max_length=400),
                ),
                ("secret_from", models.CharField(blank=True, max_length=400)),
                ("ca_file", models.CharField(blank=True, max_length=400)),
                ("sender_name", models.CharField(max_length=40)),
                ("per_minute", models.FloatField(null=True)),
                ("repeats_h", models.FloatField(default=0)),
                ("added_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.organisation",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddField(
            model_name="dispatch",
            name="vendor",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.vendor",
            ),
        ),
        migrations.AddConstraint(
            model_name="vendor",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("organisation", "channel"),
                name="one_vendor_of_a_channel",
            ),
        ),
        KeepRows(),
    ]
