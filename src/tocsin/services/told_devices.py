"""What an answer tells of devices: their records say it at once, unless it is in doubt."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from django.db import transaction

from tocsin.base.errors import TocsinError
from tocsin.base.verdict import Verdict
from tocsin.outreach.reply import Reply
from tocsin.registry.schema import COLUMNS
from tocsin.services.answer_forms import AnswerForm, form_of
from tocsin.services.asked_devices import AskedDevice, is_known_product
from tocsin.services.triage import (
    DeviceAnswer,
    NewVerdict,
    Told,
    leave_triage_answered,
    let_record_say,
)
from tocsin.services.work import Work
from tocsin.store.models import Acknowledgement, Recipient


class _Doubtful(TocsinError):
    """What was told would clear a device, but not surely: a person looks first."""

    code = "answer_doubtful"


def settle_told(
    work: Work, row: Acknowledgement, reply: Reply, form: AnswerForm
) -> tuple[dict[str, tuple[NewVerdict, ...]], bool]:
    """Let the records say what was told of devices; return the verdicts, and if something waits."""
    verdicts: dict[str, tuple[NewVerdict, ...]] = {}
    waits = False
    for device in form.devices:
        told = reply.devices[device.key].columns() if device.key in reply.devices else {}
        if not told:
            continue
        try:
            with transaction.atomic():
                done = _let_say_all(work, row, device, told, form.audience)
        except TocsinError:  # an import is under way, the list changed, or it is in doubt
            waits = True
            continue
        for each in done:
            leave_triage_answered(work, row.action, each)
            verdicts[device.key] = _from_first_to_last(verdicts.get(device.key, ()), each.verdicts)
    return verdicts, waits or _is_still_asked(row.recipient, reply, verdicts)


def _let_say_all(
    work: Work, row: Acknowledgement, device: AskedDevice, told: Mapping[str, str], audience: str
) -> list[Told]:
    """Let a record say all that was told of it.

    Raises:
        TocsinError: if it cannot, or if what was told would clear it without saying so surely.
    """
    done = [
        let_record_say(
            row.action,
            DeviceAnswer(
                device.device_id,
                column,
                told[column],
                "patient" if audience == "patient" else "clinic",
                f"answer {row.pk}, by {row.channel}",
                device.registry_name,
            ),
            work.now,
        )
        for column in sorted(told, key=[*COLUMNS, *sorted(told)].index)
    ]
    changes = _from_first_to_last(done[0].verdicts, done[-1].verdicts)
    cleared = [each for each in changes if each.was != each.now == Verdict.NOT_AFFECTED]
    is_known = all(is_known_product(*each, device.product) for each in told.items())
    if any(each.was == Verdict.AFFECTED for each in cleared) or (cleared and not is_known):
        raise _Doubtful("What was told would clear the device, but not surely. A person looks.")
    return done


def _is_still_asked(
    recipient: Recipient, reply: Reply, verdicts: Mapping[str, tuple[NewVerdict, ...]]
) -> bool:
    """Whether something that was told is asked as before: it did not settle what it was to."""
    if not any(each.now == Verdict.CANNOT_TELL for some in verdicts.values() for each in some):
        return False
    return any(
        set(reply.devices[device.key].columns()) & {*asked.fills}
        for device in form_of(recipient).devices
        if device.key in verdicts
        for asked in device.asked
    )


def _from_first_to_last(
    before: Iterable[NewVerdict], after: Iterable[NewVerdict]
) -> tuple[NewVerdict, ...]:
    """Return what two answers about one device have made of its verdicts together."""
    was = {each.notice: each.was for each in before}
    return tuple(replace(each, was=was.get(each.notice, each.was)) for each in after)
