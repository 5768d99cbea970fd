"""The samples of the golden cases in a registry, by the services that people use."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.compute as pc

from tocsin.cases.sample import CaseSample
from tocsin.services.import_files import keep_source
from tocsin.services.import_runs import finish_import
from tocsin.services.list_imports import begin_import
from tocsin.services.samples import make_sample, write_csv
from tocsin.services.work import Caller
from tocsin.store.models import ListImport
from tocsin.store.tenancy import acting_for

SEED = 1


def import_sample(case: str, registry: str, operator: Caller, *, one_holder_in: int) -> None:
    """Import devices and holders of a case, as far as that was not begun before.

    Args:
        case: the case.
        registry: name of the registry, which is there.
        operator: who imports.
        one_holder_in: take every so manieth holder, with all of their devices.
    """
    import_tables(_thinned(make_sample(case, SEED), one_holder_in), registry, operator)


def import_tables(sample: CaseSample, registry: str, operator: Caller) -> None:
    """Import what a sample holds into a registry that is there, if that was not begun before."""
    with TemporaryDirectory() as folder:
        for kind, table in (("records", sample.registry), ("holders", sample.holders)):
            begun = _begun(registry, kind, operator)
            if begun is None:
                path = Path(folder) / f"case_{sample.case}_{kind}.csv"
                write_csv(table, path)
                kept = keep_source(path, operator.organisation_id or 0)
                begun = begin_import(operator, registry, kind, kept, {}).pk
            finish_import(operator, begun, lambda *_: None)


def _begun(registry: str, kind: str, operator: Caller) -> int | None:
    with acting_for(operator.organisation_id):
        found = ListImport.objects.filter(registry__name=registry, kind=kind).order_by("-pk")
        return found.values_list("pk", flat=True).first()


def _thinned(sample: CaseSample, one_in: int) -> CaseSample:
    if one_in == 1:
        return sample
    holders = pc.unique(sample.registry["holder_id"].combine_chunks())
    chosen = holders.take(pa.array(range(0, len(holders), one_in)))
    return replace(
        sample,
        registry=sample.registry.filter(pc.is_in(sample.registry["holder_id"], chosen)),
        holders=sample.holders.filter(pc.is_in(sample.holders["holder_id"], chosen)),
    )
