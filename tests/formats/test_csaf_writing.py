"""Notices written as CSAF: valid for a validator that is not ours, and equal when read again."""

import copy
import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.lib.csaf_documents import verdict_on
from tests.lib.csaf_validation import mandatory_faults
from tocsin.base.verdict import Verdict
from tocsin.formats.csaf.own_note import is_own_note, own_notes
from tocsin.formats.csaf.publication import Publication, is_uri, read_tlp
from tocsin.formats.csaf.reading import read_csaf
from tocsin.formats.csaf.writing import csaf_text, write_csaf
from tocsin.formats.notice_file import parse_json, parse_tree, read_notice_text, read_notice_tree
from tocsin.notice.model import Notice

ROOT = Path(__file__).parents[2]
FILES = sorted(
    [
        *(ROOT / "tests" / "acceptance" / "notices").glob("*.yaml"),
        *(ROOT / "src" / "tocsin" / "cases" / "data").glob("case_*.yaml"),
    ]
)
KINDS = [("2.0", "security-advisory"), ("2.1", "security-advisory"), ("2.0", "vex"), ("2.1", "vex")]


def a_notice(*entries: dict[str, Any], **more: Any) -> Notice:
    return Notice.model_validate(
        {
            "notice": "ACME-1",
            "kind": "recall",
            "title": "Acme pumps",
            "issuers": [{"name": "Acme Medical", "role": "manufacturer"}],
            "issued_on": "2024-02-01",
            "scope": list(entries),
            "source": {"document": "invented for a test", "checked_on": "2026-11-20"},
            **more,
        }
    )


def delos(name: str = "e", side: str = "affects", **more: Any) -> dict[str, Any]:
    return {"entry": name, side: {"names": ["Delos Pump"]}, **more}


def read_again(tree: Any) -> Notice:
    path = Path("written.json")
    return read_csaf(parse_json(csaf_text(tree), path), path)


def without_own_notes(tree: Any) -> Any:
    plain = copy.deepcopy(tree)
    plain["document"]["notes"] = [n for n in plain["document"]["notes"] if not is_own_note(n)]
    return plain


def leaves(tree: Any) -> list[dict[str, Any]]:
    found = []
    stack = list(tree["product_tree"]["branches"])
    while stack:
        branch = stack.pop(0)
        stack = [*branch.get("branches", ()), *stack]
        if "product" in branch:
            found.append(branch)
    return found


def status_of(tree: Any) -> dict[str, str]:
    (vulnerability,) = tree["vulnerabilities"]
    return {pid: status for status, ids in vulnerability["product_status"].items() for pid in ids}


@pytest.mark.parametrize("kind", KINDS, ids=" ".join)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
class TestOurNotices:
    def test_it_passes_every_mandatory_test(self, path: Path, kind: Any) -> None:
        notice = read_notice_tree(parse_tree(read_notice_text(path), path), path)
        assert mandatory_faults(write_csaf(notice, *kind)) == []

    def test_it_reads_back_equal(self, path: Path, kind: Any) -> None:
        notice = read_notice_tree(parse_tree(read_notice_text(path), path), path)
        assert read_again(write_csaf(notice, *kind)) == notice


def test_all_notices_of_the_tree_were_written() -> None:
    assert len(FILES) >= 24


class TestStatus:
    @pytest.mark.parametrize(
        ("more", "status"),
        [
            ({}, "known_affected"),
            ({"software": {"at_most": "2.6A"}}, "known_affected"),
            ({"lots": ["GWX001"]}, "known_affected"),
            ({"countries": {"only": ["US"]}}, "known_affected"),
            ({"reviewed": False}, "known_affected"),
            ({"no_status": True}, "under_investigation"),
            ({"unread": ["some of them"]}, "under_investigation"),
            ({"withheld": "ask the maker"}, "under_investigation"),
            ({"software": {"unread": "older ones"}}, "under_investigation"),
            ({"lots": {"withheld": "ask the maker"}}, "under_investigation"),
            ({"serials": {"unread": "see the label"}}, "under_investigation"),
        ],
    )
    def test_what_affects(self, more: dict[str, Any], status: str) -> None:
        tree = write_csaf(a_notice(delos(**more)))
        assert status_of(tree) == {"e": status}
        assert mandatory_faults(tree) == []

    @pytest.mark.parametrize(
        ("more", "cleared"),
        [
            ({}, True),
            ({"software": {"at_least": "2.7"}}, True),
            ({"software": {"at_least": "2.7", "below": "3.1"}}, True),
            ({"software": "2.7A"}, True),
            ({"software": {"at_least": "2.7A"}}, False),  # others order letters otherwise
            ({"software": {"above": "2.7"}}, False),  # 2.7.1 is open for us
            ({"software": {"other_than": "2.7"}}, False),
            ({"software": {"at_least": "3", "below": "2"}}, False),
            ({"software": {"unread": "newer ones"}}, False),
            ({"lots": ["GWX001"]}, False),
            ({"serials": {"prefixes": ["SN"]}}, False),
            ({"made_on": {"from": "2011"}}, False),
            ({"countries": {"only": ["US"]}}, False),
            ({"facts": {"ring": {"any_of": ["black"]}}}, False),
            ({"reviewed": False}, False),
            ({"withheld": "ask the maker"}, False),
        ],
    )
    def test_only_what_csaf_can_say_whole_is_cleared(
        self, more: dict[str, Any], cleared: bool
    ) -> None:
        notice = a_notice(delos("all"), delos("some", "excludes", **more))
        for kind in KINDS:
            tree = write_csaf(notice, *kind)  # type: ignore[arg-type]
            assert (status_of(tree)["some"] == "known_not_affected") is cleared
            assert mandatory_faults(tree) == []

    def test_a_device_identifier_clears_nobody(self) -> None:
        named = {"entry": "some", "excludes": {"names": ["Delos"], "dis": ["04012345678901"]}}
        tree = write_csaf(a_notice(delos("all"), named))
        assert status_of(tree)["some"] == "under_investigation"
        helper = leaves(tree)[1]["product"]["product_identification_helper"]
        assert helper["x_generic_uris"][0]["uri"].endswith("/01/04012345678901")

    def test_csaf_2_1_has_a_word_for_what_nobody_has_said(self) -> None:
        tree = write_csaf(a_notice(delos(), delos("f", no_status=True)), "2.1")
        assert status_of(tree) == {"e": "known_affected", "f": "unknown"}
        assert tree["document"]["category"] == "csaf_security_advisory"

    def test_an_advisory_without_an_affected_product_is_none(self) -> None:
        for kind in KINDS:
            tree = write_csaf(a_notice(delos(no_status=True)), *kind)  # type: ignore[arg-type]
            category = "csaf_vex" if kind[1] == "vex" else "csaf_base"
            assert tree["document"]["category"] == category
            assert mandatory_faults(tree) == []


class TestVersions:
    @pytest.mark.parametrize(
        ("software", "branch"),
        [
            ({"at_most": "2.6"}, ("product_version_range", "vers:intdot/<=2.6")),
            ({"below": "10.0"}, ("product_version_range", "vers:intdot/<10.0")),
            ({"fixed_in": "3"}, ("product_version_range", "vers:intdot/<3")),
            (
                {"at_least": "1.0", "below": "1.3"},
                ("product_version_range", "vers:intdot/>=1.0|<1.3"),
            ),
            (
                {"above": "9.0", "other_than": ["10.0"], "at_most": "11"},
                ("product_version_range", "vers:intdot/>9.0|!=10.0|<=11"),
            ),
            ("2.4A", ("product_version", "2.4A")),
            # No reader of `vers` may order these by rules of its own.
            ({"at_most": "2.6A"}, ("product_version_range", "<=2.6A")),
            ({"below": "V4.5"}, ("product_version_range", "<V4.5")),
            ({"below": "1.8.4 SP 1"}, ("product_version_range", "<1.8.4%20SP%201")),
            ({"at_most": "02.6"}, ("product_version_range", "<=02.6")),
            # No range that every reader takes as we do: the product as a whole.
            ("4.X", None),
            ({"below": "3.x"}, None),
            ({"at_least": "3", "below": "2"}, None),
            ({"at_most": "U61", "below": "L81"}, None),
            ({"below": "3", "fixed_in": "4"}, None),
            ({"at_least": "2.0", "at_most": "2"}, None),
            ({"equal": "2.0", "at_most": "3"}, None),
            ({"below": "2", "other_than": ["3"]}, None),
            ({"unread": "older ones"}, None),
        ],
    )
    def test_a_range_becomes_a_branch(self, software: Any, branch: Any) -> None:
        tree = write_csaf(a_notice(delos(software=software)), "2.1")
        (leaf,) = leaves(tree)
        expected = branch or ("product_name", "Delos Pump")
        assert (leaf["category"], leaf["name"]) == expected
        assert mandatory_faults(tree) == []

    def test_a_branch_per_range_and_a_product_per_name_and_number(self) -> None:
        entry = {
            "entry": "e",
            "affects": {"models": ["D/1", "D*2"], "catalogue": ["77"], "names": ["Delos"]},
            "software": {"any_of": ["1.0", {"at_least": "2.0"}]},
        }
        tree = write_csaf(a_notice(entry))
        found = Counter(leaf["name"] for leaf in leaves(tree))
        assert found == {"1.0": 4, "vers:intdot/>=2.0": 4}
        helpers = [leaf["product"]["product_identification_helper"] for leaf in leaves(tree)]
        assert {"model_numbers": ["D\\*2"]} in helpers
        assert {"skus": ["77"]} in helpers
        assert len({leaf["product"]["product_id"] for leaf in leaves(tree)}) == 8
        assert mandatory_faults(tree) == []

    def test_what_branches_cannot_say_stands_in_the_full_name(self) -> None:
        entry = delos(lots=["GWX001"], countries={"only": ["FR"]}, software={"at_most": "2"})
        (leaf,) = leaves(write_csaf(a_notice(entry)))
        for words in ("Acme Medical Delos Pump: versions <= 2", "GWX001", "FR"):
            assert words in leaf["product"]["name"]


class TestOwnNotes:
    def test_a_document_that_was_changed_is_read_as_any_other(self) -> None:
        notice = a_notice(delos(software={"at_most": "2.6"}))
        tree = write_csaf(notice)
        assert read_again(tree) == notice
        tree["product_tree"]["branches"][0]["branches"][0]["branches"][0]["name"] = "vers:all/*"
        found = read_again(tree)
        assert found != notice
        assert found.approval.state == "draft"
        row = {"manufacturer": "Acme Medical", "product": "Delos Pump", "software_version": "3"}
        assert verdict_on(notice, **row) is Verdict.NOT_AFFECTED
        assert verdict_on(found, **row) is not Verdict.NOT_AFFECTED

    def test_a_note_cannot_say_what_the_document_does_not(self) -> None:
        """Somebody puts a narrower notice into the notes of an honest document."""
        tree = write_csaf(a_notice(delos()))
        forged = own_notes(a_notice(delos(lots=["NONE1"])))
        notes = [n for n in tree["document"]["notes"] if not is_own_note(n)]
        tree["document"]["notes"] = notes + forged
        row = {"manufacturer": "Acme Medical", "product": "Delos Pump", "lot": "A1"}
        assert verdict_on(read_again(tree), **row) is Verdict.AFFECTED

    @pytest.mark.parametrize("text", ["", "{", "[]", '{"notice": 1}', "[" * 100_000, None, 7])
    def test_a_note_that_is_no_notice_is_passed_over(self, text: Any) -> None:
        tree = write_csaf(a_notice(delos()))
        tree["document"]["notes"][-1]["text"] = text
        found = read_again(tree)
        assert found.approval.state == "draft"
        assert "notes" not in found.information or "Tocsin" not in str(found.information["notes"])

    def test_a_long_notice_stands_in_several_notes(self) -> None:
        notice = a_notice(*(delos(f"e{n}", information={"text": "é" * 3000}) for n in range(150)))
        tree = write_csaf(notice)
        own = [note for note in tree["document"]["notes"] if is_own_note(note)]
        assert len(own) == 3
        assert max(len(note["text"]) for note in tree["document"]["notes"]) <= 250_000
        assert read_again(tree) == notice
        assert mandatory_faults(tree) == []


class TestFrame:
    def test_the_history_has_every_revision(self) -> None:
        notice = a_notice(delos(), revision=3, approval={"state": "released", "on": "2024-05-01"})
        known = Publication("https://www.example.com", "GREEN", {1: date(2024, 1, 5)})
        for kind in KINDS:
            tree = write_csaf(notice, *kind, known)  # type: ignore[arg-type]
            tracking = tree["document"]["tracking"]
            assert [each["number"] for each in tracking["revision_history"]] == ["1", "2", "3"]
            assert tracking["initial_release_date"] == "2024-01-05T00:00:00Z"
            assert tracking["current_release_date"] == "2024-05-01T00:00:00Z"
            assert tracking["status"] == "final"
            assert tree["document"]["distribution"]["tlp"]["label"] == "GREEN"
            assert tree["document"]["publisher"]["namespace"] == "https://www.example.com"
            assert mandatory_faults(tree) == []
            assert read_again(tree) == notice

    def test_a_revision_number_beyond_reason_makes_no_endless_history(self) -> None:
        notice = a_notice(delos(), revision=999_999_999)
        tree = write_csaf(notice)
        assert len(tree["document"]["tracking"]["revision_history"]) == 2
        assert mandatory_faults(tree) == []
        assert read_again(tree) == notice

    @pytest.mark.parametrize(
        ("told", "state", "labels"),
        [
            (None, "draft", ("AMBER", "AMBER")),
            (None, "released", ("WHITE", "CLEAR")),
            ("TLP:RED", "released", ("RED", "RED")),
            ("WHITE", "draft", ("WHITE", "CLEAR")),
            ("AMBER+STRICT", "draft", ("RED", "AMBER+STRICT")),
        ],
    )
    def test_a_label_never_becomes_laxer(
        self, told: str | None, state: str, labels: tuple[str, str]
    ) -> None:
        information = {"tlp": told} if told else {}
        notice = a_notice(delos(), approval={"state": state}, information=information)
        for version, label in zip(("2.0", "2.1"), labels, strict=True):
            tree = write_csaf(notice, version)  # type: ignore[arg-type]
            assert tree["document"]["distribution"]["tlp"]["label"] == label
            assert read_again(tree) == notice

    def test_odd_texts_stay_valid(self) -> None:
        notice = a_notice(
            delos(),
            title="  ünïcode \U0001f489 <b> \u2028 ",
            issuers=[{"name": "Ärzte & Söhne / 100 %", "role": "authority"}],
            links=[{"notice": "x", "relation": "related", "url": "https://exämple.org/a b"}],
            approval={"state": "withdrawn"},
            information={"vulnerabilities": ["CVE-2024-12345", 7, None], "tlp": ["?"]},
        )
        for kind in KINDS:
            tree = write_csaf(notice, *kind)  # type: ignore[arg-type]
            assert mandatory_faults(tree) == []
            assert read_again(tree) == notice
            assert tree["vulnerabilities"][0]["cve"] == "CVE-2024-12345"
            assert tree["document"]["notes"][0]["title"] == "Withdrawn"

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("https://www.example.com/a?b=c#d", True),
            ("urn:tocsin:publisher:acme%20medical", True),
            ("https://exämple.org", False),
            ("https://example.org/a b", False),
            ("https://example.org/%zz", False),
            ("https://example.org/#a#b", False),
            ("example.org", False),
            ("javascript:alert(1)", False),
        ],
    )
    def test_only_plain_addresses_are_written(self, text: str, expected: bool) -> None:
        assert is_uri(text) is expected

    def test_labels_of_both_protocols_are_read(self) -> None:
        assert read_tlp("TLP:WHITE") == "CLEAR"
        assert read_tlp("amber+strict") == "AMBER+STRICT"
        assert read_tlp("PURPLE") is None
        assert read_tlp(None) is None


@pytest.mark.corpus
class TestCorpus:
    def test_every_advisory_written_again_is_valid_and_equal(self, corpus: Path) -> None:
        files = sorted((corpus / "csaf" / "icsma").glob("*.json"))
        assert files
        for place, path in enumerate(files):
            notice = read_csaf(parse_json(read_notice_text(path), path), path)
            tree = write_csaf(notice, *KINDS[place % 4])  # type: ignore[arg-type]
            assert mandatory_faults(tree) == [], path.name
            assert read_again(tree) == notice, path.name

    def test_the_official_schema_of_csaf_2_1_agrees(self, corpus: Path) -> None:
        jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
        folder = corpus / "csaf" / "oasis_2.1" / "json_schema"
        schema = json.loads((folder / "csaf.json").read_text("utf-8"))
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        metrics = schema["properties"]["vulnerabilities"]["items"]["properties"]["metrics"]
        # We write neither scores nor extensions, whose schemas stand elsewhere.
        metrics["items"]["properties"]["content"]["properties"].clear()
        schema["$defs"]["extensions_t"] = False
        check = jsonschema.Draft202012Validator(schema)
        for path in FILES:
            notice = read_notice_tree(parse_tree(read_notice_text(path), path), path)
            for profile in ("security-advisory", "vex"):
                tree = write_csaf(notice, "2.1", profile)  # type: ignore[arg-type]
                assert [error.message for error in check.iter_errors(tree)] == []
