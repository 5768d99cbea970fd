"""Run one fuzz target under atheris: `python -m tests.fuzz.drive NAME [libFuzzer's arguments]`.

`scripts/fuzz.py` calls it for every target and says what came of it.
"""

import sys

import atheris

with atheris.instrument_imports(include=["tocsin"]):
    from tests.fuzz.targets import TARGETS

if __name__ == "__main__":
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, TARGETS[name].run)
    atheris.Fuzz()
