"""Whether a sentence says which devices are concerned, or only tells a story about them."""

from tocsin.formats.prose.clauses import Clause
from tocsin.formats.prose.lexicon import phrase_table
from tocsin.formats.prose.said import Said
from tocsin.formats.prose.statements import Statement
from tocsin.formats.prose.tokens import Tokens

_LONGEST_HEADING = 12


def is_about_scope(clause: Clause, said: Said, *, is_short: bool) -> bool:
    """Whether what a clause says must be accounted for in the scope.

    In a short text everything must. In a letter a sentence counts if it names lots, serial
    numbers, versions, identifiers or dates of devices, says that a list is elsewhere, or speaks
    of what is affected and names products, limits or excludes.
    """
    if is_short:
        return True
    if said.numbers or said.software or said.dis or said.dis_unread or said.days or said.withheld:
        return True
    affected = _holds(clause.tokens, "affected")
    if said.has_product and not (said.head and not said.codes):
        return affected or clause.excludes or not said.unread
    if clause.leans:
        return bool(said.facts) and not said.unread
    if clause.excludes:
        return True
    if said.every and not said.unread:
        return bool(said.head or said.facts or said.every - {"units"})
    return affected and bool(said.unread) and _holds(clause.tokens, "only")


def _holds(tokens: Tokens, name: str) -> bool:
    return phrase_table(name).holds(tokens)


def is_denying(tokens: Tokens) -> bool:
    """Whether a heading says that what follows it is not concerned."""
    return any(_holds(tokens, name) for name in ("not_affected_after", "not_affected_before"))


def is_denying_heading(statement: Statement) -> bool:
    """Whether a statement is a heading above a list of what is not concerned."""
    if not (statement.announces or statement.listed) or any(t.is_value for t in statement.tokens):
        return False
    return (
        len(statement.tokens) <= _LONGEST_HEADING
        and statement.announces
        and is_denying(statement.tokens)
    )
