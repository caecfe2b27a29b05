"""The pages of audits: what both sides read, and the minute at which auditors read no more."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from handover import clock
from handover.access import asking
from handover.actions import audit_findings, audit_requests, audit_samples, audits, registers
from handover.models import AuditEngagement, AuditFinding, AuditRequest, AuditSample, Programme
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


def _says(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_an_audit_goes_from_its_engagement_to_a_closed_finding_on_the_pages(
    cast: Cast, programme: Programme, today: dt.datetime
) -> None:
    body = organisation("inspectors", OrganisationKind.AUDIT_BODY)
    granted(programme, by=cast.giver, donor=cast.donor.organisation)
    held = responsibility(programme, by=cast.giver, title="Mediation")
    registers.enter(
        by=cast.giver, register=Post, responsibility_uuid=held.uuid, title="Mediator", fte=1,
        funded_by="grant", starts_on=dt.date(2024, 1, 1),
    )  # fmt: skip
    actors = {
        "giver": cast.giver, "donor": cast.donor, "first": person(body, Role.AUDITOR),
        "second": person(body, Role.AUDITOR, name="second"),
    }  # fmt: skip
    room, clients = f"/programmes/{programme.uuid}/audits/", {name: Client() for name in actors}
    for name, actor in actors.items():
        clients[name].force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")

    def sends(who: str, path: str, **given: Any) -> str:
        """Open a form, fill it in over what stands there, send it, and give the page that follows."""
        form = clients[who].get(path)
        assert form.status_code == 200, (who, path)
        version = form.context["form"].initial.get("version")
        return _says(clients[who].post(path, ({"version": version} if version else {}) | given, follow=True))

    # The authority opens it; what is missing is named, and the audited see it at once.
    assert "Open an audit" in _says(clients["donor"].get(room))
    assert "Open an audit" not in _says(clients["giver"].get(room))
    assert "Choose who audits." in sends("donor", f"{room}open/", title="On the spot")
    said = {
        "auditor": str(body.uuid), "reference": "A-1", "title": "On the spot", "purpose": "Whether it is there",
        "legal_basis": "Agreement, article 9", "last_day": "2024-06-30",
    }  # fmt: skip
    assert "Name the rule" in sends("donor", f"{room}open/", **(said | {"legal_basis": ""}))
    assert "“On the spot” is opened" in sends("donor", f"{room}open/", **said)
    with asking(cast.giver):
        row = AuditEngagement.objects.get()
    assert row.ends_at.astimezone(ZoneInfo("Europe/Bucharest")).strftime("%d %H:%M") in {
        "01 00:00",
        "01 03:00",
    }
    one = f"{room}{row.uuid}/"

    # They ask; the answer is returned once, and taken as enough.
    sends("first", f"{one}ask/", title="Inventory", asked="The list", due_on="2024-06-10")
    with asking(cast.giver):
        asked = AuditRequest.objects.get()
    request = f"{room}requests/{asked.uuid}/"
    assert "Answer the request" in _says(clients["giver"].get(one))
    assert "Answer the auditors: “Inventory”" in _says(clients["giver"].get("/"))
    assert clients["giver"].get(f"{request}accept/").status_code == 403
    sends("giver", f"{request}answer/", answer="It is in the register")
    sends("first", f"{request}return/", reason="Without serial numbers", due_on="2024-06-12")
    assert "Without serial numbers" in _says(clients["giver"].get(one))
    sends("giver", f"{request}answer/", answer="With serial numbers now")
    assert "Accepted" in sends("first", f"{request}accept/").replace("accepted", "Accepted")

    # Three steps of a sample, each once.
    seed = bytes(range(16))
    wrong = sends("first", f"{one}sample/", title="Posts", population="posts", method="simple", size="1",
                  commitment="abc")  # fmt: skip
    assert "64 hexadecimal digits" in wrong
    sends("first", f"{one}sample/", title="Posts", population="posts", method="simple", size="1",
          commitment=hashlib.sha256(seed).hexdigest())  # fmt: skip
    with asking(cast.giver):
        drawn = AuditSample.objects.get()
    sample = f"{room}samples/{drawn.uuid}/"
    assert "Now reveal the seed." in sends("first", f"{sample}freeze/")
    assert "not the seed whose hash was told" in sends("first", f"{sample}reveal/", seed="00" * 16)
    assert "The sample is drawn." in sends("first", f"{sample}reveal/", seed=seed.hex())

    # A draft is theirs; shared, replied to, followed up, closed by two.
    sends("first", f"{one}find/", title="No inventory number", severity="low", criterion="Marked",
          condition="Not marked", recovery="none")  # fmt: skip
    with asking(actors["first"]):
        finding = AuditFinding.objects.get()
    there = f"{room}findings/{finding.uuid}/"
    assert "No inventory number" not in _says(clients["giver"].get(one))
    assert clients["giver"].get(f"{there}reply/").status_code == 404
    sends("first", f"{there}edit/", title="Two without a number", severity="medium", criterion="Marked",
          condition="Not marked", recovery="none", affected_amount="120", currency="EUR")  # fmt: skip
    sends("first", f"{there}share/")
    assert "Two without a number" in _says(clients["giver"].get(one))
    assert "Reply to the finding “Two without a number”" in _says(clients["giver"].get("/"))
    sends("giver", f"{there}reply/", reply="Marked since May")
    sends("first", f"{there}follow-up/", text="Seen", recovery="none")
    assert "Somebody else of your side" in sends("first", f"{there}propose-closure/", reason="It is marked")
    assert "Somebody else of the auditing side" in sends("first", f"{there}close/")
    assert "as the second person" in _says(clients["second"].get("/"))
    assert "as the second person" not in _says(clients["first"].get("/"))
    assert "The finding is closed." in sends("second", f"{there}close/")
    for who in ("giver", "donor"):
        assert "closed" in _says(clients[who].get(one))

    # It lasts longer, and ends; who audits reads no more.
    assert "lasts longer" in sends("donor", f"{one}extend/", last_day="2024-07-31", reason="Holidays")
    assert clients["giver"].get(f"{one}end/").status_code == 403
    assert "Its access has ended." in sends("donor", f"{one}end/", reason="Done")
    with clock.at(today + dt.timedelta(minutes=1)):
        assert clients["first"].get(one).status_code == 404


def test_a_steward_lets_somebody_review_the_programme(cast: Cast, programme: Programme) -> None:
    body = organisation("friends", OrganisationKind.NGO)
    client = Client()
    client.force_login(cast.giver.user, backend="django.contrib.auth.backends.ModelBackend")
    room = f"/programmes/{programme.uuid}/audits/"
    told = client.post(
        f"{room}review/",
        {"auditor": str(body.uuid), "reference": "R-1", "title": "A review", "purpose": "To learn",
         "first_day": "2024-07-01", "last_day": "2024-07-31"},
        follow=True,
    )  # fmt: skip
    assert "voluntary review" in _says(told)
    assert "Announced" in _says(told)
    assert "An audit is announced: “A review”" in _says(client.get("/"))
