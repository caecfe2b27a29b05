"""What an audit means for values: looks at special categories are noted, values are drawn, a long export ends."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io

import pytest
from django.test import Client
from django.urls import reverse

from handover import clock
from handover.access import Actor, asking
from handover.actions import audit_samples, audits
from handover.errors import NotFound
from handover.models import AuditEngagement, AuditLook, Programme
from handover.models.organisations import OrganisationKind
from handover.permissions import Role
from handover.queries import audits as reads
from indicators.actions import axes
from indicators.actions.values import Reported
from indicators.exchange.tables.rows import taking_out
from indicators.models import Indicator
from indicators.queries import export_rows
from tests.factories.api import caller
from tests.factories.cast import TODAY, Cast
from tests.factories.indicators import indicator, reported
from tests.factories.organisations import organisation, person
from tests.factories.programmes import grant as granted

pytestmark = pytest.mark.django_db

ENDS = dt.datetime(2024, 7, 1, 0, 0, tzinfo=dt.UTC)


@pytest.fixture
def inspector(cast: Cast, programme: Programme, today: dt.datetime) -> Actor:
    """Give somebody who audits the programme now."""
    actor = person(organisation("inspectors", OrganisationKind.AUDIT_BODY), Role.AUDITOR)
    granted(programme, by=cast.giver, donor=cast.donor.organisation)
    audits.open_by_authority(
        by=cast.donor,
        programme_uuid=programme.uuid,
        auditor=actor.organisation,
        reference="A-1",
        title="On the spot",
        purpose="Whether it is there",
        legal_basis="Grant agreement",
        ends_at=ENDS,
    )
    return actor


@pytest.fixture
def estimated(cast: Cast, programme: Programme) -> Indicator:
    """Give an indicator that is broken down by a minority, with three values."""
    axes.create_standard(by=cast.giver, programme_uuid=programme.uuid, name="minority")
    row = indicator(programme, by=cast.giver, title="Pupils", axes=["minority"])
    parts = [("minority", 5), ("other", 7), ("unknown", 1)]
    reported(row, [Reported(value=n, dimensions={"minority": part}) for part, n in parts], by=cast.giver)
    return row


def noted(actor: Actor, programme: Programme) -> list[str]:
    with asking(actor):
        return list(
            AuditLook.objects.filter(programme=programme).order_by("id").values_list("what", flat=True)
        )


def test_every_way_to_groups_of_a_special_category_is_noted_of_an_auditor_and_of_nobody_else(
    cast: Cast, programme: Programme, inspector: Actor, estimated: Indicator
) -> None:
    page = reverse("indicator", args=[programme.uuid, estimated.uuid])
    for actor, ways in (
        (cast.giver, []),
        (cast.auditor, []),
        (inspector, ["interface"] * 2 + ["page", "export"]),
    ):
        there = caller(actor)
        there.get(f"indicators/{estimated.uuid}/groups").good()
        there.get(f"values?programme={programme.uuid}").good()
        client = Client()
        client.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get(page).status_code == 200
        with taking_out(actor, programme.uuid) as copy:
            list(copy.rows())
        assert noted(cast.giver, programme) == [f"{way}: Pupils" for way in ways]
    with asking(inspector):
        engagement = AuditEngagement.objects.get()
        assert [look.user_name for look in reads.looks(engagement)] == [inspector.user.display_name] * 4


def test_what_is_no_special_category_is_not_noted(cast: Cast, programme: Programme, inspector: Actor) -> None:
    row = indicator(programme, by=cast.giver, title="Meals")
    reported(row, {"women": 3}, by=cast.giver)
    caller(inspector).get(f"indicators/{row.uuid}/groups").good()
    assert noted(cast.giver, programme) == []


def test_reported_values_are_drawn_by_indicator(
    cast: Cast, programme: Programme, inspector: Actor, estimated: Indicator
) -> None:
    with asking(inspector):
        engagement = AuditEngagement.objects.get()
    seed = bytes(range(16))
    row = audit_samples.commit(
        by=inspector, engagement_uuid=engagement.uuid, title="Values", population="values",
        method="stratified", size=2, commitment=hashlib.sha256(seed).hexdigest(),
    )  # fmt: skip
    audit_samples.freeze(by=inspector, sample_uuid=row.uuid, version=1)
    row = audit_samples.reveal(by=inspector, sample_uuid=row.uuid, version=2, seed=seed.hex())
    assert len(row.frame) == 3
    assert {line["stratum"] for line in row.frame} == {"Pupils"}
    assert len(row.drawn) == 2


def test_a_grant_says_which_data_of_annex_xvii_are_held_and_what_is_missing(
    cast: Cast, programme: Programme, inspector: Actor, estimated: Indicator
) -> None:
    there = caller(inspector)
    (grant,) = there.get(f"grants?programme={programme.uuid}").results
    told = {
        row["numbers"]: (row["held"], row["missing"])
        for row in there.get(f"grants/{grant['id']}/annex-xvii").body
    }
    assert told == {
        "9-10": ("missing", ["programme.description"]),
        "14-19": ("held", []),
        "25": ("not_kept_here", []),
        "46": ("not_kept_here", []),
        "49-51": ("missing", ["indicator"]),
        "52-55": ("missing", ["baseline", "target"]),
        "71": ("missing", ["grant.final_payment_on"]),
        "76-78": ("held", []),
    }
    romanian = there.get(f"grants/{grant['id']}/annex-xvii?language=ro").body
    assert romanian[-1]["title"] == "Verificări și audituri"


def test_a_long_export_ends_at_midnight_with_a_clear_error(
    programme: Programme, inspector: Actor, estimated: Indicator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pieces of this export are of one row; between the second and the third it is midnight."""
    monkeypatch.setattr(export_rows, "PIECE", 1)
    with clock.at(ENDS - dt.timedelta(seconds=1)), taking_out(inspector, programme.uuid) as copy:
        rows = copy.rows()
        assert [next(rows), next(rows)]
        with clock.at(ENDS), pytest.raises(NotFound) as error:
            next(rows)
    assert error.value.code == "not_found"


def test_what_is_long_is_asked_again_on_the_wall_although_its_transaction_stands_still(
    programme: Programme, inspector: Actor, estimated: Indicator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_rows, "PIECE", 1)
    wall = iter([ENDS - dt.timedelta(seconds=1), ENDS])
    with clock.at(TODAY), taking_out(inspector, programme.uuid) as copy:
        monkeypatch.setattr(clock, "wall", lambda: next(wall))
        rows = copy.rows()
        assert next(rows)
        assert clock.now() == TODAY
        with pytest.raises(NotFound):
            next(rows)


def test_a_running_session_works_a_second_before_midnight_and_is_shut_at_midnight(
    programme: Programme, inspector: Actor, estimated: Indicator
) -> None:
    client, there = Client(), caller(inspector)
    client.force_login(inspector.user, backend="django.contrib.auth.backends.ModelBackend")
    pages = [
        reverse("indicator", args=[programme.uuid, estimated.uuid]),
        f"/programmes/{programme.uuid}/",
    ]
    for instant, status in ((ENDS - dt.timedelta(seconds=1), 200), (ENDS, 404)):
        with clock.at(instant):
            assert [client.get(page).status_code for page in pages] == [status, status]
            assert there.get(f"programmes/{programme.uuid}").status == status
            assert there.get(f"indicators/{estimated.uuid}/groups").status == status
            export = there.get(f"indicators/export?programme={programme.uuid}&kind=csv")
            assert export.status == status, export
            if status == 200:
                assert len(list(csv.reader(io.StringIO(export.content.decode("utf-8-sig"))))) == 4
