"""What verdicts of a run are put together by, and what each group of them is called.

Pure: the verdicts and what is known of the holders come from wherever they are kept.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

MOST_MODELS = 400
OTHER_MODEL = "other"


class ReasonKey(NamedTuple):
    """Why a verdict is as it is: the notice's place, the truth, the entry, the reason code."""

    place: int
    truth: int
    entry: str
    reason_code: str


class GroupKey(NamedTuple):
    """What is alike in all verdicts of a group."""

    reason: ReasonKey
    registry_id: int
    country: str
    kind: str
    model: str


def listed_models(n_by_model: Mapping[str, int]) -> Mapping[str, str]:
    """Return the word under which each model is listed: rare ones share one where there are many.

    >>> listed_models({"722": 5, "": 1})
    {'722': '722', '': ''}
    """
    kept = [model for model, _ in Counter(n_by_model).most_common(MOST_MODELS)]
    if len(kept) == len(n_by_model):
        return {model: model for model in n_by_model}
    return dict.fromkeys(n_by_model, OTHER_MODEL) | {model: model for model in kept}


def count_groups(keys: Iterable[GroupKey]) -> dict[GroupKey, int]:
    """Return how many verdicts each group has; the most urgent first, then in a fixed order."""
    counted = Counter(keys)
    return {key: counted[key] for key in sorted(counted, key=lambda key: (-key.reason.truth, key))}


def reasons_of(groups: Sequence[GroupKey]) -> list[ReasonKey]:
    """Return the reasons that groups have, each once, in their order."""
    return list(dict.fromkeys(group.reason for group in groups))
