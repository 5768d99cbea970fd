"""HIBCC identifiers: primary, secondary and concatenated HIBC bar codes.

``+`` labeller (4) product (1 to 18) unit (1) opens a primary code, a further ``/`` a
secondary part. The DI is what stands between ``+`` and the first ``/`` or the check
character. Source: ANSI/HIBC 2.6. A text that begins with ``+/`` labels patients and
providers (ANSI/HIBC 1.3), never a device.
"""

import re
from dataclasses import replace

from tocsin.identify.udi.hibc_check import Checked, is_hibc_text, split_check
from tocsin.identify.udi.hibc_secondary import Secondary, parse_secondary
from tocsin.identify.udi.parts import PARTS, Agency, Check, Udi, UnreadableUdi

_PRIMARY = re.compile(r"[A-Z][A-Z0-9]{3}[A-Z0-9]{1,18}[0-9]")
_OPENS_SECONDARY = re.compile("[$0-9]")
_TWO_CODES = re.compile(r"(\+[A-Z][A-Z0-9]{3}[A-Z0-9]{1,18}[0-9].?)\s*(\+[$0-9].+)", re.DOTALL)


def parse_hibc(text: str) -> Udi:
    """Return what an HIBC text says; a primary code may be followed by its secondary one.

    A wrong check character is flagged; it says that some character is wrong, so that every
    number and date is in doubt. A secondary code alone names no device: its DI is None.

    Raises:
        UnreadableUdi: if it is not built as a device's HIBC code is.
    """
    text = text.strip("\r\n\t").lstrip()
    if text.startswith("*") and text.endswith("*"):
        text = text[1:-1]  # how Code 39 prints its start and its end
    two = _TWO_CODES.fullmatch(text)
    if two is None:
        return _parse_code(text)
    primary, secondary = (_parse_code(code) for code in two.groups())
    wrong = Check.WRONG in {primary.check, secondary.check}
    linked = split_check(two[1]).character == _link_of(two[2])
    return replace(
        secondary,
        di=primary.di,
        check=Check.WRONG if wrong else Check.RIGHT,
        doubts=secondary.doubts if linked and not wrong else secondary.doubts | PARTS,
    )


def _link_of(secondary: str) -> str:
    return split_check(secondary).body[-1:]


def _parse_code(text: str) -> Udi:
    if not is_hibc_text(text.removesuffix("_")) or text.startswith("+/"):
        raise UnreadableUdi(text)
    checked = split_check(text)
    try:
        udi = _parse_body(checked.body)
    except UnreadableUdi:
        if checked.other_body is None:
            raise
        return _parse_body(checked.other_body)
    if not checked.right:
        return replace(udi, check=Check.WRONG, doubts=udi.doubts | PARTS)
    return replace(udi, doubts=udi.doubts | _parts_that_differ(udi, checked))


def _parts_that_differ(udi: Udi, checked: Checked) -> set[str]:
    """Return what would read otherwise if the check character was a space that got lost."""
    if checked.other_body is None:
        return set()
    try:
        other = _parse_body(checked.other_body)
    except UnreadableUdi:
        return set()
    return {name for name in PARTS | {"di"} if getattr(udi, name) != getattr(other, name)}


def _parse_body(body: str) -> Udi:
    """Return what a code without its check character says."""
    first, *segments = body[1:].split("/")
    if _PRIMARY.fullmatch(first):
        if segments == [""]:
            raise UnreadableUdi(body)
        return _udi(first, parse_secondary(segments))
    if not _OPENS_SECONDARY.match(first):
        raise UnreadableUdi(body)
    # A secondary code alone ends with a link: the check character of its primary code.
    return _udi(None, parse_secondary(body[1:-1].split("/")))


def _udi(di: str | None, found: Secondary) -> Udi:
    return Udi(
        di=di,
        agency=Agency.HIBCC,
        check=Check.RIGHT,
        lot=found.lot,
        serial=found.serial,
        made_on=found.made_on,
        expires_on=found.expires_on,
        doubts=frozenset(found.doubts),
    )
