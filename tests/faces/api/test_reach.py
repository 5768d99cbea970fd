"""What a page of the desk can do, the API can do; the few exceptions have a reason."""

import ast
from pathlib import Path

from tocsin.api.endpoints import answer_entry, answer_work, complaints
from tocsin.api.tables import TABLES
from tocsin.services import answer_work as work_services
from tocsin.services import answers as answer_services
from tocsin.services import complaints as complaint_services
from tocsin.services.rights import rights_table
from tocsin.web import desk

PAGES = sorted(Path(desk.__file__).parent.glob("*.py"))
NOT_REACHED = {
    "list_registries": "list_registry_lines tells the same and more",
    "page_trail": "list_trail gives the same rows",
    "read_urgent_findings": "a quicker part of read_health",
    "begin_own_trail_export": "a large file with a verifier, for a person; list_trail has the rows",
    "read_own_account": "the user's own account, out of reach of every token",
    "list_tokens": "the user's own tokens: one token learns nothing of the others",
    "add_token": "a token that could make another would outlive its own end",
    "revoke_token": "the user's own tokens; end_this_token ends the one that asks",
    "list_sessions": "the user's own sessions, out of reach of every token",
    "end_session": "the user's own sessions, out of reach of every token",
}


def called_by_pages() -> dict[str, str]:
    """Return the services that pages name or import, each with a page that does."""
    known = rights_table().keys()
    found: dict[str, str] = {}
    for page in PAGES:
        for node in ast.walk(ast.parse(page.read_text("utf-8"))):
            names: list[object] = []
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tocsin."):
                names = [each.name for each in node.names]
            elif isinstance(node, ast.Attribute):
                names = [node.attr]
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "desk_page":
                names = [each.value for each in node.args if isinstance(each, ast.Constant)]
            found |= {name: page.name for name in names if name in known and isinstance(name, str)}
    return found


def test_every_service_of_a_page_is_reached() -> None:
    reached = {each.service_name for rows in TABLES.values() for each in rows}
    called = called_by_pages()
    assert len(called) > 100, "the pages were not read"
    missing = {name: page for name, page in called.items() if name not in reached}
    assert missing.keys() == NOT_REACHED.keys(), missing


def test_choices_are_those_of_the_services() -> None:
    assert answer_entry.Channel.__args__ == answer_services.CHANNELS
    assert answer_work.PassedOnOutcome.__args__ == work_services.PASSED_ON_OUTCOMES
    assert complaints.Channel.__args__ == complaint_services.CHANNELS
