"""Errors that a user can act on: one class per cause, each with a code and an exit code."""

from collections.abc import Iterator

from tocsin.base.errors import TocsinError, UsageError


def causes(error: type[TocsinError] = TocsinError) -> Iterator[type[TocsinError]]:
    yield error
    for cause in error.__subclasses__():
        yield from causes(cause)


def test_codes_are_stable_names_and_no_two_causes_share_one() -> None:
    codes = [cause.code for cause in causes()]
    assert len(set(codes)) == len(codes)
    assert all(code.isidentifier() and code.islower() for code in codes)


def test_exit_codes_are_those_of_every_command() -> None:
    assert {cause.exit_code for cause in causes()} <= {1, 2, 3, 130}
    assert UsageError.exit_code == 2


def test_the_sentence_is_the_text() -> None:
    error = TocsinError("What was found, and what to do.")
    assert str(error) == error.sentence == "What was found, and what to do."
