"""Adopting a model: everything at once, changed on the way, and nothing half-written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from handover import notices
from handover.access import asking
from handover.actions import places
from handover.errors import DomainError, Invalid, NotAllowed, NotFound
from handover.models import LedgerEntry, Programme, Responsibility
from handover.models.responsibilities import Capacity
from indicators.models import Indicator
from interventions.actions import adoptions, models
from interventions.models import (
    AdoptedPiece,
    Adoption,
    Intervention,
    InterventionNeed,
    ModelVersion,
    Need,
    NeedLevel,
    Service,
)
from interventions.models.catalogue import PieceKind
from interventions.queries.model_pieces import Piece, piece_named, pieces
from tests.factories.cast import Cast
from tests.factories.models import SCHOOL, installed, row_of
from tests.factories.organisations import OPERATOR

MEAL: Piece = (PieceKind.NEED, "meal")


@pytest.fixture
def school(cast: Cast) -> ModelVersion:
    """Give the smaller of the shipped models."""
    return installed()[SCHOOL]


def adopted(cast: Cast, **said: Any) -> Adoption:
    """Adopt the smaller of the shipped models for the municipality."""
    return adoptions.adopt(by=cast.receiver, key=SCHOOL, **{"identifier": "XX-SCHOOL", **said})


def counts(adoption: Adoption) -> Mapping[str, int]:
    """Count what the new programme holds."""
    programme = adoption.programme
    return {
        "levels": NeedLevel.objects.filter(programme=programme).count(),
        "needs": Need.objects.filter(programme=programme).count(),
        "interventions": Intervention.objects.filter(programme=programme).count(),
        "indicators": Indicator.objects.filter(programme=programme).count(),
        "responsibilities": Responsibility.objects.filter(programme=programme).count(),
    }


def test_an_adopted_model_brings_all_its_pieces(cast: Cast, school: ModelVersion) -> None:
    adoption = adopted(cast)
    with asking(cast.receiver):
        assert counts(adoption) == {name: len(school.document[name]) for name in counts(adoption)}
        rows = AdoptedPiece.objects.filter(adoption=adoption)
        assert rows.count() == len(pieces(school.document))
        assert not rows.filter(row_uuid=None).exists()
        meals = Service.objects.get(programme=adoption.programme, unit="meals")
        assert str(meals.intervention) == "School meals and September packages"


def test_responsibilities_are_the_adopters_in_the_language_that_it_chose(
    cast: Cast, school: ModelVersion
) -> None:
    adoption = adopted(cast, language="ro")
    with asking(cast.receiver):
        rows = Responsibility.objects.filter(programme=adoption.programme)
        assert "Spații pentru sprijinul după ore" in rows.values_list("title", flat=True)
        holders = rows.filter(tenures__capacity=Capacity.HOLDER).values_list(
            "tenures__organisation", flat=True
        )
        assert set(holders) == {cast.receiver.organisation.pk}


def test_what_is_left_out_leaves_no_loose_end(cast: Cast, school: ModelVersion) -> None:
    left = [MEAL, (PieceKind.INTERVENTION, "documents-round"), (PieceKind.RESPONSIBILITY, "premises")]
    with notices.collected() as heard:
        adoption = adopted(cast, leave_out=left)
    with asking(cast.receiver):
        names = {row.key: row for row in AdoptedPiece.objects.filter(adoption=adoption)}
        assert names["meal"].row_uuid is None
        assert names["documents-round"].row_uuid is None
        stay = Need.objects.get(programme=adoption.programme, uuid=row_of(adoption, "need", "stay"))
        assert not stay.prerequisites.exists()
        groups = Intervention.objects.get(
            programme=adoption.programme, uuid=row_of(adoption, "intervention", "kindergarten-groups")
        )
        assert [str(link.after) for link in groups.dependencies.all()] == ["Vaccination and check-up days"]
    told = {(notice.code, notice.field) for notice in heard}
    assert ("answered_by_nothing", "needs[birth-certificates]") in told


def test_a_piece_changes_on_the_way_and_gets_what_only_a_programme_has(
    cast: Cast, school: ModelVersion
) -> None:
    places.add_unit(by=OPERATOR, country="RO", nuts3="RO424", code="TEST-7", name="Test village")
    said = {
        "severity": 5,
        "place": "RO:TEST-7",
        "people_affected": 120,
        "people_source": "School's own count",
    }
    adoption = adopted(cast, changes={MEAL: said})
    with asking(cast.receiver):
        row = Need.objects.select_related("place").get(
            programme=adoption.programme, severity=5, people_affected=120
        )
        assert (str(row), row.place and row.place.name) == ("A meal on every school day", "Test village")
        entry = LedgerEntry.objects.filter(
            chain=adoption.programme.uuid, body__contains="model.adopted"
        ).get()
        assert '"need:meal":["people_affected","people_source","place","severity"]' in entry.body


def test_an_unknown_version_names_the_model_and_those_that_there_are(
    cast: Cast, school: ModelVersion
) -> None:
    with pytest.raises(Invalid) as caught:
        adopted(cast, number=7)
    assert caught.value.code == "unknown_version"
    assert caught.value.sentence == f"The model {SCHOOL} has no version 7; it has: 1."


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"key": "nothing-like-it"}, "not_found"),
        ({"leave_out": [(PieceKind.NEED, "nothing")]}, "unknown_piece"),
        ({"leave_out": [(PieceKind.LEVEL, "survival")]}, "piece_needed"),
        ({"changes": {MEAL: {"key": "other"}}}, "not_changeable"),
        ({"changes": {(PieceKind.MILESTONE, "budget"): {"days": 1}}}, "not_changeable"),
        ({"changes": {MEAL: {"severity": 9}}}, "invalid"),
        ({"changes": {MEAL: {"place": "RO:NOWHERE"}}}, "unknown_place"),
        ({"changes": {MEAL: {"people_affected": -4, "people_source": "x"}}}, "invalid"),
        ({"changes": {(PieceKind.INDICATOR, "days-attended"): {"over_time": "sum"}}}, "shares_add_up"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(
    cast: Cast, school: ModelVersion, said: dict[str, Any], code: str
) -> None:
    key = said.pop("key", SCHOOL)
    with pytest.raises(DomainError) as caught:
        adoptions.adopt(by=cast.receiver, key=key, identifier="XX-SCHOOL", **said)
    assert caught.value.code == code
    with asking(cast.receiver):
        assert not Programme.objects.filter(identifier="XX-SCHOOL").exists()
        assert not Adoption.objects.exists()


def test_a_withdrawn_model_is_adopted_by_nobody_new(cast: Cast, school: ModelVersion) -> None:
    first = adopted(cast)
    models.withdraw(by=OPERATOR, key=SCHOOL, reason="Replaced")
    with pytest.raises(Invalid) as caught:
        adopted(cast, identifier="XX-SECOND")
    assert caught.value.code == "model_withdrawn"
    with asking(cast.receiver):
        assert Adoption.objects.get(uuid=first.uuid).number == 1


def test_a_reporter_founds_no_programme_from_a_model(cast: Cast, school: ModelVersion) -> None:
    with pytest.raises(NotAllowed):
        adoptions.adopt(by=cast.receiver_reporter, key=SCHOOL, identifier="XX-SCHOOL")


def test_nobody_else_sees_or_changes_an_adoption(cast: Cast, school: ModelVersion) -> None:
    adoption = adopted(cast)
    with asking(cast.stranger):
        assert not Adoption.objects.exists()
        assert not AdoptedPiece.objects.exists()
        assert not InterventionNeed.objects.filter(programme_id=adoption.programme_id).exists()
    with pytest.raises(NotFound):
        adoptions.take(by=cast.stranger, adoption_uuid=adoption.uuid, piece=MEAL, reason="Curious")
    with pytest.raises(NotFound):
        adoptions.count(by=cast.stranger, adoption_uuid=adoption.uuid, counted=False)


def test_a_piece_is_named_by_kind_and_key() -> None:
    assert piece_named("need:meal") == MEAL
    for text in ("meal", "need:", "thing:meal"):
        with pytest.raises(Invalid) as caught:
            piece_named(text)
        assert caught.value.code == "unknown_piece"
