"""The kernel's tables, one noun a file."""

from handover.models.accounts import Membership, RoleGroup, User
from handover.models.annexes import AnnexLine
from handover.models.evidence import Evidence, EvidenceVerifier, StoredFile
from handover.models.grants import Grant, GrantPartner
from handover.models.jobs import Job, JobState
from handover.models.ledger import ChainHead, Checkpoint, LedgerEntry, LogLeaf
from handover.models.legal_acts import LegalAct
from handover.models.milestones import MilestoneDependency, TransferMilestone
from handover.models.object_grants import (
    ProgrammeGroupGrant,
    ProgrammeUserGrant,
    ResponsibilityGroupGrant,
    ResponsibilityUserGrant,
)
from handover.models.organisations import LegalRepresentative, Organisation
from handover.models.places import Place
from handover.models.programmes import Community, Programme, ProgrammePlace
from handover.models.registers import BudgetLine, Contract, Equipment, Licence, Post
from handover.models.responsibilities import Responsibility, Tenure
from handover.models.signoffs import SignOff
from handover.models.standings import Standing
from handover.models.transfers import GrantMapping, Keep, Preview, Proof, Transfer, TransferResponsibility

__all__ = [
    "AnnexLine",
    "BudgetLine",
    "ChainHead",
    "Checkpoint",
    "Community",
    "Contract",
    "Equipment",
    "Evidence",
    "EvidenceVerifier",
    "Grant",
    "GrantMapping",
    "GrantPartner",
    "Job",
    "JobState",
    "Keep",
    "LedgerEntry",
    "LegalAct",
    "LegalRepresentative",
    "Licence",
    "LogLeaf",
    "Membership",
    "MilestoneDependency",
    "Organisation",
    "Place",
    "Post",
    "Preview",
    "Programme",
    "ProgrammeGroupGrant",
    "ProgrammePlace",
    "ProgrammeUserGrant",
    "Proof",
    "Responsibility",
    "ResponsibilityGroupGrant",
    "ResponsibilityUserGrant",
    "RoleGroup",
    "SignOff",
    "Standing",
    "StoredFile",
    "Tenure",
    "Transfer",
    "TransferMilestone",
    "TransferResponsibility",
    "User",
]
