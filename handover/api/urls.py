"""Addresses of the kernel's resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rest_framework.viewsets import GenericViewSet

from handover.api.addresses import Addresses
from handover.api.audits import AuditFindings, AuditLooks, AuditRequests, Audits, AuditSamples
from handover.api.budgets import BudgetSteps, ExchangeRates
from handover.api.checks import Checks, CheckWords
from handover.api.grants import Grants, LegalActs
from handover.api.obligations import ObligationPauses, Obligations
from handover.api.organisations import Organisations
from handover.api.people import Me, Members, Representatives, Tokens
from handover.api.places import Communities, Places
from handover.api.programmes import Programmes
from handover.api.records import Jobs, Ledger
from handover.api.registers import (
    BudgetLines,
    Contracts,
    EquipmentLines,
    Licences,
    PostFundings,
    Posts,
    PremisesLines,
)
from handover.api.reorganisations import PlaceLineages, Reorganisations
from handover.api.responsibilities import Responsibilities
from handover.api.standings import Standings
from handover.api.transfer_urls import RESOURCES as TRANSFER_RESOURCES
from handover.api.undertakings import Undertakings, UndertakingYears
from handover.api.webhooks import WebhookDeliveries, Webhooks

RESOURCES: Final[Mapping[str, type[GenericViewSet[Any]]]] = {
    "me": Me,
    "organisations": Organisations,
    "members": Members,
    "representatives": Representatives,
    "tokens": Tokens,
    "places": Places,
    "place-lineages": PlaceLineages,
    "reorganisations": Reorganisations,
    "programmes": Programmes,
    "communities": Communities,
    "standings": Standings,
    "grants": Grants,
    "obligations": Obligations,
    "obligation-pauses": ObligationPauses,
    "undertakings": Undertakings,
    "undertaking-years": UndertakingYears,
    "checks": Checks,
    "check-words": CheckWords,
    "audits": Audits,
    "audit-requests": AuditRequests,
    "audit-samples": AuditSamples,
    "audit-findings": AuditFindings,
    "audit-looks": AuditLooks,
    "legal-acts": LegalActs,
    "responsibilities": Responsibilities,
    "posts": Posts,
    "post-fundings": PostFundings,
    "equipment": EquipmentLines,
    "premises": PremisesLines,
    "licences": Licences,
    "contracts": Contracts,
    "budget-lines": BudgetLines,
    "exchange-rates": ExchangeRates,
    "budget-steps": BudgetSteps,
    "webhooks": Webhooks,
    "webhook-deliveries": WebhookDeliveries,
    "ledger": Ledger,
    "jobs": Jobs,
}

addresses = Addresses()
for noun, resource in (*RESOURCES.items(), *TRANSFER_RESOURCES):
    addresses.register(noun, resource, basename=noun)

urlpatterns = addresses.urls
