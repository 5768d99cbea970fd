"""An empty store for `tocsin demo`, in the demonstration's own folder; away from every other."""

import os
import shutil
from pathlib import Path

from tocsin.base.errors import OutputRefused
from tocsin.services.installation import choose_home, create_installation
from tocsin.services.public_notices import DEMO_VARIABLE

_MARK = ".tocsin-demo"


def make_demo_store(folder: Path) -> None:
    """Make an empty installation in a folder and point to it; an earlier demo's is removed.

    Nothing else is: a folder without the mark of a demonstration is left alone, and refused.

    Raises:
        OutputRefused: if the folder holds something that no demonstration has made.
    """
    if folder.exists() and any(folder.iterdir()):
        if not (folder / _MARK).exists():
            raise OutputRefused(
                f"{folder} holds something that no demonstration has made. Nothing was changed. "
                "Name another folder with --out."
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARK).touch()
    choose_home(folder)
    os.environ[DEMO_VARIABLE] = "1"
    create_installation()
