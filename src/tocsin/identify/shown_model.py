"""One word for the model of a device, for lists and figures; it decides nothing."""

from collections.abc import Mapping

from tocsin.identify.family import known_families
from tocsin.identify.manufacturer import find_manufacturer, maker_of_code
from tocsin.identify.product_text import read_product_text

_MOST = 80


def shown_model(texts: Mapping[str, str]) -> str:
    """Return the model that a record's texts name, spelt in one way; empty if they name none.

    A model that a family knows is told by the family's name and its number, whatever region,
    colour or spelling the record has; else by its number, else by the text as it stands.

    Args:
        texts: ``manufacturer``, ``product``, ``model``, ``catalogue_no``; a missing one is empty.

    >>> shown_model({"manufacturer": "Medtronic", "model": "mmt-722LNAS"})
    'MiniMed Paradigm 722'
    >>> shown_model({"manufacturer": "Acme", "product": "Pump  7"})
    'Pump 7'
    """
    model = texts.get("model", "").strip()
    stated = find_manufacturer(texts.get("manufacturer") or None) or maker_of_code(model)
    maker_id = stated.id if stated else None
    for name in ("model", "catalogue_no", "product"):
        text = " ".join(texts.get(name, "").split())
        if not text:
            continue
        reading = read_product_text(text, maker_id)
        if reading.members:
            return _family_words(reading.members)[:_MOST]
        if reading.is_bare_number:
            return reading.numbers[0].text[:_MOST]
        return text[:_MOST]
    return ""


def _family_words(members: frozenset[str]) -> str:
    """Return the family, and the model where it is one only: "MiniMed Paradigm 722"."""
    families = sorted({member.partition(":")[0] for member in members})
    names = " or ".join(known_families()[family].name for family in families)
    if len(members) > 1:
        return names
    (member,) = members
    model = member.partition(":")[2]
    return names if model in names.split() else f"{names} {model}"
