"""A validator of CSAF that is not ours, as the oracle of what we write."""

import json
from typing import Any

import pytest

_MUST = {"mandatory", "schema", "profile"}


def mandatory_faults(tree: Any) -> list[str]:
    """Return every mandatory test that a document fails, with the first reason.

    Skips the test where the validator (a development dependency) is not installed.
    """
    pytest.importorskip("prototyyppi", reason="the CSAF validator prototyyppi is not installed")
    from prototyyppi.csaf.v20 import _validator as csaf_2_0
    from prototyyppi.csaf.v21 import _validator as csaf_2_1

    version = tree["document"].get("csaf_version") if isinstance(tree.get("document"), dict) else ""
    validator = csaf_2_1 if version == "2.1" else csaf_2_0
    report = validator.validate(json.loads(json.dumps(tree)))
    return [
        f"{result.id}: {result.errors[0].message if result.errors else result.title}"
        for result in report.results
        if result.group in _MUST and not result.passed and not result.skipped
    ]
