"""`{% say "key" name=value %}`: a text of the page's language."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def say(context: Mapping[str, Any], key: str, **values: object) -> SafeString:
    """Return a text of the catalogue; a key that is missing is an error, not a gap."""
    text: SafeString = context["catalogue"].say(key, **values)
    return text


@register.simple_tag
def typed(posted: Mapping[str, str], name: str, place: int) -> str:
    """Return what was typed into one of several fields of a kind."""
    return posted.get(f"{name}{place}", "")


@register.simple_tag
def percent(share: float) -> str:
    """Return a share from 0 to 1 in percent, such as 94.96 %."""
    return f"{100 * share:.2f} %"
