"""The job that fills the organisation of the example: list, holders, notice, exercise, match.

Each step looks whether it was done before, so that a worker that was killed goes on.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from django.db import transaction

from tocsin.services.action_matching import match_action
from tocsin.services.actions import open_action
from tocsin.services.callers import user_caller
from tocsin.services.example import SLUG
from tocsin.services.kept_notices import add_notice
from tocsin.services.list_imports import add_registry
from tocsin.services.samples import case_notices
from tocsin.services.work import Caller
from tocsin.store.jobs import Claim, committed_step, finish_job
from tocsin.store.models import Action, Registry
from tocsin.store.tenancy import acting_for

REGISTRY = "Example: pump patients"
TITLE = "Example: MiniMed 508 and Paradigm, an exercise"
_CASE = "a"
_ONE_HOLDER_IN = 10
_STEPS = 3


def fill_example(claim: Claim, told: Callable[[Claim], None] = lambda _claim: None) -> None:
    """Do what is left of the example.

    Raises:
        LeaseLost: if somebody else has the job by now.
        NoRoleHere: if who asked for it has left its organisation; the job has failed then.
    """
    caller = user_caller(claim.payload["user_id"], SLUG, datetime.now(tz=UTC))
    for place, step in enumerate((_add_lists, _add_notice_and_action, _match)):
        with acting_for(claim.organisation_id):
            step(caller)
        with committed_step(claim):
            claim.n_done, claim.n_total = place + 1, _STEPS
        told(claim)
    with transaction.atomic():
        finish_job(claim)


def _add_lists(caller: Caller) -> None:
    from tocsin.services.demo_samples import import_sample  # noqa: PLC0415 - it does jobs itself

    if not Registry.objects.filter(name=REGISTRY).exists():
        add_registry(caller, REGISTRY)
    import_sample(_CASE, REGISTRY, caller, one_holder_in=_ONE_HOLDER_IN)


def _add_notice_and_action(caller: Caller) -> None:
    if Action.objects.exists():
        return
    with transaction.atomic():
        notice = case_notices(_CASE)[0]
        add_notice(caller, notice, "example.yaml")
        open_action(caller, TITLE, [notice.notice], [REGISTRY], is_exercise=True)


def _match(caller: Caller) -> None:
    action = Action.objects.get()
    if not action.runs.exists():
        match_action(caller, action.pk)
