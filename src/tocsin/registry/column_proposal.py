"""A proposal how to read somebody else's columns: with a confidence and a reason for each.

Nothing is applied by being proposed: what is not sure is left to a person.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from tocsin.registry.column_countries import find_country
from tocsin.registry.column_dates import ORDERS, SURE_FORMS, find_order
from tocsin.registry.column_facts import ColumnFacts, contradicts, recognise_values
from tocsin.registry.column_mapping import CLAIM_COLUMNS, DATE_COLUMNS, NOT_OF_CLAIMS, Order
from tocsin.registry.column_names import NameMeaning, read_name, stated_order
from tocsin.registry.column_numbers import Mark, find_decimal
from tocsin.registry.record import read_country
from tocsin.registry.schema import COLUMNS, FACT_PREFIX, clean

N_SAMPLES = 3


class Confidence(IntEnum):
    """How sure a proposal is."""

    NONE = 0
    AMBIGUOUS = 1
    LIKELY = 2
    SURE = 3


@dataclass(frozen=True)
class ColumnProposal:
    """What is proposed for one column.

    Attributes:
        name: as the file writes it.
        target: our column, or None to keep it as it is.
        confidence: how sure.
        reason: why, as part of a sentence.
        candidates: our columns to choose from, if it is not sure.
        samples: some values; none for a column about a person.
        order: the order of its dates, if they have one that is proven.
        decimal: what stands before a fraction, if it needs to be known.
        values: its values -> ours, for countries.
        open_point: what a person should decide besides the target.
    """

    name: str
    target: str | None
    confidence: Confidence
    reason: str
    candidates: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()
    order: Order | None = None
    decimal: Mark | None = None
    values: tuple[tuple[str, str], ...] = ()
    open_point: str = ""


def propose(columns: Iterable[ColumnFacts], kind: str = "registry") -> list[ColumnProposal]:
    """Return a proposal for every column, in the file's order.

    Args:
        columns: what is known of the file's columns.
        kind: ``registry`` or ``claims``.
    """
    facts = list(columns)
    proposals = [_propose_one(one, kind) for one in facts]
    proposals = _settle_rivals(proposals)
    return [with_details(p, one) for p, one in zip(proposals, facts, strict=True)]


def looks_like_claims(columns: Sequence[ColumnFacts]) -> bool:
    """Return whether a file is a list of claims: a column of HCPCS codes or of NDC."""
    for one in columns:
        named = set(read_name(one.name).targets) & set(CLAIM_COLUMNS)
        if named and not contradicts(one, next(iter(named))):
            return True
        if recognise_values(one)[0] == ("hcpcs",):
            return True
    return False


def _is_possible(target: str, kind: str) -> bool:
    if kind == "claims":
        return target not in NOT_OF_CLAIMS and not target.startswith(FACT_PREFIX)
    return target not in CLAIM_COLUMNS


def _propose_one(facts: ColumnFacts, kind: str) -> ColumnProposal:
    meaning = read_name(facts.name)
    named = tuple(target for target in meaning.targets if _is_possible(target, kind))
    found, looks = recognise_values(facts)
    found = tuple(target for target in found if _is_possible(target, kind))
    if meaning.personal and not named:
        return ColumnProposal(
            facts.name,
            None,
            Confidence.NONE,
            "it is about the person, and belongs to a holders file",
        )
    fitting = [target for target in named if not contradicts(facts, target)]
    blank = ColumnProposal(facts.name, None, Confidence.NONE, "", samples=_samples(facts))
    if facts.name in COLUMNS and facts.name in named:
        return _of_our_name(blank, facts)
    if fitting:
        return _of_name(blank, meaning, fitting, found, looks)
    if named:
        why = contradicts(facts, named[0])
        choose = tuple(dict.fromkeys((*named, *found)))
        return replace(
            blank,
            confidence=Confidence.AMBIGUOUS,
            candidates=choose,
            reason=f"its name says {named[0]}, but {why}",
        )
    if found:
        sure_kind = len(found) == 1
        return replace(
            blank,
            target=found[0] if sure_kind else None,
            confidence=Confidence.LIKELY if sure_kind else Confidence.AMBIGUOUS,
            candidates=found,
            reason=f"its name is not known, but it holds {looks}",
        )
    return replace(blank, reason="neither its name nor its values are known")


def _of_our_name(blank: ColumnProposal, facts: ColumnFacts) -> ColumnProposal:
    why = contradicts(facts, facts.name)
    reason = f"its name is ours, although {why}" if why else "its name is ours"
    return replace(blank, target=facts.name, confidence=Confidence.SURE, reason=reason)


def _of_name(
    blank: ColumnProposal,
    meaning: NameMeaning,
    fitting: Sequence[str],
    found: Sequence[str],
    looks: str,
) -> ColumnProposal:
    agreeing = [target for target in fitting if target in found]
    if len(fitting) > 1 and len(agreeing) != 1:
        return replace(
            blank,
            confidence=Confidence.AMBIGUOUS,
            candidates=tuple(fitting),
            reason=f"its name fits {' and '.join(fitting)}",
        )
    target = agreeing[0] if len(fitting) > 1 else fitting[0]
    reason = f"its name means {target}"
    if target in found:
        reason += f", and it holds {looks}"
    if len(fitting) > 1:
        return replace(
            blank,
            target=target,
            confidence=Confidence.LIKELY,
            candidates=tuple(fitting),
            reason=f"its name fits {' and '.join(fitting)}, and it holds {looks}",
        )
    surely = meaning.exact and len(meaning.targets) == 1
    if not meaning.exact:
        reason = f"a part of its name means {target}"
    return replace(
        blank,
        target=target,
        confidence=Confidence.SURE if surely else Confidence.LIKELY,
        candidates=(target,),
        reason=reason,
    )


def _samples(facts: ColumnFacts) -> tuple[str, ...]:
    return tuple(text.strip()[:40] for text in facts.texts if clean(text) is not None)[:N_SAMPLES]


def _settle_rivals(proposals: Sequence[ColumnProposal]) -> list[ColumnProposal]:
    """Let the surest of the columns that claim one target have it; none if two are as sure."""
    settled = []
    for one in proposals:
        rivals = [p for p in proposals if p.target == one.target and p is not one and one.target]
        best = max((rival.confidence for rival in rivals), default=Confidence.NONE)
        if best < one.confidence or not rivals:
            settled.append(one)
            continue
        others = " and ".join(repr(rival.name) for rival in rivals)
        same = best == one.confidence
        settled.append(
            replace(
                one,
                target=None,
                confidence=Confidence.AMBIGUOUS,
                candidates=(str(one.target),),
                reason=f"{one.reason}, but so does {others}" + ("" if same else ", more surely"),
            )
        )
    return settled


def with_details(proposal: ColumnProposal, facts: ColumnFacts) -> ColumnProposal:
    """Return a proposal with the translation that its target needs."""
    if proposal.target in DATE_COLUMNS:
        return _with_dates(proposal, facts)
    if proposal.target == "country":
        pairs = [
            (text.strip(), code)
            for text in facts.texts
            if clean(text) is not None
            and read_country(text) is None
            and (code := find_country(text)) is not None
        ]
        return replace(proposal, values=tuple(sorted(set(pairs))))
    if proposal.target == "quantity":
        decimal, proof = find_decimal(facts.values())
        if decimal:
            told = f"{proposal.reason}; {proof!r} shows a decimal {decimal}"
            return replace(proposal, decimal=decimal, reason=told)
    return proposal


def _with_dates(proposal: ColumnProposal, facts: ColumnFacts) -> ColumnProposal:
    found = find_order(facts.texts)
    stated = stated_order(facts.name)
    if found.order in ORDERS:
        if stated in {None, found.order}:
            told = f"{proposal.reason}; {found.proof[0]!r} proves {found.order}"
            return replace(proposal, order=_order(found.order), reason=told)
        why = f"its name says {stated}, but {found.proof[0]!r} proves {found.order}"
    elif found.proof:
        why = f"{' and '.join(map(repr, found.proof))} contradict each other"
    elif found.order == SURE_FORMS:
        return replace(proposal, order=_order(SURE_FORMS))
    elif stated:
        told = f"{proposal.reason}; its name states {stated}"
        return replace(proposal, order=_order(stated), reason=told)
    else:
        why = f"no value proves whether day or month stands first ({found.n_open} could be both)"
    return replace(proposal, order=_order(SURE_FORMS), open_point=why)


def _order(text: str) -> Order:
    found: Order = text  # type: ignore[assignment]
    return found
