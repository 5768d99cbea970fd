"""All tables of an empty database at once, as the models are today.

An upgrade goes through every change since the database was made, and Django makes its models anew
for each, which takes seconds. Where nothing is, nothing has to be changed: tables, triggers and
the list of changes are made in one transaction. tests/store/test_new_tables.py compares both ways.
"""

from django.apps import apps
from django.core.management.sql import emit_post_migrate_signal
from django.db import DEFAULT_DB_ALIAS, connections, router
from django.db.migrations.executor import MigrationExecutor

from tocsin.store.kept_rows import renew_triggers
from tocsin.store.roomy_rows import leave_room


def is_empty() -> bool:
    """Whether the database has no table at all."""
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        return not connection.introspection.table_names(cursor)


def make_tables() -> None:
    """Make all tables of a database without ours, and say that every change was made.

    Raises:
        DatabaseError: if the database refuses; then nothing was made.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    executor = MigrationExecutor(connection)
    with connection.schema_editor(atomic=True) as editor:
        editor.create_model(executor.recorder.Migration)
        for config in apps.get_app_configs():
            for model in router.get_migratable_models(config, DEFAULT_DB_ALIAS):
                if model._meta.can_migrate(connection):  # noqa: SLF001 - Django's public name
                    editor.create_model(model)
        renew_triggers(editor)
        leave_room(editor)
        for step, _ in executor.migration_plan(executor.loader.graph.leaf_nodes()):
            executor.record_migration(step)
        executor.check_replacements()
        emit_post_migrate_signal(verbosity=0, interactive=False, db=DEFAULT_DB_ALIAS)
