"""Looks: that an auditor saw figures of special categories of persons leaves a row which nobody changes."""

from __future__ import annotations

from handover import access, clock
from handover.access import Actor
from handover.actions import action
from handover.models import AuditLook, Programme, Standing
from handover.permissions import StandingKind
from handover.queries import audits as reads


@action
def look(*, by: Actor, programme: Programme, what: str) -> AuditLook | None:
    """Note that an actor looks at special categories, if they read the programme as an auditor alone.

    Args:
        what: which table, in words; no figure of it.

    Returns:
        The row; ``None`` where the actor stands otherwise to the programme, or audits it without an engagement.
    """
    if access.reach(by, programme).standings != {StandingKind.AUDITOR}:
        return None
    engagement = reads.audited_by(by, programme)
    if engagement is None:
        return None
    return AuditLook.objects.create(
        programme=programme,
        engagement=engagement,
        user=by.user,
        user_name=by.user.called,
        what=what[:300],
        at=clock.now(),
    )


def audited(by: Actor) -> frozenset[int]:
    """Give the programmes (primary keys) that an actor's organisation reads as an auditor now, in one query."""
    rows = Standing.objects.filter(
        organisation=by.organisation, kind=StandingKind.AUDITOR, valid__contains=clock.now()
    )
    return frozenset(rows.values_list("programme_id", flat=True))
