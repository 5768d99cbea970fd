"""Schemathesis, with all its checks, against the API as gunicorn serves it, on both databases."""

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


def try_all(folder: Path, url: str | None, *options: str) -> None:
    """Run Schemathesis and fail with what it tells."""
    tokens = prepare_installation(folder, url)
    (folder / "openapi.json").write_text(json.dumps(DOCUMENT), "utf-8")
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", CONFIG,
        "run", str(folder / "openapi.json"), "--checks", "all", "--no-color", "--seed", "1",
        "--request-timeout", "120", "--exclude-operation-id", LEFT_OUT, *options,
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
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert f"Tested: {len_of_operations() - 1}" in done.stdout


def len_of_operations() -> int:
    return sum(map(len, DOCUMENT["paths"].values()))


def address_of(kind: str, request: pytest.FixtureRequest) -> str | None:
    if kind == "sqlite":
        return None
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres.create(f"schemathesis_{request.node.originalname}")


@pytest.mark.parametrize("kind", DATABASES)
def test_every_endpoint_keeps_to_its_description(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    options = ("--phases", "examples,fuzzing", "--max-examples", "3")
    try_all(tmp_path, address_of(kind, request), *options)


@pytest.mark.long
@pytest.mark.parametrize("kind", DATABASES)
def test_at_length(request: pytest.FixtureRequest, tmp_path: Path, kind: str) -> None:
    phases = "examples,coverage,fuzzing,stateful"
    try_all(tmp_path, address_of(kind, request), "--phases", phases, "--max-examples", "50")
