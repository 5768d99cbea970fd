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
