"""What leaves the demonstration, and what comes back: by the services that people and workers use.

The mail server is on this machine and delivers nothing (`delivery.local_mailbox`).
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from tocsin.delivery.local_mailbox import LocalMailbox, TakenMail
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState
from tocsin.services.answer_forms import answer_caller, read_answer_form
from tocsin.services.answers import keep_answer
from tocsin.services.arming import arm_sender
from tocsin.services.demo_only import check_demo
from tocsin.services.demo_people import BEHAVIOUR, choose, reply_to, token_of
from tocsin.services.failed_dispatches import follow_up_failure, unfollowed
from tocsin.services.hand_deliveries import note_clinic, note_letters
from tocsin.services.heard_back import keep_notifications
from tocsin.services.installation import console_caller
from tocsin.services.job_runs import run_next
from tocsin.services.sending import Sender
from tocsin.services.work import WORKER, Caller
from tocsin.store.home import find_home
from tocsin.store.models import Dispatch
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for

Team = dict[Role, Caller]
_ANSWERED_AFTER = timedelta(hours=1)
_POSTED_AT_ONCE = 500


def point_mail_to(port: int) -> None:
    """Name a port of this machine as the relay. Only in the demonstration."""
    check_demo()
    (find_home().folder / "settings.toml").write_text(
        f'[mail]\nhost = "127.0.0.1"\nport = {port}\n'
        'sender = "safety@maker.example"\nsender_name = "Product safety"\n'
    )


def arm_demo(now: datetime) -> None:
    """Arm the sender of the demonstration, whose mail stays on this machine."""
    check_demo()
    arm_sender(replace(console_caller(), now=now), "the demonstration: all stays here")


def do_what_waits() -> None:
    """Do all jobs that wait, such as those that write mails."""
    while run_next(lambda _claim: None):
        pass


def send_mails(mailbox: LocalMailbox) -> list[TakenMail]:
    """Send what may leave; return what the server has taken by it."""
    n_before = len(mailbox.mails)
    sender = Sender(lambda: False)
    try:
        while sender.send_some():
            pass
    finally:
        sender.close()
    return mailbox.mails[n_before:]


def take_bounces(team: Team, notifications: list[bytes]) -> None:
    """Read notifications back, and see to every failure as the worker does."""
    operator = team[Role.OPERATOR]
    for start in range(0, len(notifications), 100):
        keep_notifications(operator, notifications[start : start + 100])
    worker = Caller(WORKER, operator.organisation_id, frozenset(), operator.now)
    for pk in list(unfollowed().order_by("pk").values_list("pk", flat=True)):
        follow_up_failure(worker, pk)


def post_letters(team: Team, action: int) -> None:
    """Note that the print house has posted what waits to be posted."""
    operator = team[Role.OPERATOR]
    with acting_for(operator.organisation_id):
        rows = Dispatch.objects.filter(
            action_id=action, channel=str(Channel.LETTER), state=str(DispatchState.QUEUED)
        )
        waiting = list(rows.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(waiting), _POSTED_AT_ONCE):
        some = waiting[start : start + _POSTED_AT_ONCE]
        for event in ("printed", "posted"):
            note_letters(operator, action, event, some)


def hand_over(rng: np.random.Generator, team: Team, action: int) -> None:
    """Let clinics hand over the letters of those who have come to a visit, and confirm most."""
    operator = team[Role.OPERATOR]
    with acting_for(operator.organisation_id):
        rows = Dispatch.objects.filter(
            action_id=action, channel=str(Channel.CLINIC), state=str(DispatchState.QUEUED)
        )
        waiting = list(rows.order_by("pk").values_list("pk", flat=True))
    came = choose(rng, waiting, BEHAVIOUR.visits)
    for event, some in (("hand_over", came), ("confirm", choose(rng, came, BEHAVIOUR.confirms))):
        for dispatch in some:
            note_clinic(operator, dispatch, event)


def let_answer(rng: np.random.Generator, mails: list[TakenMail]) -> None:
    """Let a share of those who got a mail open its link and answer."""
    for mail in choose(rng, mails, BEHAVIOUR.answers):
        token = token_of(mail)
        holder = answer_caller(token, datetime.now(tz=UTC) - _ANSWERED_AFTER)
        keep_answer(holder, token, reply_to(rng, read_answer_form(holder, token)))
