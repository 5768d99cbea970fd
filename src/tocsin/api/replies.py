"""Replies that a service has no type of its own for: a number that was made, or that it is done."""

from pydantic import BaseModel, Field


class Made(BaseModel):
    """What was made."""

    id: int = Field(description="Its number.", examples=[17])


class Done(BaseModel):
    """It is done."""

    done: bool = True


class State(BaseModel):
    """Where something stands now."""

    state: str = Field(examples=["running"])


def made(number: int) -> Made:
    """Return the reply of a service that returns what it has made."""
    return Made(id=number)


def done(_: object) -> Done:
    """Return the reply of a service that returns nothing."""
    return Done()


def state(now: str) -> State:
    """Return the reply of a service that brings something to a state."""
    return State(state=str(now))
