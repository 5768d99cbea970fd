"""An action in words and drawings: what may be done with it, what happened, its figures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from tocsin.base.verdict import Verdict
from tocsin.match.figures import Count, NoticeFigures
from tocsin.outreach.action_states import service_words
from tocsin.render.svg import Bar, VerdictParts, bars, stacked_bar
from tocsin.services.action_overview import Divided, Overview
from tocsin.services.actions import HistoryLine
from tocsin.services.rights import rights_table
from tocsin.store.roles import Role

MOST_BARS = 12
_DOORS = (
    ("match_action", "Match", "desk:match_action", ""),
    ("add_notice_to_action", "Add a notice", "desk:action_add_notice", "second"),
    ("add_registry_to_action", "Add a registry", "desk:action_add_registry", "second"),
    ("start_action", "Start: let the letters leave", "desk:start_action", ""),
    ("pause_action", "Pause", "desk:pause_action", "danger"),
    ("resume_action", "Let it go on", "desk:resume_action", ""),
    ("complete_action", "Complete", "desk:complete_action", "second"),
    ("terminate_action", "Terminate", "desk:terminate_action", "second"),
    ("reopen_action", "Reopen", "desk:reopen_action", "second"),
)
_WAYS = (
    ("list_verdicts", "Affected list", "desk:affected",
     "every record that is affected or cannot be told"),
    ("list_open_questions", "Triage", "desk:triage", "what to ask about those that cannot be told"),
    ("read_changes", "Differences", "desk:differences", "newly in, newly out, contact again"),
    ("read_scope_preview", "Release", "desk:release", "preview, review and release of the scope"),
    ("list_letters", "Letters", "desk:letters",
     "texts per language and country, and where each stands"),
    ("read_plan", "Plan", "desk:plan", "milestones and clocks"),
    ("read_sending", "Sending", "desk:sending",
     "dispatches, accounts, unknown outcomes, calls, the emergency stop"),
    ("list_acknowledgements", "Answers", "desk:answers",
     "what holders have answered, and what that asks of us"),
    ("read_funnel", "Funnel", "desk:funnel", "who was told, reached, understood and acted"),
    ("list_checks", "Effectiveness checks", "desk:checks", "did the notice reach people"),
)  # fmt: skip
_EVENTS = {
    "action_opened": "opened the action",
    "action_notice_added": "added a notice",
    "action_registry_added": "added a registry",
    "action_matched": "matched the action",
    "match_queued": "asked for a match",
    "scope_reviewed": "signed the scope as its reviewer",
    "leavers_reviewed": "signed the list of records with a lesser verdict",
    "scope_released": "released the scope",
    "letters_reviewed": "signed the letters as their reviewer",
    "letters_released": "released the letters",
    "signature_added": "signed",
    "action_started": "let the letters leave",
    "action_paused": "paused the action",
    "action_resumed": "let the action go on",
    "action_completed": "completed the action",
    "action_terminated": "noted that the authority ended the action",
    "action_reopened": "took the action up again",
    "triage_answered": "noted an answer of the triage",
    "answer_kept": "kept an answer to a letter",
    "answer_file_kept": "kept a file that shows an answer",
    "answer_accessed": "read an answer",
    "next_letter_queued": "queued the next letter",
    "new_holder_told": "had a letter queued for who was given a device",
    "passed_on_closed": "closed a note that a device was passed on",
    "work_item_closed": "closed something to do",
    "mails_made": "wrote mails",
    "letters_ordered": "ordered letters for a vendor",
    "letters_made": "printed letters for a vendor",
    "print_batch_begun": "began a batch of printed letters",
    "conservation_broken": "found accounts that do not agree",
    "ladder_climbed": "queued what comes after letters without an answer",
    "plan_laid_out": "laid out the plan",
    "event_dated": "dated an event of the plan",
    "milestones_shifted": "moved milestones of the plan",
    "milestone_reached": "noted that a milestone is reached",
    "clocks_run": "noted clocks that run",
    "check_drawn": "drew the people of an effectiveness check",
    "check_answered": "noted an answer of an effectiveness check",
}
_MACHINES = {"worker": "The worker", "console": "The console"}


@dataclass(frozen=True)
class Door:
    """Something that may be done with the action now, by who looks at it."""

    label: str
    href: str
    look: str


@dataclass(frozen=True)
class Way:
    """A page about the action that who looks at it may open, and what is there."""

    label: str
    href: str
    what: str


@dataclass(frozen=True)
class Told:
    """Something that happened, in words; ``n`` times in a row."""

    at: Any
    who: str
    what: str
    n: int
    reason: str


def doors(view: Overview, roles: frozenset[Role]) -> list[Door]:
    """Return what the state of an action and the roles of who looks allow together."""
    found = []
    for service, label, page, look in _DOORS:
        if service in view.allowed and rights_table()[service].roles & roles:
            shown = "Match again" if service == "match_action" and view.run else label
            found.append(Door(shown, reverse(page, args=[view.line.action_id]), look))
    return found


def ways(view: Overview, roles: frozenset[Role]) -> list[Way]:
    """Return the pages about a matched action that the roles of who looks may open."""
    return [
        Way(label, reverse(page, args=[view.line.action_id]), what)
        for service, label, page, what in _WAYS
        if view.run and rights_table()[service].roles & roles
    ]


def tell(events: Sequence[HistoryLine], names: Mapping[str, str]) -> Iterator[Told]:
    """Yield events in words; the same by the same person on one day stands once."""

    def alike(event: HistoryLine) -> tuple[Any, ...]:
        return event.event, event.actor, event.at.date(), event.reason

    for (event, actor, _, reason), some in groupby(events, alike):
        same = list(some)
        what = _EVENTS.get(event, service_words(event))  # an older version's may have no words
        run = same[0].new.get("run")
        who = names.get(actor) or _MACHINES.get(actor, actor)
        what = f"{what}: match {run}" if event == "action_matched" and len(same) == 1 else what
        yield Told(same[0].at, who, what, len(same), reason or "")


@dataclass(frozen=True)
class Figure:
    """A drawing and the same as a table: see ``web/desk/parts/figure.html``."""

    caption: str
    svg: SafeString
    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]


def verdict_figure(each: NoticeFigures) -> Figure:
    """Return the verdicts of a notice, in records, units and holders."""
    counts = each.verdicts
    parts = VerdictParts(
        f"{each.notice}, revision {each.revision}",
        *(counts[verdict].records for verdict in _URGENT),
    )
    return Figure(
        f"Device records by verdict, {each.notice}",
        _safe(stacked_bar(f"Device records by verdict, {each.notice}", [parts], "records")),
        ("Verdict", "Records", "Units", "Records without a number of units", "Holders"),
        [(_words(verdict), *_cells(counts[verdict])) for verdict in _URGENT],
    )


_URGENT = (Verdict.AFFECTED, Verdict.CANNOT_TELL, Verdict.NOT_AFFECTED)


def part_figures(divided: Divided, part: str) -> Iterator[Figure]:
    """Yield, for each notice, how many holders are concerned in each country or of each kind."""
    for notice in sorted({name for name, _, _ in divided}):
        places = sorted(
            {where for name, where, _ in divided if name == notice},
            key=lambda where: (-_holders(divided, notice, where), where),
        )
        drawn = [Bar(where, _holders(divided, notice, where)) for where in places[:MOST_BARS]]
        if rest := places[MOST_BARS:]:
            n_rest = sum(_holders(divided, notice, where) for where in rest)
            drawn.append(Bar(f"{len(rest)} others", n_rest))
        caption = f"Holders whose devices are affected or cannot be told, by {part}: {notice}"
        yield Figure(
            caption,
            _safe(bars(caption, drawn, "holders")),
            (part.capitalize(), "Verdict", "Records", "Units", "Without a number", "Holders"),
            [
                (where, _words(verdict), *_cells(divided[notice, where, verdict]))
                for where in places
                for verdict in (Verdict.AFFECTED, Verdict.CANNOT_TELL)
                if (notice, where, verdict) in divided
            ],
        )


def _holders(divided: Divided, notice: str, where: str) -> int:
    verdicts = (Verdict.AFFECTED, Verdict.CANNOT_TELL)
    counts = (divided.get((notice, where, str(verdict))) for verdict in verdicts)
    return sum(count.holders for count in counts if count)


def _cells(count: Count) -> tuple[str, ...]:
    shown = (count.records, count.quantity, count.quantity_unknown, count.holders)
    return tuple(f"{number:,}" for number in shown)


def _words(verdict: str) -> str:
    return verdict.replace("_", " ")


def _safe(drawing: str) -> SafeString:
    return mark_safe(drawing)  # noqa: S308 - every text in it was escaped by render.canvas
