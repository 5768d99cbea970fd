"""The records that a run could not decide, by the forms in which they are alike for a notice."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from tocsin.base.truth import Truth
from tocsin.store.models import DeviceRecord, MatchRun, Verdict

_AT_ONCE = 20_000


@dataclass(frozen=True)
class AlikeRecords:
    """Records that a notice cannot tell apart.

    Attributes:
        registry_id: where they are.
        place: the notice's place in the run; -1 for records without product evidence.
        row_no: one of them.
        n: how many there are.
    """

    registry_id: int
    place: int
    row_no: int
    n: int


def alike_records(run: MatchRun, columns: Mapping[int, Sequence[str]]) -> list[AlikeRecords]:
    """Return the records of a run that cannot be told, those that are alike together.

    The most frequent form comes first.

    Args:
        run: the run.
        columns: per place of a notice, the number columns of a record that decide it.
    """
    counts: Counter[tuple[int, int, tuple[int, ...]]] = Counter()
    first: dict[tuple[int, int, tuple[int, ...]], int] = {}
    wanted = sorted({"product_no", *(name for names in columns.values() for name in names)})
    at = {name: place for place, name in enumerate(wanted)}
    source = _open_rows(run)
    while rows := list(islice(source, _AT_ONCE)):
        numbers = _numbers([row_no for _, row_no, _ in rows], wanted)
        for registry_id, row_no, place in rows:
            own = numbers[row_no]
            form = tuple(own[at[name]] for name in ("product_no", *columns.get(place, ())))
            key = (registry_id, place, form)
            counts[key] += 1
            first.setdefault(key, row_no)
    return [
        AlikeRecords(key[0], key[1], first[key], n)
        for key, n in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def _open_rows(run: MatchRun) -> Iterator[tuple[int, int, int]]:
    rows = Verdict.objects.filter(run=run, truth=int(Truth.UNKNOWN)).order_by()
    yield from rows.values_list("registry_id", "row_no", "place").iterator(_AT_ONCE)


def _numbers(wanted: Sequence[int], columns: Sequence[str]) -> dict[int, tuple[int, ...]]:
    rows = DeviceRecord.objects.filter(row_no__in=wanted).order_by()
    return {row_no: tuple(own) for row_no, *own in rows.values_list("row_no", *columns)}
