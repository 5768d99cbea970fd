"""What a sample allows one to say about everybody: exact bounds, never a normal approximation.

Sources: C. J. Clopper and E. S. Pearson, Biometrika 26 (1934) 404-413, for a share in an endless
population; the hypergeometric distribution for a list of known length.
"""

import math

_HALVINGS = 60


def share_bounds(n_good: int, n_asked: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the two-sided exact bounds of a share (Clopper and Pearson).

    Args:
        n_good: how many of those asked, 0 to n_asked.
        n_asked: how many were asked, at least 1.
        confidence: between 0 and 1.

    >>> [round(100 * bound, 2) for bound in share_bounds(196, 200)]
    [94.96, 99.45]
    """
    tail = (1 - confidence) / 2
    return _lower(n_good, n_asked, tail), 1 - _lower(n_asked - n_good, n_asked, tail)


def least_share(n_good: int, n_asked: int, confidence: float = 0.95) -> float:
    """Return the one-sided exact lower bound of a share.

    >>> round(100 * least_share(196, 200), 2)
    95.48
    """
    return _lower(n_good, n_asked, 1 - confidence)


def most_bad(n_listed: int, n_asked: int, n_bad: int, confidence: float = 0.95) -> int:
    """Return how many on a list may be bad at most, when so many of those asked were.

    The one-sided exact upper bound by the hypergeometric distribution; asking everybody leaves
    no doubt.

    >>> most_bad(2600, 260, 5)
    101
    >>> most_bad(125, 125, 0)
    0
    """
    least, most = n_bad, n_listed - (n_asked - n_bad)
    while least < most:  # the largest number of bad ones that is still credible
        middle = (least + most + 1) // 2
        if _at_most(n_bad, n_listed, middle, n_asked) > 1 - confidence:
            least = middle
        else:
            most = middle - 1
    return least


def _lower(n_good: int, n_asked: int, tail: float) -> float:
    """Return the share under which as many good ones or more would have the chance `tail`."""
    if n_good == 0:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _at_least(n_good, n_asked, middle) < tail:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _at_least(n_good: int, n_asked: int, share: float) -> float:
    if share in {0.0, 1.0}:
        return share
    log, other = math.log(share), math.log1p(-share)
    return math.fsum(
        math.exp(_log_choose(n_asked, k) + k * log + (n_asked - k) * other)
        for k in range(n_good, n_asked + 1)
    )


def _at_most(n_bad: int, n_listed: int, n_bad_listed: int, n_asked: int) -> float:
    whole = _log_choose(n_listed, n_asked)
    n_good_listed = n_listed - n_bad_listed
    first = max(0, n_asked - n_good_listed)
    return math.fsum(
        math.exp(_log_choose(n_bad_listed, k) + _log_choose(n_good_listed, n_asked - k) - whole)
        for k in range(first, min(n_bad, n_bad_listed) + 1)
    )


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
