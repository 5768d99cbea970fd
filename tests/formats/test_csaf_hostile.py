"""CSAF documents that want to break the reader: a sentence or a notice, and soon."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.lib.csaf_documents import document, pump, status
from tocsin.base.errors import NoticeInvalid, NoticeUnreadable
from tocsin.formats.csaf.tree import MAX_BRANCHES
from tocsin.notice.model import Notice
from tocsin.services.notices import read_notice

SECONDS_PER_MB = 1.0
GRACE_S = 2.0  # a small file on a busy machine


def _read(path: Path, text: str) -> tuple[Notice | str, float]:
    """Return the notice or the sentence, and how long it took against what is allowed."""
    path.write_text(text, "utf-8")
    started = time.process_time()
    found: Notice | str
    try:
        found = read_notice(path)
    except (NoticeInvalid, NoticeUnreadable) as error:
        found = error.sentence
    took_s = time.process_time() - started
    return found, took_s / (GRACE_S + SECONDS_PER_MB * path.stat().st_size / 1e6)


def _nested(depth: int) -> str:
    opening = '{"category": "product_family", "name": "F", "branches": ['
    leaf = '{"category": "product_name", "name": "D", "product": {"product_id": "A", "name": "D"}}'
    tree = json.loads(opening * 3 + leaf + "]}" * 3)
    text = json.dumps(document(tree))
    inner = json.dumps(tree)
    return text.replace(inner, opening * depth + leaf + "]}" * depth)


def _many(n: int, product_id: str = "P{}", name: str = "Delos {}") -> list[Any]:
    return [pump(product_id.format(k), f"< {k}.1", name=name.format(k)) for k in range(n)]


def _circle() -> Any:
    relations = [
        {
            "category": "installed_on",
            "product_reference": f"R{(k + 1) % 50}",
            "relates_to_product_reference": f"R{k}",
            "full_product_name": {"product_id": f"R{k}", "name": f"R{k}"},
        }
        for k in range(50)
    ]
    ids = [f"R{k}" for k in range(50)]
    return document(relationships=relations, vulnerabilities=[status(known_affected=ids)])


def _all_fixed(n_products: int, n_vulnerabilities: int) -> Any:
    ids = [f"P{k}" for k in range(n_products)]
    said = [status(f"CVE-2024-{n:05d}", fixed=ids[n % 2 :]) for n in range(n_vulnerabilities)]
    return document(*_many(n_products), vulnerabilities=said)


TREES: dict[str, Callable[[], Any]] = {
    "one id for all": lambda: document(*_many(3000, "P")),
    "one id and name for all": lambda: document(*_many(3000, "P", "Delos")),
    "no ids": lambda: document(*_many(2000, "")),
    "undefined ids": lambda: document(
        vulnerabilities=[status(fixed=[f"Q{k}" for k in range(5000)])]
    ),
    "circle of relations": _circle,
    "many vulnerabilities": lambda: _all_fixed(400, 400),
    "one CVE again and again": lambda: document(
        *_many(3), vulnerabilities=[status(known_affected=["P1"])] * 3000
    ),
    "long names": lambda: document(
        *(pump(f"P{k}", "1a1/" * 370, "a112/" * 290) for k in range(80))
    ),
    "brackets": lambda: document(*(pump(f"P{k}", "(" * 1400, "((a) " * 280) for k in range(80))),
    "long expressions": lambda: document(
        *(
            pump(f"P{k}", ">= 1 | <= 2 | " * 100, full="Delos " + "1 and 2 " * 180)
            for k in range(80)
        )
    ),
    "branches that end": lambda: document(
        *({"category": "product_name", "name": f"D{k}"} for k in range(2000))
    ),
    "NUL": lambda: document(pump("A\0B", "1\0", name="De\0los")),
    "a huge text": lambda: document(pump("A", "1.0", name="Delos " * 400_000)),
    "numbers for names": lambda: document(pump(7, "1", name="x") | {"name": 10**40}),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("name", TREES)
def test_a_document_is_read_soon_or_refused_in_a_sentence(name: str, tmp_path: Path) -> None:
    path = tmp_path / "hostile.json"
    found, share = _read(path, json.dumps(TREES[name]()))
    assert share < 1, f"{share:.1f} times what is allowed"
    if isinstance(found, str):
        assert str(path) in found
    else:
        assert len({entry.entry for entry in found.scope}) == len(found.scope)


@pytest.mark.parametrize("depth", [40, 100, 300, 5000, 200_000])
def test_deep_nesting_is_cut_or_refused(depth: int, tmp_path: Path) -> None:
    found, share = _read(tmp_path / "deep.json", _nested(depth))
    assert share < 1
    if isinstance(found, str):
        assert "nested too deeply" in found
    else:
        (entry,) = found.scope
        assert len(entry.information["path"]) <= 61
        assert entry.reviewed is (depth < MAX_BRANCHES)


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "{}", "[]", "null", '{"document": {"csaf_version": "2.0"', "\0", '{"a": NaN}',
        '{"document": {"csaf_version": "2.0"}}', "\ufeff{}", '{"document": null}', "{" * 100_000,
        "[" * 100_000, '{"document": {"csaf_version": 1e999}}',
    ],
)  # fmt: skip
def test_what_is_no_document_gives_a_sentence(text: str, tmp_path: Path) -> None:
    found, share = _read(tmp_path / "odd.json", text)
    assert isinstance(found, str)
    assert share < 1


def test_a_key_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    """The second list of affected products would replace the first without a word."""
    text = json.dumps(document(pump("A", "1"), vulnerabilities=[status(known_affected=["A"])]))
    twice = text.replace('"known_affected":', '"known_affected": ["B"], "known_affected":')
    found, _ = _read(tmp_path / "twice.json", twice)
    assert isinstance(found, str)
    assert "'known_affected' twice" in found


@pytest.mark.long
def test_a_large_advisory_is_read_within_a_second_per_megabyte(tmp_path: Path) -> None:
    found, share = _read(tmp_path / "large.json", json.dumps(_all_fixed(60_000, 60)))
    assert isinstance(found, Notice)
    assert len(found.scope) >= 60_000
    assert share < 1
