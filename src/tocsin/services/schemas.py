"""JSON Schemas of the files that Tocsin reads and writes."""

from collections.abc import Mapping
from typing import Any

from tocsin.base.verdict import Verdict
from tocsin.match.figures import BenchmarkResult, MatchSummary, RevisionDiff
from tocsin.notice.model import Notice
from tocsin.registry.schema import COLUMNS, FACT_PREFIX, HOLDER_COLUMNS

OUTPUT_COLUMNS: Mapping[str, str] = {
    "device_id": "the record",
    "notice_id": "the notice; empty for a record that is listed once as a gap",
    "revision": "the notice's revision",
    "verdict": "affected, cannot_tell or, on request, not_affected",
    "entry": "the entry that decides; `gap` for a record that names no product",
    "reason_code": "stable code of the reason",
    "reason": "the reason as a sentence",
}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a file by its kind; of tables, that of one row."""
    match kind:
        case "notice":
            schema = Notice.model_json_schema()
        case "summary":
            schema = MatchSummary.model_json_schema()
        case "diff":
            schema = RevisionDiff.model_json_schema()
        case "benchmark":
            schema = BenchmarkResult.model_json_schema()
        case "registry":
            schema = _row("Device record", COLUMNS, ["device_id"])
            schema["patternProperties"] = {
                f"^{FACT_PREFIX.replace('.', '[.]')}": {
                    "type": ["string", "null"],
                    "description": "what only the holder can see",
                }
            }
        case "holders":
            schema = _row("Holder", HOLDER_COLUMNS, ["holder_id"])
        case _:
            schema = _row("Verdict on a record", OUTPUT_COLUMNS, list(OUTPUT_COLUMNS))
            schema["properties"]["verdict"]["enum"] = [str(verdict) for verdict in Verdict]
    return {"$schema": _DIALECT, **schema}


def _row(title: str, columns: Mapping[str, str], required: list[str]) -> dict[str, Any]:
    return {
        "title": title,
        "type": "object",
        "properties": {
            name: {
                "type": "string" if name in required else ["string", "null"],
                "description": meaning,
            }
            for name, meaning in columns.items()
        },
        "required": required,
        "additionalProperties": True,
    }
