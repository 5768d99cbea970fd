"""What happens to the name and number of a device on their way into a registry."""

import re
from collections.abc import Iterator

REMARKS = (" (silver)", " ser. 123", ", sterile", " - new", " rev B", "*", " EA")
_LONG_WORD = re.compile(r"[A-Za-z]{6,}")
_SWAPS = (("0", "O"), ("O", "0"), ("1", "I"), ("1", "l"), ("I", "1"), ("5", "S"), ("8", "B"))


def mutilated_numbers(number: str) -> Iterator[str]:
    """Yield a model or catalogue number as people type, read and cut it."""
    yield from (number, number.lower(), f"REF {number}", f"#{number}", f"Model No. {number}")
    yield number.replace("-", "") if "-" in number else f"0{number}"
    yield f"{number[:3]} {number[3:]}"
    yield from (number.replace("-", mark) for mark in " /" if "-" in number)
    yield from (number + remark for remark in REMARKS)
    yield from (number.replace(old, new) for old, new in _SWAPS if old in number)
    if "-" in number and sum(map(str.isdigit, number.rpartition("-")[0])) >= 3:
        yield number.rpartition("-")[0]
    if number[-1].isalpha() and number[:-1].isalnum() and len(number) > 4:
        yield number[:-1]


def _cut(word: str) -> str:
    """Cut a word short; an S at the end would be taken for a plural."""
    return word[:4] if word.isalpha() and word[3:4].upper() != "S" else word


def mutilated_names(name: str, maker: str) -> Iterator[str]:
    """Yield a product name as people type, shorten and adorn it."""
    words = name.split()
    yield from (name, name.upper(), re.sub("[™®©]", "", name), f"{maker} {name}")
    yield from (f"{name} System, blue", f"{name} (10)")
    if not any(map(str.isdigit, name)):
        yield " ".join(reversed(words))
        if len(words) == 2 and not words[0].upper().endswith("S"):
            yield "".join(words)
    if len(words) > 1:
        parts = (" ".join(words[:-1]), " ".join(words[1:]))
        yield from (part for part in parts if _LONG_WORD.search(part))
        yield " ".join(_cut(word) for word in words)
    if 2 < len(words) <= 6 and all(word.isalpha() and word[0].isupper() for word in words):
        yield "".join(word[0] for word in words)
    for word in _LONG_WORD.findall(name)[:1]:
        half = len(word) // 2
        yield name.replace(word, word[:half] + word[half + 1 :], 1)
        yield name.replace(word, word[:half] + word[half + 1] + word[half] + word[half + 2 :], 1)
        yield name.replace(word, word[:half] + word[half] + word[half:], 1)
