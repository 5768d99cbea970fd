"""Persons that somebody has confirmed to be one: they are contacted once."""

from collections.abc import Iterable, Mapping, Sequence


def group_persons(confirmed: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Return, for every linked person, all persons of their group, sorted.

    Taking a pair away separates again exactly what only that pair joined.

    >>> group_persons([("a", "b"), ("c", "b")])["a"]
    ('a', 'b', 'c')
    """
    group_of: dict[str, set[str]] = {}
    for one, other in confirmed:
        joined = group_of.get(one, {one}) | group_of.get(other, {other})
        for member in joined:
            group_of[member] = joined
    return {member: tuple(sorted(group)) for member, group in group_of.items()}


def choose_contact(group: Sequence[str], n_channels: Mapping[str, int]) -> str:
    """Return which row of a group is written to: the one with most channels, then the first.

    Args:
        group: the persons' ids.
        n_channels: by how many channels each can be reached; erased persons by none.

    >>> choose_contact(["b", "a", "c"], {"b": 2, "a": 1, "c": 2})
    'b'
    """
    return min(group, key=lambda person: (-n_channels.get(person, 0), person))
