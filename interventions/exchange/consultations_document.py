"""Consultations in a programme document: loaded through the actions, with who came, what was said and the answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from handover.access import Actor, asking
from handover.errors import Invalid
from handover.exchange.documents import organisation_of, within
from handover.models import Programme
from interventions.actions import consultations, sayings
from interventions.actions.consultations import Attended
from interventions.exchange.keyed import keyed, named

PLAIN: Final = ("title", "format", "languages", "facilitated_by", "heard")
REFERENCES: Final = ("place", "community")
ROW: Final = frozenset(
    {*PLAIN, *REFERENCES, "held_on", "facilitator", "attendance", "needs", "sayings", "told_back_on"}
)
SAYING: Final = frozenset({"key", "said", "need", "intervention", "outcome", "done", "answered_on"})
ATTENDED: Final = frozenset({"gender", "age_band", "people"})


def load(
    programme: Programme, rows: Sequence[Mapping[str, Any]], *, by: Actor, names: Mapping[str, UUID]
) -> dict[str, UUID]:
    """Load consultations; wholly or not at all.

    Rows have ``key``, ``title``, ``held_on``, ``format``, ``languages``, ``place``, ``community``, ``facilitator`` (an
    organisation's short name), ``facilitated_by``, ``heard``, ``attendance`` (rows of ``gender``, ``age_band``,
    ``people``), ``needs`` that it raised, ``sayings`` (``said``, ``need``, ``intervention``, ``outcome``, ``done``,
    ``answered_on``) and ``told_back_on``. Places, communities, needs and interventions are keys of the document.

    Returns:
        ``consultation:KEY``, and ``saying:KEY`` for sayings that have a key.

    Raises:
        Invalid: the first thing that is wrong; its field is ``consultations[key].field``.
    """
    found: dict[str, UUID] = {}
    with asking(by):
        for key, row in keyed(rows, "consultations").items():
            at = f"consultations[{key}]"
            _only(row, ROW, at)
            with within(at):
                made = consultations.record(
                    by=by,
                    programme_uuid=programme.uuid,
                    attendance=[_attended(item, at) for item in _rows(row, "attendance", at)],
                    **_entry(row, names, at),
                )
            found[f"consultation:{key}"] = made.uuid
            raised = [named(names, "need", need, f"{at}.needs") for need in row.get("needs") or ()]
            if raised:
                with within(at):
                    consultations.raise_needs(by=by, consultation_uuid=made.uuid, needs=raised)
            for position, saying in enumerate(_rows(row, "sayings", at)):
                where = f"{at}.sayings[{position}]"
                _only(saying, SAYING, where)
                with within(where):
                    uuid = _say(made.uuid, saying, by=by, names=names, at=where)
                if saying.get("key"):
                    found[f"saying:{saying['key']}"] = uuid
            if row.get("told_back_on"):
                with within(at):
                    consultations.tell_back(
                        by=by,
                        consultation_uuid=made.uuid,
                        version=made.version,
                        told_back_on=_day(row, "told_back_on", at),
                    )
    return found


def _entry(row: Mapping[str, Any], names: Mapping[str, UUID], at: str) -> Any:
    entry: dict[str, Any] = {name: row[name] for name in PLAIN if row.get(name) is not None}
    if row.get("held_on"):
        entry["held_on"] = _day(row, "held_on", at)
    for kind in REFERENCES:
        if row.get(kind) is not None:
            entry[kind] = named(names, kind, row[kind], f"{at}.{kind}")
    if row.get("facilitator") is not None:
        entry["facilitator"] = organisation_of(row["facilitator"], f"{at}.facilitator").uuid
    return entry


def _say(
    consultation: UUID, row: Mapping[str, Any], *, by: Actor, names: Mapping[str, UUID], at: str
) -> UUID:
    about = {
        kind: named(names, kind, row[kind], f"{at}.{kind}")
        for kind in ("need", "intervention")
        if row.get(kind) is not None
    }
    made = sayings.say(by=by, consultation_uuid=consultation, said=row.get("said", ""), **about)
    if row.get("outcome"):
        sayings.answer(
            by=by,
            saying_uuid=made.uuid,
            version=made.version,
            outcome=row["outcome"],
            done=row.get("done", ""),
            answered_on=_day(row, "answered_on", at) if row.get("answered_on") else None,
        )
    return made.uuid


def _attended(row: Mapping[str, Any], at: str) -> Attended:
    _only(row, ATTENDED, f"{at}.attendance")
    return Attended(row.get("gender", ""), row.get("age_band", ""), row.get("people", 0))


def _rows(row: Mapping[str, Any], name: str, at: str) -> Sequence[Mapping[str, Any]]:
    given = row.get(name) or ()
    if not isinstance(given, list | tuple) or not all(isinstance(item, Mapping) for item in given):
        raise Invalid("not_a_list", f"{name.capitalize()} must be a list of objects.", field=f"{at}.{name}")
    return given


def _only(row: Mapping[str, Any], known: frozenset[str], at: str) -> None:
    for name in sorted(set(row) - known):
        raise Invalid("unknown_field", f"{at} has no field “{name}”.", field=f"{at}.{name}")


def _day(row: Mapping[str, Any], name: str, at: str) -> dt.date:
    try:
        return dt.date.fromisoformat(row[name])
    except (TypeError, ValueError):
        raise Invalid("not_a_date", f"“{row[name]}” is no date (YYYY-MM-DD).", field=f"{at}.{name}") from None
