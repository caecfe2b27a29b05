"""Records of the work: entered, edited, withdrawn; who may; and what is refused."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from handover.access import asking
from handover.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from handover.models import LedgerEntry, Programme, Responsibility
from handover.models.guard import DirectWrite
from handover.permissions import StandingKind
from interventions.actions import commitments, records
from interventions.exchange import records_document
from interventions.models import CommemorationDay, Commitment, Event, Support
from interventions.queries import calendar as days
from interventions.queries import records as told
from interventions.queries.record_kinds import KINDS
from tests.factories import interventions as make
from tests.factories import programmes
from tests.factories.cast import Cast
from tests.factories.records import entered, support

pytestmark = pytest.mark.django_db

JANUARY = (dt.date(2024, 1, 1), dt.date(2024, 1, 31))
FIRST_QUARTER = (dt.date(2024, 1, 1), dt.date(2024, 3, 31))


def _authority(programme: Programme, cast: Cast, **said: Any) -> Any:
    entry = {"name": "Labour inspectorate", "level": "county", "works_on": "Fair hiring", **said}
    return entered(programme, "authority", by=cast.giver, **entry)


def _verbs(programme: Programme, cast: Cast) -> list[str]:
    with asking(cast.giver):
        bodies = (
            LedgerEntry.objects.filter(programme_id=programme.pk)
            .order_by("seq")
            .values_list("body", flat=True)
        )
        return [body.rpartition('"verb":"')[2].rstrip('"}') for body in bodies]


def test_family_support_is_recorded_edited_and_withdrawn(programme: Programme, cast: Cast) -> None:
    work = make.intervention(programme, by=cast.giver)
    row = support(programme, by=cast.giver_reporter, intervention=work.uuid, children=4, adults=3, families=2)

    records.edit(
        by=cast.giver_reporter, record="support", record_uuid=row.uuid, version=1, changes={"adults": "5"}
    )
    with asking(cast.giver):
        found = Support.objects.get(uuid=row.uuid)
    assert (found.children, found.adults, found.families, found.version) == (4, 5, 2, 2)

    records.withdraw(
        by=cast.giver_reporter, record="support", record_uuid=row.uuid, version=2, reason="Counted elsewhere"
    )
    with asking(cast.giver):
        assert not Support.objects.exists()
    assert _verbs(programme, cast)[-3:] == ["record.entered", "record.edited", "record.withdrawn"]


def test_the_ledger_keeps_what_a_withdrawn_record_said(programme: Programme, cast: Cast) -> None:
    row = support(programme, by=cast.giver, children=41, source="Parcel list of the food bank")

    records.withdraw(by=cast.giver, record="support", record_uuid=row.uuid, version=1, reason="Twice")

    with asking(cast.giver):
        body = LedgerEntry.objects.filter(programme_id=programme.pk).order_by("-seq")[0].body
    assert '"children":41' in body
    assert "Parcel list of the food bank" in body


def test_every_kind_says_what_it_needs_and_what_makes_two_the_same() -> None:
    for kind in KINDS.values():
        every = {column.name for column in kind.model._meta.concrete_fields}
        assert set(kind.needed) <= set(kind.fields)
        assert set(kind.same) <= every
        assert {name for name in kind.days if name} <= every
        assert {name for measure in kind.measures.values() for name in measure.columns} <= every
        assert not kind.overlaps or kind.days[0]


@pytest.mark.parametrize(
    ("said", "code", "field", "named"),
    [
        ({"children": -1}, "negative_count", "children", "support"),
        ({"adults": "-2"}, "negative_count", "adults", "-2"),
        ({"quantity": "-0.5"}, "negative_count", "quantity", "support"),
        ({"children": 1.5}, "invalid", "children", "whole number"),
        ({"children": True}, "invalid", "children", "whole number"),
        ({"children": "many"}, "invalid", "children", "many"),
        ({"children": 3_000_000_000}, "invalid", "children", "2147483647"),
        ({"quantity": 0.5}, "invalid", "quantity", "exactly"),
        ({"quantity": "0.123"}, "invalid", "quantity", "2 decimal places"),
        ({"kind": "gold"}, "invalid", "kind", "gold"),
        ({"kind": None}, "missing", "kind", "outcome"),
        ({"intervention": None}, "missing", "intervention", "intervention"),
        ({"starts_on": "soon"}, "invalid", "starts_on", "soon"),
        ({"starts_on": "2024-02-01", "ends_on": "2024-01-31"}, "dates_reversed", "ends_on", "2024-01-31"),
        ({"shoes": 3}, "unknown_field", "shoes", "families"),
        ({"uuid": "x"}, "unknown_field", "uuid", "families"),
        ({"place": "nowhere"}, "unknown_place", "place", "nowhere"),
    ],
)
def test_what_is_wrong_is_named(
    programme: Programme, cast: Cast, said: dict[str, Any], code: str, field: str, named: str
) -> None:
    with pytest.raises(Invalid) as on_entering:
        support(programme, by=cast.giver, **said)
    row = support(programme, by=cast.giver)
    with pytest.raises(Invalid) as on_editing:
        records.edit(by=cast.giver, record="support", record_uuid=row.uuid, version=1, changes=said)

    for refusal in (on_entering.value, on_editing.value):
        assert (refusal.code, refusal.details["field"]) == (code, field)
        assert named in refusal.sentence
    with asking(cast.giver):
        assert Support.objects.get().version == 1


def test_an_unknown_kind_names_those_that_there_are(programme: Programme, cast: Cast) -> None:
    with pytest.raises(Invalid, match=r"support, training, complaints.*volunteering") as refusal:
        records.enter(by=cast.giver, programme_uuid=programme.uuid, record="parcels", entry={})
    assert refusal.value.code == "unknown_record"


@pytest.mark.parametrize("record", ["delivery", "volunteering"])
def test_what_is_entered_elsewhere_says_where(programme: Programme, cast: Cast, record: str) -> None:
    with pytest.raises(Invalid, match="handover") as refusal:
        records.enter(by=cast.giver, programme_uuid=programme.uuid, record=record, entry={})
    assert refusal.value.code == "recorded_elsewhere"


def test_a_record_rests_on_nothing_of_another_programme(programme: Programme, cast: Cast) -> None:
    other = programmes.programme(cast.giver)
    foreign = make.intervention(other, by=cast.giver)
    authority = _authority(other, cast)

    with pytest.raises(Invalid) as of_support:
        support(programme, by=cast.giver, intervention=foreign.uuid)
    with pytest.raises(Invalid) as of_meeting:
        entered(
            programme,
            "meeting",
            by=cast.giver,
            authority=authority.uuid,
            subject="Water",
            held_on="2024-02-01",
        )

    assert (of_support.value.code, str(foreign.uuid) in of_support.value.sentence) == (
        "unknown_intervention",
        True,
    )
    assert (of_meeting.value.code, of_meeting.value.details["field"]) == ("unknown_authority", "authority")


def test_whoever_may_report_may_record(programme: Programme, cast: Cast) -> None:
    work = make.intervention(programme, by=cast.giver)

    made = support(programme, by=cast.giver_reporter, intervention=work.uuid)

    assert made.version == 1
    for nobody in (cast.community, cast.donor, cast.auditor):
        with pytest.raises(NotAllowed):
            support(programme, by=nobody, intervention=work.uuid, kind="heating")
    with pytest.raises(NotFound):
        support(programme, by=cast.stranger, intervention=work.uuid, kind="heating")


def test_a_record_of_an_intervention_asks_its_responsibility_alone(programme: Programme, cast: Cast) -> None:
    held = _held_by_receiver(programme, cast)
    mediation = make.intervention(programme, by=cast.receiver, title="Mediation", responsibility=held.uuid)

    with pytest.raises(NotAllowed):
        support(programme, by=cast.giver, intervention=mediation.uuid)
    made = support(programme, by=cast.receiver_reporter, intervention=mediation.uuid)
    with pytest.raises(NotAllowed):
        records.edit(by=cast.giver, record="support", record_uuid=made.uuid, version=1, changes={"adults": 1})
    with pytest.raises(NotAllowed):
        entered(programme, "media", by=cast.receiver, topic="x", tone="neutral", items=1, **_period(JANUARY))


def test_moving_a_record_asks_where_it_goes_too(programme: Programme, cast: Cast) -> None:
    held = _held_by_receiver(programme, cast)
    theirs = make.intervention(programme, by=cast.receiver, title="Mediation", responsibility=held.uuid)
    ours = support(programme, by=cast.giver)

    with pytest.raises(NotAllowed):
        records.edit(
            by=cast.giver,
            record="support",
            record_uuid=ours.uuid,
            version=1,
            changes={"intervention": theirs.uuid},
        )


def _held_by_receiver(programme: Programme, cast: Cast) -> Responsibility:
    partner = cast.receiver.organisation
    programmes.admitted(programme, partner, StandingKind.PARTNER, by=cast.giver)
    return programmes.responsibility(programme, by=cast.giver, title="Mediation", holder=partner)


def test_authorities_are_kept_by_those_who_may_change_what_is_done(programme: Programme, cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        entered(
            programme,
            "authority",
            by=cast.giver_reporter,
            name="Court",
            level="county",
            works_on="Hate crime",
        )
    assert _authority(programme, cast).name == "Labour inspectorate"


def test_a_stale_version_is_refused(programme: Programme, cast: Cast) -> None:
    row = support(programme, by=cast.giver)
    records.edit(by=cast.giver, record="support", record_uuid=row.uuid, version=1, changes={"children": 9})

    with pytest.raises(Stale):
        records.edit(
            by=cast.giver, record="support", record_uuid=row.uuid, version=1, changes={"children": 8}
        )
    with pytest.raises(Stale):
        records.withdraw(by=cast.giver, record="support", record_uuid=row.uuid, version=1, reason="Old")
    with asking(cast.giver):
        assert Support.objects.get().children == 9


def test_a_withdrawal_needs_a_reason(programme: Programme, cast: Cast) -> None:
    row = support(programme, by=cast.giver)
    with pytest.raises(Invalid) as refusal:
        records.withdraw(by=cast.giver, record="support", record_uuid=row.uuid, version=1, reason=" ")
    assert refusal.value.code == "reason_missing"


def test_the_same_record_is_there_once(programme: Programme, cast: Cast) -> None:
    work = make.intervention(programme, by=cast.giver)
    first = support(programme, by=cast.giver, intervention=work.uuid, unit="parcels")

    with pytest.raises(Invalid) as refusal:
        support(programme, by=cast.giver, intervention=work.uuid, unit="Parcels", children=7)
    other = support(programme, by=cast.giver, intervention=work.uuid, unit="parcels", outcome="referred")
    with pytest.raises(Invalid) as on_editing:
        records.edit(
            by=cast.giver,
            record="support",
            record_uuid=other.uuid,
            version=1,
            changes={"outcome": "delivered"},
        )

    assert (refusal.value.code, refusal.value.details["record"]) == ("recorded_already", str(first.uuid))
    assert on_editing.value.code == "recorded_already"


def test_no_day_is_counted_twice(programme: Programme, cast: Cast) -> None:
    work = make.intervention(programme, by=cast.giver)
    support(programme, by=cast.giver, intervention=work.uuid, **_period(JANUARY))

    with pytest.raises(Invalid) as refusal:
        support(programme, by=cast.giver, intervention=work.uuid, **_period(FIRST_QUARTER))
    support(programme, by=cast.giver, intervention=work.uuid, starts_on="2024-02-01", ends_on="2024-03-31")

    assert refusal.value.code == "period_overlaps"
    assert "2024-01-01 to 2024-01-31" in refusal.value.sentence


def test_a_seat_is_held_once_at_a_time(programme: Programme, cast: Cast) -> None:
    authority = _authority(programme, cast)
    seat = {
        "authority": authority.uuid,
        "body": "Monitoring committee",
        "kind": "monitoring_committee",
        "holder": cast.giver.organisation.uuid,
    }
    entered(programme, "seat", by=cast.giver, **seat, starts_on="2024-01-01")

    with pytest.raises(Invalid) as refusal:
        entered(programme, "seat", by=cast.giver, **seat, starts_on="2024-05-01", ends_on="2024-12-31")
    entered(programme, "seat", by=cast.giver, **seat, starts_on="2023-01-01", ends_on="2023-12-31")

    assert refusal.value.code == "period_overlaps"


def test_no_more_young_volunteers_than_took_part(programme: Programme, cast: Cast) -> None:
    work = make.intervention(programme, by=cast.giver)
    said = {
        "intervention": work.uuid,
        "title": "Law and conduct",
        "audience": "law_enforcement",
        "hours": "6",
    }
    with pytest.raises(Invalid) as refusal:
        entered(
            programme, "training", by=cast.giver, **said, **_period(JANUARY), adults=2, young_volunteers=3
        )
    assert (refusal.value.code, refusal.value.details["field"]) == ("more_than_took_part", "young_volunteers")


def test_more_complaints_may_be_decided_than_were_reported(programme: Programme, cast: Cast) -> None:
    work = make.intervention(programme, by=cast.giver)
    row = entered(
        programme,
        "complaints",
        by=cast.giver,
        intervention=work.uuid,
        kind="police",
        reported=1,
        pending=4,
        upheld=2,
        rejected=1,
        **_period(JANUARY),
    )
    assert (row.reported, row.pending, row.upheld) == (1, 4, 2)


def test_a_meeting_is_of_its_seats_authority_and_a_commitment_of_its_meetings(
    programme: Programme, cast: Cast
) -> None:
    one, other = _authority(programme, cast), _authority(programme, cast, name="School inspectorate")
    seat = entered(
        programme,
        "seat",
        by=cast.giver,
        authority=one.uuid,
        body="Working group",
        kind="working_group",
        holder=cast.giver.organisation.uuid,
        starts_on="2024-01-01",
    )
    said = {"subject": "Hiring", "held_on": "2024-02-01", "seat": seat.uuid}
    with pytest.raises(Invalid) as elsewhere:
        entered(programme, "meeting", by=cast.giver, authority=other.uuid, **said)
    meeting = entered(programme, "meeting", by=cast.giver, authority=one.uuid, **said)
    with pytest.raises(Invalid) as not_there:
        _commitment(programme, cast, other, meeting=meeting.uuid)
    _commitment(programme, cast, one, meeting=meeting.uuid)
    with pytest.raises(Refused) as in_use:
        records.withdraw(by=cast.giver, record="meeting", record_uuid=meeting.uuid, version=1, reason="Wrong")

    assert (elsewhere.value.code, not_there.value.code) == ("seat_elsewhere", "meeting_elsewhere")
    assert (in_use.value.code, "A second mediator" in in_use.value.sentence) == ("record_in_use", True)


def _commitment(programme: Programme, cast: Cast, authority: Any, **said: Any) -> Commitment:
    entry = {"text": "A second mediator", "made_on": "2024-02-01", "due_on": "2024-05-31", **said}
    row: Commitment = entered(programme, "commitment", by=cast.giver, authority=authority.uuid, **entry)
    return row


def test_a_commitment_is_closed_once_with_its_outcome(programme: Programme, cast: Cast) -> None:
    row = _commitment(programme, cast, _authority(programme, cast))

    for wrong, code in (
        ({"state": "open", "outcome": "x"}, "unknown_state"),
        ({"state": "forgotten", "outcome": "x"}, "unknown_state"),
        ({"state": "kept", "outcome": " "}, "outcome_missing"),
        ({"state": "kept", "outcome": "x", "closed_on": dt.date(2024, 1, 31)}, "wrong_day"),
        ({"state": "kept", "outcome": "x", "closed_on": dt.date(2024, 6, 4)}, "wrong_day"),
    ):
        with pytest.raises(Invalid) as refusal:
            commitments.close(by=cast.giver, commitment_uuid=row.uuid, version=1, **wrong)
        assert refusal.value.code == code
    closed = commitments.close(
        by=cast.giver, commitment_uuid=row.uuid, version=1, state="partly", outcome="One post of two"
    )
    with pytest.raises(Refused):
        commitments.close(by=cast.giver, commitment_uuid=row.uuid, version=2, state="kept", outcome="Both")
    opened = commitments.reopen(by=cast.giver, commitment_uuid=row.uuid, version=2, reason="The post was cut")

    assert (closed.state, closed.closed_on) == ("partly", dt.date(2024, 6, 3))
    assert (opened.state, opened.closed_on, opened.version) == ("open", None, 3)
    with asking(cast.giver):
        assert Commitment.objects.get().outcome == ""


def test_what_became_of_a_commitment_is_no_field_of_its_record(programme: Programme, cast: Cast) -> None:
    with pytest.raises(Invalid) as refusal:
        _commitment(programme, cast, _authority(programme, cast), state="kept")
    assert refusal.value.code == "unknown_field"


def test_an_overdue_commitment_is_named_with_its_authority(programme: Programme, cast: Cast) -> None:
    authority = _authority(programme, cast)
    late = _commitment(programme, cast, authority)
    _commitment(programme, cast, authority, text="A lawyer", due_on="2024-06-03")
    _commitment(programme, cast, authority, text="A room", due_on=None)
    kept = _commitment(programme, cast, authority, text="A bus stop")
    commitments.close(
        by=cast.giver, commitment_uuid=kept.uuid, version=1, state="kept", outcome="It is there"
    )

    with asking(cast.giver):
        (finding,) = told.health(programme)

    assert (finding.code, finding.subject) == ("commitment_overdue", str(late.uuid))
    assert finding.sentence.startswith("Labour inspectorate → “A second mediator”")
    assert "3 days overdue" in finding.sentence


def test_records_are_not_written_outside_an_action(programme: Programme, cast: Cast) -> None:
    row = support(programme, by=cast.giver)
    with asking(cast.giver), pytest.raises(DirectWrite):
        row.save()


def test_the_calendar_has_the_days_that_everybody_keeps(programme: Programme, cast: Cast) -> None:
    with asking(cast.giver):
        found = days.calendar(programme, 2024)
        assert not CommemorationDay.objects.exists()
    assert [(day.on.month, day.on.day) for day in found] == [(4, 8), (8, 2), (11, 5)]
    assert all({item["lang"] for item in day.title} == {"en", "ro", "lt"} for day in found)
    assert all(day.source for day in found)


def test_an_event_stands_in_the_calendar_of_its_year(programme: Programme, cast: Cast) -> None:
    _event(programme, cast, title="Songs at the bridge", day="8-april", starts_on="2024-04-07", children=12)
    _event(programme, cast, title="Songs again", day="8-april", starts_on="2023-04-08")
    _event(programme, cast, title="A debate", starts_on="2024-04-08", kind="debate")
    entered(
        programme, "day", by=cast.giver, key="bridge-day", title={"en": "Day of the bridge"}, month=2, day=29
    )

    with asking(cast.giver):
        year = {day.key: [event.title for event in day.events] for day in days.calendar(programme, 2024)}
        plain = [(str(day.on), day.own) for day in days.calendar(programme, 2023)]
        lines = list(days.chapter(programme))

    assert year == {"bridge-day": [], "8-april": ["Songs at the bridge"], "2-august": [], "5-november": []}
    assert plain[0] == ("2023-02-28", True)
    assert any("Songs at the bridge (commemoration): 12 people, 12 children" in line for line in lines)
    assert any("nothing is recorded yet" in line for line in lines)


def _event(programme: Programme, cast: Cast, **said: Any) -> Event:
    entry = {"kind": "commemoration", "title": "Candles", **said}
    row: Event = entered(programme, "event", by=cast.giver, ends_on=said["starts_on"], **entry)
    return row


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"month": 2, "day": 30}, "no_such_day"),
        ({"month": 13}, "invalid"),
        ({"key": "8-april"}, "shared_day"),
        ({"title": ""}, "missing"),
        ({"key": "no key"}, "invalid"),
    ],
)
def test_an_own_day_is_a_day_of_the_year(
    programme: Programme, cast: Cast, said: dict[str, Any], code: str
) -> None:
    entry = {"key": "own", "title": "Own day", "month": 3, "day": 4, **said}
    with pytest.raises(Invalid) as refusal:
        entered(programme, "day", by=cast.giver, **entry)
    assert refusal.value.code == code


def test_a_document_of_records_is_loaded_and_names_the_row_that_is_wrong(
    programme: Programme, cast: Cast
) -> None:
    work = make.intervention(programme, by=cast.giver)
    names = {"intervention:food": work.uuid, "organisation:giver": cast.giver.organisation.uuid}
    document: dict[str, list[Mapping[str, Any]]] = {
        "days": [{"key": "bridge-day", "title": {"en": "Day of the bridge"}, "month": 5, "day": 9}],
        "authorities": [{"key": "court", "name": "Court", "level": "county", "works_on": "Hate crime"}],
        "commitments": [
            {
                "key": "lawyer",
                "authority": "court",
                "text": "A lawyer on duty",
                "made_on": "2024-01-15",
                "closed": {"state": "kept", "outcome": "Since February", "on": "2024-02-01"},
            }
        ],
        "supports": [
            {"key": "q1", "intervention": "food", "kind": "food", "outcome": "delivered", "children": 3}
            | {"start": "2024-01-01", "end": "2024-03-31"}
        ],
        "events": [{"key": "e", "day": "bridge-day", "kind": "workshop", "title": "x"} | _period(JANUARY)],
    }

    added = records_document.load(programme, document, by=cast.giver, names=names)

    assert set(added) == {"day:bridge-day", "authority:court", "commitment:lawyer", "support:q1", "event:e"}
    with asking(cast.giver):
        assert Commitment.objects.get().state == "kept"
        assert Event.objects.get().day_id == CommemorationDay.objects.get().pk
    for wrong, code, field in (
        (
            {"supports": [{**document["supports"][0], "children": -3}]},
            "negative_count",
            "supports[q1].children",
        ),
        (
            {"supports": [{**document["supports"][0], "intervention": "x"}]},
            "unknown_intervention",
            "supports[q1].intervention",
        ),
        ({"parcels": []}, "unknown_list", "records.parcels"),
    ):
        with pytest.raises(Invalid) as refusal:
            records_document.load(programme, wrong, by=cast.giver, names=names)
        assert (refusal.value.code, refusal.value.details["field"]) == (code, field)


def test_the_reference_tells_every_kind_its_measures_and_every_shared_day() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "records.md"
    lines = page.read_text("utf-8").splitlines()
    for kind in KINDS.values():
        (line,) = [text for text in lines if text.startswith(f"| `{kind.name}` | ")]
        assert set(kind.measures) == set(re.findall("`([a-z_]+)`", line.rpartition(" | ")[2])), kind.name
    for day in days.SHARED.values():
        (line,) = [text for text in lines if text.startswith(f"| `{day.key}` | ")]
        assert line.endswith(f"| {day.title['en']} | {day.source} |")


def test_whoever_reads_up_to_an_instant_sees_nothing_that_was_recorded_after_it(
    programme: Programme, cast: Cast
) -> None:
    row = support(programme, by=cast.giver, children=3)
    _event(programme, cast, title="Songs", day="8-april", starts_on="2024-04-08")
    before, after = dt.datetime(2024, 1, 1, tzinfo=dt.UTC), dt.datetime(2100, 1, 1, tzinfo=dt.UTC)

    with asking(cast.giver):
        assert told.listing(programme, "support", cutoff=before) == []
        assert told.listing(programme, "support", cutoff=after) == [row]
        assert told.sums(programme, "support", cutoff=before) == []
        assert list(told.lines(programme, cutoff=before)) == []
        assert not any(day.events for day in days.calendar(programme, 2024, cutoff=before))
        assert any(day.events for day in days.calendar(programme, 2024, cutoff=after))


def _period(span: tuple[dt.date, dt.date]) -> dict[str, Any]:
    return {"starts_on": span[0], "ends_on": span[1]}
