"""Sample calls of the services of notices while they are written."""

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.services.lists import DEVICE_COLUMNS, import_list, write_list
from tests.services.sample_action_calls import ROWS, open_empty
from tests.services.sample_calls import OF_ACME, Call, World, sample
from tests.services.sample_notice_calls import NAME, SOURCE, keep, notice
from tests.services.sample_registry_calls import LIST
from tocsin.services import (
    draft_edits,
    kept_notices,
    list_imports,
    notice_uploads,
    scope_counts,
    working_drafts,
)
from tocsin.store.models import Registry
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for

FIELDS = {"entry": "x3", "sense": "affects", "models": "X3", "software": "2.0 or lower"}


def begin(world: World) -> int:
    """Begin a draft and return its id."""
    return working_drafts.begin_draft(world.having(Role.AUTHOR), notice(), None, SOURCE)


def edit(world: World) -> int:
    """Begin a draft, edit it once and return its id; its version is 2 then."""
    draft = begin(world)
    draft_edits.put_entry(world.having(Role.AUTHOR), draft, 1, None, FIELDS)
    return draft


def registry(world: World) -> int:
    """Make a registry of two devices and return its id."""
    operator = world.having(Role.OPERATOR)
    list_imports.add_registry(operator, LIST)
    with TemporaryDirectory() as folder:
        import_list(operator, LIST, write_list(Path(folder) / "a.csv", DEVICE_COLUMNS, ROWS))
    with acting_for(world.acme):
        return Registry.objects.get(name=LIST).pk


@sample
def begin_draft(world: World) -> Call:
    keep(world)
    return Call(working_drafts.begin_draft, None, NAME)


@sample
def import_notices(_: World) -> Call:
    return Call(notice_uploads.import_notices, [notice_uploads.ReadNotice(notice(), SOURCE)])


@sample
def list_drafts(world: World) -> Call:
    begin(world)
    return Call(working_drafts.list_drafts)


@sample
def read_draft(world: World) -> Call:
    return Call(working_drafts.read_draft, begin(world))


@sample
def put_entry(world: World) -> Call:
    return Call(draft_edits.put_entry, begin(world), 1, "x2", FIELDS | {"entry": "x2"})


@sample
def remove_entry(world: World) -> Call:
    return Call(draft_edits.remove_entry, edit(world), 2, "x3")


@sample
def put_head(world: World) -> Call:
    return Call(draft_edits.put_head, begin(world), 1, "title", {"title": f"{OF_ACME} again"})


@sample
def confirm_entry(world: World) -> Call:
    return Call(draft_edits.confirm_entry, edit(world), 2, "x3")


@sample
def undo_edit(world: World) -> Call:
    return Call(working_drafts.undo_edit, edit(world), 2)


@sample
def discard_draft(world: World) -> Call:
    return Call(working_drafts.discard_draft, begin(world), 1)


@sample
def save_draft(world: World) -> Call:
    keep(world)
    return Call(working_drafts.save_draft, edit(world), 2, 1)


@sample
def count_draft(world: World) -> Call:
    return Call(scope_counts.count_draft, begin(world), [registry(world)])


@sample
def list_flips(world: World) -> Call:
    keep(world)
    draft = begin(world)
    fields = FIELDS | {"entry": "x2", "models": "X2", "software": "before 0.5"}
    draft_edits.put_entry(world.having(Role.AUTHOR), draft, 1, "x2", fields, is_confirmed=True)
    return Call(scope_counts.list_flips, draft, [registry(world)])


@sample
def list_notice_actions(world: World) -> Call:
    open_empty(world)
    return Call(kept_notices.list_notice_actions, NAME)


@sample
def list_revisions(world: World) -> Call:
    keep(world)
    return Call(kept_notices.list_revisions, NAME)
