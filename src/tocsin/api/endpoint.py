"""An endpoint: a method and an address, the service that answers, and how it is told.

Most services are called as they are: their arguments are the fields of the request, what they
return is the reply. Rights, states and sentences stay in the services.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, get_type_hints

from pydantic import TypeAdapter

from tocsin.api.pages import Order, Page
from tocsin.services.rights import Right, rights_table

PUBLIC = "public"
"""Instead of a service: no token is asked for."""
_READING = "GET"


@dataclass(frozen=True)
class Endpoint:
    """One row of the tables in `tocsin.api.endpoints`.

    Attributes:
        method: GET reads; POST does something.
        path: with the names of arguments in braces.
        run: a service, or a function of a caller around one.
        summary: what it does, in a few words.
        service: whose row in the table of rights holds; the name of ``run`` if empty.
        shape: makes the reply of what ``run`` returns.
        order: how a list is ordered that is told in pages; None: it is told whole.
        status: of a reply that is not a refusal.
        is_repeatable: whether a reply is kept for who sends the request again. Not where the reply
            holds private data, and not where nothing is changed.
        file_names: what a document may be called, where the body is one (``sent``) and not
            arguments as JSON.
        is_list: whether that document is a list, which may be large: it is kept as it comes in
            (``kept``), and never whole in memory.
        seeks: the type of an item, where ``run`` itself seeks a page behind a key (``after``), of
            ``limit`` items at most, and returns it as `Sought`.
        types: of arguments, where the service's own says too little.
        explain: more about it, for the reference.
    """

    method: str
    path: str
    run: Callable[..., Any]
    summary: str
    service: str = ""
    shape: Callable[..., Any] | None = None
    order: Order | None = None
    status: int = 200
    is_repeatable: bool = True
    file_names: Any = None
    is_list: bool = False
    seeks: Any = None
    types: Mapping[str, Any] = field(default_factory=dict)
    explain: str = ""

    @property
    def name(self) -> str:
        """Return the name of the operation: that of what runs."""
        return self.run.__name__

    @property
    def service_name(self) -> str:
        """Return the name of the service that answers."""
        return self.service or self.name

    @property
    def right(self) -> Right:
        """Return the right that its service asks for."""
        return rights_table()[self.service_name]

    @property
    def is_reading(self) -> bool:
        """Whether it only reads."""
        return self.method == _READING

    @property
    def is_paged(self) -> bool:
        """Whether it answers in pages."""
        return self.order is not None or self.seeks is not None

    @property
    def takes_document(self) -> bool:
        """Whether the body is a document, and the arguments stand in the address."""
        return self.file_names is not None

    @property
    def keeps_reply(self) -> bool:
        """Whether it is carried out once per key."""
        return not self.is_reading and self.is_repeatable and bool(self.right.events)

    @property
    def signs(self) -> bool:
        """Whether the token's user must give a code for it."""
        return self.right.step_up

    @cached_property
    def answer(self) -> Any:
        """Return the type of the reply."""
        if self.seeks is not None:
            return Page.__class_getitem__(self.seeks)
        told = self.shape or self.run
        item = get_type_hints(inspect.unwrap(told)).get("return", type(None))
        if self.order is None:
            return item
        (of_list,) = item.__args__
        return Page.__class_getitem__(of_list)

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """Return what writes the reply as JSON."""
        return TypeAdapter(self.answer)

    def tell(self, found: Any) -> Any:
        """Return the reply as a value."""
        return self.shape(found) if self.shape else found
