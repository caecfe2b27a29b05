"""Interventions: fields, strands, dates, and the needs that they answer."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError

from handover.access import asking
from handover.errors import Invalid, NotFound, Stale
from handover.models import LedgerEntry, Programme
from handover.models.guard import DirectWrite
from interventions.actions import interventions, lineage
from interventions.models import Field, Intervention, InterventionNeed, Strand
from interventions.queries import interventions as told
from interventions.queries import needs as hierarchy
from tests.factories import interventions as make
from tests.factories import programmes
from tests.factories.cast import Cast


@pytest.mark.parametrize("field", Field)
def test_there_are_interventions_in_every_field(programme: Programme, cast: Cast, field: Field) -> None:
    strand = Strand.LEGAL_RESPONSE if field == Field.ANTI_DISCRIMINATION else ""

    made = make.intervention(programme, by=cast.giver, field=field, strand=strand)

    assert (made.field, made.version) == (field, 1)


@pytest.mark.parametrize(
    ("said", "code", "wrong"),
    [
        ({"field": "sports"}, "invalid", "field"),
        ({"field": "anti_discrimination"}, "strand_missing", "strand"),
        ({"field": "anti_discrimination", "strand": "quarrel"}, "invalid", "strand"),
        ({"field": "health", "strand": "legal_response"}, "strand_elsewhere", "strand"),
        ({"audience": "spectators"}, "invalid", "audience"),
        ({"title": {}}, "invalid", "title"),
        ({"starts_on": dt.date(2024, 2, 1), "ends_on": dt.date(2024, 1, 31)}, "dates_reversed", "ends_on"),
        ({"starts_on": "2024-02-01", "ends_on": "2024-01-31"}, "dates_reversed", "ends_on"),
        ({"starts_on": "soon"}, "invalid", "starts_on"),
        ({"colour": "red"}, "unknown_field", "colour"),
    ],
)
def test_a_wrong_field_is_named(
    programme: Programme, cast: Cast, said: dict[str, Any], code: str, wrong: str
) -> None:
    with pytest.raises(Invalid) as on_add:
        make.intervention(programme, by=cast.giver, **said)
    made = make.intervention(programme, by=cast.giver)
    with pytest.raises(Invalid) as on_edit:
        interventions.edit(by=cast.giver, intervention_uuid=made.uuid, version=1, reason="Corrected", **said)

    assert (on_add.value.code, on_add.value.details["field"]) == (code, wrong)
    assert (on_edit.value.code, on_edit.value.details["field"]) == (code, wrong)
    with asking(cast.giver):
        assert Intervention.objects.get(pk=made.pk).version == 1


@pytest.mark.parametrize(("field", "strand"), [("health", "legal_response"), ("anti_discrimination", "")])
def test_the_database_keeps_strands_where_they_belong(
    programme: Programme, cast: Cast, field: str, strand: str, web_sql: Any
) -> None:
    made = make.intervention(programme, by=cast.giver)

    with pytest.raises(IntegrityError, match="interventions_intervention_strand"):
        web_sql(cast.giver)(
            "UPDATE interventions_intervention SET field = %s, strand = %s WHERE id = %s",
            [field, strand, made.pk],
        )


def test_an_edit_raises_the_version_and_a_stale_one_is_refused(programme: Programme, cast: Cast) -> None:
    made = make.intervention(programme, by=cast.giver, starts_on=dt.date(2024, 1, 1))

    interventions.edit(
        by=cast.giver, intervention_uuid=made.uuid, version=1, reason="It ends", ends_on=dt.date(2024, 12, 31)
    )
    with pytest.raises(Stale):
        interventions.edit(
            by=cast.giver, intervention_uuid=made.uuid, version=1, reason="It goes on", ends_on=None
        )

    with asking(cast.giver):
        found = Intervention.objects.get(pk=made.pk)
    assert (found.version, found.ends_on) == (2, dt.date(2024, 12, 31))


def test_an_intervention_answers_needs(programme: Programme, cast: Cast) -> None:
    make.levels(programme, by=cast.giver)
    need, other = make.need(programme, by=cast.giver), make.need(programme, by=cast.giver)
    work = make.intervention(programme, by=cast.giver)

    interventions.answer(by=cast.giver, intervention_uuid=work.uuid, need_uuid=need.uuid)
    interventions.answer(by=cast.giver, intervention_uuid=work.uuid, need_uuid=other.uuid)
    interventions.unlink(by=cast.giver, intervention_uuid=work.uuid, need_uuid=other.uuid, reason="Not here")

    with asking(cast.giver):
        assert told.answers(programme) == {work.pk: [need.pk]}
        verbs = LedgerEntry.objects.filter(programme_id=programme.pk, body__contains='"verb":"intervention.')
        assert verbs.count() == 4


def test_an_answer_is_given_once_and_taken_back_once(programme: Programme, cast: Cast) -> None:
    make.levels(programme, by=cast.giver)
    need, work = make.need(programme, by=cast.giver), make.intervention(programme, by=cast.giver)
    interventions.answer(by=cast.giver, intervention_uuid=work.uuid, need_uuid=need.uuid)

    with pytest.raises(Invalid) as refusal:
        interventions.answer(by=cast.giver, intervention_uuid=work.uuid, need_uuid=need.uuid)
    interventions.unlink(by=cast.giver, intervention_uuid=work.uuid, need_uuid=need.uuid, reason="Not here")
    with pytest.raises(NotFound):
        interventions.unlink(
            by=cast.giver, intervention_uuid=work.uuid, need_uuid=need.uuid, reason="Not here"
        )

    assert refusal.value.code == "already_answered"


def test_an_intervention_answers_no_need_of_another_programme(
    programme: Programme, cast: Cast, web_sql: Any
) -> None:
    other = programmes.programme(cast.giver)
    make.levels(other, by=cast.giver)
    foreign, work = make.need(other, by=cast.giver), make.intervention(programme, by=cast.giver)

    with pytest.raises(Invalid) as refusal:
        interventions.answer(by=cast.giver, intervention_uuid=work.uuid, need_uuid=foreign.uuid)
    with pytest.raises(IntegrityError, match="need_id_bound"):
        web_sql(cast.giver)(
            "INSERT INTO interventions_interventionneed (uuid, programme_id, intervention_id, need_id)"
            " VALUES (gen_random_uuid(), %s, %s, %s)",
            [programme.pk, work.pk, foreign.pk],
        )

    assert refusal.value.code == "unknown_need"


def test_an_intervention_takes_no_responsibility_of_another_programme(
    programme: Programme, cast: Cast
) -> None:
    foreign = programmes.responsibility(programmes.programme(cast.giver), by=cast.giver)

    with pytest.raises(Invalid) as refusal:
        make.intervention(programme, by=cast.giver, responsibility=foreign.uuid)

    assert refusal.value.code == "unknown_responsibility"


def test_interventions_are_not_written_outside_an_action(programme: Programme, cast: Cast) -> None:
    made = make.intervention(programme, by=cast.giver)

    with asking(cast.giver):
        with pytest.raises(DirectWrite):
            made.save()
        with pytest.raises(DirectWrite):
            Intervention.objects.filter(pk=made.pk).update(audience="all")
        with pytest.raises(DirectWrite):
            InterventionNeed.objects.filter(intervention=made).delete()


def test_interventions_are_told_field_by_field_with_the_needs_they_answer(
    programme: Programme, cast: Cast
) -> None:
    make.levels(programme, by=cast.giver)
    top = make.need(programme, by=cast.giver)
    below = make.need(programme, by=cast.giver, below=top)
    work = make.intervention(programme, by=cast.giver, title="Mediation", starts_on=dt.date(2024, 1, 1))
    why = "The survey showed it"
    classes = make.intervention(
        programme, by=cast.giver, title="Classes", field=Field.EDUCATION, audience="children"
    )
    interventions.after(by=cast.giver, intervention_uuid=classes.uuid, after_uuid=work.uuid)
    for need in (below, top):
        interventions.answer(by=cast.giver, intervention_uuid=work.uuid, need_uuid=need.uuid, reason=why)

    with asking(cast.giver):
        lines = list(
            told.outline(
                told.by_field(programme),
                told.answers(programme),
                hierarchy.tree(programme),
                told.dependencies(programme),
            )
        )

    assert lines == [
        "Education",
        "  Classes (children): answers no need yet",
        "    after Mediation",
        "Health",
        "  Mediation (everybody, since 2024-01-01): answers 1, 1.1",
    ]


def test_an_intervention_may_work_in_further_fields(programme: Programme, cast: Cast) -> None:
    made = make.intervention(programme, by=cast.giver, also_in=["education", "housing"], effort="1.50")

    assert (made.also_in, made.effort) == (["education", "housing"], Decimal("1.50"))


@pytest.mark.parametrize(
    ("said", "code", "wrong"),
    [
        ({"also_in": ["sports"]}, "unknown_field_of_work", "also_in"),
        ({"also_in": "education"}, "not_a_list", "also_in"),
        ({"also_in": ["health"]}, "field_repeated", "also_in"),
        ({"effort": "-1"}, "negative_count", "effort"),
        ({"effort": 0.1}, "not_exact", "effort"),
        ({"effort": "a lot"}, "not_a_number", "effort"),
        ({"effort": "NaN"}, "not_a_number", "effort"),
    ],
)
def test_a_wrong_field_of_work_or_effort_is_named(
    programme: Programme, cast: Cast, said: dict[str, Any], code: str, wrong: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        make.intervention(programme, by=cast.giver, **said)

    assert (refusal.value.code, refusal.value.details["field"]) == (code, wrong)


def test_an_intervention_does_not_answer_a_need_that_was_merged(programme: Programme, cast: Cast) -> None:
    make.levels(programme, by=cast.giver)
    gone, into = make.need(programme, by=cast.giver), make.need(programme, by=cast.giver)
    lineage.merge(
        by=cast.giver,
        programme_uuid=programme.uuid,
        need_uuids=[gone.uuid],
        into=into.uuid,
        reason="The same",
    )
    work = make.intervention(programme, by=cast.giver)

    with pytest.raises(Invalid) as refusal:
        interventions.answer(by=cast.giver, intervention_uuid=work.uuid, need_uuid=gone.uuid)

    assert refusal.value.code == "need_closed"
