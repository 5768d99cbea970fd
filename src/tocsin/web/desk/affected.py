"""The affected list: every record that is affected or cannot be told, and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, StreamingHttpResponse
from django.template.loader import render_to_string
from django.urls import path
from django.utils.safestring import SafeString, mark_safe

from tocsin.base.last_used import LastUsed
from tocsin.services.holder_devices import list_held_devices
from tocsin.services.run_words import FILTERS, NOT_KNOWN, Choice
from tocsin.services.triage import explain_stored_device
from tocsin.services.triage_queue import read_triage_case
from tocsin.services.verdict_list import (
    ORDERS,
    VerdictPage,
    WantedVerdicts,
    export_verdicts,
    list_verdicts,
)
from tocsin.store.roles import Role
from tocsin.web.desk.answers import show
from tocsin.web.desk.listing import Head, PageLinks
from tocsin.web.desk.view import DeskRequest, desk_page

PER_PAGE = 50
_MOST_LABEL = 90
_OPTION = '<option value="{}">{} ({})</option>'
_OPTIONS: LastUsed[str] = LastUsed(most=200)
_ABOVE: LastUsed[tuple[SafeString, SafeString]] = LastUsed(most=200)
_ROW = (
    '<tr><th scope="row"><a href="{}">{}</a></th><td><span class="judged {}">{}</span></td>'
    '<td>{}</td><td>{}</td><td>{} <span class="quiet">{}</span></td><td>{}</td>'
    '<td class="wide">{}</td><td>{}</td></tr>'
)
_LABELS = {
    "verdict": "Verdict",
    "notice": "Notice",
    "reason": "Reason",
    "registry": "Registry",
    "country": "Country of the holder",
    "kind": "Kind of holder",
    "model": "Model",
}
_HEADS = (
    ("device", "Device"),
    ("verdict", "Verdict"),
    ("model", "Model"),
    ("country", "Country"),
    ("kind", "Holder"),
    ("notice", "Notice"),
    ("reason", "Reason"),
    ("registry", "Registry"),
)


@dataclass(frozen=True)
class _Filter:
    """One filter of the list, with its options ready made."""

    name: str
    label: str
    options: SafeString


@desk_page("list_verdicts", "GET")
def affected(request: DeskRequest, action_id: int) -> HttpResponse:
    """Show a page of the list, by the filters and the order of its address."""
    wanted = _wanted(request)
    page = list_verdicts(
        request.caller, action_id, wanted, request.GET.get("page", ""), PER_PAGE, _run(request)
    )
    address = {name: str(value) for name, value in request.GET.items() if name != "page"}
    is_filtered = any(request.GET.get(name) for name in (*FILTERS, "device"))
    filters, heads = _ABOVE.get(
        (page.stamp, request.path, tuple(address.items())),
        lambda: _above(page, address, wanted.order, request.path, is_filtered=is_filtered),
    )
    return show(
        request,
        "action/affected.html",
        action_id=action_id,
        page=page,
        last=page.first + len(page.lines) - 1,
        filters=filters,
        rows=_safe("".join(_ROW.format(*map(escape, row)) for row in _cells(page, request.path))),
        is_filtered=is_filtered,
        heads=heads,
        links=_links(page, address),
        export=urlencode(address),
    )


def _above(
    page: VerdictPage, address: Mapping[str, str], order: str, here: str, *, is_filtered: bool
) -> tuple[SafeString, SafeString]:
    """Return filters and head of a list; only the match and the address decide about them."""
    heads = [_head(key, label, order, address) for key, label in _HEADS]
    values = {
        "filters": list(_filters(page, address)),
        "asked": address,
        "is_filtered": is_filtered,
        "here": here,
    }
    return (
        render_to_string("web/desk/action/affected_filters.html", values),
        render_to_string("web/desk/parts/table_head.html", {"heads": heads}),
    )


@desk_page("list_verdicts", "GET")
def affected_csv(request: DeskRequest, action_id: int) -> HttpResponse:
    """Give the whole list, as it is filtered and ordered, as CSV, piece by piece."""
    pieces = export_verdicts(request.caller, action_id, _wanted(request), _run(request))
    answer: Any = StreamingHttpResponse(
        pieces,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="action-{action_id}-devices.csv"'},
    )
    return answer  # type: ignore[no-any-return] # it has the same headers


@desk_page("explain_stored_device", "read_triage_case", "list_held_devices", "GET")
def device(request: DeskRequest, action_id: int, verdict_id: int) -> HttpResponse:
    """Show the whole reasoning about a device, what was told about it, and what its holder has."""
    case = read_triage_case(request.caller, action_id, verdict_id)
    holder_id = case.texts.get("holder_id", "")
    trees = (
        explain_stored_device(request.caller, action_id, case.device_id, case.registry)
        if case.texts
        else []
    )
    return show(
        request,
        "action/device.html",
        action_id=action_id,
        case=case,
        texts=shown_texts(case.texts),
        trees=trees,
        held=list_held_devices(request.caller, action_id, case.registry, holder_id),
        may_answer=Role.OPERATOR in request.caller.roles,
    )


def shown_texts(texts: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what a record says, in words, without what is empty and without whose it is."""
    hidden = {"device_id", "holder_id", "clinic_id"}
    return [
        (name.removeprefix("fact.").replace("_", " "), text)
        for name, text in texts.items()
        if text and name not in hidden
    ]


def _filters(page: VerdictPage, asked: Mapping[str, str]) -> Iterator[_Filter]:
    """Yield the filters that have something to choose from.

    Rows and options are made here, not in the template, and options once for a match: they are
    what the page costs most.
    """
    for name in FILTERS:
        chosen, choices = asked.get(name, ""), page.choices[name]
        if len(choices) < 2 and not chosen:
            continue
        options = _OPTIONS.get((page.stamp, name), lambda choices=choices: _options(choices))  # type: ignore[misc] # mypy knows no such lambda
        own = f'<option value="{escape(chosen)}"'
        shown = options.replace(f"{own}>", f"{own} selected>", 1) if chosen else options
        yield _Filter(name, _LABELS[name], _safe(shown))


def _options(choices: Sequence[Choice]) -> str:
    return "".join(
        _OPTION.format(escape(each.value), escape(_shown(each.label)), f"{each.n_records:,}")
        for each in choices
    )


def _shown(label: str) -> str:
    return label if len(label) <= _MOST_LABEL else f"{label[:_MOST_LABEL]}..."


def _safe(html: str) -> SafeString:
    return mark_safe(html)  # noqa: S308 - every text in it was escaped


def _cells(page: VerdictPage, here: str) -> Iterator[tuple[str, ...]]:
    for line in page.lines:
        yield (
            f"{here}{line.verdict_id}/",
            line.device_id,
            line.verdict,
            line.verdict.replace("_", " "),
            line.model or NOT_KNOWN,
            line.country or NOT_KNOWN,
            line.kind or NOT_KNOWN,
            line.holder_id,
            line.notice,
            line.reason,
            line.registry,
        )


def _wanted(request: DeskRequest) -> WantedVerdicts:
    asked = {name: request.GET.get(name, "") for name in (*FILTERS, "device")}
    order = request.GET.get("sort", "verdict")
    known = order.removeprefix("-") in ORDERS
    return WantedVerdicts(**asked, order=order if known else "verdict")


def _run(request: DeskRequest) -> int | None:
    asked = request.GET.get("match", "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 9 else None


def _head(key: str, label: str, order: str, address: Mapping[str, str]) -> Head:
    is_up, is_down = order == key, order == f"-{key}"
    href = f"?{urlencode({**address, 'sort': f'-{key}' if is_up else key})}"
    return Head(
        label, href, "ascending" if is_up else "descending" if is_down else "none", is_number=False
    )


def _links(page: VerdictPage, address: Mapping[str, str]) -> PageLinks:
    n_pages = max(1, -(-page.n_found // PER_PAGE))
    number = max(1, -(-page.first // PER_PAGE))
    earlier = f"?{urlencode({**address, 'page': page.earlier})}" if page.earlier else ""
    later = f"?{urlencode({**address, 'page': page.later})}" if page.later else ""
    return PageLinks(number, n_pages, page.n_found, earlier, later)


urlpatterns = [
    path("actions/<int:action_id>/devices/", affected, name="affected"),
    path("actions/<int:action_id>/devices.csv", affected_csv, name="affected_csv"),
    path("actions/<int:action_id>/devices/<int:verdict_id>/", device, name="device"),
]
