"""What an adoption keeps for later: a plan of its own for `handover transfer draft`, and the budget's shape."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from handover.errors import Invalid
from handover.models import Grant, Responsibility
from handover.models.milestones import MilestoneKind, OnDissent, Side
from handover.models.responsibilities import Phase
from handover.narratives import best
from interventions.models import Adoption, InterventionModel
from interventions.models.catalogue import PieceKind
from interventions.queries.catalogue import version_of
from interventions.queries.model_diff import absent, taken_pieces
from interventions.queries.model_format import narratives_of
from interventions.queries.model_pieces import Row, mended


@dataclass(frozen=True)
class BudgetRow:
    """One post or line of the budget's shape, with the responsibility here that it belongs to."""

    key: str
    kind: str
    responsibility: str
    title: str
    fte: str
    quantity: str
    unit: str
    per: str
    share: str
    qualification: str

    def as_json(self) -> dict[str, str]:
        """Give it as a JSON object of texts."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def plan_document(
    adoption: Adoption,
    *,
    title: str,
    receiver: str,
    last_day: dt.date,
    retention_until: dt.date,
    language: str = "en",
) -> dict[str, Any]:
    """Write the model's transfer milestones as a plan that ``handover transfer draft`` reads.

    Its last step is due on ``last_day``, the others so many days before as the model says. All responsibilities of the
    programme are in it. Without a grant nobody is asked for a donor's consent.

    Args:
        receiver: the slug of the organisation that takes over.

    Raises:
        Invalid: ``no_milestones``, where the adoption kept none.
    """
    with_donor = Grant.objects.filter(programme=adoption.programme).exists()
    rows = {
        key: row
        for key, row in _rows(adoption, PieceKind.MILESTONE).items()
        if with_donor or row["kind"] != MilestoneKind.DONOR_CONSENT
    }
    if not rows:
        raise Invalid("no_milestones", f"The model {adoption.model_key} left no transfer milestones here.")
    duties = {
        row.uuid: row for row in Responsibility.objects.filter(programme=adoption.programme).order_by("id")
    }
    moving = _moving(adoption, rows, duties)
    return {
        "programme": adoption.programme.identifier,
        "title": title,
        "receiver": receiver,
        "lead_steward": True,
        "retention_until": retention_until.isoformat(),
        "responsibilities": [
            {"responsibility": str(uuid), "mode": str(Phase(row.phase).value), **_with(moving.get(uuid))}
            for uuid, row in duties.items()
        ],
        "keeps": [{"what": "read_and_export", "until": retention_until.isoformat()}],
        "milestones": [
            _milestone(key, row, rows, last_day, language=language, with_donor=with_donor)
            for key, row in rows.items()
        ],
    }


def budget_shape(adoption: Adoption, *, language: str = "en") -> Iterator[BudgetRow]:
    """Give posts and lines as the model proposes them; amounts are for who knows the prices."""
    duties = {row.uuid: row.title for row in Responsibility.objects.filter(programme=adoption.programme)}
    taken = taken_pieces(adoption)
    for key, row in _rows(adoption, PieceKind.BUDGET).items():
        mine = taken.get((PieceKind.RESPONSIBILITY, str(row.get("responsibility", ""))))
        duty = duties.get(mine.row_uuid, "") if mine is not None and mine.row_uuid else ""
        plain = {
            name: str(row.get(name, ""))
            for name in ("fte", "quantity", "unit", "per", "share", "qualification")
        }
        yield BudgetRow(
            key=key, kind=row["kind"], responsibility=duty, title=_in(row["title"], language), **plain
        )


def _rows(adoption: Adoption, kind: PieceKind) -> dict[str, Row]:
    """Give the pieces of one kind that the adoption kept, each as in the version that it was taken from."""
    model = InterventionModel.objects.get(uuid=adoption.model_uuid)
    taken = taken_pieces(adoption)
    documents: dict[int, Mapping[str, Any]] = {}
    found: dict[str, Row] = {}
    for (each, key), piece in taken.items():
        if each is kind and piece.row_uuid is not None:
            if piece.number not in documents:
                documents[piece.number] = version_of(model, piece.number).document
            document = documents[piece.number]
            found[key] = mended(document, (kind, key), absent(document, taken))
    return found


def _moving(
    adoption: Adoption, rows: Mapping[str, Row], duties: Mapping[UUID, Responsibility]
) -> dict[UUID, str]:
    """Say with which step each responsibility moves."""
    taken = taken_pieces(adoption)
    found: dict[UUID, str] = {}
    for key, row in rows.items():
        for duty in row.get("moves", ()):
            mine = taken.get((PieceKind.RESPONSIBILITY, duty))
            if mine is not None and mine.row_uuid is not None and mine.row_uuid in duties:
                found.setdefault(mine.row_uuid, key)
    return found


def _milestone(
    key: str, row: Row, rows: Mapping[str, Row], last_day: dt.date, *, language: str, with_donor: bool
) -> dict[str, Any]:
    signs = [side for side in row["signs"] if with_donor or side != Side.DONOR]
    told = {
        "key": key,
        "kind": row["kind"],
        "title": _in(row["title"], language),
        "due": (last_day + dt.timedelta(days=row["days"])).isoformat(),
        "depends_on": [first for first in row.get("depends_on", ()) if first in rows],
        "evidence_required": row.get("evidence_required", True),
        "signs": signs or [Side.GIVER.value],
    }
    dissent = row.get("on_dissent")
    return told | ({"on_dissent": str(OnDissent(dissent).value)} if dissent else {})


def _with(milestone: str | None) -> dict[str, str]:
    return {"milestone": milestone} if milestone else {}


def _in(text: Any, language: str) -> str:
    return best(narratives_of(text), language)
