"""What a holder is asked of their devices: exactly what would settle what cannot be told.

What is open is found by `match.settling` for the record as it is now, so that an answer that
settles one thing shows what is left. A value that is there, but cannot be read or does not decide,
is asked again, and shown.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tocsin.base.truth import Truth
from tocsin.base.verdict import Verdict as Answer
from tocsin.identify.manufacturer import find_manufacturer
from tocsin.identify.product_text import read_product_text
from tocsin.match.engines.reference import judge_entry, match_records
from tocsin.match.reason_words import reason_words
from tocsin.match.rules import FIRST_KINDS, PRODUCT
from tocsin.match.scopes import product_scope_of
from tocsin.match.settling import column_of, settle_record
from tocsin.notice.model import Notice
from tocsin.notice.scope import Fact
from tocsin.registry.record import DeviceRecord, read_record
from tocsin.registry.schema import EVIDENCE_COLUMNS, FACT_PREFIX, clean
from tocsin.services.device_check import ProductChoice, entry_choices
from tocsin.services.letter_devices import N_SERIAL_END, held_devices
from tocsin.store.models import Recipient, Verdict
from tocsin.store.record_states import texts_of
from tocsin.store.run_rows import GAP_PLACE

MOST_CHOICES = 24
"""Products that a page offers to choose from; where a scope names more, it is typed."""
MODEL = column_of(PRODUCT)
_ORDER = tuple(column_of(kind) for kind in FIRST_KINDS)


@dataclass(frozen=True)
class AskedFact:
    """One thing that is asked of a device.

    Attributes:
        column: of a registry, such as ``software_version``; ``model`` asks which product it is.
        fills: the columns that an answer may fill.
        on_record: column and value of what the list says already, but which does not settle it.
        choices: the products that it may be, where they are few.
        values: all that the answer can be, where a notice says so.
        ask: the notice's own question, in English; empty for what is asked of many devices.
    """

    column: str
    fills: tuple[str, ...]
    on_record: tuple[tuple[str, str], ...] = ()
    choices: tuple[ProductChoice, ...] = ()
    values: tuple[str, ...] = ()
    ask: str = ""


@dataclass(frozen=True)
class AskedDevice:
    """A device of the letter.

    Attributes:
        key: its name in answers, ``registry/device_id``.
        product: what it is, as the list says.
        serial_end: the last characters of its serial number; empty if it has none.
        verdict: of the last match, after what answers have changed since.
        asked: what would settle its verdict; empty if it is settled, or nothing here can.
    """

    key: str
    registry_id: int
    registry_name: str
    device_id: str
    product: str
    serial_end: str
    verdict: str
    asked: tuple[AskedFact, ...] = ()

    @property
    def asked_columns(self) -> tuple[str, ...]:
        """Return the columns that are asked, in their order."""
        return tuple(each.column for each in self.asked)

    @property
    def filled_columns(self) -> frozenset[str]:
        """Return the columns that an answer may fill."""
        return frozenset(column for each in self.asked for column in each.fills)


def asked_devices(recipient: Recipient, notices: Sequence[Notice]) -> Iterator[AskedDevice]:
    """Yield the devices of a letter, each with what is asked of it now."""
    run = recipient.release.scope_release.run
    judged = dict(run.registries.values_list("registry_id", "revision"))
    for held in held_devices(run, [recipient.person_id]).get(recipient.person_id, ()):
        record = held.record
        if not held.rows:  # no notice speaks of it
            continue
        is_as_judged = record.since_revision <= judged[record.registry_id]
        is_settled = is_as_judged and not any(map(_is_open, held.rows))
        open_of_run = _open_columns(held.rows, notices) if is_as_judged else ()
        yield AskedDevice(
            f"{record.registry_id}/{record.device_id}",
            record.registry_id,
            record.registry.name,
            record.device_id,
            " ".join(filter(None, (record.manufacturer, record.product, record.model))),
            record.serial[-N_SERIAL_END:],
            str(held.verdict),
            () if is_settled else tuple(_asked_facts(texts_of(record), notices, open_of_run)),
        )


def is_known_product(column: str, value: str, manufacturer: str) -> bool:
    """Whether what was told names a product that we know, or is no product's name at all.

    Somebody who reads the wrong number from a label names a product that nobody knows. It is other
    than the notice's, but that must clear nothing.
    """
    if column not in EVIDENCE_COLUMNS or column == "udi":
        return True
    maker = find_manufacturer(manufacturer)
    return bool(read_product_text(value, maker.id if maker else None).members)


def _is_open(row: Verdict) -> bool:
    return Truth(row.truth) is Truth.UNKNOWN


def _open_columns(rows: Iterable[Verdict], notices: Sequence[Notice]) -> Iterator[str]:
    """Yield the columns that would settle what a run could not tell."""
    for row in rows:
        if _is_open(row):
            notice = None if row.place == GAP_PLACE else notices[row.place]
            words = reason_words(notice, Truth.UNKNOWN, row.entry, row.reason_code)
            if words.column:
                yield words.column


def _asked_facts(
    texts: dict[str, str], notices: Sequence[Notice], open_of_run: Iterable[str]
) -> Iterator[AskedFact]:
    record = read_record(texts)
    columns, open_notices = set(open_of_run), []
    for notice in notices:
        found = next(match_records([notice], [record]))
        if found.verdict is not Answer.CANNOT_TELL:
            continue
        open_notices.append(notice)
        decides = reason_words(notice, Truth.UNKNOWN, found.entry, found.reason_code).column
        columns |= {decides} if decides else set()
        columns |= _settling_columns(notice, record)
    for column in sorted(columns, key=_place):
        yield _asked_fact(column, texts, record, open_notices or list(notices))


def _settling_columns(notice: Notice, record: DeviceRecord) -> set[str]:
    """Return what may settle a record; all that is open where one answer alone cannot."""
    found = settle_record(notice, record)
    alone = {each.column for each in found if each.perhaps}
    return alone if alone - {MODEL} else {each.column for each in found}


def _place(column: str) -> tuple[int, str]:
    return (_ORDER.index(column) if column in _ORDER else len(_ORDER), column)


def _asked_fact(
    column: str, texts: dict[str, str], record: DeviceRecord, notices: Sequence[Notice]
) -> AskedFact:
    fills = EVIDENCE_COLUMNS if column == MODEL else (column,)
    on_record = tuple(
        (name, _shown(name, value)) for name in fills if (value := texts.get(name, "").strip())
    )
    fact = _fact_of(column, notices)
    return AskedFact(
        column,
        fills,
        tuple(each for each in on_record if each[1]),
        _choices(record, notices) if column == MODEL else (),
        tuple(fact.values or fact.any_of) if fact else (),
        (fact.ask or "") if fact else "",
    )


def _shown(column: str, value: str) -> str:
    """Return what a page shows of a value: of a serial number its end; a bar code holds one."""
    if column == "udi" or clean(value) is None:
        return ""
    return f"...{value[-N_SERIAL_END:]}" if column == "serial" else value


def _fact_of(column: str, notices: Iterable[Notice]) -> Fact | None:
    name = column.removeprefix(FACT_PREFIX)
    if name == column:
        return None
    facts = (entry.facts.get(name) for notice in notices for entry in notice.scope)
    return next((each for each in facts if each is not None), None)


def _choices(record: DeviceRecord, notices: Iterable[Notice]) -> tuple[ProductChoice, ...]:
    """Return the products of the scopes that a record may be; none if they are many."""
    found: dict[ProductChoice, None] = {}
    for notice in notices:
        for entry in notice.scope:
            product_is = judge_entry(entry, product_scope_of(notice, entry), record)[0][1]
            maker = notice.manufacturer_of(entry)
            if maker and product_is is not Truth.FALSE:
                found.update(dict.fromkeys(entry_choices(entry, maker)))
    return tuple(found) if len(found) <= MOST_CHOICES else ()
