"""Provenance: what values rest on, added in batches that the ledger commits to. Nothing is taken away again."""

from __future__ import annotations

import mimetypes
import uuid as uuids
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final
from uuid import UUID

from django.db import connection

from handover import access, clock, files, ledger
from handover.access import Actor
from handover.actions import action
from handover.errors import Invalid, NotFound
from handover.models import Evidence, Programme, StoredFile
from handover.permissions import Permission
from handover.queries.conservation import row_digest_sql
from indicators.actions import batches, entries
from indicators.models import Provenance, SourceSeries, Value

ADDED: Final = "provenance.added"
MOST: Final = 10_000
"""Values that one call names; an import names as many as it has."""

TABLE: Final = "indicators_sourced"


@dataclass(frozen=True)
class Attached:
    """What one call added: rows, and the digest over them that the ledger has."""

    batch: UUID
    count: int
    digest: str


@action
def attach(
    *,
    by: Actor,
    value_uuids: Sequence[UUID],
    source_uuid: UUID | None = None,
    content: Iterable[bytes] | None = None,
    filename: str = "",
    title: str = "",
    names_people: bool | None = None,
) -> Attached:
    """Say on what values rest: a source series, or a file that is kept here. What is said already is left as it is.

    Args:
        content: the file's bytes, in chunks; or give ``source_uuid``.
        names_people: must be denied for a file: one that names people stays with its custodian.

    Raises:
        NotFound, NotAllowed: a value or source that is not there for the actor, or an indicator they may not report.
        Invalid: neither or both of source and file, no filename, a file that names people, or nothing new.
    """
    programme = _values_for(by, value_uuids)
    if (content is None) == (source_uuid is None):
        raise Invalid("source_or_file", "Give either a source series or a file.", field="file")
    make_table()
    source = file = None
    name = PurePath(filename).name
    if source_uuid is not None:
        source = SourceSeries.objects.filter(programme=programme, uuid=source_uuid).first()
        if source is None:
            raise NotFound("source series")
    elif content is not None:
        if names_people is not False:
            raise Invalid(
                "names_people",
                "A file that names people is not kept here: name its source series, and leave it with its custodian.",
                field="names_people",
            )
        if not name:
            raise Invalid("filename_missing", "A file needs a name.", field="filename")
        file = _stored(programme, content, name)
    with connection.cursor() as cursor, cursor.copy(f"COPY {TABLE} FROM STDIN") as copy:
        for uuid in sorted(set(value_uuids)):
            copy.write_row((uuid, source.pk if source else None))
    added = _add(programme, by=by, file=file, filename=name[:255], title=title.strip()[:300])
    if added is None:
        raise Invalid("attached_already", "These values rest on it already.", field="values")
    return added


@action
def open_file(*, by: Actor, provenance_uuid: UUID) -> bytes:
    """Read the bytes of a file on which a value rests.

    Raises:
        NotFound: there is none for this actor, it came after the actor's cut-off, or its bytes were erased.
    """
    rows = Provenance.objects.select_related("programme", "file").filter(uuid=provenance_uuid)
    found = rows.order_by("id").first()
    if found is None or found.file is None:
        raise NotFound("file")
    programme = access.authorise(by, found.programme_id, None, may=Permission.VIEW)
    cutoff = access.reach(by, programme).cutoff
    if (cutoff is not None and found.added_at > cutoff) or found.file.erased_at is not None:
        raise NotFound("file")
    return files.read(programme.uuid, found.file.sha256)


def make_table() -> None:
    """Make the temporary table of what values rest on: ``indicators_sourced (value_uuid, source_id)``."""
    batches.drop(TABLE)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {TABLE} (value_uuid uuid, source_id bigint) ON COMMIT DROP")


def note_staged() -> int:
    """Note what the staged values rest on, before they are entered; ``enter`` adds it once they are there.

    Returns:
        How many name a source series.
    """
    make_table()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE} SELECT uuid, source_id FROM indicators_staged WHERE source_id IS NOT NULL"
        )
        return int(cursor.rowcount)


def enter(programme: Programme, *, by: Actor) -> Attached | None:
    """Add what was noted, as one batch with one ledger entry; ``None`` where nothing was noted.

    The number of statements does not depend on how much it is. Inside an action that has asked for reporting.
    """
    return _add(programme, by=by)


def _values_for(by: Actor, value_uuids: Sequence[UUID]) -> Programme:
    """Find the values' programme, and ask for reporting each of their indicators.

    Raises:
        NotFound: no values, one that is not there for the actor, or values of several programmes.
        NotAllowed: an indicator that the actor may not report.
        Invalid: too many.
    """
    wanted = set(value_uuids)
    if len(wanted) > MOST:
        raise Invalid("too_many_values", f"Name at most {MOST} values at once.", field="values")
    first = Value.objects.filter(uuid__in=list(wanted)[:1]).select_related("programme").order_by("id").first()
    if first is None:
        raise NotFound("value")
    found = list(
        Value.objects.filter(programme=first.programme, uuid__in=wanted)
        .select_related("indicator__responsibility")
        .only("uuid", "recorded_at", "indicator__uuid", "indicator__responsibility")
    )
    programme = access.authorise(by, first.programme_id, None, may=Permission.VIEW)
    cutoff = access.reach(by, programme).cutoff
    if len(found) != len(wanted) or any(cutoff is not None and row.recorded_at > cutoff for row in found):
        raise NotFound("value")
    indicators = {row.indicator.pk: row.indicator for row in found}
    entries.ask(by, programme, indicators.values(), may=entries.REPORT)
    return programme


def _stored(programme: Programme, content: Iterable[bytes], filename: str) -> StoredFile:
    """Put a file into the programme's store.

    Raises:
        Invalid: it is evidence that names people, or was erased as such.
    """
    written = files.write(programme.uuid, content)
    kept = StoredFile.objects.filter(programme=programme, sha256=written.sha256).first()
    if (
        kept is not None
        and Evidence.objects.filter(programme=programme, file=kept, names_people=True).exists()
    ):
        if kept.erased_at is not None:
            files.erase(programme.uuid, written.sha256)
        raise Invalid(
            "file_names_people",
            "This file is kept as evidence that names people: name its source series instead.",
            field="file",
        )
    if kept is not None and kept.erased_at is None:
        return kept
    if kept is not None:
        StoredFile.objects.filter(pk=kept.pk).update(erased_at=None)
        return kept
    media_type = mimetypes.guess_type(filename)[0] or "application/octet-stream"
    return StoredFile.objects.create(
        programme=programme, sha256=written.sha256, size=written.size, media_type=media_type
    )


def _add(
    programme: Programme, *, by: Actor, file: StoredFile | None = None, filename: str = "", title: str = ""
) -> Attached | None:
    """Add a row for each pair in the temporary table that is not there yet, and record them."""
    batch = uuids.uuid4()
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD,
            {
                "programme": programme.pk,
                "file": file.pk if file else None,
                "filename": filename,
                "title": title,
                "batch": batch,
                "who": by.user.called.key,
                "organisation": by.organisation.name,
                "now": clock.now(),
                "chunk": batches.CHUNK,
            },
        )
        chunks = cursor.fetchall()
        cursor.execute(_SOURCES)
        sources = [{"uuid": str(uuid), "title": name} for uuid, name in cursor.fetchall()]
    batches.drop(TABLE)
    if not chunks:
        return None
    count, digest = sum(int(chunk[2]) for chunk in chunks), str(chunks[0][4])
    data: dict[str, Any] = {"batch": batch, "count": count, "digest": digest, "sources": sources}
    if file is not None:
        data["file"] = {"uuid": file.uuid, "sha256": file.sha256, "size": file.size, "filename": filename}
    if count <= batches.CHUNK:
        data["rows"] = chunks[0][5]
    else:
        data["chunks"] = [[first, last, int(rows), part] for first, last, rows, part, *_ in chunks]
    ledger.record(verb=ADDED, by=by, programme=programme, subject=batch, data=data)
    return Attached(batch=batch, count=count, digest=digest)


_SOURCES = f"""
SELECT s.uuid, s.title FROM indicators_sourceseries s
 WHERE s.id IN (SELECT DISTINCT source_id FROM {TABLE}) ORDER BY s.title, s.uuid
"""

_ADD = f"""
WITH pair AS (
  SELECT DISTINCT value_uuid, source_id FROM {TABLE}
), added AS (
  INSERT INTO indicators_provenance (
    uuid, programme_id, value_uuid, source_id, file_id, filename, title, batch, added_by_name, organisation_name,
    added_at)
  SELECT indicators_value_uuid(clock_timestamp(), row_number() OVER (ORDER BY value_uuid)), %(programme)s, value_uuid,
         source_id, %(file)s::bigint, %(filename)s, %(title)s, %(batch)s, %(who)s, %(organisation)s, %(now)s
    FROM pair
   WHERE NOT EXISTS (
     SELECT FROM indicators_provenance p
      WHERE p.programme_id = %(programme)s AND p.value_uuid = pair.value_uuid
        AND p.source_id IS NOT DISTINCT FROM pair.source_id AND p.file_id IS NOT DISTINCT FROM %(file)s::bigint)
  RETURNING *
), row AS (
  SELECT t.uuid, {row_digest_sql(Provenance)} AS digest FROM added t
), numbered AS (
  SELECT uuid, digest, (row_number() OVER (ORDER BY uuid) - 1) / %(chunk)s AS n, count(*) OVER () AS total FROM row
), chunk AS (
  SELECT n, min(uuid::text COLLATE "C") AS first, max(uuid::text COLLATE "C") AS last, count(*) AS rows,
         sha256(string_agg(digest, ''::bytea ORDER BY uuid)) AS digest,
         json_agg(json_build_array(uuid, encode(digest, 'hex')) ORDER BY uuid)
           FILTER (WHERE total <= %(chunk)s) AS listed
    FROM numbered GROUP BY n
)
SELECT first, last, rows, encode(digest, 'hex'),
       encode(sha256((SELECT string_agg(digest, ''::bytea ORDER BY n) FROM chunk)), 'hex'), listed
  FROM chunk ORDER BY n
"""
