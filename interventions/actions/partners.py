"""Partners of an intervention: who helps to do it, what they bring, by which agreement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypedDict, Unpack
from uuid import UUID

from handover.access import Actor
from handover.actions import action
from handover.errors import Invalid
from handover.models import Contract, Organisation, Programme
from interventions.actions import changes as kept
from interventions.actions import entries, parts
from interventions.actions.entries import Entry
from interventions.models import Intervention, InterventionPartner


class PartnerEntry(TypedDict, total=False):
    """What can be said of a partner: an organisation of the directory, or the name of another body; never a person.

    ``agreement`` is the UUID of a contract in the programme's register.
    """

    organisation: UUID | None
    name: str
    brings: str
    agreement: UUID | None
    starts_on: dt.date | None
    ends_on: dt.date | None


FIELDS: Final = frozenset(PartnerEntry.__annotations__)


class References:
    """The organisations and agreements that entries name, read at once: two queries, however many entries."""

    def __init__(self, programme: Programme, entries: Sequence[Entry]) -> None:
        asked = {
            name: {key for entry in entries if isinstance(key := entry.get(name), UUID)}
            for name in ("organisation", "agreement")
        }
        self._organisations: Mapping[UUID, Organisation] = {
            row.uuid: row for row in Organisation.objects.filter(uuid__in=asked["organisation"])
        }
        self._agreements: Mapping[UUID, Contract] = {
            row.uuid: row for row in Contract.objects.filter(programme=programme, uuid__in=asked["agreement"])
        }

    def put(self, values: dict[str, Any], *, at: str) -> dict[str, Any]:
        """Replace UUIDs by rows.

        Raises:
            Invalid: an unknown organisation, or an agreement of another programme; named.
        """
        for name, what, where, rows in (
            ("organisation", "organisation", "", self._organisations),
            ("agreement", "contract", " in this programme", self._agreements),
        ):
            key = values.get(name)
            if key is None:
                continue
            if key not in rows:
                raise Invalid(f"unknown_{what}", f"There is no {what} {key}{where}.", field=f"{at}{name}")
            values[name] = rows[key]
        return values


@action
def add(
    *,
    by: Actor,
    intervention_uuid: UUID,
    reason: str = "",
    consultation: UUID | None = None,
    **entry: Unpack[PartnerEntry],
) -> InterventionPartner:
    """Add a partner, with what it brings. Once the intervention has begun, with a reason.

    Raises:
        NotFound, NotAllowed: the actor may not change the intervention.
        Invalid: nobody is named, or twice; an unknown organisation, an agreement of another programme, dates the wrong
            way round; no reason where one is due.
    """
    entries.only(entry, FIELDS)
    of = parts.intervention_for(by, intervention_uuid)
    why = kept.why(of, reason, consultation, adds=True)
    row = build(of, entry)
    return parts.add(row, why, by=by, verb="intervention.partner_added", told=_told(row))


@action
def edit(
    *,
    by: Actor,
    partner_uuid: UUID,
    version: int,
    reason: str,
    consultation: UUID | None = None,
    **changes: Unpack[PartnerEntry],
) -> InterventionPartner:
    """Change what is said of a partner, and say why.

    Raises:
        NotFound, NotAllowed: the actor may not change its intervention.
        Stale: somebody else was quicker.
        Invalid: no reason, or as for ``add``.
    """
    entries.only(changes, FIELDS)
    row = parts.fetch(by, InterventionPartner, partner_uuid, what="partner")
    why = kept.why(row.intervention, reason, consultation)
    values = entries.put(row, _columns(row.intervention, changes))
    _check_together(row)
    return parts.edit(row, version, values, why, by=by, verb="intervention.partner_edited")


@action
def remove(*, by: Actor, partner_uuid: UUID, reason: str, consultation: UUID | None = None) -> None:
    """Take a partner away, and say why. Where the partnership ended, rather say when: ``edit`` its last day.

    Raises:
        NotFound, NotAllowed: the actor may not change its intervention.
        Invalid: no reason, or a consultation of another programme.
    """
    row = parts.fetch(by, InterventionPartner, partner_uuid, what="partner")
    why = kept.why(row.intervention, reason, consultation)
    parts.remove(row, why, by=by, verb="intervention.partner_removed", told=_told(row))


def build(
    of: Intervention, entry: Entry, references: References | None = None, *, at: str = ""
) -> InterventionPartner:
    """Make a partner of what was entered, checked and not yet saved.

    Raises:
        Invalid: as for ``add``.
    """
    entries.only(entry, FIELDS, at=at)
    row = InterventionPartner(
        programme=of.programme, intervention=of, **_columns(of, entry, references, at=at)
    )
    entries.check(row, at=at)
    _check_together(row, at=at)
    return row


def _columns(
    of: Intervention, entry: Entry, references: References | None = None, *, at: str = ""
) -> dict[str, Any]:
    references = references or References(of.programme, [entry])
    return references.put(entries.columns(entry, entries.References(of.programme, []), at=at), at=at)


def _check_together(row: InterventionPartner, *, at: str = "") -> None:
    if row.organisation is None and not row.name.strip():
        sentence = "A partner needs its organisation, or the name of the body."
        raise Invalid("partner_unnamed", sentence, field=f"{at}name")
    if row.organisation is not None and row.name.strip():
        sentence = f"“{row.name}” is named beside {row.organisation}: a partner is one or the other."
        raise Invalid("partner_named_twice", sentence, field=f"{at}name")
    parts.check_dates(row, f"The partnership with {row}", at=at)


def _told(row: InterventionPartner) -> dict[str, Any]:
    return {name: getattr(row, name) for name in PartnerEntry.__annotations__}
