"""Publishing: a programme's structure leaves, and nothing of the tenant."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import ProgrammingError

from handover import clock
from handover.access import Actor, asking
from handover.actions import milestones as milestone_actions
from handover.actions import places, programmes, registers, transfers
from handover.canonical import digest
from handover.errors import DomainError, Invalid, NotAllowed, NotFound
from handover.models import BudgetLine, LedgerEntry, Post, Premises, Programme, Responsibility
from indicators.actions import baselines, indicators, results, values
from interventions.actions import adoptions, groups, models, partners, records
from interventions.actions import interventions as doing
from interventions.exchange.model_document import shipped
from interventions.models import AdoptedPiece, Adoption, Intervention, InterventionModel, ModelVersion
from interventions.models.catalogue import PieceKind
from interventions.queries import catalogue
from interventions.queries.model_lines import lines
from tests.conftest import WebSql
from tests.factories.cast import Cast
from tests.factories.interventions import intervention, levels, need
from tests.factories.models import HEAD, SCHOOL, installed, published, row_of
from tests.factories.organisations import OPERATOR

SECRET = "Zqx"
"""Stands in every field that belongs to the tenant, and in nothing that a model is made of."""
DAY = dt.date(2024, 3, 31)


def _full(programme: Programme, by: Actor, receiver: Actor) -> None:
    """Fill a programme: what a model is made of in plain words, everything of the tenant marked."""
    village = places.add_unit(
        by=OPERATOR, country="RO", nuts3="RO424", code=f"{SECRET}-1", name=f"{SECRET}-village"
    )
    programmes.serve(
        by=by,
        programme_uuid=programme.uuid,
        name=f"{SECRET} people",
        place=village,
        estimated_people=417,
        source=SECRET,
    )
    levels(programme, by=by)
    said = {"people_affected": 4177, "people_source": SECRET, "people_as_of": DAY, "evidence": SECRET}
    water = need(programme, by=by, title={"en": "Drinking water", "ro": "Apă"}, place=village.uuid, **said)  # type: ignore[arg-type]
    need(programme, by=by, below=water, title="A pump that works", description="In winter too")
    with asking(by):
        duty = Responsibility.objects.get(programme=programme, title="Day centre")
    done = intervention(
        programme,
        by=by,
        title="Water mediation",
        responsibility=duty.uuid,
        place=village.uuid,
        starts_on=DAY,
        effort="0.5",
    )
    doing.answer(by=by, intervention_uuid=done.uuid, need_uuid=water.uuid, reason=SECRET)
    groups.add(
        by=by, intervention_uuid=done.uuid, title="Families", people=4178, source=SECRET, reason=SECRET
    )
    partners.add(
        by=by, intervention_uuid=done.uuid, name=f"{SECRET} food bank", brings=f"{SECRET} food", reason=SECRET
    )
    result = results.define(by=by, programme_uuid=programme.uuid, type="1", title="Water")
    counted = indicators.define(
        by=by,
        result_uuid=result.uuid,
        title="Homes with water",
        measure="1",
        unit="homes",
        frequency="quarterly",
        source="Count",
        references=[{"vocabulary": f"{SECRET}-list", "code": SECRET}],
        need=water.uuid,
        intervention=done.uuid,
        responsibility=duty.uuid,
    )
    baselines.put(by=by, indicator_uuid=counted.uuid, year=2023, value="41770")
    values.report(
        by=by,
        indicator_uuid=counted.uuid,
        starts_on=dt.date(2024, 1, 1),
        ends_on=DAY,
        rows=[values.Reported(value="41771", place=village.uuid)],
    )
    for register, columns in (
        (Post, {"title": "Mediator", "fte": "1.5", "funded_by": "grant", "starts_on": DAY, "number": SECRET}),
        (
            BudgetLine,
            {"title": "Pipes", "year": 2025, "source": "grant", "amount": "417.72", "currency": "EUR"},
        ),
    ):
        registers.enter(by=by, register=register, responsibility_uuid=duty.uuid, **columns)
    plan = transfers.draft(
        by=by,
        programme_uuid=programme.uuid,
        title=f"{SECRET} transfer",
        receiver=receiver.organisation,
        retention_until=dt.date(2031, 12, 31),
        lead=True,
    )
    transfers.include(by=by, transfer_uuid=plan.uuid, items=[transfers.Item(duty)])
    first = milestone_actions.plan(
        by=by,
        transfer_uuid=plan.uuid,
        kind="council_decision",
        title="The council decides",
        due_on=dt.date(2024, 9, 1),
        signs=["receiver"],
    )
    milestone_actions.plan(
        by=by,
        transfer_uuid=plan.uuid,
        kind="handover_protocol",
        title="The protocol is signed",
        due_on=dt.date(2024, 12, 1),
        signs=["giver", "receiver"],
        waits_for=[first],
        moves=[duty],
    )


@pytest.fixture
def full(programme: Programme, cast: Cast) -> Programme:
    """Give a programme with everything."""
    _full(programme, cast.giver, cast.receiver)
    return programme


def test_nothing_of_the_tenant_leaves(full: Programme, cast: Cast) -> None:
    version = published(full, by=cast.giver)
    whole = json.dumps([version.document, version.context, version.evidence, str(version.model.title)])
    assert SECRET.lower() not in whole.lower()
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", whole)
    assert "417" not in whole
    for organisation in (cast.giver.organisation, cast.receiver.organisation, cast.donor.organisation):
        assert organisation.name not in whole
    assert not re.search(r"20[0-9][0-9]-", whole), "no day of the tenant's"


def test_what_a_model_is_made_of_leaves_whole(full: Programme, cast: Cast) -> None:
    document = published(full, by=cast.giver).document
    assert [row["key"] for row in document["needs"]] == ["drinking-water", "a-pump-that-works"]
    assert document["needs"][0]["title"] == {"en": "Drinking water", "ro": "Apă"}
    assert document["needs"][1]["parent"] == "drinking-water"
    (done,) = document["interventions"]
    assert (done["responsibility"], done["needs"], done["effort"]) == (
        "day-centre",
        ["drinking-water"],
        "0.5",
    )
    assert done["groups"] == [{"title": "Families"}]
    (counted,) = document["indicators"]
    assert {name: counted[name] for name in ("result", "unit", "frequency", "need", "intervention")} == {
        "result": "water",
        "unit": "homes",
        "frequency": "quarterly",
        "need": "drinking-water",
        "intervention": "water-mediation",
    }
    assert [(row["key"], row["days"], row.get("moves")) for row in document["milestones"]] == [
        ("the-council-decides", -91, None),
        ("the-protocol-is-signed", 0, ["day-centre"]),
    ]
    post, line = document["budget"]
    assert (post["fte"], post["title"], line["title"], line["share"]) == ("1.5", "Mediator", "Pipes", "100")


def test_a_published_structure_comes_out_equal_where_it_is_adopted(full: Programme, cast: Cast) -> None:
    version = published(full, by=cast.giver)
    adoption = adoptions.adopt(by=cast.receiver, key="a-model", identifier="XX-NEW")
    again = models.publish(
        by=cast.receiver, programme_uuid=adoption.programme.uuid, head={**HEAD, "key": "again"}
    )
    lists = ("levels", "needs", "interventions", "responsibilities", "results", "indicators", "axes")
    assert {name: again.document[name] for name in lists} == {name: version.document[name] for name in lists}
    assert again.document["derived_from"] == [{"model": "a-model", "number": 1}]


def test_a_text_that_names_a_place_or_an_organisation_is_refused_until_it_is_edited(
    full: Programme, cast: Cast
) -> None:
    levels(full, by=cast.giver)
    need(full, by=cast.giver, title=f"Children of {SECRET}-village walk to school")
    with pytest.raises(Invalid) as caught:
        published(full, by=cast.giver)
    assert caught.value.code == "names_a_tenant"
    paths = [item["path"] for item in caught.value.details["errors"]]  # type: ignore[attr-defined]
    key = f"children-of-{SECRET.lower()}-village-walk-to-school"
    assert paths == [f"needs[{key}].key", f"needs[{key}].title"]
    with asking(cast.giver):
        assert not InterventionModel.objects.exists()
    version = models.publish(
        by=cast.giver,
        programme_uuid=full.uuid,
        head=HEAD,
        edits={(PieceKind.NEED, key): {"title": "Children walk to school"}},
    )
    assert [row["key"] for row in version.document["needs"]][-1] == "children-walk-to-school"
    with pytest.raises(Invalid) as caught:
        published(full, by=cast.giver, key="other", context=f"Made by {cast.giver.organisation.name}")
    assert caught.value.code == "names_a_tenant"


@pytest.mark.parametrize(
    "words",
    [
        f"Made in {SECRET}  VILLAGE",
        f"Made in {SECRET}-vîllage",
        f"Kept with the {SECRET} food bank",
        "As the District office for schools asked",
        "Rooms of the Tower museum foundation",
        "Ask the office: desk@example.org",
        "Ring +40 721 000 000",
    ],
)
def test_no_name_and_no_contact_leaves_in_what_is_said_of_a_model(
    words: str, full: Programme, cast: Cast
) -> None:
    with asking(cast.giver):
        duty = Responsibility.objects.get(programme=full, title="Day centre")
    registers.enter(
        by=cast.giver,
        register=Premises,
        responsibility_uuid=duty.uuid,
        title="Rooms",
        address="Tower street 417",
        owner_name="Tower museum foundation",
        held_by="lease",
        valid_from=DAY,
    )
    records.enter(
        by=cast.giver,
        programme_uuid=full.uuid,
        record="authority",
        entry={"name": "District office for schools", "level": "county", "works_on": "Schools"},
    )
    with pytest.raises(Invalid) as caught:
        published(full, by=cast.giver, context=words)
    assert caught.value.code == "names_a_tenant"
    assert "desk@example.org" not in str(caught.value.details)


def test_a_place_that_only_a_register_names_does_not_leave_either(full: Programme, cast: Cast) -> None:
    far = places.add_unit(by=OPERATOR, country="RO", nuts3="RO424", code="F-1", name="Farawayville")
    with asking(cast.giver):
        duty = Responsibility.objects.get(programme=full, title="Day centre")
    registers.enter(
        by=cast.giver,
        register=Premises,
        responsibility_uuid=duty.uuid,
        title="Rooms",
        address="Street",
        place=far,
        held_by="lease",
        valid_from=DAY,
    )
    with pytest.raises(Invalid) as caught:
        published(full, by=cast.giver, context="Tried in Farawayville")
    assert caught.value.code == "names_a_tenant"


def test_what_was_published_from_a_programme_is_nothing_that_it_is_derived_from(
    full: Programme, cast: Cast
) -> None:
    published(full, by=cast.giver)
    other = published(full, by=cast.giver, key="other")
    assert "derived_from" not in other.document
    with asking(cast.giver):
        assert list(lines(full)) == ["Published as a-model, version 1", "Published as other, version 1"]


def test_a_later_version_keeps_the_keys_though_titles_change(full: Programme, cast: Cast) -> None:
    first = published(full, by=cast.giver)
    with asking(cast.giver):
        adoption = Adoption.objects.get(programme=full)
        there = Intervention.objects.get(uuid=row_of(adoption, "intervention", "water-mediation"))
    doing.edit(
        by=cast.giver,
        intervention_uuid=there.uuid,
        version=there.version,
        reason="Clearer",
        title="Water desk",
    )
    second = published(full, by=cast.giver, changes="A clearer title")
    assert (first.number, second.number) == (1, 2)
    assert [(row["key"], row["title"]) for row in second.document["interventions"]] == [
        ("water-mediation", "Water desk")
    ]
    with pytest.raises(Invalid) as caught:
        published(full, by=cast.giver)
    assert caught.value.code == "nothing_new"


def test_pieces_may_stay_behind(full: Programme, cast: Cast) -> None:
    version = models.publish(
        by=cast.giver, programme_uuid=full.uuid, head=HEAD, leave_out=[(PieceKind.NEED, "drinking-water")]
    )
    assert [row["key"] for row in version.document["needs"]] == ["a-pump-that-works"]
    assert "needs" not in version.document["interventions"][0]


def test_publishing_is_the_managers_and_the_ledger_tells_it(full: Programme, cast: Cast) -> None:
    for actor, refusal in (
        (cast.giver_officer, NotAllowed),
        (cast.community, NotAllowed),
        (cast.stranger, NotFound),
    ):
        with pytest.raises(refusal):
            published(full, by=actor)
    version = published(full, by=cast.giver)
    with asking(cast.giver):
        entry = LedgerEntry.objects.get(chain=full.uuid, body__contains='"model.published"')
    data = json.loads(entry.body)["data"]
    assert (data["key"], data["number"], data["digest"]) == ("a-model", 1, digest(version.document))


def test_nobody_adds_to_another_publishers_model(
    full: Programme, cast: Cast, web_sql: Callable[[Actor | None], WebSql]
) -> None:
    published(full, by=cast.giver)
    adoption = adoptions.adopt(by=cast.receiver, key="a-model", identifier="XX-NEW")
    with pytest.raises(NotAllowed) as caught:
        published(adoption.programme, by=cast.receiver)
    assert caught.value.code == "not_publisher"
    with pytest.raises(ProgrammingError):
        web_sql(cast.receiver)("UPDATE interventions_interventionmodel SET key = 'mine'")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE interventions_interventionmodel SET uuid = gen_random_uuid()",
        "UPDATE interventions_interventionmodel SET key = 'taken'",
        "UPDATE interventions_interventionmodel SET organisation_id = NULL",
        "DELETE FROM interventions_interventionmodel",
        "DELETE FROM interventions_modelversion",
    ],
)
def test_not_even_its_publisher_renames_or_deletes_a_model(
    statement: str, full: Programme, cast: Cast, web_sql: Callable[[Actor | None], WebSql]
) -> None:
    published(full, by=cast.giver)
    with pytest.raises(ProgrammingError):
        web_sql(cast.giver)(statement)


def test_what_ships_is_installed_once_and_belongs_to_nobody(cast: Cast) -> None:
    first = models.install(by=OPERATOR, files=shipped())
    assert {item.new for item in first} == {True}
    assert {item.version.model.organisation for item in first} == {None}
    again = models.install(by=OPERATOR, files=shipped())
    assert [(item.version.pk, item.new) for item in again] == [(item.version.pk, False) for item in first]
    with pytest.raises(NotAllowed):
        models.install(by=cast.giver, files=shipped())  # type: ignore[arg-type]


def test_a_shipped_version_that_says_something_else_needs_a_new_number(cast: Cast) -> None:
    files = shipped()
    models.install(by=OPERATOR, files=files)
    files[0]["needs"][0]["severity"] = 1
    with pytest.raises(Invalid) as caught:
        models.install(by=OPERATOR, files=files)
    assert caught.value.code == "version_differs"
    files[0]["number"] = 2
    models.install(by=OPERATOR, files=files)
    assert [row.number for row in catalogue.versions(catalogue.model_named(files[0]["key"]))] == [1, 2]


def test_an_organisation_does_not_take_the_key_of_what_ships(full: Programme, cast: Cast) -> None:
    installed()
    with pytest.raises(NotAllowed):
        published(full, by=cast.giver, key=SCHOOL)
    assert ModelVersion.objects.filter(model__key=SCHOOL).count() == 1


def test_a_model_is_withdrawn_by_its_publishers_manager_with_a_reason(full: Programme, cast: Cast) -> None:
    published(full, by=cast.giver)
    for by, code in (
        (cast.stranger, "not_publisher"),
        (cast.giver_officer, "not_publisher"),
        (OPERATOR, "not_publisher"),
    ):
        with pytest.raises(DomainError) as caught:
            models.withdraw(by=by, key="a-model", reason="Old")
        assert caught.value.code == code
    with pytest.raises(Invalid) as missing:
        models.withdraw(by=cast.giver, key="a-model", reason=" ")
    assert missing.value.code == "reason_missing"
    assert models.withdraw(by=cast.giver, key="a-model", reason="Old").withdrawn_at == clock.now()
    assert catalogue.search() == []
    assert [item.model.key for item in catalogue.search(withdrawn=True)] == ["a-model"]
    with pytest.raises(Invalid) as twice:
        models.withdraw(by=cast.giver, key="a-model", reason="Old")
    assert twice.value.code == "withdrawn_already"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"words": ["grădiniță"]}, True),
        ({"words": ["GRADINITA", "acte"]}, True),
        ({"words": ["astronomy"]}, False),
        ({"field": "education"}, True),
        ({"field": "housing"}, False),
        ({"language": "lt"}, True),
        ({"language": "fr"}, False),
    ],
)
def test_the_catalogue_finds_by_words_field_and_language(
    cast: Cast, said: dict[str, Any], found: bool
) -> None:
    installed()
    assert (SCHOOL in {item.model.key for item in catalogue.search(**said)}) is found


def test_the_programme_that_published_knows_which_rows_are_the_models(full: Programme, cast: Cast) -> None:
    version = published(full, by=cast.giver)
    with asking(cast.giver):
        adoption = Adoption.objects.get(programme=full)
        rows = AdoptedPiece.objects.filter(adoption=adoption)
        assert (adoption.model_uuid, adoption.counted) == (version.model.uuid, False)
        assert not rows.filter(row_uuid=None).exists()
