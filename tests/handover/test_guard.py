"""Writes happen in actions: whatever way around them Django offers is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from handover.access import asking
from handover.actions import action, programmes
from handover.errors import Stale
from handover.models import LegalAct, Organisation, Programme, Responsibility, Tenure
from handover.models.guard import DirectWrite, is_writing
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db

WAYS_AROUND: dict[str, Callable[[Responsibility], object]] = {
    "save": lambda row: row.save(),
    "save some fields": lambda row: row.save(update_fields=["title"]),
    "delete": lambda row: row.delete(),
    "change": lambda row: row.change(version=row.version, title="x"),
    "update": lambda row: Responsibility.objects.update(title="x"),
    "update of a filter": lambda row: Responsibility.objects.filter(pk=row.pk).update(title="x"),
    "delete of a filter": lambda row: Responsibility.objects.filter(pk=row.pk).delete(),
    "create": lambda row: Responsibility.objects.create(programme=row.programme, title="x", kind="service"),
    "get or create": lambda row: Responsibility.objects.get_or_create(
        programme=row.programme, title="x", kind="service"
    ),
    "update or create": lambda row: Responsibility.objects.update_or_create(
        pk=row.pk, defaults={"title": "x"}
    ),
    "bulk create": lambda row: Responsibility.objects.bulk_create(
        [Responsibility(programme=row.programme, title="x")]
    ),
    "bulk update": lambda row: Responsibility.objects.bulk_update([row], ["title"]),
    "related create": lambda row: row.tenures.create(programme=row.programme, capacity="debtor"),
    "related update": lambda row: row.tenures.update(capacity="debtor"),
    "related delete": lambda row: row.tenures.all().delete(),
    "raw delete": lambda row: Responsibility.objects.filter(pk=row.pk)._raw_delete(using="default"),
}


@pytest.mark.parametrize("way", WAYS_AROUND)
def test_no_way_around_the_actions_is_open(cast: Cast, programme: Programme, way: str) -> None:
    with asking(cast.giver):
        row = Responsibility.objects.filter(programme=programme).earliest("id")
        before = list(Responsibility.objects.values()), list(Tenure.objects.values())
        with pytest.raises(DirectWrite, match="outside an action"):
            WAYS_AROUND[way](row)
        assert (list(Responsibility.objects.values()), list(Tenure.objects.values())) == before


def test_the_directory_is_guarded_as_well(cast: Cast) -> None:
    with pytest.raises(DirectWrite, match=r"Organisation\.save"):
        Organisation(slug="x", name="x", kind="ngo", country="RO").save()


def test_reading_is_open_outside_an_action(cast: Cast, programme: Programme) -> None:
    with asking(cast.giver):
        assert Responsibility.objects.filter(programme=programme).exists()


def test_the_guard_is_lifted_for_the_length_of_an_action(cast: Cast) -> None:
    @action
    def look(*, by: object) -> bool:
        return is_writing()

    assert look(by=cast.giver)
    assert not is_writing()


def test_the_guard_stands_again_after_an_action_that_failed(cast: Cast) -> None:
    @action
    def fail(*, by: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail(by=cast.giver)
    assert not is_writing()


@pytest.mark.parametrize("by", [None, "manager@giver.example"])
def test_an_action_without_an_actor_does_not_run(by: object) -> None:
    @action
    def never(*, by: object) -> None:
        pytest.fail("it ran")

    with pytest.raises(TypeError, match="needs by=, an Actor"):
        never(by=by)


def test_an_edit_of_what_somebody_else_changed_is_stale_and_writes_nothing(
    cast: Cast, programme: Programme
) -> None:
    programmes.edit(by=cast.giver, programme_uuid=programme.uuid, version=1, title="Hers")
    with pytest.raises(Stale):
        programmes.edit(by=cast.giver_officer, programme_uuid=programme.uuid, version=1, title="His")

    with asking(cast.giver):
        programme.refresh_from_db()
    assert (programme.title, programme.version) == ([{"lang": None, "text": "Hers"}], 2)


def test_every_model_of_a_programme_is_guarded() -> None:
    from handover.models.guard import Guarded
    from tests.contracts.world import programme_models

    assert LegalAct in set(programme_models())
    assert [model for model in programme_models() if not issubclass(model, Guarded)] == []
