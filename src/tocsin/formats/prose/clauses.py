"""What a statement says is concerned, and what it says is not."""

from dataclasses import dataclass

from tocsin.formats.prose.lexicon import filler_words, phrase_table
from tocsin.formats.prose.tokens import CODE, Tokens

_TURNS = frozenset({"but", "while", "whereas", "however", "aber", "mais", "pero", "maar", "men"})


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a statement.

    Attributes:
        tokens: its tokens.
        excludes: whether it says what is not concerned.
        leans: whether it follows `except`, so that it speaks of the products said before.
    """

    tokens: Tokens
    excludes: bool = False
    leans: bool = False


def split_clauses(tokens: Tokens) -> list[Clause]:
    """Return the clauses of a statement, each affirming or excluding as a whole."""
    for at in range(len(tokens)):
        if hit := phrase_table("not_affected_before").find(tokens, at):
            return _said(tokens[:at]) + _excluded(tokens[hit.after :], leans=False)
        if hit := phrase_table("except_").find(tokens, at):
            return _after_except(tokens, at, hit.after)
        if hit := phrase_table("not_affected_after").find(tokens, at):
            start = _start_of_subject(tokens, at)
            if not _said(tokens[start:at]):
                return _said(tokens[:start]) + _excluded(tokens[hit.after :], leans=False)
            if hit.after < len(tokens) and not _is_new_clause(tokens, hit.after):
                # "not affected if ...": the condition belongs to the exclusion.
                return _said(tokens[:start]) + _excluded(
                    (*tokens[start:at], *tokens[hit.after :]), leans=False
                )
            rest = split_clauses(tokens[hit.after :]) if hit.after < len(tokens) else []
            return _said(tokens[:start]) + _excluded(tokens[start:at], leans=False) + rest
    return _said(tokens)


def _after_except(tokens: Tokens, at: int, after: int) -> list[Clause]:
    """Return the clauses around `except`; brackets around it end it."""
    end = len(tokens)
    if at and tokens[at - 1].low == "(":
        end = next((p for p in range(after, len(tokens)) if tokens[p].low == ")"), end)
        rest = split_clauses(tokens[end + 1 :])
        return _said(tokens[: at - 1]) + _excluded(tokens[after:end], leans=True) + rest
    return _said(tokens[:at]) + _excluded(tokens[after:end], leans=True)


def _said(tokens: Tokens) -> list[Clause]:
    """Return an affirming clause, if there is more in it than small words."""
    if any(token.is_value or _says(token.low) for token in tokens):
        return [Clause(tokens)]
    return []


def _says(word: str) -> bool:
    return word.isalnum() and (word not in filler_words() or word in _ALL)


_ALL = frozenset({"all", "any", "every", "alle", "tous", "toutes", "todos", "todas", "alla"})


def _excluded(tokens: Tokens, *, leans: bool) -> list[Clause]:
    """Return an excluding clause for each group of things that is excluded."""
    found: list[Clause] = []
    start = 0
    for at in range(1, len(tokens)):
        if _begins_another(tokens, at):
            found.append(Clause(tokens[start:at], excludes=True, leans=leans))
            start = at
    found.append(Clause(tokens[start:], excludes=True, leans=leans))
    return [clause for clause in found if any(t.low.isalnum() or t.is_value for t in clause.tokens)]


def _begins_another(tokens: Tokens, at: int) -> bool:
    """Whether `, and all ...` or `, or ...` begins another group at a place."""
    if tokens[at - 1].low != ",":
        return False
    if hit := phrase_table("and_").find(tokens, at):
        return phrase_table("all_of").find(tokens, hit.after) is not None
    hit = phrase_table("or_").find(tokens, at)
    return hit is not None and hit.after < len(tokens) and tokens[hit.after].kind != CODE


def _is_new_clause(tokens: Tokens, at: int) -> bool:
    return tokens[at].low in {",", ";", ".", ":", ")", "-"} | _TURNS or bool(
        phrase_table("and_").find(tokens, at)
    )


def _start_of_subject(tokens: Tokens, at: int) -> int:
    """Return where the subject begins that a statement says is not concerned."""
    for place in range(at - 1, -1, -1):
        if tokens[place].low in _TURNS:
            return place + 1
        if tokens[place].low in {"affected", "impacted", "recalled"} and place + 1 < at:
            joint = place + 1
            if tokens[joint].low == "," or phrase_table("and_").find(tokens, joint):
                return joint + 1
    return 0
