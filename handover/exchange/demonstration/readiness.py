"""Readiness in the demonstration: instruments adopted, scores that milestones wait for, and rounds of scores.

In its file the steps of a round stand by domain, in the order of the instrument's items; ``null`` does not apply.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from handover.access import Actor, asking
from handover.actions import instruments, readiness, score_gates
from handover.actions.readiness import Answer
from handover.errors import Invalid
from handover.exchange.demonstration.found import Demonstration, Row, on
from handover.models import Assessment, Instrument
from handover.queries import instruments as reading

HOUR = dt.time(10)


def load_plans(demo: Demonstration, document: Mapping[str, Any]) -> Mapping[str, UUID]:
    """Adopt the instruments, and let milestones wait for scores: while the plans are drawn up.

    Raises:
        DomainError: an action refuses a row; the sentence names it.
    """
    names: dict[str, UUID] = {}
    for key in document["instruments"]:
        made = instruments.adopt(by=demo.giver, programme_uuid=demo.programme.uuid, key=key)
        names[f"instrument:{key}"] = made.uuid
    for row in document["gates"]:
        at = f"gates[{row['key']}]"
        score_gates.require_score(
            by=demo.giver,
            milestone_uuid=_named(demo.milestones, row["milestone"], "milestone", at),
            instrument_key=row["instrument"],
            domain=row.get("domain", ""),
            at_least=Decimal(row["at_least"]),
        )
    return names


def load(
    demo: Demonstration, document: Mapping[str, Any], *, names: Mapping[str, UUID]
) -> Mapping[str, UUID]:
    """Score the rounds, each voice on its day, and agree: once the plans are accepted.

    Args:
        names: keys of what was loaded so far: ``"responsibility:x"``.

    Raises:
        DomainError: an action refuses a row; the field names it.
    """
    made: dict[str, UUID] = {}
    for row in document["rounds"]:
        made.update(_round(demo, row, names))
    return made


def _round(demo: Demonstration, row: Row, names: Mapping[str, UUID]) -> Mapping[str, UUID]:
    at = f"rounds[{row['key']}]"
    what: dict[str, Any] = {"instrument_key": row["instrument"], "wave": row["wave"]}
    if "transfer" in row:
        what["transfer_uuid"] = _named(demo.transfers, row["transfer"], "transfer", at)
    if "responsibility" in row:
        key = f"responsibility:{row['responsibility']}"
        what["responsibility_uuid"] = _named(names, key, "responsibility", at)
    found: dict[str, UUID] = {}
    for voice in row["scores"]:
        by, place = _actor(demo, voice["by"], at), f"{at}.scores[{voice['by']}]"
        with on(_hour(voice["on"])):
            begun = readiness.begin(by=by, programme_uuid=demo.programme.uuid, **what)
            given = _answers(demo, row["instrument"], voice["steps"], place)
            scored = readiness.score(by=by, assessment_uuid=begun.uuid, answers=given)
            readiness.close(by=by, assessment_uuid=begun.uuid, version=scored.version)
        found[f"assessment:{row['key']}/{voice['by']}"] = begun.uuid
    if "agreed" in row:
        found[f"assessment:{row['key']}"] = _agree(demo, row["agreed"], next(iter(found.values())), at)
    return found


def _agree(demo: Demonstration, row: Row, assessment: UUID, at: str) -> UUID:
    by, closing = _actor(demo, row["by"], at), _actor(demo, row["closed_by"], at)
    answers = [Answer(item, step, why) for item, (step, why) in row["steps"].items()]
    with on(_hour(row["on"])):
        written = readiness.reconcile(
            by=by, assessment_uuid=assessment, answers=answers, remark=row.get("remark", "")
        )
        with asking(closing):
            version = Assessment.objects.get(uuid=written.uuid).version
        readiness.close(by=closing, assessment_uuid=written.uuid, version=version)
    return written.uuid


def _answers(
    demo: Demonstration, key: str, steps: Mapping[str, Sequence[int | None]], at: str
) -> list[Answer]:
    """Give each item its step, domain by domain.

    Raises:
        Invalid: a domain that the instrument does not have, or as many steps as it has no items.
    """
    with asking(demo.giver):
        found = reading.of(Instrument.objects.filter(programme=demo.programme, key=key).latest("id"))
    answers = []
    for domain, given in steps.items():
        items = found.domain(domain).items
        if len(items) != len(given):
            raise Invalid(
                "steps_differ",
                f"“{domain}” has {len(items)} items, and {len(given)} steps are given.",
                field=f"{at}.steps.{domain}",
            )
        answers += [Answer(item.key, step) for item, step in zip(items, given, strict=True)]
    return answers


def _actor(demo: Demonstration, key: str, at: str) -> Actor:
    if key not in demo.people:
        raise Invalid("unknown_person", f"There is no person “{key}”.", field=f"{at}.by")
    return demo.people[key]


def _named(names: Mapping[str, UUID], key: str, kind: str, at: str) -> UUID:
    found = names.get(key)
    if found is None:
        raise Invalid(
            f"unknown_{kind}", f"There is no {kind} “{key.rpartition(':')[2]}”.", field=f"{at}.{kind}"
        )
    return found


def _hour(day: str) -> dt.datetime:
    try:
        return dt.datetime.combine(dt.date.fromisoformat(day), HOUR, tzinfo=dt.UTC)
    except ValueError as error:
        raise Invalid("no_date", f"“{day}” is no date (YYYY-MM-DD).", field="on") from error
