"""The laws of matching.

Removing data moves a verdict only towards `cannot_tell`; widening a scope never removes
`affected`; row order, and all dates shifted together, change nothing; what nobody has
reviewed clears nobody.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.lib.engines import Answer, ask_reference, ask_relational
from tests.lib.examples import examples
from tests.lib.random_records import DEVICES, Row, random_rows
from tests.lib.random_scopes import DAY_KINDS, Wishes
from tests.lib.strategies import Problem, notices, problems, seeds
from tocsin.base.verdict import Verdict
from tocsin.notice.model import Notice
from tocsin.notice.scope import Entry
from tocsin.registry.record import read_record
from tocsin.registry.schema import PRODUCT_COLUMNS

FULL_DAYS = Wishes(full_days=True)
NAMING_NOTHING = Wishes(naming=False)
CONSTRAINTS = ("software", "lots", "serials", *DAY_KINDS, "countries", "facts")
OPENINGS = ("withheld", "unread", "no_status")

# A failing example names its row and scopes; to shrink whole problems takes minutes.
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
many = settings(max_examples=examples(60), deadline=None, phases=NO_SHRINKING)
few = settings(max_examples=2, deadline=None, phases=NO_SHRINKING)


def verdicts(found: list[Notice], rows: list[Row], **options: bool) -> dict[Any, Verdict]:
    answers = ask_reference(found, rows, **options)
    return {key: answer.verdict for key, answer in answers.items()}


def verdict(notice: Notice, row: Row) -> Verdict:
    """Return the verdict of one notice on one row, a gap included."""
    return next(iter(verdicts([notice], [row]).values()))


def with_scope(notice: Notice, entries: list[Entry]) -> Notice:
    return notice.model_copy(update={"scope": tuple(entries)})


# --- removing data -------------------------------------------------------------------


def without_identifier_values(row: Row) -> Row:
    """Return the row with nothing but a DI in its identifier.

    What an identifier carries beside it may contradict a column, and then removing one of
    the two does make the other count.
    """
    record = read_record({"udi": row["udi"]})
    return {**row, "udi": record.product.di}


def rows_without_one_value(row: Row, columns: list[str]) -> Iterator[tuple[str, Row]]:
    for column in columns:
        if row.get(column):
            yield column, {**row, column: None}


def check_removal(problem: Problem, rows: list[Row], columns: list[str]) -> None:
    for row in rows:
        before = {notice.notice: verdict(notice, row) for notice in problem.notices}
        for column, poorer in rows_without_one_value(row, columns):
            for notice in problem.notices:
                after = verdict(notice, poorer)
                assert after in {before[notice.notice], Verdict.CANNOT_TELL}, (
                    f"without {column}: {before[notice.notice]} -> {after}; {row}"
                )


@many
@given(problem=problems(n_notices=2, n_rows=12))
def test_removing_a_value_moves_only_towards_cannot_tell(problem: Problem) -> None:
    rows = [without_identifier_values(row) for row in problem.rows]
    columns = [name for name in rows[0] if name not in {"device_id", *PRODUCT_COLUMNS}]
    check_removal(problem, rows, columns)


@many
@given(problem=problems(n_notices=2, n_rows=12))
def test_removing_the_only_source_of_a_value_moves_only_towards_cannot_tell(
    problem: Problem,
) -> None:
    """Values that the identifier alone carries; here it goes with all that it says."""
    carried = ("lot", "serial", "made_on", "expires_on")
    rows = [{**row, **dict.fromkeys(carried)} for row in problem.rows if row["model"]]
    rows = [row for row in rows if read_record(row).product.di is None or not row["product"]]
    for row in rows:
        bare = {**row, "udi": read_record(row).product.di}
        for notice in problem.notices:
            assert verdict(notice, bare) in {verdict(notice, row), Verdict.CANNOT_TELL}


@many
@given(problem=problems(n_notices=3, n_rows=1, wishes=NAMING_NOTHING), seed=seeds)
def test_removing_product_evidence_moves_only_towards_cannot_tell(
    problem: Problem, seed: int
) -> None:
    """For devices whose evidence agrees with itself, and notices whose unread text names none.

    A model that stands in unread text makes doubtful what another name refutes; without the
    model the name refutes alone.
    """
    rng = Random(seed)
    rest = {**problem.rows[0], **dict.fromkeys(PRODUCT_COLUMNS)}
    rows = []
    for device in rng.sample(DEVICES, 6):
        evidence = {name: text for name, text in device.items() if name != "di"}
        rows.append({**rest, **evidence, "udi": device.get("di")})
    check_removal(problem, rows, list(PRODUCT_COLUMNS))


# --- widening a scope ----------------------------------------------------------------


def wider_scopes(notice: Notice, more: Entry) -> Iterator[tuple[str, Notice]]:
    """Yield the notice with an entry more, a constraint less, an exclusion less."""
    entries = list(notice.scope)
    added = more.model_copy(update={"entry": "added"})
    yield "an entry more", with_scope(notice, [*entries, added])
    yield "an entry more, first", with_scope(notice, [added, *entries])
    for place, entry in enumerate(entries):
        others = [*entries[:place], *entries[place + 1 :]]
        if entry.excludes:
            yield f"without the exclusion {entry.entry}", with_scope(notice, others)
            continue
        for name in (*CONSTRAINTS, *OPENINGS):
            default = Entry.model_fields[name].get_default(call_default_factory=True)
            if getattr(entry, name) != default:
                freed = entry.model_copy(update={name: default})
                wider = [*entries[:place], freed, *entries[place + 1 :]]
                yield f"{entry.entry} without {name}", with_scope(notice, wider)
        yield from wider_lists(notice, entries, place)


def wider_lists(notice: Notice, entries: list[Entry], place: int) -> Iterator[tuple[str, Notice]]:
    """Yield the notice with one more item in a list of alternatives."""
    entry = entries[place]
    for name in ("lots", "serials"):
        numbers = getattr(entry, name)
        if numbers.any_of or numbers.prefixes or numbers.ranges:
            longer = numbers.model_copy(update={"any_of": (*numbers.any_of, "ZZZ99")})
            changed = entry.model_copy(update={name: longer})
            yield (
                f"{entry.entry} with another of {name}",
                with_scope(notice, [*entries[:place], changed, *entries[place + 1 :]]),
            )
    if entry.software.any_of:
        another = Entry.model_validate(
            {"entry": "x", "affects": {"models": ["x"]}, "software": ["99.9"]}
        ).software.any_of
        longer = entry.software.model_copy(update={"any_of": (*entry.software.any_of, *another)})
        changed = entry.model_copy(update={"software": longer})
        yield (
            f"{entry.entry} with another version",
            with_scope(notice, [*entries[:place], changed, *entries[place + 1 :]]),
        )


@many
@given(problem=problems(n_notices=2, n_rows=40), data=st.data())
def test_widening_a_scope_never_removes_affected(problem: Problem, data: st.DataObject) -> None:
    (other,) = data.draw(notices(1))
    more = next(entry for entry in other.scope if entry.affects)
    for notice in problem.notices:
        rows = [row for row in problem.rows if verdict(notice, row) is Verdict.AFFECTED]
        for change, wider in wider_scopes(notice, more):
            for row in rows:
                assert verdict(wider, row) is Verdict.AFFECTED, f"{change}: {row}"


# --- what must change nothing --------------------------------------------------------


@few
@given(problem=problems(n_notices=4, n_rows=80), seed=seeds)
def test_the_order_of_rows_changes_nothing(problem: Problem, seed: int) -> None:
    shuffled = list(problem.rows)
    Random(seed).shuffle(shuffled)
    for ask in (ask_reference, ask_relational):
        assert ask(problem.notices, shuffled) == ask(problem.notices, problem.rows)


@few
@given(problem=problems(n_notices=4, n_rows=80), seed=seeds)
def test_the_order_of_notices_changes_nothing(problem: Problem, seed: int) -> None:
    shuffled = list(problem.notices)
    Random(seed).shuffle(shuffled)
    for ask in (ask_reference, ask_relational):
        assert ask(shuffled, problem.rows) == ask(problem.notices, problem.rows)


_GS1_DAY = re.compile(r"\((11|17)\)(\d{6})")


def shifted_text(text: str | None, days: int) -> str | None:
    try:
        day = date.fromisoformat((text or "")[:10])
    except ValueError:
        return text
    return (day + timedelta(days=days)).isoformat() + (text or "")[10:]


def shifted_row(row: Row, days: int) -> Row:
    """Return the row with all its days shifted, those inside its identifier too."""

    def shifted_gs1(found: "re.Match[str]") -> str:
        iso = f"20{found[2][:2]}-{found[2][2:4]}-{found[2][4:]}"
        shifted = shifted_text(iso, days) or iso
        return f"({found[1]}){shifted[2:].replace('-', '')}"

    columns = {kind: shifted_text(row[kind], days) for kind in DAY_KINDS}
    return {**row, **columns, "udi": _GS1_DAY.sub(shifted_gs1, row["udi"] or "") or None}


def shifted_notice(notice: Notice, days: int) -> Notice:
    tree = notice.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    for entry in tree["scope"]:
        for kind in DAY_KINDS:
            for interval in entry.get(kind, ()):
                interval |= {name: shifted_text(text, days) for name, text in interval.items()}
    return Notice.model_validate(tree)


def has_full_days_only(row: Row) -> bool:
    """Whether a shift means the same for every date of the row: no months, no scan data."""
    udi = row["udi"] or ""
    return not any(day.endswith("00") for _, day in _GS1_DAY.findall(udi)) and (
        udi.startswith("(") or len(udi) in {0, 14}
    )


@settings(max_examples=examples(25), deadline=None, phases=NO_SHRINKING)
@given(problem=problems(n_notices=3, n_rows=60, wishes=FULL_DAYS), days=st.integers(-3000, 9000))
def test_shifting_all_dates_together_changes_nothing(problem: Problem, days: int) -> None:
    rows = [row for row in problem.rows if has_full_days_only(row)]
    later = [shifted_row(row, days) for row in rows]
    moved = [shifted_notice(notice, days) for notice in problem.notices]
    assert ask_reference(moved, later) == ask_reference(problem.notices, rows)


@few
@given(problem=problems(n_notices=3, n_rows=60, wishes=FULL_DAYS), days=st.integers(-3000, 9000))
def test_shifting_changes_nothing_for_the_fast_engine(problem: Problem, days: int) -> None:
    rows = [row for row in problem.rows if has_full_days_only(row)]
    later = [shifted_row(row, days) for row in rows]
    moved = [shifted_notice(notice, days) for notice in problem.notices]
    assert ask_relational(moved, later) == ask_relational(problem.notices, rows)


# --- review --------------------------------------------------------------------------


def reviewed_as(notice: Notice, reviewed: bool, side: str | None = None) -> Notice:
    """Return the notice with all its entries, or those of one side, reviewed or not."""
    entries = [
        entry.model_copy(update={"reviewed": reviewed})
        if side is None or getattr(entry, side)
        else entry
        for entry in notice.scope
    ]
    return with_scope(notice, entries)


def without_exclusions(notice: Notice) -> Notice:
    return with_scope(notice, [entry for entry in notice.scope if entry.affects])


@many
@given(problem=problems(n_notices=2, n_rows=40), seed=seeds)
def test_an_unreviewed_entry_that_affects_leaves_nobody_not_affected(
    problem: Problem, seed: int
) -> None:
    """But for those whom a reviewed exclusion clears."""
    for notice in map(without_exclusions, problem.notices):
        entries = list(notice.scope)
        place = Random(seed).randrange(len(entries))
        entries[place] = entries[place].model_copy(update={"reviewed": False})
        found = verdicts([with_scope(notice, entries)], problem.rows)
        assert Verdict.NOT_AFFECTED not in found.values()
    for notice in problem.notices:
        draft = reviewed_as(notice, False, "affects")
        for answer in ask_reference([draft], problem.rows).values():
            assert answer.verdict is not Verdict.NOT_AFFECTED or answer.reason_code == "excluded"


@many
@given(problem=problems(n_notices=2, n_rows=40))
def test_an_unreviewed_exclusion_clears_nobody(problem: Problem) -> None:
    for notice in problem.notices:
        draft = reviewed_as(notice, False, "excludes")
        found = verdicts([draft], problem.rows)
        without = verdicts([without_exclusions(notice)], problem.rows)
        for key, each in found.items():
            assert (each is Verdict.NOT_AFFECTED) == (without[key] is Verdict.NOT_AFFECTED)


@many
@given(problem=problems(n_notices=2, n_rows=40), seed=seeds)
def test_marking_any_entry_unreviewed_never_clears(problem: Problem, seed: int) -> None:
    rng = Random(seed)
    for notice in problem.notices:
        entries = list(notice.scope)
        place = rng.randrange(len(entries))
        entries[place] = entries[place].model_copy(update={"reviewed": False})
        before, after = (
            verdicts([each], problem.rows) for each in (notice, with_scope(notice, entries))
        )
        for key, each in after.items():
            assert each is not Verdict.NOT_AFFECTED or before[key] is Verdict.NOT_AFFECTED


@many
@given(problem=problems(n_notices=2, n_rows=40))
def test_as_if_reviewed_is_what_a_review_of_every_entry_would_give(problem: Problem) -> None:
    confirmed = [reviewed_as(notice, True) for notice in problem.notices]
    lifted = ask_reference(problem.notices, problem.rows, as_if_reviewed=True)
    assert lifted == ask_reference(confirmed, problem.rows)


# --- never cleared -------------------------------------------------------------------


@many
@given(problem=problems(n_notices=2, n_rows=10), seed=seeds)
def test_a_record_without_product_evidence_is_never_cleared(problem: Problem, seed: int) -> None:
    rows = random_rows(Random(seed), problem.notices, 20)
    poor = [
        {**row, "product": None, "model": "n/a", "catalogue_no": None, "udi": "?"} for row in rows
    ]
    answers: list[Answer] = list(ask_reference(problem.notices, poor).values())
    assert len(answers) == len(poor)
    assert {answer.verdict for answer in answers} == {Verdict.CANNOT_TELL}


@pytest.mark.parametrize("opening", ["withheld", "unread", "no_status"])
def test_an_entry_that_stays_open_never_affects(opening: str) -> None:
    value: Any = {"withheld": "ask", "unread": ["a sentence"], "no_status": True}[opening]
    tree = {
        "notice": "N",
        "kind": "recall",
        "title": "An invented notice",
        "issuers": [{"name": "Example Devices", "role": "manufacturer"}],
        "scope": [{"entry": "e", "affects": {"models": ["EX-100"]}, opening: value}],
        "source": {"document": "invented", "checked_on": "2026-11-20"},
    }
    row: Row = {"device_id": "D", "manufacturer": "Example Devices", "model": "EX-100"}
    assert verdict(Notice.model_validate(tree), row) is Verdict.CANNOT_TELL
