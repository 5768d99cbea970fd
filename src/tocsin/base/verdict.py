"""The answer about one device record and one notice: never a bool."""

from enum import StrEnum

from tocsin.base.truth import Truth


class Verdict(StrEnum):
    """The three answers, in the words that users read."""

    AFFECTED = "affected"
    NOT_AFFECTED = "not_affected"
    CANNOT_TELL = "cannot_tell"


_BY_TRUTH = {
    Truth.TRUE: Verdict.AFFECTED,
    Truth.FALSE: Verdict.NOT_AFFECTED,
    Truth.UNKNOWN: Verdict.CANNOT_TELL,
}


def verdict_of(truth: Truth) -> Verdict:
    """Return the verdict for the truth of "this record is in scope"."""
    return _BY_TRUTH[truth]
