"""A programme goes home by the pages alone: the giver reads Romanian, the receiver Lithuanian, the community English.

Every step is a form that is sent, without scripts.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from handover import clock
from handover.access import Actor, asking
from handover.actions import accounts
from handover.models import Programme, Proof, Responsibility, SignOff, Transfer, TransferMilestone
from handover.models.transfers import TransferState
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db


class Visitor:
    """Somebody with a browser that runs no scripts."""

    def __init__(self, actor: Actor, language: str) -> None:
        accounts.speak(by=actor, language=language)
        self.actor, self.client = actor, Client()
        self.client.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")

    def reads(self, address: str, *, status: int = 200) -> str:
        """Open a page."""
        answer = self.client.get(address)
        assert answer.status_code == status, f"{address}: {answer.status_code}"
        return answer.content.decode()

    def sends(self, address: str, **said: Any) -> str:
        """Send a form; it must lead somewhere else. Gives where."""
        answer = self.client.post(address, said)
        shown = re.findall(r'govuk-error-summary__list">(.*?)</ul>', answer.content.decode(), re.DOTALL)
        assert answer.status_code == 302, f"{address}: {answer.status_code} {shown}"
        return answer.headers["Location"]

    def fails(self, address: str, **said: Any) -> str:
        """Send a form that is not taken: the page says why."""
        answer = self.client.post(address, said)
        assert answer.status_code == 200
        page = answer.content.decode()
        assert "govuk-error-summary" in page
        return page


def test_a_programme_goes_home_by_pages_alone(cast: Cast, programme: Programme) -> None:
    giver, receiver = Visitor(cast.giver, "ro"), Visitor(cast.receiver, "lt")
    community, stranger = Visitor(cast.community, "en"), Visitor(cast.stranger, "en")
    with asking(cast.giver):
        moved = list(Responsibility.objects.filter(programme=programme).order_by("id"))

    # The giver draws the plan up. A form that lacks something says so, in Romanian.
    begin = f"/programmes/{programme.uuid}/transfers/"
    assert 'lang="ro"' in giver.reads(begin)
    giver.fails(f"{begin}new/", title="", receiver="", retention_until="31.12.2029", give_back_days="180")
    plan = giver.sends(
        f"{begin}new/",
        title="The day centre goes home",
        receiver=str(cast.receiver.organisation.uuid),
        lead="on",
        retention_until="2029-12-31",
        give_back_days="180",
    )
    at = plan.removesuffix("plan/")
    for responsibility in moved:
        giver.sends(f"{plan}responsibility/", responsibility=str(responsibility.uuid), phase="phase_over")
    giver.sends(
        f"{plan}step/",
        kind="training_completed",
        title="Trainings held",
        due_on="2024-08-31",
        signs=["giver", "receiver"],
        evidence_required="on",
        moves=[str(moved[0].uuid)],
    )
    giver.sends(
        f"{plan}step/",
        kind="community_validation",
        title="The community has seen it work",
        due_on="2024-09-30",
        signs=["community"],
        waits_for=[_key(cast.giver, "Trainings held")],
    )
    giver.sends(f"{plan}keep/", until="2029-12-31")
    giver.sends(f"{plan}annex/", kind="open_points", text="The key of the gate")
    giver.sends(f"{plan}holdings/")
    receiver.reads(at, status=404)
    giver.sends(f"{at}propose/")

    # The receiver reads it, returns it once, and accepts it.
    assert "Trainings held" in receiver.reads(f"{at}answer/")
    receiver.fails(f"{at}answer/", verb="return", comment="")
    receiver.sends(f"{at}answer/", verb="return", comment="Name the key of the gate")
    assert "Name the key of the gate" in giver.reads(plan)
    giver.sends(f"{at}propose/")
    assert "govuk-table" in receiver.reads(f"{at}permissions/")
    receiver.sends(f"{at}annex/accept/")
    receiver.sends(f"{at}answer/", verb="accept")

    # Steps: evidence first, then signatures; the community comes last, and says its word.
    step, validation = (
        _address(cast.giver, "Trainings held"),
        _address(cast.giver, "The community has seen it work"),
    )
    assert "Cannot be signed yet" in community.reads(validation)
    giver.fails(f"{step}sign/", decision="agrees")
    giver.fails(f"{step}evidence/", title="Minutes")
    file = SimpleUploadedFile("minutes.pdf", b"%PDF-1.4 minutes", "application/pdf")
    giver.sends(f"{step}evidence/", title="Minutes", file=file)
    assert "minutes.pdf" in receiver.reads(step)
    giver.sends(f"{step}sign/", decision="agrees")
    receiver.sends(f"{step}sign/", decision="agrees")
    receiver.reads(f"{at}execute/")
    community.sends(
        f"{validation}sign/", decision="agrees_with_dissent", remark="The bus does not stop there."
    )
    assert "The bus does not stop there." in receiver.reads(validation)
    for page in ("", "timeline/", "plan/", "permissions/"):
        community.reads(f"{at}{page}")
        stranger.reads(f"{at}{page}", status=404)

    # The receiver checks the answers and carries it out; a second click changes nothing.
    giver.reads(f"{at}execute/", status=403)
    receiver.fails(f"{at}execute/", key="once")
    done = receiver.sends(f"{at}execute/", checked="on", key="once")
    assert done == f"{at}done/"
    assert receiver.client.post(f"{at}execute/", {"checked": "on", "key": "once"}).headers["Location"] == done
    assert re.search(r"HO-[0-9A-F]{8}", receiver.reads(done))
    giver.sends(f"{at}proof/")

    # Both sides read the same; nobody else does.
    with asking(cast.receiver):
        found = Transfer.objects.select_related("programme__steward").get()
        assert found.state == TransferState.EXECUTED
        assert found.programme.steward == cast.receiver.organisation
        proof = Proof.objects.get(transfer=found)
        assert SignOff.objects.filter(subject="proof", digest=proof.digest).count() == 2
    for visitor in (giver, receiver, community):
        visitor.reads(f"{at}proof/")
        visitor.reads(at)
    stranger.reads(f"{at}done/", status=404)

    # The protocol is printed, brought back, checked, and recorded for each side.
    paper = receiver.client.post(f"{at}papers/protocol.pdf", {"languages": ["ro", "lt"]})
    assert paper.content.startswith(b"%PDF")
    pdf = SimpleUploadedFile("protocol.pdf", paper.content, "application/pdf")
    checked = giver.client.post("/papers/check/", {"file": pdf}).content.decode()
    assert "govuk-tag--red" not in checked
    assert re.search(r"HO-[0-9A-F]{8}", checked)
    changed = SimpleUploadedFile(
        "protocol.pdf", paper.content[:-40] + b"x" + paper.content[-39:], "application/pdf"
    )
    assert "govuk-tag--green" not in giver.client.post("/papers/check/", {"file": changed}).content.decode()
    signed = re.search(r"/papers/[0-9a-f-]{36}/signed/", receiver.reads(f"{at}papers/"))
    assert signed is not None
    scan = SimpleUploadedFile("scan.png", b"\x89PNG\r\n\x1a\n" + bytes(100), "image/png")
    on_paper = {
        "signatory": "The mayor",
        "capacity": "mayor",
        "mandate_act": "Decision 1",
        "signed_on": clock.today().isoformat(),
    }
    receiver.fails(signed[0], **{**on_paper, "signed_on": "1.10.2024"})
    receiver.sends(signed[0], file=scan, **on_paper)
    assert "The mayor" in giver.reads(f"{at}papers/")

    # Giving back needs both.
    receiver.fails(f"{at}give-back/", reason="")
    receiver.sends(f"{at}give-back/", reason="The post was not funded")
    giver.sends(f"{at}give-back/", reason="We take it back")
    with asking(cast.giver):
        assert Transfer.objects.get(uuid=found.uuid).state == TransferState.GIVEN_BACK


def _key(by: Actor, title: str) -> str:
    with asking(by):
        return str(TransferMilestone.objects.get(title=title).uuid)


def _address(by: Actor, title: str) -> str:
    return f"/milestones/{_key(by, title)}/"
