"""Where post goes: name and address lines, or a work item that says what is missing."""

from tocsin.base.errors import TocsinError
from tocsin.outreach.letter_fields import check_value


class AddressMissing(TocsinError):
    """Nobody knows where to post a letter to."""

    code = "address_missing"


def postal_address(name: str, lines: str, who: str) -> list[str]:
    """Return name and address of a letter, line by line.

    Args:
        name: of the addressee.
        lines: the address as a list has it, its lines joined by ``|``.
        who: how the addressee is called where no name may stand, such as ``holder H7``.

    Raises:
        AddressMissing: if name or address is missing.
        ValueUnfit: if a character does not belong into a letter.

    >>> postal_address("Jane Example", "1 Example Street | Testwater", "holder H7")
    ['Jane Example', '1 Example Street', 'Testwater']
    """
    if not name or not lines.strip():
        raise AddressMissing(
            f"{who[:1].upper()}{who[1:]} has no {'address' if name else 'name'} in the list. "
            "No letter was made. Repair the contact, or use another channel."
        )
    address = [name, *(part.strip() for part in lines.split("|") if part.strip())]
    check_value("name or address", address)
    return address


def name_alone(name: str, who: str) -> list[str]:
    """Return what stands in the place of the address on a letter that somebody is given by hand.

    Raises:
        AddressMissing: if there is no name: it could be given to anybody.
        ValueUnfit: if a character does not belong into a letter.

    >>> name_alone("Jane Example", "holder H7")
    ['Jane Example']
    """
    return postal_address(name, "-", who)[:1]
