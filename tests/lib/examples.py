"""How many examples a property is tried with."""

import os


def examples(most: int) -> int:
    """Return all of them for `make test-long`, and a third otherwise, which shows most faults."""
    return most if os.environ.get("TOCSIN_LONG") else most // 3
