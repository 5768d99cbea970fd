"""What an import's list holds, as it is kept while somebody says what its columns are.

A column is looked at once, by the worker, for all that it may turn out to be: the order of its
dates, its countries, its decimals. So that choosing another target needs the list no more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from tocsin.formats.registry_file import ReadAs
from tocsin.registry.column_facts import ColumnFacts
from tocsin.registry.column_mapping import (
    DATE_COLUMNS,
    ColumnMapping,
    Order,
    unfit_columns,
)
from tocsin.registry.column_numbers import Mark
from tocsin.registry.column_proposal import ColumnProposal, Confidence, with_details
from tocsin.services.registries import (
    ListInspection,
    inspect_list,
    mapping_of,
    missing_points,
)

AS_IT_IS = ""
"""The choice for a column that stays as it is."""
_A_DATE, _A_COUNTRY, _A_QUANTITY = "evidence_on", "country", "quantity"


class InspectedColumn(BaseModel):
    """One column of a list: what is proposed, and what it would be as something else.

    Attributes:
        confidence: of `registry.column_proposal.Confidence`.
        order: of its dates, if they are some; ``open_point`` says what is not proven of it.
        countries: its values -> ours, if they are countries.
        decimal: what stands before a fraction, if they are numbers.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    n_rows: int
    n_filled: int
    n_distinct: int
    target: str | None
    confidence: int
    reason: str
    candidates: tuple[str, ...]
    samples: tuple[str, ...]
    order: Order | None
    open_point: str
    countries: tuple[tuple[str, str], ...]
    decimal: Mark | None

    @property
    def is_sure(self) -> bool:
        """Whether nobody need look."""
        return self.confidence == Confidence.SURE and not self.asks_order

    @property
    def asks_order(self) -> bool:
        """Whether the order of its dates is not proven, if it has any."""
        return self.target in DATE_COLUMNS and bool(self.open_point)


class InspectedList(BaseModel):
    """A list and its columns, in the file's order."""

    model_config = ConfigDict(frozen=True)

    name: str
    sheet: str | None
    kind: str
    n_rows: int
    notes: tuple[str, ...]
    columns: tuple[InspectedColumn, ...]


@dataclass(frozen=True)
class ColumnChoice:
    """What somebody says of a column: which of ours it is, and the order of its dates."""

    target: str
    order: Order | None = None


def inspect_kept(source: Path, options: ReadAs, kind: str | None = None) -> InspectedList:
    """Return what a list holds.

    Args:
        source: the list.
        options: its encoding and sheet.
        kind: ``registry`` or ``claims``; None to find out.

    Raises:
        RegistryUnreadable: if it cannot be read, or has no rows.
    """
    inspected = inspect_list(source, options, kind)
    both = zip(inspected.proposals, inspected.facts, strict=True)
    return InspectedList(
        name=source.name,
        sheet=inspected.sheet,
        kind=inspected.kind,
        n_rows=inspected.n_rows,
        notes=tuple(inspected.notes),
        columns=tuple(_column(proposal, facts) for proposal, facts in both),
    )


def read_inspection(path: Path) -> InspectedList | None:
    """Return what was kept of a list's inspection; None if there is nothing."""
    try:
        return InspectedList.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def proposed_choices(inspected: InspectedList) -> dict[str, ColumnChoice]:
    """Return what the proposal would choose, by the column's name; an open column has no choice."""
    return {
        one.name: ColumnChoice(one.target or AS_IT_IS, one.order if one.target else None)
        for one in inspected.columns
        if one.confidence != Confidence.AMBIGUOUS
    }


def mapping_of_choices(
    inspected: InspectedList,
    choices: Mapping[str, ColumnChoice],
    constants: Mapping[str, str],
) -> tuple[ColumnMapping, list[str]]:
    """Return the mapping that somebody has chosen, and what it leaves open, a sentence each.

    Raises:
        MappingUnfit: if it cannot be: two columns are the same, or a target is none.
    """
    listed = _as_inspection(inspected)
    confirmed = [
        _chosen(column, choices[column.name])
        for column in inspected.columns
        if column.name in choices and choices[column.name].target != AS_IT_IS
    ]
    try:
        mapping = mapping_of(listed, confirmed, constants)
    except ValidationError as error:
        raise unfit_columns(error) from error
    return mapping, missing_points(listed, mapping)


def _column(proposal: ColumnProposal, facts: ColumnFacts) -> InspectedColumn:
    as_date, as_country, as_quantity = (
        with_details(replace(proposal, target=target), facts)
        for target in (_A_DATE, _A_COUNTRY, _A_QUANTITY)
    )
    return InspectedColumn(
        name=facts.name,
        n_rows=facts.n_rows,
        n_filled=facts.n_filled,
        n_distinct=facts.n_distinct,
        target=proposal.target,
        confidence=int(proposal.confidence),
        reason=proposal.reason,
        candidates=proposal.candidates,
        samples=proposal.samples,
        order=as_date.order,
        open_point=as_date.open_point,
        countries=as_country.values,
        decimal=as_quantity.decimal,
    )


def _chosen(column: InspectedColumn, choice: ColumnChoice) -> ColumnProposal:
    is_date = choice.target in DATE_COLUMNS
    return ColumnProposal(
        column.name,
        choice.target,
        Confidence.SURE,
        "a person has said so",
        samples=column.samples,
        order=(choice.order or column.order) if is_date else None,
        decimal=column.decimal if choice.target == _A_QUANTITY else None,
        values=column.countries if choice.target == _A_COUNTRY else (),
    )


def _as_inspection(inspected: InspectedList) -> ListInspection:
    facts: Sequence[ColumnFacts] = [
        ColumnFacts(one.name, one.n_rows, one.n_filled, one.samples, one.n_distinct)
        for one in inspected.columns
    ]
    proposals = [
        ColumnProposal(
            one.name,
            one.target,
            Confidence(one.confidence),
            one.reason,
            one.candidates,
            one.samples,
            order=one.order,
            open_point=one.open_point if one.target in DATE_COLUMNS else "",
        )
        for one in inspected.columns
    ]
    return ListInspection(
        Path(inspected.name),
        inspected.sheet,
        inspected.kind,
        inspected.n_rows,
        facts,
        proposals,
        inspected.notes,
    )
