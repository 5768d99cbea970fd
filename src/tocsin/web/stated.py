"""What a person has told on the pages of a check, carried from page to page in the form itself.

Nothing of it is stored, put into an address or into a cookie: every page sends all answers again.
A key with an empty value is "I don't know", and is not asked again.
"""

from collections.abc import Iterator, Mapping

from tocsin.registry.schema import COLUMNS, DAY_COLUMNS, FACT_PREFIX

CARRIED = "a."
"""What the names of carried answers begin with in a form."""
COUNTRY_NOW = "country_now"
MAKER = "manufacturer"
UDI = "udi"
DEVICE = "device"
DEVICE_COLUMNS = ("product", "model", "catalogue_no")
VALUE_COLUMNS = ("software_version", "lot", "serial", *DAY_COLUMNS, "country")
_ASKED = (COUNTRY_NOW, MAKER, UDI, *DEVICE_COLUMNS, *VALUE_COLUMNS)
_LONGEST = {UDI: 1000}
_LONGEST_OTHERS = 200
_MOST_FACTS = 20

Stated = Mapping[str, str]


def read_stated(posted: Mapping[str, str]) -> dict[str, str]:
    """Return the answers that a form carries; what is none of ours, or too long, is left out."""
    found = {}
    for name, value in posted.items():
        key = name.removeprefix(CARRIED)
        if name != key and is_asked(key) and len(value) <= longest(key):
            found[key] = value
    facts = [key for key in found if key.startswith(FACT_PREFIX)]
    return {key: value for key, value in found.items() if key not in facts[_MOST_FACTS:]}


def is_asked(key: str) -> bool:
    """Whether a page asks for something of this name."""
    return key in _ASKED or (key.startswith(FACT_PREFIX) and len(key) <= 80)


def longest(key: str) -> int:
    """Return the greatest length of an answer."""
    return _LONGEST.get(key, _LONGEST_OTHERS)


def carried(stated: Stated) -> Iterator[tuple[str, str]]:
    """Yield the names and values of the hidden fields that carry the answers."""
    for key, value in stated.items():
        yield CARRIED + key, value


def device_row(stated: Stated) -> dict[str, str | None]:
    """Return the answers as the row of a registry that the engine reads."""
    return {
        key: value for key, value in stated.items() if key in COLUMNS or key.startswith(FACT_PREFIX)
    }


def has_told_device(stated: Stated) -> bool:
    """Whether the page about the device was answered, "I don't know" included."""
    return any(column in stated for column in DEVICE_COLUMNS)


def with_answer(stated: Stated, step: str, answer: Stated) -> dict[str, str]:
    """Return the answers with those of one page; a change drops what was asked because of it."""
    changed = any(stated.get(key) != value for key, value in answer.items())
    dropped: set[str] = set()
    if step == MAKER and changed and MAKER in stated:
        dropped = {*DEVICE_COLUMNS, *_after_device(stated)}
    if step == DEVICE:
        dropped = set(DEVICE_COLUMNS)
        if changed and has_told_device(stated):
            dropped |= _after_device(stated)
    kept = {key: value for key, value in stated.items() if key not in dropped}
    return {**kept, **answer}


def _after_device(stated: Stated) -> set[str]:
    return {key for key in stated if key in VALUE_COLUMNS or key.startswith(FACT_PREFIX)}
