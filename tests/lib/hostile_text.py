"""Texts that would break a page if they were taken for anything but text."""

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title></svg><svg onload=alert(1)>",
    "{{ 7 * 7 }} {% raw %} ]]> <!-- &amp; &#60;",
    "a\x00b\x0bc\ufffe \u202emirrored",
    "W" * 300,
    "",
)
