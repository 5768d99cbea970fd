"""`tocsin --help` answers before anything heavy is loaded."""

import subprocess
import sys

import pytest

from tests.architecture.sources import PACKAGE

HEAVY = ("django", "duckdb", "ibis", "numpy", "pandas", "polars", "pyarrow", "pyspark", "sqlglot")

PROGRAM = """
import sys
sys.argv = ["tocsin", "--help"]
from tocsin.cli.main import main
try:
    main()
except SystemExit as leaving:
    assert not leaving.code, leaving.code
print("loaded:", *sorted(set(%r) & set(sys.modules)))
"""


@pytest.mark.skipif(
    not (PACKAGE / "cli" / "main.py").is_file(), reason="the command line is not yet written"
)
def test_help_loads_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM % (HEAVY,)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].split() == ["loaded:"]
