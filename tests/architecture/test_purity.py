"""The core takes its clock and its chance as arguments: `now`, `today`, a seeded Generator."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.sources import core_rooms, is_within, read_sources

CLOCKS = (
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "time",
)
GLOBAL_CHANCE = ("os.urandom", "random", "secrets", "uuid.uuid1", "uuid.uuid4")
# All else in numpy.random draws from, or seeds, the one generator of the process.
NUMPY_TYPES = {"BitGenerator", "Generator", "PCG64", "PCG64DXSM", "Philox", "SeedSequence"}
# Without an argument they take their seed from the system.
SEEDED = {f"numpy.random.{name}" for name in ("default_rng", *NUMPY_TYPES)}


def _dotted_names(tree: ast.AST) -> dict[str, str]:
    """Return what each imported name of a module stands for."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                root = alias.name.partition(".")[0]
                names[alias.asname or root] = alias.name if alias.asname else root
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def _resolve(node: ast.expr, names: dict[str, str]) -> str | None:
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        base = _resolve(node.value, names)
        return f"{base}.{node.attr}" if base else None
    return None


def _is_unseeded(call: ast.Call) -> bool:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return all(isinstance(value, ast.Constant) and value.value is None for value in given)


def _is_global_numpy_chance(name: str) -> bool:
    draws = name.removeprefix("numpy.random.")
    return name != draws and "." not in draws and draws not in {*NUMPY_TYPES, "default_rng"}


def find_impurities(tree: ast.AST) -> Iterator[str]:
    """Yield each use of a clock or of unseeded chance, with its line."""
    names = _dotted_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = _resolve(node.func, names)
            if name in SEEDED and _is_unseeded(node):
                yield f"line {node.lineno}: {name}() without a seed"
        elif isinstance(node, ast.Name | ast.Attribute):
            name = _resolve(node, names)
            if name and (is_within(name, *CLOCKS, *GLOBAL_CHANCE) or _is_global_numpy_chance(name)):
                yield f"line {node.lineno}: {name}"


def test_the_core_reads_no_clock_and_no_global_chance() -> None:
    core = core_rooms()
    wrong = [
        f"{source.path.name} ({source.module}), {found}"
        for source in read_sources()
        if source.room in core
        for found in find_impurities(source.tree)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "text",
    [
        "from datetime import datetime\ndatetime.now()",
        "import datetime as d\nd.date.today()",
        "from datetime import date\nread = date.today",
        "import time\ntime.time()",
        "from time import monotonic\nmonotonic()",
        "import random\nrandom.random()",
        "import numpy as np\nnp.random.seed(3)",
        "import numpy as np\nnp.random.normal(0, 1)",
        "from numpy.random import default_rng\ndefault_rng()",
        "import numpy as np\nnp.random.default_rng(seed=None)",
        "import uuid\nuuid.uuid4()",
    ],
)
def test_an_impurity_is_found(text: str) -> None:
    assert list(find_impurities(ast.parse(text)))


@pytest.mark.parametrize(
    "text",
    [
        "from datetime import date, time\ndate(2019, 6, 27)\nx: date",
        "import numpy as np\ndef f(rng: np.random.Generator): return rng.normal(0, 1)",
        "import numpy as np\nnp.random.default_rng(7)",
        "import uuid\nuuid.uuid5(uuid.NAMESPACE_URL, 'x')",
    ],
)
def test_purity_is_left_alone(text: str) -> None:
    assert list(find_impurities(ast.parse(text))) == []
