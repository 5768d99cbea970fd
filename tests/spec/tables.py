"""The truth tables of the matching rules, read from `rules/`: one row is one notice, one record
and the verdict that must come out, with its reason."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.lib.random_scopes import notice_tree
from tocsin.formats.notice_file import parse_tree, read_notice_text
from tocsin.notice.model import Notice

Tree = dict[str, Any]

RULES = Path(__file__).parent / "rules"
MAKER = "Example Devices"
_ROW_KEYS = {"notice", "scope", "record", "as_if_reviewed", "verdict", "entry", "reason", "why"}


@dataclass(frozen=True)
class Row:
    """One row of a table.

    Attributes:
        name: part number and place, such as ``4.1-3``; the id of its notice and record too.
        scope: the entries of the notice.
        shown: what this row's notice says that its part's does not; empty if nothing.
        record: the registry row.
        stated: what this row's record says beside the part's device.
        entry: the entry that must speak; None where the table leaves it open.
    """

    name: str
    scope: tuple[Tree, ...]
    shown: Tree
    record: Tree
    stated: Tree
    as_if_reviewed: bool
    verdict: str
    entry: str | None
    reason: str
    why: str

    def notice(self) -> Notice:
        """Return the row's notice."""
        return Notice.model_validate(notice_tree(f"N{self.name}", list(self.scope), MAKER))


@dataclass(frozen=True)
class Part:
    """One part of a rule: a sentence, the notice and device that its rows share, the rows."""

    number: str
    title: str
    says: str
    scope: tuple[Tree, ...]
    device: Tree
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Rule:
    """One rule, as it is numbered in the reference manual."""

    number: str
    title: str
    says: str
    parts: tuple[Part, ...]


@cache
def read_rules() -> tuple[Rule, ...]:
    """Return all rules by number."""
    return tuple(_read_rule(path) for path in sorted(RULES.glob("*.yaml")))


def all_rows() -> list[Row]:
    """Return the rows of all rules."""
    return [row for rule in read_rules() for part in rule.parts for row in part.rows]


def _read_rule(path: Path) -> Rule:
    tree = parse_tree(read_notice_text(path), path)
    parts = tuple(_read_part(part, tree) for part in tree["parts"])
    return Rule(tree["number"], tree["title"], tree["says"], parts)


def _read_part(part: Tree, rule: Tree) -> Part:
    scope = part.get("scope") or rule["scope"]
    device = part["device"] if "device" in part else rule["device"]
    rows = tuple(
        _read_row(f"{part['number']}-{place}", row, scope, device)
        for place, row in enumerate(part["rows"], 1)
    )
    return Part(part["number"], part["title"], part["says"], tuple(scope), device, rows)


def _read_row(name: str, row: Tree, scope: list[Tree], device: Tree) -> Row:
    if unknown := set(row) - _ROW_KEYS:
        raise ValueError(f"row {name}: {sorted(unknown)} is no part of a row")
    changed: Tree = row.get("notice") or {}
    entries = row.get("scope") or [{**scope[0], **changed}, *scope[1:]]
    return Row(
        name=name,
        scope=tuple(entries),
        shown={"scope": row["scope"]} if "scope" in row else changed,
        record={"device_id": f"D{name}", **device, **row["record"]},
        stated=row["record"],
        as_if_reviewed=row.get("as_if_reviewed") == "true",
        verdict=row["verdict"],
        entry=row.get("entry"),
        reason=row["reason"],
        why=row["why"],
    )
