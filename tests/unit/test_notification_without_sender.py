"""Files that are taken for notifications though nobody wrote them are no trouble."""

import logging

import pytest

from tocsin.delivery.notifications import read_notification


@pytest.mark.parametrize("content", [b"", b"x", b"Subject: a\n\nb", b"From: \n\nx", b"To: x\n\n"])
def test_what_nobody_wrote_is_no_notification(
    content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert read_notification(content) is None
    assert not caplog.records
