"""Laws of other people's lists: no row is lost, no value is invented, nothing but a refusal."""

import csv
import io
import tempfile
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import duckdb
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.lib.examples import examples
from tests.lib.workbooks import FORMATS, Formula, Number, write_workbook
from tocsin.base.errors import TocsinError
from tocsin.formats.registry_file import ReadAs, load_registry
from tocsin.formats.registry_mapping import read_mapping, render_mapping
from tocsin.identify.day import parse_days
from tocsin.registry.column_dates import ORDERS, find_order, iso_day
from tocsin.registry.column_facts import ColumnFacts
from tocsin.registry.column_mapping import ColumnMapping
from tocsin.registry.column_proposal import propose
from tocsin.registry.schema import clean

HEADER = ["device_id", "model", "software_version", "serial", "shipped_on", "quantity", "note"]
TEXTS = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffe\uffff"),
    max_size=12,
)
STORED = st.one_of(
    st.integers(-10, 10**18).map(str),
    st.floats(allow_nan=True, allow_infinity=True).map(repr),
    st.sampled_from(["", "-", "1E", "1_0", "٣", "1e400", "NaN", "0x1", "40668", "2.1"]),
)
NUMBERS = st.builds(
    Number,
    STORED,
    st.integers(0, len(FORMATS) + 2),
    st.sampled_from(["n", "n", "n", "b", "d", "e", "x"]),
)
CELLS = st.one_of(
    st.none(), TEXTS, NUMBERS, st.builds(Formula, st.one_of(st.none(), TEXTS, NUMBERS))
)


def _with_folder(run: Callable[[Path], None]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        run(Path(folder))


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(st.lists(CELLS, max_size=8), min_size=1, max_size=6))
def test_any_cells_give_records_or_rows_set_aside(rows: list[list[object]]) -> None:
    def run(folder: Path) -> None:
        path = write_workbook(folder / "r.xlsx", [HEADER, *rows])
        with duckdb.connect() as connection:
            try:
                loaded = load_registry(connection, path)
            except TocsinError:
                return
            held = connection.execute("SELECT count(*) FROM registry").fetchone()
        assert held == (loaded.n_accepted,)

    _with_folder(run)


@settings(max_examples=examples(150), deadline=None)
@given(st.decimals(-(10**17), 10**17, allow_nan=False, places=3), st.integers(0, len(FORMATS) - 1))
def test_a_number_is_never_another_serial_number(number: object, style: int) -> None:
    def run(folder: Path) -> None:
        rows = [HEADER, ["D1", "x", None, Number(str(number), style)]]
        with duckdb.connect() as connection:
            load_registry(connection, write_workbook(folder / "r.xlsx", rows))
            [(text,)] = connection.execute("SELECT serial FROM registry").fetchall()
        if clean(text) is not None:
            digits = text.removeprefix("NG-")
            assert float(digits) == float(str(number))
            assert abs(float(digits)) < 10**15
            assert "." not in digits

    _with_folder(run)


def _parts() -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        rows = [HEADER, ["D1", "x", 2.1, Number("7", 2)], ["D2"]]
        with zipfile.ZipFile(write_workbook(Path(folder) / "r.xlsx", rows)) as unpacked:
            return {name: unpacked.read(name) for name in unpacked.namelist()}


PIECES = [b"<c ", b'r="', b't="s"', b' s="-1"', b"<v>", b"</c>", b"<is>", b"<rPh>", b'"', b"-9"]


@settings(max_examples=examples(200), deadline=None)
@given(st.data())
def test_a_damaged_workbook_is_refused_or_read(data: st.DataObject) -> None:
    parts = _parts()
    name = data.draw(st.sampled_from(sorted(parts)))
    text = bytearray(parts[name])
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(text)))
        text[place : place + data.draw(st.integers(0, 4))] = data.draw(
            st.one_of(st.sampled_from(PIECES), st.binary(max_size=3))
        )

    def run(folder: Path) -> None:
        path = folder / "r.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            for part, content in (parts | {name: bytes(text)}).items():
                packed.writestr(part, content)
        raw = bytearray(path.read_bytes())
        if data.draw(st.booleans()):
            raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
            path.write_bytes(raw)
        with duckdb.connect() as connection:
            try:
                loaded = load_registry(connection, path)
            except TocsinError:
                return
            held = connection.execute("SELECT count(*) FROM registry").fetchone()
        assert held == (loaded.n_accepted,)

    _with_folder(run)


@settings(max_examples=examples(150), deadline=None)
@given(
    st.lists(TEXTS, min_size=1, max_size=6),
    st.lists(st.lists(TEXTS, min_size=1, max_size=6), max_size=6),
    st.sampled_from(",;\t|"),
    st.sampled_from(["registry", "claims"]),
)
@example(["fact."], [], ",", "registry")
@example(["fact.ring", "hcpcs"], [["a", "b"]], ",", "claims")
def test_any_list_can_be_proposed_for_and_its_mapping_read_back(
    header: list[str], rows: list[list[str]], delimiter: str, kind: str
) -> None:
    columns = list(dict.fromkeys(name.strip() or "x" for name in header))
    facts = []
    for place, name in enumerate(columns):
        texts = [row[place] for row in rows if place < len(row) and row[place].strip()]
        facts.append(
            ColumnFacts(name, len(rows), len(texts), list(dict.fromkeys(texts)), len(set(texts)))
        )
    proposals = propose(facts, kind)
    assert [one.name for one in proposals] == columns
    targets = [one.target for one in proposals if one.target]
    assert len(targets) == len(set(targets))
    mapping = ColumnMapping(
        kind="claims" if kind == "claims" else "registry",
        columns={one.name: one.target for one in proposals if one.target},
        kept=tuple(one.name for one in proposals if not one.target),
        number_rows=kind == "registry",
    )

    def run(folder: Path) -> None:
        path = folder / "m.yaml"
        path.write_text(render_mapping(mapping), "utf-8")
        assert read_mapping(path) == mapping
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter).writerows([columns, *rows])
        source = folder / "list.csv"
        source.write_text(text.getvalue(), "utf-8")
        with duckdb.connect() as connection:
            try:
                loaded = load_registry(connection, source, ReadAs(mapping=mapping))
            except TocsinError:
                return
            held = connection.execute("SELECT count(*) FROM registry").fetchone()
        assert held == (loaded.n_accepted,)

    _with_folder(run)


DAYS = st.integers(0, 20_000).map(lambda n: date(1990, 1, 1) + timedelta(days=n))
WAYS = {
    "day-month-year": "{0.day:02d}/{0.month:02d}/{0.year}",
    "month-day-year": "{0.month}/{0.day}/{0.year}",
}


@given(st.lists(DAYS, min_size=1, max_size=20), st.sampled_from(list(WAYS)))
def test_a_proven_order_reads_every_date_as_it_was_meant(days: list[date], order: str) -> None:
    texts = [WAYS[order].format(day) for day in days]
    found = find_order(texts)
    assert found.order in {order, None, "sure-forms-only"}
    if found.order is not None:
        assert [iso_day(text, found.order) for text in texts] == [day.isoformat() for day in days]


@given(TEXTS, st.sampled_from([*ORDERS, None]))
def test_a_date_that_is_read_is_a_date(text: str, order: str | None) -> None:
    day = iso_day(text, order)
    assert day is None or parse_days(day)
