"""Device identifiers of a matched registry that are unreadable, mistyped or in doubt."""

import pyarrow as pa

from tocsin.compute.duck import Duck
from tocsin.compute.keying import PRODUCT_TEXTS, with_product_text
from tocsin.registry.findings import Finding, fault_of_udi, list_faulty_udis

_FAULTY = "faulty_udis"


def find_faulty_udis(duck: Duck) -> list[Finding]:
    """Return the faulty device identifiers of the registry, each once.

    Each distinct text is looked at once, of plainly bracketed ones the DI alone; records are
    counted only if there is a fault.
    """
    texts = duck.relation(PRODUCT_TEXTS)
    if "p_udi" not in texts.columns:
        return []
    told = (text for (text,) in duck.rows(texts.select("p_udi").distinct()))
    faults = {text: fault for text in told if (fault := fault_of_udi(text))}
    if not faults:
        return []
    duck.add(_FAULTY, pa.table({"p_udi": pa.array(faults, pa.string())}))
    registry = with_product_text(duck).select("p_udi").semi_join(duck.relation(_FAULTY), "p_udi")
    counted = registry.group_by("p_udi").agg(n=registry.count())
    return list_faulty_udis(duck.rows(counted), faults)
