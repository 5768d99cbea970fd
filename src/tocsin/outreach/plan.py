"""An action's plan: dated milestones per country that follow each other, and who is late.

Pure rules. Shifting one milestone moves every later one of its chain that is not yet reached, by as
many working days of its own country; what is reached never moves.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tocsin.base.errors import UsageError
from tocsin.base.provenance import Source
from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.notice.model import Audience
from tocsin.outreach.working_days import WorkingDays


class Step(BaseModel):
    """A step of a chain; a common one is made once, any other once per country and audience."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    step: str
    what: str
    by: Literal["company", "authority"]
    is_common: bool = False
    gap: int = Field(ge=0, le=260, description="working days after the step before")
    audiences: tuple[Audience, ...] = ()


class Chain(BaseModel):
    """Steps that follow each other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    source: Source
    steps: tuple[Step, ...] = Field(min_length=1)


class _Chains(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    chains: dict[str, Chain]


@dataclass(frozen=True)
class Milestone:
    """A dated step of an action's plan.

    Attributes:
        key: its name in the plan, such as ``dhpc/FR/translations_agreed``.
        what: what is to be reached, in words.
        country: ISO 3166 code; empty for what all countries share.
        by: whose act it is: the company's, or the authority's.
        audience: who is told by it; empty if nobody is.
        due_on: its day; None while the event that gives it is unknown.
        reached_on: when it was reached; None until then.
        after: the key of the milestone that it follows; empty for none.
    """

    key: str
    what: str
    country: str
    by: str
    audience: str
    due_on: date | None
    reached_on: date | None = None
    after: str = ""


@dataclass(frozen=True)
class Shift:
    """That a milestone was moved."""

    key: str
    was: date | None
    now: date


@dataclass(frozen=True)
class Late:
    """A milestone whose day has passed.

    Attributes:
        n_days: calendar days since.
        holds_up: the keys of all milestones that wait for it.
    """

    milestone: Milestone
    n_days: int
    holds_up: tuple[str, ...]


class MilestoneUnknown(UsageError):
    """The plan has no such milestone."""

    code = "milestone_unknown"


class MilestoneReached(UsageError):
    """What is reached does not move."""

    code = "milestone_reached"


@cache
def known_chains() -> Mapping[str, Chain]:
    """Return the chains that a plan can be made of, by their names."""
    return load_data_file(data_folder("tocsin.outreach") / "chains.yaml", _Chains).chains


def lay_out(
    chain_name: str, begins_on: date, countries: Sequence[str], dates: Mapping[str, date]
) -> list[Milestone]:
    """Return a chain's milestones, the common ones first, then country by country.

    Args:
        chain_name: one of `known_chains`.
        begins_on: the day of the first step.
        countries: ISO 3166 codes.
        dates: a day of its own for a step, by the step or by ``COUNTRY/step``; later steps that
            have none follow from it.

    >>> days = {"translations_submitted": date(2020, 6, 22), "disseminated": date(2020, 7, 20)}
    >>> plan = lay_out("dhpc", date(2020, 6, 2), ["BE", "FR"], days)
    >>> [(each.key, each.due_on.isoformat()) for each in plan][2]
    ('dhpc/BE/translations_agreed', '2020-07-06')
    """
    chain = known_chains()[chain_name]
    common = [step for step in chain.steps if step.is_common]
    own = [step for step in chain.steps if not step.is_common]
    made = list(_lay_out(chain_name, common, "", begins_on, "", dates))
    last = made[-1] if made else None
    for country in countries:
        day = (last.due_on if last else None) or begins_on
        made += _lay_out(chain_name, own, country, day, last.key if last else "", dates)
    return made


def _lay_out(
    chain_name: str,
    steps: Iterable[Step],
    country: str,
    day: date,
    after: str,
    dates: Mapping[str, date],
) -> Iterator[Milestone]:
    days = WorkingDays(country)
    for step in steps:
        given = dates.get(f"{country}/{step.step}") or dates.get(step.step)
        day = given or days.add(day, step.gap)
        parts = [chain_name, *([country] if country else []), step.step]
        key = "/".join(parts)
        for audience in step.audiences or ("",):
            own_key = f"{key}/{audience}" if audience else key
            yield Milestone(own_key, step.what, country, step.by, audience, day, after=after)
        after = f"{key}/{step.audiences[0]}" if step.audiences else key


def shift(plan: Sequence[Milestone], key: str, to: date) -> tuple[list[Milestone], list[Shift]]:
    """Return a plan with one milestone moved, and all that were moved with it.

    Every milestone that follows it, directly or not, and is not yet reached moves by as many
    working days, counted in its own country.

    Raises:
        MilestoneUnknown: if the plan has no such milestone.
        MilestoneReached: if it was reached.
    """
    moved = find_milestone(plan, key)
    if moved.reached_on is not None:
        raise MilestoneReached(
            f"Milestone {key} was reached on {moved.reached_on}, and stays there. Nothing was "
            "changed. Move one that is still to come."
        )
    n_days = 0
    if moved.due_on is not None:
        n_days = WorkingDays(moved.country).between(moved.due_on, to)
    following = set(followers(plan, key)) if n_days else set()
    changed, shifts = [], []
    for each in plan:
        now = each.due_on
        if each.key == key:
            now = to
        elif each.key in following and each.reached_on is None and each.due_on is not None:
            now = WorkingDays(each.country).add(each.due_on, n_days)
        changed.append(replace(each, due_on=now))
        if now is not None and now != each.due_on:
            shifts.append(Shift(each.key, each.due_on, now))
    return changed, shifts


def find_milestone(plan: Iterable[Milestone], key: str) -> Milestone:
    """Return the milestone with a key.

    Raises:
        MilestoneUnknown: if there is none.
    """
    plan = list(plan)
    for each in plan:
        if each.key == key:
            return each
    names = ", ".join(each.key for each in plan[:6]) or "none yet"
    raise MilestoneUnknown(
        f"The plan has no milestone {key[:80]!r}. Nothing was changed. It has: {names}"
        + (f", and {len(plan) - 6} more." if len(plan) > 6 else ".")
    )


def followers(plan: Iterable[Milestone], key: str) -> list[str]:
    """Return the keys of all milestones that follow one, directly or not, in the plan's order."""
    plan = list(plan)
    found = {key}
    grown = 0
    while len(found) > grown:
        grown = len(found)
        found |= {each.key for each in plan if each.after in found}
    return [each.key for each in plan if each.key in found and each.key != key]


def find_late(plan: Sequence[Milestone], today: date) -> list[Late]:
    """Return the milestones whose day has passed without their being reached, the oldest first."""
    late = [
        Late(each, (today - each.due_on).days, tuple(_open_followers(plan, each.key)))
        for each in plan
        if each.due_on is not None and each.reached_on is None and each.due_on < today
    ]
    return sorted(late, key=lambda one: (-one.n_days, one.milestone.key))


def _open_followers(plan: Sequence[Milestone], key: str) -> Iterator[str]:
    reached = {each.key for each in plan if each.reached_on is not None}
    return (each for each in followers(plan, key) if each not in reached)


def patients_told_first(plan: Iterable[Milestone]) -> list[str]:
    """Return the countries where patients would be told before their clinicians.

    A country where nobody plans to tell clinicians at all is one of them.
    """
    first: dict[tuple[str, str], date] = {}
    for each in plan:
        day = each.reached_on or each.due_on
        if each.audience and day is not None:
            at = (each.country, each.audience)
            first[at] = min(day, first.get(at, day))
    return sorted(
        country
        for (country, audience), day in first.items()
        if audience == "patient" and first.get((country, "clinician"), date.max) > day
    )
