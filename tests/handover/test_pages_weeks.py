"""The pages that the weeks need: what blocks, what decides the end, what nobody pays, what is held, what stands out."""

from __future__ import annotations

import io
import json
from typing import Any

import pypdf
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from handover.access import Actor
from handover.actions import accounts
from handover.models import Programme
from handover.models.milestones import MilestoneKind
from handover.queries.tasks import pages_of
from handover.views.weeks.places import address_of
from tests.factories import transfers as plans
from tests.factories.cast import Cast
from tests.factories.programmes import grant
from tests.factories.registers import line, post
from tests.factories.transfers import agreed, drafted, milestone, responsibilities_of

OF_PROGRAMME = ("blockers", "critical-path", "funding")
MOST = {
    "blockers": 19,
    "critical-path": 12,
    "funding": 14,
    "held": 11,
    "budget-request": 15,
    "exceptions": 12,
}
"""Queries of each page; nine of a programme's are those by which every page learns who asks and what they may."""
OF_ALL = ("held", "budget-request", "exceptions")


def client(actor: Actor) -> Client:
    made = Client()
    made.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")
    return made


def shown(actor: Actor, name: str, *args: Any, **query: Any) -> str:
    answer = client(actor).get(reverse(name, args=args), query)
    assert answer.status_code == 200, answer.content[:500]
    return answer.content.decode()


@pytest.fixture
def under_way(cast: Cast, programme: Programme) -> Programme:
    """Give the programme with a plan that is agreed, a grant, a post and lines."""
    service, _ = responsibilities_of(programme, by=cast.giver)
    grant(programme, by=cast.giver, donor=cast.donor.organisation)
    post(service, by=cast.giver, yearly_cost="24000", currency="EUR")
    line(service, by=cast.giver, year=2024, source="grant", amount="12000")
    line(service, by=cast.giver, year=2025, amount="6000", stage="requested", classification="68.02")
    transfer = drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    decided = milestone(transfer, by=cast.giver, kind=MilestoneKind.COUNCIL_DECISION, title="Decide <it>")
    milestone(
        transfer, by=cast.giver, title="Train", waits_for=[decided], moves=[service], evidence_required=True
    )
    agreed(transfer, by=cast.giver, receiver=cast.receiver)
    return programme


@pytest.mark.parametrize("name", OF_PROGRAMME)
def test_pages_of_a_programme_open_to_its_readers_alone(cast: Cast, programme: Programme, name: str) -> None:
    address = reverse(name, args=[programme.uuid])
    for actor in (cast.giver, cast.giver_reporter, cast.community, cast.auditor):
        assert client(actor).get(address).status_code == 200
    assert client(cast.stranger).get(address).status_code == 404
    assert Client().get(address).status_code == 302
    assert client(cast.giver).post(address).status_code == 405


@pytest.mark.parametrize("name", [*OF_PROGRAMME, *OF_ALL])
def test_every_page_has_an_empty_state_and_one_heading(cast: Cast, programme: Programme, name: str) -> None:
    actor = cast.giver if name in OF_PROGRAMME else cast.stranger
    args = [programme.uuid] if name in OF_PROGRAMME else []
    text = shown(actor, name, *args)
    assert text.count("<h1") == 1
    assert "<table" not in text
    assert {
        "blockers": "No handover is being prepared",
        "critical-path": "No step of a handover is open",
        "funding": "enter what the services cost first",
        "held": "Your organisation answers for nothing yet",
        "budget-request": "there is nothing to ask money for",
        "exceptions": "No programme is open to your organisation",
    }[name] in text


def test_blockers_name_what_who_and_until_when_and_can_be_narrowed_to_ones_own(
    cast: Cast, under_way: Programme
) -> None:
    text = shown(cast.giver, "blockers", under_way.uuid)
    assert "Decide &lt;it&gt;" in text
    assert "It names no legal act." in text
    assert (
        "Upload the paper that shows it: <strong>Giver organisation or Receiver organisation</strong>" in text
    )
    assert "There is no budget line and no post" not in text
    assert "31/08/2024" in text
    everything, own = (
        shown(cast.donor, "blockers", under_way.uuid, **query).count("<tr class")
        for query in ({}, {"who": "us"})
    )
    assert everything > 3
    assert own == 0
    assert "Show what everybody must do" in shown(cast.giver, "blockers", under_way.uuid, who="us")


def test_the_path_says_what_decides_the_end(cast: Cast, under_way: Programme) -> None:
    text = shown(cast.giver, "critical-path", under_way.uuid)
    assert "<li><strong>" in text
    assert "The sessions of Receiver organisation are not entered" in text
    assert "Decide &lt;it&gt;" in text
    assert "style=" not in text


def test_funding_tells_posts_and_costs_month_by_month(cast: Cast, under_way: Programme) -> None:
    text = shown(cast.giver, "funding", under_way.uuid)
    assert "By the plan the programme is handed over on 31 August 2024." in text
    assert "The grant pays until 31 December 2024." in text
    assert "2,000.00\u00a0EUR a month" in text
    assert "January 2025" in text
    assert "December 2024</th>" not in text


def test_pages_speak_the_readers_language(cast: Cast, under_way: Programme) -> None:
    accounts.speak(by=cast.giver, language="ro")
    text = shown(cast.giver, "funding", under_way.uuid)
    assert '<html lang="ro"' in text
    assert "31 august 2024" in text
    assert "2.000,00\u00a0EUR" in text


def test_what_we_hold_tells_lines_and_leads_to_the_request(cast: Cast, under_way: Programme) -> None:
    text = shown(cast.giver_officer, "held")
    assert "Day centre" in text
    assert "12,000.00\u00a0EUR, grant (adopted)" in text
    assert f"{reverse('budget-request')}?programme={under_way.uuid}&amp;year=2025" in text


def test_a_request_is_shown_and_comes_as_a_workbook_and_as_a_paper(cast: Cast, under_way: Programme) -> None:
    query = {"programme": str(under_way.uuid), "year": "2025"}
    text = shown(cast.receiver_officer, "budget-request", **query)
    assert "6,000.00\u00a0EUR" in text
    officer = client(cast.receiver_officer)

    sheet = officer.get(reverse("budget-request-xlsx"), query)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet.content)).get_sheet_by_index(0).to_python()
    assert (rows[1][1], rows[1][7]) == ("Running costs", 6000)
    assert sheet["Content-Disposition"] == 'attachment; filename="budget-request-xx-test-home-2025.xlsx"'

    pdf = officer.get(reverse("budget-request-pdf"), query).content
    read = pypdf.PdfReader(io.BytesIO(pdf))
    printed = " ".join("\n".join(found.extract_text() for found in read.pages).split())
    assert "Budget request for 2025" in printed
    assert "6,000.00 EUR" in printed
    (said,) = read.attachments["budget-request.json"]
    assert json.loads(said)["asked"] == "6000"
    assert officer.get(reverse("budget-request-pdf"), query).content == pdf


@pytest.mark.parametrize(
    "query", [{}, {"year": "2025", "programme": "x"}, {"year": "zwei"}, {"year": "99999"}]
)
def test_a_file_of_no_request_is_not_there_and_the_page_says_what_is_wrong(
    cast: Cast, under_way: Programme, query: dict[str, str]
) -> None:
    giver = client(cast.giver)
    for name in ("budget-request-xlsx", "budget-request-pdf"):
        assert giver.get(reverse(name), query).status_code == 404
    text = shown(cast.giver, "budget-request", **query)
    assert ("govuk-error-summary" in text) is bool(query)
    assert ("<title>Error:" in text) is bool(query)


def test_nobody_asks_money_for_what_others_hold(cast: Cast, under_way: Programme) -> None:
    query = {"programme": str(under_way.uuid), "year": "2025"}
    for actor in (cast.donor, cast.stranger):
        assert client(actor).get(reverse("budget-request-xlsx"), query).status_code == 404
        assert "6,000.00" not in shown(actor, "budget-request", **query)


def test_an_amount_without_a_rate_is_an_error_on_the_page(cast: Cast, under_way: Programme) -> None:
    service, _ = responsibilities_of(under_way, by=cast.giver)
    line(service, by=cast.giver, year=2025, amount="5", title="Lei", currency="RON")
    text = shown(cast.giver, "budget-request", programme=str(under_way.uuid), year="2025")
    assert "there is no rate between RON and EUR" in text
    answer = client(cast.giver).get(
        reverse("budget-request-xlsx"), {"programme": str(under_way.uuid), "year": "2025"}
    )
    assert answer.status_code == 409


def test_exceptions_show_what_stands_out_kind_by_kind(cast: Cast, programme: Programme) -> None:
    plans.executed(cast, programme)
    text = shown(cast.auditor, "exceptions")
    assert "waits for the signature of Giver organisation" in text
    assert "No milestone is overdue." in text


def test_a_link_leads_to_the_first_page_that_is_there(programme: Programme) -> None:
    places = (("no-such-page", (programme.uuid,)), ("blockers", (programme.uuid,)))
    assert address_of(places) == reverse("blockers", args=[programme.uuid])
    assert address_of(places[:1]) == ""
    assert all(place[0] for place in pages_of(programme=programme.uuid))


@pytest.mark.parametrize("name", [*OF_PROGRAMME, *OF_ALL])
def test_a_page_takes_few_queries(cast: Cast, under_way: Programme, name: str) -> None:
    args = [under_way.uuid] if name in OF_PROGRAMME else []
    query = {"programme": str(under_way.uuid), "year": "2025"} if name == "budget-request" else {}
    giver = client(cast.giver)
    with CaptureQueriesContext(connection) as queries:
        assert giver.get(reverse(name, args=args), query).status_code == 200
    # What says who asks and opens savepoints is no reading.
    reads = [
        row for row in queries.captured_queries if "FROM" in row["sql"] and "_setting(" not in row["sql"]
    ]
    assert len(reads) <= MOST[name], [row["sql"][:150] for row in reads]
