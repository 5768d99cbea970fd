"""The figures of a run over kept registries, counted as `tocsin match` counts those of a file."""

from collections.abc import Iterable, Mapping, Sequence

from tocsin.base.truth import Truth
from tocsin.base.verdict import Verdict
from tocsin.match.figures import Count, NoticeFigures
from tocsin.match.run_changes import JudgedDevice

GAP_NOTICE = ""
"""In place of a notice's name, where a record without product evidence is listed once."""


def count_run(
    judged: Iterable[JudgedDevice], totals: Count, notices: Sequence[tuple[str, int]]
) -> list[NoticeFigures]:
    """Return the figures of each notice; every holder counts once, under the most urgent.

    Args:
        judged: what is affected or cannot be told; `GAP_NOTICE` for a gap listed once.
        totals: of all records that were judged.
        notices: name and revision of each.
    """
    by_notice: dict[str, list[JudgedDevice]] = {}
    for device in judged:
        by_notice.setdefault(device.notice, []).append(device)
    gaps = _count(by_notice.get(GAP_NOTICE, ()), set())
    return [
        _figures(name, revision, by_notice.get(name, ()), totals, gaps)
        for name, revision in notices
    ]


def _figures(
    name: str, revision: int, judged: Iterable[JudgedDevice], totals: Count, gaps: Count
) -> NoticeFigures:
    surely = [device for device in judged if device.truth is Truth.TRUE]
    perhaps = [device for device in judged if device.truth is Truth.UNKNOWN]
    holders = {device.holder for device in surely if device.holder}
    found = {
        Verdict.AFFECTED: _count(surely, set()),
        Verdict.CANNOT_TELL: _count(perhaps, holders),
    }
    told = [*found.values(), gaps.model_copy(update={"holders": 0})]
    rest = {
        field: getattr(totals, field) - sum(getattr(part, field) for part in told)
        for field in Count.model_fields
    }
    return NoticeFigures(
        notice=name,
        revision=revision,
        records=totals.records,
        verdicts={
            Verdict.AFFECTED: found[Verdict.AFFECTED],
            Verdict.NOT_AFFECTED: Count(**rest),
            Verdict.CANNOT_TELL: found[Verdict.CANNOT_TELL],
        },
    )


def count_by(
    judged: Iterable[JudgedDevice], part_of: Mapping[str, str]
) -> dict[tuple[str, str, Verdict], Count]:
    """Return the figures by notice, part (such as a country) and verdict.

    Args:
        judged: what is affected or cannot be told.
        part_of: the part that each holder belongs to; who is missing is ``unknown``.
    """
    found: dict[tuple[str, str, Verdict], list[JudgedDevice]] = {}
    for device in judged:
        verdict = Verdict.AFFECTED if device.truth is Truth.TRUE else Verdict.CANNOT_TELL
        part = part_of.get(device.holder) or "unknown"
        found.setdefault((device.notice, part, verdict), []).append(device)
    return {key: _count(rows, set()) for key, rows in sorted(found.items())}


def _count(devices: Iterable[JudgedDevice], counted_already: set[str]) -> Count:
    rows = list(devices)
    holders = {row.holder for row in rows if row.holder} - counted_already
    return Count(
        records=len(rows),
        quantity=sum(row.quantity or 0 for row in rows),
        holders=len(holders),
        quantity_unknown=sum(row.quantity is None for row in rows),
    )
