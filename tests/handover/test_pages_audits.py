"""The pages of audits: what both sides read, and the minute at which auditors read no more."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import pytest
from django.test import Client

from handover import clock
from handover.actions import audit_findings, audit_requests, audit_samples, audits, registers
from handover.models import Programme
from handover.models.organisations import OrganisationKind
from handover.models.registers import Post
from handover.permissions import Role
from tests.factories.cast import Cast
from tests.factories.organisations import organisation, person
from tests.factories.programmes import grant as granted
from tests.factories.programmes import responsibility

pytestmark = pytest.mark.django_db

ENDS = dt.datetime(2024, 7, 1, 0, 0, tzinfo=dt.UTC)


def test_both_sides_read_an_audit_and_print_its_checklist_and_at_midnight_the_auditor_reads_no_more(
    cast: Cast, programme: Programme, today: dt.datetime
) -> None:
    auditor = person(organisation("inspectors", OrganisationKind.AUDIT_BODY), Role.AUDITOR)
    granted(programme, by=cast.giver, donor=cast.donor.organisation)
    held = responsibility(programme, by=cast.giver, title="Mediation")
    registers.enter(
        by=cast.giver, register=Post, responsibility_uuid=held.uuid, title="Mediator", fte=1,
        funded_by="grant", starts_on=dt.date(2024, 1, 1),
    )  # fmt: skip
    room = f"/programmes/{programme.uuid}/audits/"
    giver, there = Client(), Client()
    for client, actor in ((giver, cast.giver), (there, auditor)):
        client.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")
    assert "No audit of this programme" in giver.get(room).content.decode()
    assert there.get(room).status_code == 404

    row = audits.open_by_authority(
        by=cast.donor, programme_uuid=programme.uuid, auditor=auditor.organisation, reference="A-1",
        title="On the spot", purpose="Whether it is there", legal_basis="Agreement, article 9", ends_at=ENDS,
    )  # fmt: skip
    of: dict[str, Any] = {"by": auditor, "engagement_uuid": row.uuid}
    audit_requests.ask(title="Inventory", asked="The list", due_on=dt.date(2024, 6, 1), **of)
    audit_findings.draft(title="A draft", severity="low", criterion="A", condition="B", **of)
    seed = bytes(range(16))
    sample = audit_samples.commit(
        title="Posts", population="posts", method="simple", size=1,
        commitment=hashlib.sha256(seed).hexdigest(), **of,
    )  # fmt: skip
    list_ = f"{room}samples/{sample.uuid}/checklist/"
    assert "not revealed yet" in giver.get(list_).content.decode()
    audit_samples.freeze(by=auditor, sample_uuid=sample.uuid, version=1)
    audit_samples.reveal(by=auditor, sample_uuid=sample.uuid, version=2, seed=seed.hex())

    assert "On the spot" in giver.get(room).content.decode()
    for client, drafts in ((giver, False), (there, True)):
        shown = client.get(f"{room}{row.uuid}/").content.decode()
        assert all(word in shown for word in ("Inventory", "Overdue", "Agreement, article 9", seed.hex()))
        assert ("A draft" in shown) is drafts
        assert "1. Mediator" in client.get(list_).content.decode()
    with clock.at(ENDS - dt.timedelta(seconds=1)):
        assert there.get(f"{room}{row.uuid}/").status_code == 200
    with clock.at(ENDS):
        assert there.get(f"{room}{row.uuid}/").status_code == 404
        assert giver.get(f"{room}{row.uuid}/").status_code == 200
