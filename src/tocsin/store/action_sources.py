"""What an action looks at, with the newest revision of each: in one statement, for every visit."""

from typing import NamedTuple

from django.db import connection

from tocsin.store.tenancy import current_organisation

_SOURCES = """
SELECT 1, link.id, notice.id, notice.name, revision.number, revision.state
  FROM store_actionnotice link
  JOIN store_notice notice ON notice.id = link.notice_id
  JOIN store_noticerevision revision ON revision.notice_id = notice.id
   AND revision.number = (
       SELECT max(number) FROM store_noticerevision WHERE notice_id = notice.id)
 WHERE link.action_id = %s AND link.organisation_id = %s
UNION ALL
SELECT 0, link.id, registry.id, registry.name, registry.revision, ''
  FROM store_actionregistry link
  JOIN store_registry registry ON registry.id = link.registry_id
 WHERE link.action_id = %s AND link.organisation_id = %s
 ORDER BY 1 DESC, 2
"""


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


def sources_of(action_id: int) -> list[Source]:
    """Return the notices of an action, and then its registries."""
    asked = [action_id, current_organisation()]
    with connection.cursor() as cursor:
        cursor.execute(_SOURCES, [*asked, *asked])
        return [Source(bool(is_notice), *told) for is_notice, _, *told in cursor.fetchall()]
