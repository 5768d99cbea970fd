"""Sample calls of the services of an action's plan."""

from datetime import timedelta

from tests.services.sample_action_calls import open_empty
from tests.services.sample_calls import NOW, Call, World, sample
from tocsin.services import plans
from tocsin.store.roles import Role

TODAY = NOW.date()
SUBMITTED = "dhpc/FR/translations_submitted"


def plan(world: World) -> int:
    """Lay out a chain for two countries, and return the action's id."""
    action = open_empty(world)
    plans.lay_out_plan(world.having(Role.AUTHOR), action, "dhpc", TODAY, ["FR", "SE"])
    return action


@sample
def lay_out_plan(world: World) -> Call:
    return Call(plans.lay_out_plan, open_empty(world), "dhpc", TODAY, ["FR", "SE"])


@sample
def run_clocks(world: World) -> Call:
    return Call(plans.run_clocks, open_empty(world), ["US"], ["us-report"])


@sample
def date_event(world: World) -> Call:
    action = open_empty(world)
    plans.run_clocks(world.having(Role.AUTHOR), action, ["US"], ["us-report"])
    return Call(plans.date_event, action, "initiated", TODAY, "the letters left")


@sample
def shift_milestone(world: World) -> Call:
    to = TODAY + timedelta(days=60)
    return Call(plans.shift_milestone, plan(world), SUBMITTED, to, "the translator was ill")


@sample
def reach_milestone(world: World) -> Call:
    return Call(plans.reach_milestone, plan(world), SUBMITTED, TODAY, "letter of the authority")


@sample
def read_plan(world: World) -> Call:
    return Call(plans.read_plan, plan(world))
