"""Errors that a user can act on.

Each cause is a class with a stable ``code``; the sentence says what was found, what was
expected, where, what happens to the data and what to do. CLI, page and API print the
same sentence. ``exit_code`` is what the command line returns for it.
"""

from typing import ClassVar


def first_line(error: BaseException) -> str:
    r"""Return what an error of somebody else's says first, without its full stop.

    >>> first_line(OSError("no route.\nhint: try later")), first_line(KeyError())
    ('no route', 'KeyError')
    """
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


class TocsinError(Exception):
    """A condition that we foresaw; its text is a sentence for the user."""

    code: ClassVar[str] = "tocsin_error"
    exit_code: ClassVar[int] = 3

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class UsageError(TocsinError):
    """The command was called in a way that cannot mean anything."""

    code = "usage"
    exit_code = 2


class NoticeUnreadable(TocsinError):
    """A notice file is not readable as what it claims to be."""

    code = "notice_unreadable"


class NoticeInvalid(TocsinError):
    """A notice can be read, but says something that cannot hold."""

    code = "notice_invalid"


class RegistryUnreadable(TocsinError):
    """A registry or holders file cannot be read at all."""

    code = "registry_unreadable"


class DatabaseUnreachable(TocsinError):
    """A database cannot be opened, or the connection to it broke."""

    code = "database_unreachable"


class RegistryWithoutEvidence(TocsinError):
    """A registry has no column by which a product could be known."""

    code = "registry_without_evidence"


class MappingUnfit(TocsinError):
    """A mapping of columns cannot be read, or does not fit the file."""

    code = "mapping_unfit"


class DeviceNotFound(TocsinError):
    """The registry has no record with the asked device_id."""

    code = "device_not_found"


class OutputRefused(TocsinError):
    """The output cannot be written where it was asked for."""

    code = "output_refused"


class DataFileInvalid(TocsinError):
    """One of our own data files (families, manufacturers) is wrong: a bug of ours."""

    code = "data_file_invalid"
    exit_code = 1
