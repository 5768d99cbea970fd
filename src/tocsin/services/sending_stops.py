"""The emergency stop of an organisation: no sender begins anything more, whatever is claimed."""

from datetime import datetime

from tocsin.services.dispatch_work import said
from tocsin.services.work import Work, service
from tocsin.store.models import SendingStop


@service
def read_sending_stop(work: Work) -> datetime | None:  # noqa: ARG001 - asks for rights only
    """Return since when all sending of the organisation is stopped; None if it is not.

    Right: everybody of the organisation but administrators.
    """
    found = SendingStop.objects.filter(ended_at__isnull=True).order_by("pk")
    return found.values_list("stopped_at", flat=True).first()


@service
def stop_sending(work: Work, reason: str) -> None:
    """Let nothing more of the organisation leave, at once. Right: releaser, operator.

    Every sender asks in the very statement that begins a message, so that a message which has not
    begun does not leave. Leaves sending_stopped.

    Raises:
        UsageError: if no reason is given.
    """
    told = said(reason)
    if SendingStop.objects.filter(ended_at__isnull=True).exists():
        work.leave_unchanged()
        return
    made = SendingStop.objects.create(stopped_at=work.now)
    work.record("sending_stopped", f"sendingstop:{made.pk}", reason=told)


@service
def end_sending_stop(work: Work, reason: str) -> None:
    """Let letters leave again. Right: releaser. Leaves sending_stop_ended.

    Raises:
        UsageError: if no reason is given.
    """
    told = said(reason)
    found = SendingStop.objects.filter(ended_at__isnull=True).first()
    if found is None:
        work.leave_unchanged()
        return
    found.ended_at = work.now
    found.save(update_fields=["ended_at"])
    work.record("sending_stop_ended", f"sendingstop:{found.pk}", reason=told)
