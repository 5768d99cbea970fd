"""What a publisher of CSAF documents puts beside them: who it is, and a feed of the documents.

Source: CSAF 2.0, section 7.1 (requirements 7, 11 to 13, 15 and 18); RFC 8322 (ROLIE).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_SCHEMA = "https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json"
_CATEGORY = {"scheme": "urn:ietf:params:rolie:category:information-type", "term": "csaf"}
TLP_LABEL = "WHITE"
"""The label of all that is public, in the words of CSAF 2.0."""


@dataclass(frozen=True)
class Provider:
    """Who publishes here.

    Attributes:
        name: its name.
        namespace: a web address that it controls.
        category: coordinator, discoverer, other, translator, user or vendor.
    """

    name: str
    namespace: str
    category: str = "other"


@dataclass(frozen=True)
class ListedDocument:
    """One CSAF document as a feed lists it; instants are RFC 3339."""

    document_id: str
    title: str
    summary: str
    url: str
    published_at: str
    updated_at: str


def write_provider_metadata(
    provider: Provider, url: str, feed_url: str, updated_at: str
) -> dict[str, Any]:
    """Return ``provider-metadata.json`` as a tree.

    The role is that of a provider only where the documents travel under TLS, as the standard
    asks; else that of a publisher. We do not sign documents yet, so nobody is a trusted provider.
    """
    feed = {"summary": "All public notices.", "tlp_label": TLP_LABEL, "url": feed_url}
    return {
        "canonical_url": url,
        "distributions": [
            {"directory_url": feed_url.rpartition("/")[0] + "/"},
            {"rolie": {"feeds": [feed]}},
        ],
        "last_updated": updated_at,
        "list_on_CSAF_aggregators": False,
        "metadata_version": "2.0",
        "mirror_on_CSAF_aggregators": False,
        "public_openpgp_keys": [],
        "publisher": {
            "category": provider.category,
            "name": provider.name,
            "namespace": provider.namespace,
        },
        "role": "csaf_provider" if url.startswith("https://") else "csaf_publisher",
    }


def write_rolie_feed(
    title: str, url: str, updated_at: str, documents: Sequence[ListedDocument]
) -> dict[str, Any]:
    """Return a ROLIE feed as a tree; the documents are in the order given."""
    return {
        "feed": {
            "id": "tocsin-csaf-feed-tlp-white",
            "title": title,
            "link": [{"rel": "self", "href": url}],
            "category": [_CATEGORY],
            "updated": updated_at,
            "entry": [_entry(document) for document in documents],
        }
    }


def _entry(document: ListedDocument) -> dict[str, Any]:
    return {
        "id": document.document_id,
        "title": document.title,
        "link": [
            {"rel": "self", "href": document.url},
            {"rel": "hash", "href": f"{document.url}.sha256"},
        ],
        "published": document.published_at,
        "updated": document.updated_at,
        "summary": {"content": document.summary},
        "content": {"type": "application/json", "src": document.url},
        "format": {"schema": _SCHEMA, "version": "2.0"},
    }
