"""`tocsin demo` and `tocsin sample`."""

from pathlib import Path

import click

from tocsin.cli.progress import progress

_folder = click.Path(path_type=Path, file_okay=False)
_seed_option = click.option(
    "--seed", default=1, show_default=True, help="The same seed gives the same people."
)


@click.command()
@click.option("--out", default=Path("out/demo"), show_default=True, type=_folder, metavar="DIR")
@_seed_option
def demo(out: Path, seed: int) -> None:
    """Run the three golden cases end to end and leave pages to look at.

    A: a security recall without a fix. B: a lot recall in three revisions. C: a
    discontinuation with scarce stock. All people are synthetic; files of an earlier demo in
    the folder are replaced.
    """
    from tocsin.services.demo import STEPS_PER_CASE, run_demo  # noqa: PLC0415
    from tocsin.services.samples import CASES  # noqa: PLC0415

    with progress(STEPS_PER_CASE * len(CASES), delay_s=0) as told:
        summary = run_demo(out, seed, told)
    for case, found in summary.items():
        revisions = {"": found} if "verdicts" in found else found
        for name, figures in revisions.items():
            if name == "diffs":
                continue
            click.echo(f"Case {case}{' ' + name.replace('_', ' ') if name else ''}:")
            for verdict, count in figures["verdicts"].items():
                n, units, holders = count["records"], count["quantity"], count["holders"]
                click.echo(
                    f"  {verdict:<13}{n:>10,} records {units:>11,} units {holders:>8,} holders"
                )
    click.echo(f"Open {out / 'index.html'} in a browser. Figures: {out / 'summary.json'}.")


@click.command()
@click.argument("case", type=click.Choice(["a", "b", "c"], case_sensitive=False))
@click.option("--out", required=True, type=_folder, metavar="DIR", help="A new or empty folder.")
@_seed_option
def sample(case: str, out: Path, seed: int) -> None:
    """Write the synthetic registry, holders and notices of a golden case."""
    from tocsin.services.samples import write_sample  # noqa: PLC0415

    for path in write_sample(case.lower(), out, seed):
        click.echo(path)
