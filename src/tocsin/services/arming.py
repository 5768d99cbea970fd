"""Who may send letters from here: the installation's name, and the arming of its sender."""

from tocsin.services.work import Caller, Work, service
from tocsin.store.arming import (
    explain_disarmed,
    find_installation,
    remove_token,
    write_token,
)
from tocsin.store.home import find_home
from tocsin.store.models import Installation


@service
def register_installation(work: Work) -> None:
    """Give the database the name of its installation, unless it has one. Right: the console.

    Leaves installation_registered.
    """
    if Installation.objects.exists():
        work.leave_unchanged()
        return
    made = Installation.objects.create(created_at=work.now)
    work.record("installation_registered", f"installation:{made.uuid}")


@service
def raise_epoch(work: Work, event: str, reason: str) -> None:
    """Make every token that was written so far unfit. Right: the console.

    Leaves sender_armed or sender_disarmed.
    """
    row = find_installation()
    row.epoch += 1
    row.save(update_fields=["epoch"])
    work.record(event, f"installation:{row.uuid}", new={"epoch": row.epoch}, reason=reason)


def arm_sender(caller: Caller, reason: str) -> None:
    """Let letters be sent from this folder, machine and database. Right: the console.

    The token is written last: whoever is killed in between leaves a sender that is disarmed.
    """
    raise_epoch(caller, "sender_armed", reason)
    write_token(find_home(), caller.now.isoformat())


def disarm_sender(caller: Caller, reason: str) -> None:
    """Let no letter be sent from here. Right: the console.

    The token goes first: whoever is killed in between leaves a sender that is disarmed.
    """
    remove_token(find_home())
    raise_epoch(caller, "sender_disarmed", reason)


def read_arming() -> list[str]:
    """Return why nothing is sent from here, a clause each; none if the sender is armed."""
    return explain_disarmed(find_home())
