"""Words of pages about notices."""

from django import template

from tocsin.base.verdict import Verdict

register = template.Library()


@register.filter
def verdict_words(verdict: Verdict) -> str:
    """Return a verdict as people say it."""
    return verdict.value.replace("_", " ")
