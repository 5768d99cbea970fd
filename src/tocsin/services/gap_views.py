"""Gaps: what is missing on the records that cannot be told, and what knowing it would settle."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from importlib.metadata import version
from typing import Any

from django.core.cache import cache

from tocsin.match.engines.stored_layout import number_column
from tocsin.match.explain import value_word
from tocsin.match.settling import Settling, kinds_asked, settle_record
from tocsin.notice.model import Notice as CoreNotice
from tocsin.registry.record import read_record
from tocsin.services.action_work import find_action
from tocsin.services.matching import rows_csv
from tocsin.services.work import Work, service
from tocsin.store.gap_rows import AlikeRecords, alike_records
from tocsin.store.models import DeviceRecord, MatchRun, Registry
from tocsin.store.notice_rows import read_revision
from tocsin.store.record_states import texts_of
from tocsin.store.registry_figures import product_label
from tocsin.store.run_rows import GAP_PLACE, find_run, revisions_of
from tocsin.store.shared_cache import keep_counted

MOST_FORMS = 600
"""So many forms of records are looked at one by one, the most frequent first."""
_KEPT_S = 7 * 24 * 3600
_WORDS = {"software_version": "software version", "model": "model", "fact": "answer"}


@dataclass(frozen=True)
class Gap:
    """One thing that is missing on some records of a product, for one notice.

    Attributes:
        registry: the registry's name.
        notice: the notice's name; empty for records that name no product.
        product: maker and model as the records say them; empty if they say none.
        column: what is missing, as a column of a registry.
        words: the same in words.
        n_records: the records of which it is missing, or not clear.
        n_settled: verdicts that any clear answer decides.
        n_perhaps: verdicts that some answers decide and others leave open.
    """

    registry: str
    notice: str
    product: str
    column: str
    words: str
    n_records: int
    n_settled: int
    n_perhaps: int


@dataclass(frozen=True)
class Gaps:
    """The gaps of a run, what settles most first.

    Attributes:
        run: its number.
        matched_at: when it was made; answers since then are not counted.
        n_open: verdicts that cannot be told.
        n_for_nobody: those of them that no answer about a device settles: the notice's own gaps.
        n_unseen: those of rare forms, which were not looked at.
    """

    run: int
    matched_at: datetime
    gaps: tuple[Gap, ...]
    n_open: int
    n_for_nobody: int
    n_unseen: int


@service
def list_gaps(work: Work, action_id: int, number: int | None = None) -> Gaps:  # noqa: ARG001
    """Return what is missing on the records of a run that cannot be told, the most telling first.

    Right: author, reviewer, releaser, operator, auditor. A run never changes, so that it is
    counted once and kept.

    Raises:
        ActionUnknown, NoMatchYet: if there is no run.
    """
    run = find_run(find_action(action_id).pk, number)
    key = f"gaps:{run.pk}:{version('tocsin')}"
    kept = cache.get(key)
    if kept is None:
        kept = _count(run)
        keep_counted(key, kept, _KEPT_S)
    gaps = tuple(Gap(**each) for each in kept["gaps"])
    own = {name: kept[name] for name in ("n_open", "n_for_nobody", "n_unseen")}
    return Gaps(run.number, run.matched_at, gaps, **own)


def gaps_csv(gaps: Iterable[Gap]) -> str:
    """Return gaps as CSV whose cells cannot start a formula in a spreadsheet."""
    return rows_csv([field.name for field in fields(Gap)], (asdict(gap) for gap in gaps))


def missing_words(column: str) -> str:
    """Return the words for what a column holds.

    >>> missing_words("software_version"), missing_words("lot"), missing_words("shipped_on")
    ('software version', 'lot', 'day of shipment')
    """
    return _WORDS.get(column) or value_word(column)


def _count(run: MatchRun) -> dict[str, Any]:
    notices = [read_revision(row) for row in revisions_of(run)]
    columns = {place: _columns_of(notice) for place, notice in enumerate(notices)}
    forms = alike_records(run, columns)
    names: Mapping[int, str] = dict(Registry.objects.values_list("pk", "name"))
    counts: dict[tuple[str, str, str, str], list[int]] = {}
    n_for_nobody = 0
    for form, record in _with_records(forms[:MOST_FORMS]):
        settled = _settle(notices, form, record)
        if not any(each.perhaps for each in settled):
            n_for_nobody += form.n
        notice = notices[form.place].notice if form.place != GAP_PLACE else ""
        for each in settled:
            key = (names[form.registry_id], notice, _label(record), each.column)
            found = counts.setdefault(key, [0, 0, 0])
            found[0] += form.n
            found[1] += form.n if each.surely else 0
            found[2] += form.n if each.perhaps and not each.surely else 0
    gaps = [
        asdict(Gap(registry, notice, product, column, missing_words(column), *n))
        for (registry, notice, product, column), n in counts.items()
        if n[1] or n[2]  # what settles nothing by itself is worth no question
    ]
    gaps.sort(key=lambda gap: (-gap["n_settled"], -gap["n_perhaps"], -gap["n_records"], str(gap)))
    return {
        "gaps": gaps,
        "n_open": sum(form.n for form in forms),
        "n_for_nobody": n_for_nobody,
        "n_unseen": sum(form.n for form in forms[MOST_FORMS:]),
    }


def _columns_of(notice: CoreNotice) -> Sequence[str]:
    return sorted({number_column(kind) for kind in kinds_asked(notice)})


def _with_records(forms: Sequence[AlikeRecords]) -> Iterator[tuple[AlikeRecords, DeviceRecord]]:
    rows = DeviceRecord.objects.in_bulk([form.row_no for form in forms])
    for form in forms:
        yield form, rows[form.row_no]


def _settle(
    notices: Sequence[CoreNotice], form: AlikeRecords, record: DeviceRecord
) -> list[Settling]:
    notice = notices[0 if form.place == GAP_PLACE else form.place]
    return settle_record(notice, read_record(texts_of(record)))


def _label(record: DeviceRecord) -> str:
    return product_label(
        record.manufacturer, record.model, record.catalogue_no, record.product, record.udi
    )
