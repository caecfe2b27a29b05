"""A model's document, loaded into a new programme by the actions and holdings that load any programme document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from handover import access, holdings, notices
from handover.access import Actor
from handover.actions import responsibilities
from handover.errors import Invalid
from handover.models import Place, Programme
from handover.permissions import Permission
from interventions.actions import pieces as taking
from interventions.models import NeedLevel
from interventions.queries.model_pieces import Row, title_of

PLACED: Final = ("needs", "interventions")


def load(by: Actor, programme: Programme, document: Mapping[str, Any], *, language: str) -> dict[str, UUID]:
    """Load a document's pieces by the actions and holdings that load any programme document."""
    names = _places(document)
    names.update(
        {f"responsibility:{key}": uuid for key, uuid in _duties(by, programme, document, language).items()}
    )
    nested = [
        {
            **row,
            "indicators": [
                _of_result(item) for item in document.get("indicators", ()) if item["result"] == row["key"]
            ],
        }
        for row in document.get("results", ())
    ]
    parts: dict[str, dict[str, Any]] = {
        "interventions": {
            "needs": {"levels": document.get("levels", []), "needs": document.get("needs", [])},
            "interventions": [_plain(row) for row in document.get("interventions", ())],
        },
        "indicators": {"indicators": {"axes": document.get("axes", []), "results": nested}},
    }
    for holding in holdings.holdings():
        if holding.name in parts:
            names.update(holding.load(programme, parts[holding.name], by=by, names=names))
    for row in document.get("interventions", ()):
        taking.add_services(by, names[f"intervention:{row['key']}"], row.get("services") or ())
    _say_of_which_intervention(by, document, names)
    levels = NeedLevel.objects.filter(programme=programme)
    return {**names, **{f"level:{level.key}": level.uuid for level in levels}}


def _plain(row: Row) -> dict[str, Any]:
    """Give an intervention without its services, which come once it is there."""
    return {name: value for name, value in row.items() if name != "services"}


def _of_result(row: Row) -> dict[str, Any]:
    """Give an indicator as a programme document has it, below its result."""
    return {name: value for name, value in row.items() if name != "result"}


def _duties(by: Actor, programme: Programme, document: Mapping[str, Any], language: str) -> dict[str, UUID]:
    rows = document.get("responsibilities", ())
    return {row["key"]: taking.define(by, programme, row, language=language) for row in rows}


def _say_of_which_intervention(by: Actor, document: Mapping[str, Any], names: Mapping[str, UUID]) -> None:
    """Say of which intervention a service is a responsibility, where exactly one rests on it."""
    for row in document.get("responsibilities", ()):
        resting = [
            item["key"]
            for item in document.get("interventions", ())
            if item.get("responsibility") == row["key"]
        ]
        if row["kind"] == "service" and len(resting) == 1:
            uuid = names[f"responsibility:{row['key']}"]
            found = access.responsibility_for(by, uuid, may=Permission.EDIT_RESPONSIBILITY)
            responsibilities.edit(
                by=by,
                responsibility_uuid=uuid,
                version=found.version,
                intervention_uuid=names[f"intervention:{resting[0]}"],
            )


def _places(document: Mapping[str, Any]) -> dict[str, UUID]:
    """Find the places that changed rows name as ``COUNTRY:CODE``.

    Raises:
        Invalid: there is no such place.
    """
    found: dict[str, UUID] = {}
    for section in PLACED:
        for row in document.get(section, ()):
            named = [row.get("place"), *(row.get("places") or ())]
            for text in (item for item in named if isinstance(item, str)):
                country, _, code = text.partition(":")
                place = Place.objects.filter(country=country, code=code).order_by("id").first()
                if place is None:
                    path = f"{section}[{row['key']}].place"
                    raise Invalid(
                        "unknown_place", f"There is no place “{text}”: write COUNTRY:CODE.", field=path
                    )
                found[f"place:{text}"] = place.uuid
    return found


def tell_what_is_loose(adapted: Mapping[str, Any], whole: Mapping[str, Any]) -> None:
    """Warn of interventions that answer no need any more, and of needs that nothing answers any more."""
    answered = {key for row in adapted.get("interventions", ()) for key in row.get("needs", ())}
    before = {key for row in whole.get("interventions", ()) for key in row.get("needs", ())}
    for row in adapted.get("interventions", ()):
        if not row.get("needs"):
            notices.warn(
                "answers_nothing",
                f"“{title_of(row)}” answers no need any more.",
                f"interventions[{row['key']}]",
            )
    for row in adapted.get("needs", ()):
        if row["key"] in before - answered:
            notices.warn(
                "answered_by_nothing", f"Nothing answers “{title_of(row)}” any more.", f"needs[{row['key']}]"
            )
