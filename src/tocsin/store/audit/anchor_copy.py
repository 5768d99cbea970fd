"""The second place of the anchors: the same bytes, on other storage.

The copy is always a beginning of the file of anchors, byte for byte. So a copy that was away for a
while, or whose last writing was cut short, is simply continued; one that holds something else is
left as it is, because it may be the only witness.
"""

import os
from io import FileIO
from pathlib import Path

from tocsin.base.errors import TocsinError
from tocsin.store.audit.anchor_file import TAIL_BYTES, opened_alone, write_safely

COPY_VARIABLE = "TOCSIN_ANCHOR_COPY"
_PART_BYTES = 1 << 20


class AnchorCopyDiffers(TocsinError):
    """The second place of the anchors holds something else than the first."""

    code = "anchor_copy_differs"


def find_copy() -> Path | None:
    """Return the second place of the anchors: TOCSIN_ANCHOR_COPY; None if there is none."""
    told = os.environ.get(COPY_VARIABLE)
    return Path(told).resolve() if told else None


def continue_copy(original: Path, copy: Path) -> int:
    """Append to the copy what it lacks; return how many bytes.

    Raises:
        AnchorCopyDiffers: if it is no beginning of the original; nothing is written then.
        AnchorsInUse: if another process holds it.
        AnchorsNotWritten: if it cannot be written.
    """
    with original.open("rb", buffering=0) as source, opened_alone(copy) as target:
        size, total = target.seek(0, os.SEEK_END), source.seek(0, os.SEEK_END)
        if not _is_beginning(source, target, max(0, size - TAIL_BYTES), size, total):
            raise _differs(original, copy)
        source.seek(size)
        while part := source.read(min(_PART_BYTES, total - source.tell())):
            write_safely(copy, target, part)
    return total - size


def check_copy(original: Path, copy: Path) -> None:
    """Check that the copy is a beginning of the original, all of it.

    Raises:
        AnchorCopyDiffers: if it is not, or is missing.
    """
    if not copy.exists():
        raise AnchorCopyDiffers(
            f"There are no anchors at their second place, {copy}. Is that disk connected?"
        )
    content, kept = original.read_bytes() if original.exists() else b"", copy.read_bytes()
    if not content.startswith(kept):
        raise _differs(original, copy)


def _is_beginning(source: FileIO, target: FileIO, start: int, size: int, total: int) -> bool:
    """Whether the end of the copy stands at the same place of the original."""
    if size > total:
        return False
    kept = os.pread(target.fileno(), size - start, start)
    return kept == os.pread(source.fileno(), size - start, start)


def _differs(original: Path, copy: Path) -> AnchorCopyDiffers:
    return AnchorCopyDiffers(
        f"The anchors at their second place, {copy}, are not those of {original}: one of the files "
        "was changed, a backup was restored, or another copy of this installation writes there. "
        "The second place was left as it is. Compare both; keep the file as a witness, and name a "
        f"new place with {COPY_VARIABLE}."
    )
