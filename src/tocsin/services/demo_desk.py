"""The demonstration behind the log-in: the golden cases in an organisation of their own.

Everything is made by the services that people use, in the order in which they would: users,
registries, notices, actions, matches, signatures. Only the signatures' proofs are made here,
without waiting for codes; so nothing of it runs outside the demonstration (`services.demo_only`).
"""

import os
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta
from shutil import rmtree

import numpy as np
from django.db import connection

from tocsin.delivery.local_mailbox import LocalMailbox, local_mailbox
from tocsin.services.action_course import start_action
from tocsin.services.action_matching import match_action
from tocsin.services.actions import open_action
from tocsin.services.demo_letters import lock_case_letters
from tocsin.services.demo_mail import MOST, keep_mail, mail_folder
from tocsin.services.demo_only import check_demo
from tocsin.services.demo_people import BEHAVIOUR, bounces_of, choose
from tocsin.services.demo_post import (
    arm_demo,
    do_what_waits,
    let_answer,
    point_mail_to,
    send_mails,
    take_bounces,
)
from tocsin.services.demo_samples import SEED, import_sample
from tocsin.services.demo_users import make_demo_team
from tocsin.services.kept_notices import add_notice, add_notice_revision
from tocsin.services.letter_release import (
    read_letter_preview,
    release_letters,
    review_letters,
)
from tocsin.services.list_imports import add_registry
from tocsin.services.plans import lay_out_plan
from tocsin.services.public_notices import DEMO_LOADED
from tocsin.services.samples import CASES, case_notices
from tocsin.services.scope_release import read_scope_preview, release_scope, review_scope
from tocsin.services.work import Caller
from tocsin.store.home import find_home
from tocsin.store.proofs import make_proof
from tocsin.store.roles import Role
from tocsin.store.tables.proof import ProofMethod

Told = Callable[[str], None]
Team = dict[Role, Caller]
ONE_HOLDER_IN = {"a": 6, "b": 40, "c": 1}
"""Case B has half a million records: the demonstration begins with every 40th of its holders, and
with every sixth of case A's, whose mails it sends."""
_HEARD_OF = 100
TITLES = {
    "a": "MiniMed 508 and Paradigm: security recall",
    "b": "Animas cartridges: leaking lots",
    "c": "MiniMed implantable pump: discontinuation",
}
REGISTRIES = {"a": "Pump patients", "b": "Cartridge customers", "c": "Implanted pumps"}
CASES_VARIABLE = "TOCSIN_DEMO_CASES"
"""Which of them are loaded, such as "a c"; unset: all."""
PLAN_COUNTRIES = ("BE", "FR", "NL", "SE")
_BEGUN = "demo.begun"
_BACK = timedelta(hours=3)
"""So far back all acts are dated, so that no delay must be waited for."""


def discard_half_loaded() -> bool:
    """Remove the database of a demonstration whose loading was interrupted; return whether."""
    check_demo()
    home = find_home()
    if not (home.folder / _BEGUN).exists():
        return False
    connection.close()
    for path in [*home.folder.glob(f"{home.database.name}*"), home.anchors]:
        path.unlink(missing_ok=True)
    rmtree(mail_folder(), ignore_errors=True)
    return True


def is_loaded() -> bool:
    """Whether the demonstration is whole."""
    return (find_home().folder / DEMO_LOADED).exists()


def load_demo(now: datetime, told: Told) -> None:
    """Fill an empty demonstration.

    Args:
        now: the time, with its zone.
        told: is called with what is being done, before it is done.
    """
    check_demo()
    folder = find_home().folder
    (folder / _BEGUN).touch()
    told("users, one for each role")
    begun = now - _BACK
    team = make_demo_team(begun)
    arm_demo(begun)
    wanted = os.environ.get(CASES_VARIABLE, " ".join(CASES)).lower().split()
    for case in (case for case in CASES if case in wanted):
        _load_case(case, team, told)
    (folder / DEMO_LOADED).touch()


def _load_case(case: str, team: Team, told: Told) -> None:
    name = f"case {case.upper()}"
    told(f"{name}: registry and holders")
    add_registry(team[Role.OPERATOR], REGISTRIES[case])
    import_sample(case, REGISTRIES[case], team[Role.OPERATOR], one_holder_in=ONE_HOLDER_IN[case])
    told(f"{name}: notice, action, match")
    first, *later = case_notices(case)
    author = team[Role.AUTHOR]
    add_notice(author, first, f"case_{case}.yaml")
    action = open_action(author, TITLES[case], [first.notice], [REGISTRIES[case]])
    match_action(author, action)
    if case == "a":
        told(f"{name}: signatures, start")
        with local_mailbox() as mailbox:
            point_mail_to(mailbox.port)
            release_and_start(action, case, team)
            told(f"{name}: mails, and what comes back")
            _send(team, mailbox)
    if case == "c":
        told(f"{name}: plan")
        lay_out_plan(author, action, "dhpc", author.now.date(), PLAN_COUNTRIES)
    for notice in later[:1]:  # the last revision is left for whoever tries the demonstration
        add_notice_revision(author, notice, f"case_{case}_revision_{notice.revision}.yaml")
        match_action(author, action)


def _send(team: Team, mailbox: LocalMailbox) -> None:
    """Send the mails of an action into the demonstration's mailbox; some come back, some answer."""
    rng = np.random.default_rng(SEED)
    do_what_waits()
    mails = send_mails(mailbox)
    for mail in mails[-MOST:]:
        keep_mail(mail.content)
    heard = mails[:_HEARD_OF]
    bounced = choose(rng, heard, BEHAVIOUR.bounces)
    take_bounces(team, list(bounces_of(rng, bounced)))
    back = {mail.recipient for mail in bounced}
    let_answer(rng, [mail for mail in heard if mail.recipient not in back])
    for mail in send_mails(mailbox):  # the letters that answers have made the right ones
        keep_mail(mail.content)


def release_and_start(
    action: int, case: str, team: Team, languages: Collection[str] | None = None
) -> None:
    """Sign scope and letters of a golden case as its reviewer and its releaser would; start it.

    Args:
        action: the matched action.
        case: whose letters.
        team: who signs.
        languages: of whom the letters are for; None: all that the case has letters in.
    """
    reviewer, releaser = team[Role.REVIEWER], team[Role.RELEASER]
    preview = read_scope_preview(reviewer, action)
    review_scope(proven(reviewer), action, preview.sha256)
    release_scope(proven(releaser), action, preview.sha256)
    lock_case_letters(team, action, case, proven, languages)
    letters = read_letter_preview(reviewer, action)
    review_letters(proven(reviewer), action, letters.sha256)
    release_letters(proven(releaser), action, letters.sha256)
    start_action(releaser, action)


def proven(caller: Caller) -> Caller:
    """Return a caller who has just proved who they are. Only in the demonstration."""
    check_demo()
    token = make_proof(caller.user_id or 0, caller.organisation_id, ProofMethod.TOTP, caller.now)
    return replace(caller, proof=token)
