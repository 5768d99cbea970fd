"""`tocsin action start, pause, resume, complete, terminate, reopen`: the course of an action."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from tocsin.cli.caller import as_user

if TYPE_CHECKING:
    from tocsin.services.work import Caller

_id = click.argument("action_id", type=int, metavar="ACTION")
_reason = click.option("--reason", required=True, help="Why; it stands in the audit trail.")


@click.command("start")
@_id
@as_user
def start(caller: "Caller", action_id: int) -> None:
    """Let the released letters leave."""
    from tocsin.services.action_course import start_action  # noqa: PLC0415 - needs Django

    click.echo(f"Action {action_id} is {start_action(caller, action_id)} now.")


def _with_reason(name: str, what: str) -> click.Command:
    @click.command(name, help=what)
    @_id
    @_reason
    @as_user
    def run(caller: "Caller", action_id: int, reason: str) -> None:
        from tocsin.services import action_course  # noqa: PLC0415

        act: Callable[[Caller, int, str], str] = getattr(action_course, f"{name}_action")
        click.echo(f"Action {action_id} is {act(caller, action_id, reason)} now.")

    return run


COURSE_COMMANDS = (
    start,
    _with_reason("pause", "Let nothing leave the house until the action is resumed."),
    _with_reason("resume", "Let a paused action go on."),
    _with_reason("complete", "Say that the firm has done what it set out to do."),
    _with_reason("terminate", "Note that the authority agrees that the action has ended."),
    _with_reason("reopen", "Take an ended action up again."),
)
