"""Ctrl-C while the engine is imported in one thread and the registry is read in another."""

import sys
from pathlib import Path
from threading import Event

import pytest

from tocsin.services import matching
from tocsin.services.notices import read_notice

NOTICE = Path(matching.__file__).parents[1] / "cases" / "data" / "case_a.yaml"


class _Interrupted:
    """Stands in for a module whose import the user breaks off."""

    def find_spec(self, name: str, *_: object) -> None:
        if name == "tocsin.compute.verdict_table":
            raise KeyboardInterrupt


def test_a_thread_that_waits_for_ever_holds_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = tmp_path / "devices.csv"
    registry.write_text("device_id,model\nD1,MMT-522\n")
    goes_on, ended = Event(), list[bool]()
    monkeypatch.setattr(matching, "load_registry", lambda *_: ended.append(goes_on.wait(20)))
    monkeypatch.delitem(sys.modules, "tocsin.compute.verdict_table", raising=False)
    monkeypatch.setattr(sys, "meta_path", [_Interrupted(), *sys.meta_path])
    try:
        with (
            pytest.raises(KeyboardInterrupt),
            matching.match_registry([read_notice(NOTICE)], registry),
        ):
            pass
        assert ended == []
    finally:
        goes_on.set()
