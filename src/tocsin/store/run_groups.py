"""Groups of a run's verdicts as rows, and what they are divided by: holders and products."""

from collections.abc import Mapping, Sequence

from tocsin.base.truth import Truth
from tocsin.match.reason_words import reason_words
from tocsin.match.verdict_groups import GroupKey, count_groups, reasons_of
from tocsin.notice.model import Notice as CoreNotice
from tocsin.registry.schema import PRODUCT_COLUMNS
from tocsin.store.models import Holder, MatchRun, ProductText, VerdictGroup, VerdictReason
from tocsin.store.run_rows import GAP_PLACE

HolderFacts = Mapping[str, tuple[str, str]]
"""Holder id -> country and kind."""
_AT_ONCE = 20_000


def holder_facts(registry_id: int) -> HolderFacts:
    """Return country and kind of all holders of a registry that its holders list names."""
    found = Holder.objects.filter(registry_id=registry_id)
    columns = found.values_list("holder_id", "person__country", "person__kind")
    return {holder: (country, kind) for holder, country, kind in columns.iterator(_AT_ONCE)}


def product_texts(registry_id: int, numbers: set[int]) -> dict[int, dict[str, str]]:
    """Return the texts that name a product, by the product's number."""
    rows = ProductText.objects.filter(registry_id=registry_id)
    found = rows.values_list("product_no", *PRODUCT_COLUMNS)
    return {
        number: dict(zip(PRODUCT_COLUMNS, texts, strict=True))
        for number, *texts in found.iterator(_AT_ONCE)
        if number in numbers
    }


def keep_groups(
    run: MatchRun, notices: Sequence[CoreNotice], keys: Sequence[GroupKey]
) -> dict[GroupKey, int]:
    """Keep the groups of a run's verdicts, and return the id of each."""
    counted = count_groups(keys)
    reasons = {}
    for key in reasons_of(list(counted)):
        notice = None if key.place == GAP_PLACE else notices[key.place]
        words = reason_words(notice, Truth(key.truth), key.entry, key.reason_code)
        reasons[key] = VerdictReason.objects.create(run=run, **key._asdict(), **vars(words))
    return {
        key: VerdictGroup.objects.create(
            run=run,
            reason=reasons[key.reason],
            registry_id=key.registry_id,
            country=key.country,
            kind=key.kind,
            model=key.model,
            n_records=n,
        ).pk
        for key, n in counted.items()
    }
