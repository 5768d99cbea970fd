"""Tables whose rows change soon after they were written, and find room beside them for that.

PostgreSQL writes a changed row anew. Where there is room on its page, and no index holds what has
changed, it leaves all indexes alone. Source: PostgreSQL documentation, "Heap-Only Tuples".
"""

from collections.abc import Mapping
from types import MappingProxyType

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from tocsin.store.plain_steps import PlainStep

FILLED_PERCENT: Mapping[str, int] = MappingProxyType({"store_dispatch": 60})
"""How far a page is filled with new rows."""


def leave_room(editor: BaseDatabaseSchemaEditor) -> None:
    """Let PostgreSQL leave room on the pages of those tables; SQLite changes rows where they are.

    Rows that are there stay where they are.
    """
    if editor.connection.vendor == "postgresql":
        for table, percent in FILLED_PERCENT.items():
            editor.execute(f"ALTER TABLE {table} SET (fillfactor = {percent})")


class LeaveRoom(PlainStep):
    """The step of a migration that does so."""

    def alter(self, editor: BaseDatabaseSchemaEditor) -> None:
        """Leave room."""
        leave_room(editor)

    def describe(self) -> str:
        """Return what the step does."""
        return "Leave room for rows that change"
