"""One openFDA recall or enforcement record -> a notice.

Which products, lots and days it means is prose (``product_description``, ``code_info``): it is
drafted, and stays unreviewed until a person has confirmed it. Where the devices went and how many
there are describes, and clears nobody.
Source: https://open.fda.gov/apis/device/recall/searchable-fields/ and the page for enforcement.
"""

import re
from datetime import date
from pathlib import Path

from tocsin.base.errors import NoticeUnreadable
from tocsin.base.provenance import Source
from tocsin.formats.openfda_records import Record
from tocsin.formats.prose.draft import DraftHints, draft_entries
from tocsin.notice.model import (
    Classification,
    Classifications,
    Contact,
    Hazard,
    Issuer,
    Link,
    Milestone,
    Notice,
)
from tocsin.notice.scope import Entry, ProductPart

_TOLD = (
    "product_quantity",
    "distribution_pattern",
    "initial_firm_notification",
    "voluntary_mandated",
    "recall_status",
    "status",
    "product_code",
    "k_numbers",
    "pma_numbers",
    "root_cause_description",
    "action",
    "firm_fei_number",
    "res_event_number",
    "event_id",
    "cfres_id",
)
_INITIATED = ("recall_initiation_date", "event_date_initiated")
_PUBLISHED = ("event_date_posted", "report_date", "event_date_created")
_STEPS = (
    ("the firm told its customers", _INITIATED),
    ("the FDA classified it", ("center_classification_date",)),
    ("the FDA published it", _PUBLISHED),
    ("the FDA terminated it", ("termination_date", "event_date_terminated")),
)
_PROSE = ("product_description", "code_info", "more_code_info")
_PHONE = re.compile(r"(?:\+?1[-. ]?)?\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}")
_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
_UNDATED = date(1970, 1, 1)
_MAX_TEXT = 4000
_MAX_TITLE = 300
_MAX_NAME = 150


def read_openfda(record: Record, where: Path) -> Notice:
    """Return the notice of one recall or enforcement record, its entries unreviewed.

    Raises:
        NoticeUnreadable: if it is not about devices, has no number, or describes no product.
    """
    number = text_of(record, "recall_number", "product_res_number")
    event = text_of(record, "event_id", "res_event_number")
    name = f"The openFDA record {number or event or 'without a number'} in {where}"
    kind = text_of(record, "product_type")
    if kind and not kind.lower().startswith("device"):
        raise NoticeUnreadable(f"{name} is about {kind.lower()}, not about devices.")
    if number is None and event is None:
        raise NoticeUnreadable(f"{name} has neither a recall number nor an event's.")
    firm = text_of(record, "recalling_firm")
    issued_on = day_of(record, *_INITIATED)
    description = text_of(record, "product_description")
    entries = draft_entries(
        "\n\n".join(str(record[part]) for part in _PROSE if text_of(record, part)),
        DraftHints(
            firm=firm,
            product=description,
            issued_on=issued_on.isoformat() if issued_on else None,
            day_order="mdy",
            distribution=text_of(record, "distribution_pattern"),
            quantity=text_of(record, "product_quantity"),
        ),
    )
    if not any(entry.affects for entry in entries):
        entries = (*entries, _whole(record, name))
    reason = text_of(record, "reason_for_recall")
    return Notice(
        notice=number or f"fda-event-{event}",
        kind="recall",
        title=(description or reason or str(number))[:_MAX_TITLE],
        issuers=_issuers(firm),
        issued_on=issued_on,
        links=(_event_link(event),) if number and event else (),
        classification=_classification(record, number),
        hazard=Hazard(what=reason) if reason else None,
        scope=entries,
        contacts=_contacts(record),
        languages=("en",),
        milestones=_milestones(record),
        information={part: told for part in _TOLD if (told := text_of(record, part))},
        source=Source(
            document=f"openFDA {number or event}, read from {where.name}",
            url="https://open.fda.gov/apis/device/",
            checked_on=day_of(record, *_PUBLISHED, *_INITIATED) or _UNDATED,
        ),
    )


def _whole(record: Record, name: str) -> Entry:
    """Return an entry that holds all back: of a record of which nothing could be drafted."""
    description = text_of(record, "product_description")
    if description is None:
        raise NoticeUnreadable(f"{name} does not describe a product. Nothing was read.")
    product = ProductPart(names=(description[:_MAX_NAME],))
    texts = tuple(told for part in _PROSE if (told := text_of(record, part)))
    return Entry(entry="whole", affects=product, unread=texts, reviewed=False)


def _event_link(event: str) -> Link:
    return Link(notice=f"fda-event-{event}", relation="same-event")


def _issuers(firm: str | None) -> tuple[Issuer, ...]:
    authority = Issuer(name="FDA", role="authority", country="US")
    return (Issuer(name=firm, role="manufacturer"), authority) if firm else (authority,)


def _classification(record: Record, number: str | None) -> Classifications:
    level = text_of(record, "classification")
    if level is None:
        return Classifications()
    on = day_of(record, "center_classification_date")
    return Classifications(
        authorities=(Classification(body="FDA", level=level, number=number, on=on),)
    )


def _contacts(record: Record) -> tuple[Contact, ...]:
    told = text_of(record, "additional_info_contact")
    if told is None:
        return ()
    phone = _PHONE.search(told)
    return (Contact(country="US", name=told, phone=phone[0] if phone else None),)


def _milestones(record: Record) -> tuple[Milestone, ...]:
    days = ((what, day_of(record, *parts)) for what, parts in _STEPS)
    return tuple(Milestone(what=what, on=on, country="US", state="done") for what, on in days if on)


def text_of(record: Record, *names: str) -> str | None:
    """Return the first of several fields that holds text, in one line, or None."""
    for name in names:
        value = record.get(name)
        if isinstance(value, list):
            value = ", ".join(str(item) for item in value)
        if isinstance(value, str) and value.strip():
            return " ".join(value.split())[:_MAX_TEXT]
    return None


def day_of(record: Record, *names: str) -> date | None:
    """Return the day of the first field that holds one: 20160630 or 2016-06-30.

    >>> day_of({"report_date": "20160706"}, "report_date")
    datetime.date(2016, 7, 6)
    """
    for name in names:
        if found := _DAY.fullmatch(str(record.get(name) or "").strip()):
            try:
                return date(*map(int, found.groups()))
            except ValueError:
                continue
    return None
