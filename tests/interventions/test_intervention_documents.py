"""Documents of interventions with what hangs on them, and of services with what they delivered."""

from __future__ import annotations

import copy
import datetime as dt
import json
from importlib import resources
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handover.access import asking
from handover.actions import places
from handover.errors import DomainError
from handover.models import LedgerEntry, Programme
from interventions.actions import documents
from interventions.exchange import interventions_document, services_document
from interventions.models import (
    Delivery,
    Intervention,
    InterventionChange,
    InterventionDependency,
    InterventionPartner,
    InterventionPlace,
    Service,
    TargetGroup,
    Volunteering,
)
from interventions.queries.interventions import about
from interventions.queries.services import health
from tests.factories import interventions as make
from tests.factories.cast import Cast
from tests.factories.organisations import OPERATOR, organisation

ROWS: list[dict[str, Any]] = [
    {
        "key": "centre",
        "title": {"en": "Day centre"},
        "field": "education",
        "also_in": ["health"],
        "effort": "2",
        "needs": ["school"],
        "after": ["papers", {"intervention": "water", "reason": "Hands are washed"}],
        "groups": [{"title": "Children", "people": 30, "source": "School", "as_of": "2024-01-31"}],
        "places": ["village"],
        "partners": [
            {"organisation": "food-bank", "brings": "Meals"},
            {"name": "A bakery", "brings": "Bread"},
        ],
        "start": "2023-01-01",
    },
    {"key": "papers", "title": "Papers", "field": "civil_documents_and_rights"},
    {"key": "water", "title": "Water", "field": "housing", "after": ["papers"]},
]
SERVICES: dict[str, Any] = {
    "services": [
        {
            "key": "meals",
            "intervention": "centre",
            "kind": "service",
            "title": "Meals",
            "unit": "meals",
            "needs_licence": True,
            "licence": "centre",
            "started_on": "2024-01-15",
            "deliveries": [
                {"start": "2024-01-01", "end": "2024-03-31", "quantity": "300", "children": 12},
                {"start": "2024-04-01", "end": "2024-05-31", "quantity": "210", "children": 11},
            ],
        },
        {"key": "play", "intervention": "centre", "kind": "activity", "title": "Play", "unit": "days"},
    ],
    "partners": [{"intervention": "papers", "name": "A registry", "brings": "Certificates"}],
    "volunteering": [{"intervention": "centre", "start": "2024-01-01", "end": "2024-03-31", "young": 3}],
    "changes": [
        {
            "intervention": "centre",
            "reason": "Asked for",
            "edit": {"audience": "children"},
            "unlink": ["school"],
        }
    ],
}


@pytest.fixture
def names(programme: Programme, cast: Cast) -> dict[str, UUID]:
    """Give the keys that a document may use."""
    village = places.add_unit(by=OPERATOR, country="RO", nuts3="RO424", code="TEST-1", name="Test village")
    make.levels(programme, by=cast.giver)
    organisation("food-bank")
    licence = make.licence(programme, by=cast.giver, valid_from=dt.date(2022, 1, 1))
    return {
        "place:village": village.uuid,
        "need:school": make.need(programme, by=cast.giver).uuid,
        "licences:centre": licence.uuid,
    }


def test_interventions_are_loaded_with_all_that_hangs_on_them(
    programme: Programme, cast: Cast, names: dict[str, UUID]
) -> None:
    added = interventions_document.load(programme, ROWS, by=cast.giver, names=names)

    assert set(added) == {"intervention:centre", "intervention:papers", "intervention:water"}
    with asking(cast.giver):
        found = about(Intervention.objects.get(uuid=added["intervention:centre"]))
    assert [str(need) for need in found.needs] == ["Drinking water"]
    assert [(str(link.after), link.reason) for link in found.after] == [
        ("Papers", ""),
        ("Water", "Hands are washed"),
    ]
    assert [(str(group), group.people) for group in found.groups] == [("Children", 30)]
    assert [link.place.name for link in found.places] == ["Test village"]
    assert [partner.brings for partner in found.partners] == ["Meals", "Bread"]
    with asking(cast.giver):
        assert not InterventionChange.objects.exists()


def changed(rows: Any, path: str, value: object) -> Any:
    """Copy a document with one field changed; the path is ``0.groups.0.people`` or the like."""
    made = copy.deepcopy(rows)
    *way, last = path.split(".")
    target = made
    for step in way:
        target = target[int(step) if step.isdigit() else step]
    target[last] = value
    return made


@pytest.mark.parametrize(
    ("path", "value", "code", "field"),
    [
        ("1.after", ["centre"], "dependency_cycle", "interventions[centre].after"),
        ("1.after", ["nobody"], "unknown_intervention", "interventions[papers].after"),
        ("1.after", [{"because": "no"}], "not_a_list", "interventions[papers].after"),
        ("0.places", ["nowhere"], "unknown_place", "interventions[centre].places"),
        ("0.needs", ["nothing"], "unknown_need", "interventions[centre].needs"),
        ("0.groups.0.people", -3, "negative_count", "interventions[centre].groups[0].people"),
        ("0.groups.0.source", "", "source_missing", "interventions[centre].groups[0].source"),
        (
            "0.partners.0.organisation",
            "nobody",
            "unknown_organisation",
            "interventions[centre].partners[0].organisation",
        ),
        ("0.partners.1.name", "", "partner_unnamed", "interventions[centre].partners[1].name"),
        ("0.also_in", ["sports"], "unknown_field_of_work", "interventions[centre].also_in"),
        ("0.groups", "many", "not_a_list", "interventions[centre].groups"),
    ],
)
def test_a_wrong_document_of_interventions_is_refused_by_field(
    programme: Programme, cast: Cast, names: dict[str, UUID], path: str, value: object, code: str, field: str
) -> None:
    with pytest.raises(DomainError) as refusal:
        interventions_document.load(programme, changed(ROWS, path, value), by=cast.giver, names=names)

    assert (refusal.value.code, refusal.value.details["field"]) in {
        (code, field),
        (code, "interventions[papers].after"),
    }
    with asking(cast.giver):
        for model in (
            Intervention,
            InterventionDependency,
            TargetGroup,
            InterventionPlace,
            InterventionPartner,
        ):
            assert not model.objects.exists()


def test_services_are_loaded_with_what_they_delivered(
    programme: Programme, cast: Cast, names: dict[str, UUID]
) -> None:
    names |= interventions_document.load(programme, ROWS, by=cast.giver, names=names)

    added = services_document.load(programme, SERVICES, by=cast.giver, names=names)

    assert set(added) == {"service:meals", "service:play"}
    with asking(cast.giver):
        meals = Service.objects.get(uuid=added["service:meals"])
        assert [row.quantity for row in Delivery.objects.filter(service=meals)] == [300, 210]
        assert Volunteering.objects.get().young == 3
        assert InterventionPartner.objects.filter(name="A registry").exists()
        assert [(row.after, row.reason) for row in InterventionChange.objects.all()] == [
            ({"audience": "children"}, "Asked for"),
            ({"need": ""}, "Asked for"),
        ]
        assert (
            LedgerEntry.objects.filter(programme_id=programme.pk, body__contains="services.loaded").count()
            == 1
        )


@pytest.mark.parametrize(
    ("path", "value", "code", "field"),
    [
        ("services.0.licence", None, "licence_missing", "services[meals].licence"),
        ("services.0.started_on", "2021-12-31", "licence_not_valid_yet", "services[meals].licence"),
        ("services.0.started_on", "soon", "invalid", "services[meals].started_on"),
        ("services.0.licence", "nothing", "unknown_licence", "services[meals].licence"),
        ("services.0.intervention", "nothing", "unknown_intervention", "services[meals].intervention"),
        (
            "services.0.deliveries.1.start",
            "2024-03-31",
            "period_overlaps",
            "services[meals].deliveries[1].starts_on",
        ),
        ("services.0.deliveries.0.children", -1, "negative_count", "services[meals].deliveries[0].children"),
        ("services.0.deliveries", 5, "not_a_list", "services[meals].deliveries"),
        (
            "services.1.deliveries",
            [{"start": "2024-01-01", "end": "2024-01-31", "quantity": 1}],
            "not_started",
            None,
        ),
        ("volunteering.0.young", -1, "negative_count", "volunteering[0].young"),
        ("partners.0.brings", "", "invalid", "partners[0].brings"),
        ("changes.0.reason", "", "reason_missing", "reason"),
        ("changes.0.paint", "red", "unknown_field", "changes[0].paint"),
        ("people", [], "unknown_field", "people"),
    ],
)
def test_a_wrong_document_of_services_is_refused_by_field(
    programme: Programme,
    cast: Cast,
    names: dict[str, UUID],
    path: str,
    value: object,
    code: str,
    field: str | None,
) -> None:
    names |= interventions_document.load(programme, ROWS, by=cast.giver, names=names)

    with pytest.raises(DomainError) as refusal, asking(cast.giver):
        services_document.load(programme, changed(SERVICES, path, value), by=cast.giver, names=names)

    assert refusal.value.code == code
    assert field is None or refusal.value.details["field"] == field
    with asking(cast.giver):
        for model in (Service, Delivery, Volunteering, InterventionChange):
            assert not model.objects.exists()


def test_loading_takes_as_many_statements_whatever_the_size(
    programme: Programme, cast: Cast, names: dict[str, UUID]
) -> None:
    statements = []
    for count in (3, 30):
        rows = [{**ROWS[0], "key": f"i{count}-{number}", "after": []} for number in range(count)]
        with CaptureQueriesContext(connection) as loading:
            added = interventions_document.load(programme, rows, by=cast.giver, names=names)
        services = [
            {**SERVICES["services"][0], "key": key, "intervention": key.partition(":")[2]} for key in added
        ]
        with CaptureQueriesContext(connection) as serving:
            services_document.load(programme, {"services": services}, by=cast.giver, names={**names, **added})
        organisations = sum("handover_organisation" in item["sql"] for item in loading.captured_queries)
        statements.append((len(loading) - organisations, len(serving)))

    assert statements[0] == statements[1]


def test_nobody_else_loads_services(programme: Programme, cast: Cast, names: dict[str, UUID]) -> None:
    names |= interventions_document.load(programme, ROWS, by=cast.giver, names=names)

    for who in (cast.donor, cast.stranger):
        with pytest.raises(DomainError):
            services_document.load(programme, SERVICES, by=who, names=names)
        with pytest.raises(DomainError):
            documents.load_interventions(by=who, programme_uuid=programme.uuid, rows={})


def test_the_demonstration_of_services_fits_its_interventions(
    programme: Programme, cast: Cast, names: dict[str, UUID]
) -> None:
    folder = resources.files("handover") / "demonstration"
    rows = json.loads((folder / "interventions.json").read_text("utf-8"))
    shown = json.loads((folder / "services.json").read_text("utf-8"))
    keys = {row["key"] for row in rows}

    for name in ("services", "partners", "volunteering", "changes"):
        assert {row["intervention"] for row in shown[name]} <= keys
    plain = [
        {name: value for name, value in row.items() if name not in ("needs", "place", "responsibility")}
        for row in rows
    ]
    interventions_document.load(programme, plain, by=cast.giver, names=names)
    with asking(cast.giver):
        assert InterventionDependency.objects.count() == sum(len(row.get("after", ())) for row in rows)
        assert not list(health(programme))
