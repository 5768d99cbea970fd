"""What a device identifier says, in words."""

from collections.abc import Iterator

from tocsin.base.errors import TocsinError
from tocsin.identify.udi.text import Check, Udi, UnreadableUdi, parse_udi

_WORDS = {
    "di": "Device identifier (DI)",
    "agency": "Issued under the rules of",
    "lot": "Lot",
    "serial": "Serial number",
    "made_on": "Made on",
    "expires_on": "Expires on",
    "software_version": "Software version",
    "donation_id": "Donation",
}
_CHECKS = {
    Check.RIGHT: "right",
    Check.WRONG: "WRONG: something was mistyped or misread; read the label again",
    Check.NONE: "none: this kind of identifier has no check digit",
}
_MAX_SHOWN = 100


class IdentifierUnreadable(TocsinError):
    """A text is no device identifier."""

    code = "udi_unreadable"


def explain_identifier(text: str) -> list[str]:
    """Return sentences that tell what a bar code says.

    Rights: none; nothing is stored. Raises `IdentifierUnreadable`.
    """
    try:
        udi = parse_udi(text)
    except UnreadableUdi as error:
        raise IdentifierUnreadable(
            f"{text[:_MAX_SHOWN]!r} cannot be read as a device identifier of GS1, HIBCC or ICCBBA. "
            "Type or scan all of the bar code, with its brackets or signs, as it is printed."
        ) from error
    return list(_lines(udi))


def _lines(udi: Udi) -> Iterator[str]:
    for name, words in _WORDS.items():
        value = getattr(udi, name)
        if value is None:
            continue
        doubt = "  (in doubt: decides nothing)" if name in udi.doubts else ""
        yield f"{words}: {value}{doubt}"
    if udi.di is None:
        yield "Device identifier (DI): none; this is a secondary bar code. Read the other one, too."
    yield f"Check digit: {_CHECKS[udi.check]}."
    if "software_version" in udi.doubts and udi.software_version:
        yield (
            "The lot is written like a software version, as some makers of software do. Ask the "
            "maker, or look at the device."
        )
