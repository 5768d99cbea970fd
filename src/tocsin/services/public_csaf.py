"""The public notices as CSAF documents, with their hashes and the lists of them.

Addresses are those of CSAF 2.0, section 7.1: a folder per year below one for the label WHITE.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from tocsin.formats.csaf.provider import (
    ListedDocument,
    Provider,
    write_provider_metadata,
    write_rolie_feed,
)
from tocsin.formats.feeds import instant_of
from tocsin.notice.model import Notice
from tocsin.services.exporting import ExportOptions, export_file_name, export_notice
from tocsin.services.public_notices import PublicNotice, ReleasedNotices, released_on

FOLDER = "/.well-known/csaf/"
METADATA = "provider-metadata.json"
LABELLED = "white/"
FEED = f"{LABELLED}feed-tlp-white.json"


@dataclass(frozen=True)
class PublicDocument:
    """One CSAF document; ``path`` is below the folder of the label."""

    public: PublicNotice
    path: str
    text: str

    @property
    def sha256_line(self) -> str:
        """Return the line of its hash file, as `sha256sum --check` reads it."""
        name = self.path.rpartition("/")[2]
        return f"{hashlib.sha256(self.text.encode()).hexdigest()}  {name}\n"


def public_documents(released: ReleasedNotices) -> list[PublicDocument]:
    """Return the CSAF document of every public notice. Rights: public."""
    return [_document(public) for public in released.notices]


def csaf_path(public: PublicNotice) -> str:
    """Return where the CSAF document of a notice stands on this site."""
    first = released_on(public.revisions[0])
    return f"{FOLDER}{LABELLED}{first.year}/{export_file_name(public.notice, 'csaf')}"


def _document(public: PublicNotice) -> PublicDocument:
    text = _text(_Revisions(public.revisions))
    return PublicDocument(public, csaf_path(public).removeprefix(FOLDER + LABELLED), text)


@dataclass(frozen=True, eq=False)
class _Revisions:
    """The revisions of a notice as the key of a cache: a revision never changes."""

    revisions: tuple[Notice, ...]

    @property
    def key(self) -> tuple[str, int]:
        return self.revisions[-1].notice, self.revisions[-1].revision

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Revisions) and self.revisions == other.revisions

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(maxsize=1024)
def _text(of: _Revisions) -> str:
    *earlier, notice = of.revisions
    return export_notice(notice, "csaf", ExportOptions(earlier=earlier))


def csaf_files(
    released: ReleasedNotices, provider: Provider, site: str
) -> Mapping[str, tuple[str, str]]:
    """Return every file below `FOLDER` by its path: media type and text. Rights: public.

    Args:
        released: the notices.
        provider: who publishes here.
        site: the address of this site, such as ``https://safety.example.org``.
    """
    documents = public_documents(released)
    base = f"{site}{FOLDER}"
    days = [document.public.updated_on for document in documents]
    updated_at = instant_of(max(days)) if days else released.as_of.isoformat()
    listed = [_listed(document, f"{base}{LABELLED}{document.path}") for document in documents]
    metadata = write_provider_metadata(provider, base + METADATA, base + FEED, updated_at)
    feed = write_rolie_feed(provider.name, base + FEED, updated_at, listed)
    by_change = sorted(documents, key=lambda each: each.public.updated_on, reverse=True)
    changes = [f'"{each.path}","{instant_of(each.public.updated_on)}"\n' for each in by_change]
    files = {
        METADATA: ("application/json", _json(metadata)),
        FEED: ("application/json", _json(feed)),
        f"{LABELLED}index.txt": ("text/plain", "".join(f"{each.path}\n" for each in documents)),
        f"{LABELLED}changes.csv": ("text/csv", "".join(changes)),
    }
    for document in documents:
        files[LABELLED + document.path] = ("application/json", document.text)
        files[f"{LABELLED}{document.path}.sha256"] = ("text/plain", document.sha256_line)
    return files


def _listed(document: PublicDocument, url: str) -> ListedDocument:
    notice = document.public.notice
    return ListedDocument(
        notice.notice,
        notice.title,
        notice.hazard.what if notice.hazard else notice.title,
        url,
        instant_of(released_on(document.public.revisions[0])),
        instant_of(document.public.updated_on),
    )


def _json(tree: object) -> str:
    return json.dumps(tree, indent=2, ensure_ascii=False) + "\n"
