"""Which page of a check comes next, and which came before."""

from tocsin.registry.record import read_udi
from tocsin.registry.schema import FACT_PREFIX
from tocsin.services.device_check import open_questions
from tocsin.services.public_notices import ReleasedNotices
from tocsin.web.stated import (
    COUNTRY_NOW,
    DEVICE,
    MAKER,
    UDI,
    VALUE_COLUMNS,
    Stated,
    device_row,
    has_told_device,
)

REVIEW = "review"
ANSWER = "answer"


def next_step(stated: Stated, released: ReleasedNotices) -> str:
    """Return the next page: what is still needed, else the review of all answers."""
    if COUNTRY_NOW not in stated:
        return COUNTRY_NOW
    if not _is_named_by_udi(stated, released):
        if MAKER not in stated:
            return MAKER
        if not has_told_device(stated):
            return DEVICE
    questions = open_questions(device_row(stated), released)
    return questions[0].column if questions else REVIEW


def asked_steps(stated: Stated) -> list[str]:
    """Return the pages that were answered, in their order."""
    steps = [step for step in (COUNTRY_NOW, UDI, MAKER) if step in stated]
    if has_told_device(stated):
        steps.append(DEVICE)
    steps += [column for column in VALUE_COLUMNS if column in stated]
    return steps + sorted(key for key in stated if key.startswith(FACT_PREFIX))


def step_before(step: str, stated: Stated) -> str | None:
    """Return the page before one; None if it is the first."""
    if step == ANSWER:
        return REVIEW
    if step == UDI:
        return MAKER
    asked = asked_steps(stated)
    earlier = asked[: asked.index(step)] if step in asked else asked
    return earlier[-1] if earlier else None


def is_step(step: str) -> bool:
    """Whether there is a page of this name."""
    return step in {COUNTRY_NOW, MAKER, UDI, DEVICE, REVIEW, ANSWER, *VALUE_COLUMNS} or (
        step.startswith(FACT_PREFIX)
    )


def _is_named_by_udi(stated: Stated, released: ReleasedNotices) -> bool:
    """Whether the bar code alone tells the product of a notice, so that nothing is asked twice."""
    udi = read_udi(stated.get(UDI))
    return udi is not None and any(
        udi.di in entry.product.dis for public in released.notices for entry in public.notice.scope
    )
