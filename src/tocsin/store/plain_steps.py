"""Steps of a migration that change the database, and nothing of the models."""

from abc import ABC, abstractmethod

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class PlainStep(Operation, ABC):
    """A step that does what `alter` says, and that is not taken back."""

    reversible = False

    @abstractmethod
    def alter(self, editor: BaseDatabaseSchemaEditor) -> None:
        """Change the database."""

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change nothing of the models."""

    def database_forwards(
        self,
        app_label: str,  # noqa: ARG002 - Django's own signature, here and below
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,  # noqa: ARG002
        to_state: ProjectState,  # noqa: ARG002
    ) -> None:
        """Do it."""
        self.alter(schema_editor)
