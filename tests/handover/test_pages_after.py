"""The pages of the years after a handover: checks, undertakings, early warning, and who may do what there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from handover import clock
from handover.access import Actor, asking
from handover.actions import checks, undertakings
from handover.models import Programme, SustainabilityCheck, Undertaking, UndertakingYear
from handover.queries import checks as reads
from tests.factories.cast import Cast, programme_of
from tests.factories.programmes import responsibility
from tests.factories.registers import post
from tests.factories.transfers import executed

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(cast: Cast, programme: Programme) -> Iterator[Programme]:
    """Give a programme with a post, handed over on 3 June 2024, on 20 November 2024."""
    duty = responsibility(programme, by=cast.giver)
    post(duty, by=cast.giver, fte="2.00")
    with clock.at(dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)):
        executed(cast, programme)
    with clock.at(dt.datetime(2024, 11, 20, 12, tzinfo=dt.UTC)), asking(cast.receiver):
        yield Programme.objects.get(pk=programme.pk)


def client(actor: Actor) -> Client:
    made = Client()
    made.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")
    return made


def shown(actor: Actor, name: str, *args: Any) -> str:
    answer = client(actor).get(reverse(name, args=args))
    assert answer.status_code == 200, answer.content[:500]
    return str(answer.content.decode())


def sent(actor: Actor, name: str, *args: Any, **given: Any) -> str:
    answer: Any = client(actor).post(reverse(name, args=args), given, follow=True)
    assert answer.status_code == 200, answer.content[:500]
    return str(answer.content.decode())


def first(home: Programme) -> SustainabilityCheck:
    return next(iter(reads.rows(home)))


def promised(cast: Cast, home: Programme) -> Undertaking:
    return undertakings.enter(
        by=cast.receiver,
        programme_uuid=home.uuid,
        organisation=cast.receiver.organisation,
        kind="posts",
        title="Two mediators",
        quantity="2",
        unit="FTE",
        starts_on=dt.date(2023, 1, 1),
    )


def test_before_a_handover_the_page_says_when_checks_are_planned(cast: Cast, programme: Programme) -> None:
    text = shown(cast.giver, "after", programme.uuid)
    assert "planned by themselves when the programme is handed over" in text
    assert "No undertaking is entered yet" in text


def test_the_page_tells_checks_and_what_was_promised(cast: Cast, home: Programme) -> None:
    promised(cast, home)
    text = shown(cast.donor, "after", home.uuid)
    assert "6 months after the handover" in text
    assert "May be held now" in text
    assert "Two mediators" in text
    assert "Nothing was shown in time" in text
    assert reverse("undertaking-add", args=[home.uuid]) not in text


def test_an_overdue_check_and_a_silent_steward_are_seen_by_the_donor(cast: Cast, home: Programme) -> None:
    with clock.at(dt.datetime(2025, 1, 10, 12, tzinfo=dt.UTC)):
        text = shown(cast.donor, "after", home.uuid)
    assert "1 check is overdue." in text
    assert f"{escape(cast.receiver.organisation.name)} has recorded nothing here for 221 days." in text


def test_a_promise_is_entered_on_a_page_with_what_depends_on_it(cast: Cast, home: Programme) -> None:
    text = sent(
        cast.receiver,
        "undertaking-add",
        home.uuid,
        organisation=str(cast.receiver.organisation.uuid),
        kind="service",
        title="The day centre is open on five days",
        starts_on="2024-06-03",
        due_month="2",
        due_day="30",
    )
    assert "is entered" in text
    row = Undertaking.objects.get(programme=home)
    duty = responsibility(home, by=cast.receiver)
    text = sent(
        cast.receiver, "undertaking-dependents", home.uuid, row.uuid, responsibilities=[str(duty.uuid)]
    )
    assert duty.title in text
    assert "28 February 2025" in text


def test_a_form_that_says_too_little_says_what_is_missing(cast: Cast, home: Programme) -> None:
    text = sent(cast.receiver, "undertaking-add", home.uuid, title="Only a title")
    assert "There is a problem" in text
    assert not Undertaking.objects.exists()


def test_a_year_is_said_with_a_file_and_changed_later(cast: Cast, home: Programme) -> None:
    row = promised(cast, home)
    sent(
        cast.receiver,
        "undertaking-say",
        home.uuid,
        row.uuid,
        year="2023",
        outcome="partly",
        quantity="1,5",
        reason="One post was vacant",
        file=SimpleUploadedFile("list.pdf", b"%PDF-1.7", "application/pdf"),
    )
    said = UndertakingYear.objects.get(undertaking=row)
    text = shown(cast.donor, "undertaking", home.uuid, row.uuid)
    assert "One post was vacant" in text
    assert "1.5 FTE" in text
    answer = client(cast.donor).get(reverse("undertaking-year-file", args=[home.uuid, said.uuid]))
    assert (answer.content, answer["Content-Type"]) == (b"%PDF-1.7", "application/pdf")
    assert "sandbox" in answer["Content-Security-Policy"]
    sent(
        cast.receiver,
        "undertaking-year-edit",
        home.uuid,
        said.uuid,
        version="1",
        outcome="broken",
        quantity="1,5",
        reason="Both posts were vacant",
    )
    assert "Both posts were vacant" in shown(cast.donor, "undertaking", home.uuid, row.uuid)


def test_the_community_contests_what_the_institution_says(cast: Cast, home: Programme) -> None:
    row = promised(cast, home)
    undertakings.say(by=cast.receiver, undertaking_uuid=row.uuid, year=2023, outcome="kept")
    text = sent(
        cast.community,
        "undertaking-say",
        home.uuid,
        row.uuid,
        year="2023",
        outcome="broken",
        reason="Nobody came",
    )
    assert "Contested" in text
    assert "Nobody came" in text


def test_a_refusal_stands_at_its_field(cast: Cast, home: Programme) -> None:
    row = promised(cast, home)
    text = sent(cast.receiver, "undertaking-say", home.uuid, row.uuid, year="2023", outcome="broken")
    assert "id_reason-error" in text


def test_a_check_tells_every_part_before_it_is_held(cast: Cast, home: Programme) -> None:
    text = shown(cast.donor, "check", home.uuid, first(home).uuid)
    for word in ("Indicators", "Undertakings", "Services delivered", "Staff in post", "Equipment present"):
        assert word in text
    assert "2 full-time equivalents" in text
    assert "No score: only 1 of 7 parts are known" in text
    assert reverse("check-hold", args=[home.uuid, first(home).uuid]) not in text


def test_each_says_what_it_found_and_the_steward_holds_the_check(cast: Cast, home: Programme) -> None:
    row = first(home)
    sent(
        cast.donor,
        "check-look",
        home.uuid,
        row.uuid,
        part="equipment",
        found="weaker",
        counted="18",
        expected="20",
        remark="Two computers are gone",
    )
    text = sent(cast.community, "check-look", home.uuid, row.uuid, part="voice", found="holds")
    assert "Two computers are gone" in text
    text = sent(cast.receiver, "check-hold", home.uuid, row.uuid, version="1", remark="We buy two")
    assert "96.7 of 100, from 3 of 7 parts" in text
    assert "We buy two" in text
    assert "96.7 of 100" in shown(cast.donor, "after", home.uuid)


def test_what_was_held_reads_the_same_years_later(cast: Cast, home: Programme) -> None:
    row = first(home)
    checks.hold(by=cast.receiver, check_uuid=row.uuid, version=1)
    with clock.at(dt.datetime(2029, 1, 1, tzinfo=dt.UTC)):
        text = shown(cast.donor, "check", home.uuid, row.uuid)
    assert "2 full-time equivalents" in text
    assert "kept as it was on that day" in text


def test_only_the_community_is_offered_its_voice(cast: Cast, home: Programme) -> None:
    row = first(home)
    assert 'value="voice"' in shown(cast.community, "check-look", home.uuid, row.uuid)
    assert 'value="voice"' not in shown(cast.donor, "check-look", home.uuid, row.uuid)


def test_a_check_is_moved_dropped_and_planned_by_forms(cast: Cast, home: Programme) -> None:
    one, two = list(reads.rows(home))[:2]
    assert "15 January 2025" in sent(
        cast.receiver, "check-move", home.uuid, one.uuid, due_on="2025-01-15", version="1"
    )
    assert "Held with another" in sent(
        cast.receiver, "check-drop", home.uuid, two.uuid, reason="Held with another", version="1"
    )
    text = sent(cast.receiver, "checks-plan", home.uuid, transfer=str(one.transfer.uuid), months="18")
    assert "18 months after the handover" in text
    again = sent(cast.receiver, "checks-plan", home.uuid, transfer=str(one.transfer.uuid), months="18")
    assert "planned already" in again


def test_somebody_elses_programme_has_no_such_pages(cast: Cast, home: Programme) -> None:
    row = first(home)
    for name, args in (("after", [home.uuid]), ("check", [home.uuid, row.uuid])):
        assert client(cast.stranger).get(reverse(name, args=args)).status_code == 404
    assert (
        client(cast.donor)
        .post(reverse("check-hold", args=[home.uuid, row.uuid]), {"version": "1"})
        .status_code
        == 403
    )


def test_the_report_is_given_in_the_readers_language_and_as_it_was_asked_for(
    cast: Cast, home: Programme
) -> None:
    address = reverse("sustainability-report", args=[home.uuid])
    asks = client(cast.donor)
    for form, media in (("pdf", "application/pdf"), ("json", "application/json")):
        answer = asks.get(address, {"as": form, "languages": ["ro", "lt"]})
        assert (answer.status_code, answer["Content-Type"]) == (200, media)
        assert f"sustainability-report-xx-test-home-2024-11-20.{form}" in answer["Content-Disposition"]
        assert answer["Cache-Control"] == "private, no-store"
    for wrong in ({"as": "doc"}, {"languages": "de"}, {"languages": ["en", "ro", "lt"]}):
        assert asks.get(address, wrong).status_code == 404
    assert client(cast.stranger).get(address).status_code == 404


def test_a_donor_sees_all_handovers_and_takes_them_along(cast: Cast, home: Programme) -> None:
    page = shown(cast.donor, "after-handovers")
    assert "How 1 programme stands that was handed over" in page
    assert cast.receiver.organisation.name in page
    assert "3 December 2024" in page or "03/12/2024" in page
    answer = client(cast.donor).get(reverse("after-handovers-file"), {"as": "xlsx"})
    assert answer.content.startswith(b"PK")


def test_whoever_reads_no_handover_is_told_what_will_stand_there(cast: Cast, home: Programme) -> None:
    assert "No programme that you may read was handed over yet." in shown(cast.stranger, "after-handovers")


def test_the_page_of_all_handovers_asks_as_often_for_many_programmes(cast: Cast, home: Programme) -> None:
    asks = client(cast.receiver)
    address = reverse("after-handovers")
    taken = []
    for more in (0, 2):
        for number in range(more):
            with clock.at(dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)):
                executed(cast, programme_of(cast, f"XX-TEST-{number}"))
        with CaptureQueriesContext(connection) as seen:
            assert asks.get(address).status_code == 200
        taken.append(len(seen))
    assert taken[0] == taken[1]
    assert "How 3 programmes stand" in shown(cast.receiver, "after-handovers")
