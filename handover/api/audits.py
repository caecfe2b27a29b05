"""Audits: engagements that end by themselves, what auditors ask, draw and find, and what they looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework import serializers

from handover import sampling
from handover.actions import audit_findings, audit_requests, audit_samples, audits
from handover.api.commands import command, reading
from handover.api.files import GivesFiles
from handover.api.resources import InProgrammeFilters, InProgrammeRead
from handover.api.serializers import Body, Columns, Shown
from handover.api.statements import FILES, StatementBody, asked, sent
from handover.exchange import statements
from handover.models import (
    AuditEngagement,
    AuditFinding,
    AuditLook,
    AuditRequest,
    AuditSample,
)
from handover.models.audits import FindingState, RequestState
from handover.permissions import Permission, Scope
from handover.queries import audits as reads

SAID = tuple(name for name in audits.SAID if name != "auditor")
OPENED = ("id", "programme", "kind", "reference", "title", "purpose", "auditor", "opened_by", "legal_basis",
          "starts_at", "ends_at", "notice", "withdrawn_at", "version")  # fmt: skip
FOUND = audit_findings.SAID


class AuditShown(Shown[AuditEngagement]):
    """An audit of a programme, from its first instant up to, and without, its last."""

    class Meta:
        model = AuditEngagement
        fields = OPENED


class AuditBody(Columns[AuditEngagement]):
    """An audit to open. Instants are whole minutes; without a first one it begins now."""

    programme = serializers.UUIDField()
    auditor = serializers.UUIDField(help_text="The organisation that audits.")
    starts_at = serializers.DateTimeField(required=False)
    grants = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=100, help_text="Those that it is about."
    )

    class Meta:
        model = AuditEngagement
        fields = ("programme", "auditor", *SAID, "grants")


class LongerBody(Body):
    """Until when an audit lasts, and why."""

    ends_at = serializers.DateTimeField()
    reason = serializers.CharField(max_length=2000)


class AuditReasonBody(Body):
    """Why."""

    reason = serializers.CharField(max_length=2000)


class StateShown(serializers.Serializer[Any]):
    """Where an audit is now, and what it is about."""

    state = serializers.ChoiceField(choices=[item.value for item in reads.State], read_only=True)
    grants = serializers.ListField(child=serializers.UUIDField(), read_only=True)


class Audits(GivesFiles[AuditEngagement], InProgrammeRead[AuditEngagement]):
    """Audits of programmes. Access begins and ends with them, at their minute."""

    what = "audit"
    serializer_class = AuditShown
    ordering_fields = ("starts_at", "ends_at")

    @command(
        may=Permission.OPEN_AUDIT, body=AuditBody,
        codes=("not_the_authority", "auditor_not_independent", "not_a_minute", "starts_in_past", "ends_in_past",
               "basis_missing"),
    )  # fmt: skip
    def create(self, programme: UUID, auditor: UUID, **given: Any) -> AuditEngagement:
        """Open an audit of grants that the caller's organisation funds. Nobody's consent is asked."""
        given.setdefault("legal_basis", "")
        return audits.open_by_authority(by=self.actor, programme_uuid=programme, auditor=auditor, **given)

    @command(
        may=Permission.MANAGE_STANDINGS, body=AuditBody, answers=AuditShown, detail=False, status=201,
        codes=("auditor_not_independent", "not_a_minute", "starts_in_past", "ends_in_past"),
    )  # fmt: skip
    def review(self, programme: UUID, auditor: UUID, **given: Any) -> AuditEngagement:
        """Let somebody review a programme whose steward the caller's organisation is: a voluntary review."""
        return audits.open_review(by=self.actor, programme_uuid=programme, auditor=auditor, **given)

    @command(may=Scope.PLAN, body=LongerBody, versioned=True, codes=("end_not_later", "not_the_opener"))
    def extend(self, key: UUID, version: int, **given: Any) -> AuditEngagement:
        """Let an audit last longer: for whoever opened it."""
        return audits.extend(by=self.actor, engagement_uuid=key, version=version, **given)

    @command(may=Scope.PLAN, body=AuditReasonBody, versioned=True, codes=("audit_over", "not_the_opener"))
    def end(self, key: UUID, version: int, reason: str) -> AuditEngagement:
        """End an audit now, or withdraw one that has not begun: for whoever opened it."""
        return audits.end(by=self.actor, engagement_uuid=key, version=version, reason=reason)

    @reading(may=Permission.VIEW, answers=StateShown)
    def state(self, key: UUID) -> dict[str, Any]:
        """Tell where an audit is now, and which grants it is about: none named is the whole programme."""
        row = self.find(key)
        grants = row.scope.order_by("grant_id").values_list("grant__uuid", flat=True)
        return {"state": reads.state(row).value, "grants": list(grants)}

    @reading(may=Permission.VIEW, parameters=StatementBody, files=FILES, path="audit-file")
    def audit_file(self, key: UUID, **given: Any) -> HttpResponse:
        """Give the audit file: what was asked, drawn and found, without drafts of findings."""
        return sent(statements.audit_report(self.actor, key, **asked(**given)))


class AuditFilters(InProgrammeFilters):
    """Filters of what belongs to an audit."""

    engagement = django_filters.UUIDFilter(field_name="engagement__uuid", help_text="Of this audit alone.")


class RequestShown(Shown[AuditRequest]):
    """Something that auditors ask for, until a day."""

    class Meta:
        model = AuditRequest
        fields = ("id", "programme", "engagement", "title", "asked", "due_on", "state", "answer",
                  "evidence_uuids", "answered_by_name", "answered_at", "remark", "version")  # fmt: skip


class RequestBody(Columns[AuditRequest]):
    """What is asked, and until when."""

    engagement = serializers.UUIDField()

    class Meta:
        model = AuditRequest
        fields = ("engagement", "title", "asked", "due_on")


class AuditAnswerBody(Body):
    """An answer, with evidence that the programme holds."""

    answer = serializers.CharField(max_length=20000)
    evidence = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=100)


class BackBody(Body):
    """What is missing, and by when."""

    reason = serializers.CharField(max_length=2000)
    due_on = serializers.DateField(required=False)


class RequestFilters(AuditFilters):
    """Filters of requests."""

    state = django_filters.ChoiceFilter(choices=RequestState.choices, help_text="At this step.")


class AuditRequests(InProgrammeRead[AuditRequest]):
    """What auditors ask the audited for."""

    what = "request of an audit"
    serializer_class = RequestShown
    filterset_class = RequestFilters
    ordering_fields = ("due_on",)

    @command(may=Permission.AUDIT, body=RequestBody, codes=("audit_not_open", "not_the_auditor"))
    def create(self, engagement: UUID, **given: Any) -> AuditRequest:
        """Ask the audited for something, until a day."""
        return audit_requests.ask(by=self.actor, engagement_uuid=engagement, **given)

    @command(
        may=Permission.ANSWER_AUDIT,
        body=AuditAnswerBody,
        versioned=True,
        codes=("request_state", "not_audited"),
    )
    def answer(self, key: UUID, version: int, **given: Any) -> AuditRequest:
        """Answer a request."""
        return audit_requests.answer(by=self.actor, request_uuid=key, version=version, **given)

    @command(may=Permission.AUDIT, versioned=True, codes=("request_state", "audit_not_open"))
    def accept(self, key: UUID, version: int) -> AuditRequest:
        """Take an answer as enough."""
        return audit_requests.accept(by=self.actor, request_uuid=key, version=version)

    @command(may=Permission.AUDIT, body=BackBody, versioned=True, codes=("request_state", "audit_not_open"))
    def send_back(self, key: UUID, version: int, **given: Any) -> AuditRequest:
        """Ask for more."""
        return audit_requests.send_back(by=self.actor, request_uuid=key, version=version, **given)


class SampleShown(Shown[AuditSample]):
    """A sample: the seed's hash, the frozen frame and its digest, the seed, what follows."""

    class Meta:
        model = AuditSample
        fields = ("id", "programme", "engagement", "title", "population", "method", "size", "sizes", "commitment",
                  "committed_at", "currency", "frame", "frame_digest", "frozen_at", "seed", "drawn", "revealed_at",
                  "version")  # fmt: skip


class SampleBody(Columns[AuditSample]):
    """What is to be drawn, and the SHA-256 of a seed that the caller keeps."""

    engagement = serializers.UUIDField()
    size = serializers.IntegerField(min_value=1, max_value=100_000)
    sizes = serializers.DictField(
        child=serializers.IntegerField(min_value=0), required=False, help_text="Of each stratum."
    )

    class Meta:
        model = AuditSample
        fields = ("engagement", "title", "population", "method", "size", "sizes", "commitment")


class SeedBody(Body):
    """The seed whose hash was told, in hexadecimal digits."""

    seed = serializers.CharField(max_length=200)


class VerifiedShown(serializers.Serializer[Any]):
    """Whether the seed is the committed one, the frame the frozen one, and the sample the one that follows."""

    seed = serializers.BooleanField(read_only=True)
    frame = serializers.BooleanField(read_only=True)
    sample = serializers.BooleanField(read_only=True)
    holds = serializers.BooleanField(read_only=True)


class NewSeedShown(serializers.Serializer[Any]):
    """A seed that nobody can guess, and its commitment. It is not kept here."""

    seed = serializers.CharField(read_only=True)
    commitment = serializers.CharField(read_only=True)


class AuditSamples(InProgrammeRead[AuditSample]):
    """Samples that neither side can choose: hash of the seed, frozen frame, seed."""

    what = "sample"
    serializer_class = SampleShown
    filterset_class = AuditFilters

    @command(
        may=Permission.AUDIT, body=SampleBody,
        codes=("audit_not_open", "commitment_unreadable", "not_money", "sizes_unequal"),
    )  # fmt: skip
    def create(self, engagement: UUID, **given: Any) -> AuditSample:
        """Say what is to be drawn, and tell the seed's hash."""
        return audit_samples.commit(by=self.actor, engagement_uuid=engagement, **given)

    @command(may=Permission.AUDIT, versioned=True, codes=("frame_frozen", "frame_currencies", "sample_size"))
    def freeze(self, key: UUID, version: int) -> AuditSample:
        """Freeze the frame as it is now."""
        return audit_samples.freeze(by=self.actor, sample_uuid=key, version=version)

    @command(
        may=Permission.AUDIT, body=SeedBody, versioned=True,
        codes=("frame_not_frozen", "seed_revealed", "seed_other"),
    )  # fmt: skip
    def reveal(self, key: UUID, version: int, seed: str) -> AuditSample:
        """Reveal the seed: the sample follows."""
        return audit_samples.reveal(by=self.actor, sample_uuid=key, version=version, seed=seed)

    @reading(may=Permission.VIEW, answers=VerifiedShown, may_be_nothing=True)
    def verification(self, key: UUID) -> reads.Verified | None:
        """Draw a sample again from what is shown of it; nothing while its seed is not revealed."""
        return reads.verify_sample(self.find(key))

    @reading(may=Scope.READ, answers=NewSeedShown, detail=False)
    def new_seed(self) -> Mapping[str, str]:
        """Make a seed and its commitment. Nothing is kept: whoever asks keeps the seed."""
        seed = sampling.new_seed()
        return {"seed": seed.hex(), "commitment": sampling.commitment(seed)}


class AuditFindingShown(Shown[AuditFinding]):
    """What auditors found, what the audited say of it, and what became of it."""

    class Meta:
        model = AuditFinding
        fields = ("id", "programme", "engagement", *FOUND, "state", "reply", "replied_by_name", "replied_at",
                  "follow_up", "closure_reason", "closed_at", "version")  # fmt: skip


class FindingBody(Columns[AuditFinding]):
    """A finding to draft."""

    engagement = serializers.UUIDField()
    debtor = serializers.UUIDField(required=False)

    class Meta:
        model = AuditFinding
        fields = ("engagement", *FOUND)


class FindingChanges(Columns[AuditFinding]):
    """What may be changed of a draft."""

    class Meta:
        model = AuditFinding
        fields = FOUND


class ReplyBody(Body):
    """What the audited say."""

    reply = serializers.CharField(max_length=20000)


class FollowUpBody(Columns[AuditFinding]):
    """What became of a finding, and where its money is."""

    text = serializers.CharField(max_length=20000)

    class Meta:
        model = AuditFinding
        fields = ("text", *audit_findings.AFTERWARDS)


class FindingFilters(AuditFilters):
    """Filters of findings."""

    state = django_filters.ChoiceFilter(choices=FindingState.choices, help_text="At this step.")


class AuditFindings(InProgrammeRead[AuditFinding]):
    """Findings of audits. A draft is shown to the auditors who keep it, and to nobody else."""

    what = "finding"
    serializer_class = AuditFindingShown
    filterset_class = FindingFilters

    def rows(self) -> QuerySet[AuditFinding]:
        """Give the findings that the actor reads."""
        return reads.readable(self.actor, super().rows())

    @command(
        may=Permission.AUDIT,
        body=FindingBody,
        codes=("audit_not_open", "not_the_auditor", "currency_missing"),
    )
    def create(self, engagement: UUID, **given: Any) -> AuditFinding:
        """Draft a finding."""
        return audit_findings.draft(by=self.actor, engagement_uuid=engagement, **given)

    @command(may=Permission.AUDIT, body=FindingChanges, versioned=True, codes=("finding_state",))
    def partial_update(self, key: UUID, version: int, **changes: Any) -> AuditFinding:
        """Change a draft."""
        return audit_findings.edit(by=self.actor, finding_uuid=key, version=version, **changes)

    @command(may=Permission.AUDIT, versioned=True, codes=("finding_state",))
    def share(self, key: UUID, version: int) -> AuditFinding:
        """Share a finding with the audited."""
        return audit_findings.share(by=self.actor, finding_uuid=key, version=version)

    @command(
        may=Permission.ANSWER_AUDIT, body=ReplyBody, versioned=True, codes=("finding_state", "not_audited")
    )
    def reply(self, key: UUID, version: int, reply: str) -> AuditFinding:
        """Reply for the audited side."""
        return audit_findings.reply(by=self.actor, finding_uuid=key, version=version, reply=reply)

    @command(may=Scope.PLAN, body=FollowUpBody, versioned=True, codes=("finding_state",))
    def follow_up(self, key: UUID, version: int, text: str, **changes: Any) -> AuditFinding:
        """Say what became of a finding; after the audit's end for the authority that opened it."""
        return audit_findings.follow_up(
            by=self.actor, finding_uuid=key, version=version, text=text, **changes
        )

    @command(may=Scope.PLAN, body=AuditReasonBody, versioned=True, codes=("finding_state",))
    def propose_closure(self, key: UUID, version: int, reason: str) -> AuditFinding:
        """Propose that a finding is closed: the first of two people."""
        return audit_findings.propose_closure(by=self.actor, finding_uuid=key, version=version, reason=reason)

    @command(may=Scope.PLAN, versioned=True, codes=("finding_state", "second_person"))
    def close(self, key: UUID, version: int) -> AuditFinding:
        """Close a finding: the second of two people."""
        return audit_findings.close(by=self.actor, finding_uuid=key, version=version)


class LookShown(Shown[AuditLook]):
    """That an auditor looked at figures of special categories of persons."""

    class Meta:
        model = AuditLook
        fields = ("id", "programme", "engagement", "user_name", "what", "at")


class AuditLooks(InProgrammeRead[AuditLook]):
    """Looks of auditors at special categories: shown to both sides, never changed."""

    what = "look of an auditor"
    serializer_class = LookShown
    filterset_class = AuditFilters
