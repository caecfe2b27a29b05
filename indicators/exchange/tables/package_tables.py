"""The tables of a package below and beside the values, read in pieces."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from django.db.models import Q

from handover.canonical import decimal_text, instant_text
from handover.models import Place
from handover.narratives import best
from indicators.exchange.tables import schemas
from indicators.exchange.tables.rows import Copy
from indicators.exchange.tables.schemas import Resource
from indicators.models import Axis, Baseline, Break, Period, SourceSeries, Target, Value
from indicators.models.cells import cell

PIECE = 2_000

Rows = Iterator[Sequence[str]]


def tables(copy: Copy) -> Iterator[tuple[Resource, Rows]]:
    """Give each table with its rows, those that refer to others before them."""
    yield schemas.TARGETS, _targets(copy)
    yield schemas.PERIODS, _periods(copy)
    yield schemas.BASELINES, _baselines(copy)
    yield schemas.PLACES, _places(copy)
    yield schemas.AXES, _axes(copy)
    yield schemas.BREAKS, _breaks(copy)
    yield schemas.SOURCES, _sources(copy)


ORDER = ("indicator__result__position", "indicator__result_id", "indicator__position", "indicator_id")


def _periods(copy: Copy) -> Rows:
    rows = Period.objects.filter(indicator__in=copy.indicators).select_related("indicator")
    for item in rows.order_by(*ORDER, "position", "id").iterator(PIECE):
        yield (
            str(item.uuid),
            str(item.indicator.uuid),
            _text(item.starts_on),
            _text(item.ends_on),
            str(item.position),
        )


def _targets(copy: Copy) -> Rows:
    order = [f"period__{name}" for name in (*ORDER, "position")]
    rows = Target.objects.filter(period__indicator__in=copy.indicators).select_related("period")
    for item in rows.order_by(*order, "period_id", "position", "id").iterator(PIECE):
        yield str(item.uuid), str(item.period.uuid), *_measured(item)


def _baselines(copy: Copy) -> Rows:
    rows = Baseline.objects.filter(indicator__in=copy.indicators).select_related("indicator")
    for item in rows.order_by(*ORDER, "position", "id").iterator(PIECE):
        yield str(item.uuid), str(item.indicator.uuid), item.year, item.iso_date, *_measured(item)


def _measured(item: Target | Baseline) -> tuple[str, str, str, str]:
    return cell(item.dimensions), item.value_text or "", _text(item.value), best(item.comment)


def _places(copy: Copy) -> Rows:
    """Give the places that the programme's values name, revisions that no longer stand included."""
    used = Value.objects.filter(programme=copy.programme, place__isnull=False).values("place_id").distinct()
    for item in Place.objects.filter(pk__in=used).order_by("country", "code").iterator(PIECE):
        yield (
            f"{item.country}:{item.code}",
            item.country,
            item.code,
            item.name,
            item.kind,
            item.nuts3,
            str(item.uuid),
        )


def _axes(copy: Copy) -> Rows:
    for axis in Axis.objects.filter(programme=copy.programme).order_by("position", "id"):
        for number, category in enumerate(axis.categories):
            yield (
                axis.name,
                category["code"],
                best(axis.title, copy.lang),
                best(category.get("title", ()), copy.lang),
                str(axis.estimated).lower(),
                str(number),
            )


def _breaks(copy: Copy) -> Rows:
    rows = Break.objects.filter(_until(copy, "stated_at"), indicator__in=copy.indicators)
    for item in rows.select_related("indicator").order_by(*ORDER, "on", "id").iterator(PIECE):
        yield (
            str(item.uuid),
            str(item.indicator.uuid),
            _text(item.on),
            item.kind,
            item.reason,
            item.organisation_name,
            instant_text(item.stated_at),
        )


def _sources(copy: Copy) -> Rows:
    rows: Iterable[SourceSeries] = SourceSeries.objects.filter(programme=copy.programme).select_related(
        "custodian"
    )
    for item in sorted(rows, key=lambda row: (row.title, row.pk)):
        yield (
            str(item.uuid),
            item.title,
            item.custodian.name,
            item.office,
            item.location,
            _text(item.starts_on),
            _text(item.ends_on),
            _text(item.count),
            item.counted,
            item.sha256,
            _text(item.keep_until),
            item.note,
        )


def _until(copy: Copy, column: str) -> Q:
    return Q() if copy.cutoff is None else Q(**{f"{column}__lte": copy.cutoff})


def _text(value: dt.date | Decimal | int | None) -> str:
    match value:
        case None:
            return ""
        case Decimal():
            return decimal_text(value)
        case _:
            return str(value)
