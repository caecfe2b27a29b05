"""Seats of a community: the roles through which it is heard, filled and left. A seat never names who has it."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from handover import access, ledger
from handover.access import Actor
from handover.actions import action
from handover.actions.columns import checking
from handover.actions.votes import is_whole
from handover.errors import Invalid, NotFound
from handover.models import Community, CommunitySeat, Organisation
from handover.models.organisations import OrganisationKind
from handover.models.voices import SeatRole
from handover.permissions import Permission


@action
def fill(
    *,
    by: Actor,
    community_uuid: UUID,
    role: SeatRole | str,
    chosen_by: str,
    starts_on: dt.date,
    seats: int = 1,
    ends_on: dt.date | None = None,
    organisation: UUID | None = None,
) -> CommunitySeat:
    """Say that seats of a community are filled: which role, how many, how they were filled, since when.

    Args:
        chosen_by: how: an assembly, a vote, custom; never a name.
        organisation: the community organisation where whoever has the seat holds an account, if one does.

    Raises:
        NotFound, NotAllowed: the actor may not record the community's voice.
        Invalid: an unknown role, no seat, no word of how, an end before the beginning, or an organisation that is no
            community organisation.
    """
    community = Community.objects.select_related("programme").filter(uuid=community_uuid).first()
    if community is None:
        raise NotFound("community")
    access.authorise(by, community.programme_id, None, may=Permission.RECORD_VOICE)
    if role not in SeatRole.values:
        known = ", ".join(SeatRole.values)
        raise Invalid("unknown_role", f"“{role}” is no seat of a community: {known}.", field="role")
    if not is_whole(seats) or seats < 1:
        raise Invalid("no_seat_given", f"There must be at least one seat, not {seats}.", field="seats")
    if not chosen_by.strip():
        raise Invalid("chosen_missing", "Say how the seat was filled: an assembly, a vote, custom.")
    _check_days(starts_on, ends_on)
    seat = CommunitySeat(
        programme=community.programme,
        community=community,
        role=role,
        seats=seats,
        chosen_by=chosen_by.strip(),
        organisation=_organisation(organisation),
        starts_on=starts_on,
        ends_on=ends_on,
    )
    with checking():
        seat.clean_fields(exclude={"programme", "community", "organisation"})
    seat.save()
    ledger.record(
        verb="seat.filled",
        by=by,
        programme=community.programme,
        subject=seat.uuid,
        data={
            "community": community.uuid,
            "role": str(role),
            "seats": seats,
            "chosen_by": seat.chosen_by,
            "organisation": organisation,
            "starts_on": starts_on,
            "ends_on": ends_on,
        },
    )
    return seat


@action
def vacate(*, by: Actor, seat_uuid: UUID, version: int, ends_on: dt.date) -> CommunitySeat:
    """Say on which day a seat of a community ends; it stays on record.

    Raises:
        NotFound, NotAllowed: the actor may not record the community's voice.
        Stale: somebody else was quicker.
        Invalid: an end before the beginning.
    """
    seat = CommunitySeat.objects.select_related("programme", "community").filter(uuid=seat_uuid).first()
    if seat is None:
        raise NotFound("seat")
    access.authorise(by, seat.programme_id, None, may=Permission.RECORD_VOICE)
    _check_days(seat.starts_on, ends_on)
    before = seat.ends_on
    seat.change(version=version, ends_on=ends_on)
    ledger.record(
        verb="seat.vacated",
        by=by,
        programme=seat.programme,
        subject=seat.uuid,
        data={"version": seat.version, "before": before, "after": ends_on},
    )
    return seat


def _check_days(starts_on: dt.date, ends_on: dt.date | None) -> None:
    if ends_on is not None and ends_on < starts_on:
        raise Invalid("dates_reversed", "The seat ends before it begins.", field="ends_on")


def _organisation(key: UUID | None) -> Organisation | None:
    if key is None:
        return None
    found = Organisation.objects.filter(uuid=key).first()
    if found is None:
        raise Invalid("unknown_organisation", f"There is no organisation {key}.", field="organisation")
    if found.kind != OrganisationKind.COMMUNITY:
        raise Invalid(
            "not_a_community", f"{found.name} is no organisation of a community.", field="organisation"
        )
    return found
