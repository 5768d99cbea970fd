"""Letters: sources, versions, ticks; the bytes of a letter release's manifest."""

from typing import ClassVar

import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models

from tocsin.store.kept_rows import KeepRows


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("store", "0008_import_columns_wait"),
    ]

    operations: ClassVar = [
        migrations.AddField(
            model_name="letterrelease",
            name="manifest",
            field=models.BinaryField(default=b""),
        ),
        migrations.CreateModel(
            name="LetterSource",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(help_text="as in outreach.letter_kinds", max_length=60)),
                ("audience", models.CharField(max_length=20)),
                ("revision", models.IntegerField()),
                (
                    "body",
                    models.BinaryField(help_text="canonical JSON of outreach.letter.LetterText"),
                ),
                ("sha256", models.CharField(max_length=64)),
                ("written_at", models.DateTimeField()),
                (
                    "action",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letter_sources",
                        to="store.action",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.organisation",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
        migrations.CreateModel(
            name="LetterVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=60)),
                ("language", models.CharField(max_length=8)),
                ("country", models.CharField(blank=True, max_length=2)),
                ("number", models.IntegerField(default=1)),
                (
                    "body",
                    models.BinaryField(help_text="canonical JSON of outreach.letter.LetterText"),
                ),
                ("sha256", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "DRAFT"),
                            ("translated", "TRANSLATED"),
                            ("reviewed", "REVIEWED"),
                            ("submitted", "SUBMITTED"),
                            ("agreed", "AGREED"),
                            ("locked", "LOCKED"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                ("why_reopened", models.CharField(blank=True, max_length=300)),
                ("written_at", models.DateTimeField()),
                ("authority", models.CharField(blank=True, max_length=200)),
                ("submitted_at", models.DateTimeField(null=True)),
                (
                    "reference",
                    models.CharField(blank=True, help_text="the authority's own", max_length=200),
                ),
                ("why_no_authority", models.CharField(blank=True, max_length=300)),
                ("agreed_at", models.DateTimeField(null=True)),
                ("last_agreed", models.BinaryField(default=b"")),
                ("locked_at", models.DateTimeField(null=True)),
                (
                    "action",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letter_versions",
                        to="store.action",
                    ),
                ),
                (
                    "before",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.letterversion",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.organisation",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="store.lettersource",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
        migrations.CreateModel(
            name="LetterTick",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "item",
                    models.CharField(help_text="as in outreach.letter_checklists", max_length=60),
                ),
                (
                    "sha256",
                    models.CharField(help_text="of the text that was looked at", max_length=64),
                ),
                (
                    "applies",
                    models.BooleanField(help_text="False: the item does not apply, for the reason"),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("ticked_at", models.DateTimeField()),
                (
                    "organisation",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.organisation",
                    ),
                ),
                (
                    "ticked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ticks",
                        to="store.letterversion",
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
        migrations.AddConstraint(
            model_name="lettersource",
            constraint=models.UniqueConstraint(
                fields=("action", "key", "revision"), name="one_letter_source_revision"
            ),
        ),
        migrations.AddConstraint(
            model_name="letterversion",
            constraint=models.UniqueConstraint(
                fields=("action", "key", "language", "country", "number"), name="one_letter_version"
            ),
        ),
        KeepRows(),
    ]
