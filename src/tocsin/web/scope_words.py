"""Which devices a notice means, in the words of a language: one row per entry of its scope."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from django.utils.html import format_html

from tocsin.notice.describe import describe_product
from tocsin.notice.scope import DayInterval, Entry, Numbers, Software, VersionRange
from tocsin.registry.schema import DAY_COLUMNS, FACT_PREFIX
from tocsin.services.languages import Catalogue
from tocsin.services.public_notices import PublicNotice
from tocsin.services.question_words import Said, thing_words, value_words
from tocsin.web.countries import known_countries
from tocsin.web.pages import joined


@dataclass(frozen=True)
class ScopeRow:
    """One entry: its product, and a line per constraint; no line means all of them."""

    product: str
    lines: tuple[str, ...]
    is_excluded: bool


def scope_rows(public: PublicNotice, catalogue: Catalogue) -> list[ScopeRow]:
    """Return the rows of a notice's scope, in its order."""
    said = partial(public.text_in, catalogue.language)
    return [
        ScopeRow(_product(entry), tuple(_lines(entry, catalogue, said)), entry.excludes is not None)
        for entry in public.notice.scope
    ]


def _product(entry: Entry) -> str:
    product = entry.product
    told = (*product.names, *product.models, *product.catalogue)
    return ", ".join(told) or describe_product(product)


def _lines(entry: Entry, catalogue: Catalogue, said: Said) -> Iterator[str]:
    texts = catalogue.texts
    software = _software(entry.software, catalogue)
    named = {
        "software_version": software,
        "lot": _numbers(entry.lots, catalogue),
        "serial": _numbers(entry.serials, catalogue),
    }
    for column in DAY_COLUMNS:
        days: tuple[DayInterval, ...] = getattr(entry, column)
        named[column] = _or((_interval(each, catalogue) for each in days), catalogue)
    if entry.countries:
        names = [_country(code, catalogue) for code in entry.countries.only]
        other = ", ".join(_country(code, catalogue) for code in entry.countries.other_than)
        named["country"] = ", ".join(names) or texts["any_but"].format(value=other)
    for column, words in named.items():
        if words:
            yield f"{texts[f'row_{column}']}: {words}"
    for name, fact in entry.facts.items():
        column = f"{FACT_PREFIX}{name}"
        values = [value_words(column, value, catalogue, said) for value in fact.any_of]
        thing = thing_words(column, catalogue, said)
        yield format_html("{}: {}", catalogue.mark(thing), joined([*map(catalogue.mark, values)]))
    if entry.withheld or entry.unread or entry.no_status:
        yield texts["not_stated"]


def _or(phrases: Iterator[str], catalogue: Catalogue) -> str:
    return f" {catalogue.texts['or']} ".join(phrases)


def _software(software: Software, catalogue: Catalogue) -> str:
    if software.withheld or software.unread:
        return catalogue.texts["not_stated"]
    return _or((_versions(part, catalogue) for part in software.any_of), catalogue)


def _versions(part: VersionRange, catalogue: Catalogue) -> str:
    named = {
        "at_least": part.at_least,
        "above": part.above,
        "at_most": part.at_most,
        "below": part.below or part.fixed_in,
        "any_but": ", ".join(part.other_than),
    }
    phrases = [part.equal] if part.equal else []
    phrases += [catalogue.texts[key].format(value=value) for key, value in named.items() if value]
    return ", ".join(phrases)


def _numbers(numbers: Numbers, catalogue: Catalogue) -> str:
    texts = catalogue.texts
    phrases = [", ".join(numbers.any_of)] if numbers.any_of else []
    phrases += [texts["beginning"].format(value=prefix) for prefix in numbers.prefixes]
    phrases += [texts["range"].format(first=each.first, last=each.last) for each in numbers.ranges]
    if numbers.withheld or numbers.unread:
        phrases.append(texts["not_stated"])
    return f" {texts['or']} ".join(phrases)


def _interval(interval: DayInterval, catalogue: Catalogue) -> str:
    named = {
        "from_day": interval.first,
        "after_day": interval.after,
        "to_day": interval.last,
        "before_day": interval.before,
    }
    return " ".join(catalogue.texts[key].format(value=day) for key, day in named.items() if day)


def _country(code: str, catalogue: Catalogue) -> str:
    known = known_countries().get(code)
    return known.names[catalogue.language] if known else code
