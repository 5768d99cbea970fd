"""`{% say "key" name=value %}`: a text of the page's language."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from tocsin.notice.translation import Words

register = template.Library()


@register.simple_tag(takes_context=True)
def say(context: Mapping[str, Any], key: str, **values: object) -> SafeString:
    """Return a text of the catalogue; a key that is missing is an error, not a gap."""
    text: SafeString = context["catalogue"].say(key, **values)
    return text


@register.simple_tag(takes_context=True)
def marked(context: Mapping[str, Any], words: Words) -> SafeString | str:
    """Return a text of a notice, marked with its language where that is not the page's."""
    shown: SafeString | str = context["catalogue"].mark(words)
    return shown


@register.simple_tag(takes_context=True)
def translation_note(context: Mapping[str, Any], *told: Words | Sequence[Words]) -> SafeString:
    """Return what must be said of texts of a notice before they are read; mostly nothing.

    That some are in English only, and that a machine made them and no person has reviewed them.
    """
    texts = [words for each in told for words in ([each] if isinstance(each, Words) else each)]
    keys = []
    if any(words.language != context["language"] for words in texts):
        keys.append("english_only")
    if any(words.is_machine for words in texts):
        keys.append("machine_part")
    catalogue = context["catalogue"]
    return format_html_join("", '<p class="quiet">{}</p>', ((catalogue.say(key),) for key in keys))


@register.simple_tag(takes_context=True)
def say_to(context: Mapping[str, Any], key: str, **values: object) -> SafeString:
    """Return a text in the words for who reads: a clinic or company has some of its own."""
    own: SafeString = context["catalogue"].say(context["own_words"](key), **values)
    return own


@register.simple_tag
def typed(posted: Mapping[str, str], name: str, place: int) -> str:
    """Return what was typed into one of several fields of a kind."""
    return posted.get(f"{name}{place}", "")


@register.simple_tag
def percent(share: float) -> str:
    """Return a share from 0 to 1 in percent, such as 94.96 %."""
    return f"{100 * share:.2f} %"
