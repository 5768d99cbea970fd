"""Every service of an action x state x role: allowed, or refused with the sentence that helps."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.services.kept_actions import make_team, proven
from tests.services.lists import NOW
from tocsin.base.errors import TocsinError
from tocsin.outreach.action_states import (
    ActionState,
    NotNow,
    allowed_services,
    next_state,
    service_words,
    state_meanings,
    state_rules,
)
from tocsin.services import (
    action_course,
    action_matching,
    actions,
    escalating,
    letter_release,
    plans,
    print_batches,
    scope_release,
    triage,
)
from tocsin.services.rights import NotAllowed, rights_table
from tocsin.store.models import Action
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for

SHA256 = "0" * 64
TODAY = NOW.date()
Call = Callable[..., Any]
MODULES = (
    action_course,
    action_matching,
    actions,
    escalating,
    letter_release,
    plans,
    print_batches,
    scope_release,
    triage,
)
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "add_notice_to_action": ("a notice",),
    "add_registry_to_action": ("a list",),
    "answer_triage": (triage.DeviceAnswer("D1", "lot", "A1", "patient", "by telephone"),),
    "lay_out_plan": ("dhpc", TODAY, ["FR"]),
    "run_clocks": (["US"], ["us-report"]),
    "date_event": ("initiated", TODAY, "a reason"),
    "shift_milestone": ("dhpc/FR/translations_agreed", TODAY, "a reason"),
    "reach_milestone": ("dhpc/FR/translations_submitted", TODAY, "a letter"),
    "review_scope": (SHA256,),
    "review_leavers": (SHA256,),
    "release_scope": (SHA256,),
    "review_letters": (SHA256,),
    "release_letters": (SHA256,),
    "pause_action": ("a reason",),
    "resume_action": ("a reason",),
    "complete_action": ("a reason",),
    "terminate_action": ("a reason",),
    "reopen_action": ("a reason",),
}


def function_of(service: str) -> Call:
    found: Call = next(getattr(module, service) for module in MODULES if hasattr(module, service))
    return found


def cases() -> Iterator[tuple[ActionState, bool, Role]]:
    for state in ActionState:
        for is_exercise in (False, True):
            for role in Role:
                yield state, is_exercise, role


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("service", list(state_rules()))
def test_state_and_role_decide_and_nothing_else(service: str) -> None:
    team, call = make_team(), function_of(service)
    right, rule = rights_table()[service], state_rules()[service]
    organisation = team[Role.AUTHOR].organisation_id
    with acting_for(organisation):
        row = Action.objects.create(title="a trial", opened_at=NOW)
    for state, is_exercise, role in cases():
        with acting_for(organisation):
            Action.objects.filter(pk=row.pk).update(state=str(state), is_exercise=is_exercise)
        caller = proven(team[role]) if right.step_up else team[role]
        refused: TocsinError | None = None
        try:
            call(caller, row.pk, *ARGUMENTS.get(service, ()))
        except TocsinError as error:
            refused = error
        here = (service, state, is_exercise, role)
        if role not in right.roles:
            assert isinstance(refused, NotAllowed), here
            assert "Nothing was changed" in refused.sentence
            continue
        if state not in rule.next_states or (is_exercise and not rule.in_exercise):
            assert isinstance(refused, NotNow), here
            for name in allowed_services(state, is_exercise=is_exercise):
                assert service_words(name) in refused.sentence
            continue
        assert not isinstance(refused, NotAllowed | NotNow), here
        if refused is None:
            with acting_for(organisation):
                after = Action.objects.get(pk=row.pk).state
            assert after == next_state(service, state, is_exercise=is_exercise), here


def test_every_service_with_a_state_has_a_right() -> None:
    assert set(state_rules()) <= set(rights_table())


def test_every_state_can_be_reached_and_left() -> None:
    steps = {
        (state, then)
        for rule in state_rules().values()
        for state, then in rule.next_states.items()
        if state is not then
    }
    assert {state for state, _ in steps} == set(ActionState)
    assert {then for _, then in steps} == set(ActionState) - {ActionState.DRAFT}


def test_a_refusal_names_what_is_allowed_now() -> None:
    with pytest.raises(NotNow, match=r"draft\. It needs the state running\. .*release scope"):
        next_state("pause_action", ActionState.DRAFT)
    with pytest.raises(NotNow, match="exercise"):
        next_state("terminate_action", ActionState.FIRM_COMPLETE, is_exercise=True)


def test_each_state_is_explained() -> None:
    assert list(state_meanings()) == list(ActionState)
