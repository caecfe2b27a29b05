"""Programmes: what changes hands."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework import serializers

from handover import access
from handover.actions import permissions, programmes, standings
from handover.api import named
from handover.api.commands import command, reading
from handover.api.files import GivesFiles
from handover.api.permission_history import HistoryBody, ThenShown
from handover.api.problems import RULE
from handover.api.resources import Filters, Read, in_programmes
from handover.api.responsibilities import ExceptionBody
from handover.api.serializers import Body, Shown, Texts
from handover.api.standings import KINDS
from handover.api.statements import FILES, StatementBody, asked, sent
from handover.exchange import statements
from handover.holdings import Finding, holdings
from handover.models import Programme
from handover.permissions import Permission, Scope, StandingKind
from handover.queries.entry_proofs import entry_proof, without_erased
from handover.queries.permission_history import Then, could_at, end_of_day
from handover.queries.verification import verify_programme

PERMISSIONS = [(item.value, item.help) for item in Permission]


class ProgrammeShown(Shown[Programme]):
    """A programme, with its steward."""

    expandable: ClassVar = {"steward": "handover.api.organisations.OrganisationShown"}
    title = Texts(read_only=True)
    description = Texts(read_only=True)

    class Meta:
        model = Programme
        fields = (
            "id",
            "identifier",
            "title",
            "description",
            "steward",
            "status",
            "starts_on",
            "ends_on",
            "created_at",
            "version",
        )


class Described(Body):
    """What both bodies of a programme hold against each other."""

    def validate_title(self, value: list[Any]) -> list[Any]:
        """Refuse a title that says nothing."""
        if not any(item["text"].strip() for item in value):
            raise serializers.ValidationError("Write the title in at least one language.", code=RULE)
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Hold the dates against each other, where both are given."""
        first, last = attrs.get("starts_on"), attrs.get("ends_on")
        if first and last and last < first:
            raise serializers.ValidationError(
                {"ends_on": ["The programme ends before it begins."]}, code=RULE
            )
        return attrs


class ProgrammeBody(Described):
    """What a programme is founded with."""

    identifier = serializers.CharField(max_length=100)
    title = Texts(allow_empty=False)
    description = Texts(required=False)
    starts_on = serializers.DateField(required=False, allow_null=True)
    ends_on = serializers.DateField(required=False, allow_null=True)


class ProgrammeChanges(Described):
    """What may be changed of a programme."""

    title = Texts(required=False, allow_empty=False)
    description = Texts(required=False)
    starts_on = serializers.DateField(required=False, allow_null=True)
    ends_on = serializers.DateField(required=False, allow_null=True)


class PlaceBody(Body):
    """Where a programme works."""

    place = serializers.UUIDField()


class AdmissionBody(Body):
    """Whom to let in, as what, and until when."""

    organisation = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=KINDS)
    until = serializers.DateTimeField(required=False)


class DismissalBody(Body):
    """Whose standing ends, and why."""

    organisation = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=KINDS)
    reason = serializers.CharField(max_length=1000)


class FindingShown(serializers.Serializer[Finding]):
    """One thing that is not as it should be: a stable code, one sentence, and what it is about."""

    code = serializers.CharField(read_only=True)
    sentence = serializers.CharField(read_only=True)
    subject = serializers.CharField(read_only=True)


class EntryBody(Body):
    """Which entry of the programme's ledger."""

    seq = serializers.IntegerField(min_value=1, max_value=2**62, help_text="Its number in the chain.")


class EntryLineShown(serializers.Serializer[Any]):
    """One entry as it is hashed."""

    seq = serializers.IntegerField(read_only=True)
    recorded_at = serializers.CharField(read_only=True)
    recorded_as = serializers.CharField(read_only=True)
    previous = serializers.CharField(read_only=True, help_text="SHA-256, hexadecimal.")
    hash = serializers.CharField(read_only=True, help_text="SHA-256, hexadecimal.")
    body = serializers.CharField(
        read_only=True, allow_null=True, help_text="RFC 8785 text; null where it holds a name erased since."
    )


class LeafShown(serializers.Serializer[Any]):
    """The head of the chain that a checkpoint holds."""

    position = serializers.IntegerField(read_only=True)
    chain = serializers.UUIDField(read_only=True)
    seq = serializers.IntegerField(read_only=True)
    hash = serializers.CharField(read_only=True)


class CheckpointShown(serializers.Serializer[Any]):
    """A checkpoint as it leaves the house."""

    note = serializers.CharField(read_only=True)
    public_key = serializers.CharField(read_only=True)
    signature = serializers.CharField(read_only=True)


class EntryProofShown(serializers.Serializer[Any]):
    """An entry, those after it up to the head that was signed, and the path from there to the signed root."""

    chain = serializers.UUIDField(read_only=True)
    entries = EntryLineShown(many=True, read_only=True)
    leaf = LeafShown(read_only=True, allow_null=True, help_text="Null: no checkpoint since, or out of view.")
    path = serializers.ListField(child=serializers.CharField(), read_only=True)
    checkpoint = CheckpointShown(read_only=True, allow_null=True)


class MayShown(serializers.Serializer[Any]):
    """What the caller may do with a programme, and through which standings."""

    standings = serializers.ListField(child=serializers.ChoiceField(choices=KINDS), read_only=True)
    permissions = serializers.ListField(child=serializers.ChoiceField(choices=PERMISSIONS), read_only=True)
    cutoff = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="Nothing recorded after this instant is shown."
    )


class ProgrammeFilters(Filters):
    """Filters of programmes."""

    identifier = django_filters.CharFilter(help_text="Of this identifier.")
    steward = django_filters.UUIDFilter(
        field_name="steward__uuid", help_text="Answered for by this organisation."
    )


class Programmes(GivesFiles[Programme], Read[Programme]):
    """Programmes that the caller's organisation has a standing in."""

    what = "programme"
    serializer_class = ProgrammeShown
    filterset_class = ProgrammeFilters
    ordering_fields = ("identifier", "created_at")

    def rows(self) -> QuerySet[Programme]:
        """Give the programmes that the actor may view."""
        return in_programmes(self.actor, Programme.objects.all(), key="pk")

    @command(may=Scope.PLAN, body=ProgrammeBody)
    def create(self, **given: Any) -> Programme:
        """Found a programme. The caller's organisation becomes its steward."""
        return programmes.create(by=self.actor, **given)

    @command(may=Permission.EDIT_PROGRAMME, body=ProgrammeChanges, versioned=True)
    def partial_update(self, key: UUID, version: int, **changes: Any) -> Programme:
        """Change a programme's description or dates."""
        return programmes.edit(by=self.actor, programme_uuid=key, version=version, **changes)

    @command(may=Permission.EDIT_PROGRAMME, body=PlaceBody)
    def work_at(self, key: UUID, place: UUID) -> Programme:
        """Say that a programme works at a place."""
        programmes.work_at(by=self.actor, programme_uuid=key, place=named.place(place))
        return self.find(key)

    @command(may=Permission.MANAGE_STANDINGS, body=AdmissionBody)
    def admit(self, key: UUID, organisation: UUID, kind: str, **given: Any) -> Programme:
        """Let an organisation in as partner, donor, community or auditor, for ever or until an instant."""
        whom = named.organisation(organisation)
        standings.admit(
            by=self.actor,
            programme_uuid=key,
            organisation=whom,
            kind=StandingKind(kind),
            **given,
        )
        return self.find(key)

    @command(may=Permission.MANAGE_STANDINGS, body=DismissalBody)
    def dismiss(self, key: UUID, organisation: UUID, kind: str, reason: str) -> Programme:
        """End an organisation's standing now, with a reason."""
        whom = named.organisation(organisation)
        standings.dismiss(
            by=self.actor,
            programme_uuid=key,
            organisation=whom,
            kind=StandingKind(kind),
            reason=reason,
        )
        return self.find(key)

    @command(may=Permission.MANAGE_STANDINGS, body=ExceptionBody)
    def except_user(
        self, key: UUID, user: UUID, organisation: UUID, permission: str, **given: Any
    ) -> Programme:
        """Give one person a permission on a programme that their role does not bring, with a reason."""
        found = self.find(key)
        permissions.except_user(
            by=self.actor,
            thing=found,
            user=named.user(self.actor, user),
            organisation=named.organisation(organisation),
            permission=Permission(permission),
            **given,
        )
        return found

    @reading(may=Permission.VIEW, answers=MayShown)
    def permissions(self, key: UUID) -> dict[str, Any]:
        """Tell what the caller may do with a programme, and through which standings of their organisation."""
        reach = access.reach(self.actor, self.find(key))
        return {
            "standings": sorted(reach.standings),
            "permissions": sorted(reach.permissions),
            "cutoff": reach.cutoff,
        }

    @reading(may=Permission.VIEW, answers=FindingShown, many=True)
    def health(self, key: UUID) -> list[dict[str, str]]:
        """Name everything that is not well in a programme: unanswered needs, licences that run out, broken promises."""
        found = self.find(key)
        cutoff = access.reach(self.actor, found).cutoff
        return [
            finding.as_json() for holding in holdings() for finding in holding.health(found, cutoff=cutoff)
        ]

    @reading(may=Permission.VIEW, parameters=StatementBody, files=FILES, path="sustainability-report")
    def sustainability_report(self, key: UUID, **given: Any) -> HttpResponse:
        """Give the sustainability report: checks, undertakings, obligations and warnings as recorded today."""
        return sent(statements.sustainability_report(self.actor, key, **asked(**given)))

    @reading(may=Permission.VIEW, parameters=StatementBody, files=FILES, path="after-handovers", detail=False)
    def after_handovers(self, **given: Any) -> HttpResponse:
        """Give all programmes after their handovers, by whoever answers for them; small counts of people withheld."""
        return sent(statements.portfolio(self.actor, **asked(**given)))

    @reading(may=Permission.READ_LEDGER, answers=EntryProofShown, parameters=EntryBody, path="entry-proof")
    def entry_proof(self, key: UUID, seq: int) -> dict[str, Any]:
        """Give an entry of the programme's ledger with all that proves it, to be checked without this installation."""
        found = access.programme_for(self.actor, key, may=Permission.READ_LEDGER)
        return without_erased(entry_proof(access.reach(self.actor, found), seq))

    @reading(may=Permission.READ_LEDGER, answers=ThenShown, parameters=HistoryBody, path="permission-history")
    def permission_history(self, key: UUID, on: dt.date) -> Then:
        """Tell who could do what in a programme on a day, as it ended, and why."""
        found = access.programme_for(self.actor, key, may=Permission.READ_LEDGER)
        return could_at(access.reach(self.actor, found), end_of_day(on))

    @reading(may=Permission.READ_LEDGER, answers=FindingShown, many=True)
    def verification(self, key: UUID) -> list[dict[str, str]]:
        """Hold what the programme's rows say now against what the ledger said then; no findings: it agrees."""
        found = access.programme_for(self.actor, key, may=Permission.READ_LEDGER)
        with access.custody(found.pk):
            return [finding.as_json() for finding in verify_programme(found)]
