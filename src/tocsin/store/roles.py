"""What a user is in an organisation."""

from enum import StrEnum


class Role(StrEnum):
    """A role; what it may do stands in the table of rights (`services.rights`)."""

    AUTHOR = "author"
    REVIEWER = "reviewer"
    RELEASER = "releaser"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    PRIVACY_OFFICER = "privacy_officer"
    ADMINISTRATOR = "administrator"
