"""The command works with the packages of the run lock alone."""

import subprocess
import sys
from pathlib import Path

_WITHOUT = ("pandas", "polars", "pyarrow_hotfix", "rich", "pytest", "hypothesis")
_SCRIPT = f"""
import importlib.abc, sys
class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {_WITHOUT!r}:
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Absent())
from tocsin.cli.main import run
folder = sys.argv[1]
assert run(["sample", "c", "--out", folder]) == 0
registry, notice = f"{{folder}}/registry.csv", f"{{folder}}/case_c.yaml"
sys.exit(run(["match", notice, "-r", registry, "--all", "-o", f"{{folder}}/v.parquet"]))
"""


def test_a_match_needs_no_package_that_only_developers_have(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _SCRIPT, tmp_path / "c"], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "c" / "v.parquet").is_file()
