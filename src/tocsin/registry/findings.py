"""What is wrong with a registry's values: they stay, count as unknown and are listed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tocsin.identify.udi.parts import Check, UnreadableUdi
from tocsin.identify.udi.text import parse_udi
from tocsin.registry.record import read_country, read_days, read_model, read_version
from tocsin.registry.schema import COLUMNS, DAY_COLUMNS, clean
from tocsin.registry.spoilt import is_spoilt


@dataclass(frozen=True)
class Finding:
    """A value that could not be read: where, what, how often, why."""

    column: str
    value: str
    records: int
    reason: str


Distinct = Callable[[str], Iterable[tuple[str, int]]]

_DATE_COLUMNS = (*DAY_COLUMNS, "evidence_on")
_MAX_SHOWN = 200


def find_unreadable(
    distinct: Distinct, columns: Sequence[str], spoilt: Distinct | None = None
) -> list[Finding]:
    """Return the unreadable values of dates, versions, countries and quantities.

    Args:
        distinct: returns the distinct texts of a column with how many records have each.
        columns: the columns that the registry has.
        spoilt: the same, of texts only that a spreadsheet program has changed; they are
            listed for the other columns of ours.
    """
    findings = [
        Finding(column, text[:_MAX_SHOWN], n, _CHANGED)
        for column in columns
        if spoilt is not None and column in COLUMNS and column not in _REASONS
        for text, n in spoilt(column)
        if is_spoilt(text.strip())
    ]
    for column in columns:
        why = _REASONS.get(column)
        if why is None:
            continue
        reader, reason = why
        findings += [
            Finding(column, text[:_MAX_SHOWN], n, _CHANGED if is_spoilt(text.strip()) else reason)
            for text, n in distinct(column)
            if _says_something(text) and not reader(text)
        ]
    return sorted(findings, key=lambda finding: (finding.column, -finding.records, finding.value))


def fault_of_udi(text: str) -> str | None:
    """Return what is wrong with a device identifier, or None.

    >>> fault_of_udi("00718175003306")
    'its check digit is wrong: it may prove a product, but clears none'
    """
    if clean(text) is None:
        return None
    try:
        udi = parse_udi(text)
    except UnreadableUdi:
        return "not a device identifier of GS1, HIBCC or ICCBBA; it counts as unknown"
    if udi.check is Check.WRONG:
        return "its check digit is wrong: it may prove a product, but clears none"
    if udi.doubts:
        return f"{', '.join(sorted(udi.doubts))} may be read otherwise; that counts as unknown"
    return None


def list_faulty_udis(
    counted: Iterable[tuple[str, int]], faults: Mapping[str, str]
) -> list[Finding]:
    """Return findings of device identifiers, the most frequent first."""
    found = [Finding("udi", text[:_MAX_SHOWN], n, faults[text]) for text, n in counted]
    return sorted(found, key=lambda finding: (-finding.records, finding.value))


def _says_something(text: str) -> bool:
    return clean(text) is not None or is_spoilt(text.strip())


def is_quantity(text: str) -> bool:
    """Whether a text is a number of units, zero or more."""
    try:
        return float(text.strip()) >= 0
    except ValueError:
        return False


_CHANGED = (
    "changed by a spreadsheet program, which takes it for a number or a date; it counts as "
    "missing. Export it again as text"
)
_NO_DAY = (
    "not an ISO day, month or year (2011-01-04, 2011-01, 2011), no such day, or a placeholder "
    "(1900-01-01); it counts as unknown"
)
_REASONS: dict[str, tuple[Callable[[str], object], str]] = {
    **dict.fromkeys(_DATE_COLUMNS, (read_days, _NO_DAY)),
    **dict.fromkeys(("model", "catalogue_no"), (read_model, _CHANGED)),
    "software_version": (
        read_version,
        "not surely a software version that can be ordered; it counts as unknown",
    ),
    "country": (read_country, "not a country code of ISO 3166 (US, FR); it counts as unknown"),
    "quantity": (is_quantity, "not a number of units; it counts as unknown"),
}
