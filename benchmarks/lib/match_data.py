"""Made-up registries and notices for `benchmarks.match`, the same for a size and a seed.

The registry is raw text, as a hospital or a distributor would hand it over; nearly one value in
ten of each constrained kind is missing, some are imprecise, some spelled otherwise.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from tocsin.notice.model import Notice

N_MODELS = 3600
N_SPELLED_OTHERWISE = 400
FIRST_DAY, LAST_DAY = "2014-01-01", "2023-12-31"
COUNTRIES = (
    "US", "DE", "FR", "GB", "IT", "ES", "NL", "BE", "SE", "DK", "NO", "FI", "PL", "CZ", "AT", "CH",
    "PT", "IE", "GR", "CA", "AU", "JP", "BR", "MX", "IN", "ZA",
)  # fmt: skip
MAKERS = (
    "Medtronic", "Insulet", "Tandem Diabetes Care", "Dexcom", "Nipro", "Abbott", "B. Braun",
    "Fresenius Kabi", "Biotronik", "Boston Scientific", "AliveCor", "BPL", "Illumina", "Siemens",
    "Contec", "Conmed", "Gambro", "Orthanc", "Santesoft", "Softneta",
)  # fmt: skip
N_LOTS = 60
MISSING = 0.10


@dataclass(frozen=True)
class Model:
    """A device model, and what its records can say."""

    maker: str
    code: str
    di: str | None
    versions: tuple[str, ...]
    countries: tuple[str, ...]
    lot_prefix: str
    first_lot: int

    def lot(self, place: int) -> str:
        return f"{self.lot_prefix}{self.first_lot + place:05d}"


def make_models(chance: random.Random) -> list[Model]:
    """Return the models; the codes of one maker differ in more than their spelling."""
    models = []
    for number in range(N_MODELS):
        lead = "".join(chance.choices("BCDFGHJKLMPRTVWX", k=2))
        major = chance.randint(1, 6)
        letters = chance.random() < 0.2
        versions = []
        for minor in range(chance.randint(4, 12)):
            text = f"{major + minor // 6}.{minor % 6}"
            if letters:
                text += chance.choice("AB")
            elif chance.random() < 0.4:
                text += f".{chance.randint(0, 9)}"
            versions.append(text)
        models.append(
            Model(
                maker=MAKERS[number % len(MAKERS)],
                code=f"{lead}-{10000 + number}",
                di=f"0{chance.randrange(10**12, 10**13)}" if chance.random() < 0.3 else None,
                versions=tuple(versions),
                countries=tuple(chance.sample(COUNTRIES, 10)),
                lot_prefix="".join(chance.choices("ABCDEFGH", k=2)),
                first_lot=chance.randint(100, 90000),
            )
        )
    return models


def write_registry(path: Path, n_records: int, seed: int) -> None:
    """Write the registry as text columns; one value in ten of each constrained kind is missing."""
    chance = random.Random(seed)
    models = make_models(chance)
    columns: dict[str, list[object]] = {
        name: [] for name in ("maker", "model", "udi", "versions", "countries", "lead", "first_lot")
    }
    spelled = [(model, False) for model in models]
    spelled += [(model, True) for model in chance.sample(models, N_SPELLED_OTHERWISE)]
    chance.shuffle(spelled)
    for model, otherwise in spelled:
        unknown_maker = otherwise and chance.random() < 0.25
        columns["maker"].append(None if unknown_maker else model.maker)
        columns["model"].append(model.code.lower().replace("-", " ") if otherwise else model.code)
        columns["udi"].append(f"(01){model.di}" if model.di and not otherwise else None)
        columns["versions"].append(model.versions)
        columns["countries"].append(model.countries)
        columns["lead"].append(model.lot_prefix)
        columns["first_lot"].append(model.first_lot)
    types = {"versions": pa.list_(pa.string()), "countries": pa.list_(pa.string())}
    catalogue = pa.table(
        {name: pa.array(values, types.get(name)) for name, values in columns.items()}
        | {"place": pa.array(range(len(spelled)))}
    )
    connection = duckdb.connect(config={"memory_limit": "3GB"})
    connection.register("catalogue", catalogue)
    connection.execute(
        _REGISTRY_SQL.format(
            n=n_records, seed=seed, models=len(spelled), lots=N_LOTS, missing=MISSING,
            first=FIRST_DAY, path=path,
        )
    )  # fmt: skip
    connection.close()


_REGISTRY_SQL = """
COPY (
  WITH chances AS (
    SELECT range AS i, {{
      'model': h(i, 1), 'version': h(i, 2), 'lot': h(i, 3), 'day': h(i, 4), 'country': h(i, 5),
      'no_version': h(i, 6), 'no_lot': h(i, 7), 'no_day': h(i, 8), 'no_country': h(i, 9),
      'odd_version': h(i, 10), 'odd_lot': h(i, 11), 'odd_day': h(i, 12)}} AS u
    FROM range({n})
  ),
  drawn AS (
    SELECT i, u, CAST(floor({models} * pow(u.model, 1.5)) AS BIGINT) AS place,
      CAST(date '{first}' + CAST(floor(3652 * u.day) AS INTEGER) AS VARCHAR) AS day
    FROM chances
  )
  SELECT
    'D' || lpad(CAST(i AS VARCHAR), 9, '0') AS device_id,
    maker AS manufacturer, model, udi,
    CASE WHEN u.no_version < {missing} THEN NULL
      WHEN u.odd_version < 0.01 THEN split_part(version, '.', 1)
      WHEN u.odd_version < 0.04 THEN 'v' || version ELSE version END AS software_version,
    CASE WHEN u.no_lot < {missing} THEN NULL
      WHEN u.odd_lot < 0.01 THEN lot
      WHEN u.odd_lot < 0.03 THEN lead || ' ' || lot ELSE lead || lot END AS lot,
    CASE WHEN u.no_day < {missing} THEN NULL
      WHEN u.odd_day < 0.02 THEN left(day, 4) WHEN u.odd_day < 0.06 THEN left(day, 7)
      ELSE day END AS shipped_on,
    CASE WHEN u.no_country < {missing} THEN NULL
      ELSE countries[1 + CAST(floor(10 * pow(u.country, 2)) AS INTEGER)] END AS country
  FROM (
    SELECT *, versions[1 + CAST(floor(len(versions) * u.version) AS INTEGER)] AS version,
      lpad(CAST(first_lot + CAST(floor({lots} * u.lot) AS INTEGER) AS VARCHAR), 5, '0') AS lot
    FROM drawn JOIN catalogue USING (place)
  ) ORDER BY i
) TO '{path}' (FORMAT parquet)
"""
_REGISTRY_SQL = (
    "CREATE MACRO h(i, k) AS (hash(i * 16 + k + {seed}) >> 12) / 4503599627370496.0;"
    + _REGISTRY_SQL
)


def make_notices(n_notices: int, seed: int) -> list[Notice]:
    """Return notices with four entries each about models of one maker."""
    chance = random.Random(seed)
    models = make_models(chance)
    by_maker: dict[str, list[Model]] = {}
    for model in models:
        by_maker.setdefault(model.maker, []).append(model)
    return [
        Notice.model_validate(
            {
                "notice": f"bench-{number:05d}",
                "revision": chance.randint(1, 3),
                "kind": "recall",
                "title": f"Benchmark {number}",
                "issuers": [{"name": maker, "role": "manufacturer"}],
                "scope": _make_scope(chance, by_maker[maker]),
                "source": {
                    "document": "made up by benchmarks/match_data.py",
                    "checked_on": "2026-11-20",
                },
            }
        )
        for number, maker in enumerate(chance.choices(MAKERS, k=n_notices))
    ]


def _make_scope(chance: random.Random, models: Sequence[Model]) -> list[dict[str, object]]:
    one, two, three, four, five = chance.sample(models, 5)
    groups = [
        [one, two] if chance.random() < 0.4 else [one],
        [chance.choice((two, three))],
        [three],
    ]
    scope = [
        {
            "entry": f"e{place}",
            "affects": _make_product(chance, group),
            **_make_limits(chance, group[0]),
        }
        for place, group in enumerate(groups)
    ]
    if chance.random() < 0.4:
        limits = {"software": {"at_least": chance.choice(one.versions)}}
        if chance.random() < 0.5:
            limits = {"countries": {"only": chance.sample(one.countries, 2)}}
        scope.append({"entry": "out", "excludes": _make_product(chance, [one]), **limits})
    else:
        group = [four, five] if chance.random() < 0.2 else [four]
        scope.append(
            {"entry": "e3", "affects": _make_product(chance, group), **_make_limits(chance, four)}
        )
    return scope


def _make_product(chance: random.Random, models: Sequence[Model]) -> dict[str, object]:
    product: dict[str, object] = {"models": [model.code for model in models]}
    dis = [model.di for model in models if model.di]
    if dis and chance.random() < 0.5:
        product["dis"] = dis
    return product


def _make_limits(chance: random.Random, model: Model) -> dict[str, object]:
    limits: dict[str, object] = {}
    while not limits:
        if chance.random() < 0.7:
            limits["software"] = _make_software(chance, model)
        if chance.random() < 0.5:
            limits["lots"] = _make_lots(chance, model)
        if chance.random() < 0.6:
            first = chance.randint(2014, 2021)
            month, years = chance.randint(1, 11), chance.randint(0, 3)
            limits["shipped_on"] = {
                "from": f"{first}-{month:02d}-{chance.randint(1, 28):02d}",
                "to": f"{first + years}-12-{chance.randint(1, 31):02d}",
            }
        if chance.random() < 0.5:
            key = "only" if chance.random() < 0.7 else "other_than"
            limits["countries"] = {key: chance.sample(model.countries, chance.randint(1, 4))}
    return limits


def _make_software(chance: random.Random, model: Model) -> dict[str, object]:
    drawn = chance.random()
    version = chance.choice(model.versions)
    if drawn < 0.4:
        return {"at_most": version}
    if drawn < 0.65:
        return {"below": version}
    if drawn < 0.85:
        first = chance.randrange(len(model.versions))
        return {"at_least": model.versions[first], "below": f"{int(version[0]) + 1}.5"}
    return {"any_of": chance.sample(model.versions, min(3, len(model.versions)))}


def _make_lots(chance: random.Random, model: Model) -> dict[str, object]:
    if chance.random() < 0.5:
        return {
            "any_of": [model.lot(p) for p in chance.sample(range(N_LOTS), chance.randint(2, 12))]
        }
    first = chance.randrange(N_LOTS)
    last = min(first + chance.randint(2, 20), N_LOTS)
    return {"ranges": [{"first": model.lot(first), "last": model.lot(last)}]}
