"""Many letters made at once: a pool of processes, each with one press.

Each process reads template and fonts once. Letters come back in their order, each as its PDF or as
the error that stopped it: one that cannot be made never stops another.
"""

import signal
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from os import environ
from pathlib import Path

from tocsin.base.errors import TocsinError
from tocsin.render.letters.pdf import LetterPdf, LetterPress
from tocsin.render.letters.sheet import LetterSheet

BATCH = 20
_AHEAD = 3
_press: list[LetterPress] = []

Printed = LetterPdf | TocsinError


def print_letters(
    sheets: Iterable[LetterSheet],
    font_folders: Sequence[Path] = (),
    *,
    n_processes: int = 1,
    checked: bool = True,
) -> Iterator[Printed]:
    """Yield each letter's PDF, or why there is none, in order.

    Args:
        sheets: the letters.
        font_folders: see `LetterPress`.
        n_processes: how many processes work; with 1, this one does.
        checked: whether each is held against PDF/UA-1 and PDF/A-2a; only a benchmark may say no.
    """
    if n_processes <= 1:
        press = LetterPress(font_folders)
        for sheet in sheets:
            yield _print(press, sheet, checked=checked)
        return
    yield from _print_in_pool(sheets, font_folders, n_processes, checked=checked)


def _print_in_pool(
    sheets: Iterable[LetterSheet], font_folders: Sequence[Path], n_processes: int, *, checked: bool
) -> Iterator[Printed]:
    remaining = iter(sheets)
    waiting: deque[Future[list[Printed]]] = deque()
    pool = ProcessPoolExecutor(
        n_processes,
        mp_context=get_context("spawn"),
        initializer=_begin,
        initargs=(list(font_folders),),
    )
    try:
        while True:
            while len(waiting) < n_processes * _AHEAD:
                batch = list(islice(remaining, BATCH))
                if not batch:
                    break
                waiting.append(pool.submit(_print_batch, batch, checked))
            if not waiting:
                return
            yield from waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin(font_folders: Sequence[Path]) -> None:
    """Make the press of a process; Ctrl-C is for the one that asked.

    Each process is one of as many as shall work: Typst and the validator, which else begin a thread
    per core, wait for none of theirs.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    environ.setdefault("RAYON_NUM_THREADS", "1")
    _press.append(LetterPress(font_folders))


def _print_batch(sheets: Sequence[LetterSheet], checked: bool) -> list[Printed]:  # noqa: FBT001
    return [_print(_press[0], sheet, checked=checked) for sheet in sheets]


def _print(press: LetterPress, sheet: LetterSheet, *, checked: bool) -> Printed:
    try:
        if checked:
            return press.make(sheet)
        return LetterPdf(press.print(sheet), "", 0)
    except TocsinError as error:
        return error
