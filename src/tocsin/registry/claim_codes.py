"""Codes on claims: the kind of device that a code speaks of, and what a claim can prove."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

from tocsin.base.provenance import Source
from tocsin.identify.data_file import data_folder, load_data_file

_LEVEL_TWO = re.compile(r"[A-Z][0-9]{4}")
_NDC = re.compile(r"(\d{4,5})-(\d{3,4})-(\d{1,2})")
_BILLED = re.compile(r"([A-Z0-9][0-9]{3}[A-Z0-9])(?:[- ,:].*|[A-Z0-9]{2})?")
UNKNOWN_KIND = "unknown"


class _Kind(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    device: dict[str, str]
    supply: dict[str, str]


class _CodeFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    source: Source
    kinds: dict[str, _Kind]
    device_letters: str


@dataclass(frozen=True)
class ClaimCode:
    """What a code stands for.

    Attributes:
        kind: the kind of device; `UNKNOWN_KIND` for a code that we do not know; empty if it
            stands for a service, or if there is no code.
        role: whether the code bills the device itself or what is used with it.
    """

    kind: str
    role: Literal["device", "supply", ""] = ""


@cache
def _known() -> tuple[dict[str, ClaimCode], str]:
    read = load_data_file(data_folder("tocsin.registry") / "hcpcs.yaml", _CodeFile)
    codes: dict[str, ClaimCode] = {}
    for kind, listed in read.kinds.items():
        codes |= {code: ClaimCode(kind, "device") for code in listed.device}
        codes |= {code: ClaimCode(kind, "supply") for code in listed.supply}
    return codes, read.device_letters


def read_claim_code(text: str | None) -> ClaimCode:
    """Return what a HCPCS code, with or without modifiers, stands for.

    An unknown code of a device, and a text that is no code, may be any device; a code of a
    service is none.

    >>> read_claim_code("e0784-NU").kind, read_claim_code("99213").kind, read_claim_code("E9999")
    ('insulin-pump', '', ClaimCode(kind='unknown', role=''))
    """
    if text is None or not text.strip():
        return ClaimCode("")
    found = _BILLED.fullmatch(text.strip().upper())
    if found is None:
        return ClaimCode(UNKNOWN_KIND)
    code, (codes, letters) = found[1], _known()
    if code in codes:
        return codes[code]
    if _LEVEL_TWO.fullmatch(code) and code[0] not in letters:
        return ClaimCode("")
    return ClaimCode("" if code[0].isdigit() else UNKNOWN_KIND)


def is_claim_code(text: str) -> bool:
    """Return whether a text looks like a HCPCS code of a device or a service.

    >>> is_claim_code("A4232"), is_claim_code("A423")
    (True, False)
    """
    found = _BILLED.fullmatch(text.strip().upper())
    return bool(found and _LEVEL_TWO.fullmatch(found[1]))


def plain_ndc(text: str) -> str:
    """Return a National Drug Code with 11 digits and no hyphens; without hyphens as it is.

    Source: 45 CFR 162.1002: claims pad the shorter parts with zeros to 5, 4 and 2 digits.

    >>> plain_ndc("8508-2000-05"), plain_ndc("08508 2000 05")
    ('08508200005', '08508200005')
    """
    bare = "".join(text.split())
    if found := _NDC.fullmatch(bare):
        maker, product, package = found.groups()
        return f"{maker:0>5}{product:0>4}{package:0>2}"
    return bare
