"""Activities become programmes, change hands, and leave again: equal, valid, and in the name of who reports now."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lxml import etree

from handover import clock
from handover.access import Actor, asking, custody
from handover.actions import programmes, standings
from handover.actions.permissions import rederive
from handover.errors import Invalid, NotAllowed, NotFound
from handover.models import LedgerEntry, Organisation, Programme, Standing
from handover.models.guard import writing
from handover.permissions import StandingKind
from indicators.actions import values
from indicators.actions.activities import Imported
from indicators.exchange.iati.exporting import export_activity
from indicators.exchange.iati.importing import import_file
from indicators.models import ActivityRecord, Indicator, Period, Result, Value
from indicators.queries.verification import verify
from tests.factories.cast import TODAY, Cast, assemble
from tests.indicators.iati_files import (
    EXAMPLE,
    PERIOD,
    REAL,
    activity,
    file_of,
    result,
    results_of,
    root_of,
    schema,
    shape,
    shared,
)

CHANGING = ("last-updated-datetime", "generated-datetime")


def imported(by: Actor, path: Path) -> Programme:
    (found,) = import_file(by, path)
    return found.programme


def exported(by: Actor, programme: Programme) -> etree._Element:
    return root_of(export_activity(by, programme.uuid))


def without_instants(root: etree._Element) -> etree._Element:
    for element in (root, root[0]):
        for name in CHANGING:
            element.attrib.pop(name, "")
    return root


def identify(organisation: Organisation, ref: str, kind: str) -> None:
    """Give an organisation its IATI identifier, as its operator would."""
    with writing():
        Organisation.objects.filter(pk=organisation.pk).update(iati_identifier=ref, iati_type=kind)
    organisation.refresh_from_db()


def on(day: int) -> AbstractContextManager[None]:
    """Be some days after the import."""
    return clock.at(TODAY + dt.timedelta(days=day))


def hand_over(programme: Programme, to: Organisation, *, day: int = 1) -> None:
    """Move stewardship some days after the import, as an execution does; all else of a transfer is told elsewhere."""
    with on(day), custody(programme.pk), writing():
        giver = programme.steward
        standings.end(programme, giver, StandingKind.STEWARD)
        standings.end(programme, to, StandingKind.FORMER_STEWARD)
        standings.begin(programme, to, StandingKind.STEWARD)
        standings.begin(programme, giver, StandingKind.FORMER_STEWARD, cutoff=clock.now())
        Programme.objects.filter(pk=programme.pk).update(steward=to)
        programme.refresh_from_db()
        rederive(programme)


@pytest.fixture
def power(cast: Cast) -> Programme:
    """Give the real programme, imported for the giver."""
    return imported(cast.giver, shared(REAL))


# --- in ----------------------------------------------------------------------------------------------------------


def test_a_real_programme_comes_in_whole(cast: Cast) -> None:
    (found,) = import_file(cast.giver_officer, shared(REAL))

    assert found.counts == {
        "results": 17,
        "indicators": 51,
        "baselines": 51,
        "periods": 51,
        "targets": 50,
        "values": 50,
    }
    with asking(cast.giver):
        programme = Programme.objects.get()
        assert programme.identifier == "GB-CHC-274467-GB-XUKDU15001"
        assert (programme.starts_on, programme.ends_on) == (dt.date(2016, 1, 1), dt.date(2020, 12, 31))
        assert programme.steward == cast.giver.organisation
        value = Value.objects.order_by("id").first()
        assert value is not None
        assert (value.value_text, value.reported_by, value.organisation) == (
            "19901",
            cast.giver_officer.user,
            cast.giver.organisation,
        )
        assert Value.objects.values("batch").distinct().count() == 1


def test_the_ledger_tells_of_an_import_once(cast: Cast, power: Programme) -> None:
    with asking(cast.giver):
        entries = LedgerEntry.objects.filter(programme_id=power.pk).order_by("seq")
        verbs = [json.loads(entry.body)["verb"] for entry in entries]

    assert verbs == ["programme.created", "values.reported", "activity.imported"]


def test_the_ledger_commits_to_every_row_of_an_import(cast: Cast, power: Programme) -> None:
    with asking(cast.giver):
        rows = LedgerEntry.objects.filter(programme_id=power.pk).order_by("seq")
        entries = [json.loads(entry.body) for entry in rows]

        assert list(verify(power, entries)) == []
        assert {finding.code for finding in verify(power, entries[:-1])} == {"definition_unrecorded"}


def test_an_import_issues_the_same_statements_for_few_and_for_many(cast: Cast, tmp_path: Path) -> None:
    def statements(identifier: str, size: int) -> int:
        path = file_of(tmp_path, activity(identifier, rest=result(PERIOD * size)))
        with CaptureQueriesContext(
            connection,
        ) as captured:
            import_file(cast.giver, path)
        return len(captured)

    assert statements("XX-FEW", 2) == statements("XX-MANY", 200)


def test_each_activity_of_a_file_becomes_a_programme(cast: Cast, tmp_path: Path) -> None:
    path = file_of(tmp_path, *[activity(f"XX-{number}", rest=result()) for number in range(3)])

    found: list[Imported] = import_file(cast.giver, path)

    assert [item.programme.identifier for item in found] == ["XX-0", "XX-1", "XX-2"]
    assert [item.counts["values"] for item in found] == [1, 1, 1]


def test_an_import_works_while_the_clock_runs(db: None, tmp_path: Path) -> None:
    cast = assemble()

    found = imported(cast.giver, file_of(tmp_path, activity(rest=result())))

    with asking(cast.giver):
        assert Value.objects.get().recorded_at == found.created_at


def nothing_came_in(cast: Cast) -> bool:
    with asking(cast.giver):
        counts = [
            model.objects.count() for model in (Programme, Standing, ActivityRecord, Result, Period, Value)
        ]
        return not any(counts) and not LedgerEntry.objects.filter(programme_id__isnull=False).exists()


@pytest.mark.parametrize(
    ("last", "code"),
    [
        (activity(" "), "missing_identifier"),
        (activity("XX-0"), "duplicate_identifier"),
        ("<iati-activity>", "malformed_xml"),
        (activity("XX-9", rest=result(PERIOD.replace("2023-12-31", "soon"))), "invalid_date"),
    ],
)
def test_nothing_comes_in_when_the_last_activity_is_bad(
    cast: Cast, tmp_path: Path, last: str, code: str
) -> None:
    padding = "<!-- " + "x" * 200_000 + " -->"  # more than the reader takes at once
    path = file_of(tmp_path, activity("XX-0", rest=result()), activity("XX-1", rest=result()), padding, last)

    with pytest.raises(Invalid) as caught:
        import_file(cast.giver, path)

    assert caught.value.code == code
    assert nothing_came_in(cast)


def test_the_same_activity_does_not_come_in_twice(cast: Cast, tmp_path: Path) -> None:
    path = file_of(tmp_path, activity(rest=result()))
    imported(cast.giver, path)

    with pytest.raises(Invalid) as caught:
        import_file(cast.giver, path)

    assert caught.value.code == "activity_known"
    assert caught.value.sentence == (
        "activities.xml, line 3: XX-TEST-1 was imported already; its steward is Giver organisation."
    )


def test_a_former_steward_does_not_import_again_what_it_gave_away(cast: Cast, tmp_path: Path) -> None:
    path = file_of(tmp_path, activity(rest=result()))
    hand_over(imported(cast.giver, path), cast.receiver.organisation)

    with on(2), pytest.raises(Invalid, match="its steward is Receiver"):
        import_file(cast.giver, path)


def test_another_organisation_learns_nothing_of_an_identifier_by_importing_it(
    cast: Cast, tmp_path: Path
) -> None:
    path = file_of(tmp_path, activity(rest=result()))
    imported(cast.giver, path)

    assert imported(cast.stranger, path).steward == cast.stranger.organisation


def test_a_reporter_imports_nothing(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(NotAllowed):
        import_file(cast.giver_reporter, file_of(tmp_path, activity()))


# --- out ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [REAL, EXAMPLE])
def test_a_shared_file_leaves_as_it_came(cast: Cast, name: str) -> None:
    path = shared(name)

    again = exported(cast.giver, imported(cast.giver, path))

    schema().assertValid(again)
    assert again.get("generated-datetime") == again[0].get("last-updated-datetime") == "2024-06-03T12:00:00Z"
    assert shape(without_instants(again)) == shape(without_instants(root_of(path)))


def test_extensions_and_repeated_cells_leave_as_they_came(cast: Cast, tmp_path: Path) -> None:
    period = PERIOD.replace(
        "</period>",
        '<actual value="7"><dimension name="sex" value="female"/></actual><actual value="n/a"/><actual/>'
        '<x:note xmlns:x="urn:x" x:level="1">checked</x:note></period>',
    )
    around = '<x:end xmlns:x="urn:x"/>'
    path = file_of(tmp_path, activity(rest=result(period + PERIOD)), around)

    again = exported(cast.giver, imported(cast.giver, path))

    assert shape(without_instants(again)) == shape(root_of(path))


def test_after_a_handover_the_receiver_reports_and_the_giver_is_named(cast: Cast, power: Programme) -> None:
    identify(cast.receiver.organisation, "RO-CUI-0000000", "80")
    hand_over(power, cast.receiver.organisation)

    with on(2):
        again = exported(cast.receiver, power)

    schema().assertValid(again)
    reporting, other = again.find("*/reporting-org"), again.find("*/other-identifier[@type='B1']")
    assert reporting is not None
    assert other is not None
    assert reporting.items() == [("ref", "RO-CUI-0000000"), ("type", "80")]
    assert reporting.findtext("narrative") == "Receiver organisation"
    assert other.items() == [("ref", "GB-CHC-274467"), ("type", "B1")]
    assert other.findtext("owner-org/narrative") == "ActionAid UK"
    before = root_of(shared(REAL))
    assert again.findtext("*/iati-identifier") == before.findtext("*/iati-identifier")
    assert results_of(again) == results_of(before)


def test_a_second_handover_names_both_former_reporters_and_a_return_names_the_one_between(
    cast: Cast, tmp_path: Path
) -> None:
    programme = imported(cast.giver, file_of(tmp_path, activity(rest=result())))
    organisations = (cast.receiver.organisation, cast.stranger.organisation, cast.giver.organisation)
    for number, organisation in enumerate(organisations):
        identify(organisation, f"XX-ORG-{number}", "80")
    told = []

    for day, (actor, to) in enumerate(
        zip((cast.receiver, cast.stranger), organisations, strict=False), start=1
    ):
        hand_over(programme, to, day=2 * day)
        with on(2 * day + 1):
            told.append(
                [item.get("ref") for item in exported(actor, programme).iterfind("*/other-identifier")]
            )
    hand_over(programme, cast.giver.organisation, day=8)
    with on(9):
        back = exported(cast.giver, programme)

    assert told == [["XX-TEST-GIVER"], ["XX-TEST-GIVER", "XX-ORG-0"]]
    assert back.findtext("*/reporting-org/narrative") == "Giver organisation"
    assert [item.get("ref") for item in back.iterfind("*/other-identifier")] == ["XX-ORG-0", "XX-ORG-1"]


def test_a_steward_without_iati_identifier_is_told_so(cast: Cast, power: Programme) -> None:
    hand_over(power, cast.receiver.organisation)

    with on(2), pytest.raises(Invalid) as caught:
        export_activity(cast.receiver, power.uuid)

    assert caught.value.code == "organisation_without_iati_identifier"
    assert "Receiver organisation has no IATI identifier and no organisation type" in caught.value.sentence


def test_values_reported_later_are_actuals_of_their_periods(cast: Cast, tmp_path: Path) -> None:
    programme = imported(cast.giver, file_of(tmp_path, activity(rest=result())))
    with asking(cast.giver):
        indicator = Indicator.objects.get()
    for year, number in ((2023, "41"), (2024, "55.5")):
        values.report(
            by=cast.giver_reporter,
            indicator_uuid=indicator.uuid,
            starts_on=dt.date(year, 1, 1),
            ends_on=dt.date(year, 12, 31),
            rows=[values.Reported(value=number, dimensions={"sex": "male"})],
        )

    again = exported(cast.giver, programme)

    schema().assertValid(again)
    found = [
        [
            (actual.get("value"), [mark.get("value") for mark in actual])
            for actual in period.iterfind("actual")
        ]
        for period in again.iterfind(".//period")
    ]
    assert found == [[("40", ["female"]), ("41", ["male"])], [("55.5", ["male"])]]


def test_a_corrected_value_leaves_in_the_place_of_the_first(cast: Cast, tmp_path: Path) -> None:
    period = PERIOD.replace("</period>", '<actual value="2"/></period>')
    programme = imported(cast.giver, file_of(tmp_path, activity(rest=result(period))))
    with asking(cast.giver):
        first = Value.objects.order_by("id")[0]
    values.correct(by=cast.giver, value_uuid=first.uuid, reason="Counted again.", value="44")

    again = exported(cast.giver, programme)

    assert [actual.get("value") for actual in again.iterfind(".//actual")] == ["44", "2"]


def test_a_former_steward_gets_the_values_up_to_its_cut_off(cast: Cast, tmp_path: Path) -> None:
    programme = imported(cast.giver, file_of(tmp_path, activity(rest=result())))
    identify(cast.receiver.organisation, "RO-CUI-0000000", "80")
    hand_over(programme, cast.receiver.organisation)
    with on(2):
        with asking(cast.receiver):
            value = Value.objects.get()
        values.correct(by=cast.receiver, value_uuid=value.uuid, reason="Counted again.", value="999")

        mine, theirs = (exported(actor, programme) for actor in (cast.giver, cast.receiver))

    assert [item.get("value") for item in mine.iterfind(".//actual")] == ["40"]
    assert [item.get("value") for item in theirs.iterfind(".//actual")] == ["999"]


def test_what_people_changed_of_the_programme_leaves_changed(cast: Cast, tmp_path: Path) -> None:
    programme = imported(cast.giver, file_of(tmp_path, activity(rest=result())))
    programmes.edit(
        by=cast.giver,
        programme_uuid=programme.uuid,
        version=1,
        title=[{"lang": None, "text": "New name"}],
        starts_on=dt.date(2021, 5, 1),
        ends_on=dt.date(2026, 4, 30),
    )

    again = exported(cast.giver, programme)

    schema().assertValid(again)
    assert again.findtext("*/title/narrative") == "New name"
    assert [(item.get("type"), item.get("iso-date")) for item in again.iterfind("*/activity-date")] == [
        ("2", "2021-05-01"),
        ("3", "2026-04-30"),
    ]
    described = again.find("*/description")
    assert described is not None
    assert (described.get("type"), described.findtext("narrative")) == ("1", "What it does.")


def test_a_programme_that_was_born_here_leaves_as_a_valid_activity(cast: Cast, programme: Programme) -> None:
    identify(cast.giver.organisation, "XX-TEST-GIVER", "22")

    again = exported(cast.giver, programme)

    schema().assertValid(again)
    assert again.findtext("*/iati-identifier") == "XX-TEST-HOME"


def test_nobody_exports_what_is_not_open_to_them(cast: Cast, power: Programme) -> None:
    with pytest.raises(NotFound):
        export_activity(cast.stranger, power.uuid)
    with pytest.raises(NotFound):
        export_activity(cast.stranger, power.identifier)
    with pytest.raises(NotAllowed):
        export_activity(cast.giver_reporter, power.uuid)


def test_what_was_kept_of_an_activity_is_never_changed(
    cast: Cast, power: Programme, web_sql: Callable[..., Callable[..., object]]
) -> None:
    with pytest.raises(Exception, match="permission denied"):
        web_sql(cast.giver)("UPDATE indicators_activityrecord SET parts = '[]'")
