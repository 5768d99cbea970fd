"""Sample calls of the services that open, match, tell and question actions."""

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.services.lists import DEVICE_COLUMNS, import_list, write_list
from tests.services.sample_calls import OF_ACME, PRIVATE, Call, World, sample, stage, stage_on
from tests.services.sample_notice_calls import NAME
from tests.services.sample_notice_calls import keep as keep_notice
from tests.services.sample_registry_calls import LIST
from tocsin.services import (
    action_matching,
    action_overview,
    actions,
    changed_devices,
    gap_views,
    holder_devices,
    list_imports,
    triage,
    triage_queue,
    verdict_list,
)
from tocsin.store.roles import Role

ROWS = [
    (f"{PRIVATE}-d1", f"{PRIVATE}-1", "Tandem", "X2", f"{PRIVATE}1", "1.0"),
    (f"{PRIVATE}-d2", f"{PRIVATE}-2", "Tandem", "X2", f"{PRIVATE}2", ""),
]
TOLD = triage.DeviceAnswer(
    ROWS[1][0], "software_version", "1.1", "patient", f"by telephone with {PRIVATE}"
)


@stage
def open_empty(world: World) -> int:
    """Open an action that looks in an empty registry, and return its id."""
    keep_notice(world)
    list_imports.add_registry(world.having(Role.OPERATOR), LIST)
    return actions.open_action(world.having(Role.AUTHOR), OF_ACME, [NAME], [LIST])


@stage_on(open_empty)
def match(world: World) -> int:
    """Match an action: one record is affected, one cannot be told."""
    action, operator = open_empty(world), world.having(Role.OPERATOR)
    with TemporaryDirectory() as folder:
        import_list(operator, LIST, write_list(Path(folder) / "a.csv", DEVICE_COLUMNS, ROWS))
    action_matching.match_action(operator, action)
    return action


@sample
def open_action(world: World) -> Call:
    keep_notice(world)
    list_imports.add_registry(world.having(Role.OPERATOR), LIST)
    return Call(actions.open_action, OF_ACME, [NAME], [LIST])


@sample
def add_notice_to_action(world: World) -> Call:
    action = open_empty(world)
    keep_notice(world, f"{NAME}-1")
    return Call(actions.add_notice_to_action, action, f"{NAME}-1")


@sample
def add_registry_to_action(world: World) -> Call:
    action = open_empty(world)
    list_imports.add_registry(world.having(Role.OPERATOR), f"{LIST} 2")
    return Call(actions.add_registry_to_action, action, f"{LIST} 2")


@sample
def list_actions(world: World) -> Call:
    open_empty(world)
    return Call(actions.list_actions)


@sample
def read_action(world: World) -> Call:
    return Call(actions.read_action, open_empty(world))


@sample
def read_overview(world: World) -> Call:
    return Call(action_overview.read_overview, match(world))


@sample
def read_history(world: World) -> Call:
    return Call(actions.read_history, open_empty(world))


@sample
def match_action(world: World) -> Call:
    return Call(action_matching.match_action, match(world))


@sample
def list_gaps(world: World) -> Call:
    return Call(gap_views.list_gaps, match(world))


@sample
def queue_match(world: World) -> Call:
    return Call(action_matching.queue_match, open_empty(world))


@sample
def read_run(world: World) -> Call:
    return Call(action_matching.read_run, match(world))


@sample
def read_changes(world: World) -> Call:
    return Call(changed_devices.read_changes, match(world))


@sample
def read_figures_by(world: World) -> Call:
    return Call(action_matching.read_figures_by, match(world), "country")


@sample
def list_contacts(world: World) -> Call:
    return Call(action_matching.list_contacts, match(world))


@sample
def verify_run(world: World) -> Call:
    return Call(action_matching.verify_run, match(world))


@sample
def list_triage(world: World) -> Call:
    return Call(triage.list_triage, match(world))


@sample
def answer_triage(world: World) -> Call:
    return Call(triage.answer_triage, match(world), TOLD)


@sample
def list_answers(world: World) -> Call:
    action = match(world)
    triage.answer_triage(world.having(Role.OPERATOR), action, TOLD)
    return Call(triage.list_answers, action)


@sample
def explain_stored_device(world: World) -> Call:
    return Call(triage.explain_stored_device, match(world), TOLD.device_id)


@sample
def list_verdicts(world: World) -> Call:
    return Call(verdict_list.list_verdicts, match(world), verdict_list.WantedVerdicts())


@sample
def list_open_questions(world: World) -> Call:
    return Call(triage_queue.list_open_questions, match(world))


@sample
def read_triage_case(world: World) -> Call:
    action = match(world)
    line, *_ = triage_queue.list_open_questions(world.having(Role.OPERATOR), action).lines
    return Call(triage_queue.read_triage_case, action, line.verdict_id)


@sample
def list_held_devices(world: World) -> Call:
    return Call(holder_devices.list_held_devices, match(world), LIST, ROWS[0][1])
