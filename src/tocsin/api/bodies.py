"""What is sent to us: JSON that is strictly JSON, and documents of any format, up to a size."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any, NoReturn, TypeVar

from django.http import HttpRequest
from ninja.parser import Parser

from tocsin.api.problems import BodyUnreadable, MediaTypeUnknown, too_large
from tocsin.base.errors import TocsinError

_AT_ONCE = 1 << 16
_MOST_DIGITS = 40
T = TypeVar("T")


class TextUnfit(TocsinError):
    """A text holds what no text can hold."""

    code = "text_unfit"


class StrictParser(Parser):
    """Reads JSON as RFC 8259 has it, for the framework."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the tree of a request's body.

        Raises:
            MediaTypeUnknown: if it is not said to be JSON.
            BodyUnreadable: if it is none, repeats a name, or is nested too deeply.
        """
        if request.content_type != "application/json":
            raise MediaTypeUnknown(
                f"The body is {(request.content_type or 'of no kind')[:80]!r}; application/json is "
                "read here. Nothing was changed."
            )
        return read_json(request.body)


def read_json(raw: bytes) -> Any:
    """Return the tree of a JSON text in UTF-8.

    Raises:
        BodyUnreadable: if it is none, repeats a name, holds a number that no computer has, or is
            nested too deeply.

    >>> read_json(b'{"a": [1, "b"], "c": 2.0, "d": 2.5}')
    {'a': [1, 'b'], 'c': 2, 'd': 2.5}
    """
    try:
        return json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_mapping,
            parse_constant=_no_constant,
            parse_int=_whole_number,
            parse_float=_number,
        )
    except UnicodeDecodeError as error:
        raise _unreadable(f"byte {error.start + 1} is no UTF-8") from error
    except json.JSONDecodeError as error:
        raise _unreadable(f"{error.msg}, line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise _unreadable("it is nested too deeply") from error


def checked_texts(tree: T) -> T:
    """Return a tree whose shape a service reads itself, if all its texts can be kept.

    Raises:
        TextUnfit: if one has a NUL, or half a character.

    >>> checked_texts({"a": ["b", 1]})
    {'a': ['b', 1]}
    """
    text = json.dumps(tree, ensure_ascii=False)
    if "\\u0000" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise TextUnfit(
            "A text holds a NUL or half a character, which cannot be kept. Nothing was changed."
        )
    return tree


def read_document(request: HttpRequest, most_bytes: int) -> bytes:
    """Return the raw body of a request.

    Raises:
        BodyTooLarge: if it has more bytes.
        BodyUnreadable: if it is empty, or ended before all of it was there.
    """
    return b"".join(read_chunks(request, most_bytes))


def read_chunks(request: HttpRequest, most_bytes: int) -> Iterator[bytes]:
    """Yield the raw body of a request piece by piece; it is never whole in memory.

    Raises:
        BodyTooLarge, BodyUnreadable: as `read_document`.
    """
    announced = int(request.META.get("CONTENT_LENGTH") or 0)
    if announced > most_bytes:
        raise too_large()
    n_read = 0
    while chunk := request.read(_AT_ONCE):
        n_read += len(chunk)
        if n_read > most_bytes:
            raise too_large()
        yield chunk
    if n_read == 0 or n_read < announced:
        raise _unreadable("it is empty, or ended too early")


def fingerprint(*parts: bytes) -> str:
    """Return the SHA-256 of all that a request says."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        raise _unreadable("a name stands twice in one object")
    return mapping


def _no_constant(name: str) -> NoReturn:
    raise _unreadable(f"{name} is no number of JSON")


def _number(text: str) -> int | float:
    """Return a number; 2.0 is the whole number 2, as JSON Schema says."""
    found = float(text)
    return int(found) if found.is_integer() else found


def _whole_number(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise _unreadable("a number has too many digits")
    return int(digits)


def _unreadable(why: str) -> BodyUnreadable:
    return BodyUnreadable(f"The body cannot be read as it should be: {why}. Nothing was changed.")
