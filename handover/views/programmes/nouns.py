"""The registers of a programme, as one table: what each is called, what is entered, and what its list tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from handover.actions.registers import AGREED
from handover.models import (
    BudgetLine,
    Contract,
    Equipment,
    Grant,
    LegalAct,
    Licence,
    Post,
    Premises,
)
from handover.models.base import InProgramme

Text = str | Promise


@dataclass(frozen=True)
class Noun:
    """A register: its addresses are made of ``slug`` and ``name``, its form of ``columns``."""

    slug: str
    name: str
    model: type[InProgramme]
    title: Text
    adding: Text
    changing: Text
    empty: Text
    columns: Sequence[str]
    listed: Sequence[str]
    """Columns that its list tells beside the title."""
    on_responsibility: bool = True
    """Whether its lines hang on responsibilities; whoever holds one keeps its lines."""
    edits: Sequence[str] | None = None
    """Columns that may be changed; all of them if not said."""

    @property
    def argument(self) -> str:
        """Name the part of the address that names a line."""
        return f"{self.name.replace('-', '_')}_uuid"

    @property
    def plural(self) -> str:
        """Name the address of its list."""
        return f"{self.name}-list" if self.slug == self.name else self.slug

    @property
    def editable(self) -> Sequence[str]:
        """Give the columns that may be changed."""
        return self.columns if self.edits is None else self.edits


LABELS: Final[Mapping[str, Text]] = {
    "title": _("Title"),
    "responsibility": _("Responsibility"),
    "legal_act": _("Legal act that it rests on"),
    "fte": _("Full-time equivalents"),
    "funded_by": _("Paid by"),
    "starts_on": _("First day"),
    "ends_on": _("Last day"),
    "number": _("Number"),
    "employer": _("Employer"),
    "qualification": _("Qualification"),
    "yearly_cost": _("Cost in a year"),
    "currency": _("Currency"),
    "stage": _("Stage"),
    "filled_by": _("Filled by"),
    "serial": _("Serial number"),
    "acquired_on": _("Bought on"),
    "cost": _("Cost"),
    "condition": _("Condition"),
    "inventory_number": _("Inventory number"),
    "grant": _("Grant that paid for it"),
    "funding_share": _("Per cent that the grant paid"),
    "book_value": _("Book value"),
    "book_value_on": _("Book value as of"),
    "owner": _("Owner"),
    "title_of_transfer": _("By which title it passes on"),
    "custodian": _("Who keeps it day by day"),
    "place": _("Place"),
    "no_disposal_before": _("Not to be given away before"),
    "proof": _("Paper that proves the transfer"),
    "address": _("Address"),
    "area": _("Area in square metres"),
    "owner_name": _("Owner outside the directory"),
    "held_by": _("Held by which title"),
    "contract": _("Contract"),
    "valid_from": _("Valid from"),
    "valid_to": _("Valid until"),
    "authority": _("Authority"),
    "kind": _("Kind"),
    "provider": _("Provider"),
    "service": _("Service, in the licence’s words"),
    "counterparty": _("With whom"),
    "amount": _("Amount"),
    "may_be_novated": _("Another party may take it over"),
    "year": _("Year"),
    "source": _("Who pays"),
    "classification": _("Code of the budget classification"),
    "decided_on": _("Decided on"),
    "issuer": _("Issued by"),
    "dated": _("Dated"),
    "in_force_from": _("In force from"),
    "in_force_to": _("In force until"),
    "status": _("Status"),
    "donor": _("Donor"),
    "lead": _("Lead"),
    "agreement_number": _("Number of the agreement"),
    "final_payment_on": _("Final payment on"),
    "equipment_threshold": _("Items that cost more need a proof of transfer"),
    "equipment_conditions": _("Conditions for equipment"),
    "donor_consent_required": _("The donor must consent to a transfer"),
    "applies": _("Does it apply?"),
    "why": _("Why it applies, or does not"),
    "article": _("Article"),
    "mark": _("How far it was verified"),
    "counts_from": _("The time runs from"),
    "day": _("A day of its own"),
    "years": _("Years"),
    "months": _("Months"),
    "is_deadline": _("It is done by its last day, rather than kept until then"),
    "exposure": _("What may have to be paid back"),
    "debtor": _("Debtor"),
    "effect": _("What it does"),
    "reason": _("Reason"),
    "organisation": _("Institution that promised it"),
    "promise": _("In its own words"),
    "quantity": _("How much in a year"),
    "unit": _("Of what"),
    "due_month": _("Month by which a year is shown, in the year after"),
    "due_day": _("Day of that month"),
    "share": _("Share of the cost, in per cent"),
    "note": _("Note"),
}
"""What columns are called; one name is one thing in every register."""

HINTS: Final[Mapping[str, Text]] = {
    "title": _("What it is. Nobody is named."),
    "currency": _("Three letters, for example RON or EUR."),
    "owner_name": _("A body, never a person."),
    "classification": _("For example 68.02.50."),
    "fte": _("1 is one full-time post, 0.5 half of one."),
    "serial": _("As it stands on the thing."),
    "promise": _("As the decision or the agreement says it. Nobody is named."),
    "quantity": _("For example 2, where two posts are promised."),
    "unit": _("For example posts, places, hours a week."),
    "due_month": _("1 is January, 12 December."),
}
MONEY: Final = frozenset({"yearly_cost", "cost", "book_value", "amount", "equipment_threshold"})
"""Columns that are amounts in the line’s currency."""

_POSTS = Noun(
    "posts",
    "post",
    Post,
    _("Posts"),
    _("Add a post"),
    _("Change the post"),
    _("No posts are entered yet. A post says what work is paid, by whom and until when; it names nobody."),
    (
        "title",
        "fte",
        "funded_by",
        "starts_on",
        "ends_on",
        "number",
        "employer",
        "qualification",
        "yearly_cost",
        "currency",
        "stage",
        "filled_by",
        "legal_act",
    ),
    ("responsibility", "fte", "funded_by", "stage", "ends_on"),
)
_EQUIPMENT = Noun(
    "equipment",
    "equipment",
    Equipment,
    _("Equipment"),
    _("Add equipment"),
    _("Change the equipment"),
    _(
        "No equipment is entered yet. Enter what the programme has bought: its cost, its owner, its serial number."
    ),
    (
        "title",
        "serial",
        "inventory_number",
        "acquired_on",
        "cost",
        "currency",
        "condition",
        "grant",
        "funding_share",
        "book_value",
        "book_value_on",
        "owner",
        "custodian",
        "place",
        "title_of_transfer",
        "no_disposal_before",
        "proof",
        "legal_act",
    ),
    ("responsibility", "serial", "cost", "owner", "title_of_transfer"),
)
_PREMISES = Noun(
    "premises",
    "premises",
    Premises,
    _("Premises"),
    _("Add premises"),
    _("Change the premises"),
    _(
        "No premises are entered yet. Enter the rooms in which the work is done, and by which title they are held."
    ),
    (
        "title",
        "address",
        "place",
        "area",
        "owner",
        "owner_name",
        "held_by",
        "title_of_transfer",
        "contract",
        "valid_from",
        "valid_to",
        "legal_act",
    ),
    ("responsibility", "address", "held_by", "valid_to"),
)
_LICENCES = Noun(
    "licences",
    "licence",
    Licence,
    _("Licences"),
    _("Add a licence"),
    _("Change the licence"),
    _("No licences are entered yet. Enter accreditations and operating licences, and until when they run."),
    (
        "title",
        "kind",
        "authority",
        "number",
        "valid_from",
        "valid_to",
        "provider",
        "service",
        "legal_act",
    ),
    ("responsibility", "kind", "authority", "valid_to"),
)
_CONTRACTS = Noun(
    "contracts",
    "contract",
    Contract,
    _("Contracts"),
    _("Add a contract"),
    _("Change the contract"),
    _(
        "No contracts are entered yet. Enter contracts and leases with others, and whether they may be taken over."
    ),
    (
        "title",
        "kind",
        "counterparty",
        "number",
        "valid_from",
        "valid_to",
        "amount",
        "currency",
        "may_be_novated",
        "legal_act",
    ),
    ("responsibility", "counterparty", "amount", "valid_to"),
)
_BUDGET_LINES = Noun(
    "budget-lines",
    "budget-line",
    BudgetLine,
    _("Budget lines"),
    _("Add a budget line"),
    _("Change the budget line"),
    _(
        "No budget lines are entered yet. A line says what a responsibility costs in one year, and who pays it."
    ),
    (
        "title",
        "year",
        "source",
        "amount",
        "currency",
        "stage",
        "classification",
        "decided_on",
        "legal_act",
    ),
    ("responsibility", "year", "source", "amount", "stage"),
)
_LEGAL_ACTS = Noun(
    "legal-acts",
    "legal-act",
    LegalAct,
    _("Legal acts"),
    _("Add a legal act"),
    _("Say where the act is now"),
    _("No legal acts are entered yet. Posts, budgets, contracts and steps of a transfer rest on them."),
    ("issuer", "kind", "number", "title", "dated", "in_force_from", "in_force_to", "status"),
    ("issuer", "dated", "status", "in_force_to"),
    on_responsibility=False,
    edits=("status",),
)
_GRANTS = Noun(
    "grants",
    "grant",
    Grant,
    _("Grants"),
    _("Add a grant"),
    _("Change the grant"),
    _("No grants are entered yet. A grant pays for the programme until a day, under conditions."),
    (
        "title",
        "donor",
        "lead",
        "agreement_number",
        "starts_on",
        "ends_on",
        "amount",
        "currency",
        "final_payment_on",
        "equipment_threshold",
        "equipment_conditions",
        "donor_consent_required",
    ),
    ("donor", "agreement_number", "amount", "ends_on"),
    on_responsibility=False,
    edits=AGREED,
)

NOUNS: Final[Sequence[Noun]] = (
    _POSTS,
    _EQUIPMENT,
    _PREMISES,
    _LICENCES,
    _CONTRACTS,
    _BUDGET_LINES,
    _LEGAL_ACTS,
    _GRANTS,
)
"""In the order in which they are listed."""
BY_SLUG: Final[Mapping[str, Noun]] = {noun.slug: noun for noun in NOUNS}
