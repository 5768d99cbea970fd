"""What the entries of several notices demand, read once and for every registry."""

from collections.abc import Iterator, Sequence

from tocsin.base.collection_pause import pause_collection
from tocsin.match.engines.demands import Demands, demands_of
from tocsin.match.rules import Reasons
from tocsin.notice.model import Notice
from tocsin.notice.scope import Entry


class CompiledScopes:
    """The demands of all entries of several notices, independent of any registry.

    An entry's number is its place when the entries of all notices are written one after the
    other; a notice's number is its place in the list.
    """

    def __init__(
        self, notices: Sequence[Notice], reasons: Reasons, *, as_if_reviewed: bool
    ) -> None:
        """Compile the notices' scopes."""
        self.notices = notices
        self.reasons = reasons
        self.demands: list[Demands] = []
        self.held_back: dict[int, int] = {}
        with pause_collection():
            self._compile(as_if_reviewed=as_if_reviewed)
        used = {kind for each in self.demands for kind in (*each.pieces, *each.days)}
        self.kinds = sorted(used, key=reasons.index)

    def _compile(self, *, as_if_reviewed: bool) -> None:
        for notice_no, notice in enumerate(self.notices):
            for ordinal, entry in enumerate(notice.scope):
                reviewed = entry.reviewed or as_if_reviewed
                self.demands.append(demands_of(entry, self.reasons, reviewed=reviewed))
                if entry.affects and not reviewed:
                    self.held_back.setdefault(notice_no, ordinal)

    def entries(self) -> Iterator[tuple[int, Notice, int, Entry]]:
        """Yield number of the notice, notice, place in its scope and entry."""
        for notice_no, notice in enumerate(self.notices):
            for ordinal, entry in enumerate(notice.scope):
                yield notice_no, notice, ordinal, entry
