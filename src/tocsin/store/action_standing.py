"""An action as every visit of its page asks for it: where it stands, what it looks at."""

from datetime import datetime
from typing import NamedTuple

from tocsin.store.run_marks import MARK, RunMark, read_mark
from tocsin.store.statements import read_instant, rows_of
from tocsin.store.tenancy import current_organisation

_STANDING = f"""
SELECT action.title, action.state, action.is_exercise, action.opened_at, {MARK}
  FROM store_action action LEFT JOIN store_matchrun run ON run.action_id = action.id
 WHERE action.id = %s AND action.organisation_id = %s
 ORDER BY run.number DESC LIMIT 1
"""  # noqa: S608 - columns of ours
_SOURCES = """
SELECT 1, link.id, notice.id, notice.name, revision.number, revision.state
  FROM store_actionnotice link
  JOIN store_notice notice ON notice.id = link.notice_id
  JOIN store_noticerevision revision ON revision.notice_id = notice.id
 WHERE link.action_id = %s AND link.organisation_id = %s
UNION ALL
SELECT 0, link.id, registry.id, registry.name, registry.revision, ''
  FROM store_actionregistry link
  JOIN store_registry registry ON registry.id = link.registry_id
 WHERE link.action_id = %s AND link.organisation_id = %s
 ORDER BY 1 DESC, 2, 5
"""


class Standing(NamedTuple):
    """An action and the mark of its last run; None if it was never matched."""

    title: str
    state: str
    is_exercise: bool
    opened_at: datetime
    last: RunMark | None


class Source(NamedTuple):
    """A notice or registry of an action, in the order in which they were added.

    Attributes:
        is_notice: whether it is a notice; then ``state`` is that of its newest revision.
        source_id: its row's id.
        revision: its newest.
    """

    is_notice: bool
    source_id: int
    name: str
    revision: int
    state: str


def standing_of(action_id: int) -> Standing | None:
    """Return where an action of the organisation that we act for stands; None if there is none."""
    found = rows_of(_STANDING, [action_id, current_organisation()])
    if not found:
        return None
    title, state, is_exercise, opened_at, *run = found[0]
    last = None if run[0] is None else read_mark(*run)
    return Standing(title, state, bool(is_exercise), read_instant(opened_at), last)


def sources_of(action_id: int) -> list[Source]:
    """Return the notices of an action, and then its registries, with the newest of each."""
    asked = [action_id, current_organisation()]
    found = rows_of(_SOURCES, [*asked, *asked])
    # By the link: the newest revision of a notice is the last. To sort it out in the statement
    # takes the database longer than to tell all of them.
    newest = {(kind, link): Source(bool(kind), *told) for kind, link, *told in found}
    return list(newest.values())
