"""A mapping: which of our columns other people's columns are, as a person has confirmed it."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator

from tocsin.base.errors import MappingUnfit
from tocsin.registry.column_numbers import Mark
from tocsin.registry.schema import COLUMNS, DAY_COLUMNS, FACT_PREFIX, PRODUCT_COLUMNS

DATE_COLUMNS = (*DAY_COLUMNS, "evidence_on")
CLAIM_COLUMNS = ("hcpcs", "ndc")
# The text of a claim describes a kind of device in words of its own: it never names a product.
NOT_OF_CLAIMS = ("device_id", "product", "software_version", "evidence_source")

Order = Literal["day-month-year", "month-day-year", "year-month-day", "sure-forms-only"]


def _truth(value: object) -> object:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


class ColumnMapping(BaseModel):
    """How a file of somebody else is read as a registry.

    Attributes:
        mapping: the version of this shape.
        kind: ``registry``, or ``claims`` of a payer.
        made_from: the name of the file that it was made for.
        sheet: the sheet of a workbook; None for the first.
        header_row: the row of a workbook's header; None to look for it.
        columns: their column -> ours.
        dates: their column -> the order of day and month in it.
        decimals: their column -> what stands before a fraction, ``comma`` or ``point``.
        values: their column -> their value -> ours.
        constants: our column -> the value of every record.
        number_rows: whether records without a key get the number of their row as ``device_id``.
        products: NDC -> what it names (manufacturer, model ...), for claims.
        numbers_as_typed: their columns in which a workbook's numbers lost nothing.
        kept: their columns that stay as they are.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    mapping: Annotated[Literal["1"], BeforeValidator(str)] = "1"
    kind: Literal["registry", "claims"] = "registry"
    made_from: str = ""
    sheet: str | None = None
    header_row: int | None = None
    columns: dict[str, str] = {}
    dates: dict[str, Order] = {}
    decimals: dict[str, Mark] = {}
    values: dict[str, dict[str, str]] = {}
    constants: dict[str, str] = {}
    number_rows: Annotated[bool, BeforeValidator(_truth)] = False
    products: dict[str, dict[str, str]] = {}
    numbers_as_typed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> "ColumnMapping":
        targets = list(self.columns.values())
        wrong = [name for name in (*targets, *self.constants) if not self.is_target(name)]
        if wrong:
            raise ValueError(f"{', '.join(wrong)} is no column of a {self.kind} file")
        if repeated := sorted({name for name in targets if targets.count(name) > 1}):
            raise ValueError(f"two columns are mapped to {', '.join(repeated)}")
        if both := sorted(set(targets) & set(self.constants)):
            raise ValueError(f"{', '.join(both)} is both a column and a constant")
        for name in (*self.dates, *self.decimals, *self.values, *self.numbers_as_typed):
            if name not in self.columns:
                raise ValueError(f"{name!r} has a translation, but is not mapped")
        if days := [name for name in self.dates if self.columns[name] not in DATE_COLUMNS]:
            raise ValueError(f"{', '.join(days)} has an order of dates, but is no date")
        for product in self.products.values():
            if unknown := sorted(set(product) - set(PRODUCT_COLUMNS)):
                raise ValueError(f"a product cannot have {', '.join(unknown)}")
        return self

    def is_target(self, name: str) -> bool:
        """Return whether one of our columns can be filled from this kind of file."""
        if self.kind == "claims":
            return name in CLAIM_COLUMNS or (name in COLUMNS and name not in NOT_OF_CLAIMS)
        return name in COLUMNS or (name.startswith(FACT_PREFIX) and len(name) > len(FACT_PREFIX))


def read_columns(values: Mapping[str, Any]) -> ColumnMapping:
    """Return the mapping that a face was told, as plain values.

    Raises:
        MappingUnfit: if it cannot be.
    """
    try:
        return ColumnMapping.model_validate(values)
    except ValidationError as error:
        raise unfit_columns(error) from error


def unfit_columns(error: ValidationError) -> MappingUnfit:
    """Return what is wrong with a mapping that a person is choosing, as an error of ours."""
    said = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
    return MappingUnfit(
        f"The columns cannot be read like this: {said}. Nothing was changed. Choose another of our "
        "columns for one of them, or leave it as it is."
    )


def check_mapping(mapping: ColumnMapping, columns: Iterable[str], name: str) -> None:
    """Check that a mapping fits the columns of a file.

    Raises:
        MappingUnfit: if a mapped column is missing, or an unmapped one has a name of ours that
            the mapping gives to another.
    """
    present = list(columns)
    if mapping.kind == "claims" and "holder_id" not in mapping.columns.values():
        raise MappingUnfit(
            f"The mapping does not say which column of {name} is the holder_id; a claim without "
            "a person leads to nobody. The file was not read."
        )
    if missing := [column for column in mapping.columns if column not in present]:
        raise MappingUnfit(
            f"The mapping expects {', '.join(map(repr, missing))} in {name}, which has only "
            f"{', '.join(map(repr, present))[:300]}. The file was not read. Correct the mapping, "
            "or make a new one with `tocsin registry map`."
        )
    taken = {*mapping.columns.values(), *mapping.constants}
    if both := [column for column in present if column in taken and column not in mapping.columns]:
        raise MappingUnfit(
            f"{name} has a column {', '.join(both)} of its own, but the mapping fills it from "
            "elsewhere. The file was not read. Map or rename one of them."
        )


def new_columns(mapping: ColumnMapping, columns: Iterable[str]) -> list[str]:
    """Return the columns of a file that the mapping does not know."""
    known = {*mapping.columns, *mapping.kept}
    return [column for column in columns if column not in known and column not in COLUMNS]
