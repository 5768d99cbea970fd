"""What one printed letter holds, from the store: text, address, devices, codes, the anchor."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tocsin.base.errors import TocsinError
from tocsin.outreach.channels import Channel
from tocsin.outreach.letter import LetterText
from tocsin.outreach.letter_blocks import Block, Paragraph, Reply
from tocsin.outreach.letter_fields import fill_letter
from tocsin.outreach.postal_address import name_alone, postal_address
from tocsin.outreach.prefaces import Preface, preface_text
from tocsin.render.letters.sheet import LetterSheet
from tocsin.services.letter_devices import concerned_records
from tocsin.services.letter_values import letter_values
from tocsin.services.public_address import released_addresses
from tocsin.store.audit.anchor_file import last_anchor
from tocsin.store.home import find_home
from tocsin.store.issued_letters import open_code, shown
from tocsin.store.letter_rows import read_text
from tocsin.store.models import Action, Dispatch, IssuedLetter
from tocsin.store.person_keys import person_keys
from tocsin.store.sealed_persons import SealedPersons
from tocsin.store.vault import Vault

MOST_DEVICES = 20
_COLUMNS: Mapping[str, str] = {
    "product": "product",
    "model": "model",
    "serial": "serial",
    "lot": "lot",
    "software": "software_version",
    "quantity": "quantity",
}
_ANCHOR_SIGNS = 32


class AddresseeErased(TocsinError):
    """The data of who was to get a letter were erased."""

    code = "addressee_erased"


@dataclass(frozen=True)
class Prepared:
    """A letter ready for the page, with the key that seals it."""

    sheet: LetterSheet
    addressee: UUID
    wrapped: bytes


class SheetMaker:
    """Makes the sheets of an action's printed letters, in the organisation that we act for."""

    def __init__(self, action: Action, now: datetime) -> None:
        """Take the action and the time of the act; the anchor is the one that is newest now.

        Raises:
            PublicAddressUnset, PublicAddressUnfit, PublicAddressesDiffer: as `released_addresses`.
        """
        self._values = letter_values(action, now)
        self._written_on: date = now.date()
        self._home = find_home()
        self._vault = Vault(self._home.persons_key)
        self._persons = SealedPersons()
        self._sites = released_addresses(action)
        self._anchor = self._anchor_words()

    def make(self, letter: IssuedLetter) -> Prepared:
        """Return a letter's sheet.

        Raises:
            AddresseeErased: if nobody can know any more to whom it goes.
            AddressMissing, ValueUnfit: if it cannot be posted as the list has it.
            FieldsMissing: if the letter names what nothing fills in.
        """
        row = letter.dispatch
        wrapped = person_keys([row.addressee_id]).get(row.addressee_id)
        if wrapped is None or not letter.sealed_code:
            raise AddresseeErased(
                f"The data of person {row.addressee_id} were erased, so nobody knows where letter "
                f"{shown(letter.letter_id)} goes. It was not made."
            )
        private = self._persons.open(row.addressee)
        values = self._values(row.recipient)
        text = fill_letter(read_text(row.recipient.letter_version), values)
        words = {name: str(each) for name, each in values.items() if name.startswith("answer_")}
        maker = str(values["maker"])
        sheet = LetterSheet(
            _completed(text, _preface_of(row), words),
            shown(letter.letter_id),
            maker,
            maker,
            _address_of(row, private),
            letter.written_on or self._written_on,
            reference=f"{values['notice']}, {values['revision']}",
            code=shown(open_code(self._vault, letter, row.addressee_id, wrapped)),
            check_url=f"{self._sites[row.recipient.release_id]}/l",
            answer_url=words.get("answer_link"),
            anchor=self._anchor,
            devices=list(_devices(row)) if row.recipient.verdict else (),
        )
        return Prepared(sheet, row.addressee_id, wrapped)

    def _anchor_words(self) -> str | None:
        anchor = last_anchor(self._home.anchors)
        return f"{anchor.seq} {anchor.hash[:_ANCHOR_SIGNS]}" if anchor else None


def _address_of(row: Dispatch, private: Mapping[str, str]) -> list[str]:
    """Return where a letter goes; one that a clinic gives its patient bears the name only."""
    name, who = private.get("name", ""), f"person {row.addressee_id}"
    if row.channel == Channel.CLINIC:
        return name_alone(name, who)
    return postal_address(name, private.get("address_lines", ""), who)


def _preface_of(row: Dispatch) -> Preface | None:
    """Return why a letter comes once more; None if it does not."""
    if row.replaces is not None and row.replaces.channel == row.channel:
        return "possible_copy"
    return "reminder" if row.purpose.startswith("reminder") else None


def _completed(text: LetterText, preface: Preface | None, words: Mapping[str, str]) -> LetterText:
    """Return a text with why it comes again before it, and how it is answered below it."""
    blocks: list[Block] = list(text.blocks)
    if preface is not None:
        blocks.insert(0, Paragraph(text=preface_text(preface, text.language)))
    if words and not any(isinstance(block, Reply) for block in blocks):
        told = preface_text("answer_print", text.language).format(**words)
        blocks.append(Reply(lines=(told,)))
    return text.model_copy(update={"blocks": tuple(blocks)})


def _devices(row: Dispatch) -> Iterator[Mapping[str, str]]:
    run = row.recipient.release.scope_release.run
    for record in concerned_records(run, [row.recipient]).get(row.recipient_id, ())[:MOST_DEVICES]:
        held = {name: getattr(record, column) for name, column in _COLUMNS.items()}
        yield {name: "" if value is None else str(value) for name, value in held.items()}
