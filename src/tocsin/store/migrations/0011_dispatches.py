"""Recipients, dispatches, what was tried and heard about them, contacts to repair."""

import uuid
from typing import ClassVar

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

from tocsin.store.kept_rows import KeepRows


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("store", "0010_verdict_groups"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="SendingBucket",
            fields=[
                ("key", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("next_at_s", models.FloatField(default=0.0)),
            ],
        ),
        migrations.CreateModel(
            name="Recipient",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("audience", models.CharField(max_length=20)),
                (
                    "verdict",
                    models.CharField(blank=True, help_text="empty: tells of others", max_length=12),
                ),
                ("why", models.CharField(help_text="as in outreach.recipients.Why", max_length=40)),
                ("country", models.CharField(blank=True, max_length=2)),
                ("n_devices", models.IntegerField()),
                (
                    "addressee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.person",
                    ),
                ),
                (
                    "letter_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recipients",
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
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.person",
                    ),
                ),
                (
                    "release",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recipients",
                        to="store.letterrelease",
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
            name="Dispatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
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
                    "purpose",
                    models.CharField(help_text="a step of the ladder, or one more", max_length=24),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "QUEUED"),
                            ("claimed", "CLAIMED"),
                            ("handing_over", "HANDING_OVER"),
                            ("unknown", "UNKNOWN"),
                            ("accepted", "ACCEPTED"),
                            ("acknowledged", "ACKNOWLEDGED"),
                            ("printed", "PRINTED"),
                            ("posted", "POSTED"),
                            ("spoken", "SPOKEN"),
                            ("handed_over", "HANDED_OVER"),
                            ("confirmed", "CONFIRMED"),
                            ("bounced", "BOUNCED"),
                            ("returned", "RETURNED"),
                            ("refused", "REFUSED"),
                            ("unreached", "UNREACHED"),
                            ("expired", "EXPIRED"),
                            ("set_aside", "SET_ASIDE"),
                            ("withdrawn", "WITHDRAWN"),
                        ],
                        default="queued",
                        max_length=12,
                    ),
                ),
                ("state_at", models.DateTimeField()),
                ("queued_at", models.DateTimeField()),
                ("not_before", models.DateTimeField()),
                ("not_after", models.DateTimeField()),
                ("fence", models.BigIntegerField(default=0)),
                ("owner", models.CharField(blank=True, max_length=120)),
                ("lease_until", models.DateTimeField(null=True)),
                (
                    "n_tries",
                    models.IntegerField(default=0, help_text="refused for now, or called in vain"),
                ),
                ("reference", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("message_id", models.CharField(blank=True, max_length=120)),
                ("bounce_token", models.CharField(blank=True, max_length=32)),
                (
                    "destination",
                    models.CharField(
                        blank=True, help_text="blind token of the domain", max_length=16
                    ),
                ),
                (
                    "sha256",
                    models.CharField(
                        blank=True, help_text="of the bytes that leave", max_length=64
                    ),
                ),
                (
                    "reply",
                    models.CharField(blank=True, help_text="without addresses", max_length=300),
                ),
                (
                    "followed_at",
                    models.DateTimeField(help_text="when its failure was seen to", null=True),
                ),
                (
                    "action",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dispatches",
                        to="store.action",
                    ),
                ),
                (
                    "addressee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.person",
                    ),
                ),
                (
                    "letter_version",
                    models.ForeignKey(
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
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dispatches",
                        to="store.person",
                    ),
                ),
                (
                    "replaces",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="store.dispatch",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dispatches",
                        to="store.recipient",
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
            name="SendingStop",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("stopped_at", models.DateTimeField()),
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
        migrations.CreateModel(
            name="ContactRepair",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "channel",
                    models.CharField(blank=True, help_text="the one that failed", max_length=10),
                ),
                ("because", models.CharField(max_length=40)),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, max_length=40)),
                (
                    "action",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="repairs",
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
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.person",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at__isnull", True)),
                        fields=("action", "person", "channel"),
                        name="one_open_repair",
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="DispatchMessage",
            fields=[
                (
                    "dispatch",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="message",
                        serialize=False,
                        to="store.dispatch",
                    ),
                ),
                ("sealed", models.BinaryField()),
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
        migrations.CreateModel(
            name="DispatchAttempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fence", models.BigIntegerField()),
                ("owner", models.CharField(blank=True, max_length=120)),
                ("ended_at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        help_text="the event of outreach.dispatch_states", max_length=20
                    ),
                ),
                ("code", models.IntegerField(default=0)),
                ("reply", models.CharField(blank=True, max_length=300)),
                (
                    "dispatch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attempts",
                        to="store.dispatch",
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
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("dispatch", "fence", "outcome"), name="one_attempt_per_claim"
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="DispatchEvidence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("tells", models.CharField(max_length=20)),
                ("detail", models.CharField(blank=True, max_length=300)),
                ("happened_at", models.DateTimeField(null=True)),
                ("kept_at", models.DateTimeField()),
                ("sha256", models.CharField(max_length=64)),
                (
                    "dispatch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="store.dispatch",
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
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("dispatch", "sha256"), name="one_evidence_of_each_kind"
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddConstraint(
            model_name="recipient",
            constraint=models.UniqueConstraint(
                fields=("release", "person"), name="one_recipient_per_release"
            ),
        ),
        migrations.AddIndex(
            model_name="dispatch",
            index=models.Index(
                condition=models.Q(("state", "queued")),
                fields=["channel", "not_before", "id"],
                name="dispatch_to_claim",
            ),
        ),
        migrations.AddIndex(
            model_name="dispatch",
            index=models.Index(
                condition=models.Q(("state__in", ["claimed", "handing_over"])),
                fields=["lease_until"],
                name="dispatch_under_lease",
            ),
        ),
        migrations.AddIndex(
            model_name="dispatch",
            index=models.Index(fields=["action", "state"], name="dispatch_of_action"),
        ),
        migrations.AddIndex(
            model_name="dispatch",
            index=models.Index(fields=["bounce_token"], name="dispatch_by_bounce_token"),
        ),
        migrations.AddIndex(
            model_name="dispatch",
            index=models.Index(fields=["message_id"], name="dispatch_by_message_id"),
        ),
        migrations.AddConstraint(
            model_name="dispatch",
            constraint=models.UniqueConstraint(
                fields=("letter_version", "person", "channel", "purpose"), name="one_dispatch"
            ),
        ),
        migrations.AddConstraint(
            model_name="dispatch",
            constraint=models.UniqueConstraint(
                fields=("reference",), name="one_dispatch_of_each_reference"
            ),
        ),
        migrations.AddConstraint(
            model_name="sendingstop",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("organisation",),
                name="one_open_stop",
            ),
        ),
        KeepRows(),
    ]
