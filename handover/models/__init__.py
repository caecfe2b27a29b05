"""The kernel's tables, one noun a file."""

from handover.models.accounts import Membership, RoleGroup, User
from handover.models.annexes import AnnexLine
from handover.models.audits import (
    AuditEngagement,
    AuditFinding,
    AuditGrant,
    AuditLook,
    AuditRequest,
    AuditSample,
)
from handover.models.budgets import BudgetLine, BudgetStep, ExchangeRate
from handover.models.checks import CheckWord, SustainabilityCheck
from handover.models.edits import Edit
from handover.models.evidence import Evidence, EvidenceVerifier, StoredFile
from handover.models.grants import Grant, GrantPartner
from handover.models.invitations import Invitation
from handover.models.jobs import Job, JobState
from handover.models.ledger import ChainHead, Checkpoint, KeySuccession, LedgerEntry, LogLeaf
from handover.models.legal_acts import LegalAct
from handover.models.lookups import AnyOf  # noqa: F401  registered by being imported
from handover.models.milestones import MilestoneDependency, TransferMilestone
from handover.models.names import PersonName
from handover.models.object_grants import (
    ProgrammeGroupGrant,
    ProgrammeUserGrant,
    ResponsibilityGroupGrant,
    ResponsibilityUserGrant,
)
from handover.models.obligations import Obligation, ObligationPause
from handover.models.organisations import LegalRepresentative, Organisation
from handover.models.papers import Paper, SignedPaper
from handover.models.places import Place
from handover.models.programmes import Community, Programme, ProgrammePlace
from handover.models.provisioning import ProvisionedGroup, ProvisionedMember, ProvisionedUser
from handover.models.readiness import Assessment, Instrument, Score, ScoreGate
from handover.models.registers import Contract, Equipment, Licence, Post, PostFunding, Premises
from handover.models.reminders import CalendarAddress, CalendarEntry, Letter, ReminderChoice, Told
from handover.models.reorganisations import (
    PlaceLineage,
    Reorganisation,
    ReorganisationPart,
    ReorganisationParty,
    ReorganisationSignOff,
)
from handover.models.requests import KeptAnswer, RequestWindow
from handover.models.responsibilities import Responsibility, Tenure
from handover.models.signoffs import SignOff
from handover.models.spans import AccessSpan
from handover.models.standings import Standing
from handover.models.tokens import AccessToken
from handover.models.transfers import GrantMapping, Keep, Preview, Proof, Transfer, TransferResponsibility
from handover.models.undertakings import Undertaking, UndertakingResponsibility, UndertakingYear
from handover.models.voices import CommunitySeat, CommunityVote, DissentAnswer, DissentReason
from handover.models.webhooks import DeliveryState, Webhook, WebhookDelivery

__all__ = [
    "AccessSpan",
    "AccessToken",
    "AnnexLine",
    "Assessment",
    "AuditEngagement",
    "AuditFinding",
    "AuditGrant",
    "AuditLook",
    "AuditRequest",
    "AuditSample",
    "BudgetLine",
    "BudgetStep",
    "CalendarAddress",
    "CalendarEntry",
    "ChainHead",
    "CheckWord",
    "Checkpoint",
    "Community",
    "CommunitySeat",
    "CommunityVote",
    "Contract",
    "DeliveryState",
    "DissentAnswer",
    "DissentReason",
    "Edit",
    "Equipment",
    "Evidence",
    "EvidenceVerifier",
    "ExchangeRate",
    "Grant",
    "GrantMapping",
    "GrantPartner",
    "Instrument",
    "Invitation",
    "Job",
    "JobState",
    "Keep",
    "KeptAnswer",
    "KeySuccession",
    "LedgerEntry",
    "LegalAct",
    "LegalRepresentative",
    "Letter",
    "Licence",
    "LogLeaf",
    "Membership",
    "MilestoneDependency",
    "Obligation",
    "ObligationPause",
    "Organisation",
    "Paper",
    "PersonName",
    "Place",
    "PlaceLineage",
    "Post",
    "PostFunding",
    "Premises",
    "Preview",
    "Programme",
    "ProgrammeGroupGrant",
    "ProgrammePlace",
    "ProgrammeUserGrant",
    "Proof",
    "ProvisionedGroup",
    "ProvisionedMember",
    "ProvisionedUser",
    "ReminderChoice",
    "Reorganisation",
    "ReorganisationPart",
    "ReorganisationParty",
    "ReorganisationSignOff",
    "RequestWindow",
    "Responsibility",
    "ResponsibilityGroupGrant",
    "ResponsibilityUserGrant",
    "RoleGroup",
    "Score",
    "ScoreGate",
    "SignOff",
    "SignedPaper",
    "Standing",
    "StoredFile",
    "SustainabilityCheck",
    "Tenure",
    "Told",
    "Transfer",
    "TransferMilestone",
    "TransferResponsibility",
    "Undertaking",
    "UndertakingResponsibility",
    "UndertakingYear",
    "User",
    "Webhook",
    "WebhookDelivery",
]
