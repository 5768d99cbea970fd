"""What a release of letters would send: how many to whom by which way, and letters as samples.

Whom and what is signed with the release (`recipient_lists`). By which way is not: it follows from
the signed ladder and from contact data, which may be corrected until a letter leaves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tocsin.base.errors import TocsinError
from tocsin.outreach.channels import Channel
from tocsin.outreach.recipients import OfferedLetter, PlannedRecipient
from tocsin.outreach.sending_rules import sending_rules
from tocsin.services.action_work import find_action
from tocsin.services.dispatch_making import DispatchMaker
from tocsin.services.dispatch_release import LetterMissing
from tocsin.services.letter_devices import letter_devices
from tocsin.services.letter_values import letter_values
from tocsin.services.recipient_lists import UNKNOWN_COUNTRY, plan_release, recipient_row
from tocsin.services.release_counts import release_counts
from tocsin.services.scope_release import released_scope
from tocsin.services.work import Work, service
from tocsin.store.models import Action, LetterRelease, ScopeRelease

_NOBODYS_CODE = "X" * 26
"""Stands for the code by which somebody answers: there is none before the release."""


class NotInPlan(TocsinError):
    """The person would get no letter by a release now."""

    code = "not_in_plan"


@dataclass(frozen=True)
class PlannedGroup:
    """How many people get the same letter by the same ways.

    Attributes:
        channels: by which they are told first, with commas; ``none`` if by nothing.
    """

    letter: str
    audience: str
    country: str
    channels: str
    n: int


@dataclass(frozen=True)
class PlannedSample:
    """Somebody as an example of a letter and audience; a person by their id only.

    Attributes:
        version_id: of the letter.
        speaks_theirs: whether it is in their language, or theirs is unknown.
    """

    person: str
    letter: str
    version_id: int
    audience: str
    country: str
    channels: str
    speaks_theirs: bool


@dataclass(frozen=True)
class DispatchPreview:
    """What a release would queue, in numbers and by a few examples; persons by their ids only.

    Attributes:
        n_recipients: persons on the list.
        n_had: how many of them had this very letter, or wait for it: nothing is queued for them.
        n_without_holder: devices that nobody is known to have.
        by_audience, by_country, by_letter: what -> how many persons.
        by_channel: channel -> how many persons are told by it first; one may be told by several.
        groups: all of it together.
        without_letter: audience, country -> how many have no letter; must be none.
        other_language: how many get a letter in another language than theirs.
        unreachable: how many can be reached by nothing: a task for each is opened.
        samples: of each letter and audience the first person.
        urgency: of the ladder.
        delay_s: how long after the release the first may leave; not before the action is started.
        not_after_h: channel -> hours after that until which a first letter may leave.
        counted_at: when these numbers were counted.
        since: events after it that may have changed them -> how many; none: they hold.
    """

    n_recipients: int
    n_had: int
    n_without_holder: int
    by_audience: Mapping[str, int]
    by_country: Mapping[str, int]
    by_letter: Mapping[str, int]
    by_channel: Mapping[str, int]
    groups: Sequence[PlannedGroup]
    without_letter: Sequence[tuple[str, str, int]]
    other_language: int
    unreachable: int
    samples: Sequence[PlannedSample]
    urgency: str
    delay_s: float
    not_after_h: Mapping[str, float]
    counted_at: datetime
    since: Mapping[str, int]


@dataclass(frozen=True)
class SampleLetter:
    """A letter as somebody would get it; where their code will stand, there is none yet.

    Attributes:
        version_id: of the letter.
        subject, text: as a mail has them, with the person's devices; the end of serials only.
    """

    person: str
    letter: str
    version_id: int
    language: str
    audience: str
    country: str
    verdict: str
    why: str
    subject: str
    text: str


@service
def read_dispatch_preview(
    work: Work, action_id: int, *, may_be_old: bool = False
) -> DispatchPreview:
    """Return what a release of an action's locked letters would queue.

    Right: author, reviewer, releaser, operator, auditor. Counted once, and kept until something
    happens that may change it.

    Args:
        work: the call.
        action_id: the action.
        may_be_old: whether numbers of a large list will do that may hold no more, instead of
            waiting until everybody is counted again; ``since`` tells.

    Raises:
        ActionUnknown: if there is no such action.
        LetterMissing: if no scope is released yet.
    """
    action = find_action(action_id)
    found = release_counts(action, _scope_of(action), work.now, may_be_old=may_be_old)
    counts, rules = found.dispatch["counts"], sending_rules()
    return DispatchPreview(
        n_recipients=counts["people"],
        n_had=found.n_had,
        n_without_holder=found.dispatch["without_holder"],
        by_audience=counts["by"]["audience"],
        by_country=counts["by"]["country"],
        by_letter=counts["by"]["letter"],
        by_channel=found.by_channel,
        groups=[PlannedGroup(*each) for each in found.groups],
        without_letter=found.without_letter,
        other_language=counts["other_language"],
        unreachable=found.unreachable,
        samples=[_sample(each, each.letter, by) for each, by in found.samples if each.letter],
        urgency=found.dispatch["urgency"],
        delay_s=rules.send_delay_s,
        not_after_h={way: float(rules.not_after[Channel(way)].hours) for way in found.by_channel},
        counted_at=found.counted_at,
        since=found.since,
    )


@service
def access_sample_letter(work: Work, action_id: int, person: str) -> SampleLetter:
    """Return the letter that somebody would get by a release now. Right: reviewer, releaser.

    It tells of their devices, so it leaves person_accessed; their name and addresses are not read.

    Raises:
        ActionUnknown: if there is no such action.
        LetterMissing: if no scope is released yet.
        NotInPlan: if they would get none.
        FieldsMissing: if the letter names what nothing fills in.
    """
    action = find_action(action_id)
    scope = _scope_of(action)
    found = _planned(action, scope, person, work.now)
    if found is None or found.letter is None:
        raise NotInPlan(
            f"Person {person!r:.50} would get no letter of action {action_id} now. Nothing was "
            "shown. Take somebody from the samples of the preview."
        )
    release = LetterRelease(action=action, scope_release=scope)
    row = recipient_row(release, found, found.letter)
    row.pk = 0
    values = letter_values(action, work.now, {0: _NOBODYS_CODE})
    maker = DispatchMaker(action, work.now, values, letter_devices(scope.run, [row]))
    subject, text = maker.plain_text(row)
    work.record("person_accessed", f"person:{person}", reason=f"sample of action {action_id}")
    return SampleLetter(
        found.person,
        found.letter.name,
        found.letter.version,
        found.letter.language,
        found.audience,
        found.country,
        row.verdict,
        row.why,
        subject,
        text,
    )


def _scope_of(action: Action) -> ScopeRelease:
    scope = released_scope(action)
    if scope is None:
        raise LetterMissing(
            f"Action {action.pk} has no released scope, so nobody is on its list yet. Nothing was "
            f"changed. Release the scope first: `tocsin action preview {action.pk}`."
        )
    return scope


def _planned(
    action: Action, scope: ScopeRelease, person: str, now: datetime
) -> PlannedRecipient | None:
    """Return somebody's line of the list: of a sample as it was counted, if that still holds."""
    counts = release_counts(action, scope, now, may_be_old=True)
    known = [each for each, _ in counts.samples if each.person == person and not counts.since]
    others = () if known else plan_release(action, scope).recipients
    return next((each for each in (*known, *others) if each.person == person), None)


def _sample(each: PlannedRecipient, letter: OfferedLetter, channels: str) -> PlannedSample:
    return PlannedSample(
        each.person,
        letter.name,
        letter.version,
        each.audience,
        each.country or UNKNOWN_COUNTRY,
        channels,
        each.speaks_theirs,
    )
