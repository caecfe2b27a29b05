"""The pages of a programme: the list, where it stands, its registers and documents."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from handover.access import Actor, asking
from handover.actions import evidence
from handover.actions import programmes as programme_actions
from handover.actions import registers as register_actions
from handover.models import BudgetLine, Grant, LegalAct, Post, PostFunding, Programme, Responsibility
from handover.narratives import best
from handover.views.programmes import texts
from handover.views.programmes.nouns import LABELS, NOUNS
from tests.factories.cast import Cast
from tests.factories.programmes import grant, responsibility
from tests.factories.programmes import programme as founded
from tests.factories.registers import item, line, post
from tests.factories.transfers import agreed, drafted, milestone


@pytest.fixture(autouse=True)
def reading(cast: Cast) -> Iterator[None]:
    """Let the test itself read as the giver; each request says for itself who asks."""
    with asking(cast.giver):
        yield


def client(actor: Actor) -> Client:
    made = Client()
    made.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")
    return made


def shown(actor: Actor, name: str, *args: Any, **query: Any) -> str:
    answer = client(actor).get(reverse(name, args=args), query)
    assert answer.status_code == 200, answer.content[:500]
    return str(answer.content.decode())


def sent(actor: Actor, name: str, *args: Any, **given: Any) -> HttpResponse:
    answer: Any = client(actor).post(reverse(name, args=args), given, follow=True)
    return answer  # type: ignore[no-any-return]


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_list_holds_what_is_open_to_the_person_and_nothing_else(cast: Cast, programme: Programme) -> None:
    foreign = founded(cast.stranger, title="A hidden programme")
    text = shown(cast.giver, "programmes")
    assert reverse("programme", args=[programme.uuid]) in text
    assert str(foreign.uuid) not in text
    assert "A hidden programme" not in text
    assert "Begin a programme" in text
    assert "Begin a programme" not in shown(cast.auditor, "programmes")


def test_the_list_is_narrowed_by_status_and_steward_and_says_when_nothing_is_left(
    cast: Cast, programme: Programme
) -> None:
    address = reverse("programme", args=[programme.uuid])
    assert address in shown(cast.giver, "programmes", status="active")
    assert address in shown(cast.giver, "programmes", steward=str(cast.giver.organisation.uuid))
    closed = shown(cast.giver, "programmes", status="closed")
    assert address not in closed
    assert "No programme is like that" in closed
    assert address in shown(cast.giver, "programmes", steward="no uuid", status="no status", page="-3")


def test_without_any_programme_the_list_says_what_to_do_next(cast: Cast, programme: Programme) -> None:
    text = shown(cast.stranger, "programmes")
    assert "No programme is open to your organisation yet" in text
    assert "<table" not in text


def test_a_programme_is_begun_from_the_list(cast: Cast) -> None:
    answer = sent(
        cast.giver, "programme-new", identifier="XX-NEW-1", title_en="New bridges", title_ro="Punți noi"
    )
    made = Programme.objects.get(identifier="XX-NEW-1")
    assert best(made.title, "ro") == "Punți noi"
    assert made.steward == cast.giver.organisation
    assert "The programme is there" in text_of(answer)
    again = sent(cast.giver, "programme-new", identifier="XX-NEW-1", title_en="Twice")
    assert "has a programme XX-NEW-1 already" in text_of(again)
    assert "Error:" in text_of(again)


def test_a_programme_needs_a_title_in_some_language_whichever(cast: Cast) -> None:
    refused = text_of(sent(cast.giver, "programme-new", identifier="XX-NEW-2"))
    assert "Enter this in at least one language: Title." in refused
    assert not Programme.objects.filter(identifier="XX-NEW-2").exists()
    sent(cast.giver, "programme-new", identifier="XX-NEW-2", title_lt="Tiltai")
    assert best(Programme.objects.get(identifier="XX-NEW-2").title) == "Tiltai"


def test_the_page_tells_stewards_steps_and_what_is_ahead(cast: Cast, programme: Programme) -> None:
    grant(programme, by=cast.giver, donor=cast.donor.organisation)
    transfer = drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    milestone(transfer, by=cast.giver)
    agreed(transfer, by=cast.giver, receiver=cast.receiver)
    text = shown(cast.giver, "programme", programme.uuid)
    assert text.count("<h1") == 1
    assert cast.giver.organisation.name in text
    steps = transfer.milestones.count()
    assert f"0 of {steps} step" in text
    first = transfer.milestones.order_by("due_on", "id")[0]
    assert escape(first.title) in text
    assert "Grant ends" in text
    assert reverse("programme-edit", args=[programme.uuid]) in text


def test_what_is_not_told_to_a_person_is_not_offered_to_them_either(cast: Cast, programme: Programme) -> None:
    address = reverse("programme-edit", args=[programme.uuid])
    assert address not in shown(cast.auditor, "programme", programme.uuid)
    assert client(cast.auditor).get(address).status_code == 403
    assert client(cast.stranger).get(reverse("programme", args=[programme.uuid])).status_code == 404
    assert Client().get(reverse("programme", args=[programme.uuid])).status_code == 302


def test_a_description_keeps_what_nobody_can_enter_here(cast: Cast, programme: Programme) -> None:
    rom = [{"lang": "en", "text": "Bridges"}, {"lang": "rom", "text": "Phurta"}]
    changed = programme_actions.edit(
        by=cast.giver, programme_uuid=programme.uuid, version=programme.version, title=rom
    )
    sent(
        cast.giver,
        "programme-edit",
        programme.uuid,
        version=changed.version,
        title_en="Bridges that stay",
        starts_on="2024-02-01",
    )
    found = Programme.objects.get(pk=programme.pk)
    assert {item["lang"]: item["text"] for item in found.title} == {
        "en": "Bridges that stay",
        "rom": "Phurta",
    }
    assert found.starts_on == dt.date(2024, 2, 1)


def test_whoever_comes_second_is_told_what_was_changed_and_may_then_keep_their_own(
    cast: Cast, programme: Programme
) -> None:
    read = programme.version
    programme_actions.edit(by=cast.giver, programme_uuid=programme.uuid, version=read, title="Theirs")
    text = text_of(sent(cast.giver, "programme-edit", programme.uuid, version=read, title_en="Mine"))
    assert "Somebody else changed this programme" in text
    assert "now: Theirs" in text
    assert 'value="Mine"' in text
    assert best(Programme.objects.get(pk=programme.pk).title) == "Theirs"
    fresh = re.search(r'name="version" value="(\d+)"', text)
    assert fresh is not None
    assert int(fresh[1]) == read + 1
    sent(cast.giver, "programme-edit", programme.uuid, version=fresh[1], title_en="Mine")
    assert best(Programme.objects.get(pk=programme.pk).title) == "Mine"


def test_texts_keep_their_order_and_lose_what_was_emptied() -> None:
    before: Any = [{"lang": "lt", "text": "A"}, {"lang": None, "text": "B"}, {"lang": "rom", "text": "C"}]
    entered = {"title_lt": " A2 ", "title_en": "", "title_ro": "D"}
    assert texts.given("title", entered, before) == [
        {"lang": "lt", "text": "A2"},
        {"lang": "ro", "text": "D"},
        {"lang": "rom", "text": "C"},
    ]


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.slug)
def test_every_register_says_what_to_do_while_it_is_empty(
    cast: Cast, programme: Programme, noun: Any
) -> None:
    text = shown(cast.auditor, noun.plural, programme.uuid)
    assert str(noun.empty) in text.replace("&#x27;", "’")
    assert "<table" not in text
    assert reverse(f"{noun.name}-add", args=[programme.uuid]) not in text
    refused = text_of(
        client(cast.auditor).get(reverse(f"{noun.name}-add", args=[programme.uuid]), follow=True)
    )
    assert "you may read" in refused.lower()


def test_every_column_of_a_register_is_called_something() -> None:
    assert {name for noun in NOUNS for name in (*noun.columns, *noun.listed)} <= set(LABELS)


def test_a_line_is_entered_shown_and_changed_by_whoever_holds_its_responsibility(
    cast: Cast, programme: Programme
) -> None:
    service = responsibility(programme, by=cast.giver)
    given = {
        "responsibility": service.uuid,
        "title": "Mediator",
        "fte": "0,5",
        "funded_by": "grant",
        "starts_on": "2024-01-01",
        "yearly_cost": "12.000,50",
        "currency": "RON",
    }
    entered = text_of(sent(cast.giver, "post-add", programme.uuid, **given))
    row = Post.objects.get(programme=programme)
    assert "“Mediator” is entered." in entered
    assert (str(row.fte), str(row.yearly_cost)) == ("0.50", "12000.50")
    assert row.title in shown(cast.auditor, "posts", programme.uuid)
    change = {**given, "version": row.version, "title": "Health mediator"}
    refused = text_of(sent(cast.receiver, "post-edit", programme.uuid, row.uuid, **change))
    assert Post.objects.get(pk=row.pk).title == "Mediator"
    assert "is changed" not in refused
    done = text_of(sent(cast.giver, "post-edit", programme.uuid, row.uuid, **change))
    assert "“Health mediator” is changed." in done
    assert str(Post.objects.get(pk=row.pk).yearly_cost) == "12000.50"


def test_a_wrong_line_is_told_at_its_field_and_nothing_is_entered(cast: Cast, programme: Programme) -> None:
    service = responsibility(programme, by=cast.giver)
    given = {
        "responsibility": service.uuid,
        "title": "Van",
        "acquired_on": "2024-01-01",
        "cost": "-1",
        "currency": "EUR",
    }
    text = text_of(sent(cast.giver, "equipment-add", programme.uuid, **given))
    assert "below zero" in text
    assert 'href="#id_cost"' in text
    assert 'aria-describedby="id_cost-error"' in text
    assert "Enter this: Bought on." in text_of(
        sent(cast.giver, "equipment-add", programme.uuid, **{**given, "acquired_on": ""})
    )


def test_a_list_is_narrowed_to_a_responsibility(cast: Cast, programme: Programme) -> None:
    first = responsibility(programme, by=cast.giver, title="First")
    second = responsibility(programme, by=cast.giver, title="Second")
    item(first, by=cast.giver, title="Blue van")
    text = shown(cast.giver, "equipment-list", programme.uuid, responsibility=str(first.uuid))
    assert "Blue van" in text
    assert "Nothing is entered for this responsibility" in shown(
        cast.giver, "equipment-list", programme.uuid, responsibility=str(second.uuid)
    )


def test_a_line_of_another_programme_is_not_there(cast: Cast, programme: Programme) -> None:
    other = founded(cast.giver, title="Other")
    row = item(responsibility(other, by=cast.giver), by=cast.giver)
    address = reverse("equipment", args=[programme.uuid, row.uuid])
    assert client(cast.giver).get(address).status_code == 404


def test_an_act_that_falls_is_told_where_something_rests_on_it(cast: Cast, programme: Programme) -> None:
    given = {
        "issuer": cast.giver.organisation.uuid,
        "kind": "council_decision",
        "number": "12",
        "dated": "2024-03-01",
        "status": "adopted",
    }
    sent(cast.giver, "legal-act-add", programme.uuid, **given)
    act = LegalAct.objects.get(programme=programme)
    row = item(responsibility(programme, by=cast.giver), by=cast.giver, legal_act=act.uuid)
    assert row.title in shown(cast.auditor, "legal-act", programme.uuid, act.uuid)
    sent(cast.giver, "legal-act-edit", programme.uuid, act.uuid, version=act.version, status="annulled")
    assert LegalAct.objects.get(pk=act.pk).status == "annulled"
    assert "does not hold any more" in shown(cast.auditor, "equipment", programme.uuid, row.uuid)
    assert "annulled" in shown(cast.auditor, "documents", programme.uuid)


def test_a_grant_is_added_with_its_donor(cast: Cast, programme: Programme) -> None:
    given = {
        "title": "Integration grant",
        "donor": cast.donor.organisation.uuid,
        "lead": cast.giver.organisation.uuid,
        "agreement_number": "G-1",
        "starts_on": "2024-01-01",
        "ends_on": "2026-12-31",
        "amount": "1.000.000,00",
        "currency": "EUR",
    }
    sent(cast.giver, "grant-add", programme.uuid, **given)
    found = Grant.objects.get(programme=programme)
    assert str(found.amount) == "1000000.00"
    assert "1,000,000.00" in shown(cast.auditor, "grant", programme.uuid, found.uuid)


def test_the_next_stage_is_a_line_of_its_own_and_the_curve_counts_the_latest(
    cast: Cast, programme: Programme
) -> None:
    service = responsibility(programme, by=cast.giver)
    asked = line(service, by=cast.giver, stage="requested", amount="100")
    given = {"stage": "adopted", "amount": "80", "decided_on": "2024-12-01"}
    sent(cast.giver, "budget-line-stage", programme.uuid, asked.uuid, **given)
    assert BudgetLine.objects.filter(programme=programme).count() == 2
    text = shown(cast.auditor, "budget-curve", programme.uuid)
    assert "80.00" in text
    assert "100.00" not in text
    assert "<svg" in text


def test_who_pays_a_post_is_entered_share_by_share(cast: Cast, programme: Programme) -> None:
    row = post(responsibility(programme, by=cast.giver), by=cast.giver)
    given = {"source": "state", "share": "40", "starts_on": "2024-01-01"}
    sent(cast.giver, "post-fund", programme.uuid, row.uuid, **given)
    assert str(PostFunding.objects.get(post=row).share) == "40.00"
    too_much = text_of(sent(cast.giver, "post-fund", programme.uuid, row.uuid, **{**given, "share": "70"}))
    assert "Error:" in too_much
    assert PostFunding.objects.filter(post=row).count() == 1


def test_a_responsibility_is_defined_and_tells_who_was_what(cast: Cast, programme: Programme) -> None:
    given = {
        "title": "Health mediation",
        "kind": "service",
        "holder": cast.giver.organisation.uuid,
        "phase": "phase_over",
        "debtor": cast.giver.organisation.uuid,
    }
    text = text_of(sent(cast.giver, "responsibility-add", programme.uuid, **given))
    row = Responsibility.objects.get(programme=programme, title="Health mediation")
    assert text.count(cast.giver.organisation.name) >= 3
    sent(
        cast.giver,
        "responsibility-edit",
        programme.uuid,
        row.uuid,
        version=row.version,
        title="Mediation",
        phase="phase_out",
    )
    assert Responsibility.objects.get(pk=row.pk).phase == "phase_out"
    assert "Mediation" in shown(cast.auditor, "responsibilities", programme.uuid)
    assert client(cast.auditor).get(reverse("responsibility-add", args=[programme.uuid])).status_code == 403


def test_an_address_with_a_number_that_is_none_gives_the_first_page(cast: Cast, programme: Programme) -> None:
    register_actions.enter(
        by=cast.giver,
        register=Post,
        responsibility_uuid=responsibility(programme, by=cast.giver).uuid,
        title="Mediator",
        fte="1",
        funded_by="grant",
        starts_on=dt.date(2024, 1, 1),
    )
    assert "Mediator" in shown(cast.giver, "posts", programme.uuid, page="²", responsibility="x")


def test_evidence_that_names_people_is_told_by_name_to_its_own_side_alone(
    cast: Cast, programme: Programme
) -> None:
    transfer = drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    step = milestone(transfer, by=cast.giver, evidence_required=True)
    agreed(transfer, by=cast.giver, receiver=cast.receiver)
    evidence.add(
        by=cast.giver,
        milestone_uuid=step.uuid,
        title="List of trainees",
        content=[b"names"],
        filename="trainees.txt",
        names_people=True,
        erase_after=dt.date(2030, 1, 1),
    )
    evidence.add(
        by=cast.giver, milestone_uuid=step.uuid, title="Minutes", content=[b"text"], filename="minutes.txt"
    )
    assert "List of trainees" in shown(cast.giver, "documents", programme.uuid)
    for actor in (cast.auditor, cast.receiver):
        text = shown(actor, "documents", programme.uuid)
        assert "List of trainees" not in text
        assert "trainees.txt" not in text
        assert "Minutes" in text
        assert "A copy with the same fingerprint" in text
