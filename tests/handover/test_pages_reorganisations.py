"""A merger and a split on the pages: drawn up, stated, signed, carried out; and what is refused on the way."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handover.access import Actor, asking
from handover.canonical import text_digest
from handover.models import Programme, Reorganisation
from tests.factories import transfers as plans
from tests.factories.cast import Cast
from tests.factories.organisations import organisation, person
from tests.factories.reorganisations import Merger, merger, signed, stated

pytestmark = pytest.mark.django_db


def browser(actor: Actor) -> Client:
    client = Client()
    client.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.fixture
def story(cast: Cast, programme: Programme) -> Merger:
    plans.executed(cast, programme)
    return merger(cast, programme)


def at(story: Merger, name: str = "reorganisation") -> str:
    return reverse(name, args=[story.row.uuid])


def test_two_municipalities_merge_on_the_pages(story: Merger) -> None:
    page = text_of(browser(story.valley).get(at(story)))
    assert "Receiver organisation has not stated what it answers for." in page
    assert "County organisation has not signed the plan as it stands." in page
    assert "Valley (RO:111) → Valley and Hill (RO:333)" in page
    for by in (story.valley, story.hill):
        asked = text_of(browser(by).get(at(story, "reorganisation-state")))
        assert "Your organisation stands in these programmes" in asked
        told = browser(by).post(
            at(story, "reorganisation-state"), {"rest": str(story.county.organisation.uuid)}, follow=True
        )
        assert "What your organisation answers for is stated." in text_of(told)
    page = text_of(browser(story.cast.community).get(at(story)))
    assert "XX-TEST-HILLS: A programme of the hills" in page
    assert "Manager of hill" not in page
    assert "2 people go along" in page
    said = browser(story.cast.community).post(
        at(story, "reorganisation-sign"),
        {"digest": story.plan().digest, "decision": "agrees_with_dissent", "remark": "Keep our mediator."},
        follow=True,
    )
    assert "Community organisation goes along, with a dissent on record" in text_of(said)
    for by in story.deciding():
        form = browser(by).get(at(story, "reorganisation-sign")).content.decode()
        (digest,) = re.findall(r'name="digest" value="([0-9a-f]{64})"', form)
        browser(by).post(at(story, "reorganisation-sign"), {"digest": digest, "decision": "agrees"})
    page = text_of(browser(story.county).get(at(story)))
    assert "Still in the way" not in page
    assert "Manager of hill: County organisation" in page
    refused = browser(story.county).post(at(story, "reorganisation-execute"), {})
    assert "Confirm that it is meant." in text_of(refused)
    done = browser(story.county).post(at(story, "reorganisation-execute"), {"meant": "on"}, follow=True)
    assert "Your organisation answers from now on." in text_of(done)
    assert "Executed" in text_of(done)
    told = json.loads(browser(story.county).get(at(story, "reorganisation-proof")).content)
    assert text_digest(told["text"]) == told["digest"]
    assert "Keep our mediator." in told["text"]


def test_a_split_asks_where_each_thing_goes(cast: Cast, programme: Programme) -> None:
    plans.executed(cast, programme)
    east = person(organisation("east"))
    client = browser(cast.receiver)
    sent = {
        "title": "East leaves", "legal_act": "Law 8 of 2024", "effective_on": "2024-06-03",
        "predecessors": "receiver", "successors": "Receiver organisation\neast",
        "heard": "community", "places": "",
    }  # fmt: skip
    wrong = text_of(client.post(reverse("reorganisation-draw-up"), sent | {"heard": "nobody there"}))
    assert "“nobody there” is not in the directory." in wrong
    wrong = text_of(client.post(reverse("reorganisation-draw-up"), sent | {"places": "RO:1 to RO:2"}))
    assert "“RO:1 to RO:2” cannot be read" in wrong
    drawn = client.post(reverse("reorganisation-draw-up"), sent, follow=True)
    assert "“East leaves” is drawn up." in text_of(drawn)
    with asking(cast.receiver):
        row = Reorganisation.objects.get()
    state = reverse("reorganisation-state", args=[row.uuid])
    assert "Choose to whom everything goes" in text_of(client.post(state, {}))
    form = client.get(state).content.decode()
    (duty,) = re.findall(r'<label[^>]*for="id_(duty-[^"]+)"[^>]*>\s*Reporting', form)
    told = client.post(
        state,
        {"rest": str(cast.receiver.organisation.uuid), duty: str(east.organisation.uuid)},
        follow=True,
    )
    assert "Reporting As what: answers for it, delivers it Goes to: East organisation" in text_of(told)
    again = client.get(state).content.decode()
    assert re.search(rf'<option value="{east.organisation.uuid}" selected', again)


def test_nobody_else_finds_a_plan_and_everybody_finds_what_was_carried_out(story: Merger) -> None:
    stranger = browser(story.cast.stranger)
    names = ("", "-proof", "-change", "-state", "-sign", "-withdraw", "-execute")
    for name in names:
        assert stranger.get(at(story, f"reorganisation{name}")).status_code == 404, name
    assert "No merger and no split is planned" in text_of(stranger.get(reverse("reorganisations")))
    stated(story)
    signed(story)
    browser(story.county).post(at(story, "reorganisation-execute"), {"meant": "on"})
    page = text_of(stranger.get(at(story)))
    assert "Law 7 of 1 March 2024" in page
    assert "Mobile team" not in page
    assert stranger.get(at(story, "reorganisation-proof")).status_code == 404
    assert "Valley and Hill become one" in text_of(stranger.get(reverse("reorganisations")))


def test_who_is_only_heard_changes_nothing(story: Merger) -> None:
    donor = browser(story.cast.donor)
    assert "Say your organisation’s word" in text_of(donor.get(at(story)))
    assert "Change the plan" not in text_of(donor.get(at(story)))
    for name in ("change", "withdraw", "execute", "state"):
        answer = donor.post(
            at(story, f"reorganisation-{name}"),
            {"reason": "No", "version": "1", "meant": "on", "rest": str(story.county.organisation.uuid),
             "title": "x", "legal_act": "x", "effective_on": "2025-01-01"},
        )  # fmt: skip
        assert answer.status_code in {200, 403}, name
    with asking(story.valley):
        row = Reorganisation.objects.get()
    assert (row.state, row.title) == ("open", "Valley and Hill become one")


def test_what_is_in_the_way_stands_at_the_form_and_nothing_happens(story: Merger) -> None:
    answer = browser(story.county).post(at(story, "reorganisation-execute"), {"meant": "on"})
    assert answer.status_code == 200
    page = text_of(answer)
    assert "There is a problem" in page
    assert "has not stated what it answers for" in page


def test_a_changed_plan_says_that_signatures_are_gone(story: Merger) -> None:
    stated(story)
    signed(story, story.hill)
    client = browser(story.valley)
    form = client.get(at(story, "reorganisation-change")).content.decode()
    assert "RO:111 = RO:333" in form
    told = client.post(
        at(story, "reorganisation-change"),
        {"title": "One town", "legal_act": "Law 7", "effective_on": "2024-06-03",
         "places": "RO:111 = RO:333", "version": "1"},
        follow=True,
    )  # fmt: skip
    assert "Signatures under the plan as it was are not valid any more." in text_of(told)
    assert "of an earlier plan" in text_of(told)
    gone = client.post(
        at(story, "reorganisation-withdraw"), {"reason": "A referendum said no.", "version": "2"}, follow=True
    )
    assert "It is withdrawn. Nothing has moved." in text_of(gone)
    assert "Withdrawn" in text_of(gone)
