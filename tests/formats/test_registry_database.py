"""Tables of other people's databases: read whole, changed never, and no password shown."""

import json
import sqlite3
from pathlib import Path
from threading import Thread
from typing import Any

import pyarrow as pa
import pytest

from tests.lib.postgres import Postgres
from tocsin.base.errors import DatabaseUnreachable, RegistryUnreadable, UsageError
from tocsin.cli.main import run
from tocsin.compute.duck import duck_database
from tocsin.formats.database_address import DatabaseTable, parse_database_address
from tocsin.formats.registry_file import LoadedTable, ReadAs, load_registry
from tocsin.registry.column_mapping import ColumnMapping
from tocsin.registry.schema import clean

ROWS: list[tuple[Any, ...]] = [
    ("D1", "Medtronic", "MMT-522NAS", "2.4A", 1, "2011-02-03"),
    ("D2", "Medtronic", "MMT-723NAS", None, 2, "2012-05-06"),
    ("D3", "Tandem", "X-1", "ü\U0001f489", None, None),
]
CREATE = (
    "CREATE TABLE devices (device_id {text}, manufacturer {text}, model {text}, "
    "software_version {text}, quantity integer, shipped_on date)"
)
SECRET = "h!dden-Word"


def load(source: DatabaseTable) -> tuple[LoadedTable, pa.Table]:
    with duck_database("1GB") as duck:
        loaded = load_registry(duck.connection, source)
        return loaded, duck.connection.execute("FROM registry").to_arrow_table()


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Path:
    path = tmp_path / "clinic.db"
    with sqlite3.connect(path) as connection:
        connection.execute(CREATE.format(text="text"))
        connection.executemany("INSERT INTO devices VALUES (?, ?, ?, ?, ?, ?)", ROWS)
        connection.execute("CREATE VIEW pumps AS SELECT * FROM devices WHERE device_id < 'D3'")
    connection.close()
    return path


@pytest.fixture(scope="module")
def clinic(postgres: Postgres) -> str:
    """Return the address of a database with a table, a view and a schema."""
    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")
    url = postgres.create("clinic")
    with psycopg.connect(url) as connection:
        connection.execute(CREATE.format(text="text"))
        connection.cursor().executemany("INSERT INTO devices VALUES (%s, %s, %s, %s, %s, %s)", ROWS)
        connection.execute("CREATE SCHEMA care")
        connection.execute('CREATE VIEW care."All Pumps" AS SELECT * FROM devices')
        connection.execute("ALTER DATABASE clinic SET datestyle TO 'German'")
    return url


def expected() -> list[tuple[str | None, ...]]:
    return [tuple(None if v is None else str(v) for v in row) for row in ROWS]


def rows_of(table: pa.Table) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in table.to_pylist()]


def test_a_table_of_sqlite_is_read_as_text(sqlite_file: Path) -> None:
    loaded, table = load(parse_database_address(f"sqlite:///{sqlite_file}#devices"))
    assert rows_of(table) == expected()
    assert (loaded.n_in, loaded.rejected) == (3, ())


def test_a_view_of_sqlite_is_read(sqlite_file: Path) -> None:
    _, table = load(parse_database_address(f"sqlite:///{sqlite_file}#pumps"))
    assert rows_of(table) == expected()[:2]


@pytest.mark.parametrize("name", ["devices", "public.devices", "care.All%20Pumps"])
def test_a_table_or_view_of_postgresql_is_read_as_text(clinic: str, name: str) -> None:
    """Days come as ISO days, whatever the database prefers."""
    _, table = load(parse_database_address(f"{clinic}#{name}"))
    assert rows_of(table) == expected()


def test_more_rows_than_a_chunk_arrive_in_order(
    clinic: str, sqlite_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.formats.registry_database.CHUNK_ROWS", 2)
    for address in (f"{clinic}#devices", f"sqlite:///{sqlite_file}#devices"):
        assert rows_of(load(parse_database_address(address))[1]) == expected()


def test_a_version_that_is_kept_as_a_floating_point_number_counts_as_missing(
    clinic: str, tmp_path: Path
) -> None:
    """Who knows whether 2.1 was typed 2.10; a count may be such a number."""
    import psycopg

    path = tmp_path / "floats.db"
    create = "CREATE {} floats AS SELECT 'D1' AS device_id, 'M' AS model, {} AS quantity, {} AS v"
    with sqlite3.connect(path) as connection:
        connection.execute(create.format("TABLE", "2.0", "2.10"))
    connection.close()
    with psycopg.connect(clinic) as connection:
        connection.execute(create.format("OR REPLACE VIEW", "2.5::float8", "2.10::float8"))
    mapping = ColumnMapping(
        columns={
            "device_id": "device_id",
            "model": "model",
            "quantity": "quantity",
            "v": "software_version",
        }
    )
    for address in (f"sqlite:///{path}#floats", f"{clinic}#floats"):
        with duck_database("1GB") as duck:
            source = parse_database_address(address)
            load_registry(duck.connection, source, ReadAs(mapping=mapping))
            (row,) = duck.connection.execute("FROM registry").to_arrow_table().to_pylist()
        assert row["software_version"].startswith("2.1 (")
        assert clean(row["software_version"]) is None
        assert clean(row["quantity"]) is not None


def test_a_repeated_key_is_set_aside(sqlite_file: Path) -> None:
    with sqlite3.connect(sqlite_file) as connection:
        connection.execute("INSERT INTO devices (device_id, model) VALUES ('D1', 'MMT-508')")
    connection.close()
    loaded, table = load(parse_database_address(f"sqlite:///{sqlite_file}#devices"))
    assert loaded.n_in == 4
    assert [row.value for row in loaded.rejected] == ["D1", "D1"]
    assert [row.line for row in loaded.rejected] == [None, None]
    assert table.num_rows == 2


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("sqlite:///{folder}/absent.db#devices", "There is no file"),
        ("sqlite:///{file}#patients", "it has devices, pumps"),
        ("sqlite:///{notes}#devices", "not a database"),
    ],
)
def test_what_is_missing_in_sqlite_is_told(sqlite_file: Path, address: str, said: str) -> None:
    notes = sqlite_file.with_name("notes.txt")
    notes.write_text("no database at all, but long enough to be looked at " * 40)
    text = address.format(folder=sqlite_file.parent, file=sqlite_file, notes=notes)
    with pytest.raises((DatabaseUnreachable, RegistryUnreadable), match=said):
        load(parse_database_address(text))


def test_text_that_is_not_utf8_is_not_quoted(sqlite_file: Path) -> None:
    with sqlite3.connect(sqlite_file) as connection:
        connection.execute("INSERT INTO devices (device_id, model) VALUES ('D9', x'5365637265FF')")
    connection.close()
    with pytest.raises(DatabaseUnreachable, match="not UTF-8") as caught:
        load(parse_database_address(f"sqlite:///{sqlite_file}#devices"))
    assert "Secre" not in str(caught.value)


def test_what_is_missing_in_postgresql_is_told(clinic: str) -> None:
    with pytest.raises(RegistryUnreadable, match='no table or view "patients"'):
        load(parse_database_address(f"{clinic}#patients"))
    with pytest.raises(DatabaseUnreachable, match="does not exist"):
        load(parse_database_address(f"{clinic.replace('/clinic', '/hospital')}#devices"))


def test_a_value_that_postgresql_cannot_read_is_not_quoted(clinic: str) -> None:
    import psycopg

    with psycopg.connect(clinic) as connection:
        connection.execute(
            "CREATE OR REPLACE VIEW broken AS SELECT device_id, model::int AS model FROM devices"
        )
    with pytest.raises(RegistryUnreadable, match="InvalidTextRepresentation") as caught:
        load(parse_database_address(f"{clinic}#broken"))
    assert "MMT" not in str(caught.value)


def test_a_connection_that_breaks_in_the_middle_is_told(
    clinic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server ends it, as it does when it is shut down."""
    import psycopg

    monkeypatch.setattr("tocsin.formats.registry_database.CHUNK_ROWS", 1)
    slow = (
        "CREATE OR REPLACE VIEW endless AS SELECT 'E' || n AS device_id, 'MMT-508' AS model, "
        "CASE WHEN n > 2 THEN pg_sleep(20)::text END AS remark FROM generate_series(1, 99) n"
    )
    with psycopg.connect(clinic, autocommit=True) as connection:
        connection.execute(slow)
        ended = Thread(target=end_reader, args=(clinic,))
        ended.start()
        with pytest.raises(DatabaseUnreachable, match="broke after 2 rows"):
            load(parse_database_address(f"{clinic}#endless"))
        ended.join()


def end_reader(url: str) -> None:
    """End the connection that reads, once it waits for its third row."""
    import psycopg

    reading = "application_name = 'tocsin' AND wait_event = 'PgSleep'"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            f"""DO $$ BEGIN FOR i IN 1..1000 LOOP
                PERFORM pg_sleep(0.02), pg_stat_clear_snapshot();
                EXIT WHEN EXISTS (SELECT 1 FROM pg_stat_activity WHERE {reading});
            END LOOP; END $$"""
        )
        connection.execute(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {reading}"
        )


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://me:{secret}@127.0.0.1:1/clinic#devices",
        "postgresql://me@127.0.0.1:1/clinic?password={secret}#devices",
        "postgresql://me:{secret}@127.0.0.1:1/clinic",
        "postgresql://me:{secret}/x@127.0.0.1:1/clinic#devices",
        "postgresql://me:#{secret}@127.0.0.1:1/clinic#devices",
        "postgresql://me:{secret}@127.0.0.1:port/clinic#devices",
        "postgresql://me:{secret}@127.0.0.1:1/clinic?nonsense={secret}#devices",
        "postgres:me:{secret}#devices",
    ],
)
def test_no_password_is_ever_shown(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    notice = Path(__file__).parents[2] / "src/tocsin/cases/data/case_a.yaml"
    out, summary = tmp_path / "out.csv", tmp_path / "summary.json"
    code = run(
        [
            "match",
            str(notice),
            "-r",
            address.format(secret=SECRET),
            "-o",
            str(out),
            "--summary",
            str(summary),
        ]
    )
    said = capsys.readouterr()
    assert code in {2, 3}
    assert not out.exists()
    assert not summary.exists()
    assert "tocsin: The " in said.err
    assert SECRET not in said.err + said.out


def test_an_address_prints_itself_without_user_and_password() -> None:
    table = parse_database_address(f"postgresql://me:{SECRET}@localhost:5432/clinic#care.pumps")
    assert str(table) == table.name == "postgresql://localhost:5432/clinic#care.pumps"
    assert SECRET not in repr(table)
    assert (table.schema, table.table) == ("care", "pumps")


@pytest.mark.parametrize("address", ["sqlite://devices.db#t", "sqlite:///devices.db", "sqlite:#t"])
def test_an_address_without_a_file_or_a_table_is_refused(address: str) -> None:
    with pytest.raises(UsageError):
        parse_database_address(address)


def test_a_notice_is_matched_with_a_table(
    clinic: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files about the table lie where the command was given; the table is as it was."""
    monkeypatch.chdir(tmp_path)
    notice = Path(__file__).parents[2] / "src/tocsin/cases/data/case_a.yaml"
    summary = tmp_path / "summary.json"
    assert run(["match", str(notice), "-r", f"{clinic}#devices", "--summary", str(summary)]) == 0
    told = json.loads(summary.read_text())
    assert told["records"] == 3
    assert told["registry"] == "postgresql:///clinic#devices"
    verdicts = told["notices"][0]["verdicts"]
    assert [verdicts[v]["records"] for v in ("affected", "cannot_tell", "not_affected")] == [
        1,
        1,
        1,
    ]
    _, table = load(parse_database_address(f"{clinic}#devices"))
    assert rows_of(table) == expected()


def test_the_connection_can_only_read(clinic: str) -> None:
    """A view that writes, as a hostile or a careless one might, is stopped."""
    import psycopg

    with psycopg.connect(clinic) as connection:
        connection.execute(
            "CREATE OR REPLACE FUNCTION forget() RETURNS text LANGUAGE plpgsql AS "
            "$$ BEGIN DELETE FROM devices; RETURN 'x'; END $$"
        )
        connection.execute(
            "CREATE OR REPLACE VIEW forgetful AS SELECT forget() AS device_id, 'm' AS model"
        )
    with pytest.raises(RegistryUnreadable, match="ReadOnlySqlTransaction"):
        load(parse_database_address(f"{clinic}#forgetful"))
    assert rows_of(load(parse_database_address(f"{clinic}#devices"))[1]) == expected()
