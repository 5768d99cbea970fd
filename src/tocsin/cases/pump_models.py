"""Case A's models of pumps and linked parts, and the codes that stand on them."""

from dataclasses import dataclass
from functools import cache

from tocsin.cases.data_file import CaseData, Shape, read_case_data


class Anatomy(Shape):
    """Letters of a code after its model: before the region, and the colour at the end."""

    before_region: tuple[str, ...]
    colours: tuple[str, ...]


class Market(Shape):
    """Where holders live, and the region in the code; None for a code without suffix."""

    countries: tuple[str, ...]
    region: str | None = None


class PumpModel(Shape):
    """A model of pump; ``sold`` is the number in the sample for each market.

    ``model`` is None where a record names only a family, ``name`` where it names nothing.
    """

    maker: str = "Medtronic"
    model: str | None = None
    name: str | None = None
    versions: str | None = None
    years: tuple[int, int]
    sold: dict[str, int]


class LinkedPart(Shape):
    """A device used with some models; ``share`` of their holders have one."""

    maker: str = "Medtronic"
    model: str | None = None
    model_abroad: str | None = None
    name: str
    share: float
    used_with: tuple[str, ...]


class ModelCodes(CaseData):
    """The data file."""

    anatomy: Anatomy
    markets: dict[str, Market]
    versions: dict[str, dict[str, int]]
    pumps: tuple[PumpModel, ...]
    parts: tuple[LinkedPart, ...]


@cache
def model_codes() -> ModelCodes:
    """Return the models of case A."""
    return read_case_data("minimed_model_codes.yaml", ModelCodes)


@dataclass(frozen=True)
class Line:
    """One model in one market: what its records can say, and how many there are.

    Lists are drawn from evenly: a value that occurs twice is twice as likely.
    """

    pump: PumpModel
    n_pumps: int
    countries: tuple[str, ...]
    codes: tuple[str, ...]
    versions: tuple[str, ...]

    @property
    def full_name(self) -> str:
        """The name with the model in it, as some registries write it; may be empty."""
        name, model = self.pump.name or "", self.pump.model
        return name if model is None or model in name else f"{name} {model}"


def lines(models: ModelCodes) -> tuple[Line, ...]:
    """Return every model in every market where the sample has it."""
    return tuple(
        Line(
            pump=pump,
            n_pumps=n_pumps,
            countries=models.markets[market].countries,
            codes=codes(pump.model, models.markets[market], models.anatomy),
            versions=_weighted(models.versions[pump.versions]) if pump.versions else ("",),
        )
        for pump in models.pumps
        for market, n_pumps in pump.sold.items()
    )


def codes(model: str | None, market: Market, anatomy: Anatomy) -> tuple[str, ...]:
    """Return the codes that a model has in a market; one empty text without a model.

    >>> letters = Anatomy(before_region=("", "L"), colours=("S",))
    >>> codes("722", Market(countries=("US",), region="NA"), letters)
    ('MMT-722NAS', 'MMT-722LNAS')
    >>> codes("554CM", Market(countries=("CA",), region=""), letters)
    ('MMT-554CMS',)
    """
    if model is None:
        return ("",)
    if market.region is None:
        return (f"MMT-{model}",)
    before = anatomy.before_region if market.region else ("",)
    return tuple(
        f"MMT-{model}{letter}{market.region}{colour}"
        for letter in before
        for colour in anatomy.colours
    )


def _weighted(weights: dict[str, int]) -> tuple[str, ...]:
    return tuple(value for value, weight in weights.items() for _ in range(weight))
