"""Generated notices as CSAF: valid, equal when read again, and never wider to other readers."""

from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.lib.csaf_validation import mandatory_faults
from tests.lib.engines import ask_reference
from tests.lib.examples import examples
from tests.lib.plain_csaf_reader import cleared_rows
from tests.lib.random_records import random_rows
from tests.lib.random_scopes import notice_tree, random_notices
from tests.lib.random_versions import random_version
from tests.lib.strategies import notices, seeds
from tocsin.base.verdict import Verdict
from tocsin.formats.csaf.own_note import is_own_note
from tocsin.formats.csaf.reading import read_csaf
from tocsin.formats.csaf.writing import csaf_text, write_csaf
from tocsin.formats.notice_file import parse_json
from tocsin.notice.model import Notice

KINDS = [("2.0", "security-advisory"), ("2.1", "security-advisory"), ("2.0", "vex"), ("2.1", "vex")]
kinds = st.sampled_from(KINDS)
PATH = Path("written.json")


def read_again(tree: Any) -> Notice:
    return read_csaf(parse_json(csaf_text(tree), PATH), PATH)


def plainly_read(tree: Any) -> Notice:
    """Return the document as our reader takes it from somebody else."""
    notes = [note for note in tree["document"]["notes"] if not is_own_note(note)]
    return read_again(tree | {"document": tree["document"] | {"notes": notes}})


@settings(max_examples=examples(200), deadline=None)
@given(notices(1), kinds)
def test_what_is_written_is_valid_and_reads_back_equal(found: list[Notice], kind: Any) -> None:
    tree = write_csaf(found[0], *kind)
    assert read_again(tree) == found[0]
    assert mandatory_faults(tree) == []


texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=40
).filter(str.strip)


@settings(max_examples=examples(200), deadline=None)
@given(
    st.lists(texts, min_size=8, max_size=8),
    st.dictionaries(texts, st.recursive(texts | st.none() | st.booleans(), st.lists), max_size=3),
    st.integers(1, 700),
    st.sampled_from(["draft", "in-review", "released", "withdrawn"]),
    kinds,
)
def test_any_text_anywhere_reads_back_equal(
    said: list[str], information: dict[str, Any], revision: int, state: str, kind: Any
) -> None:
    notice = Notice.model_validate(
        {
            "notice": "N-1",
            "revision": revision,
            "kind": "recall",
            "title": said[0],
            "issuers": [{"name": said[1], "role": "distributor"}],
            "scope": [
                {"entry": "e", "affects": {"names": said[2:4]}, "unread": [said[4]]},
                {"entry": "f", "excludes": {"models": ["A1"], "names": [said[5]]}},
            ],
            "precautions": {"patient": [said[6]]},
            "contacts": [{"name": said[7]}],
            "approval": {"state": state},
            "information": information,
            "source": {"document": said[0], "checked_on": "2026-11-20"},
        }
    )
    tree = write_csaf(notice, *kind)
    assert read_again(tree) == notice
    assert mandatory_faults(tree) == []


@settings(max_examples=examples(200), deadline=None)
@given(notices(1), seeds, kinds)
def test_without_our_notes_nobody_more_is_cleared(
    found: list[Notice], seed: int, kind: Any
) -> None:
    """Our own reader, taking the document for somebody else's."""
    rows = random_rows(Random(seed), found, 20)
    meant = ask_reference(found, rows)
    taken = ask_reference([plainly_read(write_csaf(found[0], *kind))], rows)
    assert {device for device, _ in taken} == {device for device, _ in meant}
    for key, answer in taken.items():
        if answer.verdict is Verdict.NOT_AFFECTED:
            assert meant[key].verdict is Verdict.NOT_AFFECTED, key


def clearing_notice(rng: Random) -> Notice:
    """Return a notice with an exclusion by versions, as often sure as not."""
    dotted = f"{rng.randint(1, 9)}.{rng.randint(0, 9)}"
    version = random_version(rng) if rng.random() < 0.5 else dotted
    bounds = ["at_most", "below", "at_least", "above", "equal", "other_than", "fixed_in"]
    part = dict.fromkeys(rng.sample(bounds, rng.choice((1, 1, 1, 2))), version)
    side = rng.choice([{"names": ["Delos Pump"]}, {"models": ["DL-100"]}])
    try:
        return Notice.model_validate(
            notice_tree(
                "N",
                [
                    {"entry": "all", "affects": {"names": ["Delos Pump"], "models": ["DL-100"]}},
                    {"entry": "some", "excludes": side, "software": part},
                ],
                "Medtronic",
            )
        )
    except ValidationError:  # the drawn version cannot stand in a notice
        return clearing_notice(rng)


clearing = st.randoms(use_true_random=False).map(clearing_notice)


@settings(max_examples=examples(300), deadline=None)
@given(notices(1).map(lambda drawn: drawn[0]) | clearing, kinds)
def test_whom_a_plain_reader_clears_is_cleared(found: Notice, kind: Any) -> None:
    """A reader that compares names and numbers and takes every status at its word."""
    rows = list(cleared_rows(write_csaf(found, *kind)))
    for (device, _), answer in ask_reference([found], rows).items():
        assert answer.verdict is Verdict.NOT_AFFECTED, device


def test_a_plain_reader_does_clear_somebody() -> None:
    """A guard against the test above passing for want of rows."""
    rows = [
        row
        for seed in range(300)
        for notice in (_drawn(seed), clearing_notice(Random(seed)))
        for row in cleared_rows(write_csaf(notice, "2.0", "vex"))
    ]
    assert len(rows) > 60
    assert sum("software_version" in row for row in rows) > 30


def _drawn(seed: int) -> Notice:
    return random_notices(Random(seed), 1)[0]


@pytest.mark.long
def test_many_generated_notices() -> None:
    for seed in range(20_000):
        notice = _drawn(seed)
        tree = write_csaf(notice, *KINDS[seed % 4])  # type: ignore[arg-type]
        assert read_again(tree) == notice, seed
        rows = random_rows(Random(seed), [notice], 10)
        meant = ask_reference([notice], rows)
        for key, answer in ask_reference([plainly_read(tree)], rows).items():
            if answer.verdict is Verdict.NOT_AFFECTED:
                assert meant[key].verdict is Verdict.NOT_AFFECTED, (seed, key)
