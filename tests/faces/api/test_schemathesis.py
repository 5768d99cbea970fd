"""Schemathesis, with all its checks, against the API as gunicorn serves it, on both databases.

In short every second endpoint is tried on SQLite and the others on PostgreSQL; at length all on
both.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lib.api_requests import DOCUMENT
from tests.lib.api_server import ROOT, environment, prepare_installation, running_api
from tests.lib.databases import DATABASES
from tests.lib.postgres import Postgres

CONFIG = "tests/faces/api/schemathesis.toml"
# It ends the very token that the others are tried with; test_rights.py and test_walk.py call it.
LEFT_OUT = "end_this_token"


OPERATIONS = sorted(
    told["operationId"]
    for methods in DOCUMENT["paths"].values()
    for told in methods.values()
    if told["operationId"] != LEFT_OUT
)


def try_them(folder: Path, url: str | None, operations: list[str], *options: str) -> None:
    """Run Schemathesis on some operations and fail with what it tells."""
    tokens = prepare_installation(folder, url)
    (folder / "openapi.json").write_text(json.dumps(DOCUMENT), "utf-8")
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", CONFIG,
        "run", str(folder / "openapi.json"), "--checks", "all", "--no-color", "--seed", "1",
        "--request-timeout", "120", *options,
        *(part for each in operations for part in ("--include-operation-id", each)),
    ]  # fmt: skip
    with running_api(folder, url) as host:
        done = subprocess.run(
            [*command, "--url", host],
            cwd=ROOT, capture_output=True, text=True, check=False,
            env={**os.environ, "TOCSIN_TRIED_TOKEN": tokens["working"],
                 "PYTHONPATH": environment(folder, url)["PYTHONPATH"]},
        )  # fmt: skip
    log = (folder / "serve.log").read_text("utf-8")
    assert "Error" not in log, log[-5000:]
    (folder / "report.txt").write_text(done.stdout + done.stderr, "utf-8")
    assert done.returncode == 0, f"{folder / 'report.txt'}:\n{done.stdout[-4000:]}"
    assert f"Tested: {len(operations)}" in done.stdout


def address_of(kind: str, request: pytest.FixtureRequest) -> str | None:
    if kind == "sqlite":
        return None
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres.create(f"schemathesis_{request.node.originalname}")


@pytest.mark.parametrize("kind", DATABASES)
def test_every_endpoint_keeps_to_its_description(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    theirs = OPERATIONS[DATABASES.index(kind) :: len(DATABASES)]
    options = ("--phases", "examples,fuzzing", "--max-examples", "1")
    try_them(tmp_path, address_of(kind, request), theirs, *options)


@pytest.mark.long
@pytest.mark.parametrize("kind", DATABASES)
def test_at_length(request: pytest.FixtureRequest, tmp_path: Path, kind: str) -> None:
    phases = "examples,coverage,fuzzing,stateful"
    # Days of a hundred years are few among all that look like days: most that it makes are too old.
    options = ("--phases", phases, "--max-examples", "50",
               "--suppress-health-check", "filter_too_much")  # fmt: skip
    try_them(tmp_path, address_of(kind, request), OPERATIONS, *options)
