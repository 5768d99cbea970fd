"""Notices written in the formats that others read."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.base.errors import NoticeInvalid, OutputRefused, UsageError
from tocsin.formats.whole_file import write_text_whole

if TYPE_CHECKING:
    from tocsin.formats.csaf.publication import Publication
    from tocsin.notice.model import Notice

Write = Callable[["Notice", "Publication"], str]


@dataclass(frozen=True)
class ExportFormat:
    """A format that notices are written in.

    Attributes:
        write: returns the text of a notice.
        suffix: how its files end.
    """

    write: Write
    suffix: str


def _yaml(notice: "Notice", _publication: "Publication") -> str:
    from tocsin.formats.notice_file import write_notice  # noqa: PLC0415

    return write_notice(notice)


def _csaf_2_0(notice: "Notice", publication: "Publication") -> str:
    from tocsin.formats.csaf.writing import csaf_text, write_csaf  # noqa: PLC0415

    return csaf_text(write_csaf(notice, "2.0", "security-advisory", publication))


def _csaf_2_1(notice: "Notice", publication: "Publication") -> str:
    from tocsin.formats.csaf.writing import csaf_text, write_csaf  # noqa: PLC0415

    return csaf_text(write_csaf(notice, "2.1", "security-advisory", publication))


def _csaf_vex(notice: "Notice", publication: "Publication") -> str:
    from tocsin.formats.csaf.writing import csaf_text, write_csaf  # noqa: PLC0415

    return csaf_text(write_csaf(notice, "2.0", "vex", publication))


def _fhir(notice: "Notice", _publication: "Publication") -> str:
    from tocsin.formats.fhir.device_definition import write_device_definition  # noqa: PLC0415

    return json.dumps(write_device_definition(notice), indent=2, ensure_ascii=False) + "\n"


EXPORT_FORMATS: Mapping[str, ExportFormat] = {
    "yaml": ExportFormat(_yaml, ".yaml"),
    "csaf": ExportFormat(_csaf_2_0, ".json"),
    "csaf-2.1": ExportFormat(_csaf_2_1, ".json"),
    "csaf-vex": ExportFormat(_csaf_vex, ".json"),
    "fhir": ExportFormat(_fhir, ".fhir.json"),
}


@dataclass(frozen=True)
class ExportOptions:
    """What a publisher decides beside the notice; see `formats.csaf.publication`.

    Attributes:
        namespace: a web address that the publisher controls.
        tlp: a label of the Traffic Light Protocol 2.
        earlier: earlier revisions of the notice, for the dates of its history.
    """

    namespace: str | None = None
    tlp: str | None = None
    earlier: Sequence["Notice"] = ()


def export_notice(notice: "Notice", name: str, options: ExportOptions | None = None) -> str:
    """Return a notice as text in one of `EXPORT_FORMATS`.

    Reading it gives an equal notice, but for FHIR: that tells only that there is an action.

    Raises:
        UsageError: if the format, label or namespace is none.
        NoticeInvalid: if an earlier revision is not one of this notice.
    """
    if name not in EXPORT_FORMATS:
        raise UsageError(
            f"Notices are not written as {name!r}. The formats are: {', '.join(EXPORT_FORMATS)}."
        )
    return EXPORT_FORMATS[name].write(notice, _publication(notice, options or ExportOptions()))


def _publication(notice: "Notice", options: ExportOptions) -> "Publication":
    from tocsin.formats.csaf.publication import (  # noqa: PLC0415
        Publication,
        is_uri,
        read_tlp,
    )

    tlp = read_tlp(options.tlp)
    if options.tlp and tlp is None:
        raise UsageError(
            f"{options.tlp!r} is no label of the Traffic Light Protocol. Use CLEAR, GREEN, AMBER, "
            "AMBER+STRICT or RED."
        )
    if options.namespace and not is_uri(options.namespace):
        raise UsageError(
            f"The namespace {options.namespace!r} is no web address. Give one that the publisher "
            "controls, such as https://www.example.com."
        )
    released_on = {}
    for earlier in options.earlier:
        if earlier.notice != notice.notice or earlier.revision >= notice.revision:
            raise NoticeInvalid(
                f"Revision {earlier.revision} of {earlier.notice} is not earlier than revision "
                f"{notice.revision} of {notice.notice}. Nothing was written. Give earlier "
                "revisions of the same notice."
            )
        if day := earlier.approval.on or earlier.issued_on:
            released_on[earlier.revision] = day
    return Publication(options.namespace, tlp, released_on)


def export_file_name(notice: "Notice", name: str) -> str:
    """Return the file name of an exported notice, as CSAF makes it from the id.

    Source: CSAF 2.0 section 5.1.
    """
    stem = re.sub(r"[^+\-a-z0-9]+", "_", notice.notice.lower())
    return stem + EXPORT_FORMATS[name].suffix


def write_export(text: str, out: Path) -> None:
    """Write an exported notice, whole or not at all.

    Raises:
        OutputRefused: if there is no such folder.
    """
    if not out.parent.is_dir():
        raise OutputRefused(f"There is no folder {out.parent}. Nothing was written. Make it first.")
    write_text_whole(out, text)
