"""Verdicts in groups, for lists of a million; figures by country and kind, kept with the run."""

from typing import ClassVar

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

from tocsin.store.kept_rows import KeepRows


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("store", "0009_letters"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="VerdictGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("registry_id", models.BigIntegerField()),
                ("country", models.CharField(blank=True, max_length=2)),
                ("kind", models.CharField(blank=True, max_length=20)),
                ("model", models.CharField(blank=True, max_length=80)),
                ("n_records", models.BigIntegerField()),
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
        migrations.CreateModel(
            name="VerdictReason",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "place",
                    models.SmallIntegerField(
                        help_text="of the notice in the run; -1 for every notice"
                    ),
                ),
                ("truth", models.SmallIntegerField()),
                ("entry", models.CharField(blank=True, max_length=80)),
                ("reason_code", models.CharField(max_length=120)),
                ("sentence", models.TextField()),
                ("question", models.TextField(blank=True)),
                ("column", models.CharField(blank=True, max_length=80)),
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
            model_name="matchrun",
            name="divided",
            field=models.BinaryField(default=b"", help_text="figures by country and kind, as JSON"),
        ),
        migrations.AlterField(
            model_name="verdict",
            name="organisation",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.organisation",
            ),
        ),
        migrations.AddIndex(
            model_name="triageanswer",
            index=models.Index(fields=["registry", "device_id"], name="answer_by_device"),
        ),
        migrations.AddField(
            model_name="verdictgroup",
            name="organisation",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.organisation",
            ),
        ),
        migrations.AddField(
            model_name="verdictgroup",
            name="run",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="groups",
                to="store.matchrun",
            ),
        ),
        migrations.AddField(
            model_name="verdict",
            name="group",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="verdicts",
                to="store.verdictgroup",
            ),
        ),
        migrations.AddIndex(
            model_name="verdict",
            index=models.Index(fields=["group", "id"], name="verdict_of_group"),
        ),
        migrations.AddIndex(
            model_name="verdict",
            index=models.Index(fields=["run", "device_id", "id"], name="verdict_of_device"),
        ),
        migrations.AddField(
            model_name="verdictreason",
            name="organisation",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.organisation",
            ),
        ),
        migrations.AddField(
            model_name="verdictreason",
            name="run",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reasons",
                to="store.matchrun",
            ),
        ),
        migrations.AddField(
            model_name="verdictgroup",
            name="reason",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="groups",
                to="store.verdictreason",
            ),
        ),
        KeepRows(),
    ]
