"""Sample calls of the services behind the first page of the desk and its settings."""

from tests.services.sample_action_calls import open_empty
from tests.services.sample_calls import Call, World, sample
from tocsin.services import desk_overview, settings_facts


@sample
def read_waiting(world: World) -> Call:
    open_empty(world)
    return Call(desk_overview.read_waiting, by=world.staff)


@sample
def read_installation_facts(_: World) -> Call:
    return Call(settings_facts.read_installation_facts)


@sample
def read_health(_: World) -> Call:
    return Call(settings_facts.read_health)


@sample
def read_urgent_findings(_: World) -> Call:
    return Call(settings_facts.read_urgent_findings)
