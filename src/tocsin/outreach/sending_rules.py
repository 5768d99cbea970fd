"""How long the sender waits, how often it tries, how fast it may be: pure rules over the clock.

The figures stand in `data/sending.yaml`. The throttle is the generic cell rate algorithm: a token
bucket that needs one instant per bucket, so that several processes can share it in one row.
Source of the algorithm: ITU-T I.371, annex A.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tocsin.base.provenance import Source
from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.outreach.channels import Channel


class NotAfter(BaseModel):
    """How long a dispatch of a channel may wait to leave, and why so long."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hours: float = Field(gt=0)
    because: str = Field(min_length=1)


class SendingRules(BaseModel):
    """The figures of `data/sending.yaml`; times in seconds unless their names say otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Source
    quarantine_s: float
    lease_s: float
    answer_timeout_s: float
    send_delay_s: float
    not_after: Mapping[Channel, NotAfter]
    back_off_s: tuple[float, ...] = Field(min_length=1)
    most_tries: int
    calls_before_giving_up: int
    print_batch_letters: int = Field(ge=1, le=5000)

    @model_validator(mode="after")
    def _knows_every_channel(self) -> Self:
        if missing := set(Channel) - set(self.not_after):
            raise ValueError(f"nothing says how long {', '.join(sorted(missing))} may wait")
        return self


@cache
def sending_rules() -> SendingRules:
    """Return the rules as they are shipped."""
    return load_data_file(data_folder("tocsin.outreach") / "sending.yaml", SendingRules)


def not_after(channel: Channel, not_before: datetime) -> datetime:
    """Return until when a dispatch may leave that may leave from some time on.

    >>> noon = datetime(2026, 12, 1, 12)
    >>> not_after(Channel.EMAIL, noon) - noon, not_after(Channel.LETTER, noon) - noon
    (datetime.timedelta(days=3), datetime.timedelta(days=7))
    """
    return not_before + timedelta(hours=sending_rules().not_after[channel].hours)


def back_off_s(n_tries: int, rules: SendingRules) -> float | None:
    """Return how long to wait after so many tries that were refused for now; None: give up.

    >>> back_off_s(1, sending_rules()), back_off_s(99, sending_rules())
    (60.0, None)
    """
    if n_tries >= rules.most_tries:
        return None
    return rules.back_off_s[min(max(n_tries, 1), len(rules.back_off_s)) - 1]


@dataclass(frozen=True)
class Rate:
    """How fast something may be sent.

    Attributes:
        per_s: messages a second in the long run.
        burst: how many may leave at once after a rest.
    """

    per_s: float
    burst: int = 1


def take_token(rate: Rate, next_at_s: float, now_s: float) -> tuple[bool, float]:
    """Return whether one message may leave now, and the bucket's next instant.

    If it may not, the instant is when it may.

    Args:
        rate: how fast.
        next_at_s: the bucket's instant, as the last call gave it; 0 for a new one.
        now_s: now, in seconds on the same clock.

    >>> may, then = take_token(Rate(2.0), 0, 100)
    >>> may, then, take_token(Rate(2.0), then, 100.1)
    (True, 100.5, (False, 100.5))
    """
    gap_s = 1 / rate.per_s
    earliest_s = next_at_s - (rate.burst - 1) * gap_s
    if now_s < earliest_s:
        return False, earliest_s
    return True, max(next_at_s, now_s) + gap_s
