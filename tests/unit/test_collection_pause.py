"""Python's search for cycles comes back, whatever happens during the pause."""

import gc

import pytest

from tocsin.base.collection_pause import pause_collection


def test_a_pause_ends_when_the_work_is_done() -> None:
    assert gc.isenabled()
    with pause_collection():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_pause_within_a_pause_does_not_end_it() -> None:
    with pause_collection():
        with pause_collection():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_pause_ends_when_the_work_fails() -> None:
    @pause_collection()
    def work() -> None:
        raise KeyError

    with pytest.raises(KeyError):
        work()
    assert gc.isenabled()


def test_what_somebody_has_switched_off_stays_off() -> None:
    gc.disable()
    try:
        with pause_collection():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
