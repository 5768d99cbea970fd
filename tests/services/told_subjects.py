"""As what the audit trail tells a changed row, where that is not ``table:id``.

Rows of a batch are told with what they belong to: device records and texts with the import or the
action that brought them, a person's key and tokens with the person or the import.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tocsin.store.models import (
    Acknowledgement,
    ActionRegistry,
    BatchLetter,
    ContactRepair,
    Dispatch,
    EffectivenessCheck,
    Holder,
    Installation,
    LetterRelease,
    ListImport,
    MatchRun,
    MatchRunNotice,
    Recipient,
    Signature,
)

Row = Mapping[str, Any]
Subjects = Iterator[str]

UNTOLD = frozenset({"auditrow", "cachedvalue", "keptreply", "session"})
"""The trail itself, and what only remembers something for a while."""

IN_OTHER_WORDS = frozenset(
    {
        "matchrun",
        "matchrunnotice",
        "matchrunregistry",
        "triageanswer",
        "verdict",
        "verdictgroup",
        "verdictreason",
    }
)
"""Tables that the trail tells by numbers and hashes, under names that mean others of their columns:
`figures` is the hash of the figures, `run` the number that a run has in its action."""


def subjects_of(table: str, key: Any, row: Row) -> frozenset[str]:
    """Return the subjects under one of which a change of a row must be told."""
    told = TOLD_UNDER.get(table)
    return frozenset(told(row)) if told else frozenset({f"{table}:{key}"})


def _of_user(row: Row) -> Subjects:
    yield f"user:{row['user_id']}"


def _of_release(row: Row) -> Subjects:
    """A frozen recipient is told with the action whose letters were released."""
    found = LetterRelease.everywhere.filter(pk=row["release_id"])
    yield from (f"action:{each.action_id}" for each in found)


def _dispatch(row: Row) -> Subjects:
    """A dispatch is told itself, with its action, or with what it was queued by."""
    yield f"dispatch:{row['id']}"
    yield f"action:{row['action_id']}"
    yield from _further(row["person_id"])
    yield from _in_batches(row["id"])


def _in_batches(dispatch_id: object) -> Subjects:
    """What happens to a printed letter is told with the batch that it is in."""
    rows = BatchLetter.everywhere.filter(issued_id=dispatch_id)
    yield from (f"printbatch:{each.batch_id}" for each in rows)


def _batch_letter(row: Row) -> Subjects:
    yield f"printbatch:{row['batch_id']}"


def _further(person_id: object) -> Subjects:
    """What one dispatch or repaired contact of a person leads to is told with that."""
    theirs = Dispatch.everywhere.filter(person_id=person_id)
    yield from (f"dispatch:{each.pk}" for each in theirs)
    repairs = ContactRepair.everywhere.filter(person_id=person_id)
    yield from (f"contactrepair:{each.pk}" for each in repairs)


def _of_dispatch(row: Row) -> Subjects:
    yield f"dispatch:{row['dispatch_id']}"
    found = Dispatch.everywhere.filter(pk=row["dispatch_id"])
    for each in found:
        yield f"action:{each.action_id}"
        yield from _further(each.person_id)
        yield from _in_batches(each.pk)


def _repair(row: Row) -> Subjects:
    yield f"contactrepair:{row['id']}"
    yield f"action:{row['action_id']}"
    yield from _further(row["person_id"])


def _of_letter(row: Row) -> Subjects:
    yield f"letterversion:{row['version_id']}"


def _session(row: Row) -> Subjects:
    yield from _of_user(row)
    yield from _installation()


def _proof(row: Row) -> Subjects:
    """A proof is made by its user, and used up by a signature of theirs."""
    yield from _of_user(row)
    made = Signature.everywhere.filter(user_id=row["user_id"])
    yield from (f"signature:{signature.pk}" for signature in made)


def _of_action(row: Row) -> Subjects:
    yield f"action:{row['action_id']}"


def _complaint(row: Row) -> Subjects:
    """Told by itself, or with the answer that it came with."""
    yield f"complaint:{row['id']}"
    yield from _of_action(row)


def _check(row: Row) -> Subjects:
    found = LetterRelease.everywhere.filter(pk=row["release_id"])
    yield from (f"action:{each.action_id}" for each in found)


def _drawn(row: Row) -> Subjects:
    for each in EffectivenessCheck.everywhere.filter(pk=row["check_of_id"]):
        yield from _check({"release_id": each.release_id})


def _link_of_letter(row: Row) -> Subjects:
    for each in Recipient.everywhere.filter(pk=row["recipient_id"]):
        yield from _check({"release_id": each.release_id})


def _of_answer(row: Row) -> Subjects:
    found = Acknowledgement.everywhere.filter(pk=row["acknowledgement_id"])
    yield from (f"action:{each.action_id}" for each in found)


def _of_notice(row: Row) -> Subjects:
    yield f"notice:{row['notice_id']}"


def _draft(row: Row) -> Subjects:
    yield f"workingdraft:{row['draft_id']}"


def _notice_revision(row: Row) -> Subjects:
    """A revision is told with its notice, and when it is released with the action."""
    yield f"notice:{row['notice_id']}"
    runs = MatchRunNotice.everywhere.filter(revision_id=row["id"]).values("run_id")
    yield from (f"action:{run.action_id}" for run in MatchRun.everywhere.filter(pk__in=runs))


def _run_part(row: Row) -> Subjects:
    yield from (f"action:{run.action_id}" for run in MatchRun.everywhere.filter(pk=row["run_id"]))


def _import(row: Row) -> Subjects:
    yield f"import:{row['id']}"
    yield f"registry:{row['registry_id']}"


def _registry(row: Row) -> Subjects:
    yield from _of_registry({"registry_id": row["id"]})


def _of_registry(row: Row) -> Subjects:
    """Told with the registry, with an import into it, or with an action that looks in it."""
    where = {"registry_id": row["registry_id"]}
    yield f"registry:{row['registry_id']}"
    yield from (f"import:{each.pk}" for each in ListImport.everywhere.filter(**where))
    yield from (f"action:{each.action_id}" for each in ActionRegistry.everywhere.filter(**where))


def _job(row: Row) -> Subjects:
    yield f"job:{row['id']}"
    for kind, subject in (("import", "import"), ("action", "action"), ("batch", "printbatch")):
        if number := row["payload"].get(f"{kind}_id"):
            yield f"{subject}:{number}"
    yield from _installation()


def _person(row: Row) -> Subjects:
    yield from _of_person({"person_id": row["id"]})


def _of_person(row: Row) -> Subjects:
    """Told with the person, an import of a list that has them, a restore, or a frozen list."""
    yield f"person:{row['person_id']}"
    lists = Holder.everywhere.filter(person_id=row["person_id"]).values("registry_id")
    found = ListImport.everywhere.filter(registry_id__in=lists)
    yield from (f"import:{each.pk}" for each in found)
    told = Recipient.everywhere.filter(person_id=row["person_id"]).select_related("release")
    yield from (f"action:{each.release.action_id}" for each in told)
    yield from _installation()


def _link(row: Row) -> Subjects:
    yield f"person_link:{row['id']}"
    yield "person_links"


def _installation(_: Row | None = None) -> Subjects:
    yield from (f"installation:{each.uuid}" for each in Installation.objects.all())


TOLD_UNDER: dict[str, Callable[[Row], Subjects]] = {
    "acknowledgement": _of_action,
    "answerfile": _of_answer,
    "answerlink": _link_of_letter,
    "checkedperson": _drawn,
    "complaint": _complaint,
    "effectivenesscheck": _check,
    "passedon": _of_action,
    "remedy": _of_action,
    "workitem": _of_action,
    "actionnotice": _of_action,
    "actionregistry": _of_action,
    "apitoken": _of_user,
    "authenticator": _of_user,
    "batchletter": _batch_letter,
    "contactrepair": _repair,
    "countryvalue": _of_registry,
    "dayvalue": _of_registry,
    "devicerecord": _of_registry,
    "dispatch": _dispatch,
    "dispatchattempt": _of_dispatch,
    "dispatchevidence": _of_dispatch,
    "dispatchmessage": _of_dispatch,
    "draftversion": _draft,
    "emailaddress": _of_user,
    "factvalue": _of_registry,
    "holder": _of_person,
    "installation": _installation,
    "issuedletter": _of_dispatch,
    "job": _job,
    "letterrelease": _of_action,
    "lettertick": _of_letter,
    "listimport": _import,
    "lotvalue": _of_registry,
    "matchrun": _of_action,
    "matchrunnotice": _run_part,
    "matchrunregistry": _run_part,
    "membership": _of_user,
    "noticelink": _of_notice,
    "noticerevision": _notice_revision,
    "person": _person,
    "personkey": _of_person,
    "personlink": _link,
    "persontoken": _of_person,
    "planevent": _of_action,
    "planmilestone": _of_action,
    "producttext": _of_registry,
    "proofattempt": _proof,
    "recipient": _of_release,
    "registry": _registry,
    "registryrevision": _of_registry,
    "scoperelease": _of_action,
    "serialvalue": _of_registry,
    "softwarevalue": _of_registry,
    "terminalsession": _session,
    "triageanswer": _of_action,
    "usersession": _session,
    "verdict": _run_part,
    "verdictgroup": _run_part,
    "verdictreason": _run_part,
}
"""Table -> the subjects of a row; else it is ``table:id``."""
