"""A terminal for commands that ask: what is typed goes in, what is printed comes out."""

from dataclasses import dataclass

from click.testing import CliRunner

from tocsin.cli.main import run


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


def type_in(arguments: list[str], *typed: str, env: dict[str, str] | None = None) -> Done:
    """Run a command and answer its questions in order; then nobody is there any more."""
    text = "".join(f"{line}\n" for line in typed)
    with CliRunner().isolation(input=text.encode(), env=env) as (out, err, _):
        code = run(arguments)
        return Done(code, out.getvalue().decode(), err.getvalue().decode())
