"""What templates of the desk may call."""

import json
from typing import Any

from django import template

register = template.Library()


@register.filter
def as_json(value: Any) -> str:
    """Return a value as JSON, for an attribute of an element; the template escapes it."""
    return json.dumps(value, default=dict)


@register.filter
def in_words(name: str) -> str:
    """Return a name of ours as people write it: ``privacy_officer`` is "privacy officer"."""
    return str(name).replace("_", " ")
