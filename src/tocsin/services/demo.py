"""The three golden cases end to end: sample, match, explain, contact, look."""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tocsin.base.truth import Truth
from tocsin.base.verdict import Verdict
from tocsin.cases.case_c import replacement_needs
from tocsin.cases.sample import CaseSample
from tocsin.formats.whole_file import write_text_whole
from tocsin.match.figures import Change, NoticeFigures, RevisionDiff
from tocsin.notice.describe import describe_constraints
from tocsin.notice.model import Notice
from tocsin.outreach.contacts import ContactLine
from tocsin.render.case_page import (
    CasePage,
    FileLink,
    Plot,
    Table,
    VerdictFigures,
    render_case_page,
    render_index_page,
)
from tocsin.render.svg import Point, columns_over_time
from tocsin.services.matching import (
    MatchOptions,
    MatchRun,
    contacts_csv,
    diff_matched,
    find_contacts,
    match_registry,
    write_verdicts,
)
from tocsin.services.notices import read_notice
from tocsin.services.samples import (
    CASES,
    case_notices,
    fewer_holders,
    make_sample,
    notice_texts,
    with_holders,
    write_csv,
)
from tocsin.services.sent_case import SentCase, counts_table, funnel_plot

_SENT_TO = (
    "Letters went to those whom the match of the first notice does not clear, and to who looks "
    "after them; the store of the demonstration holds these only."
)
CSAF_OF_CASE_A = "csaf/icsma/icsma-19-178-01.json"
STEPS_PER_CASE = 4

Told = Callable[[str], None]
Send = Callable[[CaseSample], SentCase]


@dataclass(frozen=True)
class CaseOutcome:
    """What became of one case: figures per revision, differences, the page."""

    case: str
    figures: Sequence[NoticeFigures]
    diffs: Sequence[RevisionDiff]
    page: CasePage
    sent: SentCase | None = None


def run_demo(
    folder: Path,
    seed: int,
    told: Told,
    n_people: int | None = None,
    send: Send | None = None,
    closing: str = "",
) -> list[CaseOutcome]:
    """Run all cases, write everything below ``folder`` and return what came of each.

    Args:
        folder: where the files go.
        seed: of the samples.
        told: is called when a step begins.
        n_people: at most so many holders of each case; without, all.
        send: sends a case's letters and returns what came of them; without, none are sent.
        closing: a sentence for the end of the first page.
    """
    outcomes = [
        run_case(fewer_holders(make_sample(case, seed), n_people), folder / case, told, send)
        for case in CASES
    ]
    pages = {f"{outcome.case}/index.html": outcome.page for outcome in outcomes}
    write_text_whole(folder / "index.html", render_index_page(pages, closing=closing))
    told_of = {outcome.case.upper(): summarised(outcome) for outcome in outcomes}
    write_text_whole(folder / "summary.json", json.dumps(told_of, indent=1) + "\n")
    return outcomes


def summarised(outcome: CaseOutcome) -> dict[str, Any]:
    """Return the figures of a case as a tree: of its one notice, or per revision."""
    values = [
        figures.model_dump(mode="json", exclude={"notice", "revision"})
        for figures in outcome.figures
    ]
    if len(values) == 1:
        return values[0]
    revisions = {f"revision_{f.revision}": v for f, v in zip(outcome.figures, values, strict=True)}
    return {**revisions, "diffs": [diff.model_dump(mode="json") for diff in outcome.diffs]}


def run_case(sample: CaseSample, folder: Path, told: Told, send: Send | None = None) -> CaseOutcome:
    """Run one case and write its files."""
    case, notices = sample.case, case_notices(sample.case)
    folder.mkdir(parents=True, exist_ok=True)
    told(f"case {case.upper()}: writing the registry")
    for name, text in notice_texts(case).items():
        write_text_whole(folder / name, text)
    write_csv(sample.registry, folder / "registry.csv")
    write_csv(sample.holders, folder / "holders.csv")
    told(f"case {case.upper()}: matching")
    with match_registry(notices, sample.registry, MatchOptions(keep_all=True)) as run:
        told(f"case {case.upper()}: writing verdicts")
        write_verdicts(run, folder / "verdicts.parquet")
        write_verdicts(run, folder / "verdicts.csv", concerned_only=True)
        write_verdicts(run, folder / "triage.csv", only=Truth.UNKNOWN)
        diffs = [diff_matched(run, new - 1, new) for new in range(1, len(notices))]
        contacts = _write_contacts(run, sample, folder)
        concerned = with_holders(sample, _concerned_holders(run)) if send else None
        told(f"case {case.upper()}: drawing the page")
        page = _page(case, sample, run, diffs, contacts, folder)
    sent = send(concerned) if send and concerned else None
    if sent is not None:
        write_text_whole(folder / "funnel.csv", sent.csv)
        page = replace(
            page,
            plots=(*page.plots, funnel_plot(sent)),
            tables=(*page.tables, counts_table(sent)),
            assumptions=(*page.assumptions, _SENT_TO, *sent.assumptions),
            files=tuple(_files(folder)),
        )
    write_text_whole(folder / "index.html", render_case_page(page, index="../index.html"))
    return CaseOutcome(case, run.summary.notices, diffs, page, sent)


def _concerned_holders(run: MatchRun) -> pa.Array:
    """Return the holders of whom the first notice's match clears nobody."""
    from tocsin.compute.verdict_table import holder_verdicts  # noqa: PLC0415

    rows = run.matched.duck.rows(holder_verdicts(run.matched, 0).select("holder", "truth"))
    open_ = sorted({holder for holder, truth in rows if holder and Truth(truth) is not Truth.FALSE})
    return pa.array(open_, pa.string())


def _write_contacts(run: MatchRun, sample: CaseSample, folder: Path) -> list[ContactLine]:
    """Write whom to contact about the newest revision, a file per audience."""
    lines = find_contacts(run, len(run.matched.notices) - 1, sample.holders)
    for audience in sorted({line.audience for line in lines}):
        chosen = [line for line in lines if line.audience == audience]
        write_text_whole(folder / f"contacts_{audience}.csv", contacts_csv(chosen))
    return lines


def _page(
    case: str,
    sample: CaseSample,
    run: MatchRun,
    diffs: Sequence[RevisionDiff],
    contacts: Sequence[ContactLine],
    folder: Path,
) -> CasePage:
    notices = run.matched.notices
    figures = tuple(
        _verdict_figures(each, notice, len(notices))
        for each, notice in zip(run.summary.notices, notices, strict=True)
    )
    plots: list[Plot] = []
    tables = [*map(_diff_table, diffs), _contact_table(contacts)]
    lead = [_lead(run.summary.notices[-1])]
    if len(notices) > 1:
        lead.append(_revised(run.summary.notices))
    if case == "a":
        lead += _csaf_sentences(sample, run)
    if case == "c":
        plots.append(_write_replacements(sample, folder))
    return CasePage(
        title=f"Case {case.upper()}: {notices[-1].title}",
        subtitle=sample.title,
        lead=tuple(lead),
        figures=figures,
        plots=tuple(plots),
        tables=tuple(tables),
        questions=_question_table(run),
        assumptions=sample.assumptions,
        files=tuple(_files(folder)),
        sources=tuple(dict.fromkeys(notice.source.document for notice in notices)),
    )


def _revised(figures: Sequence[NoticeFigures]) -> str:
    affected = [each.verdicts[Verdict.AFFECTED] for each in figures]
    units = ", then ".join(f"{count.quantity:,}" for count in affected)
    holders = ", then ".join(f"{count.holders:,}" for count in affected)
    return f"The scope was revised: {units} units are affected, at {holders} holders."


def _lead(figures: NoticeFigures) -> str:
    affected = figures.verdicts[Verdict.AFFECTED]
    open_ = figures.verdicts[Verdict.CANNOT_TELL]
    units = (
        f" with {affected.quantity:,} units"
        if affected.quantity and affected.quantity != affected.records
        else ""
    )
    concerned = f"{affected.holders:,} holders are affected ({affected.records:,} records{units}). "
    if not open_.records:
        return concerned + "No record is left open."
    return (
        f"{concerned}For {open_.holders:,} more the records cannot tell; each has a question "
        "that settles it."
    )


def _verdict_figures(figures: NoticeFigures, notice: Notice, n_revisions: int) -> VerdictFigures:
    if n_revisions == 1:
        return VerdictFigures.of_notice(f"Notice of {notice.issued_on}", figures)
    asked = "; ".join(describe_constraints(notice.scope[0]).values())
    label = f"Revision {notice.revision}: {asked}"
    return VerdictFigures.of_notice(label, figures, plotted="quantity", unit="cartridges")


def _diff_table(diff: RevisionDiff) -> Table:
    words = {
        Change.NEWLY_IN: "newly in",
        Change.NEWLY_OUT: "newly out",
        Change.CONTACT_AGAIN: "contact again",
        Change.UNCHANGED: "unchanged",
    }
    rows = [
        (words[change], c.records, c.quantity, c.holders)
        for change, c in (diff.records or {}).items()
    ]
    return Table(
        caption=f"From revision {diff.old_revision} to revision {diff.new_revision}",
        header=("Change", "Records", "Units", "Holders"),
        rows=tuple(rows),
    )


def _contact_table(contacts: Iterable[ContactLine]) -> Table:
    counted = Counter((line.audience, line.channel) for line in contacts)
    rows = [(audience, channel, n) for (audience, channel), n in sorted(counted.items())]
    return Table(
        caption="Whom to contact, and the first channel to use",
        header=("Audience", "Channel", "Lines"),
        rows=tuple(rows),
    )


def _question_table(run: MatchRun) -> Table | None:
    from tocsin.compute.verdict_table import count_questions  # noqa: PLC0415

    rows = count_questions(run.matched, len(run.matched.notices) - 1)
    if not rows:
        return None
    return Table(
        caption="What would settle each record that cannot be told",
        header=("Question", "Records"),
        rows=tuple(rows),
    )


def _csaf_sentences(sample: CaseSample, run: MatchRun) -> list[str]:
    """Compare our scope with the published CSAF advisory, where the corpus has it."""
    path = Path(os.environ.get("TOCSIN_CORPUS", "../shared/data")) / CSAF_OF_CASE_A
    if not path.is_file():
        return ["The published CSAF advisory was not at hand to compare with (TOCSIN_CORPUS)."]
    with match_registry([read_notice(path)], sample.registry, MatchOptions(keep_all=True)) as csaf:
        theirs = _verdict_of_record(csaf)
    ours = _verdict_of_record(run)
    n_different = sum(ours[device] != verdict for device, verdict in theirs.items())
    n_same = len(theirs) - n_different
    return [
        f"The published CSAF advisory gives {n_same:,} of {len(theirs):,} records the same verdict."
    ]


def _verdict_of_record(run: MatchRun) -> Mapping[int, int]:
    from tocsin.compute.verdict_table import VERDICTS  # noqa: PLC0415

    verdicts = run.matched.duck.relation(VERDICTS)
    return dict(run.matched.duck.rows(verdicts.select("row_no", "truth")))


def _write_replacements(sample: CaseSample, folder: Path) -> Plot:
    """Write who needs a replacement by when, and plot how many per year."""
    needs = replacement_needs(sample.registry)
    write_csv(needs, folder / "replacements.csv")
    years = Counter(day.year for day in needs["due_from"].to_pylist() if day)
    n_unknown = pc.sum(pc.is_null(needs["due_from"])).as_py()
    points = tuple((str(year), years[year]) for year in range(min(years), max(years) + 1))
    title = "Patients whose pump reaches six years, and may need another, per year"
    return Plot(
        title=title,
        svg=columns_over_time(title, [Point(*point) for point in points], "patients a year"),
        note=f"Of {n_unknown} patients the day of implantation is not known.",
        table=Table(
            caption=title,
            header=("Year", "Patients"),
            rows=points,
        ),
    )


_FILE_WORDS = {
    "verdicts.parquet": "every verdict with its reason",
    "verdicts.csv": "affected and cannot tell, for a spreadsheet",
    "triage.csv": "records that cannot be told, each with the question that settles it",
    "registry.csv": "the synthetic registry",
    "holders.csv": "the synthetic holders",
    "funnel.csv": "how far the letters have come, whole and split",
    "replacements.csv": "who will need a replacement by when",
}


def _files(folder: Path) -> Iterable[FileLink]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.suffix == ".html":
            continue
        words = _FILE_WORDS.get(path.name)
        if words is None and path.name.startswith("contacts_"):
            words = f"whom to contact: {path.stem.removeprefix('contacts_')}"
        yield FileLink(path.name, words or "the notice")
