"""Asking for the passphrase of a file of keys."""

import os
from pathlib import Path

import click

VARIABLE = "TOCSIN_KEYS_PASSPHRASE"


def read_passphrase(file: Path | None, *, twice: bool) -> str:
    """Return the passphrase from a file's first line, the variable, or the person at the console.

    Args:
        file: where it stands; None to ask elsewhere.
        twice: whether somebody who types it must type it twice.
    """
    if file is not None:
        return (file.read_text("utf-8").splitlines() or [""])[0]
    if given := os.environ.get(VARIABLE):
        return given
    typed: str = click.prompt("Passphrase of the keys", hide_input=True, confirmation_prompt=twice)
    return typed
