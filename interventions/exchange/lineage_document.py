"""What became of needs, in a programme document: merged, split, met. It is loaded after all that hangs on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from handover.access import Actor, asking
from handover.errors import Invalid
from handover.exchange.documents import within
from handover.models import Programme
from interventions.actions import lineage, needs
from interventions.exchange.keyed import keyed, named
from interventions.exchange.needs_document import need_row
from interventions.exchange.rankings_document import listed
from interventions.models import Need

CLAIMS: Final = {
    "answers": "intervention",
    "prerequisites": "need",
    "required_by": "need",
    "children": "need",
    "at_places": "place",
}
"""What a part may claim by key, and what kind of row it names."""


def load(
    programme: Programme, rows: Sequence[Mapping[str, Any]], *, by: Actor, names: Mapping[str, UUID]
) -> Mapping[str, UUID]:
    """Load ``[{"key", "reason", …}]`` in their order, wholly or not at all, each with one of:

    - ``merge`` (a list of needs' keys) and ``into`` (a need's key),
    - ``split`` (a need's key) and ``parts`` (``[{"key", "title", …}]``, with what each claims),
    - ``met`` (a need's key).

    Returns:
        ``need:KEY`` of each part.

    Raises:
        NotFound, NotAllowed: the actor may not change the needs.
        Invalid: the first thing that is wrong, with its field as ``lineage[KEY].field``.
    """
    added: dict[str, UUID] = {}
    with asking(by):
        for key, row in keyed(rows, "lineage").items():
            at = f"lineage[{key}]"
            with within(at):
                added |= _one(programme, row, {**names, **added}, at, by)
    return added


def _one(
    programme: Programme, row: Mapping[str, Any], names: Mapping[str, UUID], at: str, by: Actor
) -> dict[str, UUID]:
    match sorted(set(row) - {"reason"}):
        case ["into", "merge"]:
            _merge(programme, row, names, at, by)
        case ["parts", "split"]:
            return _split(row, names, at, by)
        case ["met"]:
            _meet(programme, row, names, at, by)
        case _:
            sentence = f"{at} must say merge and into, or split and parts, or met."
            raise Invalid("unknown_field", sentence, field=at)
    return {}


def _merge(
    programme: Programme, row: Mapping[str, Any], names: Mapping[str, UUID], at: str, by: Actor
) -> None:
    lineage.merge(
        by=by,
        programme_uuid=programme.uuid,
        need_uuids=[named(names, "need", key, f"{at}.merge") for key in listed(row["merge"], f"{at}.merge")],
        into=named(names, "need", row["into"], f"{at}.into"),
        reason=str(row.get("reason") or ""),
    )


def _split(row: Mapping[str, Any], names: Mapping[str, UUID], at: str, by: Actor) -> dict[str, UUID]:
    parts = keyed(listed(row["parts"], f"{at}.parts"), "parts")
    made = lineage.split(
        by=by,
        need_uuid=named(names, "need", row["split"], f"{at}.split"),
        parts=[_part(part, names, f"{at}.parts[{key}]") for key, part in parts.items()],
        reason=str(row.get("reason") or ""),
    )
    return {f"need:{key}": need.uuid for key, need in zip(parts, made, strict=True)}


def _part(part: Mapping[str, Any], names: Mapping[str, UUID], at: str) -> dict[str, Any]:
    claims = {
        name: [named(names, kind, key, f"{at}.{name}") for key in listed(part[name], f"{at}.{name}")]
        for name, kind in CLAIMS.items()
        if name in part
    }
    plain = {name: value for name, value in part.items() if name not in CLAIMS}
    return {**need_row(plain, names, at), **claims}


def _meet(
    programme: Programme, row: Mapping[str, Any], names: Mapping[str, UUID], at: str, by: Actor
) -> None:
    key = named(names, "need", row["met"], f"{at}.met")
    found = Need.objects.filter(programme=programme, uuid=key).first()
    version = found.version if found else 0
    needs.meet(by=by, need_uuid=key, version=version, reason=str(row.get("reason") or ""))
