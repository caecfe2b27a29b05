"""Loading the demonstration programme through the actions alone: wholly or not at all, and once.

The apps' parts go through their holdings. Its years are told in seconds: every action happens at the story's
own date, and none after the present.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from handover import holdings
from handover.access import Actor, Operator, asking
from handover.actions import (
    accounts,
    milestones,
    organisations,
    permissions,
    places,
    programmes,
    registers,
    responsibilities,
    standings,
    transfers,
)
from handover.errors import Invalid
from handover.exchange.demonstration import (
    audits,
    budgets,
    obligations,
    readiness,
    reorganisations,
    undertakings,
    voices,
)
from handover.exchange.demonstration.found import DONOR, GIVER, Demonstration, Row, find, on, read, values
from handover.models import (
    LegalAct,
    Organisation,
    Place,
    Programme,
    Responsibility,
    Transfer,
    TransferMilestone,
)
from handover.models.annexes import AnnexDecision, AnnexKind
from handover.models.organisations import OrganisationKind
from handover.models.responsibilities import Phase, ResponsibilityScope
from handover.models.transfers import KeepKind
from handover.permissions import Permission, Role, StandingKind
from handover.queries.previews import concerned_exceptions

FOUNDED: Final = dt.datetime(2023, 1, 2, 8, 0, tzinfo=dt.UTC)
"""When organisations, accounts, programme, needs, interventions and indicators are entered."""
DRAFTED: Final = dt.datetime(2025, 9, 8, 9, 0, tzinfo=dt.UTC)
"""When the registers are complete and the three plans are drawn up."""
PROPOSED: Final = dt.datetime(2025, 9, 15, 9, 0, tzinfo=dt.UTC)
ACCEPTED: Final = dt.datetime(2025, 9, 22, 9, 0, tzinfo=dt.UTC)
REPORTED: Final = dt.datetime(2026, 1, 20, 9, 0, tzinfo=dt.UTC)
"""When the last of three years of quarterly values has been reported."""
RECORDED: Final = dt.datetime(2026, 4, 30, 9, 0, tzinfo=dt.UTC)
"""When what was heard, ranked, delivered and recorded until then has been entered."""
AUDIT_ENDS: Final = dt.datetime(2027, 6, 30, 16, 0, tzinfo=dt.UTC)
LOCK: Final = 4_206_451
"""Key of the advisory lock that lets one load run at a time."""

RENAMED: Final = {"from": "starts_on", "to": "ends_on", "date": "dated"}
WORK: Final = ("services", "consultations", "rankings", "records", "lineage")
"""Files of what happened, loaded once needs, interventions, registers and values are there."""
PARTNER: Final = "tiltas-pavyzdys"
AUDITOR: Final = "audit-demo"


def load() -> tuple[Demonstration, bool]:
    """Give the demonstration, and whether it was loaded just now.

    Raises:
        DomainError: something in it breaks a rule of an action; then nothing is loaded.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        found = find()
        if found is None:
            return _Load().run(), True
    return found, False


class _Load:
    """One load; ``names`` grows with what has been loaded: ``"place:x"``, ``"responsibility:y"`` …"""

    def __init__(self) -> None:
        self.operator = Operator()
        self.names: dict[str, UUID] = {}
        self.places: dict[str, Place] = {}
        self.responsibilities: dict[str, Responsibility] = {}
        self.acts: dict[str, LegalAct] = {}
        self.plans: list[Row] = read("transfers")

    def run(self) -> Demonstration:
        """Load everything, in the order in which it can refer to what came before."""
        with on(FOUNDED):
            self.demo = Demonstration(self._organisations(), {})
            self.demo.people.update(self._people())
            for key, organisation in self.demo.organisations.items():
                self.names[f"organisation:{key}"] = organisation.uuid
            self._representatives()
            self._places()
            self.programme = self.demo.programme = self._programme()
            self.key = self.programme.uuid
            self._admit()
            self._responsibilities()
            needs, done = read("needs"), read("interventions")
            self._hold("interventions", {"needs": needs, "interventions": done})
            self._hold("indicators", {"indicators": read("indicators")})
            self._of_interventions(done)
        with on(DRAFTED):
            self._registers()
            self._exceptions()
            for plan in self.plans:
                self._draft(plan)
            said, scored = read("voices"), read("readiness")
            self.names.update(
                voices.load(self.programme, said["seats"], by=self.demo.giver, names=self.names)
            )
            voices.load_plans(self.demo, said["plans"])
            self.names.update(readiness.load_plans(self.demo, scored))
        with on(PROPOSED):
            for plan in self.plans:
                transfers.propose(by=self.demo.giver, transfer_uuid=self.demo.transfers[plan["key"]])
        with on(ACCEPTED):
            for plan in self.plans:
                self._accept(plan)
        with on(REPORTED):
            self._hold("indicators", {"values_csv": values()})
        with on(RECORDED):
            self._hold("interventions", {name: read(name) for name in WORK})
            self._hold("indicators", {"feeds": read("feeds")})
            obligations.load(self.programme, by=self.demo.giver)
            undertakings.load(self.demo, names=self.names)
            audits.load(self.demo)
            reorganisations.load(self.demo, operator=self.operator)
        self.names.update(readiness.load(self.demo, scored, names=self.names))
        return self.demo

    def _organisations(self) -> dict[str, Organisation]:
        taken = ("key", "representative")
        return {
            row["key"]: organisations.create(
                by=self.operator,
                slug=row["key"],
                **{name: value for name, value in row.items() if name not in taken},
            )
            for row in read("organisations")
        }

    def _people(self) -> dict[str, Actor]:
        people = {}
        for row in read("people"):
            user = accounts.create_user(
                by=self.operator, email=row["email"], display_name=row["display"], language=row["language"]
            )
            seats = [self.demo.organisations[seat["organisation"]] for seat in row["memberships"]]
            for organisation, seat in zip(seats, row["memberships"], strict=True):
                accounts.seat(by=self.operator, user=user, organisation=organisation, role=seat["role"])
            people[row["key"]] = Actor(user, seats[0])
        return people

    def _representatives(self) -> None:
        for row in read("organisations"):
            mandate = row["representative"]
            try:
                by = self._signatory(row["key"])
            except LookupError:
                continue
            organisations.represent(
                by=by,
                capacity=mandate["capacity"],
                mandate_act=mandate["mandate_act"],
                valid_from=_date(mandate["from"]),
                valid_to=_date(mandate["to"]) if "to" in mandate else None,
            )

    def _signatory(self, organisation: str) -> Actor:
        kind = self.demo.organisations[organisation].kind
        return self.demo.actor(
            organisation,
            Role.COMMUNITY_REPRESENTATIVE if kind == OrganisationKind.COMMUNITY else Role.MANAGER,
        )

    def _places(self) -> None:
        for row in read("places"):
            said = {name: row[name] for name in ("code", "name", "population")}
            if row["kind"] == "lau":
                place = places.add_unit(by=self.operator, country=row["country"], nuts3=row["nuts3"], **said)
            else:
                place = places.add_settlement(by=self.operator, parent=self.places[row["parent"]], **said)
            self.places[row["key"]] = place
            self.names[f"place:{row['key']}"] = place.uuid

    def _programme(self) -> Programme:
        row, giver = read("programme"), self.demo.giver
        programme = programmes.create(
            by=giver,
            identifier=row["identifier"],
            title={"en": row["title"]},
            description={"en": row["description"]},
            starts_on=_date(row["start"]),
            ends_on=_date(row["end"]),
        )
        for key in row["places"]:
            programmes.work_at(by=giver, programme_uuid=programme.uuid, place=self.places[key])
        for people in row["communities"]:
            said = {name: people[name] for name in ("name", "estimated_people", "source")}
            served = programmes.serve(
                by=giver, programme_uuid=programme.uuid, place=self.places[people["place"]], **said
            )
            self.names[f"community:{people['key']}"] = served.uuid
        return programme

    def _admit(self) -> None:
        known, grant = self.demo.organisations, read("grant")
        communities = [key for key, row in known.items() if row.kind == OrganisationKind.COMMUNITY]
        admitted = {
            PARTNER: StandingKind.PARTNER,
            DONOR: StandingKind.DONOR,
            **dict.fromkeys(communities, StandingKind.COMMUNITY),
            AUDITOR: StandingKind.AUDITOR,
        }
        for key, kind in admitted.items():
            standings.admit(
                by=self.demo.giver,
                programme_uuid=self.key,
                organisation=known[key],
                kind=kind,
                until=AUDIT_ENDS if kind is StandingKind.AUDITOR else None,
            )
        registers.add_grant(
            by=self.demo.giver,
            programme_uuid=self.key,
            title=grant["title"],
            donor=known[grant["donor"]],
            lead=known[grant["lead"]],
            partners=[known[key] for key in grant["partners"]],
            agreement_number=grant["agreement_number"],
            starts_on=grant["start"],
            ends_on=grant["end"],
            amount=grant["amount"],
            currency=grant["currency"],
            final_payment_on=grant["final_payment_date"],
            equipment_threshold=grant["equipment_threshold"],
            equipment_conditions=grant["equipment_conditions"],
            donor_consent_required=grant["donor_consent_required"],
        )

    def _responsibilities(self) -> None:
        known = self.demo.organisations
        for row in read("responsibilities"):
            place = self.places[row["place"]] if "place" in row else None
            made = responsibilities.define(
                by=self.demo.giver,
                programme_uuid=self.key,
                title=row["title"],
                kind=row["kind"],
                holder=known[row["holder"]],
                provider=known[row["provider"]],
                debtor=known[row["debtor"]] if "debtor" in row else None,
                since=self.programme.starts_on,
                scope=ResponsibilityScope.PLACE if place else ResponsibilityScope.PROGRAMME,
                place=place,
                phase=Phase(row["mode"]),
            )
            self.responsibilities[row["key"]] = made
            self.names[f"responsibility:{row['key']}"] = made.uuid

    def _hold(self, name: str, document: Row) -> None:
        """Let an app load its part. An installation without that app loads the rest."""
        officer = self.demo.actor(GIVER, Role.OFFICER)
        for holding in holdings.holdings():
            if holding.name == name:
                self.names.update(holding.load(self.programme, document, by=officer, names=self.names))

    def _of_interventions(self, interventions: Sequence[Row]) -> None:
        """Say of which intervention a responsibility is, once both are there: where exactly one rests on it."""
        for row in read("responsibilities"):
            resting = [item["key"] for item in interventions if item.get("responsibility") == row["key"]]
            key = f"intervention:{resting[0]}" if len(resting) == 1 else ""
            if row["of"] == ResponsibilityScope.INTERVENTION and key in self.names:
                made = self.responsibilities[row["key"]]
                responsibilities.edit(
                    by=self.demo.giver,
                    responsibility_uuid=made.uuid,
                    version=made.version,
                    intervention_uuid=self.names[key],
                )

    def _registers(self) -> None:
        found = read("registers")
        for row in found["legal_acts"]:
            said = _columns(row, "issuer")
            issuer = self.demo.organisations[row["issuer"]]
            self.acts[row["key"]] = registers.cite(
                by=self.demo.giver, programme_uuid=self.key, issuer=issuer, **said
            )
            self.names[f"legal_act:{row['key']}"] = self.acts[row["key"]].uuid
        lines = {**found, **read("budget")}
        self.names.update(budgets.load(self.programme, lines, by=self.demo.giver, names=self.names))

    def _exceptions(self) -> None:
        """Give two people of the giver what their roles do not bring; the plan says where it goes."""
        given = (
            ("giver-viewer", Permission.EXPORT, "The board receives the quarterly figures as a file"),
            ("giver-reporter", Permission.READ_LEDGER, "Prepares the final report's annex on corrections"),
        )
        for key, permission, reason in given:
            who = self.demo.people[key]
            permissions.except_user(
                by=self.demo.giver,
                thing=self.programme,
                user=who.user,
                organisation=who.organisation,
                permission=permission,
                reason=reason,
            )

    def _draft(self, plan: Row) -> None:
        giver, known = self.demo.giver, self.demo.organisations
        keeps = {row["what"]: row for row in plan["keeps"]}
        drafted = transfers.draft(
            by=giver,
            programme_uuid=self.key,
            title=plan["title"],
            receiver=known[plan["receiver"]],
            retention_until=_date(keeps[KeepKind.READ_AND_EXPORT]["until"]),
            lead=plan["lead_steward"],
        )
        self.demo.transfers[plan["key"]] = drafted.uuid
        items = [
            transfers.Item(
                self.responsibilities[row["responsibility"]],
                phase=Phase(row["mode"]),
                provider_after=known[row["provider_after"]] if "provider_after" in row else None,
            )
            for row in plan["responsibilities"]
        ]
        transfers.include(by=giver, transfer_uuid=drafted.uuid, items=items)
        self._milestones(plan, drafted)
        owed = keeps.get(KeepKind.OWED_RESULTS)
        indicators = [self._named(key) for key in owed["indicators"]] if owed else []
        if owed and all(indicators):
            transfers.keep(
                by=giver,
                transfer_uuid=drafted.uuid,
                kind=KeepKind.OWED_RESULTS,
                until=_date(owed["until"]),
                indicator_uuids=[key for key in indicators if key],
            )
        lines = [(row["kind"], row["text"], self._named(row.get("subject", ""))) for row in plan["annex"]]
        transfers.list_in_annex(by=giver, transfer_uuid=drafted.uuid, lines=lines)
        transfers.list_holdings(by=giver, transfer_uuid=drafted.uuid)
        self._map_exceptions(drafted)

    def _milestones(self, plan: Row, drafted: Transfer) -> None:
        made: dict[str, TransferMilestone] = {}
        for row in plan["milestones"]:
            made[row["key"]] = milestones.plan(
                by=self.demo.giver,
                transfer_uuid=drafted.uuid,
                kind=row["kind"],
                title=row["title"],
                due_on=_date(row["due"]),
                signs=row["signs"],
                evidence_required=row["evidence_required"],
                waits_for=[made[key] for key in row["depends_on"]],
                moves=[self.responsibilities[key] for key in row["moves"]],
            )
            self.demo.milestones[row["key"]] = made[row["key"]].uuid

    def _map_exceptions(self, drafted: Transfer) -> None:
        """Exports go to the receiver's own internal auditor; everything else is given up."""
        giver = self.demo.giver
        with asking(giver):
            concerned = concerned_exceptions(drafted)
        for item in concerned:
            heir = (
                self.demo.people["municipality-viewer"].user if item.permission == Permission.EXPORT else None
            )
            transfers.map_exception(by=giver, transfer_uuid=drafted.uuid, key=item.key, to_user=heir)

    def _accept(self, plan: Row) -> None:
        receiver, key = self.demo.actor(plan["receiver"]), self.demo.transfers[plan["key"]]
        transfers.accept(by=receiver, transfer_uuid=key)
        with asking(receiver):
            lines = self.demo.transfer(plan["key"], by=receiver).annex.filter(kind=AnnexKind.OPEN_POINTS)
            points = list(lines.order_by("id"))
        reserved = [line for line in points if "loan for use" in line.text]
        answers = [
            transfers.Answer(
                line.uuid,
                AnnexDecision.RESERVED,
                reservation="Accepted if the council extends the loan for use before it ends.",
                owner=receiver.organisation,
                deadline=dt.date(2027, 2, 28),
            )
            for line in reserved
        ]
        if answers:
            transfers.answer_annex(by=receiver, transfer_uuid=key, answers=answers)
        transfers.accept_annex(by=receiver, transfer_uuid=key)

    def _named(self, key: str) -> UUID | None:
        """Find what a bare key names, whatever kind it is; ``None`` for nothing (an app that is not there).

        Raises:
            Invalid: two things of different kinds have that key.
        """
        found = {uuid for name, uuid in self.names.items() if name.partition(":")[2] == key}
        if len(found) > 1:
            raise Invalid("ambiguous_key", f"“{key}” names more than one thing.", field="subject")
        return next(iter(found), None)


def _columns(row: Row, *without: str) -> dict[str, Any]:
    """Give a register's row as its model's columns, texts as they are: the model reads them."""
    return {RENAMED.get(name, name): value for name, value in row.items() if name not in ("key", *without)}


def _date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)
