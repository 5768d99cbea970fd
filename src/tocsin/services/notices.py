"""Reading notices from files and folders, whatever format they are in."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from tocsin.base.errors import NoticeInvalid, NoticeUnreadable, UsageError
from tocsin.formats.notice_file import parse_tree, read_notice_text, read_notice_tree
from tocsin.match.figures import RevisionDiff, ScopeChange
from tocsin.notice.describe import describe_entry, describe_open_points
from tocsin.notice.model import Notice
from tocsin.notice.revision import compare_scopes, tells_differently
from tocsin.notice.translation import describe_translations

_BULK_SUFFIXES = (".zip", ".ndjson", ".jsonl")
SUFFIXES = (".yaml", ".yml", ".json", *_BULK_SUFFIXES)
_PROVENANCE = {"product_id", "full_name", "path", "statuses", "doubts"}


def read_notice(path: Path) -> Notice:
    """Return the one notice of a file.

    Raises:
        NoticeUnreadable, NoticeInvalid: with a sentence that names the place.
    """
    notices = read_notice_file(path)
    if len(notices) > 1:
        raise NoticeUnreadable(
            f"The file {path} holds {len(notices)} notices, and one is wanted here. `tocsin match` "
            "takes all of them; for this, put the record that you mean into a file of its own."
        )
    return notices[0]


def read_notice_file(path: Path) -> list[Notice]:
    """Return the notices of a file: ours as YAML or JSON, CSAF, or records of openFDA.

    Raises:
        NoticeUnreadable, NoticeInvalid: with a sentence that names the place.
    """
    if path.suffix.lower() in _BULK_SUFFIXES:
        from tocsin.formats.openfda import read_openfda  # noqa: PLC0415
        from tocsin.formats.openfda_records import read_bulk_records  # noqa: PLC0415

        return [read_openfda(record, where) for record, where in read_bulk_records(path)]
    tree = parse_tree(read_notice_text(path), path)
    from tocsin.formats.csaf.tree import is_csaf  # noqa: PLC0415
    from tocsin.formats.openfda_records import find_records, is_openfda  # noqa: PLC0415

    if is_csaf(tree):
        from tocsin.formats.csaf.reading import read_csaf  # noqa: PLC0415

        return [read_csaf(tree, path)]
    if is_openfda(tree):
        from tocsin.formats.openfda import read_openfda  # noqa: PLC0415

        return [read_openfda(record, path) for record in find_records(tree, path)]
    return [read_notice_tree(tree, path)]


def read_notices(paths: Sequence[Path]) -> list[Notice]:
    """Return the notices of files and folders; a folder gives all its notices, by name.

    Raises:
        UsageError: if there is none.
        NoticeInvalid: if a notice and revision occurs twice.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES)
        else:
            files.append(path)
    if not files:
        known = ", ".join(SUFFIXES)
        raise UsageError(f"No notice was given: the folder holds no file that ends in {known}.")
    found: dict[tuple[str, int], Path] = {}
    notices = []
    for path, notice in chain.from_iterable(map(_with_path, files)):
        key = (notice.notice, notice.revision)
        if key in found:
            raise NoticeInvalid(
                f"{found[key]} and {path} are both revision {notice.revision} of notice "
                f"{notice.notice}. Give one of them, or raise the revision. Nothing was matched."
            )
        found[key] = path
        notices.append(notice)
    return notices


def _with_path(path: Path) -> list[tuple[Path, Notice]]:
    return [(path, notice) for notice in read_notice_file(path)]


def check_notice(path: Path) -> list[str]:
    """Return sentences about what a notice will match and what it will leave open."""
    notice = read_notice(path)
    maker = notice.manufacturer
    lines = [
        f"{notice.notice}, revision {notice.revision}: {notice.title} ({notice.kind}).",
        f"Entries mean products of {maker}." if maker else "The notice names no manufacturer.",
    ]
    for entry in notice.scope:
        word = "affects" if entry.affects else "excludes"
        lines.append(f"Entry {entry.entry} {word} {describe_entry(entry)}.")
        own = entry.product.manufacturer
        if own and own != maker:
            lines.append(f"  Its products are made by {own}.")
        lines += [
            f"  Open: {point}. Such records will be cannot_tell."
            for point in describe_open_points(entry)
        ]
        if told := ", ".join(sorted(set(entry.information) - _PROVENANCE)):
            lines.append(f"  For information only, clears nobody: {told}.")
    lines += describe_translations(notice)
    unreviewed = [entry for entry in notice.scope if entry.affects and not entry.reviewed]
    if unreviewed:
        lines.append(
            f"{len(unreviewed)} entries are not reviewed: until they are, no record is "
            "not_affected."
        )
    else:
        lines.append(
            "Every other product of a known manufacturer will be not_affected; a record without "
            "the value that an entry asks for will be cannot_tell."
        )
    return lines


def compare_notices(old: Notice, new: Notice) -> RevisionDiff:
    """Return what changes between two revisions, without a registry."""
    return RevisionDiff(
        notice=new.notice,
        old_revision=old.revision,
        new_revision=new.revision,
        scope=[
            ScopeChange(entry=c.entry, change=c.change, was=c.was, now=c.now)
            for c in compare_scopes(old, new)
        ],
        instructions_changed=tells_differently(old, new),
    )
