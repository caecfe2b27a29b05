"""Needs as they are named on a command line, and ballots out of a file."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from handover.errors import Invalid
from handover.management.finding import place_named, responsibility_named
from handover.models import Programme
from handover.narratives import Narrative
from interventions.actions.rankings import Cast
from interventions.models import Consultation, Method, Need
from interventions.queries.needs import tree, walk

NUMBER: Final = re.compile(r"\d+(\.\d+)*")
PREFIX: Final = re.compile(r"[0-9a-f]{8}[0-9a-f-]*")
SHOWN: Final = 10
LARGEST: Final = 1024 * 1024
BALLOT: Final = frozenset({"order", "counts", "voters", "group"})


class Named:
    """The needs of a programme by what people call them: numbers in the tree, UUIDs, titles in any language."""

    def __init__(self, programme: Programme) -> None:
        self._numbers = {node.number: node.need for node in walk(tree(programme))}
        self._rows = list(Need.objects.filter(programme=programme).order_by("id"))

    def one(self, text: str, *, field: str = "need") -> Need:
        """Find a need by its number in `need tree`, its UUID or the first 8 characters of it, or a part of its title.

        Raises:
            Invalid: none, or several; it names them.
        """
        wanted = text.strip().casefold()
        if NUMBER.fullmatch(wanted) and wanted in self._numbers:
            return self._numbers[wanted]
        by_key = [row for row in self._rows if PREFIX.fullmatch(wanted) and str(row.uuid).startswith(wanted)]
        exact = [row for row in self._rows if wanted in _titles(row)]
        partly = [row for row in self._rows if wanted and any(wanted in title for title in _titles(row))]
        found = by_key or exact or partly
        standing = [row for row in found if row in self._numbers.values()]
        found = standing if len(found) > 1 and standing else found
        if len(found) == 1:
            return found[0]
        if not found:
            sentence = (
                f"There is no need “{text}” in this programme: `handover need tree` shows which there are."
            )
            raise Invalid("unknown_need", sentence, field=field)
        named = ", ".join(f"{self.number(row)} {row}".strip() for row in found[:SHOWN])
        more = ", …" if len(found) > SHOWN else ""
        raise Invalid("ambiguous", f"“{text}” fits several: {named}{more}.", field=field)

    def uuids(self, texts: Sequence[str], *, field: str = "needs") -> list[UUID]:
        """Find several."""
        return [self.one(text, field=field).uuid for text in texts]

    def number(self, need: Need) -> str:
        """Give a need's number in the tree; empty for one that stands no more."""
        return next((number for number, row in self._numbers.items() if row.pk == need.pk), "")


def _titles(need: Need) -> list[str]:
    return [str(item["text"]).casefold() for item in need.title]


def consultation_named(programme: Programme, text: str) -> Consultation:
    """Find a consultation by UUID or its first characters, its day, or a part of its title.

    Raises:
        Invalid: none, or several.
    """
    wanted = text.strip().casefold()
    rows = list(Consultation.objects.filter(programme=programme).order_by("held_on", "id"))
    found = [
        row
        for row in rows
        if wanted in (str(row.held_on), str(row.uuid))
        or (PREFIX.fullmatch(wanted) and str(row.uuid).startswith(wanted))
        or any(wanted and wanted in str(item["text"]).casefold() for item in row.title)
    ]
    if len(found) == 1:
        return found[0]
    there = ", ".join(f"{row.held_on} {row}" for row in (found or rows)[:SHOWN])
    if not found:
        tail = f"; there are: {there}" if there else ""
        raise Invalid(
            "unknown_consultation", f"There is no consultation “{text}”{tail}.", field="consultation"
        )
    raise Invalid("ambiguous", f"“{text}” fits several: {there}.", field="consultation")


def entry(programme: Programme, given: Mapping[str, Any]) -> dict[str, Any]:
    """Turn what was typed of a need into what an action takes; what was not typed is left out."""
    said = {name: value for name, value in given.items() if value is not None}
    for name in ("title", "description"):
        if name in said:
            said[name] = [Narrative(lang=lang, text=text) for lang, text in said[name]]
    if "place" in said:
        said["place"] = place_named(said["place"]).uuid if said["place"] else None
    if "places" in said:
        said["places"] = dict(_place(text) for text in said["places"] if text)
    if "responsibility" in said:
        wanted = said["responsibility"]
        said["responsibility"] = responsibility_named(programme, wanted).uuid if wanted else None
    if "raised_in" in said:
        wanted = said["raised_in"]
        said["raised_in"] = consultation_named(programme, wanted).uuid if wanted else None
    return said


def _place(text: str) -> tuple[UUID, int | None]:
    """Read ``PLACE`` or ``PLACE=PEOPLE``."""
    name, equals, people = text.rpartition("=")
    if not equals:
        return place_named(text).uuid, None
    if not (people.strip().isascii() and people.strip().isdigit()):
        raise Invalid("not_a_whole_number", f"“{people}” is no number of people.", field="places")
    return place_named(name).uuid, int(people)


def levels(words: Sequence[str]) -> dict[str, list[Narrative]]:
    """Read ``KEY=TITLE`` and ``KEY.LANG=TITLE``, lowest level first.

    Raises:
        Invalid: a word without ``=``.
    """
    found: dict[str, list[Narrative]] = {}
    for word in words:
        name, equals, title = word.partition("=")
        if not equals:
            raise Invalid("not_a_pair", f"“{word}” is no KEY=TITLE.", field="levels")
        key, dot, lang = name.strip().partition(".")
        found.setdefault(key, []).append(Narrative(lang=lang if dot else None, text=title.strip()))
    return found


# --- files ---


def ballots_of(path: Path, names: Named, method: str) -> tuple[list[Any], list[Cast]]:
    """Read ballots out of a JSON or CSV file: the needs that were put to the vote, and what was cast.

    Raises:
        Invalid: what is wrong with the file.
    """
    if path.stat().st_size > LARGEST:
        raise Invalid("file_too_large", f"{path.name} is larger than {LARGEST // 1024} kB.", field="ballots")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("not_utf8_file", f"{path.name} is not UTF-8.", field="ballots") from error
    if path.suffix.lower() == ".csv":
        return [], _of_csv(text, names, method)
    return _of_json(path.name, text, names)


def _of_json(name: str, text: str, names: Named) -> tuple[list[Any], list[Cast]]:
    try:
        given = json.loads(text, parse_float=Decimal)
    except ValueError as error:
        raise Invalid("unreadable_file", f"{name} is no JSON: {error}.", field="ballots") from error
    document = {"ballots": given} if isinstance(given, list) else given
    if not isinstance(document, dict) or set(document) - {"needs", "ballots"}:
        sentence = f"{name} must hold a list of ballots, or needs and ballots."
        raise Invalid("unreadable_file", sentence, field="ballots")
    candidates = _order(document.get("needs", []), names, "needs")
    rows = document.get("ballots", [])
    if not isinstance(rows, list):
        raise Invalid("not_a_list", "Ballots must be a list.", field="ballots")
    return candidates, [_ballot(row, names, f"ballots[{number}]") for number, row in enumerate(rows)]


def _ballot(row: object, names: Named, at: str) -> Cast:
    if not isinstance(row, dict) or set(row) - BALLOT:
        raise Invalid("unreadable_file", f"{at} may say order or counts, voters and group.", field=at)
    counts = row.get("counts", {})
    if not isinstance(counts, dict):
        raise Invalid("not_a_mapping", f"{at}: counts must be given as {{need: number}}.", field=at)
    return Cast(
        order=_order(row.get("order", []), names, at),
        counts={names.one(key, field=at).uuid: count for key, count in counts.items()},
        voters=row.get("voters", 1),
        group=str(row.get("group") or ""),
    )


def _order(given: object, names: Named, at: str) -> list[Any]:
    if not isinstance(given, list):
        raise Invalid("not_a_list", f"{at}: an order must be a list of needs.", field=at)
    return [
        names.uuids([str(key) for key in item], field=at)
        if isinstance(item, list)
        else names.one(str(item), field=at).uuid
        for item in given
    ]


def _of_csv(text: str, names: Named, method: str) -> list[Cast]:
    """Read one ballot a line: columns ``voters`` and ``group`` where they are there, and one for each need.

    A cell is the need's place on the ballot for the method ``order``, else what it got; empty says nothing.
    """
    try:
        lines = list(csv.reader(text.splitlines(), strict=True))
    except csv.Error as error:
        raise Invalid("unreadable_file", f"This is no CSV: {error}.", field="ballots") from error
    if not lines:
        raise Invalid("no_ballots", "The file is empty.", field="ballots")
    heads = [head.strip() for head in lines[0]]
    keys = {
        column: names.one(head, field="ballots").uuid
        for column, head in enumerate(heads)
        if head not in ("voters", "group")
    }
    cast = []
    for number, line in enumerate(lines[1:], start=2):
        if not any(line):
            continue
        if len(line) != len(heads):
            sentence = f"Line {number}: {len(heads)} columns are needed, there are {len(line)}."
            raise Invalid("wrong_line", sentence, line=number)
        cells = dict(zip(heads, line, strict=True))
        counts = {key: _count(line[column], number) for column, key in keys.items() if line[column].strip()}
        voters = _count(cells.get("voters", "") or "1", number)
        cast.append(
            Cast(
                order=_by_place(counts) if method == Method.ORDER else (),
                counts={} if method == Method.ORDER else counts,
                voters=voters if isinstance(voters, int) else 0,
                group=cells.get("group", ""),
            )
        )
    return cast


def _count(text: str, line: int) -> int | Decimal:
    bare = text.strip()
    try:
        return int(bare) if bare.isascii() and bare.isdigit() else Decimal(bare)
    except InvalidOperation:
        raise Invalid("wrong_line", f"Line {line}: “{text}” is no number.", line=line) from None


def _by_place(counts: Mapping[UUID, int | Decimal]) -> list[list[UUID]]:
    return [
        [key for key, place in counts.items() if place == wanted] for wanted in sorted(set(counts.values()))
    ]
