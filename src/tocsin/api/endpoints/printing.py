"""Print batches: made by the worker, handed over once, accounted for by reports."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from tocsin.api.endpoint import Endpoint
from tocsin.api.fields import ClinicRegistry
from tocsin.api.pages import Order
from tocsin.api.replies import done, made
from tocsin.services import print_batches, print_handover, print_reports
from tocsin.services.clinic_letters import LeftOut, lent_clinic_letters
from tocsin.services.print_reports import PrintReport
from tocsin.services.sent_documents import SentDocument
from tocsin.services.work import Caller

ReportName = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9._ ()-]{1,100}\.(csv|CSV)$", examples=["report.csv"])
]


@dataclass(frozen=True)
class GivenOut:
    """The file of a batch.

    Attributes:
        name: what it may be called.
        sha256: of the file, hexadecimal.
        n_letters: how many letters it holds.
        content: a ZIP file, as base64.
    """

    name: str
    sha256: str
    n_letters: int
    content: str


@dataclass(frozen=True)
class Closed:
    """Of how many letters nobody knows what became of them."""

    n_unaccounted: int


def hand_over_print_batch(caller: Caller, batch_id: int) -> GivenOut:
    """Hand a batch over, once."""
    return _given_out(caller, batch_id, "")


def repeat_print_batch(caller: Caller, batch_id: int, reason: str) -> GivenOut:
    """Give a batch out once more."""
    return _given_out(caller, batch_id, reason)


@dataclass(frozen=True)
class ClinicLetters(GivenOut):
    """The letters of a clinic.

    Attributes:
        left_out: letters of the list that could not be made, each with one sentence.
        n_more: letters that wait there and follow when these are noted as handed over.
    """

    left_out: Sequence[LeftOut]
    n_more: int


def keep_clinic_letters(
    caller: Caller, action_id: int, registry_id: int, clinic_id: str
) -> ClinicLetters:
    """Give the letters that wait at a clinic out, to be handed over by it."""
    with lent_clinic_letters(caller, action_id, registry_id, clinic_id) as (told, file):
        content = b64encode(file.read()).decode("ascii")
    return ClinicLetters(
        told.name, told.sha256, told.n_letters, content, told.left_out, told.n_more
    )


def keep_print_report(caller: Caller, batch_id: int, *, sent: SentDocument) -> PrintReport:
    """Keep what the print house reports about a batch."""
    return print_reports.keep_print_report(caller, batch_id, sent.content)


def _given_out(caller: Caller, batch_id: int, reason: str) -> GivenOut:
    with print_handover.given_out(caller, batch_id, reason) as (told, file):
        content = b64encode(file.read()).decode("ascii")
    return GivenOut(told.name, told.sha256, told.n_letters, content)


def _closed(n_unaccounted: int) -> Closed:
    return Closed(n_unaccounted)


ENDPOINTS = (
    Endpoint(
        "POST",
        "/actions/{action_id}/hand-over-letters",
        keep_clinic_letters,
        "Get the letters that wait at a clinic as PDFs, to be handed over by it",
        types={"registry_id": ClinicRegistry},
        is_repeatable=False,
        explain="At most 100 letters, each validated, in a file like that of a print batch. "
        "Nothing counts as handed over by it. It is recorded who took them.",
    ),
    Endpoint(
        "GET",
        "/actions/{action_id}/print-batches",
        print_batches.list_print_batches,
        "List the print batches of an action, the last first",
        order=Order(lambda line: (line.batch_id,), is_descending=True),
    ),
    Endpoint(
        "POST",
        "/actions/{action_id}/print-batches",
        print_batches.make_print_batch,
        "Make a batch of the printed letters that wait",
        shape=made,
        status=202,
        explain="A worker renders and validates them: `GET /print-batches/{batch_id}` tells how "
        "far it is.",
    ),
    Endpoint(
        "GET",
        "/print-batches/{batch_id}",
        print_batches.read_print_batch,
        "Show a print batch with its letters, by ids only",
    ),
    Endpoint(
        "POST",
        "/print-batches/{batch_id}/hand-over",
        hand_over_print_batch,
        "Hand a batch over to the print house, once, and get its file",
        is_repeatable=False,
        explain="The batch counts as handed over before the file is sent. Were it lost on the way, "
        "`again` gives out the very same file, with a signature.",
    ),
    Endpoint(
        "POST",
        "/print-batches/{batch_id}/again",
        repeat_print_batch,
        "Get the very same file once more, with a signature",
        is_repeatable=False,
    ),
    Endpoint(
        "POST",
        "/print-batches/{batch_id}/report",
        keep_print_report,
        "Keep what the print house reports",
        file_names=ReportName,
        explain="The body is CSV with the columns letter_id, outcome (printed, posted, spoiled, "
        "returned) and date. What cannot be believed is set aside with a sentence.",
    ),
    Endpoint(
        "POST",
        "/print-batches/{batch_id}/discard",
        print_batches.discard_print_batch,
        "Give up a batch that was not handed over",
        shape=done,
    ),
    Endpoint(
        "POST",
        "/print-batches/{batch_id}/close",
        print_batches.close_print_batch,
        "Say that nothing more is heard of a batch",
        shape=_closed,
    ),
)
