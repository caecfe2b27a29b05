"""The one procedure by which responsibilities move: with a milestone, at execution, and back again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from handover import clock, ledger
from handover.access import Actor
from handover.actions.exceptions import apply_mappings, restore
from handover.actions.responsibilities import succeed
from handover.canonical import plain
from handover.models import Organisation, Tenure, Transfer, TransferResponsibility
from handover.models.responsibilities import Capacity, Phase

Turn = tuple[int, Capacity, int | None]

EXCEPTIONS: Final = "exceptions"
"""Under this key a moved item keeps what became of single users' exceptions on it, where a milestone moved it."""


def move(*, by: Actor, transfer: Transfer, items: Sequence[TransferResponsibility]) -> list[dict[str, Any]]:
    """Move responsibilities to the receiver, all in a fixed number of statements, with one ledger entry for
    all.

    Inside an action that holds the programme's lock and re-derives the grants.

    Returns:
        For each responsibility: its UUID, its title, and the holder before and after (``None`` where it is
            phased out).
    """
    if not items:
        return []
    before = _tenures(items)
    today, now = clock.today(), clock.now()
    succeed(transfer.programme, _turns(transfer, items), on=today, transfer_uuid=transfer.uuid)
    for item in items:
        item.moved_at, item.before = now, before.get(item.responsibility_id, {})
    TransferResponsibility.objects.bulk_update(items, ["moved_at", "before"])
    moved = [
        {
            "responsibility": item.responsibility.uuid,
            "title": item.responsibility.title,
            "phase": item.phase,
            "before": item.before,
            "holder_after": None if item.phase == Phase.OUT else transfer.receiver.uuid,
        }
        for item in items
    ]
    ledger.record(
        verb="responsibilities.moved",
        by=by,
        programme=transfer.programme,
        subject=transfer.uuid,
        data={"on": today, "responsibilities": moved},
    )
    return moved


def move_exceptions(transfer: Transfer, items: Sequence[TransferResponsibility]) -> list[dict[str, Any]]:
    """Map or end, with their responsibilities, single users' exceptions on them; the items remember how it was.

    At an execution all exceptions that the transfer touches are mapped at once, and its proof remembers.
    """
    story = apply_mappings(transfer, only={item.responsibility_id for item in items})
    if story:
        for item in items:
            mine = [line for line in story if line["responsibility"] == item.responsibility.uuid]
            item.before = {**item.before, EXCEPTIONS: plain(mine)}
        TransferResponsibility.objects.bulk_update(items, ["before"])
    return story


def _turns(transfer: Transfer, items: Sequence[TransferResponsibility]) -> list[Turn]:
    turns: list[Turn] = []
    for item in items:
        out = item.phase == Phase.OUT
        provider = item.provider_after_id or transfer.receiver_id
        turns.append((item.responsibility_id, Capacity.HOLDER, None if out else transfer.receiver_id))
        turns.append((item.responsibility_id, Capacity.PROVIDER, None if out else provider))
        if item.moves_debtor:
            turns.append((item.responsibility_id, Capacity.DEBTOR, transfer.receiver_id))
    return turns


def _tenures(items: Sequence[TransferResponsibility]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    rows = Tenure.objects.filter(
        responsibility__in=[item.responsibility_id for item in items], valid__contains=clock.today()
    ).values_list("responsibility_id", "capacity", "organisation__uuid")
    for responsibility, capacity, organisation in rows:
        found.setdefault(responsibility, {})[capacity] = str(organisation)
    return found


def move_back(*, by: Actor, transfer: Transfer, reversal: Transfer | None = None) -> int:
    """Give every responsibility that a transfer moved back to whoever held, provided and owed it, with the
    exceptions that a milestone took; tell how many.

    Inside an action that holds the programme's lock and re-derives the grants. ``reversal`` is the transfer
    that gives back, if one does: the moved items then keep their trace on the original.
    """
    items = list(transfer.items.filter(moved_at__isnull=False).select_related("responsibility"))
    if not items:
        return 0
    keys = {str(uuid): pk for uuid, pk in Organisation.objects.values_list("uuid", "pk")}
    turns: list[Turn] = [
        (item.responsibility_id, capacity, keys.get(item.before.get(capacity.value, "")))
        for item in items
        for capacity in (
            Capacity.HOLDER,
            Capacity.PROVIDER,
            *([Capacity.DEBTOR] if item.moves_debtor else []),
        )
    ]
    succeed(transfer.programme, turns, on=clock.today(), transfer_uuid=(reversal or transfer).uuid)
    restore(transfer, [story for item in items for story in item.before.get(EXCEPTIONS, ())])
    if reversal is None:
        transfer.items.filter(moved_at__isnull=False).update(moved_at=None)
    ledger.record(
        verb="responsibilities.moved_back",
        by=by,
        programme=transfer.programme,
        subject=transfer.uuid,
        data={
            "on": clock.today(),
            "responsibilities": [
                {
                    "responsibility": item.responsibility.uuid,
                    "title": item.responsibility.title,
                    "to": item.before,
                }
                for item in items
            ],
        },
    )
    return len(items)
