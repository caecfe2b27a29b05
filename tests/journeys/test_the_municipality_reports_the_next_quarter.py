"""A programme changes hands in the middle of a quarter, and its series go on.

The giver reports what it counted, partly after it has left. The municipality counts from its first day, says how many
people both sides know, and reports the next quarter, which is its own: drawn up by one person, approved by another.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from handover import clock, languages
from handover.access import Actor, asking
from handover.actions import executions, transfers
from handover.errors import Invalid, NotAllowed
from handover.models import Programme, Transfer
from handover.models.annexes import AnnexDecision, AnnexLine
from handover.models.transfers import KeepKind
from indicators.actions import axes, drafts, overlaps, sources, submissions, values
from indicators.actions.drafts import Row
from indicators.actions.values import Reported
from indicators.models import Indicator, SourceSeries, Submission, Value
from indicators.queries.points import How, Missing, Point
from indicators.queries.series import series
from indicators.queries.submissions import listing
from tests.factories import transfers as plans
from tests.factories.cast import TODAY, Cast
from tests.factories.indicators import FIRST_QUARTER, SECOND_QUARTER, indicator, result
from tests.handover.command_line import refused, said, told

pytestmark = pytest.mark.django_db

CUT = TODAY.date()
GIVERS_PART = (SECOND_QUARTER[0], CUT - dt.timedelta(days=1))
RECEIVERS_PART = (CUT, SECOND_QUARTER[1])
THIRD_QUARTER = (dt.date(2024, 7, 1), dt.date(2024, 9, 30))
IN_APRIL = dt.datetime(2024, 4, 8, 9, 0, tzinfo=dt.UTC)
IN_JULY = dt.datetime(2024, 7, 8, 9, 0, tzinfo=dt.UTC)
IN_OCTOBER = dt.datetime(2024, 10, 7, 9, 0, tzinfo=dt.UTC)
OWED_UNTIL = dt.date(2024, 8, 31)

BACKEND = "django.contrib.auth.backends.ModelBackend"

Span = tuple[dt.date, dt.date]


@dataclass(frozen=True)
class Story:
    """A programme that has changed hands, and what is counted in it."""

    cast: Cast
    programme: Programme
    transfer: Transfer
    sheets: SourceSeries
    entrants: Indicator
    persons: Indicator

    def points(self, of: Indicator, *, by: Actor | None = None, cutoff: Any = None) -> list[Point]:
        """Read a series."""
        with asking(by or self.cast.receiver):
            return series(self.programme, of, cutoff=cutoff)

    def second_quarter(self, of: Indicator) -> Point:
        """Read the quarter that was cut."""
        (found,) = (point for point in self.points(of) if (point.starts_on, point.ends_on) == SECOND_QUARTER)
        return found

    def values(self, of: Indicator, span: Span) -> list[Value]:
        """Give the values of a period, as the municipality reads them."""
        with asking(self.cast.receiver):
            rows = Value.objects.filter(indicator=of, period__starts_on=span[0], period__ends_on=span[1])
            return list(rows.select_related("organisation").order_by("cell"))


@pytest.fixture
def story(cast: Cast, programme: Programme) -> Story:
    """Let the giver count since the new year, and hand over in the middle of the second quarter."""
    sheets, entrants, persons = _defined(cast, programme)
    with clock.at(IN_APRIL):
        _approved(
            cast.giver_reporter,
            cast.giver_officer,
            programme,
            *_rows(entrants, FIRST_QUARTER, women=31, men=24, source=sheets.uuid),
            *_rows(persons, FIRST_QUARTER, women=52, men=40, source=sheets.uuid),
        )
    # The giver counts its new entrants up to the last evening; its persons it still owes.
    _approved(
        cast.giver_reporter,
        cast.giver_officer,
        programme,
        *_rows(entrants, GIVERS_PART, women=12, men=9, source=sheets.uuid),
    )
    transfer = _handed_over(cast, programme, owed=persons)
    return Story(cast, programme, transfer, sheets, entrants, persons)


def _defined(cast: Cast, programme: Programme) -> tuple[SourceSeries, Indicator, Indicator]:
    axes.create_standard(by=cast.giver, programme_uuid=programme.uuid, name="gender")
    sheets = sources.register(
        by=cast.giver_reporter,
        programme_uuid=programme.uuid,
        title="Attendance sheets, day centre",
        custodian=cast.giver.organisation,
        office="Head of the day centre",
        location="12 Main Street, room 4, shelf B",
        count=61,
        counted="sheets",
    )
    under = result(programme, by=cast.giver, title="People find their way to the day centre")
    common: dict[str, Any] = {
        "frequency": "quarterly",
        "axes": ["gender"],
        "approval": True,
        "unit": "persons",
    }
    entrants = indicator(programme, by=cast.giver, of=under, title="People who came anew", **common)
    persons = indicator(
        programme,
        by=cast.giver,
        of=under,
        title="People who were there",
        counting_rule="distinct_persons",
        aggregation_status="0",
        **common,
    )
    return sheets, entrants, persons


def _handed_over(cast: Cast, programme: Programme, *, owed: Indicator) -> Transfer:
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    transfers.keep(
        by=cast.giver,
        transfer_uuid=transfer.uuid,
        kind=KeepKind.OWED_RESULTS,
        until=OWED_UNTIL,
        indicator_uuids=[owed.uuid],
    )
    transfers.list_holdings(by=cast.giver, transfer_uuid=transfer.uuid)
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    plans.signed(transfer, cast)
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid, key="home")
    return transfer


def _rows(of: Indicator, span: Span, *, source: Any = None, **groups: int) -> Iterator[Row]:
    cells = {"": sum(groups.values()), **groups}
    for group, value in cells.items():
        yield Row(
            indicator=of.uuid,
            starts_on=span[0],
            ends_on=span[1],
            value=value,
            dimensions={"gender": group} if group else {},
            source=source,
        )


def _submitted(by: Actor, programme: Programme, *rows: Row) -> Submission:
    made = submissions.draft(by=by, programme_uuid=programme.uuid, title="What was counted")
    made = drafts.put(by=by, submission_uuid=made.uuid, version=made.version, rows=rows)
    return submissions.submit(by=by, submission_uuid=made.uuid, version=made.version)


def _approved(by: Actor, approver: Actor, programme: Programme, *rows: Row) -> None:
    made = _submitted(by, programme, *rows)
    submissions.approve(by=approver, submission_uuid=made.uuid, version=made.version)


def _both_parts(story: Story) -> None:
    """Report what is missing of the quarter that was cut: the giver what it owes, the receiver what it counted."""
    cast, programme = story.cast, story.programme
    with clock.at(IN_JULY):
        _approved(
            cast.giver_reporter,
            cast.receiver_officer,
            programme,
            *_rows(story.persons, GIVERS_PART, women=50, men=38),
        )
        _approved(
            cast.receiver_reporter,
            cast.receiver,
            programme,
            *_rows(story.entrants, RECEIVERS_PART, women=5, men=2),
            *_rows(story.persons, RECEIVERS_PART, women=30, men=21),
        )


def _overlap(story: Story, *, count: int = 43, by: Actor | None = None) -> None:
    with clock.at(IN_JULY):
        overlaps.state(
            by=by or story.cast.receiver_officer,
            indicator_uuid=story.persons.uuid,
            starts_on=SECOND_QUARTER[0],
            ends_on=SECOND_QUARTER[1],
            count=count,
            reason="Both attendance lists were laid side by side",
        )


def _next_quarter(story: Story, folder: Path) -> str:
    """Report the third quarter as the municipality does: its reporter on the command line, then its manager."""
    file = folder / "third-quarter.csv"
    file.write_text(
        "indicator,start,end,gender,value,source\n"
        "People who came anew,2024-07-01,2024-09-30,,19,\n"
        "People who came anew,2024-07-01,2024-09-30,women,11,\n"
        "People who came anew,2024-07-01,2024-09-30,men,8,\n"
        f"People who were there,2024-07-01,2024-09-30,,88,{story.sheets.uuid}\n",
        "utf-8",
    )
    reporter = ("--as", story.cast.receiver_reporter.user.email)
    begun = told("submission", "draft", story.programme.identifier, "--title", "Third quarter", *reporter)
    key = str(begun["submission"]["uuid"])
    assert "4 rows are in the submission." in said("submission", "put", key, file, *reporter)
    assert "somebody else approves it" in said("submission", "submit", key, *reporter)
    return key


def _text(client: Client, actor: Actor, address: str) -> str:
    client.force_login(actor.user, backend=BACKEND)
    answer = client.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


# --- the quarter that was cut ---------------------------------------------------------------------


def test_the_quarter_that_was_cut_is_reported_in_two_parts_and_people_count_once(story: Story) -> None:
    _both_sides_signed_where_the_sheets_lie(story)
    assert story.second_quarter(story.entrants).missing == Missing.PIECE_MISSING

    _the_giver_reports_what_it_owes_and_the_receiver_approves_it(story)
    _the_receiver_reports_from_its_first_day(story)
    _nobody_reports_the_whole(story)

    point = story.second_quarter(story.entrants)
    assert (point.total, point.how) == (Decimal(28), How.COMBINED)
    assert [(part.starts_on, part.ends_on, part.total) for part in point.pieces] == [
        (*GIVERS_PART, Decimal(21)),
        (*RECEIVERS_PART, Decimal(7)),
    ]
    assert [(each.day, each.giver) for each in point.handovers] == [(CUT, "Giver organisation")]
    _people_whom_both_sides_know_count_once(story)
    _an_auditor_walks_back_to_what_the_giver_counted(story)


def _both_sides_signed_where_the_sheets_lie(story: Story) -> None:
    with asking(story.cast.receiver):
        lines = list(AnnexLine.objects.filter(transfer=story.transfer).order_by("id"))
    (line,) = (line for line in lines if line.subject_uuid == story.sheets.uuid)
    assert line.kind == "sources"
    for words in ("Attendance sheets, day centre", "Giver organisation", "shelf B", "61 sheets"):
        assert words in line.text
    assert {story.entrants.uuid, story.persons.uuid} <= {line.subject_uuid for line in lines}
    assert {line.decision for line in lines} == {AnnexDecision.ACCEPTED}


def _the_giver_reports_what_it_owes_and_the_receiver_approves_it(story: Story) -> None:
    cast, programme = story.cast, story.programme
    rows = list(_rows(story.persons, GIVERS_PART, women=50, men=38))
    with clock.at(IN_JULY):
        with pytest.raises(NotAllowed):
            _submitted(cast.giver_reporter, programme, *_rows(story.entrants, GIVERS_PART, women=1))
        owed = _submitted(cast.giver_reporter, programme, *rows)
        # The giver's own people no longer decide: whoever answers for the indicator now does.
        with pytest.raises(NotAllowed):
            submissions.approve(by=cast.giver_officer, submission_uuid=owed.uuid, version=owed.version)
        submissions.approve(by=cast.receiver_officer, submission_uuid=owed.uuid, version=owed.version)
    assert {value.organisation_name for value in story.values(story.persons, GIVERS_PART)} == {
        "Giver organisation"
    }
    with clock.at(IN_OCTOBER), pytest.raises(NotAllowed):
        _submitted(cast.giver_reporter, programme, *rows)


def _the_receiver_reports_from_its_first_day(story: Story) -> None:
    with clock.at(IN_JULY):
        _approved(
            story.cast.receiver_reporter,
            story.cast.receiver,
            story.programme,
            *_rows(story.entrants, RECEIVERS_PART, women=5, men=2),
            *_rows(story.persons, RECEIVERS_PART, women=30, men=21),
        )


def _nobody_reports_the_whole(story: Story) -> None:
    whole = _rows(story.entrants, SECOND_QUARTER, women=17, men=11)
    with clock.at(IN_JULY), pytest.raises(Invalid, match="report the parts") as refusal:
        _submitted(story.cast.receiver_reporter, story.programme, *whole)
    problems: Any = refusal.value.details["problems"]
    assert {item["code"] for item in problems} == {"cut_by_handover"}


def _people_whom_both_sides_know_count_once(story: Story) -> None:
    point = story.second_quarter(story.persons)
    assert (point.total, point.missing) == (None, Missing.OVERLAP_UNKNOWN)
    assert (point.at_least, point.at_most) == (Decimal(88), Decimal(139))
    with pytest.raises(Invalid, match="cannot have been counted on both sides"):
        _overlap(story, count=52)
    with pytest.raises(NotAllowed):
        _overlap(story, by=story.cast.donor)
    # Whoever still owes its part and whoever reports the other both know the lists.
    _overlap(story, count=40, by=story.cast.giver_reporter)
    _overlap(story)
    point = story.second_quarter(story.persons)
    assert (point.total, point.how, point.overlap) == (Decimal(96), How.COMBINED, Decimal(43))


def _an_auditor_walks_back_to_what_the_giver_counted(story: Story) -> None:
    with clock.at(IN_JULY):
        everybody = story.values(story.entrants, GIVERS_PART)[0]
        way = told("trace", everybody.uuid, "--as", _mail(story.cast.auditor))["trace"]
    (revision,) = way["revisions"]
    assert (revision["value"], revision["organisation"]) == ("21", "Giver organisation")
    assert revision["submission"]["approver"] == "Officer of giver"
    assert [source["location"] for source in revision["sources"]] == ["12 Main Street, room 4, shelf B"]
    assert revision["entry"] is not None


# --- the next quarter -----------------------------------------------------------------------------


def test_the_municipality_reports_the_next_quarter_and_somebody_else_approves_it(
    story: Story, tmp_path: Path, client: Client
) -> None:
    _both_parts(story)
    _overlap(story)
    receiver = ("--as", _mail(story.cast.receiver))
    with clock.at(IN_OCTOBER):
        key = _next_quarter(story, tmp_path)
        assert "[own_submission]" in refused(
            "submission", "approve", key, "--as", _mail(story.cast.receiver_reporter)
        )
        assert len(story.points(story.entrants)) == 2

        assert "4 values count now." in said("submission", "approve", key, *receiver)

        assert [point.total for point in story.points(story.entrants)] == [55, 28, 19]
        assert [point.total for point in story.points(story.persons)] == [92, 96, 88]
        assert _reporters(story) == [
            (FIRST_QUARTER, "Giver organisation"),
            (GIVERS_PART, "Giver organisation"),
            (RECEIVERS_PART, "Receiver organisation"),
            (THIRD_QUARTER, "Receiver organisation"),
        ]
        _the_page_shows_the_handover(story, client)
        _the_value_leads_back_to_the_sheets(story)
        assert told("verify", story.programme.identifier, *receiver)["findings"] == 0


def _mail(of: Actor) -> str:
    return of.user.email


def _reporters(story: Story) -> list[tuple[Any, str]]:
    with asking(story.cast.receiver):
        rows = Value.objects.filter(programme=story.programme).values_list(
            "period__starts_on", "period__ends_on", "organisation_name"
        )
        return sorted({((first, last), name) for first, last, name in rows})


def _the_page_shows_the_handover(story: Story, client: Client) -> None:
    address = f"/programmes/{story.programme.uuid}/indicators/{story.persons.uuid}/"
    page = _text(client, story.cast.receiver, address)
    table = page[page.index("Periods, the last one first") : page.index("Who reported what")]
    third, cut, first = (
        table.index(words) for words in ("Q3 2024", f"{languages.short_day(CUT)} Handover", "Q1 2024")
    )
    assert third < cut < first
    for words in ("Giver organisation", "Receiver organisation", "of the parts before and after a handover"):
        assert words in table
    assert "Q2 2024 Value: 96" in table
    out = said(
        "indicators", story.programme.identifier, "--of", "were there", "--as", _mail(story.cast.donor)
    )
    assert f"handover on {CUT}: Giver organisation to Receiver organisation" in out


def _the_value_leads_back_to_the_sheets(story: Story) -> None:
    (value,) = story.values(story.persons, THIRD_QUARTER)
    way = said("trace", value.uuid, "--as", _mail(story.cast.receiver_officer))
    for words in (
        "People who were there, 2024-07-01 to 2024-09-30",
        "reported by Reporter of receiver, Receiver organisation",
        "approved by Manager of receiver",
        "rests on “Attendance sheets, day centre”, kept by Giver organisation, Head of the day centre",
        "12 Main Street, room 4, shelf B; 61 sheets",
    ):
        assert words in way


# --- the giver afterwards -------------------------------------------------------------------------


def test_nobody_of_the_giver_sees_or_reports_the_next_quarter(
    story: Story, tmp_path: Path, client: Client
) -> None:
    cast, programme = story.cast, story.programme
    _both_parts(story)
    with clock.at(IN_OCTOBER):
        key = _next_quarter(story, tmp_path)
        said("submission", "approve", key, "--as", _mail(cast.receiver))
        (value,) = story.values(story.persons, THIRD_QUARTER)
        for actor in (cast.giver, cast.giver_officer, cast.giver_reporter):
            _sees_nothing_of_it(story, actor, UUID(key), value)
            _reports_nothing(story, actor)
        _its_view_ends_at_the_handover(story, client)
        for address in ("", f"{story.entrants.uuid}/"):
            client.force_login(cast.stranger.user, backend=BACKEND)
            assert client.get(f"/programmes/{programme.uuid}/indicators/{address}").status_code == 404


def _sees_nothing_of_it(story: Story, actor: Actor, key: UUID, value: Value) -> None:
    who = ("--as", _mail(actor))
    assert "[not_found]" in refused("trace", value.uuid, *who)
    assert "[not_found]" in refused("submission", "show", key, *who)
    with asking(actor):
        seen = listing(actor, story.programme)
    assert all(item.submission.uuid != key for item in seen)


def _reports_nothing(story: Story, actor: Actor) -> None:
    with pytest.raises(NotAllowed):
        submissions.draft(by=actor, programme_uuid=story.programme.uuid)
    with pytest.raises(NotAllowed):
        values.report(
            by=actor,
            indicator_uuid=story.entrants.uuid,
            starts_on=THIRD_QUARTER[0],
            ends_on=THIRD_QUARTER[1],
            rows=[Reported(value=1)],
        )


def _its_view_ends_at_the_handover(story: Story, client: Client) -> None:
    page = _text(client, story.cast.giver, f"/programmes/{story.programme.uuid}/indicators/")
    assert f"You see what was recorded until {languages.day(CUT)}" in page
    assert "Q3 2024" not in page
    shown = told(
        "indicators", story.programme.identifier, "--of", "came anew", "--as", _mail(story.cast.giver)
    )
    assert [(each["start"], each["end"], each["total"], each["missing"]) for each in shown["periods"]] == [
        (*map(str, FIRST_QUARTER), "55", None),
        (*map(str, SECOND_QUARTER), None, "piece_missing"),
    ]
