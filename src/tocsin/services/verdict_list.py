"""The verdicts of a run as a list: filtered, ordered, by the page, at a million of them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields

from tocsin.base.errors import UsageError
from tocsin.services.matching import rows_csv
from tocsin.services.run_words import FILTERS, Choice, RunWords, find_words
from tocsin.services.work import Caller, Work, service
from tocsin.store.run_marks import mark_of
from tocsin.store.verdict_pages import (
    Place,
    Row,
    rows_by_device,
    rows_in_groups,
    rows_of_device,
)

ORDERS = ("verdict", "device", "notice", "registry", "country", "kind", "model", "reason")
MOST = 5_000
"""The most rows that one call returns."""
_KEY = re.compile(r"(b?)(\d{1,19})\.(\d{1,19})\.(\d{1,12})")


@dataclass(frozen=True)
class WantedVerdicts:
    """Which verdicts are asked for, in which order; an empty text: whatever it is.

    Attributes:
        verdict: ``affected`` or ``cannot_tell``.
        reason: an id that `VerdictPage.choices` has given.
        country, kind, model: as `VerdictPage.choices` has given; ``unknown`` for none.
        device: the whole id of a device record.
        order: one of `ORDERS`, with ``-`` in front the other way round.
    """

    verdict: str = ""
    notice: str = ""
    reason: str = ""
    registry: str = ""
    country: str = ""
    kind: str = ""
    model: str = ""
    device: str = ""
    order: str = "verdict"


@dataclass(frozen=True)
class VerdictLine:
    """A record that is affected or cannot be told.

    Attributes:
        verdict_id: by which `services.triage_queue` finds it.
        notice: the notice's name; ``every notice`` for a record that names no
            product.
        reason: why, in words.
        holder_id: what the registry calls who has it.
        quantity: units; None if the record states none.
    """

    verdict_id: int
    registry: str
    device_id: str
    notice: str
    verdict: str
    entry: str
    reason_code: str
    reason: str
    holder_id: str
    country: str
    kind: str
    model: str
    quantity: int | None


@dataclass(frozen=True)
class VerdictPage:
    """Some verdicts of a run.

    Attributes:
        run: the run's number.
        lines: the verdicts.
        n_found: how many the filters leave.
        n_all: how many the run has.
        first: the place of the first line among those found, from 1; 0 if there is none.
        earlier, later: keys of the pages before and after; empty if there is none.
        choices: by the name of each filter, what it can be set to.
        stamp: what tells the run from all others (`store.run_marks`).
    """

    run: int
    lines: Sequence[VerdictLine]
    n_found: int
    n_all: int
    first: int
    earlier: str
    later: str
    choices: Mapping[str, Sequence[Choice]]
    stamp: str


@dataclass(frozen=True)
class _Key:
    """Where a page begins: behind a verdict, or before it; ``rank`` of its first line."""

    place: Place
    rank: int
    backwards: bool


@service
def list_verdicts(
    work: Work,  # noqa: ARG001 - asks for rights only
    action_id: int,
    wanted: WantedVerdicts,
    key: str = "",
    limit: int = 50,
    number: int | None = None,
) -> VerdictPage:
    """Return a page of the verdicts of a run: what is affected or cannot be told.

    Right: author, reviewer, releaser, operator, auditor.

    Args:
        work: the call.
        action_id: the action.
        wanted: which verdicts, in which order.
        key: of the page, as the page before it has told; empty for the first.
        limit: the most lines, up to `MOST`.
        number: of the run; the last without.

    Raises:
        ActionUnknown, NoMatchYet: if there is no run.
        ListNotKept: if the run is of before lists were kept.
        UsageError: if the order or the key is none.
    """
    words = find_words(action_id, number)
    run = words.run
    order = wanted.order.removeprefix("-")
    if order not in ORDERS or not 1 <= limit <= MOST:
        raise UsageError(f"A list is ordered by one of {', '.join(ORDERS)}, 1 to {MOST:,} a page.")
    asked = {name: text for name, text in vars(wanted).items() if name in FILTERS and text}
    groups = words.having(asked, order)
    if wanted.order.startswith("-"):
        groups.reverse()
    n_found = sum(group.n_records for group in groups)
    start = _read_key(key)
    if wanted.device:
        rows = rows_of_device(run, wanted.device, groups)[:limit]
        return _page(words, rows, len(rows), _Ends(1 if rows else 0, "", ""))
    backwards = bool(start and start.backwards)
    if order == "device":
        after = start.place.verdict_id if start else None
        is_down = wanted.order.startswith("-")
        rows = rows_by_device(run, groups, after, limit + 1, backwards=backwards != is_down)
    else:
        rows = rows_in_groups(
            groups, start.place if start else None, limit + 1, backwards=backwards
        )
    return _page(words, *_cut(rows, limit, start, n_found))


def export_verdicts(
    caller: Caller, action_id: int, wanted: WantedVerdicts, number: int | None = None
) -> Iterator[str]:
    """Yield a list of verdicts as CSV, in pieces, so that it is never in memory as a whole.

    No cell can start a formula in a spreadsheet. A run never changes, so the pieces fit together.
    Rights and errors are those of `list_verdicts`; they are raised before the first piece.
    """
    page = list_verdicts(caller, action_id, wanted, limit=MOST, number=number)
    return _csv_pieces(caller, action_id, wanted, page)


def _csv_pieces(
    caller: Caller, action_id: int, wanted: WantedVerdicts, page: VerdictPage
) -> Iterator[str]:
    names = [field.name for field in fields(VerdictLine) if field.name != "verdict_id"]
    first = True
    while True:
        rows = ({name: asdict(line)[name] for name in names} for line in page.lines)
        text = rows_csv(names, rows)
        yield text if first else text.partition("\n")[2]
        first = False
        if not page.later:
            return
        page = list_verdicts(caller, action_id, wanted, page.later, MOST, page.run)


@dataclass(frozen=True)
class _Ends:
    first: int
    earlier: str
    later: str


def _page(words: RunWords, rows: Sequence[Row], n_found: int, ends: _Ends) -> VerdictPage:
    return VerdictPage(
        words.run.number,
        [_line(words, row) for row in rows],
        n_found,
        words.run.n_verdicts,
        ends.first,
        ends.earlier,
        ends.later,
        words.choices,
        mark_of(words.run).stamp,
    )


def _line(words: RunWords, row: Row) -> VerdictLine:
    group = words.group(row.group_id)
    reason, values = words.reasons[group.reason_id], words.values[row.group_id]
    return VerdictLine(
        row.verdict_id,
        values["registry"],
        row.device_id,
        values["notice"],
        values["verdict"],
        reason.entry,
        reason.reason_code,
        reason.sentence,
        row.holder_id,
        group.country,
        group.kind,
        group.model,
        row.quantity,
    )


def _read_key(text: str) -> _Key | None:
    if not text:
        return None
    found = _KEY.fullmatch(text)
    if found is None:
        raise UsageError("This is no page of the list. Go back to its first page.")
    backwards, group, verdict, rank = found.groups()
    return _Key(Place(int(group), int(verdict)), int(rank), bool(backwards))


def _cut(
    rows: list[Row], limit: int, start: _Key | None, n_found: int
) -> tuple[list[Row], int, _Ends]:
    """Return the rows of a page in their order, and the keys of its neighbours."""
    has_more, rows = len(rows) > limit, rows[:limit]
    if start and start.backwards:
        rows.reverse()
        first = max(1, start.rank - len(rows))
    else:
        first = start.rank if start else 1
    if not rows:
        return rows, n_found, _Ends(0, "", "")
    has_earlier = has_more if start and start.backwards else start is not None
    has_later = start.backwards or has_more if start else has_more
    earlier, later = rows[0], rows[-1]
    return (
        rows,
        n_found,
        _Ends(
            first,
            f"b{earlier.group_id}.{earlier.verdict_id}.{first}" if has_earlier else "",
            f"{later.group_id}.{later.verdict_id}.{first + len(rows)}" if has_later else "",
        ),
    )
