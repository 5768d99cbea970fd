"""Against which registries a draft is counted: what the user chose last, kept in their session."""

from dataclasses import dataclass, field

from tocsin.services.list_imports import list_registries
from tocsin.services.rights import rights_table
from tocsin.web.desk.view import DeskRequest

FIELD, ASKED = "registry", "chosen"
_KEPT = "count_registries"


@dataclass(frozen=True)
class Choosable:
    """A registry that can be chosen."""

    registry_id: int
    name: str
    revision: int
    is_chosen: bool


@dataclass
class CountChoice:
    """The registries and which of them are chosen.

    Attributes:
        request: the request; a form that asks for a choice sends ``chosen``, and ``registry`` for
            each.
    """

    request: DeskRequest
    registries: list[Choosable] = field(init=False)

    def __post_init__(self) -> None:
        """Read the choice, and keep it for the next page."""
        request = self.request
        right = rights_table()["list_registries"]
        rows = list_registries(request.caller) if right.roles & request.caller.roles else []
        sent = request.POST if ASKED in request.POST else request.GET
        if ASKED in sent:
            wanted = [int(text) for text in sent.getlist(FIELD) if text.isdecimal()]
            request.session[_KEPT] = wanted
        else:
            wanted = request.session.get(_KEPT) or [row.pk for row in rows[:1]]
        self.registries = [
            Choosable(row.pk, row.name, row.revision, row.pk in wanted) for row in rows
        ]

    @property
    def registry_ids(self) -> list[int]:
        """Return the ids of the chosen registries that there are."""
        return [each.registry_id for each in self.registries if each.is_chosen]
