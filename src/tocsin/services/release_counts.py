"""What a release of letters would be for: counted once, and kept while nothing changes it.

Counting decrypts contact data of everybody on the list. Whatever is written leaves a row in the
audit trail; so a count holds as long as the trail has no later row of an event that could change
it. Signing does not rest on it: the manifest that is signed is made anew from the list, and is
refused if it is not the one that was seen. Source: `docs/adr/0042-counts-of-a-release.md`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from typing import Any
from uuid import UUID

from django.core.cache import cache

from tocsin.base.verdict import Verdict
from tocsin.outreach.call_words import call_words_tree
from tocsin.outreach.escalation import first_channels
from tocsin.outreach.recipients import OfferedLetter, PlannedRecipient, Why
from tocsin.services.dispatch_release import channels_of, clinics_known, in_batches, letters_had
from tocsin.services.outlets import offered_channels
from tocsin.services.public_address import public_address
from tocsin.services.recipient_lists import UNKNOWN_COUNTRY, RecipientPlan, plan_release
from tocsin.store.audit.chain import canonical_json
from tocsin.store.audit.trail import read_head, read_row
from tocsin.store.letter_rows import locked_versions
from tocsin.store.models import Action, AuditRow, Dispatch, Person, ScopeRelease
from tocsin.store.sealed_persons import SealedPersons
from tocsin.store.shared_cache import keep_counted
from tocsin.store.tenancy import current_organisation

MOST_AT_ONCE = 1_000
"""A list of up to so many people is counted again at once when something may have changed it."""
MOST_LATER = 5_000
"""So many rows of the trail are looked through; behind more of them a count may not hold."""
MANY = "more than can be looked through"
HARMLESS = frozenset(
    {
        # who looks, signs in, proves who they are
        *("person_accessed", "persons_searched", "answer_accessed", "complaint_accessed"),
        *("print_batch_accessed", "set_aside_accessed", "user_logged_in", "sign_in_failed"),
        *("second_factor_checked", "terminal_session_opened", "session_revoked"),
        *("step_up_succeeded", "step_up_failed", "authenticator_added", "recovery_code_used"),
        *("token_added", "token_ended", "password_changed"),
        # what is signed is named by what was signed; a release of letters is not among these
        *("signature_added", "letters_reviewed", "scope_reviewed", "leavers_reviewed"),
        # texts that are written: which letters are locked is asked at each look
        *("draft_begun", "draft_changed", "draft_undone", "entry_confirmed", "draft_saved"),
        *("letter_version_written", "letter_ticked", "letter_translated", "letter_reviewed"),
        *("letter_submitted", "letter_agreed", "test_mail_sent"),
        # the trail and the machine
        *("trail_reviewed", "trail_verified", "verification_queued", "trail_export_begun"),
        *("backup_made", "keys_exported", "match_queued", "mails_made", "letters_made"),
    }
)
"""Events by which no count can change. Every other one may have changed it, and so may new ones."""
_KEPT_S = 30 * 24 * 3600
_SAMPLES = 12


@dataclass(frozen=True)
class ReleaseCounts:
    """What a release would be for, in numbers.

    Attributes:
        counted_at: when they were counted.
        sha256: of the manifest that would be signed.
        dispatch: the manifest's part about people, without who they are.
        n_had: how many had the very letter that they would get, or wait for it.
        by_channel: channel -> how many are told by it first.
        groups: letter, audience, country, channels -> how many.
        without_letter: audience, country -> how many have no letter.
        unreachable: how many can be reached by nothing.
        samples: of each letter and audience the first person, with their channels.
        since: events after it that may have changed something -> how many; none: it holds.
    """

    counted_at: datetime
    sha256: str
    dispatch: Mapping[str, Any]
    n_had: int
    by_channel: Mapping[str, int]
    groups: Sequence[tuple[str, str, str, str, int]]
    without_letter: Sequence[tuple[str, str, int]]
    unreachable: int
    samples: Sequence[tuple[PlannedRecipient, str]]
    since: Mapping[str, int]


def release_counts(
    action: Action, scope: ScopeRelease, now: datetime, *, may_be_old: bool = False
) -> ReleaseCounts:
    """Return what a release of an action's locked letters would be for.

    Args:
        action: the action.
        scope: its released scope.
        now: the time, with its zone.
        may_be_old: whether a count of a large list will do that may hold no more; ``since`` tells.
    """
    key, head = f"release:{current_organisation()}:{action.pk}", _head(action, scope)
    kept = cache.get(key)
    if kept and kept["head"] == head:
        later = _later_events(*kept["end"])
        n_people = kept["counts"]["dispatch"]["counts"]["people"]
        if later == {} or (later is not None and may_be_old and n_people > MOST_AT_ONCE):
            return replace(_read(kept["counts"]), since=later)
    end = read_head()  # before the first person is looked at: what comes later may change them
    found = _count(action, scope, now)
    if end is not None:
        value = {"head": head, "end": [end.seq, end.hash.hex()], "counts": _plain(found)}
        keep_counted(key, value, _KEPT_S)
    return found


def release_manifest(
    action: Action, scope: ScopeRelease | None, dispatch: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return what is signed: which letters, for which scope, for whom, what callers say.

    Args:
        action: the action.
        scope: its released scope.
        dispatch: of the plan of recipients, as its manifest has it.
    """
    letters = locked_versions(action.pk)
    return {
        "kind": "letters 4",
        "action": action.pk,
        "title": action.title,
        "is_exercise": action.is_exercise,
        "address": public_address(),
        "scope": scope.sha256 if scope else None,
        "letters": [
            [row.key, row.language, row.country, row.number, row.sha256] for row in letters
        ],
        "call_words": call_words_tree(row.language for row in letters),
        "dispatch": dispatch,
    }


def _head(action: Action, scope: ScopeRelease) -> str:
    """Return what counts rest on beside people, as one hash: cheap to make at every look."""
    offered = sorted(map(str, offered_channels()))
    told = [release_manifest(action, scope, None), scope.pk, offered, version("tocsin")]
    return sha256(canonical_json({"rests_on": told})).hexdigest()


def _later_events(seq: int, digest: str) -> dict[str, int] | None:
    """Return the events behind a row of the trail that may change a count.

    None if the trail does not hold that row: it is another one by now.
    """
    end = read_row(seq)
    if end is None or end.hash.hex() != digest:
        return None
    # Of all organisations, by the trail's own key: an index by organisation would walk all of it.
    rows = AuditRow.objects.filter(seq__gt=seq).order_by("seq")
    told = list(rows.values_list("organisation_id", "event")[: MOST_LATER + 1])
    if len(told) > MOST_LATER:
        return {MANY: len(told)}
    ours = (None, current_organisation())
    return dict(Counter(event for owner, event in told if owner in ours and event not in HARMLESS))


def _count(action: Action, scope: ScopeRelease, now: datetime) -> ReleaseCounts:
    plan = plan_release(action, scope)
    signed = plan.manifest()
    manifest = canonical_json(release_manifest(action, scope, signed))
    groups, by_channel = Counter[tuple[str, str, str, str]](), Counter[str]()
    unreachable = 0
    samples: dict[tuple[int, str], tuple[PlannedRecipient, str]] = {}
    for each, ways in _with_channels(plan):
        by_channel.update(ways)
        unreachable += not ways
        country, by = each.country or UNKNOWN_COUNTRY, ", ".join(ways) or "none"
        if each.letter is not None:
            groups[each.letter.name, each.audience, country, by] += 1
            samples.setdefault((each.letter.version, each.audience), (each, by))
    return ReleaseCounts(
        counted_at=now,
        sha256=sha256(manifest).hexdigest(),
        dispatch={name: value for name, value in signed.items() if name != "recipients"},
        n_had=_count_had(action, plan),
        by_channel=dict(sorted(by_channel.items())),
        groups=[(*key, n) for key, n in sorted(groups.items())],
        without_letter=[(*key, n) for key, n in sorted(plan.without_letter().items())],
        unreachable=unreachable,
        samples=sorted(samples.values(), key=_by_letter)[:_SAMPLES],
        since={},
    )


def _by_letter(sample: tuple[PlannedRecipient, str]) -> tuple[str, str]:
    return sample[0].letter.name if sample[0].letter else "", sample[0].audience


def _count_had(action: Action, plan: RecipientPlan) -> int:
    """Return how many have the very letter already that they would get."""
    if not Dispatch.objects.filter(action=action).exists():
        return 0
    n = 0
    for some in in_batches(plan.recipients):
        had = letters_had(action, [UUID(each.person) for each in some])
        n += sum(
            each.letter is not None
            and had.get((UUID(each.person), each.audience)) == each.letter.version
            for each in some
        )
    return n


def _with_channels(plan: RecipientPlan) -> Iterator[tuple[PlannedRecipient, tuple[str, ...]]]:
    """Yield everybody on a plan with how they are told first; whoever is new by nothing."""
    sealed, offered = SealedPersons(), offered_channels()
    for some in in_batches(plan.recipients):
        ids = {UUID(each.addressee) for each in some}
        cared_for = {str(each) for each in clinics_known(UUID(each.person) for each in some)}
        rows = Person.objects.filter(pk__in=ids).select_related("key")
        opened = {str(person.pk): sealed.open(person) for person in rows}
        for each in some:
            usable = channels_of(
                opened.get(each.addressee, {}),
                has_clinic=each.person in cared_for,
                offered=offered,
            )
            yield each, tuple(map(str, first_channels(plan.ladder, usable)))


def _plain(counts: ReleaseCounts) -> dict[str, Any]:
    """Return counts as a tree that JSON can hold."""
    return asdict(counts) | {"counted_at": counts.counted_at.isoformat()}


def _read(kept: Mapping[str, Any]) -> ReleaseCounts:
    return ReleaseCounts(
        **{
            **kept,
            "counted_at": datetime.fromisoformat(kept["counted_at"]),
            "groups": [tuple(each) for each in kept["groups"]],
            "without_letter": [tuple(each) for each in kept["without_letter"]],
            "samples": [(_recipient(each), by) for each, by in kept["samples"]],
        }
    )


def _recipient(kept: Mapping[str, Any]) -> PlannedRecipient:
    verdict = kept["verdict"]
    return PlannedRecipient(
        **{
            **kept,
            "letter": OfferedLetter(**kept["letter"]),
            "verdict": None if verdict is None else Verdict(verdict),
            "why": Why(kept["why"]),
        }
    )
