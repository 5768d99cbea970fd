"""The page that thanks for an answer: what it has changed, what to do, and what is asked next."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse

from tocsin.outreach.reply import PersonOutcome
from tocsin.services.answer_forms import AnswerForm
from tocsin.services.answers import KeptAnswer
from tocsin.services.public_notices import PublicNotice, released_notices
from tocsin.web.answer_asked import field_name
from tocsin.web.answer_questions import LetterQuestions
from tocsin.web.answer_words import contact_lines
from tocsin.web.pages import render_page

AGAIN = "again"
"""The field that shows the form once more with what was sent, and keeps nothing."""
_NOT_CARRIED = frozenset({"problem", "query", AGAIN})
"""What must not be told twice: each opens something of its own."""
_GRAVEST_FIRST = ("affected", "cannot_tell", "not_affected")


def thank(
    request: HttpRequest, page: LetterQuestions, kept: KeptAnswer, now_asked: AnswerForm
) -> HttpResponse:
    """Show what an answer has changed, and the way to what is asked next because of it.

    Args:
        request: the request.
        page: the letter's questions as they were when the answer was sent.
        kept: what was kept of it.
        now_asked: what the letter asks after that.
    """
    catalogue, form, posted = page.catalogue, page.form, page.posted
    worst = {
        key: min((each.now for each in verdicts), key=_GRAVEST_FIRST.index)
        for key, verdicts in kept.verdicts.items()
        if verdicts
    }
    outcome = posted["outcome"]
    # No steps where somebody has died, moved or is not known, nor where nothing is affected.
    now = [worst.get(device.key, device.verdict) for device in form.devices]
    is_theirs = outcome in {PersonOutcome.ANSWERS, PersonOutcome.REFUSES}
    is_cleared = bool(now) and set(now) == {_GRAVEST_FIRST[-1]}
    return render_page(
        request,
        catalogue.language,
        "answer/done.html",
        country=form.country,
        kept=kept,
        asked_next=_asked_next(form, kept, now_asked),
        carried=[each for each in posted.items() if each[0] not in _NOT_CARRIED],
        follows=[catalogue.say(page.own(f"answer_follow_{each}")) for each in kept.follows],
        hide_emergency=not form.is_for_patient,
        verdicts=[
            (
                device,
                verdict,
                catalogue.say(page.own(f"title_{verdict}")),
                catalogue.say(page.own(f"lead_{verdict}")),
            )
            for device in form.devices
            if (verdict := worst.get(device.key))
        ],
        todo=[page.words(text) for _, text in form.instructions if is_theirs and not is_cleared],
        lines=contact_lines(_public(form), form.country or None, datetime.now(tz=UTC))[0],
    )


def _asked_next(form: AnswerForm, kept: KeptAnswer, now_asked: AnswerForm) -> list[str]:
    """Return the fields of what is asked only because of what was told; empty if nothing is."""
    now = {each.key: each.asked_columns for each in now_asked.devices}
    return [
        field_name(column, place)
        for place, device in enumerate(form.devices)
        if device.key in kept.verdicts
        for column in now.get(device.key, ())
        if column not in device.asked_columns
    ]


def _public(form: AnswerForm) -> list[PublicNotice]:
    """Return the letter's notices as the public sees them, so far as it does."""
    released = released_notices()
    return [public for name in form.notices if (public := released.find(name))]
