"""A kept reason code in words: the sentence, what would settle it, and what an answer fills."""

from dataclasses import dataclass

from tocsin.base.truth import Truth
from tocsin.match.explain import (
    NO_EVIDENCE_QUESTION,
    NO_EVIDENCE_SENTENCE,
    DecidedReason,
    explain_reason,
    settling_question,
)
from tocsin.match.rules import ENTRY, NO_EVIDENCE, PRODUCT, SOFTWARE, How, parse_code
from tocsin.notice.model import Notice

_SETTLED_BY_NOBODY = frozenset({How.UNREAD, How.WITHHELD, How.NO_STATUS, How.UNREVIEWED})
_COLUMNS = {SOFTWARE: "software_version", PRODUCT: "model"}


@dataclass(frozen=True)
class ReasonWords:
    """A verdict's reason as people read it.

    Attributes:
        sentence: why it is so.
        question: what to ask so that a "cannot tell" is settled; empty for all else.
        column: the column that an answer fills; empty if no answer about the device can settle it.
    """

    sentence: str
    question: str = ""
    column: str = ""


def reason_words(notice: Notice | None, truth: Truth, entry_name: str, code: str) -> ReasonWords:
    """Return a verdict's reason in words.

    Args:
        notice: that decided; None for a record without product evidence, listed for all notices.
        truth: TRUE or UNKNOWN.
        entry_name: the deciding entry.
        code: the reason code, see `match.rules`.
    """
    if notice is None or code == NO_EVIDENCE:
        return ReasonWords(NO_EVIDENCE_SENTENCE, NO_EVIDENCE_QUESTION, "model")
    entry = next((each for each in notice.scope if each.entry == entry_name), None)
    parsed = parse_code(code)
    if parsed is None:
        plain = DecidedReason(notice, entry, truth, None, None, code == "excluded")
        return ReasonWords(explain_reason(plain))
    kind, how, by_exclusion = parsed
    reason = DecidedReason(notice, entry, truth, kind, how, by_exclusion)
    question = settling_question(reason)
    settled_by_answer = question and kind != ENTRY and how not in _SETTLED_BY_NOBODY
    column = _COLUMNS.get(kind, kind) if settled_by_answer else ""
    return ReasonWords(explain_reason(reason), question, column)
