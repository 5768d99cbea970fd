"""CSAF advisories as notices: every product is an entry, and none is read wrongly."""

import copy
import itertools
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.lib.csaf_documents import (
    ALL,
    UNREAD,
    Software,
    at_most,
    below,
    equal,
    said_of_software,
    verdict_on,
)
from tocsin.base.errors import NoticeInvalid, NoticeUnreadable
from tocsin.base.verdict import Verdict
from tocsin.formats.csaf.reading import read_csaf
from tocsin.formats.csaf.tree import is_csaf
from tocsin.formats.notice_file import (
    parse_json,
    parse_tree,
    read_notice_text,
    read_notice_tree,
    write_notice,
)
from tocsin.notice.model import Notice
from tocsin.notice.scope import Entry

CASE_A = Path(__file__).parents[2] / "src" / "tocsin" / "cases" / "data" / "case_a.yaml"
N_ADVISORIES = 71

# Advisory -> product_id (its number) -> (is it reviewed, what is said of its software).
# Read by hand against the advisories' text. Not reviewed: the product itself is in doubt.
EXPECTED: dict[str, dict[str, tuple[bool, Software]]] = {
    "17-009-01a": {  # "Inductive models EX1100": a kind of transmitter, not its name
        "0001": (False, below("8.2.2")),
        "0002": (False, below("8.2.2")),
        "0003": (False, below("8.2.2")),
    },
    "17-017-02": {"0001": (True, equal("9.7")), "0002": (True, at_most("9.33"))},
    "17-215-02": {"0001": (False, ALL), "0002": (False, ALL)},  # "Windows 7-Based"
    "17-241-01": {  # "< august 28" is a day of manufacture; Accent/Anthem are two products
        "0001": (True, UNREAD),
        "0004": (False, UNREAD),
    },
    "18-037-01": {"0001": (False, at_most("2.0.2.2"))},  # "used with Windows XP systems"
    "18-058-02": {"0001": (False, ALL), "0002": (False, ALL)},  # "IntelliSpace Portal 8.0.x"
    "18-086-01": {"0001": (False, at_most("R8.0.3"))},  # the product is called "Version"
    "18-114-01": {"0001": (True, ALL), "0007": (True, ALL), "00012": (True, ALL)},
    "18-123-01": {  # "Brilliance iCT: SP Versions 3.2.4 and below": another product?
        "0001": (True, at_most("2.3.5")),
        "0002": (True, at_most("4.1.6")),
        "0003": (False, UNREAD),
    },
    "18-128-01": {"0001": (True, UNREAD), "0002": (False, UNREAD), "0004": (True, UNREAD)},
    "18-144-01": {"0001": (True, at_most("4107600010.23"))},
    "18-156-01": {"0001": (False, UNREAD), "0002": (False, UNREAD), "0003": (False, UNREAD)},
    "18-310-01": {f"000{n}": (False, UNREAD) for n in range(1, 9)},  # models as versions
    "19-029-02": {"0001": (False, UNREAD), "0002": (False, UNREAD)},
    "19-120-01": {  # "<= 3.01.1744" against "3.02.1744 and prior"
        "0001": (True, UNREAD),
        "0002": (True, at_most("3.02.1757")),
    },
    "19-164-01": {
        "0001": (False, at_most("2.3.6")),  # "Alaris Gateway Workstation Alaris GS": two names
        "0002": (True, equal("1.1.6")),
        "0006": (True, equal("1.3.1 Build 13")),
        "0007": (True, equal("1.1.3 MR Build 11")),
    },
    "19-190-01": {  # "GE Carestation": 620 | 650 | 650c
        "0001": (False, UNREAD),
        "0002": (False, UNREAD),
        "0003": (False, UNREAD),
        "0004": (False, UNREAD),
    },
    "19-255-01": {"0001": (False, UNREAD), "0004": (False, UNREAD)},
    "19-311-01": {  # "Valleylab FT10 Valleylab LS10: Version 1.20.2 and lower"
        "0001": (False, at_most("1.20.2")),
        "0002": (True, at_most("2.1.0")),
        "0003": (False, at_most("2.0.3")),
    },
    "19-311-02": {  # "<= 1.0.0" against "Version 1.1.0 and below"
        "0001": (True, UNREAD),
        "0002": (True, at_most("4.0.0")),
    },
    "19-353-01": {"0001": (False, UNREAD), "0002": (False, UNREAD)},
    "20-023-01": {
        "0001": (True, equal("2.X")),
        "0005": (True, at_most("4.2")),
        "00011": (True, equal("4.X", "5.X")),
    },
    "20-170-01": {"0001": (True, equal("1.10", "1.11", "1.13", "1.14"))},
    "20-170-02": {"0001": (True, below("3.x")), "0002": (True, ALL)},
    "20-170-04": {f"000{n}": (False, UNREAD) for n in range(1, 7)},  # "v8.x model 35700BAX2"
    "20-170-05": {"0001": (True, UNREAD), "0002": (True, UNREAD)},  # 2.2 against 2.20
    "20-170-06": {"0001": (True, equal("9.13", "9.19", "9.33", "12.1"))},
    "20-233-01": {"0001": (False, UNREAD)},  # "<= S4 A.07.107" of a SureSigns VS4
    "20-296-02": {
        "0001": (True, [{"at_most": "U61"}, {"at_most": "L81"}]),
        "0003": (True, equal("A10", "A11")),
    },
    "21-019-01": {
        "0001": (True, UNREAD),
        "0002": (True, equal("6.3V1L10")),
        "0003": (False, equal("1.0")),
    },
    "21-084-01": {"0001": (False, UNREAD), "00011": (False, UNREAD)},  # 882300 Gemini 16 Slice
    "21-152-01": {
        "0001": (True, below("1.52")),
        "0004": (True, below("1.8.4 Service Pack 01")),
        "0005": (False, below("1.11.00")),
    },
    "21-273-01": {"0001": (False, UNREAD)},  # Model 3120
    "21-294-01": {  # a battery pack "installed in" the pumps that are meant
        "0001": (False, UNREAD),
        "0002": (False, UNREAD),
        "0003": (False, at_most("L81")),
        "0005": (False, UNREAD),
    },
    "21-313-01": {"0001": (False, equal("5.x.x")), "0002": (True, equal("5.x.x"))},
    "21-355-01": {
        "0001": (False, at_most("D25")),
        "0002": (True, at_most("3.3.0")),
        "0003": (True, at_most("3.0 D15")),
    },
    "22-062-02": {"0001": (True, [{"at_least": "2.0"}])},
    "22-095-01": {"0001": (False, UNREAD)},
    "22-335-01": {"0001": (True, ALL), "0002": (True, UNREAD), "0004": (True, UNREAD)},
    "23-061-01": {"0001": (False, UNREAD), "0002": (False, UNREAD)},  # A51200
    "23-117-01": {
        "0007": (True, equal("4.0")),
        "0009": (True, [{"at_least": "1.0.0", "at_most": "1.3.1"}]),
        "00010": (True, [{"at_least": "1.3.3"}]),
    },
    "24-023-01": {"0001": (True, equal("1.4.2.0-9d9eff4"))},
    "24-060-01": {"0001": (True, at_most("2023.3_Build_9342"))},
    "24-249-01": {"0001": (True, UNREAD)},  # "<8/30/2024"
}


def _tree(path: Path) -> Any:
    return parse_json(read_notice_text(path), path)


def _files(corpus: Path) -> list[Path]:
    return sorted((corpus / "csaf" / "icsma").glob("*.json"))


def _read(corpus: Path, number: str) -> Notice:
    path = corpus / "csaf" / "icsma" / f"icsma-{number}.json"
    return read_csaf(_tree(path), path)


def _entries(notice: Notice) -> dict[str, Entry]:
    return {entry.entry.removeprefix("CSAFPID-"): entry for entry in notice.scope}


def _defined_ids(value: Any) -> list[str]:
    """Return every product_id that a product tree defines, by a walk of our own."""
    if isinstance(value, list):
        return [found for each in value for found in _defined_ids(each)]
    if not isinstance(value, dict):
        return []
    own = [value["product_id"]] if isinstance(value.get("product_id"), str) else []
    return own + [found for each in value.values() for found in _defined_ids(each)]


@pytest.mark.corpus
class TestCorpus:
    def test_every_advisory_is_read(self, corpus: Path) -> None:
        files = _files(corpus)
        assert len(files) == N_ADVISORIES
        for path in files:
            tree = _tree(path)
            assert is_csaf(tree)
            notice = read_csaf(tree, path)
            assert notice.notice == path.stem.upper()
            assert notice.kind == "security-advisory"
            assert notice.approval.state == "draft"
            assert notice.hazard is not None

    def test_every_product_is_exactly_one_entry(self, corpus: Path) -> None:
        for path in _files(corpus):
            tree = _tree(path)
            kept = Counter(e.information["product_id"] for e in read_csaf(tree, path).scope)
            assert kept == Counter(_defined_ids(tree["product_tree"])), path.name

    def test_what_could_not_be_read_is_kept(self, corpus: Path) -> None:
        for path in _files(corpus):
            for entry in read_csaf(_tree(path), path).scope:
                assert entry.information["full_name"]
                assert entry.information["path"]
                assert entry.reviewed == (not entry.unread)
                assert entry.reviewed == ("doubts" not in entry.information)

    def test_traps_are_not_read_wrongly(self, corpus: Path) -> None:
        wrong = {}
        for number, products in EXPECTED.items():
            entries = _entries(_read(corpus, number))
            for product_id, expected in products.items():
                entry = entries[product_id]
                found = (entry.reviewed, said_of_software(entry))
                if found != expected:
                    wrong[f"{number} {product_id}"] = (found, expected)
        assert wrong == {}
        assert sum(map(len, EXPECTED.values())) >= 40

    def test_a_product_without_status_is_open(self, corpus: Path) -> None:
        notice = _read(corpus, "17-215-02")
        assert [entry.no_status for entry in notice.scope] == [False, True, True, True]

    def test_versions_that_are_named_are_affected(self, corpus: Path) -> None:
        """The bounds and values of a reviewed entry, on a record with its very name."""
        for path in _files(corpus):
            notice = read_csaf(_tree(path), path)
            for entry in notice.scope:
                if not entry.reviewed or entry.software.unread:
                    continue
                row = {
                    "manufacturer": entry.product.manufacturer,
                    "product": entry.product.names[0],
                }
                for part in entry.software.any_of:
                    text = part.at_most or part.equal or part.at_least
                    if text:
                        said = verdict_on(notice, **row, software_version=text)
                        assert said is not Verdict.NOT_AFFECTED, (path.name, entry.entry)

    def test_nobody_is_cleared_while_a_product_is_in_doubt(self, corpus: Path) -> None:
        row = {"manufacturer": "Medtronic", "model": "MMT-1780K", "software_version": "9.9"}
        for path in _files(corpus):
            notice = read_csaf(_tree(path), path)
            if not all(entry.reviewed for entry in notice.scope):
                assert verdict_on(notice, **row) is Verdict.CANNOT_TELL, path.name

    def test_a_draft_reads_back_equal(self, corpus: Path) -> None:
        for path in _files(corpus)[::7]:
            notice = read_csaf(_tree(path), path)
            written = write_notice(notice)
            assert read_notice_tree(parse_tree(written, path), path) == notice

    def test_hazards_tell_effects_and_no_exploit(self, corpus: Path) -> None:
        for path in _files(corpus):
            what = read_csaf(_tree(path), path).hazard
            assert what is not None
            assert "CVE-" not in what.what
            assert "CVSS" not in what.what

    def test_odd_trees_give_a_sentence_and_never_a_traceback(self, corpus: Path) -> None:
        """Random subtrees deleted or replaced: a notice or one of our sentences."""
        chance = random.Random(20190627)
        files = _files(corpus)
        outcomes: Counter[str] = Counter()
        sentences: list[tuple[Path, str]] = []
        for _ in range(400):
            path = chance.choice(files)
            tree = _damaged(_tree(path), chance)
            try:
                is_csaf(tree)
                read_csaf(tree, path)
                outcomes["read"] += 1
            except (NoticeInvalid, NoticeUnreadable) as error:
                sentences.append((path, error.sentence))
                outcomes[error.code] += 1
        assert all(str(path) in sentence for path, sentence in sentences)
        assert outcomes["read"] > 200
        assert set(outcomes) > {"read"}


ODD = (
    None, True, "", "  ", "x" * 5000, [], {}, "12", ["a", ["b"]], {"a": 1}, 3, 2.5, "a\x00b",
    [None], {"name": []}, "vers:all/<", "(((", "2019-13-45T", "\ud800",
)  # fmt: skip


def _spots(value: Any) -> list[tuple[Any, Any]]:
    """Return every (container, key) of a tree."""
    if not isinstance(value, dict | list):
        return []
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    return [(value, key) for key in keys] + [spot for key in keys for spot in _spots(value[key])]


def _damaged(tree: Any, chance: random.Random) -> Any:
    for _ in range(chance.randint(1, 5)):
        part = chance.choice(("document", "product_tree", "product_tree", "vulnerabilities"))
        spots = _spots(tree.get(part)) or _spots(tree)
        if not spots:
            break
        container, key = chance.choice(spots)
        if chance.random() < 0.4:
            del container[key]
        else:
            container[key] = copy.deepcopy(chance.choice(ODD))
    return tree


MODELS = (
    "MMT-508", "508", "MMT-511", "511NAS", "512", "MMT-712NAS", "712E", "MMT-712EWS", "515",
    "MMT-715LNAS", "522", "MMT-722NAS", "522K", "MMT-722KNAL", "523", "MMT-723NAH", "MMT-523K",
    "554", "MMT-754WWS", "554CM", "MMT-754LCMB", "MMT-751", "MMT-1580", "MMT-1780K", "MMT-503",
    "722X", "52", "Paradigm 722", "Paradigm", "MiniMed 508", "Paradigm Veo", "t:slim X2",
)  # fmt: skip
VERSIONS = (
    None, "2.4A", "2.4", "v2.4A", "2.5A", "2.6", "2.6A", "2.6B", "2.7A", "2.7B", "2.10", "1.2",
    "2.4.1", "2.x", "unknown",
)  # fmt: skip
MAKERS = ("Medtronic MiniMed", "Medtronic", "", "Animas", "Somebody Ltd")


@pytest.mark.corpus
class TestCaseA:
    def test_all_eleven_entries_are_reviewed(self, corpus: Path) -> None:
        notice = _read(corpus, "19-178-01")
        assert [entry.reviewed for entry in notice.scope] == [True] * 11
        assert not any(entry.software.unread or entry.unread for entry in notice.scope)

    @pytest.mark.parametrize("column", ["model", "catalogue_no", "product"])
    def test_verdicts_equal_the_case_file(self, column: str, corpus: Path) -> None:
        advisory = _read(corpus, "19-178-01")
        case = read_notice_tree(parse_tree(read_notice_text(CASE_A), CASE_A), CASE_A)
        differing = []
        seen: Counter[Verdict] = Counter()
        for model, version, maker in itertools.product(MODELS, VERSIONS, MAKERS):
            row = {column: model, "software_version": version, "manufacturer": maker}
            ours, theirs = verdict_on(advisory, **row), verdict_on(case, **row)
            seen[ours] += 1
            if ours is not theirs:
                differing.append((row, ours, theirs))
        assert differing == []
        assert all(seen[verdict] > 50 for verdict in Verdict)

    def test_the_notice_says_who_what_and_where_from(self, corpus: Path) -> None:
        notice = _read(corpus, "19-178-01")
        assert notice.title == "Medtronic MiniMed 508 and Paradigm Series Insulin Pumps"
        assert [(issuer.name, issuer.role) for issuer in notice.issuers] == [
            ("CISA", "coordinator"),
            ("Medtronic", "manufacturer"),
        ]
        assert notice.issued_on is not None
        assert notice.issued_on.isoformat() == "2019-06-27"
        assert notice.source.document == "ICSMA-19-178-01"
        assert notice.source.url == (
            "https://www.cisa.gov/news-events/ics-medical-advisories/icsma-19-178-01"
        )
        assert notice.hazard is not None
        assert "control insulin delivery" in notice.hazard.what
        assert any("healthcare provider" in text for text in notice.instructions["facility"])
