"""An action about one pump whose software version nobody knows, its letters released."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.services.kept_actions import keep_action, lock_letter, proven
from tests.services.lists import DEVICE_COLUMNS, import_list, write_list
from tocsin.services.action_matching import match_action
from tocsin.services.demo_letters import lock_case_letters
from tocsin.services.letter_release import read_letter_preview, release_letters, review_letters
from tocsin.services.list_imports import add_registry
from tocsin.services.samples import case_notices
from tocsin.services.scope_release import read_scope_preview, release_scope, review_scope
from tocsin.services.work import Caller
from tocsin.store.answer_links import read_answer_tokens
from tocsin.store.home import find_home
from tocsin.store.models import Recipient
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for

HOLDER_COLUMNS = ("holder_id", "kind", "name", "email", "address_lines", "language")
_MAIL = '[mail]\nhost = "127.0.0.1"\nport = 25\nsender = "safety@maker.example"\n'
_ROWS = [("D1", "H1", "Medtronic", "MMT-523", "ZWETSCHGE77", "")]


@pytest.fixture
def relay(database: str) -> Iterator[None]:  # noqa: ARG001 - its home
    """Name a relay, so that mails can be made; nothing is sent."""
    settings = find_home().folder / "settings.toml"
    settings.write_text(_MAIL)
    yield
    settings.unlink()


def release_one_pump(
    team: dict[Role, Caller], folder: Path, *more_letters: str, holders: Sequence[str] = ()
) -> int:
    """Release scope and letters of a new action, and return its id.

    Args:
        team: who does it.
        folder: where the lists are written.
        more_letters: than those to who is affected and to who must look.
        holders: the row of the pump's holder, in `HOLDER_COLUMNS`; nobody knows them without.
    """
    return release_pumps(team, folder, _ROWS, [holders] if holders else [], *more_letters)


def release_pumps(
    team: dict[Role, Caller],
    folder: Path,
    pumps: Sequence[Sequence[str]],
    holders: Sequence[Sequence[str]],
    *more_letters: str,
    case: str = "a",
    columns: Sequence[str] = DEVICE_COLUMNS,
    holder_columns: Sequence[str] = HOLDER_COLUMNS,
    has_letters_of_case: bool = False,
) -> int:
    """Release scope and letters of a new action about some devices, and return its id.

    The letters are short ones, or those of the case, in English.
    """
    add_registry(team[Role.OPERATOR], "list")
    path = write_list(folder / "pump.csv", columns, pumps)
    import_list(team[Role.OPERATOR], "list", path)
    if holders:
        told = write_list(folder / "holders.csv", holder_columns, holders)
        import_list(team[Role.OPERATOR], "list", told, "holders")
    action = keep_action(team, case_notices(case)[:1], "list")
    match_action(team[Role.AUTHOR], action)
    seen = read_scope_preview(team[Role.REVIEWER], action).sha256
    review_scope(proven(team[Role.REVIEWER]), action, seen)
    release_scope(proven(team[Role.RELEASER]), action, seen)
    if has_letters_of_case:
        lock_case_letters(team, action, case, proven, {"en"})
        letters = read_letter_preview(team[Role.REVIEWER], action).sha256
    else:
        short = ("patient-affected", "patient-check-version", *more_letters)
        letters = lock_letter(team, action, *short)
    review_letters(proven(team[Role.REVIEWER]), action, letters)
    release_letters(proven(team[Role.RELEASER]), action, letters)
    return action


def release_at_clinic(team: dict[Role, Caller], folder: Path) -> int:
    """Release letters to three patients of clinic C1, which hands them over; return the action.

    One has a name that the fonts cannot print. The action does not run yet; it needs `relay`.
    """
    pumps = [
        (f"D{n}", f"H{n}", "Medtronic", "MiniMed Implantable Pump", f"S{n}", "") for n in (1, 2, 3)
    ]
    holders = [
        ("H1", "person", "Zoe One", "zoe1@person.example", "", "en", "C1"),
        ("H2", "person", "Zoe Two", "", "2 High Street", "en", "C1"),
        ("H3", "person", "Zoe \u4f60", "zoe3@person.example", "", "en", "C1"),
    ]
    columns = (*HOLDER_COLUMNS, "clinic_id")
    return release_pumps(team, folder, pumps, holders, case="c", holder_columns=columns)


def letter_of(organisation_id: int | None, action: int) -> tuple[int, str]:
    """Return the one recipient of an action, and the token of their letter."""
    with acting_for(organisation_id):
        row = Recipient.objects.get(release__action=action)
        return row.pk, read_answer_tokens([row])[row.pk]
