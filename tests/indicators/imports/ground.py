"""What the imports of sheets are tried on: a programme with three indicators, and a dump of what imports touch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

from handover.access import Actor, Operator, asking
from handover.actions import places, programmes
from handover.errors import DomainError
from handover.models import Programme
from indicators.actions import axes
from indicators.exchange import value_imports
from indicators.exchange.looks import How
from indicators.models import Indicator, Value
from tests.factories.cast import Cast
from tests.factories.indicators import indicator, result

TABLES = (
    "indicators_value",
    "indicators_period",
    "indicators_summary",
    "indicators_provenance",
    "handover_ledgerentry",
    "handover_job",
)


@dataclass(frozen=True)
class Ground:
    """A programme with what sheets speak of."""

    cast: Cast
    programme: Programme
    enrolled: Indicator
    share: Indicator
    story: Indicator
    files: Path

    @property
    def by(self) -> Actor:
        return self.cast.giver_reporter

    def file(self, content: str | bytes, name: str = "values.csv") -> Path:
        """Write a file."""
        path = self.files / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def apply(self, path: Path, *, by: Actor | None = None, **said: Any) -> Any:
        """Import a file."""
        return value_imports.apply(by or self.by, self.programme.uuid, path, name=path.name, how=how(**said))

    def preview(self, path: Path, **said: Any) -> Any:
        """Preview a file."""
        return value_imports.preview(self.by, self.programme.uuid, path, name=path.name, how=how(**said))

    def values(self) -> list[tuple[str, ...]]:
        """Give the current values as texts: start, place, cell, value, numerator, denominator, comment."""
        with asking(self.cast.giver):
            rows = Value.objects.order_by(
                "period__starts_on", "place__code", "cell", "indicator_id", "-revision"
            )
            found: dict[tuple[object, ...], tuple[str, ...]] = {}
            for row in rows.select_related("period", "place"):
                slot = (row.indicator_id, row.period_id, row.place_id, row.cell, row.position)
                comment = row.comment[0]["text"] if row.comment else ""
                amounts = (row.value_text, row.numerator, row.denominator)
                found.setdefault(
                    slot,
                    (
                        str(row.period.starts_on),
                        row.place.name if row.place else "",
                        row.cell,
                        *("" if item is None else plainly(item) for item in amounts),
                        comment,
                    ),
                )
        return list(found.values())


def plainly(item: object) -> str:
    """Write a number without zeros behind the point."""
    text = format(item, "f") if not isinstance(item, str) else item
    return text.rstrip("0").rstrip(".") if "." in text else text


def how(**said: Any) -> How:
    """Say how to read: ``sheet``, ``encoding``, ``reason``; anything else is an answer."""
    fixed = {name: said.pop(name) for name in ("sheet", "encoding", "delimiter", "reason") if name in said}
    answers: Mapping[str, str] = said.pop("answers", said)
    return How(**fixed, answers=answers)


def ground(cast: Cast, programme: Programme, files: Path) -> Ground:
    """Make it."""
    axes.create(
        by=cast.giver,
        programme_uuid=programme.uuid,
        name="gender",
        title={"en": "Gender", "ro": "Sexul", "lt": "Lytis"},
        categories=[
            {"code": "women", "title": {"en": "Women", "ro": "Femei", "lt": "Moterys"}},
            {"code": "men", "title": {"en": "Men", "ro": "Bărbați", "lt": "Vyrai"}},
        ],
    )
    for country, nuts3, code, name in (
        ("RO", "RO113", "54975", "Cluj-Napoca"),
        ("LT", "LT022", "19", "Kaunas"),
    ):
        place = places.add_unit(by=Operator(), country=country, nuts3=nuts3, code=code, name=name)
        programmes.work_at(by=cast.giver, programme_uuid=programme.uuid, place=place)
    of = result(programme, by=cast.giver, title="Children learn")
    return Ground(
        cast,
        programme,
        indicator(
            programme,
            by=cast.giver,
            of=of,
            title={"en": "Children enrolled", "ro": "Copii înscriși", "lt": "Į mokyklą priimti vaikai"},
            axes=["gender"],
            references=[{"vocabulary": "99", "code": "I1.1", "vocabulary_uri": "urn:test"}],
        ),
        indicator(programme, by=cast.giver, of=of, title="Share of women", measure="2", counting_rule="none"),
        indicator(programme, by=cast.giver, of=of, title="Story", measure="5", counting_rule="none"),
        files,
    )


def dump(cast: Cast) -> str:
    """Dump what an import touches, row by row, as the web role sees all of its tenants' rows."""
    found = []
    with asking(cast.giver), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT row::text FROM {table} row ORDER BY 1")
            found += [f"{table} {text}" for (text,) in cursor.fetchall()]
    return "\n".join(found)


def said_of(error: DomainError) -> list[str]:
    """Give the sentence of a refusal, then each problem by its cell."""
    problems: Sequence[Any] = error.details.get("problems", ())  # type: ignore[assignment]
    return [
        f"{error.code}: {error.sentence}",
        *(f"{item.get('at') or item['line']} {item['code']}: {item['sentence']}" for item in problems[1:]),
    ]
