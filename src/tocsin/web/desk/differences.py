"""What a match changes against the one before, before anybody signs: counted, and by the page."""

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path

from tocsin.base.verdict import verdict_of
from tocsin.match.figures import Change
from tocsin.match.run_changes import DeviceChange
from tocsin.services.changed_devices import RunDiff, SoughtChanges, read_changes
from tocsin.services.matching import rows_csv
from tocsin.services.work import Caller
from tocsin.store.change_pages import ChangeKey
from tocsin.web.desk.answers import show
from tocsin.web.desk.view import DeskRequest, desk_page

PER_PAGE = 50
_NAMES = ("registry_id", "device_id", "notice", "was", "now", "change", "holder")
_KEY = re.compile(r"(\d{1,12})\.(\d{1,18})\.(\d{1,6})\.(.{1,300})", re.DOTALL)
_WORDS = {
    Change.NEWLY_IN: "newly in",
    Change.NEWLY_OUT: "newly out",
    Change.CONTACT_AGAIN: "contact again",
    Change.UNCHANGED: "unchanged",
}


class _ChangeFilter(forms.Form):
    change = forms.ChoiceField(
        label="Change",
        choices=[("", "all that changes"), *((str(each), words) for each, words in _WORDS.items())],
    )
    use_required_attribute = False


@desk_page("read_changes", "GET")
def differences(request: DeskRequest, action_id: int) -> HttpResponse:
    """Show what the last match changes against the one before, in figures and as a list."""
    wanted = _wanted(request)
    n_before, key = _place(request.GET.get("page", ""))
    sought = SoughtChanges(wanted, key)
    diff = read_changes(request.caller, action_id, sought=sought, limit=PER_PAGE)
    address = {"change": str(wanted)} if wanted else {}
    later = ""
    if diff.later:
        told = (n_before + len(diff.changes), diff.later.registry_id, diff.later.notice_no)
        page = ".".join(map(str, (*told, diff.later.device_id)))
        later = f"?{urlencode({**address, 'page': page})}"
    return show(
        request,
        "action/differences.html",
        action_id=action_id,
        diff=diff,
        counts=list(_counts(diff)),
        filters=_ChangeFilter(initial={"change": str(wanted or "")}),
        n_before=n_before,
        first=n_before + 1,
        last=n_before + len(diff.changes),
        start=f"?{urlencode(address)}",
        later=later,
    )


@desk_page("read_changes", "GET")
def differences_csv(request: DeskRequest, action_id: int) -> HttpResponse:
    """Give all that changes as CSV, piece by piece."""
    wanted = _wanted(request)
    diff = read_changes(request.caller, action_id, sought=SoughtChanges(wanted))
    name = f"action-{action_id}-match-{diff.new}-changes.csv"
    answer: Any = StreamingHttpResponse(
        _pieces(request.caller, action_id, wanted, diff),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
    return answer  # type: ignore[no-any-return] # it has the same headers


def changes_csv(changes: Iterable[DeviceChange]) -> str:
    """Return changes as CSV, in which no cell starts a formula."""
    return rows_csv(_NAMES, _rows(changes))


def _pieces(caller: Caller, action_id: int, wanted: Change | None, diff: RunDiff) -> Iterator[str]:
    yield changes_csv(diff.changes)
    while diff.later:
        sought = SoughtChanges(wanted, diff.later)
        diff = read_changes(caller, action_id, diff.new, diff.old or None, sought)
        yield changes_csv(diff.changes).partition("\n")[2]


def _wanted(request: DeskRequest) -> Change | None:
    asked = request.GET.get("change", "")
    return Change(asked) if asked in list(Change) else None


def _place(text: str) -> tuple[int, ChangeKey | None]:
    """Return how many changes stand before a page, and behind which it begins."""
    found = _KEY.fullmatch(text)
    if found is None:
        return 0, None
    n_before, registry_id, notice_no, device_id = found.groups()
    return int(n_before), ChangeKey(device_id, int(registry_id), int(notice_no))


def _counts(diff: RunDiff) -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    for name, counts in diff.counts.items():
        yield name, [(_WORDS[change], count) for change, count in counts.items()]


def _rows(changes: Iterable[DeviceChange]) -> Iterator[dict[str, Any]]:
    for one in changes:
        row = {name: str(getattr(one, name)) for name in _NAMES}
        yield row | {"was": str(verdict_of(one.was)), "now": str(verdict_of(one.now))}


urlpatterns = [
    path("actions/<int:action_id>/differences/", differences, name="differences"),
    path("actions/<int:action_id>/differences.csv", differences_csv, name="differences_csv"),
]
