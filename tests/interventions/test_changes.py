"""What changes about an intervention is kept: before, after, why, and which consultation prompted it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError

from handover.access import asking
from handover.actions import places
from handover.errors import Invalid, NotFound, Stale
from handover.models import Organisation, Programme
from interventions.actions import groups, interventions, partners
from interventions.models import Intervention, InterventionChange, InterventionPartner, TargetGroup
from interventions.queries import changes
from tests.factories import interventions as make
from tests.factories import programmes
from tests.factories.cast import Cast
from tests.factories.organisations import OPERATOR, organisation
from tests.factories.voices import consultation

BEGUN = dt.date(2024, 1, 1)


@pytest.fixture
def work(programme: Programme, cast: Cast) -> Intervention:
    """Give an intervention that is still planned."""
    return make.intervention(programme, by=cast.giver, title={"en": "Mediation", "ro": "Mediere"})


@pytest.fixture
def begun(programme: Programme, cast: Cast) -> Intervention:
    """Give an intervention that has begun."""
    return make.intervention(programme, by=cast.giver, title="Classes", starts_on=BEGUN)


def fields(change: changes.Change) -> list[tuple[str, str, str]]:
    """Give what changed: field, before, after."""
    return [(item.field, item.before, item.after) for item in change.fields]


def kept(work: Intervention, cast: Cast) -> list[changes.Change]:
    """Read the changes of an intervention."""
    with asking(cast.giver):
        return changes.history(work.programme, work)


def test_an_edit_keeps_before_after_reason_and_consultation(
    programme: Programme, work: Intervention, cast: Cast
) -> None:
    heard = consultation(programme, by=cast.giver)

    interventions.edit(
        by=cast.giver_officer,
        intervention_uuid=work.uuid,
        version=1,
        reason="  The assembly asked for evenings ",
        consultation=heard.uuid,
        title={"en": "Evening mediation", "ro": "Mediere"},
        effort="2.50",
        audience="all",
    )

    (change,) = kept(work, cast)
    assert fields(change) == [
        ("title", "en: Mediation; ro: Mediere", "en: Evening mediation; ro: Mediere"),
        ("effort", "", "2.5"),
    ]
    assert (change.reason, change.consultation) == ("The assembly asked for evenings", heard)
    assert (change.by, change.organisation) == (
        cast.giver_officer.user.display_name,
        cast.giver.organisation.name,
    )
    with asking(cast.giver):
        assert [item.row for item in changes.history(programme, consultation=heard)] == [change.row]
        assert changes.history(programme, cutoff=change.at - dt.timedelta(seconds=1)) == []
        told = list(changes.lines([change]))
    assert told[1:4] == [
        "  title: en: Mediation; ro: Mediere → en: Evening mediation; ro: Mediere",
        "  effort: 2.5 (new)",
        "  because: The assembly asked for evenings",
    ]
    assert told[4].startswith("  prompted by the consultation “")


@pytest.mark.parametrize("reason", ["", "   "])
def test_an_edit_without_a_reason_changes_nothing(work: Intervention, cast: Cast, reason: str) -> None:
    with pytest.raises(Invalid) as refusal:
        interventions.edit(
            by=cast.giver, intervention_uuid=work.uuid, version=1, reason=reason, audience="adults"
        )

    assert (refusal.value.code, refusal.value.details["field"]) == ("reason_missing", "reason")
    with asking(cast.giver):
        assert Intervention.objects.get(pk=work.pk).version == 1
    assert kept(work, cast) == []


def test_a_stale_edit_keeps_no_change(work: Intervention, cast: Cast) -> None:
    with pytest.raises(Stale):
        interventions.edit(
            by=cast.giver, intervention_uuid=work.uuid, version=7, reason="Late", audience="adults"
        )

    assert kept(work, cast) == []


def test_an_edit_that_says_the_same_again_is_no_change(work: Intervention, cast: Cast) -> None:
    interventions.edit(
        by=cast.giver, intervention_uuid=work.uuid, version=1, reason="Checked", field="health"
    )

    assert kept(work, cast) == []


def test_a_consultation_of_another_programme_prompts_nothing(work: Intervention, cast: Cast) -> None:
    foreign = consultation(programmes.programme(cast.giver), by=cast.giver)

    with pytest.raises(Invalid) as refusal:
        interventions.edit(
            by=cast.giver,
            intervention_uuid=work.uuid,
            version=1,
            reason="Heard",
            consultation=foreign.uuid,
            audience="adults",
        )

    assert refusal.value.code == "unknown_consultation"
    assert str(foreign.uuid) in refusal.value.sentence
    with asking(cast.giver):
        assert Intervention.objects.get(pk=work.pk).version == 1


Add = Callable[[Cast, Intervention, dict[str, Any]], object]


def answered(cast: Cast, work: Intervention, why: dict[str, Any]) -> object:
    make.levels(work.programme, by=cast.giver)
    need = make.need(work.programme, by=cast.giver)
    return interventions.answer(by=cast.giver, intervention_uuid=work.uuid, need_uuid=need.uuid, **why)


def delayed(cast: Cast, work: Intervention, why: dict[str, Any]) -> object:
    first = make.intervention(work.programme, by=cast.giver, title="Papers")
    return interventions.after(by=cast.giver, intervention_uuid=work.uuid, after_uuid=first.uuid, **why)


def grouped(cast: Cast, work: Intervention, why: dict[str, Any]) -> object:
    return groups.add(
        by=cast.giver, intervention_uuid=work.uuid, title="Pupils", people=40, source="School", **why
    )


def partnered(cast: Cast, work: Intervention, why: dict[str, Any]) -> object:
    return partners.add(by=cast.giver, intervention_uuid=work.uuid, name="A food bank", brings="Meals", **why)


ADDS: dict[str, tuple[Add, list[tuple[str, str, str]]]] = {
    "a need": (answered, [("need", "", "Drinking water")]),
    "what comes first": (delayed, [("after", "", "Papers")]),
    "a group": (
        grouped,
        [("group: title", "", "Pupils"), ("group: people", "", "40"), ("group: source", "", "School")],
    ),
    "a partner": (
        partnered,
        [("partner: name", "", "A food bank"), ("partner: brings", "", "Meals")],
    ),
}


@pytest.mark.parametrize("what", ADDS)
def test_what_is_added_to_an_intervention_that_began_needs_a_reason_and_is_kept(
    begun: Intervention, cast: Cast, what: str
) -> None:
    add, expected = ADDS[what]

    with pytest.raises(Invalid) as refusal:
        add(cast, begun, {})
    add(cast, begun, {"reason": "The assembly asked"})

    assert refusal.value.code == "reason_missing"
    (change,) = kept(begun, cast)
    assert (fields(change), change.reason) == (expected, "The assembly asked")


@pytest.mark.parametrize("what", ADDS)
def test_what_is_added_to_a_plan_needs_no_reason(work: Intervention, cast: Cast, what: str) -> None:
    ADDS[what][0](cast, work, {})

    assert kept(work, cast) == []


def test_a_consultation_is_never_named_without_a_reason(
    programme: Programme, work: Intervention, cast: Cast
) -> None:
    heard = consultation(programme, by=cast.giver)

    with pytest.raises(Invalid) as refusal:
        partnered(cast, work, {"consultation": heard.uuid})

    assert refusal.value.code == "reason_missing"


def test_a_group_is_edited_and_taken_away_with_its_figures_kept(work: Intervention, cast: Cast) -> None:
    group = groups.add(by=cast.giver, intervention_uuid=work.uuid, title="Pupils", people=40, source="School")

    groups.edit(by=cast.giver, group_uuid=group.uuid, version=1, reason="New count", people=44)
    with pytest.raises(Stale):
        groups.edit(by=cast.giver, group_uuid=group.uuid, version=1, reason="New count", people=45)
    groups.remove(by=cast.giver, group_uuid=group.uuid, reason="The class was closed")

    first, second = kept(work, cast)
    assert fields(first) == [("group “Pupils”: people", "40", "44")]
    assert fields(second) == [
        ("group: title", "Pupils", ""),
        ("group: people", "44", ""),
        ("group: source", "School", ""),
    ]
    with asking(cast.giver):
        assert not TargetGroup.objects.exists()


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"people": -1, "source": "School"}, "negative_count", "people"),
        ({"people": 12}, "source_missing", "source"),
        ({"people": 12.5, "source": "School"}, "not_a_whole_number", "people"),
        ({"title": ""}, "invalid", "title"),
        ({"colour": "red"}, "unknown_field", "colour"),
    ],
)
def test_a_wrong_group_is_refused(
    work: Intervention, cast: Cast, said: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        groups.add(by=cast.giver, intervention_uuid=work.uuid, **{"title": "Pupils", **said})

    assert (refusal.value.code, refusal.value.details["field"]) == (code, field)
    with asking(cast.giver):
        assert not TargetGroup.objects.exists()


def test_a_partner_is_an_organisation_or_a_named_body(work: Intervention, cast: Cast) -> None:
    bank = organisation("food-bank")

    made = partners.add(by=cast.giver, intervention_uuid=work.uuid, organisation=bank.uuid, brings="Food")
    partners.edit(
        by=cast.giver, partner_uuid=made.uuid, version=1, reason="It ended", ends_on=dt.date(2024, 5, 31)
    )

    with asking(cast.giver):
        found = InterventionPartner.objects.select_related("organisation").get()
        assert (str(found), found.ends_on) == (
            str(Organisation.objects.get(pk=bank.pk)),
            dt.date(2024, 5, 31),
        )
    (change,) = kept(work, cast)
    assert fields(change) == [(f"partner “{bank}”: ends_on", "", "2024-05-31")]


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({}, "partner_unnamed", "name"),
        ({"name": "A bank", "brings": ""}, "invalid", "brings"),
        (
            {"name": "A bank", "starts_on": dt.date(2024, 2, 1), "ends_on": dt.date(2024, 1, 1)},
            "dates_reversed",
            "ends_on",
        ),
    ],
)
def test_a_wrong_partner_is_refused(
    work: Intervention, cast: Cast, said: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        partners.add(by=cast.giver, intervention_uuid=work.uuid, **{"brings": "Food", **said})

    assert (refusal.value.code, refusal.value.details["field"]) == (code, field)


def test_an_agreement_of_another_programme_binds_nobody(work: Intervention, cast: Cast) -> None:
    with pytest.raises(Invalid) as refusal:
        partners.add(
            by=cast.giver, intervention_uuid=work.uuid, name="A bank", brings="Food", agreement=work.uuid
        )
    with pytest.raises(Invalid) as nobody:
        partners.add(by=cast.giver, intervention_uuid=work.uuid, organisation=work.uuid, brings="Food")

    assert (refusal.value.code, nobody.value.code) == ("unknown_contract", "unknown_organisation")


def test_a_part_of_another_tenant_is_not_there(work: Intervention, cast: Cast) -> None:
    group = groups.add(by=cast.giver, intervention_uuid=work.uuid, title="Pupils")

    with pytest.raises(NotFound):
        groups.remove(by=cast.stranger, group_uuid=group.uuid, reason="Not mine")


def test_a_change_is_never_changed(work: Intervention, cast: Cast, web_sql: Any) -> None:
    interventions.edit(by=cast.giver, intervention_uuid=work.uuid, version=1, reason="Why", audience="adults")

    for statement in (
        "UPDATE interventions_interventionchange SET reason = 'another'",
        "DELETE FROM interventions_interventionchange",
    ):
        with pytest.raises(DatabaseError):
            web_sql(cast.giver)(statement)
    with asking(cast.giver):
        assert InterventionChange.objects.get().reason == "Why"


def test_an_intervention_works_at_further_places(
    programme: Programme, cast: Cast, begun: Intervention
) -> None:
    village, town = (
        places.add_unit(by=OPERATOR, country="RO", nuts3="RO424", code=f"TEST-{name}", name=name)
        for name in ("Village", "Town")
    )
    why: dict[str, Any] = {"by": cast.giver, "intervention_uuid": begun.uuid, "reason": "Families moved"}
    interventions.edit(version=1, place=village.uuid, **why)

    interventions.place(place_uuid=town.uuid, **why)
    for there in (village, town):
        with pytest.raises(Invalid) as refusal:
            interventions.place(place_uuid=there.uuid, **why)
        assert refusal.value.code == "already_there"
    interventions.unplace(place_uuid=town.uuid, **why)
    with pytest.raises(NotFound):
        interventions.unplace(place_uuid=town.uuid, **why)

    assert [fields(item) for item in kept(begun, cast)] == [
        [("place", "", "Village")],
        [("works in", "", "Town")],
        [("works in", "Town", "")],
    ]
