"""The whole check of a trail in its database: chain, index columns and anchors in one reading."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tocsin.store.audit.anchor import Anchor, Link, read_links
from tocsin.store.audit.chain import ChainRow
from tocsin.store.audit.trail import find_faults

N_TOLD = 100


@dataclass(frozen=True)
class Verification:
    """What a check of the trail has found.

    Attributes:
        n_rows: rows that were read.
        n_anchors: anchors that were read.
        last: the last of them.
        n_rows_after: rows behind it: cutting these would leave no trace.
        n_cut_short: lines of the file of anchors whose writing was cut short, and which a later
            anchor names.
        n_faults: how many things are wrong.
        faults: the first hundred of them, a sentence each.
    """

    n_rows: int
    n_anchors: int
    last: Anchor | None
    n_rows_after: int
    n_cut_short: int
    n_faults: int
    faults: tuple[str, ...]


def verify_rows(until: int, lines: list[bytes], key: Ed25519PublicKey) -> Verification:
    """Return what is wrong with the trail in the database, and with its anchors.

    Args:
        until: the last row when the lines were read; later ones are not looked at.
        lines: the file of anchors.
        key: whose signature the anchors must have.
    """
    links = list(read_links(lines))
    wanted = {link.anchor.seq for link in links}
    held, read = {0: "0" * 64}, [0]

    def watch(row: ChainRow) -> None:
        read[0] += 1
        if row.seq in wanted:
            held[row.seq] = row.hash.hex()

    faults: list[str] = []
    n_faults = 0
    for found in (find_faults(until, watch), check_links(links, len(lines), held, key)):
        for fault in found:
            n_faults += 1
            if len(faults) < N_TOLD:
                faults.append(fault)
    last = links[-1].anchor if links else None
    return Verification(
        n_rows=read[0],
        n_anchors=len(links),
        last=last,
        n_rows_after=max(0, until - (last.seq if last else 0)),
        n_cut_short=sum(link.n_cut_short for link in links),
        n_faults=n_faults,
        faults=tuple(faults),
    )


def check_links(
    links: Iterable[Link], n_lines: int, held: dict[int, str], key: Ed25519PublicKey
) -> Iterator[str]:
    """Yield a sentence per anchor that is not genuine, or that the trail does not hold.

    Args:
        links: the anchors in their file.
        n_lines: how many lines it has.
        held: the hashes of the trail's rows, hexadecimal, at least of those that anchors name.
        key: whose signature they must have.
    """
    last_seq = last_line = 0
    for link in links:
        anchor, number = link.anchor, link.number
        if not anchor.has_signature_of(key):
            yield f"The anchor in line {number} is not signed with the key of this installation."
        if not link.follows:
            yield (
                f"The anchor in line {number} does not follow what stands before it: lines were "
                "taken out, put in or changed."
            )
        if anchor.seq < last_seq:
            yield f"The anchor in line {number} names row {anchor.seq}, an earlier one {last_seq}."
        if anchor.seq not in held:
            yield f"The anchor in line {number} names row {anchor.seq}, which the trail lacks."
        elif held[anchor.seq] != anchor.hash:
            yield f"Row {anchor.seq} is not the one that the anchor in line {number} was taken of."
        last_seq, last_line = anchor.seq, number
    if last_line < n_lines:
        yield (
            f"Line {n_lines} of the anchors is none: writing it was cut short, or somebody has "
            "changed the last one. `tocsin audit anchor` goes on behind it and keeps it."
        )
