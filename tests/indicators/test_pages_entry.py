"""Values entered on a page: groups and places with their totals, kept, handed in, decided by somebody else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from handover.access import Actor, Operator, asking
from handover.actions import places
from handover.models import Programme
from indicators.actions import axes
from indicators.actions.values import Reported
from indicators.models import Draft, Indicator, Submission, Value
from indicators.models.codes import SubmissionState
from indicators.views import sheets
from tests.factories.cast import Cast
from tests.factories.indicators import FIRST_QUARTER, SECOND_QUARTER, indicator, reported
from tests.factories.transfers import executed

pytestmark = pytest.mark.django_db


def as_(client: Client, actor: Actor) -> Client:
    """Sign somebody in."""
    client.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(answer: Any) -> str:
    """Give what a page says."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def here(programme: Programme, path: str = "") -> str:
    """Give an address of a programme's indicators."""
    return f"/programmes/{programme.uuid}/indicators/{path}"


def asked(of: Indicator, quarter: Any = SECOND_QUARTER, **more: str) -> dict[str, str]:
    """Give what an address asks for."""
    return {
        "indicators": str(of.uuid),
        "starts_on": quarter[0].isoformat(),
        "ends_on": quarter[1].isoformat(),
        **more,
    }


def opened(client: Client, programme: Programme, of: Indicator, quarter: Any = SECOND_QUARTER) -> Any:
    """Open the sheet of an indicator; give its form."""
    answer = client.get(here(programme, "report/"), asked(of, quarter))
    assert answer.status_code == 200
    return answer.context["form"]


def filled(form: Any, values: Mapping[str, str], do: str, **more: str) -> dict[str, str]:
    """Fill a sheet in, by rows of its groups."""
    said = {name: form[name].value() or "" for name in form.fields}
    for cell, value in values.items():
        row = list(form.sheets[0].cells).index(cell)
        for kind, part in zip(form.sheets[0].kinds, value.split("/"), strict=True):
            said[sheets.fieldname(0, row, 0, kind)] = part
    return {**said, **more, "do": do}


@pytest.fixture
def pupils(cast: Cast, programme: Programme) -> Indicator:
    """Count pupils by gender."""
    of = indicator(programme, by=cast.giver)
    reported(of, {"women": 20, "men": 22}, by=cast.giver)
    return of


def test_what_may_be_reported_is_offered_and_nothing_else(
    cast: Cast, programme: Programme, pupils: Indicator, client: Client
) -> None:
    assert "Pupils enrolled" in text(as_(client, cast.giver_reporter).get(here(programme, "report/")))
    assert as_(client, cast.donor).get(here(programme, "report/")).status_code == 403
    assert "Report values" not in text(client.get(here(programme)))
    assert as_(client, cast.stranger).get(here(programme, "report/")).status_code == 404


def test_without_a_period_nothing_is_filled_in(
    cast: Cast, programme: Programme, pupils: Indicator, client: Client
) -> None:
    answer = as_(client, cast.giver).get(
        here(programme, "report/"),
        {"indicators": str(pupils.uuid), "starts_on": "2024-04-01", "ends_on": ""},
    )
    assert "Choose a period, or enter its first and its last day." in text(answer)


def test_a_sheet_has_the_groups_that_were_reported_and_what_they_were_before(
    cast: Cast, programme: Programme, pupils: Indicator, client: Client
) -> None:
    answer = as_(client, cast.giver).get(here(programme, "report/"), asked(pupils))
    page = text(answer)
    for words in ("women", "men", "before: 20", "before: 22", "“Before” is Q1 2024."):
        assert words in page
    assert "everybody" not in page


def test_a_sheet_has_the_groups_of_the_definition_with_those_of_whom_it_is_not_known(
    cast: Cast, programme: Programme, client: Client
) -> None:
    axes.create(
        by=cast.giver,
        programme_uuid=programme.uuid,
        name="gender",
        title="Gender",
        categories=[{"code": "women", "title": "Women"}, {"code": "men", "title": "Men"}],
    )
    of = indicator(programme, by=cast.giver, axes=["gender"])
    form = opened(as_(client, cast.giver), programme, of)
    assert form.sheets[0].cells == ["gender=women", "gender=men", "gender=unknown"]


def test_counting_up_keeps_nothing_and_tells_the_totals(
    cast: Cast, programme: Programme, pupils: Indicator, client: Client
) -> None:
    form = opened(as_(client, cast.giver), programme, pupils)
    answer = client.post(
        here(programme, "report/"), filled(form, {"gender=women": "1 000,5", "gender=men": "7"}, "count")
    )
    page = text(answer)
    assert "Nothing was kept yet" in page
    assert answer.context["sheets"][0]["all"] == "1,007.5"
    assert 'value="1 000,5"' in answer.content.decode()
    with asking(cast.giver):
        assert not Submission.objects.exists()


def test_a_share_is_made_of_its_parts(cast: Cast, programme: Programme, client: Client) -> None:
    of = indicator(programme, by=cast.giver, measure="2", counting_rule="none", aggregation_status="")
    form = opened(as_(client, cast.giver), programme, of)
    counted = client.post(here(programme, "report/"), filled(form, {"": "1/3"}, "count"))
    assert counted.context["sheets"][0]["all"] == "33.3% (1 of 3)"
    half = client.post(here(programme, "report/"), filled(form, {"": "1/"}, "draft"))
    assert "A share needs both numbers" in text(half)
    client.post(here(programme, "report/"), filled(form, {"": "1/4"}, "draft"))
    with asking(cast.giver):
        draft = Draft.objects.get()
    assert (draft.value, draft.numerator, draft.denominator) == (Decimal(25), Decimal(1), Decimal(4))


def test_what_is_handed_in_counts_once_somebody_else_approved_it(
    cast: Cast, programme: Programme, pupils: Indicator, client: Client
) -> None:
    form = opened(as_(client, cast.giver_reporter), programme, pupils)
    said = filled(form, {"gender=women": "30", "gender=men": "31"}, "submit")
    answer = client.post(here(programme, "report/"), said)
    page = text(client.get(answer["Location"]))
    assert "Handed in. Somebody else approves it now." in page
    assert "somebody else decides on it" in page
    assert "10 more" in page
    assert "Approve" not in page
    version = as_(client, cast.giver).get(answer["Location"]).context["submission"]["version"]
    assert "Waiting for your approval" in text(client.get(here(programme, "handed-in/")))
    assert "Return with a note" in text(client.get(answer["Location"]))
    client.post(answer["Location"], {"version": version, "do": "approve"})
    with asking(cast.giver):
        assert Value.objects.filter(period__starts_on=SECOND_QUARTER[0]).count() == 2
        assert Submission.objects.get().state == SubmissionState.APPROVED


def test_what_is_returned_tells_its_author_why_and_is_changed_and_handed_in_again(
    cast: Cast, programme: Programme, pupils: Indicator, client: Client
) -> None:
    form = opened(as_(client, cast.giver_reporter), programme, pupils)
    where = client.post(here(programme, "report/"), filled(form, {"gender=women": "30"}, "submit"))[
        "Location"
    ]
    version = as_(client, cast.giver).get(where).context["submission"]["version"]
    refused = client.post(where, {"version": version, "do": "return", "note": " "})
    assert "Say what should change." in text(refused)
    client.post(where, {"version": version, "do": "return", "note": "Count the new class too"})
    mine = as_(client, cast.giver_reporter).get(f"{where}values/")
    assert "Count the new class too" in text(mine)
    again = mine.context["form"]
    row = list(again.sheets[0].cells).index("gender=women")
    assert again[f"v-0-{row}-0"].value() == "30"
    client.post(f"{where}values/", filled(again, {"gender=women": "", "gender=men": "33"}, "submit"))
    with asking(cast.giver):
        assert [(row.cell, row.value) for row in Draft.objects.all()] == [("gender=men", Decimal(33))]
        assert Submission.objects.get().state == SubmissionState.SUBMITTED


def test_nobody_decides_on_their_own_whatever_they_send(
    cast: Cast, programme: Programme, pupils: Indicator, client: Client
) -> None:
    form = opened(as_(client, cast.giver), programme, pupils)
    where = client.post(here(programme, "report/"), filled(form, {"gender=women": "30"}, "submit"))[
        "Location"
    ]
    version = client.get(where).context["submission"]["version"]
    answer = client.post(where, {"version": version, "do": "approve"})
    assert "Nobody decides on their own submission." in text(answer)
    with asking(cast.giver):
        assert Submission.objects.get().state == SubmissionState.SUBMITTED


def test_a_value_that_stands_is_changed_with_a_reason(
    cast: Cast, programme: Programme, pupils: Indicator, client: Client
) -> None:
    form = opened(as_(client, cast.giver), programme, pupils, FIRST_QUARTER)
    refused = client.post(here(programme, "report/"), filled(form, {"gender=women": "21"}, "draft"))
    assert "a correction needs a reason" in text(refused)
    emptied = client.post(here(programme, "report/"), filled(form, {"gender=women": ""}, "draft", reason="x"))
    assert "cannot be emptied" in text(emptied)
    client.post(
        here(programme, "report/"),
        filled(form, {"gender=women": "21"}, "draft", reason="One list was missed"),
    )
    with asking(cast.giver):
        assert [(row.cell, row.revision, row.reason) for row in Draft.objects.all()] == [
            ("gender=women", 2, "One list was missed")
        ]


def test_what_somebody_else_reported_meanwhile_is_told_and_not_overwritten(
    cast: Cast, programme: Programme, pupils: Indicator, client: Client
) -> None:
    form = opened(as_(client, cast.giver), programme, pupils)
    reported(pupils, {"women": 40}, by=cast.giver_officer, quarter=SECOND_QUARTER)
    answer = client.post(here(programme, "report/"), filled(form, {"gender=women": "41"}, "submit"))
    page = text(answer)
    assert "It was changed in the meantime" in page
    assert "now 40" in page
    with asking(cast.giver):
        assert not Submission.objects.exists()


def test_places_stand_side_by_side(cast: Cast, programme: Programme, client: Client) -> None:
    spots = [
        places.add_unit(by=Operator(), country="RO", nuts3="RO999", code=f"99999{n}", name=f"Village {n}")
        for n in range(2)
    ]
    of = indicator(programme, by=cast.giver)
    reported(of, [Reported(value=n + 3, place=spot.uuid) for n, spot in enumerate(spots)], by=cast.giver)
    form = opened(as_(client, cast.giver), programme, of)
    said = filled(form, {}, "count") | {"v-0-0-0": "5", "v-0-0-1": "6"}
    (sheet,) = client.post(here(programme, "report/"), said).context["sheets"]
    assert sheet["head"] == ["Village 0", "Village 1"]
    assert [cell["before"] for cell in sheet["rows"][0]["cells"]] == ["3", "4"]
    assert sheet["rows"][0]["total"] == "11"


def test_a_sheet_that_was_tampered_with_is_no_sheet(
    cast: Cast, programme: Programme, pupils: Indicator, client: Client
) -> None:
    as_(client, cast.giver)
    for layout in (
        "",
        "[",
        "[[1]]",
        json.dumps([[str(pupils.uuid), "2024-04-01", "x", [""], [""], False, [0]]]),
    ):
        answer = client.post(here(programme, "report/"), {"layout": layout, "do": "draft"}, follow=True)
        assert "Choose indicators and a period first." in text(answer)
    with asking(cast.giver):
        assert not Submission.objects.exists()


def test_after_the_handover_the_receiver_reports_and_the_giver_no_more(
    cast: Cast, programme: Programme, pupils: Indicator, client: Client
) -> None:
    executed(cast, programme)
    assert as_(client, cast.receiver).get(here(programme, "report/")).status_code == 200
    assert as_(client, cast.giver).get(here(programme, "report/")).status_code == 403


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("report/", "There is no indicator yet that you may report."),
        ("handed-in/", "Nothing was handed in yet. Report values"),
        ("definitions/", "Add one, then the indicators that measure it."),
        ("export/", "None yet. A file is kept for a week."),
    ],
)
def test_an_empty_programme_says_what_to_do_next(
    cast: Cast, programme: Programme, client: Client, path: str, words: str
) -> None:
    assert words in text(as_(client, cast.giver).get(here(programme, path)))


def test_a_donor_reads_no_groups_of_what_was_handed_in(
    cast: Cast, programme: Programme, pupils: Indicator, client: Client
) -> None:
    form = opened(as_(client, cast.giver), programme, pupils)
    where = client.post(here(programme, "report/"), filled(form, {"gender=women": "3"}, "submit"))["Location"]
    answer = as_(client, cast.donor).get(where)
    assert "not shown to donors" in text(answer)
    assert "women" not in text(answer)
