"""What changed about an intervention: before, after, why, and which consultation prompted it; copies that stay."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from handover import clock
from handover.access import Actor
from handover.canonical import decimal_text
from handover.errors import Invalid
from interventions.actions import entries
from interventions.models import Consultation, Intervention, InterventionChange


@dataclass(frozen=True)
class Why:
    """Why something is changed. Without a reason it is said while the intervention is still being planned."""

    reason: str = ""
    consultation: Consultation | None = None

    def facts(self) -> dict[str, Any]:
        """Give it for the ledger; nothing where nothing was said."""
        told = {"reason": self.reason} if self.reason else {}
        return entries.facts(told | ({"consultation": self.consultation} if self.consultation else {}))


def begun(intervention: Intervention) -> bool:
    """Tell whether an intervention has begun by its own dates."""
    return intervention.starts_on is not None and intervention.starts_on <= clock.today()


def why(
    intervention: Intervention, reason: str, consultation: UUID | None = None, *, adds: bool = False
) -> Why:
    """Read why an intervention is changed.

    Args:
        adds: only something new is said. Of an intervention that has not begun that needs no reason: it is planned.

    Raises:
        Invalid: ``reason_missing``, or a consultation of another programme.
    """
    told = reason.strip()
    if not told and (consultation is not None or not adds or begun(intervention)):
        raise Invalid(
            "reason_missing",
            f"Say why “{intervention}” is changed.",
            field="reason",
            of=str(intervention.uuid),
        )
    if consultation is None:
        return Why(told)
    held = entries.of_programme(
        intervention.programme, Consultation, consultation, what="consultation", field="consultation"
    )
    return Why(told, held)


def keep(
    intervention: Intervention,
    before: Mapping[str, object],
    after: Mapping[str, object],
    why: Why,
    *,
    by: Actor,
    of: str = "",
) -> None:
    """Keep a change, the fields that differ as texts; none where nothing differs or no reason was needed.

    Args:
        of: what the fields are of, where it is not the intervention itself: it goes before their names.
    """
    was = {f"{of}{name}": text(value) for name, value in before.items()}
    now = {f"{of}{name}": text(value) for name, value in after.items()}
    changed = [name for name in (*was, *now) if was.get(name, "") != now.get(name, "")]
    if not changed or not why.reason:
        return
    row = InterventionChange(
        programme=intervention.programme,
        intervention=intervention,
        before={name: was.get(name, "") for name in changed},
        after={name: now.get(name, "") for name in changed},
        reason=why.reason,
        consultation=why.consultation,
        organisation=by.organisation,
        user_uuid=by.user.uuid,
        user_name=by.user.called,
        changed_at=clock.now(),
    )
    entries.check(row)
    row.save()


def text(value: object) -> str:
    """Write a column's value as a person reads it; nothing is an empty text."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return decimal_text(value)
        case dt.date():
            return value.isoformat()
        case list() | tuple():
            return "; ".join(_part(item) for item in value)
    return str(value)


def _part(item: object) -> str:
    if isinstance(item, Mapping):
        return f"{item['lang']}: {item['text']}" if item.get("lang") else str(item["text"])
    return str(item)
