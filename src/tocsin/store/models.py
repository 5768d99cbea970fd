"""All tables, for Django to find."""

from tocsin.store.tables.action import Action, ActionNotice, ActionRegistry
from tocsin.store.tables.answer import (
    Acknowledgement,
    AnswerFile,
    AnswerLink,
    PassedOn,
    Remedy,
    WorkItem,
)
from tocsin.store.tables.api_token import ApiToken
from tocsin.store.tables.audit_row import AuditRow
from tocsin.store.tables.cached_value import CachedValue
from tocsin.store.tables.complaint import Complaint
from tocsin.store.tables.device_record import (
    CountryValue,
    DayValue,
    DeviceRecord,
    FactValue,
    LotValue,
    ProductText,
    SerialValue,
    SoftwareValue,
)
from tocsin.store.tables.dispatch import (
    Dispatch,
    DispatchAttempt,
    DispatchEvidence,
    DispatchMessage,
    SendingBatch,
    SendingBucket,
    SendingStop,
)
from tocsin.store.tables.effectiveness_check import CheckedPerson, EffectivenessCheck
from tocsin.store.tables.installation import Installation
from tocsin.store.tables.job import Job, JobState
from tocsin.store.tables.kept_reply import KeptReply
from tocsin.store.tables.letter import LetterSource, LetterTick, LetterVersion
from tocsin.store.tables.list_import import ImportedKind, ImportState, ListImport
from tocsin.store.tables.match_run import (
    MatchRun,
    MatchRunNotice,
    MatchRunRegistry,
    TriageAnswer,
    Verdict,
)
from tocsin.store.tables.membership import Membership
from tocsin.store.tables.notice import ApprovalState, Notice, NoticeLink, NoticeRevision
from tocsin.store.tables.organisation import Organisation, User
from tocsin.store.tables.person import Holder, Person, PersonKey
from tocsin.store.tables.person_link import LinkState, PersonLink, PersonToken
from tocsin.store.tables.plan import PlanEvent, PlanMilestone
from tocsin.store.tables.print_batch import BatchLetter, IssuedLetter, PrintBatch
from tocsin.store.tables.proof import ProofAttempt
from tocsin.store.tables.recipient import ContactRepair, Recipient
from tocsin.store.tables.registry import Registry, RegistryRevision
from tocsin.store.tables.release import LetterRelease, ScopeRelease
from tocsin.store.tables.signature import Signature
from tocsin.store.tables.terminal_session import TerminalSession
from tocsin.store.tables.vendor import Vendor
from tocsin.store.tables.verdict_group import VerdictGroup, VerdictReason
from tocsin.store.tables.working_draft import DraftVersion, WorkingDraft

__all__ = [
    "Acknowledgement",
    "Action",
    "ActionNotice",
    "ActionRegistry",
    "AnswerFile",
    "AnswerLink",
    "ApiToken",
    "ApprovalState",
    "AuditRow",
    "BatchLetter",
    "CachedValue",
    "CheckedPerson",
    "Complaint",
    "ContactRepair",
    "CountryValue",
    "DayValue",
    "DeviceRecord",
    "Dispatch",
    "DispatchAttempt",
    "DispatchEvidence",
    "DispatchMessage",
    "DraftVersion",
    "EffectivenessCheck",
    "FactValue",
    "Holder",
    "ImportState",
    "ImportedKind",
    "Installation",
    "IssuedLetter",
    "Job",
    "JobState",
    "KeptReply",
    "LetterRelease",
    "LetterSource",
    "LetterTick",
    "LetterVersion",
    "LinkState",
    "ListImport",
    "LotValue",
    "MatchRun",
    "MatchRunNotice",
    "MatchRunRegistry",
    "Membership",
    "Notice",
    "NoticeLink",
    "NoticeRevision",
    "Organisation",
    "PassedOn",
    "Person",
    "PersonKey",
    "PersonLink",
    "PersonToken",
    "PlanEvent",
    "PlanMilestone",
    "PrintBatch",
    "ProductText",
    "ProofAttempt",
    "Recipient",
    "Registry",
    "RegistryRevision",
    "Remedy",
    "ScopeRelease",
    "SendingBatch",
    "SendingBucket",
    "SendingStop",
    "SerialValue",
    "Signature",
    "SoftwareValue",
    "TerminalSession",
    "TriageAnswer",
    "User",
    "Vendor",
    "Verdict",
    "VerdictGroup",
    "VerdictReason",
    "WorkItem",
    "WorkingDraft",
]
