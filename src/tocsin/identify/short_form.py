"""Short forms of names: initials (LVP for Large Volume Pump) and words cut short."""

from collections.abc import Iterator, Sequence

_SHORTEST_INITIALS, _LONGEST_INITIALS = 3, 6
_SHORTEST_CUT = 4


def initials_of(words: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the initials of each run of three to six words, and the words.

    >>> [short for short, _ in initials_of(["LARGE", "VOLUME", "PUMP"])]
    ['LVP']
    """
    for start in range(len(words) - _SHORTEST_INITIALS + 1):
        for end in range(start + _SHORTEST_INITIALS, start + _LONGEST_INITIALS + 1):
            run = words[start:end]
            if len(run) == end - start and run[-1][:1].isalpha():
                yield "".join(word[0] for word in run), run


def cut_forms(word: str) -> Iterator[str]:
    """Yield how a word may be cut short, the word itself left out.

    >>> list(cut_forms("PARADIG"))
    ['PARA', 'PARAD', 'PARADI']
    """
    if word.isalpha():
        for length in range(_SHORTEST_CUT, len(word)):
            yield word[:length]
