"""The kernel's part of a published model: what is answered for, the steps of its transfer, the shape of its budget.

By keys, and without anything of a tenant: no organisation, no place, no day, no amount.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, MutableMapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import chain, count
from typing import Any, Final
from uuid import UUID

from django.db.models import Sum
from django.utils.text import slugify

from handover.canonical import decimal_text
from handover.models import (
    BudgetLine,
    MilestoneDependency,
    Post,
    Programme,
    Responsibility,
    Transfer,
    TransferMilestone,
)
from handover.models.transfers import TransferState
from handover.narratives import Narrative

LONGEST_KEY: Final = 60
NEVER_PLANNED: Final = (TransferState.REFUSED, TransferState.REVOKED, TransferState.GIVEN_BACK)

Names = MutableMapping[UUID, str]
"""What rows are called, by UUID: ``need:food``."""


def structure(programme: Programme, names: Names) -> Mapping[str, Any]:
    """Give responsibilities, the transfer milestones of the latest plan, and posts and budget lines as a shape.

    Args:
        names: what rows are called already; those without a name get one, which is added.
    """
    duties = list(Responsibility.objects.filter(programme=programme).order_by("id"))
    name_all(names, "responsibility", [(row.uuid, row.title) for row in duties])
    return {
        "responsibilities": [_responsibility(row, key_of(names, row.uuid)) for row in duties],
        "milestones": list(_milestones(programme, names)),
        "budget": [*_posts(programme, names), *_lines(programme, names)],
    }


def name_all(names: Names, kind: str, rows: Iterable[tuple[UUID, str]]) -> None:
    """Give each row that has no name one made of its title, unlike those of its like."""
    wanted = list(rows)
    taken = {key_of(names, uuid) for uuid, _ in wanted if uuid in names}
    for uuid, title in wanted:
        if uuid not in names:
            key = new_key(title, taken)
            names[uuid] = f"{kind}:{key}"
            taken.add(key)


def new_key(title: str, taken: Collection[str]) -> str:
    """Make a key of a title, unlike those that are taken."""
    stem = slugify(title)[:LONGEST_KEY].strip("-") or "piece"
    keys = chain([stem], (f"{stem}-{number}" for number in count(2)))
    return next(key for key in keys if key not in taken)


def key_of(names: Names, uuid: UUID | None) -> str:
    """Give a row's key: what it is called without its kind; empty for what has no name."""
    return names[uuid].partition(":")[2] if uuid is not None and uuid in names else ""


def text_of(texts: Sequence[Narrative]) -> Any:
    """Give narratives as a document writes them: plain, by language, or as they are where a language repeats."""
    if len(texts) == 1 and texts[0]["lang"] is None:
        return texts[0]["text"]
    languages = [item["lang"] for item in texts]
    if None in languages or len(set(languages)) < len(languages):
        return [dict(item) for item in texts]
    return {str(item["lang"]): item["text"] for item in texts}


def said(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a row without the fields that say nothing."""
    return {name: value for name, value in row.items() if value not in (None, "", [], {})}


def _responsibility(row: Responsibility, key: str) -> dict[str, Any]:
    return said(
        {
            "key": key,
            "title": row.title,
            "kind": str(row.kind),
            "phase": str(row.phase),
            "description": row.description,
        }
    )


def _plan(programme: Programme) -> Transfer | None:
    """Give the latest plan: of the lead transfer where there is one."""
    plans = Transfer.objects.filter(programme=programme, reverses=None).exclude(state__in=NEVER_PLANNED)
    return plans.order_by("-lead", "-id").first()


def _milestones(programme: Programme, names: Names) -> Iterator[dict[str, Any]]:
    """Give the steps of the latest plan with their days before its last one."""
    plan = _plan(programme)
    rows = list(TransferMilestone.objects.filter(transfer=plan).order_by("due_on", "id")) if plan else []
    if not rows:
        return
    name_all(names, "milestone", [(row.uuid, row.title) for row in rows])
    last = max(row.due_on for row in rows)
    waits: dict[int, list[str]] = {}
    for link in (
        MilestoneDependency.objects.filter(milestone__in=rows).select_related("waits_for").order_by("id")
    ):
        waits.setdefault(link.milestone_id, []).append(key_of(names, link.waits_for.uuid))
    moves: dict[int, list[str]] = {}
    for item in plan.items.filter(milestone__in=rows).select_related("responsibility") if plan else ():
        moves.setdefault(item.milestone_id or 0, []).append(key_of(names, item.responsibility.uuid))
    for row in rows:
        told = said(
            {
                "key": key_of(names, row.uuid),
                "kind": str(row.kind),
                "title": row.title,
                "signs": list(row.signs),
                "depends_on": waits.get(row.pk, []),
                "moves": moves.get(row.pk, []),
                "on_dissent": row.on_dissent,
            }
        )
        yield {**told, "days": (row.due_on - last).days, "evidence_required": row.evidence_required}


def _posts(programme: Programme, names: Names) -> Iterator[dict[str, Any]]:
    """Give posts in full-time equivalents; one that followed another under the same title is one post."""
    seen: dict[tuple[int, str], Post] = {}
    for row in Post.objects.filter(programme=programme).select_related("responsibility").order_by("id"):
        seen.setdefault((row.responsibility_id, row.number or row.title), row)
    rows = list(seen.values())
    name_all(names, "budget", [(row.uuid, f"post {row.title}") for row in rows])
    for row in rows:
        yield said(
            {
                "key": key_of(names, row.uuid),
                "kind": "post",
                "title": row.title,
                "responsibility": key_of(names, row.responsibility.uuid),
                "fte": decimal_text(row.fte),
                "qualification": row.qualification,
            }
        )


def _lines(programme: Programme, names: Names) -> Iterator[dict[str, Any]]:
    """Give what else is paid for, each with its share of all lines in whole per cent where one currency tells it."""
    among = BudgetLine.objects.filter(programme=programme)
    seen: dict[tuple[int, str], BudgetLine] = {}
    for row in among.select_related("responsibility").order_by("id"):
        seen.setdefault((row.responsibility_id, row.title), row)
    name_all(names, "budget", [(row.uuid, f"line {row.title}") for row in seen.values()])
    sums = {
        (row["responsibility_id"], row["title"]): row["sum"]
        for row in among.values("responsibility_id", "title").annotate(sum=Sum("amount")).order_by()
    }
    whole = sum(sums.values(), Decimal(0))
    one_currency = among.values("currency").distinct().order_by().count() == 1 and whole > 0
    for slot, row in seen.items():
        share = (sums[slot] * 100 / whole).quantize(Decimal(1), ROUND_HALF_UP) if one_currency else None
        yield said(
            {
                "key": key_of(names, row.uuid),
                "kind": "line",
                "title": row.title,
                "responsibility": key_of(names, row.responsibility.uuid),
                "share": decimal_text(share) if share is not None else None,
            }
        )
