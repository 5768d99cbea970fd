"""Dispatches that change in place while they leave: no index holds what changes then."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from tocsin.store.kept_rows import KeepRows
from tocsin.store.roomy_rows import LeaveRoom

# What is in a sender's hands, or was when it ended, is found by its batch from now on; what ended
# without one is kept out of the senders' way.
_BATCHES = """
INSERT INTO store_sendingbatch (claimed_at) SELECT CURRENT_TIMESTAMP WHERE EXISTS
  (SELECT 1 FROM store_dispatch WHERE state IN ('claimed', 'handing_over'));
UPDATE store_dispatch SET batch = CASE WHEN state IN ('claimed', 'handing_over')
  THEN (SELECT MAX(id) FROM store_sendingbatch) ELSE 0 END
WHERE state NOT IN ('being_made', 'queued');
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("store", "0018_verdicts_by_device"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="SendingBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("claimed_at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveIndex(
            model_name="dispatch",
            name="dispatch_to_claim",
        ),
        migrations.RemoveIndex(
            model_name="dispatch",
            name="dispatch_under_lease",
        ),
        migrations.RemoveIndex(
            model_name="dispatch",
            name="dispatch_of_action",
        ),
        migrations.RemoveIndex(
            model_name="dispatch",
            name="dispatch_to_make",
        ),
        migrations.AddField(
            model_name="dispatch",
            name="batch",
            field=models.BigIntegerField(
                help_text="of store.tables.dispatch.SendingBatch", null=True
            ),
        ),
        migrations.AlterField(
            model_name="dispatch",
            name="letter_version",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.letterversion",
            ),
        ),
        migrations.AlterField(
            model_name="dispatch",
            name="organisation",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.organisation",
            ),
        ),
        migrations.AlterField(
            model_name="dispatch",
            name="replaces",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replaced_by",
                to="store.dispatch",
            ),
        ),
        migrations.AlterField(
            model_name="dispatch",
            name="vendor",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.vendor",
            ),
        ),
        migrations.AlterField(
            model_name="dispatchattempt",
            name="dispatch",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="attempts",
                to="store.dispatch",
            ),
        ),
        migrations.AlterField(
            model_name="dispatchattempt",
            name="organisation",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.organisation",
            ),
        ),
        migrations.AlterField(
            model_name="dispatchmessage",
            name="organisation",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.organisation",
            ),
        ),
        migrations.AddIndex(
            model_name="dispatch",
            index=models.Index(
                condition=models.Q(("batch__isnull", True)),
                fields=["channel", "not_before", "id"],
                name="dispatch_to_claim",
            ),
        ),
        migrations.AddIndex(
            model_name="dispatch",
            index=models.Index(
                condition=models.Q(("batch__gt", 0)), fields=["batch"], name="dispatch_of_batch"
            ),
        ),
        migrations.AddIndex(
            model_name="dispatch",
            index=models.Index(
                condition=models.Q(("sha256", "")), fields=["action", "id"], name="dispatch_to_make"
            ),
        ),
        migrations.AddIndex(
            model_name="dispatch",
            index=models.Index(
                condition=models.Q(("replaces__isnull", False)),
                fields=["replaces"],
                name="dispatch_that_replaces",
            ),
        ),
        migrations.AddIndex(
            model_name="dispatch",
            index=models.Index(
                condition=models.Q(("vendor__isnull", False)),
                fields=["vendor"],
                name="dispatch_by_vendor",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "queued"), _negated=True),
                    ("batch__isnull", True),
                    _connector="OR",
                ),
                name="what_waits_is_in_no_batch",
            ),
        ),
        migrations.RunSQL(_BATCHES),
        LeaveRoom(),
        KeepRows(),
    ]
