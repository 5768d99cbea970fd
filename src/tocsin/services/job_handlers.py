"""Which function does which kind of job."""

from collections.abc import Callable

from tocsin.services.action_matching import MATCH_ACTION
from tocsin.services.dispatch_release import MAKE_MAILS
from tocsin.services.example import ADD_EXAMPLE
from tocsin.services.example_job import fill_example
from tocsin.services.holder_import import import_holders
from tocsin.services.letter_making import MAKE_LETTERS, make_queued_letters
from tocsin.services.list_imports import IMPORT_HOLDERS, IMPORT_RECORDS
from tocsin.services.mail_making import make_queued_mails
from tocsin.services.match_jobs import match_queued
from tocsin.services.print_batches import PRINT_BATCH
from tocsin.services.print_rendering import print_queued
from tocsin.services.record_import import import_records
from tocsin.services.trail_review import VERIFY_TRAIL, verify_queued
from tocsin.store.jobs import Claim

Told = Callable[[Claim], None]
Handler = Callable[[Claim, Told], None]

HANDLERS: dict[str, Handler] = {
    ADD_EXAMPLE: fill_example,
    IMPORT_HOLDERS: import_holders,
    IMPORT_RECORDS: import_records,
    MAKE_LETTERS: make_queued_letters,
    MAKE_MAILS: make_queued_mails,
    MATCH_ACTION: match_queued,
    PRINT_BATCH: print_queued,
    VERIFY_TRAIL: verify_queued,
}
"""By kind. A handler does what is left of a job in committed steps, and tells after each."""
