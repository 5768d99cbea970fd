"""What a print house gets: one file with a PDF per letter, the list of them, and its seal.

A vendor that takes letters one by one gets the same file with one letter in it.

The same letters make the same bytes, so that a batch that is given out again is seen to be the
same. The list names nobody: whoever needs a name finds it on the letter itself.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

MANIFEST, SEAL, LETTERS = "manifest.csv", "batch.json", "letters"
_WHEN = (1980, 1, 1, 0, 0, 0)
_MODE = 0o600 << 16


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """One letter, as the print house knows it.

    Attributes:
        letter_id: as it is printed on the letter; the report names it again.
        file: where its PDF is in the batch.
        sha256: of the PDF, hexadecimal.
        pages: of the PDF; `sheets` if printed on both sides.
        country: where it goes, ISO 3166; empty if the list does not say.
        language: of the letter.
        postage: ``registered`` or ``standard``.
    """

    letter_id: str
    file: str
    sha256: str
    pages: int
    sheets: int
    country: str
    language: str
    postage: str


def manifest_row(
    letter_id: str, digest: str, n_pages: int, *, country: str, language: str, purpose: str
) -> ManifestRow:
    """Return the row of a letter.

    >>> row = manifest_row("T1", "0" * 64, 3, country="FR", language="fr", purpose="registered")
    >>> row.file, row.sheets, row.postage
    ('letters/T1.pdf', 2, 'registered')
    """
    postage = "registered" if purpose.partition("+")[0] == "registered" else "standard"
    file = f"{LETTERS}/{letter_id}.pdf"
    return ManifestRow(
        letter_id, file, digest, n_pages, (n_pages + 1) // 2, country, language, postage
    )


def write_manifest(rows: Iterable[ManifestRow]) -> bytes:
    """Return the list of a batch as CSV; no cell of it can start a formula."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [each.name for each in fields(ManifestRow)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in rows)
    return text.getvalue().encode()


def read_manifest(content: bytes) -> list[ManifestRow]:
    """Return the rows of a list that `write_manifest` has written.

    >>> rows = [manifest_row("T1", "0" * 64, 1, country="", language="en", purpose="first")]
    >>> read_manifest(write_manifest(rows)) == rows
    True
    """
    told = csv.DictReader(io.StringIO(content.decode()))
    return [
        ManifestRow(
            row["letter_id"],
            row["file"],
            row["sha256"],
            int(row["pages"]),
            int(row["sheets"]),
            row["country"],
            row["language"],
            row["postage"],
        )
        for row in told
    ]


def seal_of(batch: Mapping[str, str | int], manifest: bytes) -> bytes:
    """Return what stands beside the list: which batch it is, its totals, the list's SHA-256."""
    rows = read_manifest(manifest)
    totals = {
        "n_letters": len(rows),
        "n_pages": sum(row.pages for row in rows),
        "n_sheets": sum(row.sheets for row in rows),
        "n_registered": sum(row.postage == "registered" for row in rows),
        "manifest_sha256": sha256(manifest).hexdigest(),
    }
    return json.dumps({**batch, **totals}, indent=1, sort_keys=True).encode() + b"\n"


def write_batch(
    file: IO[bytes],
    batch: Mapping[str, str | int],
    manifest: bytes,
    letters: Iterable[tuple[str, bytes]],
) -> str:
    """Write a batch as a ZIP file; return its SHA-256.

    Args:
        file: where it goes, open for writing and reading.
        batch: what its seal tells beside the totals.
        manifest: the list.
        letters: the path in the batch and the PDF of each letter, in the list's order.
    """
    with ZipFile(file, "w") as archive:
        _add(archive, SEAL, seal_of(batch, manifest))
        _add(archive, MANIFEST, manifest)
        for path, content in letters:
            _add(archive, path, content, method=ZIP_STORED)  # a PDF is packed already
    file.seek(0)
    digest = sha256()
    while part := file.read(1 << 20):
        digest.update(part)
    file.seek(0)
    return digest.hexdigest()


def write_single(head: Mapping[str, str | int], row: ManifestRow, content: bytes) -> bytes:
    """Return one letter as a file of its own: its PDF, its row of the list, and the seal.

    >>> row = manifest_row("T1", "0" * 64, 1, country="", language="en", purpose="first")
    >>> one = write_single({"id": "7"}, row, b"%PDF")
    >>> one == write_single({"id": "7"}, row, b"%PDF"), ZipFile(io.BytesIO(one)).namelist()
    (True, ['batch.json', 'manifest.csv', 'letters/T1.pdf'])
    """
    file = io.BytesIO()
    write_batch(file, head, write_manifest([row]), [(row.file, content)])
    return file.getvalue()


def _add(archive: ZipFile, name: str, content: bytes, method: int = ZIP_DEFLATED) -> None:
    entry = ZipInfo(name, _WHEN)
    entry.external_attr, entry.compress_type, entry.create_system = _MODE, method, 3
    archive.writestr(entry, content)
