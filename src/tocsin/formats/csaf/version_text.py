"""Version ranges as CSAF writes them: `vers:` where every reader orders alike, else as text.

Plain dotted numbers are the one kind of version that all readers order alike, so only they
are written as ``vers:intdot``. A letter makes public readers of ``vers`` clear what is not
cleared (2.6 against ``<=2.6A``), so such a range is a *vers-like specifier*, which CSAF
allows and which no program takes for sure.
Source: CSAF 2.1 section 3.1.2.3, `docs/adr/0004-no-public-vers-package.md`.
"""

import re
from dataclasses import dataclass
from functools import cmp_to_key
from urllib.parse import quote

from tocsin.identify.version import Relation, compare, parse_version
from tocsin.notice.scope import Software, VersionRange

_DOTTED = re.compile(r"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))*")
_RANGE_WORD = re.compile(
    r"[<>=|,*]|\b(?:after|all|and|any|before|below|earlier|later|newer|older|or|prior|since|to|until"
    r"|up|versions?|vers)\b",
    re.IGNORECASE,
)
_BELOW = {Relation.LESS, Relation.PREFIX}
_ABOVE = {Relation.GREATER, Relation.EXTENDS}

Constraint = tuple[str, str]


@dataclass(frozen=True)
class VersionBranch:
    """A branch for versions.

    Attributes:
        category: ``product_version`` or ``product_version_range``.
        name: the branch's name.
        words: the same for the full product name.
        sure: whether every reader takes it for just the versions that we mean.
    """

    category: str
    name: str
    words: str
    sure: bool


def version_branches(software: Software) -> list[VersionBranch] | None:
    """Return a branch per range of versions, none for all; None if one cannot be written."""
    if software.unread or software.withheld:
        return None
    branches = [_branch(part) for part in software.any_of]
    return [branch for branch in branches if branch] if all(branches) else None


def _branch(part: VersionRange) -> VersionBranch | None:
    if part.is_contradictory:
        return None
    if part.equal:
        alone = len(part.bounds) == 1 and not part.other_than
        if not alone or _RANGE_WORD.search(part.equal) or _is_wild(part.equal):
            return None
        return VersionBranch("product_version", part.equal, f"version {part.equal}", sure=True)
    constraints = _ordered([*part.bounds, *(("!=", text) for text in part.other_than)])
    return _range_branch(constraints) if constraints else None


def _is_wild(text: str) -> bool:
    return parse_version(text).wildcard != "none"


def _ordered(constraints: list[Constraint]) -> list[Constraint] | None:
    """Return constraints from the lowest version to the highest; None if they have no order.

    At most one lower bound stands first and one upper bound last, as ``vers`` wants it.
    """
    versions = {text: parse_version(text) for _, text in constraints}
    if any(map(_is_wild, versions)):
        return None
    for one in constraints:
        for other in constraints:
            relation = compare(versions[one[1]], versions[other[1]])
            if one is not other and relation not in _BELOW | _ABOVE:
                return None

    def order(one: Constraint, other: Constraint) -> int:
        return -1 if compare(versions[one[1]], versions[other[1]]) in _BELOW else 1

    found = sorted(constraints, key=cmp_to_key(order))
    signs = "".join("L" if ">" in sign else "N" if sign == "!=" else "U" for sign, _ in found)
    return found if re.fullmatch("L?N*U?", signs) else None


def _range_branch(constraints: list[Constraint]) -> VersionBranch:
    dotted = all(_DOTTED.fullmatch(text) for _, text in constraints)
    written = "|".join(f"{sign}{quote(text, safe='+~')}" for sign, text in constraints)
    return VersionBranch(
        "product_version_range",
        f"vers:intdot/{written}" if dotted else written,
        f"versions {' and '.join(f'{sign} {text}' for sign, text in constraints)}",
        # "> 2.5" and "!= 2.5" leave 2.5.1 open for us and take it in for others.
        sure=dotted and not {sign for sign, _ in constraints} & {">", "!="},
    )
