"""Making a run: judging registries, counting, and keeping all of it in one transaction."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from typing import TYPE_CHECKING

from django.db import connection

from tocsin.base.truth import Truth
from tocsin.identify.shown_model import shown_model
from tocsin.match.figures import MatchSummary
from tocsin.match.run_changes import JudgedDevice
from tocsin.match.run_figures import GAP_NOTICE, count_by, count_run
from tocsin.match.verdict_groups import GroupKey, ReasonKey, listed_models
from tocsin.notice.model import Notice as CoreNotice
from tocsin.registry.quantity import read_quantity
from tocsin.store.audit.chain import canonical_json
from tocsin.store.bulk_rows import AT_ONCE, insert_batch
from tocsin.store.models import (
    Action,
    MatchRun,
    MatchRunNotice,
    MatchRunRegistry,
    NoticeRevision,
    Registry,
    Verdict,
)
from tocsin.store.notice_rows import read_revision
from tocsin.store.run_groups import HolderFacts, holder_facts, keep_groups, product_texts
from tocsin.store.run_rows import (
    GAP_PLACE,
    KeptVerdict,
    SamePersons,
    same_persons,
    total_counts,
    verdicts_sha256,
)
from tocsin.store.stored_registry import table_names

if TYPE_CHECKING:
    from tocsin.compute.run_rows import RunRow

    Rows = Mapping[int, Sequence[RunRow]]


def make_run(
    action: Action,
    revisions: Sequence[NoticeRevision],
    registries: Sequence[Registry],
    now: datetime,
) -> MatchRun:
    """Judge registries by notice revisions and keep a run, whole, in the caller's transaction."""
    from tocsin.compute.registry_keys import key_stamp  # noqa: PLC0415 - Ibis and Arrow are slow

    notices, persons = [read_revision(row) for row in revisions], same_persons()
    rows = {each.pk: list(judge(each, each.revision, notices)) for each in registries}
    facts = {each.pk: holder_facts(each.pk) for each in registries}
    judged = [(each.pk, each.revision) for each in registries]
    totals, n_records = total_counts(judged, persons)
    devices = list(_devices(rows, [each.notice for each in notices], persons))
    summary = MatchSummary(
        software_version=version("tocsin"),
        registry=", ".join(each.name for each in registries),
        records=totals.records,
        gaps=sum(device.notice == GAP_NOTICE for device in devices),
        notices=count_run(devices, totals, [(each.notice, each.revision) for each in notices]),
    )
    figures = canonical_json(summary.model_dump(mode="json"))
    run = MatchRun.objects.create(
        action=action,
        number=action.runs.count() + 1,
        matched_at=now,
        software_version=version("tocsin"),
        key_stamp=key_stamp()[:64],
        n_records=summary.records,
        n_verdicts=sum(map(len, rows.values())),
        figures=figures,
        figures_sha256=sha256(figures).hexdigest(),
        divided=_divided(devices, [each.notice for each in notices], facts, persons),
        verdicts_sha256=verdicts_sha256(
            KeptVerdict(pk, row.device_id, row.place, row.truth, row.entry, row.reason_code)
            for pk, found in rows.items()
            for row in found
        ),
    )
    for place, revision in enumerate(revisions):
        MatchRunNotice.objects.create(run=run, place=place, revision=revision)
    for each in registries:
        MatchRunRegistry.objects.create(
            run=run, registry=each, revision=each.revision, n_records=n_records[each.pk]
        )
    _keep_verdicts(run, notices, rows, facts)
    return run


def judge(registry: Registry, revision: int, notices: Sequence[CoreNotice]) -> "Iterator[RunRow]":
    """Yield the verdicts of a registry, by the relational engine in our own transaction."""
    from tocsin.compute.run_rows import run_rows  # noqa: PLC0415 - Ibis and Arrow are slow
    from tocsin.compute.stored_match import match_stored  # noqa: PLC0415
    from tocsin.compute.stored_records import StoredRegistry  # noqa: PLC0415

    connection.ensure_connection()
    stored = StoredRegistry(registry.pk, revision, registry.keys_made_by, table_names())
    with match_stored(connection.connection, stored, notices) as verdicts:
        yield from run_rows(verdicts)


def _devices(rows: "Rows", names: Sequence[str], persons: SamePersons) -> Iterator[JudgedDevice]:
    for pk, found in rows.items():
        for row in found:
            yield JudgedDevice(
                pk,
                row.device_id,
                GAP_NOTICE if row.place == GAP_PLACE else names[row.place],
                Truth(row.truth),
                persons.key(pk, row.holder_id),
                read_quantity(row.quantity),
            )


def _divided(
    devices: Sequence[JudgedDevice],
    names: Sequence[str],
    facts: Mapping[int, HolderFacts],
    persons: SamePersons,
) -> bytes:
    """Return the figures by the holders' country and kind as JSON; a gap counts for each notice."""
    known = {
        persons.key(pk, holder): fact
        for pk, of_holder in facts.items()
        for holder, fact in of_holder.items()
    }
    shown = [
        each
        for device in devices
        for each in (_for_all(device, names) if device.notice == GAP_NOTICE else (device,))
    ]
    divided = {}
    for place, part in enumerate(("country", "kind")):
        counts = count_by(shown, {holder: fact[place] for holder, fact in known.items()})
        divided[part] = [
            [name, where, str(verdict), count.model_dump()]
            for (name, where, verdict), count in counts.items()
        ]
    return canonical_json(divided)


def _for_all(device: JudgedDevice, names: Sequence[str]) -> Iterator[JudgedDevice]:
    for name in names:
        yield JudgedDevice(
            device.registry_id,
            device.device_id,
            name,
            device.truth,
            device.holder,
            device.quantity,
        )


def _keep_verdicts(
    run: MatchRun,
    notices: Sequence[CoreNotice],
    rows: "Rows",
    facts: Mapping[int, HolderFacts],
) -> None:
    keys = _group_keys(rows, facts)
    numbers = keep_groups(run, notices, [key for found in keys.values() for key in found])
    for pk, found in rows.items():
        groups = [numbers[key] for key in keys[pk]]
        for start in range(0, len(found), AT_ONCE):
            some = slice(start, start + AT_ONCE)
            _insert(run, pk, found[some], groups[some])


def _group_keys(rows: "Rows", facts: Mapping[int, HolderFacts]) -> dict[int, list[GroupKey]]:
    """Return the group of each verdict, registry by registry, in the order of the verdicts."""
    models = {
        pk: {
            number: shown_model(texts)
            for number, texts in product_texts(pk, {row.product_no for row in found}).items()
        }
        for pk, found in rows.items()
    }
    counted = Counter(models[pk][row.product_no] for pk, found in rows.items() for row in found)
    listed = listed_models(counted)
    return {
        pk: [
            GroupKey(
                ReasonKey(row.place, row.truth, row.entry, row.reason_code),
                pk,
                *facts[pk].get(row.holder_id, ("", "")),
                listed[models[pk][row.product_no]],
            )
            for row in found
        ]
        for pk, found in rows.items()
    }


def _insert(
    run: MatchRun, registry_id: int, rows: "Sequence[RunRow]", groups: Sequence[int]
) -> None:
    import pyarrow as pa  # noqa: PLC0415 - slow to import

    columns = {
        "row_no": pa.array([row.row_no for row in rows], pa.int64()),
        "place": pa.array([row.place for row in rows], pa.int16()),
        "truth": pa.array([row.truth for row in rows], pa.int16()),
        "quantity": pa.array([read_quantity(row.quantity) for row in rows], pa.int64()),
        "group_id": pa.array(groups, pa.int64()),
        **{
            name: pa.array([getattr(row, name) for row in rows], pa.string())
            for name in ("entry", "reason_code", "device_id", "holder_id", "clinic_id")
        },
    }
    constants: dict[str, int | None] = {"run_id": run.pk, "registry_id": registry_id}
    insert_batch(Verdict, pa.record_batch(columns), constants)
