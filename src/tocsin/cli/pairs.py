"""Options of the form NAME=VALUE."""

from collections.abc import Iterable

from tocsin.base.errors import UsageError


def read_pairs(option: str, form: str, texts: Iterable[str]) -> dict[str, str]:
    """Return the values of an option that is given once per name.

    Raises:
        UsageError: naming the option, the text and the form that was expected.
    """
    pairs = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not value.strip():
            raise UsageError(f"{option} {text!r} is not of the form {form}.")
        pairs[name.strip()] = value.strip()
    return pairs
