"""The reference page of a letter's states, made from the tables that the program asks."""

from collections.abc import Iterator

from scripts.action_pages import MARK
from tocsin.outreach.action_states import service_words
from tocsin.outreach.letter_kinds import letter_kinds
from tocsin.outreach.letter_states import (
    LetterState,
    letter_rules,
    letter_state_meanings,
    letters_may_change_in,
)
from tocsin.services.rights import rights_table


def render_letter_states() -> str:
    """Return the page: the diagram, what each state means, and service x role x state."""
    where = ", ".join(f"`{state}`" for state in letters_may_change_in())
    lines = [
        "# Letters and their states",
        "",
        MARK,
        "",
        "Each letter has a source text and a version per language and country. When something is",
        "possible with a version stands here; who may do it stands in [rights](rights.md). Letters",
        f"are worked on while their action is {where}.",
        "",
        "A new revision of the source makes drafts of all versions that hang on it and says why. A",
        "locked text never changes: a further version is begun beside it.",
        "",
        "```mermaid",
        *_diagram(),
        "```",
        "",
        "| state | meaning |",
        "|---|---|",
        *(f"| `{state}` | {meaning} |" for state, meaning in letter_state_meanings().items()),
        "",
        "## Service x role x state",
        "",
        "A cell says which state the service leads to; `=` leaves it as it is; empty is refused.",
        "",
        f"| service | roles | {' | '.join(f'`{state}`' for state in LetterState)} |",
        f"|---|---|{'---|' * len(LetterState)}",
        *_rows(),
        "",
        "## Letters that can be written",
        "",
        "| letter | audience | got for the verdict | what it tells |",
        "|---|---|---|---|",
        *(
            f"| `{key}` | {kind.audience} | {kind.verdict or ''} | {kind.meaning} |"
            for key, kind in letter_kinds().items()
        ),
        "",
    ]
    return "\n".join(lines)


def _diagram() -> Iterator[str]:
    yield "stateDiagram-v2"
    yield f"    [*] --> {LetterState.DRAFT}: write letter version"
    order = list(LetterState)
    for state in order:
        for then in order:
            names = [
                service_words(name)
                for name, rule in letter_rules().items()
                if state in rule.states and rule.to is then and state is not then
            ]
            if names:
                yield f"    {state} --> {then}: {', '.join(names)}"


def _rows() -> Iterator[str]:
    for name, rule in letter_rules().items():
        roles = ", ".join(sorted(str(role) for role in rights_table()[name].roles))
        cells = [
            (
                ""
                if state not in rule.states
                else "="
                if rule.to in {None, state}
                else f"`{rule.to}`"
            )
            for state in LetterState
        ]
        yield f"| `{name}` | {roles} | {' | '.join(cells)} |"
