"""Code lists of an organisation's own: imported whole, from a file of codes and titles."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from handover import access, clock, ledger
from handover.access import Actor
from handover.actions import action
from handover.canonical import digest
from handover.errors import Invalid, NotAllowed
from handover.narratives import Narrative, narratives
from handover.permissions import Role
from indicators.models import OwnCode, OwnList
from indicators.queries import codelists

KEEPERS: Final = (Role.MANAGER.value, Role.OFFICER.value)
"""Roles that keep their organisation's code lists."""

MOST_CODES: Final = 20_000
LONGEST_CODE: Final = 120
LONGEST_TITLE: Final = 500
LONGEST_NAME: Final = 200

DELIMITERS: Final = (",", ";", "\t")
HEADING: Final = re.compile(r"code|title|title_([a-z]{2})")
VOCABULARY: Final = re.compile(r"[a-z0-9][a-z0-9._-]*|[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")


@dataclass(frozen=True)
class Row:
    """A code and its titles by language; the language ``""`` is the one that the file does not name."""

    code: str
    title: Mapping[str, str]


@dataclass(frozen=True)
class Imported:
    """What an import did to a list."""

    own_list: OwnList
    new: int = 0
    changed: int = 0
    same: int = 0
    withdrawn: int = 0


def rows_of(lines: Iterable[str], source: str) -> Iterator[Row]:
    """Read CSV lines with the columns ``code`` and ``title``, and ``title_ro`` and the like.

    The heading tells by what the columns are parted: comma, semicolon or tab.

    Raises:
        Invalid: a column is missing or unknown, or a line has more cells than the heading; the line is named.
    """
    lines = iter(lines)
    heading = next(lines, "")
    delimiter, columns = _columns(heading, source)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(columns):
                raise Invalid(
                    "too_many_cells",
                    f"{source}, line {reader.line_num + 1}: it has more cells than the heading.",
                    field="file",
                )
            said = dict(zip(columns, cells, strict=False))
            titles = {name[6:]: text for name, text in said.items() if name != "code" and text.strip()}
            yield Row(said["code"], titles)
    except csv.Error as error:
        raise Invalid("not_csv", f"{source}, line {reader.line_num + 1}: {error}.", field="file") from None


def _columns(heading: str, source: str) -> tuple[str, list[str]]:
    for delimiter in DELIMITERS:
        names = [name.strip().strip('"').lower() for name in heading.split(delimiter)]
        if all(HEADING.fullmatch(name) for name in names) and "code" in names and len(names) > 1:
            if len(set(names)) < len(names):
                raise Invalid("repeated_column", f"{source} has a column twice.", field="file")
            return delimiter, names
    raise Invalid(
        "wrong_columns",
        f"{source} must begin with a heading: code, title, and where you have them title_ro, title_lt and the like.",
        field="file",
    )


@action
def import_list(
    *,
    by: Actor,
    vocabulary: str,
    title: str | Mapping[str, str] | Sequence[Narrative],
    source: str,
    rows: Iterable[Row],
) -> Imported:
    """Bring in a code list of the actor's own organisation, or put it in place of the one of that name.

    A code that is no longer in the list is withdrawn, never deleted: what names it stays. The same list once
    more changes nothing.

    Raises:
        NotAllowed: the actor is neither manager nor officer of the organisation.
        Invalid: the name is reserved or no name, a text is missing or too long, a code stands twice.
    """
    if not access.seats_now(by.user).filter(organisation=by.organisation, role__in=KEEPERS).exists():
        raise NotAllowed(
            "not_keeper",
            f"Only managers and officers of {by.organisation.name} may bring in code lists.",
        )
    _check_vocabulary(vocabulary)
    titles = [
        Narrative(lang=item["lang"], text=_text(item["text"], "the list's title", LONGEST_TITLE))
        for item in narratives(title)
    ]
    if not titles:
        raise Invalid("missing_title", "A code list needs a title.", field="title")
    source = _text(source, "the source", LONGEST_TITLE)
    wanted = _checked_rows(rows)
    own_list = _locked(by, vocabulary)
    return _replace(by, own_list, titles, source, wanted)


def _check_vocabulary(vocabulary: str) -> None:
    if len(vocabulary) > LONGEST_NAME or not VOCABULARY.fullmatch(vocabulary):
        raise Invalid(
            "no_vocabulary",
            "A code list is named by an address (https:…, urn:…) or by a short name of small letters and digits.",
            field="vocabulary",
        )
    if vocabulary in codelists.shipped() or vocabulary.lower().startswith(codelists.URN):
        raise Invalid(
            "reserved_vocabulary",
            f"“{vocabulary}” names a list that ships with the toolkit.",
            field="vocabulary",
        )


def _checked_rows(rows: Iterable[Row]) -> dict[str, list[Narrative]]:
    """Give the titles by code, in the order of the rows."""
    found: dict[str, list[Narrative]] = {}
    for number, row in enumerate(islice(rows, MOST_CODES + 1), 1):
        code = _text(row.code, f"the code of entry {number}", LONGEST_CODE)
        if code in found:
            raise Invalid("repeated_code", f"The code “{code}” stands twice.", field="code")
        texts = {
            lang: _text(text, f"the title of “{code}”", LONGEST_TITLE) for lang, text in row.title.items()
        }
        if not texts:
            raise Invalid("missing_title", f"The code “{code}” has no title.", field="title")
        found[code] = [Narrative(lang=lang or None, text=text) for lang, text in texts.items()]
    if not found:
        raise Invalid("empty_list", "A code list needs at least one code.", field="file")
    if len(found) > MOST_CODES:
        raise Invalid("too_many_codes", f"A code list has at most {MOST_CODES} codes.", field="file")
    return found


def _text(text: str, what: str, longest: int) -> str:
    """Give a text without blanks at its ends or in a row."""
    text = " ".join(text.split())
    if not text or len(text) > longest:
        raise Invalid(
            "wrong_length", f"{what[:1].upper()}{what[1:]} must have 1 to {longest} characters.", field="file"
        )
    if not text.isprintable():
        raise Invalid(
            "control_character", f"In {what} stands a character that cannot be printed.", field="file"
        )
    return text


def _locked(by: Actor, vocabulary: str) -> OwnList:
    """Give the list, made if need be; two imports of it happen one after the other."""
    OwnList.objects.bulk_create(
        [
            OwnList(
                organisation=by.organisation,
                vocabulary=vocabulary,
                title=[],
                source="",
                imported_at=clock.now(),
            )
        ],
        ignore_conflicts=True,
    )
    return OwnList.objects.select_for_update().get(organisation=by.organisation, vocabulary=vocabulary)


def _replace(
    by: Actor, own_list: OwnList, title: list[Narrative], source: str, wanted: dict[str, list[Narrative]]
) -> Imported:
    there = {item.code: item for item in own_list.codes.all()}
    standing = {code: item for code, item in there.items() if not item.withdrawn}
    same = sum(code in standing and standing[code].title == texts for code, texts in wanted.items())
    new = sum(code not in there for code in wanted)
    gone = [item for code, item in standing.items() if code not in wanted]
    done = Imported(own_list, new, len(wanted) - new - same, same, len(gone))
    in_order = [(code, item.title) for code, item in standing.items()] == list(wanted.items())
    if in_order and (own_list.title, own_list.source) == (title, source):
        return done
    OwnCode.objects.bulk_create(
        [
            OwnCode(
                organisation=by.organisation, own_list=own_list, code=code, title=texts, position=position
            )
            for position, (code, texts) in enumerate(wanted.items())
            if _differs(there.get(code), texts, position)
        ],
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["organisation", "own_list", "code"],
        update_fields=["title", "position", "withdrawn"],
    )
    OwnCode.objects.filter(pk__in=[item.pk for item in gone]).update(withdrawn=True)
    own_list.title, own_list.source, own_list.imported_at = title, source, clock.now()
    own_list.save(update_fields=["title", "source", "imported_at"])
    ledger.record(
        verb="code_list.imported",
        by=by,
        organisation=by.organisation,
        subject=own_list.uuid,
        data={
            "vocabulary": own_list.vocabulary,
            "title": title,
            "source": source,
            "codes": len(wanted),
            "new": done.new,
            "changed": done.changed,
            "withdrawn": done.withdrawn,
            "digest": digest(list(wanted.items())),
        },
    )
    return done


def _differs(there: OwnCode | None, title: list[Narrative], position: int) -> bool:
    return there is None or (there.title, there.position, there.withdrawn) != (title, position, False)
