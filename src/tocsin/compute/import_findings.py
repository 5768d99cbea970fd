"""What is wrong with a list that is imported: what would settle most verdicts comes first."""

from collections.abc import Sequence
from functools import partial

from tocsin.compute.duck import Duck
from tocsin.compute.keying import with_product_text
from tocsin.formats.registry_file import distinct_texts, spoilt_texts
from tocsin.formats.registry_sql import quoted
from tocsin.registry.findings import Finding, fault_of_udi, find_unreadable, list_faulty_udis
from tocsin.registry.schema import EVIDENCE_COLUMNS

_ASKED = {
    "manufacturer": "notices name one; where nothing else proves it, such records stay cannot_tell",
    "software_version": "a notice about versions cannot decide such records",
    "lot": "a notice about lots cannot decide such records",
    "serial": "a notice about serial numbers cannot decide such records",
    "holder_id": "nobody can be told about such a device",
}


def list_findings(duck: Duck, columns: Sequence[str]) -> list[Finding]:
    """Return the findings of table ``registry``, those of most records first.

    An empty column is a finding too: to fill it settles more verdicts than any single value.
    """
    found = find_unreadable(
        partial(distinct_texts, duck.connection), columns, partial(spoilt_texts, duck.connection)
    )
    found += [*_empty_columns(duck, columns), *_faulty_udis(duck, columns)]
    return sorted(found, key=lambda one: (-one.records, one.column, one.value))


def _empty_columns(duck: Duck, columns: Sequence[str]) -> list[Finding]:
    """Return a finding per column that is empty in some records, or missing."""
    empty = {
        name: f"trim(coalesce({quoted(name)}, '')) = ''" if name in columns else "true"
        for name in _ASKED
    }
    proven = [quoted(name) for name in EVIDENCE_COLUMNS if name in columns]
    empty["model"] = f"trim(concat_ws('', {', '.join(proven)})) = ''"
    reasons = _ASKED | {"model": "nothing names a product; such records are gaps"}
    counts = ", ".join(f"count(*) FILTER (WHERE {test})" for test in empty.values())
    found = duck.connection.execute(f"SELECT {counts} FROM registry").fetchone() or ()
    return [
        Finding(name, "", n, f"empty: {reasons[name]}")
        for name, n in zip(empty, found, strict=True)
        if n
    ]


def _faulty_udis(duck: Duck, columns: Sequence[str]) -> list[Finding]:
    if "udi" not in columns:
        return []
    registry = with_product_text(duck)
    counted = registry.group_by("p_udi").agg(n=registry.count())
    texts = [(text, n) for text, n in duck.rows(counted) if text]
    faults = {text: fault for text, _ in texts if (fault := fault_of_udi(text))}
    return list_faulty_udis([(text, n) for text, n in texts if text in faults], faults)
