"""Names read back into what was hashed: documents hold pseudonym keys, whoever reads them reads names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from django.db import connection

from handover.names import KEY, Called, copied, read

OLDER: Final = frozenset({"user_name", "signatory", "author", "name"})
"""Members in which entries from before there were keys hold names themselves."""


def named(document: str) -> Any:
    """Read a hashed document (RFC 8785 text) with the names of its people, in one query.

    A name that was erased reads as where the person was, in older documents that hold the name itself too.
    """
    return named_all([document])[0]


def named_all(documents: Iterable[str]) -> list[Any]:
    """Read several documents so, in one query for all."""
    return told([json.loads(document) for document in documents])


def names_in(document: str) -> dict[str, str]:
    """Give the name for each pseudonym key in a hashed document: for whoever needs the document as it was hashed."""
    return {key: str(name) for key, name in called(KEY.findall(document)).items()}


SPOKEN: Final = """
(SELECT coalesce(jsonb_object_agg(w.copy, handover_named(w.copy)), '{{}}') FROM (
  SELECT m[1] AS copy FROM regexp_matches({body}, 'name:[0-9a-f-]{{36}}', 'g') AS m
  UNION SELECT v #>> '{{}}' FROM jsonb_path_query({body}::jsonb,
    '$.** ? (@.type() == "object").keyvalue() ? (@.key like_regex "^(user_name|signatory|author|name)$").value') AS v
   WHERE jsonb_typeof(v) = 'string' AND v #>> '{{}}' <> '') AS w)
"""
"""SQL that gives, beside a hashed document in the column ``body``, the names of its people by their copies."""


def spoken(document: str, names: Mapping[str, str]) -> Any:
    """Read a hashed document with the names that ``SPOKEN`` gave beside it: in no query of its own."""
    known = {copy: read(name) for copy, name in names.items()}
    parsed = json.loads(document)
    return _replaced(parsed, lambda text: _say(text, known)) if known else parsed


def told(parsed: Sequence[Any]) -> list[Any]:
    """Say the names in documents that were parsed already, in one query; none where there is no name in them."""
    wanted = {copy for document in parsed for copy in _copies(document)}
    known = called(wanted)
    return (
        [_replaced(document, lambda text: _say(text, known)) for document in parsed]
        if known
        else list(parsed)
    )


def called(copies: Iterable[str]) -> dict[str, Called]:
    """Give what copies of names stand for, in one query."""
    wanted = sorted(set(copies))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT copy, handover_named(copy) FROM unnest(%s::text[]) AS wanted (copy)", [wanted])
        return {copy: read(name) for copy, name in cursor.fetchall()}


def withheld(document: str, shown: Any) -> bool:
    """Tell whether a hashed text itself holds a name that has been erased since: it is then not given away."""
    erased = {copied(text) for text in _strings(shown) if isinstance(text, Called) and text.erased}
    return any(json.dumps(name, ensure_ascii=False) in document for name in erased if not KEY.fullmatch(name))


def _copies(value: object, member: str = "") -> Iterator[str]:
    match value:
        case Called():
            return
        case str():
            yield from KEY.findall(value)
            if member in OLDER and value:
                yield value
        case Mapping():
            for key, item in value.items():
                yield from _copies(item, str(key))
        case list() | tuple():
            for item in value:
                yield from _copies(item, member)


def _strings(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for item in value.values():
                yield from _strings(item)
        case list() | tuple():
            for item in value:
                yield from _strings(item)


def _replaced(value: Any, say: Callable[[str], str]) -> Any:
    match value:
        case Called():
            return value
        case str():
            return say(value)
        case Mapping():
            return {key: _replaced(item, say) for key, item in value.items()}
        case list() | tuple():
            return [_replaced(item, say) for item in value]
    return value


def _say(text: str, known: Mapping[str, Called]) -> str:
    """Say a text that is a copy, or that mentions some; an older name is only replaced where it was erased."""
    found = known.get(text)
    if found is not None:
        return found if found.erased or KEY.fullmatch(text) else text
    return KEY.sub(lambda match: str(known.get(match[0], match[0])), text)
