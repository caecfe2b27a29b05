"""Rows for a submission out of a CSV in canonical form."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from handover.cell_texts import unprotected
from handover.errors import Invalid
from handover.models import Place, Programme
from handover.narratives import best
from indicators.actions.drafts import MOST, Row
from indicators.models import Axis, Indicator, SourceSeries
from indicators.queries.sources import named

NEEDED: Final = ("indicator", "start", "end", "value")
OTHERS: Final = ("place", "numerator", "denominator", "comment", "revision", "source", "reason", "position")
IGNORED: Final = ("title", "result", "measure", "unit", "period_uuid", "value_uuid")
"""Columns that an export adds for its reader."""

USUAL: Final = frozenset({"gender", "age"})
LARGEST: Final = 50 * 1024 * 1024


@dataclass(frozen=True)
class _Names:
    """What the names in a file mean."""

    indicators: Mapping[str, UUID]
    places: Mapping[str, UUID]
    sources: Mapping[str, SourceSeries]


def rows_of(path: Path, programme: Programme) -> list[Row]:
    """Read a CSV: one value a line, columns as in an export. Indicators by UUID or title, places by ``COUNTRY:CODE``.

    Raises:
        Invalid: what is wrong with the file; with its line where it has one.
    """
    if path.stat().st_size > LARGEST:
        raise Invalid(
            "file_too_large", f"The file is larger than {LARGEST // 1024 // 1024} MB.", field="file"
        )
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(_rows(file, programme))
    except UnicodeDecodeError as error:
        raise Invalid("not_utf8_file", f"{path.name} is not UTF-8.", field="file") from error
    except csv.Error as error:
        raise Invalid("unreadable_file", f"{path.name} is no CSV: {error}.", field="file") from error


def _rows(lines: Iterable[str], programme: Programme) -> Iterator[Row]:
    source = iter(lines)
    heading = next(source, "")
    delimiter = ";" if ";" in heading and "," not in heading else ","
    columns = [
        unprotected(name) for name in next(csv.reader([heading], delimiter=delimiter, strict=True), [])
    ]
    axes = _axes(columns, programme)
    records: list[tuple[int, dict[str, str]]] = []
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    for fields in reader:
        if not any(fields):
            continue
        line = reader.line_num + 1
        if len(fields) != len(columns):
            raise _wrong(line, f"{len(columns)} columns are needed, there are {len(fields)}.")
        if len(records) == MOST:
            raise Invalid("too_many_rows", f"A submission has at most {MOST} rows: import them instead.")
        records.append((line, dict(zip(columns, map(unprotected, fields), strict=True))))
    names = _names(programme, [record for _, record in records])
    for line, record in records:
        yield _row(line, record, axes, names)


def _axes(columns: Sequence[str], programme: Programme) -> Mapping[str, str]:
    """Tell which columns disaggregate: column and name of the axis.

    Raises:
        Invalid: a column twice, one that is missing, or one that means nothing.
    """
    known = USUAL | set(Axis.objects.filter(programme=programme).values_list("name", flat=True))
    axes = {
        name: name.removeprefix("dimension=")
        for name in columns
        if name.startswith("dimension=") or (name in known and name not in (*NEEDED, *OTHERS, *IGNORED))
    }
    for wrong, code, sentence in (
        (sorted({name for name in columns if columns.count(name) > 1}), "repeated_column", "a column twice"),
        (
            [name for name in NEEDED if name not in columns],
            "missing_column",
            "not every column that it needs",
        ),
        (
            [name for name in columns if name not in (*NEEDED, *OTHERS, *IGNORED) and name not in axes],
            "unknown_column",
            "a column that means nothing here",
        ),
    ):
        if wrong:
            raise Invalid(code, f"The file has {sentence}: {', '.join(wrong)}.", field="file")
    return axes


def _names(programme: Programme, records: Sequence[Mapping[str, str]]) -> _Names:
    titled: dict[str, list[UUID]] = {}
    for indicator in Indicator.objects.filter(programme=programme):
        for name in {str(indicator.uuid), best(indicator.title).casefold()}:
            titled.setdefault(name, []).append(indicator.uuid)
    codes = {text[3:] for record in records if (text := record.get("place", ""))[2:3] == ":"}
    places = Place.objects.filter(code__in=codes).values_list("country", "code", "uuid")
    return _Names(
        indicators={name: found[0] for name, found in titled.items() if len(found) == 1},
        places={f"{country}:{code}": uuid for country, code, uuid in places},
        sources=named(programme, {record.get("source", "") for record in records}),
    )


def _row(line: int, record: Mapping[str, str], axes: Mapping[str, str], names: _Names) -> Row:
    """Read one line.

    Raises:
        Invalid: a name that means nothing, or no date.
    """
    indicator = names.indicators.get(record["indicator"].strip().casefold())
    if indicator is None:
        raise _wrong(line, f"There is no indicator “{record['indicator']}”, or several are called so.")
    source = record.get("source", "")
    if source and source not in names.sources:
        raise _wrong(line, f"There is no source series “{source}”, or several are called so.")
    revision = _count(line, record.get("revision", ""), "revision")
    return Row(
        indicator=indicator,
        starts_on=_day(line, record["start"]),
        ends_on=_day(line, record["end"]),
        place=_place(line, record.get("place", ""), names),
        dimensions={axis: record[column] for column, axis in axes.items() if record[column]},
        value=record["value"] or None,
        numerator=record.get("numerator") or None,
        denominator=record.get("denominator") or None,
        comment=record.get("comment", ""),
        reason=record.get("reason", ""),
        source=names.sources[source].uuid if source else None,
        revision=revision,
        position=_count(line, record.get("position", ""), "position") or 0,
    )


def _count(line: int, text: str, what: str) -> int | None:
    text = text.strip()
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):
        raise _wrong(line, f"“{text}” is no {what}.")
    return int(text) if text else None


def _place(line: int, text: str, names: _Names) -> UUID | None:
    if not text:
        return None
    found = names.places.get(text)
    if found is not None:
        return found
    try:
        return UUID(text)
    except ValueError:
        raise _wrong(line, f"There is no place “{text}”; name it by COUNTRY:CODE.") from None


def _day(line: int, text: str) -> dt.date:
    try:
        if len(text) != len("2026-01-31"):
            raise ValueError
        return dt.date.fromisoformat(text)
    except ValueError:
        raise _wrong(line, f"“{text}” is no date (YYYY-MM-DD).") from None


def _wrong(line: int, sentence: str) -> Invalid:
    return Invalid("wrong_line", f"Line {line}: {sentence}", line=line)
