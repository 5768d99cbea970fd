"""What templates of the desk may call."""

import json
from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from tocsin.services.rights import rights_table

register = template.Library()


@register.filter
def as_json(value: Any) -> str:
    """Return a value as JSON, for an attribute of an element; the template escapes it."""
    return json.dumps(value, default=dict)


@register.filter
def in_words(name: str) -> str:
    """Return a name of ours as people write it: ``privacy_officer`` is "privacy officer"."""
    return str(name).replace("_", " ")


@register.filter
def with_commands(sentence: str) -> SafeString:
    """Return a sentence of ours as HTML, what stands between backticks as a command.

    >>> str(with_commands("Run `tocsin store upgrade`."))
    'Run <code>tocsin store upgrade</code>.'
    """
    parts = str(conditional_escape(sentence)).split("`")
    told = [f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts)]
    return SafeString("".join(told))


@register.simple_tag(takes_context=True)
def may(context: Mapping[str, Any], service: str) -> bool:
    """Return whether who looks may call a service: a page offers nothing that it would refuse."""
    right = rights_table()[service]
    return right.own or bool(right.roles & context["visitor"].caller.roles)
