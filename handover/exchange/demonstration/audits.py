"""An audit of the demonstration's grant: opened by the donor, a question with its answer, a sample, a finding."""

from __future__ import annotations

import datetime as dt
from hashlib import sha256
from typing import Any

from handover.access import asking
from handover.actions import audit_findings, audit_requests, audit_samples, audits
from handover.exchange.demonstration.found import DONOR, Demonstration, read
from handover.models import AuditEngagement
from handover.permissions import Role


def load(demo: Demonstration) -> AuditEngagement:
    """Open it as the donor, keep it as the auditor, answer it as the steward.

    The seed of the sample stands in the demonstration's file: everybody draws the same items. A real one is random.
    """
    said: Any = read("audits")
    auditor = demo.actor(said["auditor"], Role.AUDITOR)
    opened = audits.open_by_authority(
        by=demo.actor(DONOR, Role.MANAGER),
        programme_uuid=demo.programme.uuid,
        auditor=auditor.organisation,
        ends_at=dt.datetime.fromisoformat(said["ends_at"]),
        **said["engagement"],
    )
    asked = audit_requests.ask(by=auditor, engagement_uuid=opened.uuid, **said["request"])
    audit_requests.answer(
        by=demo.giver, request_uuid=asked.uuid, version=asked.version, answer=said["answer"]
    )
    seed = bytes.fromhex(said["seed"])
    drawn = audit_samples.commit(
        by=auditor, engagement_uuid=opened.uuid, commitment=sha256(seed).hexdigest(), **said["sample"]
    )
    drawn = audit_samples.freeze(by=auditor, sample_uuid=drawn.uuid, version=drawn.version)
    audit_samples.reveal(by=auditor, sample_uuid=drawn.uuid, version=drawn.version, seed=said["seed"])
    found = audit_findings.draft(by=auditor, engagement_uuid=opened.uuid, **said["finding"])
    found = audit_findings.share(by=auditor, finding_uuid=found.uuid, version=found.version)
    audit_findings.reply(by=demo.giver, finding_uuid=found.uuid, version=found.version, reply=said["reply"])
    with asking(demo.giver):
        return AuditEngagement.objects.get(pk=opened.pk)
