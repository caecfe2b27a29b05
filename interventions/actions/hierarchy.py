"""The shape of a programme's needs: who stands below whom, who waits for whom, and what keeps it without circles."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from django.db import connection
from django.db.models import Max

from handover.errors import Invalid
from handover.models import Programme
from interventions.models import Need, NeedPrerequisite
from interventions.queries.needs import CLOSED, open_needs


def hold(programme: Programme) -> None:
    """Let one transaction at a time change a hierarchy: two that each see no circle could close one together.

    It comes on top of the lock that every write takes (FOR KEY SHARE) and bars, besides an execution, only its like: of
    two that hold the first and want the second, one gets it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM handover_programme WHERE id = %s FOR NO KEY UPDATE", [programme.pk])


def one(programme: Programme, key: UUID, *, field: str = "need") -> Need:
    """Fetch a need of a programme that something may be linked to, and keep it so until the end of the transaction.

    Raises:
        Invalid: there is no such need in this programme, or it was merged or split away; both name it.
    """
    return several(programme, [key], field=field)[key]


def several(programme: Programme, keys: Collection[UUID], *, field: str = "needs") -> dict[UUID, Need]:
    """Fetch needs of a programme that something may be linked to, likewise, in one query.

    Raises:
        Invalid: see ``one``; the first of the keys that is wrong.
    """
    # Locked in one order: a merge that comes between reading and linking would lose the link.
    locked = Need.objects.filter(programme=programme, uuid__in=set(keys)).select_for_update(
        of=("self",), no_key=True
    )
    found = {need.uuid: need for need in locked.order_by("id")} if keys else {}
    for key in keys:
        if key not in found:
            what = field if field in ("parent", "requires") else "need"
            raise Invalid(f"unknown_{what}", f"There is no need {key} in this programme.", field=field)
        still_open(found[key], field=field)
    return {key: found[key] for key in keys}


def still_open(need: Need, *, field: str = "need") -> None:
    """Refuse a need that was merged or split: what it is linked to stands elsewhere now.

    Raises:
        Invalid: ``need_closed``.
    """
    if need.state in CLOSED:
        sentence = f"“{need}” was {need.get_state_display()}: nothing is changed or linked there any more."
        raise Invalid("need_closed", sentence, field=field, need=str(need.uuid))


def parents(programme: Programme) -> dict[int, int | None]:
    """Give what each open need stands below, all as database keys, in one query."""
    return dict(open_needs(programme).order_by("id").values_list("pk", "parent_id"))


def prerequisites(programme: Programme) -> dict[int, list[int]]:
    """Give what each need waits for, all as database keys, in one query."""
    edges: dict[int, list[int]] = {}
    pairs = NeedPrerequisite.objects.filter(programme=programme).order_by("id")
    for later, earlier in pairs.values_list("need_id", "requires_id"):
        edges.setdefault(later, []).append(earlier)
    return edges


def last_rank(programme: Programme, parent: Need | None) -> int:
    """Give the highest rank below a parent, or at the top."""
    return open_needs(programme).filter(parent=parent).aggregate(last=Max("rank"))["last"] or 0


def titles(programme: Programme, keys: Iterable[int]) -> list[str]:
    """Give the titles of needs by their database keys, in the order of these."""
    wanted = list(keys)
    rows = Need.objects.filter(programme=programme).in_bulk(wanted)
    return [str(rows[key]) for key in wanted]


def parent_circle(told: Sequence[str], *, field: str = "parent") -> Invalid:
    """Make the refusal of a parent that stands below its own child; titles go from parent to child."""
    steps = ", above ".join(f"“{title}”" for title in told)
    sentence = f"A need cannot stand below itself: {steps}."
    return Invalid("parent_circle", sentence, field=field, circle=list(told))


def prerequisite_cycle(told: Sequence[str], *, field: str = "requires") -> Invalid:
    """Make the refusal of a prerequisite that closes a circle; titles go from what waits to what it awaits."""
    start, *steps = (f"“{title}”" for title in told)
    way = ", which requires ".join(steps)
    sentence = f"A need cannot wait for itself: {start} requires {way}."
    return Invalid("prerequisite_cycle", sentence, field=field, cycle=list(told))
