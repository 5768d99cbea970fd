"""The types of what is sent to us: how long, how large, which characters.

They stand in the OpenAPI document as they are checked here, so that other software can know
before it asks. Control characters are refused, but for the breaks in longer texts.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, Field

_LINE = r"^[^\x00-\x1f\x7f]*$"
_LINES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"

_BEGINS_WITH_DAY = re.compile(r"\d{4}-\d{2}-\d{2}[T ]")


def _check_written(value: object) -> object:
    """Refuse a bare number, which would be read as seconds since 1970."""
    if isinstance(value, str) and not _BEGINS_WITH_DAY.match(value):
        raise ValueError("write it as 2026-11-21T09:00:00Z")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_check_written)]
Id = Annotated[int, Field(ge=1, le=2**63 - 1, examples=[17])]
ClinicRegistry = Annotated[int, Field(ge=0, le=2**63 - 1, description="0: no clinic is known.")]
Number = Annotated[int, Field(ge=1, le=2**31 - 1, examples=[2])]
Line = Annotated[str, Field(min_length=1, max_length=300, pattern=_LINE)]
Word = Annotated[str, Field(min_length=1, max_length=80, pattern=_LINE)]
OptionalLine = Annotated[str, Field(max_length=300, pattern=_LINE)]
Lines = Annotated[str, Field(min_length=1, max_length=2000, pattern=_LINES)]
OptionalLines = Annotated[str, Field(max_length=2000, pattern=_LINES)]
Day = Annotated[
    date,
    Field(
        strict=False,
        ge=date(1990, 1, 1),
        le=date(2099, 12, 31),
        json_schema_extra={"pattern": r"^(199[0-9]|20[0-9]{2})-"},
    ),
]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", examples=["0" * 64])]
Uuid = Annotated[
    str,
    Field(
        pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
        examples=["3f0c2a52-6d1e-4d6b-9a3f-0a4b5c6d7e8f"],
    ),
]
NoticeName = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:()-]{0,119}$", examples=["animas-cartridge-2011"]),
]
Key = Annotated[
    str,
    Field(pattern=r"^[!-~]{1,255}$", examples=["8e03978e-40d5-43e8-bc93-6894a57f9324"]),
]
KEY_TOLD = (
    "A name of your own for this request, such as a random UUID. Sent again with the same key "
    "within 24 hours, it is not carried out again: you get its first reply."
)
Code = Annotated[str, Field(pattern=r"^[0-9]{6}$", examples=["492039"])]
CODE_TOLD = (
    "The code that the token's user sees in their authenticator app now: what is signed needs one, "
    "given for this very request."
)
Limit = Annotated[int, Field(ge=1, le=500)]
Cursor = Annotated[str, Field(max_length=500, pattern=r"^[!-~]*$")]
FILE_NAME_TOLD = "What the document is called; its ending says which format it has."

BY_NAME: Mapping[str, Any] = {
    "reason": Lines,
    "purpose": Lines,
    "subject": Word,
    "person_id": Uuid,
    "seen_sha256": Sha256,
    "manifest_sha256": Sha256,
}
"""The types of arguments that are called so, wherever they occur."""
