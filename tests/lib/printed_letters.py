"""A running action whose letters to a few invented people wait for the print house."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.services.kept_actions import keep_action, lock_letter, proven
from tests.services.lists import DEVICE_COLUMNS, NOW, import_list, write_list
from tocsin.outreach.channels import Channel
from tocsin.services.action_course import start_action
from tocsin.services.action_matching import match_action
from tocsin.services.job_runs import run_next
from tocsin.services.letter_release import release_letters, review_letters
from tocsin.services.list_imports import add_registry
from tocsin.services.print_batches import make_print_batch
from tocsin.services.samples import case_notices
from tocsin.services.scope_release import read_scope_preview, release_scope, review_scope
from tocsin.services.vendors import VendorPlan
from tocsin.services.work import CONSOLE, Caller
from tocsin.store.home import find_home
from tocsin.store.issued_letters import open_code, shown
from tocsin.store.models import Dispatch, IssuedLetter
from tocsin.store.person_keys import person_keys
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for
from tocsin.store.vault import Vault

Team = dict[Role, Caller]
UNPRINTABLE = "\u4f60\u597d Example"
NAMES = ("Jane Example", "John Sample", "Ann Specimen", UNPRINTABLE)
_COLUMNS = ("holder_id", "name", "address_lines", "country")


def wait_to_be_printed(team: Team, folder: Path, names: Sequence[str] = NAMES) -> int:
    """Run an action with one letter to each name, that may leave now; return its id."""
    add_registry(team[Role.OPERATOR], "list")
    devices = [
        (f"D{n}", f"H{n}", "Medtronic", "MMT-523", f"SERIAL{n}", "") for n in range(len(names))
    ]
    path = write_list(folder / "pumps.csv", DEVICE_COLUMNS, devices)
    import_list(team[Role.OPERATOR], "list", path)
    people = [
        (f"H{n}", name, f"{n} Example Street|Testwater", "FR") for n, name in enumerate(names)
    ]
    path = write_list(folder / "holders.csv", _COLUMNS, people)
    import_list(team[Role.OPERATOR], "list", path, "holders")
    action = keep_action(team, case_notices("a"), "list")
    match_action(team[Role.AUTHOR], action)
    seen = read_scope_preview(team[Role.REVIEWER], action).sha256
    review_scope(proven(team[Role.REVIEWER]), action, seen)
    release_scope(proven(team[Role.RELEASER]), action, seen)
    letters = lock_letter(team, action, "patient-affected", "patient-check-version")
    review_letters(proven(team[Role.REVIEWER]), action, letters)
    release_letters(proven(team[Role.RELEASER]), action, letters)
    start_action(team[Role.OPERATOR], action)
    with acting_for(team[Role.OPERATOR].organisation_id):
        Dispatch.objects.filter(action=action).update(not_before=NOW)
    return action


def console(team: Team) -> Caller:
    """Return the console of a team's organisation."""
    organisation = team[Role.OPERATOR].organisation_id
    return Caller(CONSOLE, organisation, frozenset(), datetime.now(tz=UTC))


def letter_folders(folder: Path) -> VendorPlan:
    """Return a vendor with two folders, made here."""
    for name in ("out", "receipts"):
        (folder / name).mkdir()
    places = str(folder / "out"), str(folder / "receipts")
    return VendorPlan("Printer", "file_drop", places[0], "", places[1], channel=Channel.LETTER)


def ready_batch(team: Team, action: int) -> int:
    """Make a batch of what waits, let the worker render it, and return its id."""
    batch = make_print_batch(team[Role.OPERATOR], action)
    while run_next(lambda _: None) is not None:
        pass
    return batch


def codes_of(team: Team, batch: int) -> list[tuple[str, str]]:
    """Return number and code of each letter of a batch, as they are printed on it."""
    vault = Vault(find_home().persons_key)
    with acting_for(team[Role.OPERATOR].organisation_id):
        rows = IssuedLetter.objects.filter(batch=batch).select_related("dispatch").order_by("pk")
        keys = person_keys({row.dispatch.addressee_id for row in rows})
        return [
            (shown(row.letter_id), shown(open_code(vault, row, who, keys[who])))
            for row in rows
            for who in [row.dispatch.addressee_id]
        ]
