"""What a Device or DeviceDefinition says about its product, as far as it can be relied on.

A name that a clerk or a patient gave, or that only repeats the kind of device, is kept apart: a
term such as "Continuous subcutaneous insulin infusion pump" names no product, and taken for one
it would clear every device of another name.
"""

from collections.abc import Sequence
from typing import NamedTuple

from tocsin.formats.fhir.element import (
    Element,
    codes_of,
    one_line,
    part_of,
    parts_of,
    text_of,
    words_of,
)
from tocsin.registry.record import read_udi

# Names that the label, the registration or the maker gives.
# Source: http://hl7.org/fhir/device-nametype, R4 and R5.
LABEL_NAMES = ("udi-label-name", "registered-name", "model-name")


class Names(NamedTuple):
    """The names of a device: those that name the product, and the others with their types."""

    product: str | None
    others: str | None


def kind_words(resource: Element) -> list[str]:
    """Return the words for the kind of device: type, and in a definition its classification."""
    concepts = parts_of(resource, "type")
    concepts += [part_of(item, "type") for item in parts_of(resource, "classification")]
    return list(dict.fromkeys(word for concept in concepts for word in words_of(concept)))


def read_names(resource: Element, kinds: Sequence[str]) -> Names:
    """Return the names of a Device or DeviceDefinition, R4 or R5.

    Args:
        resource: the Device or DeviceDefinition.
        kinds: the words for its kind, which are no names.
    """
    folded = {kind.casefold() for kind in kinds}
    label: list[str] = []
    others: list[str] = []
    for name in (*parts_of(resource, "deviceName"), *parts_of(resource, "name")):
        text = text_of(name, "name") or text_of(name, "value")
        if text is None:
            continue
        written = text_of(name, "type")
        types = {written} if written else codes_of(parts_of(name, "type"))
        if types & set(LABEL_NAMES) and text.casefold() not in folded:
            label.append(one_line(text))
        else:
            others.append(f"{one_line(text)} ({', '.join(sorted(types)) or 'no type'})")
    if shown := text_of(resource, "displayName"):
        others.append(f"{one_line(shown)} (display name)")
    return Names(_join_names(label), "; ".join(dict.fromkeys(others)) or None)


def _join_names(names: list[str]) -> str | None:
    """Return the longest name if it contains all others, else all, which name several products."""
    distinct = list({name.casefold(): name for name in names}.values())
    if not distinct:
        return None
    longest = max(distinct, key=len)
    if all(name.casefold() in longest.casefold() for name in distinct):
        return longest
    return " / ".join(distinct)


class Carrier(NamedTuple):
    """The device identifier of a device, and those among which none could be chosen."""

    udi: str | None
    others: str | None


def read_carriers(resource: Element) -> Carrier:
    """Return the device identifier of a Device or DeviceDefinition.

    What a person reads on the label goes before the bare DI. Where two carriers, or a carrier
    and its own DI, name different products, none is taken: that is a doubt.
    """
    texts: list[str] = []
    others: list[str] = []
    products: set[str] = set()
    for carrier in (
        *parts_of(resource, "udiCarrier"),
        *parts_of(resource, "udiDeviceIdentifier"),
    ):
        whole, bare = _as_printed(carrier, "carrierHRF"), text_of(carrier, "deviceIdentifier")
        written = [text for text in (whole, bare) if text]
        if written:
            best = next((text for text in written if _product_of(text)), written[0])
            texts.append(best)
            others += [text for text in written if text != best and text not in best]
            products |= _products_of(whole, bare)
    distinct = list(dict.fromkeys(texts))
    if len(products) > 1:
        return Carrier(None, "; ".join(dict.fromkeys((*distinct, *others))))
    kept = dict.fromkeys((*distinct[1:], *others))
    return Carrier(distinct[0] if distinct else None, "; ".join(kept) or None)


def _product_of(text: str | None) -> str | None:
    """Return the DI of a text, if it surely names one."""
    udi = read_udi(text)
    return udi.di if udi else None


def _products_of(whole: str | None, bare: str | None) -> set[str]:
    """Return the products that a carrier names: one, if its two texts agree."""
    read = _product_of(whole)
    if read and whole and bare and (bare in whole or bare in read):
        return {read}  # printed in it, perhaps without its check character
    other = _product_of(bare) or bare
    return {product for product in (read, other) if product} or {whole or ""}


def _as_printed(carrier: Element, name: str) -> str | None:
    """Return a text with its spaces: the check character of an HIBC may be one at the end."""
    return str(carrier[name]) if text_of(carrier, name) else None
