"""CSAF documents made up for one rule each: statuses, product trees, the document's frame."""

from typing import Any

import pytest

from tests.lib.csaf_documents import (
    UNREAD,
    document,
    equal,
    pump,
    read_small,
    said_of_software,
    sides,
    status,
    verdict_on,
)
from tocsin.base.errors import NoticeInvalid, NoticeUnreadable
from tocsin.base.verdict import Verdict
from tocsin.formats.csaf.tree import is_csaf


class TestStatuses:
    @pytest.mark.parametrize(
        ("statuses", "expected"),
        [
            ({"known_affected": ["B"]}, ("affects", False)),
            ({"known_affected": ["B"], "fixed": ["B"]}, ("affects", False)),
            ({"under_investigation": ["B"]}, ("affects", True)),
            ({"unknown": ["B"]}, ("affects", True)),
            ({"recommended": ["B"]}, ("affects", True)),
            ({"something_new": ["B"]}, ("affects", True)),
            ({}, ("affects", True)),
            ({"fixed": ["B"]}, ("excludes", False)),
            ({"first_fixed": ["B"], "recommended": ["B"]}, ("excludes", False)),
            ({"known_not_affected": ["B"]}, ("excludes", False)),
            ({"known_not_affected": ["B"], "under_investigation": ["B"]}, ("affects", True)),
        ],
    )
    def test_a_status_decides_the_side(
        self, statuses: dict[str, list[str]], expected: tuple[str, bool]
    ) -> None:
        said = {**statuses, "known_affected": ["A", *statuses.get("known_affected", [])]}
        tree = document(pump("A", "< 2.0"), pump("B", "2.0"), vulnerabilities=[status(**said)])
        assert sides(read_small(tree))["B"] == expected

    def test_fixed_in_one_and_affected_in_another_is_affected(self) -> None:
        tree = document(
            pump("A", "2.0"),
            vulnerabilities=[status(fixed=["A"]), status("CVE-2024-2", known_affected=["A"])],
        )
        assert sides(read_small(tree)) == {"A": ("affects", False)}

    def test_silence_about_one_vulnerability_clears_nobody(self) -> None:
        """Version 2.0 fixes the first; of the second the document says all below 3.0."""
        tree = document(
            pump("A", "< 3.0"),
            pump("B", "2.0"),
            vulnerabilities=[status(fixed=["B"]), status("CVE-2024-2", known_affected=["A"])],
        )
        row = {"manufacturer": "Acme Medical", "product": "Delos"}
        notice = read_small(tree)
        assert verdict_on(notice, **row, software_version="2.0") is Verdict.CANNOT_TELL
        assert verdict_on(notice, **row, software_version="1.0") is Verdict.AFFECTED

    def test_a_fixed_version_is_not_affected(self) -> None:
        tree = document(
            pump("A", "vers:all/*"),
            pump("B", "2.0"),
            vulnerabilities=[status(known_affected=["A"], fixed=["B"])],
        )
        row = {"manufacturer": "Acme Medical", "product": "Delos"}
        notice = read_small(tree)
        assert verdict_on(notice, **row, software_version="2.0") is Verdict.NOT_AFFECTED
        assert verdict_on(notice, **row, software_version="1.9") is Verdict.AFFECTED

    def test_a_fix_without_a_version_clears_nobody(self) -> None:
        fixed = {"product_id": "B", "name": "Acme Medical Delos"}
        tree = document(
            pump("A", "< 2.0"),
            {"category": "product_name", "name": "Delos", "product": fixed},
            vulnerabilities=[status(known_affected=["A"], fixed=["B"])],
        )
        notice = read_small(tree)
        row = {"manufacturer": "Acme Medical", "product": "Delos", "software_version": "1.0"}
        assert sides(notice)["B"] == ("excludes", False)
        assert verdict_on(notice, **row) is Verdict.CANNOT_TELL

    def test_the_first_affected_version_is_no_single_version(self) -> None:
        tree = document(pump("A", "2.0"), vulnerabilities=[status(first_affected=["A"])])
        (entry,) = read_small(tree).scope
        assert entry.software.unread
        row = {"manufacturer": "Acme Medical", "product": "Delos", "software_version": "2.5"}
        assert verdict_on(read_small(tree), **row) is Verdict.CANNOT_TELL

    @pytest.mark.parametrize("category", ["csaf_informational_advisory", "csaf_security_advisory"])
    def test_products_of_an_informational_advisory_are_affected(self, category: str) -> None:
        tree = document(pump("A", "2.0"))
        tree["document"]["category"] = category
        affected = category == "csaf_informational_advisory"
        assert sides(read_small(tree)) == {"A": ("affects", not affected)}


ROW = {"manufacturer": "Acme Medical", "product": "Delos"}


class TestWhatIsNotListed:
    """A version that a document does not speak of is not cleared by one that it clears."""

    @pytest.mark.parametrize("said", ["known_not_affected", "fixed", "first_fixed"])
    @pytest.mark.parametrize("category", ["csaf_vex", "csaf_security_advisory"])
    def test_a_document_may_only_clear(self, category: str, said: str) -> None:
        tree = document(pump("A", "2.0"), vulnerabilities=[status(**{said: ["A"]})])
        tree["document"]["category"] = category
        notice = read_small(tree)
        assert sides(notice) == {"A": ("excludes", False), "A-not-listed": ("affects", True)}
        assert verdict_on(notice, **ROW, software_version="2.0") is Verdict.NOT_AFFECTED
        for version in ("1.9", "2.1", "2", "2.0.1", None):
            verdict = verdict_on(notice, **ROW, software_version=version)
            expected = Verdict.NOT_AFFECTED if version == "2" else Verdict.CANNOT_TELL
            assert verdict is expected, version
        other = {"manufacturer": "Medtronic", "product": "MiniMed 508"}
        assert verdict_on(notice, **other) is not Verdict.AFFECTED

    def test_a_fix_of_another_product_says_nothing_about_its_old_versions(self) -> None:
        tree = document(
            pump("A", "< 2.0"),
            pump("B", "3.0", name="Santorin"),
            vulnerabilities=[status(known_affected=["A"], fixed=["B"])],
        )
        notice = read_small(tree)
        santorin = {"manufacturer": "Acme Medical", "product": "Santorin"}
        assert verdict_on(notice, **santorin, software_version="3.0") is Verdict.NOT_AFFECTED
        assert verdict_on(notice, **santorin, software_version="2.9") is Verdict.CANNOT_TELL
        assert verdict_on(notice, **ROW, software_version="1.0") is Verdict.AFFECTED
        assert verdict_on(notice, **ROW, software_version="2.5") is Verdict.NOT_AFFECTED

    def test_a_vex_speaks_of_the_versions_that_it_lists_only(self) -> None:
        statuses = status(known_affected=["A"], known_not_affected=["B"], under_investigation=["C"])
        tree = document(
            pump("A", "1.0"), pump("B", "2.0"), pump("C", "3.0"), vulnerabilities=[statuses]
        )
        expected = {"1.0": Verdict.AFFECTED, "2.0": Verdict.NOT_AFFECTED}
        expected |= dict.fromkeys(("3.0", "1.5", "9"), Verdict.CANNOT_TELL)
        tree["document"]["category"] = "csaf_vex"
        notice = read_small(tree)
        for version, verdict in expected.items():
            assert verdict_on(notice, **ROW, software_version=version) is verdict, version
        tree["document"]["category"] = "csaf_security_advisory"
        assert verdict_on(read_small(tree), **ROW, software_version="1.5") is Verdict.NOT_AFFECTED

    def test_all_versions_need_no_further_entry(self) -> None:
        tree = document(pump("A", "vers:all/*"), vulnerabilities=[status(known_affected=["A"])])
        tree["document"]["category"] = "csaf_vex"
        assert sides(read_small(tree)) == {"A": ("affects", False)}

    def test_an_unread_product_leaves_its_further_entry_unread(self) -> None:
        branch = pump("A", "2.0", name="Delos/Melos")
        tree = document(branch, vulnerabilities=[status(fixed=["A"])])
        notice = read_small(tree)
        assert [entry.reviewed for entry in notice.scope] == [False, False]
        assert verdict_on(notice, **ROW, software_version="2.0") is Verdict.CANNOT_TELL


class TestProducts:
    @pytest.mark.parametrize(
        ("branch", "doubt"),
        [
            (pump("A", "1.0", name="Delos 8.0.x"), "may be a version"),
            (pump("A", "1.0", name="Version"), "names no product"),
            (pump("A", "1.0", name="Insulin pumps"), "names no product"),
            (pump("A", "1.0", name="Delos/Melos"), "may be a list"),
            (pump("A", "1.0", name="Delos MX400-550"), "range of models"),
            (pump("A", "1.0", name="Delos used with Windows XP"), "condition"),
            (pump("A", "1.0", name="Delos Workstation Delos GS"), "two names"),
            (pump("A", "1.0", full="Melos: 1.0"), "does not hold"),
            (pump("A", "1.0", full="Remote for Delos: 1.0"), "other words stand before"),
            (pump("A", "1.0", full="Delos: SP versions 1.0"), "may name a product"),
            (pump("A", "620 | 650"), "may be a model"),
            (pump("A", "Melos 508 pump"), "may name a product"),
        ],
    )
    def test_a_product_in_doubt_is_left_to_a_person(self, branch: Any, doubt: str) -> None:
        (entry,) = read_small(document(branch)).scope
        assert not entry.reviewed
        assert entry.unread
        assert any(doubt in said for said in entry.information["doubts"])

    @pytest.mark.parametrize(
        "full",
        ["Delos", "Delos pumps", "Acme Medical Delos: 2.2", "DELOS - Version 2.2", "Delos (v2.2)"],
    )
    def test_a_full_name_may_say_the_same(self, full: str) -> None:
        name = "Delos Pumps" if "pumps" in full else "Delos"
        (entry,) = read_small(document(pump("A", "2.2", name=name, full=full))).scope
        assert entry.reviewed
        assert said_of_software(entry) == equal("2.2")

    @pytest.mark.parametrize(
        "full", ["Delos: 2.20", "Delos: 2.2 and prior", "Delos: all versions", "Delos: < 2.2"]
    )
    def test_a_full_name_that_disagrees_leaves_the_version_unread(self, full: str) -> None:
        (entry,) = read_small(document(pump("A", "2.2", full=full))).scope
        assert entry.reviewed
        assert said_of_software(entry) == UNREAD
        assert full.partition(": ")[2] in (entry.software.unread or "")

    def test_components_on_platforms_are_left_to_a_person(self) -> None:
        relation = {
            "category": "installed_on",
            "full_product_name": {"product_id": "C", "name": "Delos 1.0 on Melos 2.0"},
            "product_reference": "A",
            "relates_to_product_reference": "B",
        }
        tree = document(
            pump("A", "1.0"),
            pump("B", "2.0", name="Santorin"),
            relationships=[relation],
            vulnerabilities=[status(known_affected=["C"])],
        )
        notice = read_small(tree)
        assert {e.entry: (e.reviewed, e.no_status) for e in notice.scope} == {
            "A": (True, True),
            "B": (True, True),
            "C": (False, False),
        }

    def test_products_without_branches_vendor_or_definition_are_kept(self) -> None:
        tree = document(
            full_product_names=[{"product_id": "A", "name": "Delos 1.0"}],
            vulnerabilities=[status(known_affected=["A", "Z"])],
        )
        notice = read_small(tree)
        assert [(e.entry, e.reviewed) for e in notice.scope] == [("A", False), ("Z", False)]
        assert notice.scope[1].unread == ("Z",)

    def test_one_id_for_two_products_leaves_both_in_doubt(self) -> None:
        tree = document(pump("A", "1.0"), pump("A", "2.0", name="Santorin"))
        assert [(e.entry, e.reviewed) for e in read_small(tree).scope] == [
            ("A", False),
            ("A-2", False),
        ]

    def test_entry_names_are_readable_stable_and_different(self) -> None:
        tree = document(pump("Acme: Delos/1", "1.0"), pump("Acme Delos 1", "2.0"))
        names = [entry.entry for entry in read_small(tree).scope]
        assert names == ["Acme-Delos-1", "Acme-Delos-1-2"]
        assert names == [entry.entry for entry in read_small(tree).scope]

    def test_narrower_branches_are_not_dropped(self) -> None:
        branch = pump("A", "1.0")
        leaf = branch["branches"][0]
        product = leaf.pop("product")
        leaf["branches"] = [{"category": "language", "name": "French", "product": product}]
        (entry,) = read_small(document(branch)).scope
        assert entry.unread == ("language: French",)

    def test_numbers_that_identify_are_kept(self) -> None:
        branch = pump("A", "1.0")
        helper = {"model_numbers": ["DL-100", "DL-2*"], "serial_numbers": ["S1*"]}
        branch["branches"][0]["product"]["product_identification_helper"] = helper
        (entry,) = read_small(document(branch)).scope
        assert entry.product.names == ("Delos", "DL-100")
        assert "S1*" in (entry.serials.unread or "")
        assert entry.information["identification"] == helper

    def test_product_paths_of_csaf_2_1_are_relations(self) -> None:
        path = {
            "beginning_product_reference": "A",
            "full_product_name": {"product_id": "C", "name": "Delos 1.0 on Melos"},
            "subpaths": [{"category": "installed_on", "next_product_reference": "B"}],
        }
        tree = document(pump("A", "1.0"), pump("B", "2.0", "Melos"), product_paths=[path])
        tree["document"]["csaf_version"] = "2.1"
        entry = read_small(tree).scope[2]
        assert entry.information["relation"] == "installed_on of A, B"
        assert not entry.reviewed


class TestDocument:
    def test_id_and_revision(self) -> None:
        notice = read_small(document(pump("A", "1.0")))
        assert notice.notice == "ACME-2024-1"
        assert notice.revision == 2  # "1.2.0" is no whole number: two revisions are listed
        assert notice.source.document == "ACME 2024/1"
        assert notice.source.checked_on.isoformat() == "2024-03-02"
        assert [issuer.role for issuer in notice.issuers] == ["manufacturer"]

    @pytest.mark.parametrize(
        ("place", "says"),
        [
            (("document", "tracking", "id"), "no document.tracking.id"),
            (("product_tree",), "lists no product"),
            (("document", "tracking"), "no document.tracking.id"),
        ],
    )
    def test_what_cannot_be_referred_to_is_unreadable(
        self, place: tuple[str, ...], says: str
    ) -> None:
        tree = document(pump("A", "1.0"))
        container: Any = tree
        for key in place[:-1]:
            container = container[key]
        del container[place[-1]]
        with pytest.raises(NoticeUnreadable, match=says):
            read_small(tree)

    def test_a_date_is_needed(self) -> None:
        tree = document(pump("A", "1.0"))
        tree["document"]["tracking"] = {"id": "A-1"}
        with pytest.raises(NoticeInvalid, match="no readable date of release"):
            read_small(tree)

    def test_csaf_3_is_refused(self) -> None:
        tree = document(pump("A", "1.0"))
        tree["document"]["csaf_version"] = "3.0"
        with pytest.raises(NoticeUnreadable, match=r"CSAF '3\.0'"):
            read_small(tree)

    @pytest.mark.parametrize("ended", ["withdrawn", "superseded"])
    def test_an_advisory_that_has_ended_says_so(self, ended: str) -> None:
        tree = document()
        tree["document"]["category"] = f"csaf_{ended}"
        with pytest.raises(NoticeUnreadable, match=f"was {ended} by its publisher"):
            read_small(tree)

    def test_what_csaf_2_1_adds_is_kept_as_information(self) -> None:
        tree = document(pump("A", "1.0"))
        tree["document"] |= {
            "csaf_version": "2.1",
            "distribution": {
                "tlp": {"label": "AMBER+STRICT"},
                "sharing_group": {"id": "ffffffff-ffff-ffff-ffff-ffffffffffff", "name": "Public"},
            },
            "license_expression": "CC0-1.0",
        }
        kept = read_small(tree).information
        assert kept["format"] == "CSAF 2.1"
        assert kept["tlp"] == "AMBER+STRICT"
        assert kept["licence"] == "CC0-1.0"
        assert kept["sharing_group"].startswith("ffffffff")

    @pytest.mark.parametrize(
        "tree", [None, [], "csaf", {}, {"document": []}, {"notice": "x"}, {"results": []}]
    )
    def test_other_files_are_no_csaf(self, tree: Any) -> None:
        assert not is_csaf(tree)

    @pytest.mark.parametrize("tree", [None, [], {}, {"document": {"csaf_version": "2.0"}}])
    def test_a_hollow_document_gives_a_sentence(self, tree: Any) -> None:
        with pytest.raises(NoticeUnreadable):
            read_small(tree)
