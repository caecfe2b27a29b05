"""Who may do what: every permission, every role, every standing, and the two tables that join them. The
whole list, on one page.

A permission is held on a programme or on a responsibility, and on nothing smaller: needs, interventions and
indicators ask their responsibility, or, where they name none, their programme. What is held on a programme
never implies anything on its responsibilities. Reading is asked of the programme alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Permission(StrEnum):
    """One thing that a person may do. ``help`` explains it; two flags say what it can be held on."""

    help: str
    on_programme: bool
    on_responsibility: bool

    def __new__(cls, value: str, text: str = "", on: str = "programme") -> Permission:
        """Make a member from its code name, its sentence, and what it is held on (``programme``,
        ``responsibility``, ``both``)."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.help = text
        member.on_programme = on in ("programme", "both")
        member.on_responsibility = on in ("responsibility", "both")
        return member

    VIEW = "view", "Read everything that the programme holds, but for evidence that names people"
    EXPORT = "export", "Take a copy of the programme out"
    READ_LEDGER = "read_ledger", "Read the ledger and verify it"
    EDIT_PROGRAMME = "edit_programme", "Change the programme's description, places, communities and grants"
    MANAGE_STANDINGS = (
        "manage_standings",
        "Admit organisations to the programme and give single users exceptions",
    )
    MANAGE_RESPONSIBILITIES = "manage_responsibilities", "Define responsibilities"
    EDIT_RESPONSIBILITY = "edit_responsibility", "Change a responsibility and its registers", "responsibility"
    EDIT_NEEDS = "edit_needs", "Change the needs hierarchy"
    EDIT_INTERVENTIONS = "edit_interventions", "Change what is done", "both"
    RECORD_VOICE = (
        "record_voice",
        "Record consultations, rankings, votes of the community and what was done about dissent",
    )
    ASSESS_READINESS = "assess_readiness", "Score readiness for one's own side"
    PUBLISH_MODEL = "publish_model", "Publish the programme's structure as a model that others may adopt"
    DEFINE_INDICATORS = "define_indicators", "Change definitions, baselines and targets", "both"
    REPORT_VALUES = "report_values", "Report and correct indicator values", "both"
    APPROVE_VALUES = "approve_values", "Approve values that somebody else submitted, or return them", "both"
    REPORT_OWED = (
        "report_owed",
        "Report the results still owed after a handover, for the indicators that the plan names",
    )
    PLAN_TRANSFER = "plan_transfer", "Draw up, propose and revoke a transfer"
    ANSWER_TRANSFER = "answer_transfer", "Accept, refuse or return a transfer"
    ADD_EVIDENCE = "add_evidence", "Add evidence to transfer milestones"
    SIGN = "sign", "Sign for the organisation"
    EXECUTE_TRANSFER = "execute_transfer", "Execute an accepted transfer"
    OPEN_AUDIT = "open_audit", "Open an audit of a grant that one’s organisation funds"
    AUDIT = "audit", "Keep the requests, samples and findings of an audit"
    ANSWER_AUDIT = "answer_audit", "Answer the requests and findings of an audit"


class Role(StrEnum):
    """A person's seat in an organisation."""

    help: str

    def __new__(cls, value: str, text: str = "") -> Role:
        """Make a member from its code name and its sentence."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.help = text
        return member

    MANAGER = "manager", "Manager: plans, answers and signs for the organisation"
    OFFICER = "officer", "Officer: keeps the programme's substance up to date"
    REPORTER = "reporter", "Reporter: reports indicator values"
    COMMUNITY_REPRESENTATIVE = (
        "community_representative",
        "Community representative: signs and dissents for the community",
    )
    AUDITOR = "auditor", "Auditor: reads and verifies"
    VIEWER = "viewer", "Viewer: reads"


class Scope(StrEnum):
    """What a token may be used for. It takes away from what its holder may do, and never adds to it."""

    help: str

    def __new__(cls, value: str, text: str = "") -> Scope:
        """Make a member from its code name and its sentence."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.help = text
        return member

    READ = "read", "Read programmes, their ledger and their exports"
    PLAN = "plan", "Keep programmes, responsibilities and registers; plan and evidence transfers"
    SUBSTANCE = "substance", "Keep needs, interventions, records of the work and definitions of indicators"
    REPORT = "report", "Report, correct and approve indicator values"
    SIGN = "sign", "Answer, sign and execute transfers; personal tokens only"
    ORGANISATION = "organisation", "Keep the organisation's members, representatives and webhooks"
    PROVISION = (
        "provision",
        "Keep the organisation's people from its own directory; organisations' tokens only",
    )


class StandingKind(StrEnum):
    """How an organisation stands to a programme. ``writes``: whether the database lets it write at all."""

    help: str
    writes: bool

    def __new__(cls, value: str, text: str = "", writes: bool = False) -> StandingKind:
        """Make a member from its code name, its sentence and whether it writes."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.help = text
        member.writes = writes
        return member

    STEWARD = "steward", "Steward: answers for the programme", True
    RECEIVER = "receiver", "Receiver of an open transfer", True
    PARTNER = "partner", "Partner: holds some of its responsibilities or helps to", True
    DONOR = "donor", "Donor or managing authority", True
    COMMUNITY = "community", "Community whom the programme serves", True
    AUDITOR = "auditor", "Auditor, for a time", False
    FORMER_STEWARD = (
        "former_steward",
        "Former steward: reads up to the cut-off, and reports what it still owes",
        False,
    )


P = Permission
READ: Final = frozenset({P.VIEW})
VERIFY: Final = READ | {P.EXPORT, P.READ_LEDGER}

STANDING_ROLE: Final[Mapping[StandingKind, Mapping[Role, frozenset[Permission]]]] = MappingProxyType(
    {
        # The steward runs the programme: its manager answers for it, its officers keep it, its reporters
        # report.
        StandingKind.STEWARD: {
            Role.MANAGER: VERIFY
            | {
                P.EDIT_PROGRAMME,
                P.MANAGE_STANDINGS,
                P.MANAGE_RESPONSIBILITIES,
                P.EDIT_NEEDS,
                P.EDIT_INTERVENTIONS,
                P.RECORD_VOICE,
                P.ASSESS_READINESS,
                P.PUBLISH_MODEL,
            }
            | {
                P.DEFINE_INDICATORS,
                P.REPORT_VALUES,
                P.APPROVE_VALUES,
                P.PLAN_TRANSFER,
                P.ANSWER_TRANSFER,
                P.ADD_EVIDENCE,
                P.SIGN,
            }
            | {P.EXECUTE_TRANSFER, P.ANSWER_AUDIT},
            Role.OFFICER: VERIFY
            | {
                P.EDIT_PROGRAMME,
                P.MANAGE_RESPONSIBILITIES,
                P.EDIT_NEEDS,
                P.EDIT_INTERVENTIONS,
                P.RECORD_VOICE,
                P.ASSESS_READINESS,
                P.DEFINE_INDICATORS,
            }
            | {P.REPORT_VALUES, P.APPROVE_VALUES, P.PLAN_TRANSFER, P.ADD_EVIDENCE, P.ANSWER_AUDIT},
            Role.REPORTER: READ | {P.REPORT_VALUES},
            Role.AUDITOR: VERIFY,
            Role.VIEWER: READ,
        },
        # A receiver reads what it is about to take, answers the plan, evidences, scores and signs.
        StandingKind.RECEIVER: {
            Role.MANAGER: VERIFY
            | {P.ANSWER_TRANSFER, P.ADD_EVIDENCE, P.SIGN, P.EXECUTE_TRANSFER, P.ASSESS_READINESS},
            Role.OFFICER: READ | {P.ADD_EVIDENCE, P.ASSESS_READINESS},
            Role.REPORTER: READ,
            Role.AUDITOR: VERIFY,
            Role.VIEWER: READ,
        },
        # A partner reads, evidences and scores (it may be the receiver of a part, who scores again a year after); what
        # it may change, it may through the responsibilities that it holds.
        StandingKind.PARTNER: {
            Role.MANAGER: READ
            | {P.EXPORT, P.ANSWER_TRANSFER, P.ADD_EVIDENCE, P.SIGN, P.ASSESS_READINESS, P.ANSWER_AUDIT},
            Role.OFFICER: READ | {P.ADD_EVIDENCE, P.ASSESS_READINESS},
            Role.REPORTER: READ,
            Role.AUDITOR: VERIFY,
            Role.VIEWER: READ,
        },
        # The donor reads all that its money made, signs its consent, and has it audited.
        StandingKind.DONOR: {
            Role.MANAGER: VERIFY | {P.ADD_EVIDENCE, P.SIGN, P.OPEN_AUDIT},
            Role.OFFICER: VERIFY | {P.ADD_EVIDENCE},
            Role.AUDITOR: VERIFY,
            Role.VIEWER: READ,
        },
        # The community sees the same plan as both sides, brings its own evidence, votes, scores, and signs or
        # dissents.
        StandingKind.COMMUNITY: {
            Role.COMMUNITY_REPRESENTATIVE: READ
            | {P.ADD_EVIDENCE, P.SIGN, P.READ_LEDGER, P.RECORD_VOICE, P.ASSESS_READINESS},
            Role.MANAGER: READ | {P.ADD_EVIDENCE, P.READ_LEDGER, P.RECORD_VOICE},
            Role.VIEWER: READ,
        },
        # An auditor reads and verifies, keeps the audit itself, and changes nothing else.
        StandingKind.AUDITOR: {Role.AUDITOR: VERIFY | {P.AUDIT}, Role.MANAGER: READ},
        # A former steward reads and exports up to the cut-off, and signs the proof or giving back; what it
        # still owes is in the plan (``OWED_ROLE``).
        StandingKind.FORMER_STEWARD: {
            Role.MANAGER: READ | {P.EXPORT, P.READ_LEDGER, P.SIGN},
            Role.OFFICER: READ | {P.EXPORT},
            Role.REPORTER: READ,
            Role.AUDITOR: VERIFY,
            Role.VIEWER: READ,
        },
    }
)
"""Permissions on a programme, by the organisation's standing and the person's role."""

HOLDER_ROLE: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        # Whoever answers for a responsibility keeps its registers, its interventions and its indicators.
        Role.MANAGER: frozenset(
            {
                P.EDIT_RESPONSIBILITY,
                P.EDIT_INTERVENTIONS,
                P.DEFINE_INDICATORS,
                P.REPORT_VALUES,
                P.APPROVE_VALUES,
            }
        ),
        Role.OFFICER: frozenset(
            {
                P.EDIT_RESPONSIBILITY,
                P.EDIT_INTERVENTIONS,
                P.DEFINE_INDICATORS,
                P.REPORT_VALUES,
                P.APPROVE_VALUES,
            }
        ),
        Role.REPORTER: frozenset({P.REPORT_VALUES}),
    }
)
"""Permissions on a responsibility, by the role of a person in the organisation that holds it."""

OWED_ROLE: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        # A former steward reports the results that the plan says it owes, for the indicators named there,
        # until the day named.
        Role.MANAGER: frozenset({P.REPORT_OWED}),
        Role.OFFICER: frozenset({P.REPORT_OWED}),
        Role.REPORTER: frozenset({P.REPORT_OWED}),
    }
)
"""What a former steward with owed results holds on the programme besides, by role."""

WRITING: Final = frozenset(Permission) - {P.VIEW, P.EXPORT, P.READ_LEDGER}
"""Permissions that change something: they are asked under a lock on the programme."""

SCOPES: Final[Mapping[Scope, frozenset[Permission]]] = MappingProxyType(
    {
        Scope.READ: frozenset({P.VIEW, P.EXPORT, P.READ_LEDGER}),
        Scope.PLAN: frozenset(
            {
                P.EDIT_PROGRAMME,
                P.MANAGE_STANDINGS,
                P.MANAGE_RESPONSIBILITIES,
                P.EDIT_RESPONSIBILITY,
                P.PUBLISH_MODEL,
                P.PLAN_TRANSFER,
                P.ADD_EVIDENCE,
                P.ASSESS_READINESS,
                P.OPEN_AUDIT,
                P.AUDIT,
                P.ANSWER_AUDIT,
            }
        ),
        Scope.SUBSTANCE: frozenset({P.EDIT_NEEDS, P.EDIT_INTERVENTIONS, P.RECORD_VOICE, P.DEFINE_INDICATORS}),
        Scope.REPORT: frozenset({P.REPORT_VALUES, P.APPROVE_VALUES, P.REPORT_OWED}),
        Scope.SIGN: frozenset({P.ANSWER_TRANSFER, P.SIGN, P.EXECUTE_TRANSFER}),
        Scope.ORGANISATION: frozenset(),
        Scope.PROVISION: frozenset(),
    }
)
"""Permissions that each scope lets through; each permission stands in one. The last two are about an organisation."""

SCOPE_OF: Final[Mapping[Permission, Scope]] = MappingProxyType(
    {permission: scope for scope, permissions in SCOPES.items() for permission in permissions}
)
"""The scope that lets a permission through."""

PERSONAL_SCOPES: Final = frozenset(Scope) - {Scope.PROVISION}
"""Scopes of a token that acts for a person."""

ORGANISATION_SCOPES: Final = frozenset(Scope) - {Scope.SIGN, Scope.ORGANISATION}
"""Scopes of a token that acts for an organisation: a signature is a person's, and so is who belongs to it."""

VOICE: Final = frozenset(
    {
        P.SIGN,
        P.PLAN_TRANSFER,
        P.ANSWER_TRANSFER,
        P.EXECUTE_TRANSFER,
        P.MANAGE_STANDINGS,
        P.OPEN_AUDIT,
        P.AUDIT,
    }
)
"""Permissions by which an organisation speaks for itself: nobody gives them to another organisation's people."""

CONTENT: Final = frozenset(
    {
        P.EDIT_PROGRAMME,
        P.EDIT_RESPONSIBILITY,
        P.EDIT_NEEDS,
        P.EDIT_INTERVENTIONS,
        P.RECORD_VOICE,
        P.DEFINE_INDICATORS,
        P.REPORT_VALUES,
        P.APPROVE_VALUES,
    }
)
"""Permissions that change what a programme holds: none may be left without somebody who has it."""
