"""`POST /check`: is this device affected? For other software; nothing is stored or logged.

It asks about a device, never about a person, and every value is optional: what is not told or
cannot be read counts as unknown, and an unknown clears nobody.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache, partial
from typing import Annotated, Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from tocsin.api.callers import check_rate
from tocsin.api.openapi import PUBLIC_PROBLEMS, problem_answers
from tocsin.base.last_used import LastUsed, Same
from tocsin.base.verdict import Verdict
from tocsin.notice.model import Audience
from tocsin.registry.answer import can_read
from tocsin.registry.schema import COLUMNS, FACT_PREFIX
from tocsin.services.device_check import (
    Answer,
    asked_often,
    check_device,
    explain_answer,
    open_questions,
    settle_answer,
)
from tocsin.services.languages import catalogue_of
from tocsin.services.public_notices import (
    PublicNotice,
    ReleasedNotices,
    recent_notices,
    released_on,
)
from tocsin.services.question_words import value_words
from tocsin.store.rate_limit import RateLimit, counted_address

_PATIENT: tuple[Audience, ...] = ("patient", "public")
_NOT_A_DEVICE = {
    "device_id",
    "holder_id",
    "clinic_id",
    "quantity",
    "evidence_on",
    "evidence_source",
}
CHECK_COLUMNS = tuple(name for name in COLUMNS if name not in _NOT_A_DEVICE)
Value = Annotated[str | None, Field(max_length=400, pattern=r"^[^\x00]*$")]
_Language = Literal["en", "fr", "nl", "sv", "de", "es"]


class Device(BaseModel):
    """What is known of a device: its bar code, or what stands on its label and screen."""

    model_config = ConfigDict(extra="forbid", strict=True)

    udi: Value = Field(
        None,
        description="The whole text of its bar code, or the device identifier alone.",
        examples=["(01)00763000000011(21)A1"],
    )
    manufacturer: Value = Field(None, description="Who made it.", examples=["Medtronic"])
    product: Value = Field(None, description="Its name.", examples=["MiniMed Paradigm"])
    model: Value = Field(None, description="Its model number, with any suffix.", examples=["723K"])
    catalogue_no: Value = Field(None, description="Its catalogue or reference number.")
    software_version: Value = Field(
        None, description="The software version, as the device shows it.", examples=["2.4A"]
    )
    lot: Value = Field(None, description="The lot or batch.", examples=["B201575"])
    serial: Value = Field(None, description="The serial number. It is not kept and not logged.")
    country: Value = Field(
        None, description="Country of sale, ISO 3166 with two letters.", examples=["US"]
    )
    made_on: Value = Field(None, description="Day, month or year of manufacture.")
    shipped_on: Value = Field(None, description="Day of shipment.", examples=["2010-12-15"])
    implanted_on: Value = Field(None, description="Day of implantation.")
    serviced_on: Value = Field(None, description="Day of the last service.")
    expires_on: Value = Field(None, description="Day of expiry.")
    facts: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,60}$")], Value] = Field(
        default_factory=dict,
        max_length=20,
        description="What only the holder can see, by the name that a notice gives it.",
        examples=[{"retainer_ring": "clear"}],
        json_schema_extra={"additionalProperties": False},
    )
    language: _Language = Field("en", description="In which language texts of notices are told.")


@dataclass(frozen=True)
class Told:
    """A text of a notice, and the language it is in: English where it is not translated.

    Attributes:
        is_machine: whether a machine translated it and no person has reviewed it.
    """

    text: str
    language: str
    is_machine: bool


@dataclass(frozen=True)
class Call:
    """Whom to call, where and when.

    Attributes:
        country: where it answers; null: everywhere.
        hours: when.
    """

    name: str
    country: str | None
    phone: str | None
    email: str | None
    url: str | None
    hours: str | None


@dataclass(frozen=True)
class NoticeAnswer:
    """What one notice means for the device: affected, or it cannot be told.

    Attributes:
        reason_code: the stable code of the reason.
        reason: the reason as a sentence; it repeats nothing that was asked.
        entry: the entry of the notice that decides; null if none names the product.
        to_settle: what to ask so that a verdict can be told; empty if it is.
        what_to_do: what the notice asks patients to do, precautions first.
        issued_by: who publishes it.
        released_on: the day on which this revision was released.
        source: its address, if it has one.
    """

    notice: str
    revision: int
    title: Told
    verdict: Verdict
    reason_code: str
    reason: str
    entry: str | None
    to_settle: str
    what_to_do: list[Told]
    calls: list[Call]
    issued_by: list[str]
    issued_on: date | None
    released_on: date
    source: str | None


@dataclass(frozen=True)
class Choice:
    """An answer that there is.

    Attributes:
        value: what to send.
        shown: what to show for it.
    """

    value: str
    shown: Told


@dataclass(frozen=True)
class Question:
    """What would settle a verdict.

    Attributes:
        field: which field of the request it fills; a fact is `facts.name`.
        ask: the notice's own question; null if it has none.
        choices: the answers that there are; empty: any.
    """

    field: str
    ask: Told | None
    choices: list[Choice]


@dataclass(frozen=True)
class Checked:
    """Whether the device is affected.

    Attributes:
        verdict: the gravest of all notices. Without any notice to compare with it is cannot_tell.
        as_of: when the list of notices was read. An old list clears nobody.
        is_demo: whether these are the example notices of the demonstration.
        notices: those by which it is affected or cannot be told, the gravest first.
        cleared_by: the names of those by which it is not affected.
        questions: what would settle what cannot be told, in the order of asking.
        unreadable: fields whose value could not be read; they counted as unknown.
    """

    verdict: Verdict
    as_of: datetime
    is_demo: bool
    notices: list[NoticeAnswer]
    cleared_by: list[str]
    questions: list[Question]
    unreadable: list[str]


_REPLY = TypeAdapter(Checked)


def check(request: HttpRequest, body: Device) -> HttpResponse:
    """Tell what the public notices mean for one device."""
    now = datetime.now(tz=UTC)
    if settings.API_CHECK != "token":
        check_rate(_limit(), _address(request), now)
    return HttpResponse(reply_to(body, recent_notices(now), now), content_type="application/json")


def reply_to(device: Device, released: ReleasedNotices, now: datetime) -> bytes:
    """Return the reply about a device as JSON: as `check_one` tells it.

    It is remembered while no notice changes: clinics ask about many devices of few kinds, which
    differ in nothing but a serial number.
    """
    row = _row_of(device)
    asked = asked_often(row, released)
    if asked is None:
        return _REPLY.dump_json(check_one(device, released, now))
    spoilt = "serial" in row and bool(_unreadable({"serial": row["serial"]}))
    place = (asked, device.language, spoilt, released.is_fresh(now))

    def check() -> Checked:
        whole = (Same(released.notices), place)
        told = _CHECKED.get(whole, lambda: check_one(device, released, now))
        return replace(told, as_of=released.as_of)

    return _REPLIES.get((Same(released), place), lambda: _REPLY.dump_json(check()))


_REPLIES: LastUsed[bytes] = LastUsed(most=4096)
_CHECKED: LastUsed[Checked] = LastUsed(most=4096)


def check_one(device: Device, released: ReleasedNotices, now: datetime) -> Checked:
    """Return what public notices mean for a device."""
    row = _row_of(device)
    answers = check_device(row, released, now)
    grave = [each for each in answers if each.verdict is not Verdict.NOT_AFFECTED]
    # Nothing to compare with is no clearance.
    verdict = answers[0].verdict if answers else Verdict.CANNOT_TELL
    is_open = any(each.verdict is Verdict.CANNOT_TELL for each in grave)
    return Checked(
        verdict=verdict,
        as_of=released.as_of,
        is_demo=released.is_demo,
        notices=[_told(each, device.language) for each in grave],
        cleared_by=[
            each.public.notice.notice for each in answers if each.verdict is Verdict.NOT_AFFECTED
        ],
        questions=list(_questions(row, released, device.language)) if is_open else [],
        unreadable=_unreadable(row),
    )


def _unreadable(row: Mapping[str, str]) -> list[str]:
    return [
        column.replace(FACT_PREFIX, "facts.")
        for column, value in row.items()
        if value.strip() and not can_read(column, value)
    ]


def add_to(interface: NinjaAPI) -> None:
    """Add the check to the API: open to all, unless the installation asks for a token."""
    options = {} if settings.API_CHECK == "token" else {"auth": None}
    statuses = PUBLIC_PROBLEMS if options else (401, 403, *PUBLIC_PROBLEMS)
    interface.api_operation(
        ["POST"],
        "/check",
        response={200: Checked},
        operation_id="check",
        summary="Is this device affected?",
        description="What the public notices of this installation mean for one device. Nothing is "
        "stored. What is not told or cannot be read counts as unknown, which clears nobody.",
        tags=["Check"],
        openapi_extra={"responses": problem_answers(statuses)},
        **options,  # type: ignore[arg-type]
    )(check)


def _row_of(device: Device) -> dict[str, str]:
    told = vars(device)
    row: dict[str, str] = {name: told[name] for name in CHECK_COLUMNS if told.get(name) is not None}
    for name, value in device.facts.items():
        if value is not None:
            row[f"{FACT_PREFIX}{name}"] = value
    return row


def _told(answer: Answer, language: str) -> NoticeAnswer:
    public = answer.public
    notice = public.notice
    return NoticeAnswer(
        notice=notice.notice,
        revision=notice.revision,
        title=Told(**vars(public.text_in(language, notice.title))),
        verdict=answer.verdict,
        reason_code=answer.reason_code,
        reason=explain_answer(answer),
        entry=answer.entry.entry if answer.entry else None,
        to_settle=settle_answer(answer),
        what_to_do=list(_steps(public, language)),
        calls=list(_calls(public)),
        issued_by=[issuer.name for issuer in notice.issuers],
        issued_on=notice.issued_on,
        released_on=released_on(notice),
        source=notice.source.url,
    )


def _steps(public: PublicNotice, language: str) -> Iterator[Told]:
    for told in (public.notice.precautions, public.notice.instructions):
        for audience in _PATIENT:
            for text in told.get(audience, ()):
                yield Told(**vars(public.text_in(language, text)))


def _calls(public: PublicNotice) -> Iterator[Call]:
    notice = public.notice
    for contact in notice.contacts:
        if contact.audience in {"all", *_PATIENT}:
            name = contact.name or notice.manufacturer or notice.issuers[0].name
            yield Call(
                name, contact.country, contact.phone, contact.email, contact.url, contact.hours
            )


def _questions(
    row: Mapping[str, str], released: ReleasedNotices, language: str
) -> Iterator[Question]:
    for question in open_questions(row, released):
        fact, name = question.fact, question.column.removeprefix(FACT_PREFIX)
        if fact is None:
            yield Question(question.column, None, [])
            continue
        said = partial(released.fact_text_in, name, language)
        catalogue = catalogue_of(language)
        choices = [
            Choice(each, Told(**vars(value_words(question.column, each, catalogue, said))))
            for each in fact.values or fact.any_of
        ]
        ask = Told(**vars(said(fact.ask))) if fact.ask else None
        yield Question(f"facts.{name}", ask, choices)


@cache
def _limit() -> RateLimit:
    return RateLimit(
        settings.RATE_LIMIT_FILE,
        settings.SECRET_KEY.encode()[:64],
        settings.CHECK_POSTS_PER_MINUTE,
        settings.CHECK_POSTS_PER_MINUTE_IN_ALL,
    )


def _address(request: HttpRequest) -> str:
    told = request.META
    forwarded, remote = told.get("HTTP_X_FORWARDED_FOR", ""), told["REMOTE_ADDR"]
    return counted_address(forwarded, remote, behind_proxy=settings.TRUSTED_PROXY)
