"""An action for the pages of the desk: some of case A's devices with their holders, matched."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from tests.lib.desk_client import DeskClient, team_at_desk
from tests.services.kept_actions import keep_action, keep_registry, small_sample
from tests.services.lists import import_list
from tocsin.services.action_matching import match_action
from tocsin.services.callers import user_caller
from tocsin.services.samples import case_notices, write_csv
from tocsin.services.work import Caller
from tocsin.store.models import User
from tocsin.store.roles import Role


@dataclass(frozen=True)
class DeskAction:
    """An action, and who works on it.

    Attributes:
        clients: a browser for each role.
        callers: the same users as callers of services.
        action_id: the action; matched once.
    """

    clients: dict[Role, DeskClient]
    callers: dict[Role, Caller]
    action_id: int

    @property
    def address(self) -> str:
        """Return where the action's pages are."""
        return f"/desk/actions/{self.action_id}/"

    def text(self, role: Role, page: str = "", status: int = 200) -> str:
        """Return a page of the action as somebody of a role sees it."""
        answer = self.clients[role].get(self.address + page)
        assert answer.status_code == status, answer.content.decode()[:3000]
        return str(answer.content.decode())


def some_devices(n_pumps: int) -> tuple[pa.Table, pa.Table]:
    """Return pumps of case A, the parts of their holders, and the holders with their guardians."""
    sample = small_sample("a")
    pumps = sample.registry.slice(0, n_pumps)
    is_theirs = pc.is_in(sample.registry["holder_id"], pumps["holder_id"].combine_chunks())
    holders = sample.holders
    wanted = pc.is_in(holders["holder_id"], pumps["holder_id"].combine_chunks())
    guardians = holders.filter(wanted)["represented_by"].combine_chunks().drop_null()
    chosen = pc.or_(wanted, pc.is_in(holders["holder_id"], guardians))
    return sample.registry.filter(is_theirs), holders.filter(chosen)


def make_desk_action(folder: Path, *, n_pumps: int = 80) -> DeskAction:
    """Make a team at the desk with an action that is matched."""
    clients = team_at_desk()
    callers = callers_of_team()
    return DeskAction(clients, callers, fill_action(callers, folder, n_pumps))


def callers_of_team(slug: str = "acme") -> dict[Role, Caller]:
    """Return the users that `team_at_desk` has made, as callers of services."""
    now = datetime.now(tz=UTC)
    users = {role: User.objects.get(email=f"{role}-{slug}@example.org").pk for role in Role}
    return {role: user_caller(user_id, slug, now) for role, user_id in users.items()}


def fill_action(callers: dict[Role, Caller], folder: Path, n_pumps: int) -> int:
    """Import some of case A's devices with their holders, and open and match an action."""
    registry, holders = some_devices(n_pumps)
    keep_registry(callers, "pump list", registry, folder)
    write_csv(holders, folder / "holders.csv")
    import_list(callers[Role.OPERATOR], "pump list", folder / "holders.csv", "holders")
    made = keep_action(callers, case_notices("a"), "pump list")
    match_action(callers[Role.AUTHOR], made)
    return made
