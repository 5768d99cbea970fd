"""Feeds of notices for people and programs: Atom (RFC 4287) and JSON Feed 1.1."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from datetime import date as Day  # noqa: N812 - `date` is a field of what we write
from xml.etree import ElementTree as ET

_ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True)
class FeedItem:
    """One notice: its page, what it is about, and when it was first and last released."""

    url: str
    title: str
    summary: str
    language: str
    published_on: Day
    updated_on: Day


@dataclass(frozen=True)
class Feed:
    """A list of notices in one language; ``url`` is the feed's own, ``home`` the page's."""

    title: str
    author: str
    language: str
    url: str
    home: str
    items: Sequence[FeedItem]
    as_of: datetime

    @property
    def updated_at(self) -> str:
        """Return when anything in the feed last changed; when it was read, if it is empty."""
        days = [item.updated_on for item in self.items]
        return instant_of(max(days)) if days else self.as_of.astimezone(UTC).isoformat()


def instant_of(day: Day) -> str:
    """Return a day as the instant at which it begins, RFC 3339.

    >>> instant_of(Day(2011, 4, 5))
    '2011-04-05T00:00:00Z'
    """
    return datetime.combine(day, time(), UTC).isoformat().replace("+00:00", "Z")


def write_atom(feed: Feed) -> str:
    """Return a feed as an Atom document; its items are in the order given."""
    root = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": feed.language})
    _add(root, "id", feed.url)
    _add(root, "title", feed.title)
    _add(root, "updated", feed.updated_at)
    _add(ET.SubElement(root, "author"), "name", feed.author)
    ET.SubElement(root, "link", {"rel": "self", "href": feed.url})
    ET.SubElement(root, "link", {"rel": "alternate", "href": feed.home})
    for item in feed.items:
        entry = ET.SubElement(root, "entry", {"xml:lang": item.language})
        _add(entry, "id", item.url)
        _add(entry, "title", item.title)
        _add(entry, "published", instant_of(item.published_on))
        _add(entry, "updated", instant_of(item.updated_on))
        _add(entry, "summary", item.summary)
        ET.SubElement(entry, "link", {"rel": "alternate", "href": item.url})
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text


def write_json_feed(feed: Feed) -> str:
    """Return a feed as a JSON Feed document."""
    tree = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.url,
        "language": feed.language,
        "authors": [{"name": feed.author}],
        "items": [
            {
                "id": item.url,
                "url": item.url,
                "title": item.title,
                "summary": item.summary,
                "content_text": item.summary,
                "language": item.language,
                "date_published": instant_of(item.published_on),
                "date_modified": instant_of(item.updated_on),
            }
            for item in feed.items
        ],
    }
    return json.dumps(tree, indent=2, ensure_ascii=False) + "\n"
