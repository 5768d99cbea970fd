"""What can go wrong with a backup."""

from tocsin.base.errors import TocsinError


class BackupFailed(TocsinError):
    """No backup could be made."""

    code = "backup_failed"


class BackupUnreadable(TocsinError):
    """A backup is damaged, cut, or none."""

    code = "backup_unreadable"


class BackupUnfit(TocsinError):
    """A sound backup cannot be restored here: another version, database or installation."""

    code = "backup_unfit"


class RestoreRefused(TocsinError):
    """The place to restore into is not free, or what belongs to the backup is missing."""

    code = "restore_refused"


class RestoreFailed(TocsinError):
    """A restore was begun and could not be ended."""

    code = "restore_failed"
