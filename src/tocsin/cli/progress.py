"""A progress bar on standard error for work that takes longer than a second."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(n_steps: int, *, delay_s: float = 1.0) -> Iterator[Callable[[str], None]]:
    """Yield a function to call with a few words when each of ``n_steps`` steps begins."""
    from tqdm import tqdm  # noqa: PLC0415

    bar = tqdm(
        total=n_steps,
        delay=delay_s,
        file=sys.stderr,
        leave=False,
        disable=None,
        bar_format="{desc:<32} |{bar:24}| {n_fmt}/{total_fmt} {elapsed}",
    )
    started = False

    def told(step: str) -> None:
        nonlocal started
        if started:
            bar.update(1)
        started = True
        bar.set_description_str(step)

    try:
        yield told
    finally:
        bar.close()


@contextmanager
def counted_progress(
    unit: str, *, delay_s: float = 1.0
) -> Iterator[Callable[[int, int | None], None]]:
    """Yield a function to call with how much is done, and of how much, if that is known."""
    from tqdm import tqdm  # noqa: PLC0415

    bar = tqdm(delay=delay_s, file=sys.stderr, leave=False, disable=None, unit=f" {unit}")

    def told(n_done: int, n_total: int | None) -> None:
        bar.total = n_total
        bar.update(n_done - bar.n)

    try:
        yield told
    finally:
        bar.close()
