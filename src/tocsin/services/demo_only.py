"""What belongs to the demonstration and to nothing else."""

import os

from tocsin.base.errors import TocsinError
from tocsin.services.public_notices import DEMO_VARIABLE


class DemoOnly(TocsinError):
    """Something of the demonstration was asked of a real installation."""

    code = "demo_only"


def check_demo() -> None:
    """Check that this is the demonstration.

    Raises:
        DemoOnly: if it is not.
    """
    if os.environ.get(DEMO_VARIABLE) != "1":
        raise DemoOnly("This belongs to the demonstration: `tocsin serve --demo`.")
