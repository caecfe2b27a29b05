"""Values and all that explains them as a Data Package: CSV files with a Table Schema, digests and keys.

Source: Data Package v1, https://specs.frictionlessdata.io (data-package, tabular-data-package, table-schema).
"""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from handover.canonical import instant_text
from handover.narratives import best
from indicators.exchange.tables import definitions, package_tables, schemas
from indicators.exchange.tables.csv_files import Counted, cells, write_table
from indicators.exchange.tables.rows import KEYS, Column, Copy, Kind, Spelling
from indicators.exchange.tables.schemas import Resource
from indicators.exchange.tables.workbooks import counted
from indicators.models import SourceSeries

DESCRIPTOR: Final = "datapackage.json"
TYPES: Final[Mapping[Kind, str]] = {
    Kind.KEY: schemas.UUID,
    Kind.TEXT: "string",
    Kind.DAY: "date",
    Kind.NUMBER: "number",
    Kind.WHOLE: "integer",
}
TEXTS: Final = (
    "Texts that a spreadsheet might compute (they begin with =, +, - or @, or with an apostrophe) have an apostrophe"
    " before them; importing takes it away again."
)
RULES: Final = (
    "Each value is the last revision of it. What may be added up over time, places and groups stands in over_time,"
    " over_places and over_groups of the indicators; shares never add up."
)


@dataclass(frozen=True)
class Part:
    """One table that lies in the package's folder."""

    descriptor: Mapping[str, Any]
    rows: int | None


def write(copy: Copy, path: Path) -> Counted:
    """Write a programme's values and definitions as a package: a zip file by its name, otherwise a folder."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as name:
        folder = Path(name) / "package"
        folder.mkdir()
        # What refers to others is read before them: whatever is added meanwhile then has its row in both.
        values, rests_on = _values(folder, copy)
        rest = [put(folder, resource, rows) for resource, rows in package_tables.tables(copy)]
        indicators = put(
            folder, indicators_table(), (definitions.row(item, copy.lang) for item in copy.indicators)
        )
        describe(folder, about(copy), [values, indicators, *rest, rests_on])
        finish(folder, path)
    return measured(path, values.rows, copy.notes)


def about(copy: Copy, *, rules: str = RULES) -> dict[str, Any]:
    """Give what a package says of itself: source, date, who took it out."""
    return {
        "profile": "tabular-data-package",
        "name": f"values-{copy.programme.uuid}",
        "id": str(copy.programme.uuid),
        "title": best(copy.programme.title, copy.lang),
        "description": " ".join([rules, TEXTS, *copy.notes]),
        "created": instant_text(copy.instant),
        "sources": [{"title": f"{copy.programme.identifier}, {copy.programme.steward.name}"}],
        "contributors": [{"title": copy.by.organisation.name, "role": "publisher"}],
    }


def values_table(columns: Sequence[Column], *, words: bool) -> Resource:
    """Describe the table of the values; a column of numbers that holds words too takes anything."""
    places: list[schemas.Reference] = [(("place",), "places", ("place",))]
    return Resource(
        "values",
        "Current values, one a row",
        tuple(
            (column.name, "any" if words and column.name == "value" else TYPES[column.kind])
            for column in columns
        ),
        ("value_uuid",),
        (schemas.OF_INDICATOR, schemas.OF_PERIOD, *places),
    )


def indicators_table() -> Resource:
    """Describe the table of the definitions."""
    return Resource(
        "indicators",
        "What is measured, and how",
        tuple((column.name, TYPES[column.kind]) for column in definitions.COLUMNS),
        ("indicator",),
    )


def _values(folder: Path, copy: Copy) -> tuple[Part, Part]:
    """Write the values and, in the same pass, what they rest on."""
    columns = [column for column in copy.columns if column.name not in definitions.TOLD_WITH_VALUES]
    kept = [index for index, column in enumerate(copy.columns) if column in columns]
    columns += KEYS
    spell = Spelling(copy)
    path = folder / f"{schemas.RESTS_ON.name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        links = csv.writer(file, lineterminator="\r\n")
        links.writerow(schemas.RESTS_ON.names)
        count = 0

        def rows() -> Iterator[tuple[str, ...]]:
            nonlocal count
            for raw in copy.raw(sources=SourceSeries.objects.filter(programme=copy.programme).exists()):
                row = spell.row(raw)
                yield (*(row[index] for index in kept), raw.period, raw.uuid)
                for source in raw.sources or ():
                    links.writerow((raw.uuid, source))
                    count += 1

        values = put(
            folder, values_table(columns, words=copy.shape.words), cells(columns, rows()), spelt=True
        )
    return values, Part(_described(schemas.RESTS_ON, path), count)


def put(folder: Path, resource: Resource, rows: Iterable[Sequence[str]], *, spelt: bool = False) -> Part:
    """Write one table; its texts are protected unless that has been done."""
    columns = [Column(name, _kind(form)) for name, form in resource.fields]
    path = folder / f"{resource.name}.csv"
    with path.open("wb") as file:
        done = write_table(resource.names, rows if spelt else cells(columns, rows), file)
    return Part(resource.descriptor(path=path.name, size=done.bytes, sha256=done.sha256), done.rows)


def _kind(form: str) -> Kind:
    return Kind.TEXT if form == "string" else Kind.NUMBER if form in ("number", "any") else Kind.KEY


def _described(resource: Resource, path: Path) -> Mapping[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return resource.descriptor(path=path.name, size=path.stat().st_size, sha256=digest)


def describe(folder: Path, said: Mapping[str, Any], parts: Sequence[Part]) -> None:
    """Write the package's descriptor."""
    document = {**said, "resources": [part.descriptor for part in parts]}
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    (folder / DESCRIPTOR).write_text(text, encoding="utf-8")


def finish(folder: Path, path: Path) -> None:
    """Put the finished folder where it belongs, or zip it there: the same content gives the same bytes."""
    if path.suffix.lower() != ".zip":
        folder.rename(path)
        return
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for item in sorted(folder.iterdir()):
            entry = zipfile.ZipInfo(item.name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with item.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, 1024 * 1024)


def measured(path: Path, rows: int | None, notes: Sequence[str]) -> Counted:
    """Give size and digest: of the zip file, or of the folder's descriptor, which holds the others' digests."""
    if path.is_file():
        return counted(path, rows, notes)
    whole = counted(path / DESCRIPTOR, rows, notes)
    return Counted(rows, sum(item.stat().st_size for item in path.iterdir()), whole.sha256, tuple(notes))
