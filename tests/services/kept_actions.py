"""Organisations with registries, notices and actions, made by the services themselves."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from tests.services.lists import AT_CONSOLE, NOW, import_list
from tocsin.cases.sample import CaseSample
from tocsin.notice.model import Notice
from tocsin.outreach.letter import LetterText, letter_sha256
from tocsin.outreach.letter_checklists import items_for
from tocsin.services.actions import open_action
from tocsin.services.kept_notices import add_notice
from tocsin.services.letter_approval import (
    finish_translation,
    lock_letter_version,
    review_letter_version,
    tick_letter,
    waive_letter_agreement,
)
from tocsin.services.letter_release import read_letter_preview
from tocsin.services.letters import write_letter_source, write_letter_version
from tocsin.services.list_imports import add_registry
from tocsin.services.organisations import add_user, create_organisation, give_role
from tocsin.services.samples import make_sample, write_csv
from tocsin.services.work import Caller
from tocsin.store.proofs import make_proof
from tocsin.store.roles import Role
from tocsin.store.tables.proof import ProofMethod

SEED = 1


def make_team(slug: str = "acme") -> dict[Role, Caller]:
    """Return one caller for each role of a new organisation, each another user."""
    made = create_organisation(AT_CONSOLE, slug, slug.title())
    console = replace(AT_CONSOLE, organisation_id=made)
    team = {}
    for role in Role:
        user = add_user(AT_CONSOLE, f"{role}@{slug}.example", f"{role} of {slug}")
        give_role(console, user, role)
        team[role] = Caller(f"user:{user}", made, frozenset({role}), NOW)
    return team


def proven(caller: Caller) -> Caller:
    """Return the caller as somebody who has just proved who they are."""
    token = make_proof(caller.user_id or 0, caller.organisation_id, ProofMethod.TOTP, caller.now)
    return replace(caller, proof=token)


@cache
def small_sample(case: str) -> CaseSample:
    """Return a case at about a hundredth of its size if it is large: every 100th holder."""
    sample = make_sample(case, SEED)
    if sample.registry.num_rows < 20_000:
        return sample
    holders = pc.unique(sample.registry["holder_id"].combine_chunks())
    chosen = holders.take(pa.array(range(0, len(holders), 100)))
    return replace(
        sample, registry=sample.registry.filter(pc.is_in(sample.registry["holder_id"], chosen))
    )


def lock_letter(team: dict[Role, Caller], action: int, *keys: str) -> str:
    """Write letters and lock them; return their manifest's SHA-256.

    Without keys, one to clinicians and one to affected patients.
    """
    for key in keys or ("clinician", "patient-affected"):
        audience = key if key in {"clinician", "facility"} else "patient"
        lock_one(team, action, {"letter": key, "audience": audience, "language": "en"})
    return read_letter_preview(team[Role.AUDITOR], action).sha256


def lock_one(team: dict[Role, Caller], action: int, tree: dict[str, str]) -> None:
    """Write a letter whose head a tree gives, and lock it."""
    first = {"kind": "callout", "urgency": "emergency", "lines": ["Very ill? Call for help now."]}
    paragraph = {"kind": "paragraph", "text": "Stop using these cartridges."}
    text = LetterText.model_validate({**tree, "subject": "Recall", "blocks": [first, paragraph]})
    write_letter_source(team[Role.AUTHOR], action, text)
    version = write_letter_version(team[Role.AUTHOR], action, text)
    seen = letter_sha256(text)
    tick_letter(team[Role.AUTHOR], version, seen, list(items_for(text)))
    finish_translation(team[Role.AUTHOR], version)
    review_letter_version(proven(team[Role.REVIEWER]), version, seen)
    waive_letter_agreement(proven(team[Role.RELEASER]), version, seen, "No authority asks for it.")
    lock_letter_version(proven(team[Role.RELEASER]), version, seen)


def keep_registry(team: dict[Role, Caller], name: str, table: pa.Table, folder: Path) -> None:
    """Add a registry and import a table into it."""
    add_registry(team[Role.OPERATOR], name)
    revise_registry(team, name, table, folder)


def revise_registry(team: dict[Role, Caller], name: str, table: pa.Table, folder: Path) -> None:
    """Import a table into a registry that there is."""
    path = folder / f"{name}.csv"
    write_csv(table, path)
    import_list(team[Role.OPERATOR], name, path)


def keep_action(
    team: dict[Role, Caller], notices: Sequence[Notice], registry: str, *, is_exercise: bool = False
) -> int:
    """Keep notices and open an action about them."""
    for notice in notices:
        add_notice(team[Role.AUTHOR], notice, "notice.yaml")
    return open_action(
        team[Role.AUTHOR],
        "Leaking cartridges",
        [notice.notice for notice in notices],
        [registry],
        is_exercise=is_exercise,
    )
