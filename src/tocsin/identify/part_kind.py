"""What kind of thing a device is, a pump or a part used with one; shown, and decides nothing."""

import re
from collections.abc import Mapping
from functools import cache

from pydantic import BaseModel, ConfigDict

from tocsin.base.provenance import Source
from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.identify.family import known_families
from tocsin.identify.manufacturer import find_manufacturer
from tocsin.identify.product_text import read_product_text

PUMP = "pump"


class _Kind(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    words: tuple[str, ...]


class _PartWords(BaseModel):
    model_config = ConfigDict(extra="forbid")

    source: Source
    kinds: tuple[_Kind, ...]


def part_kind(texts: Mapping[str, str]) -> str:
    """Return what a device is, such as "remote controller"; empty if its texts do not say.

    The model numbers that families list for their parts come first, then the words of its name;
    what else a family knows is a pump.

    Args:
        texts: ``manufacturer``, ``product``, ``model``, ``catalogue_no``; a missing one is empty.

    >>> part_kind({"manufacturer": "Medtronic", "model": "MMT-503"})
    'remote controller'
    >>> part_kind({"product": "CareLink USB", "model": "MMT-7305NA"})
    'USB stick'
    >>> part_kind({"manufacturer": "Medtronic", "model": "MMT-722NAS"})
    'pump'
    """
    written = [texts.get(name, "").strip() for name in ("model", "catalogue_no", "product")]
    for number in written[:2]:
        if number.upper() in _kind_by_number():
            return _kind_by_number()[number.upper()]
    spelt = " ".join(" ".join(written).casefold().split())
    for pattern, kind in _kind_by_words():
        if pattern.search(spelt):
            return kind
    maker = find_manufacturer(texts.get("manufacturer") or None)
    maker_id = maker.id if maker else None
    readings = (read_product_text(text, maker_id) for text in written if text)
    return PUMP if any(reading.members for reading in readings) else ""


@cache
def _kind_by_number() -> dict[str, str]:
    parts = (part for family in known_families().values() for part in family.parts)
    return {model.upper(): part.kind for part in parts for model in part.models}


@cache
def _kind_by_words() -> tuple[tuple[re.Pattern[str], str], ...]:
    kinds = load_data_file(data_folder("tocsin.identify") / "part_words.yaml", _PartWords).kinds
    return tuple(
        (re.compile(rf"\b(?:{'|'.join(map(re.escape, each.words))})\b"), each.kind)
        for each in kinds
    )
