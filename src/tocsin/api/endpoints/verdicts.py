"""Whom an action concerns: verdicts as a list with filters, and a holder's devices."""

from typing import Annotated, Literal

from pydantic import Field

from tocsin.api.endpoint import Endpoint
from tocsin.api.fields import Number, OptionalLine, Word
from tocsin.api.pages import ItemKey, Order, Sought
from tocsin.services import holder_devices, verdict_list
from tocsin.services.verdict_list import VerdictLine, WantedVerdicts
from tocsin.services.work import Caller

Verdicts = Literal["affected", "cannot_tell"]
By = Literal["verdict", "device", "notice", "registry", "country", "kind", "model", "reason"]
"""As `services.verdict_list.ORDERS` has them; a test compares."""


def list_verdicts(
    caller: Caller,
    action_id: int,
    verdict: Annotated[Verdicts | None, Field(description="Only this verdict.")] = None,
    notice: Annotated[Word | None, Field(description="Only of this notice.")] = None,
    registry: Annotated[Word | None, Field(description="Only of this registry.")] = None,
    country: Annotated[Word | None, Field(description="Only of holders there.")] = None,
    kind: Annotated[Word | None, Field(description="Only of this kind of holder.")] = None,
    model: Annotated[Word | None, Field(description="Only of this model.")] = None,
    device: Annotated[Word | None, Field(description="Only the record of this id.")] = None,
    order: Annotated[By, Field(description="In which order.")] = "verdict",
    number: Annotated[Number | None, Field(description="Of the match; the last without.")] = None,
    *,
    after: ItemKey | None,
    limit: int,
) -> Sought[VerdictLine]:
    """List verdicts of a match."""
    wanted = WantedVerdicts(
        verdict=verdict or "",
        notice=notice or "",
        registry=registry or "",
        country=country or "",
        kind=kind or "",
        model=model or "",
        device=device or "",
        order=order,
    )
    key = str(after[0]) if after else ""
    page = verdict_list.list_verdicts(caller, action_id, wanted, key, limit, number)
    return Sought(page.lines, (page.later,) if page.later else None)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/actions/{action_id}/verdicts",
        list_verdicts,
        "List what is affected or cannot be told, with filters",
        seeks=VerdictLine,
        explain="`unknown` stands for no country, kind or model.",
    ),
    Endpoint(
        "GET",
        "/actions/{action_id}/held-devices",
        holder_devices.list_held_devices,
        "List what a holder has in all registries of an action, pumps first",
        order=Order(lambda line: (line.registry, line.device_id)),
        types={"registry": Word, "holder_id": OptionalLine},
    ),
)
