"""The demonstration that sends: each case in a store of its own, from the lists to the funnel.

Everything runs through the services that people use, and the sender that sends real letters; the
mail server is on this machine (`delivery.local_mailbox`), and its people are invented
(`services.demo_people`). The acts are dated a few hours back, so that no delay must be waited for.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import connection

from tocsin.cases.sample import CaseSample
from tocsin.delivery.local_mailbox import LocalMailbox, local_mailbox
from tocsin.outreach.channels import Channel
from tocsin.outreach.escalation import NEXT
from tocsin.services.action_matching import match_action
from tocsin.services.actions import open_action
from tocsin.services.conservation import read_conservation
from tocsin.services.demo_desk import release_and_start
from tocsin.services.demo_people import BEHAVIOUR, bounces_of, choose
from tocsin.services.demo_post import (
    Team,
    arm_demo,
    do_what_waits,
    hand_over,
    let_answer,
    point_mail_to,
    post_letters,
    send_mails,
    take_bounces,
)
from tocsin.services.demo_samples import import_tables
from tocsin.services.demo_users import make_demo_team
from tocsin.services.dispatches import read_sending
from tocsin.services.funnels import FUNNEL_COLUMNS, funnel_rows, read_funnel
from tocsin.services.kept_notices import add_notice
from tocsin.services.list_imports import add_registry
from tocsin.services.matching import rows_csv
from tocsin.services.samples import case_notices
from tocsin.services.sent_case import SentCase
from tocsin.store.models import (
    Complaint,
    ContactRepair,
    Dispatch,
    DispatchAttempt,
    PassedOn,
    WorkItem,
)
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for

Told = Callable[[str], None]
_BACK = timedelta(hours=3)


@contextmanager
def demo_team() -> Iterator[tuple[Team, LocalMailbox]]:
    """Fill an empty store with users, and run a mail server beside it until the block ends."""
    with local_mailbox() as mailbox:
        point_mail_to(mailbox.port)
        now = datetime.now(tz=UTC) - _BACK
        team = make_demo_team(now)
        arm_demo(now)
        yield team, mailbox
    connection.close()


def send_case(
    sample: CaseSample, team: Team, mailbox: LocalMailbox, seed: int, told: Told
) -> SentCase:
    """Send the letters of a case's first notice, let people answer, and return what came of it."""
    case, name = sample.case, f"case {sample.case.upper()}"
    told(f"{name}: importing into the store")
    registry = f"Case {case.upper()}"
    add_registry(team[Role.OPERATOR], registry)
    import_tables(sample, registry, team[Role.OPERATOR])
    told(f"{name}: notice, action, match")
    notice = case_notices(case)[0]
    add_notice(team[Role.AUTHOR], notice, f"case_{case}.yaml")
    action = open_action(team[Role.AUTHOR], notice.title, [notice.notice], [registry])
    match_action(team[Role.AUTHOR], action)
    told(f"{name}: letters, signatures")
    languages = {str(each) for each in sample.holders["language"].unique().to_pylist() if each}
    release_and_start(action, case, team, languages)
    told(f"{name}: writing and sending mails")
    rng = np.random.default_rng([seed, ord(case)])
    do_what_waits()
    mails = send_mails(mailbox)
    told(f"{name}: what comes back")
    bounced = choose(rng, mails, BEHAVIOUR.bounces)
    take_bounces(team, list(bounces_of(rng, bounced)))
    post_letters(team, action)
    hand_over(rng, team, action)
    told(f"{name}: answers")
    back = {mail.recipient for mail in bounced}
    let_answer(rng, [mail for mail in mails if mail.recipient not in back])
    send_mails(mailbox)  # the letters that answers have made the right ones
    told(f"{name}: the funnel")
    return _look(action, team)


def _look(action: int, team: Team) -> SentCase:
    """Return what the store holds of an action now."""
    auditor = team[Role.AUDITOR]
    states = read_sending(auditor, action).by_state
    ways = {f"{way}: {state.replace('_', ' ')}": n for (way, state), n in sorted(states.items())}
    with acting_for(auditor.organisation_id):
        mine = {"action_id": action}
        asked = {
            **_handed_over(action),
            "letters that an answer made the next ones": Dispatch.objects.filter(
                purpose=NEXT, **mine
            ).count(),
            "problems told, each a complaint": Complaint.objects.filter(**mine).count(),
            "devices passed on": PassedOn.objects.filter(**mine).count(),
            "items for a person": WorkItem.objects.filter(**mine).count(),
            "contacts to repair": ContactRepair.objects.filter(**mine).count(),
        }
    view, faults = read_funnel(auditor, action), read_conservation(auditor, action).faults
    return SentCase(
        view.whole,
        view.splits["audience"],
        rows_csv(FUNNEL_COLUMNS, funnel_rows(view)),
        ways | asked,
        [str(fault) for fault in faults],
        BEHAVIOUR.sentences(),
    )


def _handed_over(action: int) -> dict[str, int]:
    """Return how many letters clinics have handed over and confirmed; empty if none waits there."""
    if not Dispatch.objects.filter(action_id=action, channel=str(Channel.CLINIC)).exists():
        return {}
    noted = DispatchAttempt.objects.filter(dispatch__action=action)
    return {
        "letters that a clinic has handed over": noted.filter(outcome="hand_over").count(),
        "of these, confirmed by the clinic": noted.filter(outcome="confirm").count(),
    }
