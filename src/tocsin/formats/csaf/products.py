"""One product that a CSAF document lists, as one entry of a scope.

Nothing is dropped and nothing invented: a version that is not surely read makes the
software constraint unread, and a product that is in doubt leaves the whole entry to a
person (``reviewed: false``), with the text that could not be read.
Source: `docs/adr/0001-three-values.md`, CSAF 2.0 sections 3.1.2 and 3.2.3.9.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from tocsin.formats.csaf.names import (
    FullName,
    doubts_about_name,
    is_known_to_family,
    read_full_name,
    spellings_of,
    words_of,
)
from tocsin.formats.csaf.tree import ListedProduct, as_list, as_text, shortened
from tocsin.identify.version_expression import ExpressionReading, parse_version_expression

_AFFECTED = {"known_affected", "first_affected", "last_affected"}
_OPEN = {"under_investigation", "unknown"}
_CLEARED = {"known_not_affected", "fixed", "first_fixed"}
_VERSIONS = ("product_version", "product_version_range")
_SHOWN = 5
_KNOWN = {"vendor", "product_family", "product_name", *_VERSIONS}
_NOBODY = re.compile(r"various|multiple|unknown|other|none|n/?a|-+|\?+", re.IGNORECASE)
_CALLS_IT_VERSION = re.compile(
    r"(?:all\s+)?(?:(?:running|with|using)\s+)?(?:software|firmware|versions?|releases?|revisions?)\b",
    re.IGNORECASE,
)
_CVES = r"CVE-?\s?\d{4}\s?-\s?\d{3,}"
_HARMLESS = re.compile(
    rf"\(\s*(?:(?:{_CVES}|impacted|affected|by|and|only|outside|not|distributed|sold|within|in|of"
    r"|the|united\s+states|u\.?s\.?a?\.?|international(?:ly)?|worldwide)\b[\s.,]*)+\)",
    re.IGNORECASE,
)


@dataclass
class _Draft:
    """What is gathered about one product: texts that could not be read, and doubts."""

    software: dict[str, Any] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def entry_of(
    listed: ListedProduct, name: str, title: str, vulnerabilities: Sequence[str]
) -> dict[str, Any]:
    """Return the scope entry of a listed product, as a notice file writes it.

    Args:
        listed: the product.
        name: the entry's name.
        title: the document's title; its words may stand before a product's name.
        vulnerabilities: the names of all vulnerabilities of the document.
    """
    draft = _Draft(doubts=list(listed.faults))
    manufacturer = _manufacturer_of(listed, draft)
    product_name = _product_name_of(listed, draft)
    full = read_full_name(listed.full_name or "", product_name, manufacturer, title)
    _check_names(listed, product_name, manufacturer, full, draft)
    _read_software(listed, full, draft)
    side, no_status = _side_of(listed, vulnerabilities, draft)
    draft.unread += [
        f"{category or 'branch'}: {text}"
        for category, text in listed.path
        if category not in _KNOWN
    ]
    if draft.doubts:
        draft.unread.insert(0, _whole_text(listed))
    entry: dict[str, Any] = {
        "entry": name,
        side: {
            "manufacturer": manufacturer,
            "names": _names_of(listed, product_name, manufacturer, full),
        },
        "software": draft.software or "all",
        "unread": list(dict.fromkeys(map(shortened, draft.unread))),
        "no_status": no_status,
        "reviewed": not draft.doubts,
        "information": _information(listed, draft.doubts),
    }
    if serials := _helper_texts(listed, "serial_numbers"):
        entry["serials"] = {
            "unread": shortened(f"identified by serial number: {', '.join(serials)}")
        }
    return entry


def entry_name(listed: ListedProduct, taken: Counter[str]) -> str:
    """Return a readable name for a product's entry that is not taken yet, and take it."""
    said = listed.product_id or listed.full_name or "-".join(listed.names_of(*_KNOWN)) or "product"
    return free_name(re.sub(r"[^A-Za-z0-9._\-]+", "-", said[:200]).strip("-._"), taken)


def free_name(stem: str, taken: Counter[str]) -> str:
    """Return a stem, numbered if an entry bears it already, and take it."""
    stem = stem[:70] or "product"
    name = stem
    while taken[name]:
        taken[stem] += 1
        name = f"{stem}-{taken[stem]}"
    taken[name] += 1
    return name


def _manufacturer_of(listed: ListedProduct, draft: _Draft) -> str | None:
    vendors = list(dict.fromkeys(listed.names_of("vendor")))
    if len(vendors) == 1 and not _NOBODY.fullmatch(vendors[0]):
        return vendors[0]
    draft.doubts.append("the document does not say who makes the product")
    return None


def _product_name_of(listed: ListedProduct, draft: _Draft) -> str:
    names = list(dict.fromkeys(listed.names_of("product_name")))
    if len(names) == 1:
        return names[0]
    draft.doubts.append(
        "the branches name several products" if names else "no branch names the product"
    )
    said = " ".join(names) or listed.full_name or " ".join(listed.names_of("product_family"))
    return shortened(said)


def _check_names(
    listed: ListedProduct, name: str, manufacturer: str | None, full: FullName, draft: _Draft
) -> None:
    draft.doubts += doubts_about_name(name, manufacturer)
    if listed.relation:
        draft.doubts.append(f"it is one product on or in another: {listed.relation}")
    if not listed.full_name:
        draft.doubts.append("the product has no full name")
    elif full.spelling is None:
        draft.doubts.append("the full product name does not hold the branch's product name")
    elif full.before:
        draft.doubts.append(f"other words stand before its name: {' '.join(full.before)}")


def _names_of(
    listed: ListedProduct, name: str, manufacturer: str | None, full: FullName
) -> list[str]:
    families = listed.names_of("product_family")
    names = [name] if name else []
    if name and not is_known_to_family(name, manufacturer):
        names = [*spellings_of(name, families[-1] if families else None)]
    if full.spelling and words_of(full.spelling) != words_of(name):
        names.append(full.spelling)
    numbers = _helper_texts(listed, "model_numbers") + _helper_texts(listed, "skus")
    names += [number for number in numbers if not set(number) & set("*?\\")]
    return list(dict.fromkeys(names)) or [listed.product_id or "a product without any name"]


def _helper_texts(listed: ListedProduct, key: str) -> list[str]:
    return list(filter(None, map(as_text, as_list(listed.helper.get(key)))))


def _read_software(listed: ListedProduct, full: FullName, draft: _Draft) -> None:
    """Read the versions; they hold only if branch and full name agree."""
    slots = [(category, name) for category, name in listed.path if category in _VERSIONS and name]
    rest = full.rest if full.spelling is not None else ""
    if len(slots) > 1:
        _leave_unread(draft, " / ".join(name for _, name in slots), rest)
        return
    if not slots:
        reading = _read_rest(rest) if rest else ExpressionReading(all_versions=True)
        if not reading.all_versions:
            _leave_unread(draft, "no version branch", rest)
        _doubt(draft, reading, rest)
        return
    category, text = slots[0]
    reading = parse_version_expression(
        text,
        ranged=category == "product_version_range",
        called_version=bool(_CALLS_IT_VERSION.match(rest)),
    )
    agreed = reading.unread is None
    _doubt(draft, reading, text)
    if rest and _squeezed(rest) != _squeezed(text):
        said = _read_rest(rest)
        _doubt(draft, said, rest)
        agreed = reading.same_as(said)
    if not agreed:
        _leave_unread(draft, text, rest)
    elif reading.parts:
        draft.software = {"any_of": [part.bounds() for part in reading.parts]}


def _read_rest(rest: str) -> ExpressionReading:
    return parse_version_expression(
        _HARMLESS.sub(" ", rest), ranged=False, called_version=True, spaced_lists=True
    )


def _squeezed(text: str) -> str:
    return "".join(text.split()).lower()


def _doubt(draft: _Draft, reading: ExpressionReading, text: str) -> None:
    if reading.doubts_product:
        draft.doubts.append(f"{text!r} may name a product or a condition: {reading.unread}")


def _leave_unread(draft: _Draft, text: str, rest: str) -> None:
    beside = f"; the full name says: {rest}" if rest and _squeezed(rest) != _squeezed(text) else ""
    draft.software = {"unread": shortened(text + beside)}


def _side_of(
    listed: ListedProduct, vulnerabilities: Sequence[str], draft: _Draft
) -> tuple[str, bool]:
    """Return whether the product affects or excludes, and whether its status is open.

    It excludes only if it is fixed or not affected wherever it is listed. Where the
    document speaks of further vulnerabilities and is silent about the product there, or
    does not say which version is fixed, it clears nobody.
    """
    statuses = set(listed.statuses)
    if statuses & _AFFECTED:
        if "known_affected" not in statuses and draft.software.get("any_of"):
            edge = " and ".join(sorted(statuses & _AFFECTED)).replace("_", " ")
            draft.software = {"unread": f"{edge}: {_whole_text(listed)}"}
        return "affects", False
    if not statuses & _CLEARED or statuses & _OPEN or statuses - _CLEARED - {"recommended"}:
        return "affects", True
    cleared_in = {name for status in statuses & _CLEARED for name in listed.statuses[status]}
    # Counted before compared: of many vulnerabilities and many products, most say all.
    if len(cleared_in) < len(vulnerabilities):
        silent = islice((name for name in vulnerabilities if name not in cleared_in), _SHOWN)
        draft.unread.append(
            f"nothing is said about it for {', '.join(silent)} "
            f"({len(vulnerabilities) - len(cleared_in)} of {len(vulnerabilities)} vulnerabilities)"
        )
    if "known_not_affected" not in statuses and not draft.software:
        draft.software = {"unread": f"fixed in a version that is not named: {_whole_text(listed)}"}
    return "excludes", False


def _whole_text(listed: ListedProduct) -> str:
    path = " > ".join(name for _, name in listed.path if name)
    return shortened(listed.full_name or path or listed.product_id or "a product without any name")


def _information(listed: ListedProduct, doubts: Sequence[str]) -> dict[str, Any]:
    kept: dict[str, Any] = {
        "product_id": listed.product_id,
        "full_name": listed.full_name,
        "path": [f"{category}: {name}" for category, name in listed.path],
        "statuses": {
            status: list(names) for status, names in listed.statuses.items() if as_text(status)
        },
        "relation": listed.relation,
        "doubts": list(dict.fromkeys(doubts)),
    }
    helper = {key: _helper_texts(listed, key) for key in listed.helper if as_text(key)}
    helper |= {key: [text] for key in listed.helper if (text := as_text(listed.helper[key]))}
    kept["identification"] = {key: texts for key, texts in helper.items() if texts}
    return {key: value for key, value in kept.items() if value}
