"""Exports: a programme's values as a file, at once where they are few, by a worker where they are many."""

from __future__ import annotations

from typing import Any, ClassVar, Final
from uuid import UUID

from django.db.models import QuerySet
from django.http import FileResponse
from rest_framework import serializers

from handover.access import Actor
from handover.api.commands import command, reading
from handover.api.files import GivesFiles
from handover.api.problems import RULE
from handover.api.records import JobShown
from handover.api.serializers import Body
from handover.models import Job
from handover.permissions import Permission
from indicators import exports
from indicators.api.files import folder, sent
from indicators.exchange.tables.written import FILES, write

LARGEST: Final = 200_000
"""Values of a file that is written while somebody waits for it."""


class ExportBody(Body):
    """What is to be written."""

    programme = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=list(FILES), default="csv")
    public = serializers.BooleanField(
        default=False, help_text="Withhold small counts of people, comments, sources and reporters."
    )
    indicator = serializers.UUIDField(required=False, help_text="Of this indicator alone.")
    language = serializers.RegexField(r"^[a-z]{2}$", default="en", help_text="Of titles.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse to cut IATI: it carries the whole programme."""
        if attrs["kind"] == "iati" and (attrs["public"] or "indicator" in attrs):
            raise serializers.ValidationError("IATI carries the whole programme as it is.", code=RULE)
        return attrs


def exported(by: Actor, *, programme: UUID, kind: str, **asked: Any) -> FileResponse:
    """Write a programme's current values, as far as the actor's view goes, while they wait.

    Raises:
        NotFound, NotAllowed: the actor may not take it out.
        Invalid: no such indicator, or too many values.
    """
    media_type, ending = FILES[kind]
    with folder() as place:
        path = place / f"file.{ending}"
        write(by, path, programme=programme, kind=kind, most=LARGEST, **asked)
        return sent(path, media_type=media_type, name=f"values-{programme}.{ending}")


class Exports(GivesFiles[Job]):
    """Exports that a worker writes. Their files are kept for a week."""

    what = "export"
    serializer_class = JobShown
    reads: ClassVar = Permission.EXPORT

    def rows(self) -> QuerySet[Job]:
        """Give nothing: jobs are told under their own noun."""
        return Job.objects.none()

    @command(may=Permission.EXPORT, body=ExportBody, answers=JobShown, status=202)
    def create(self, programme: UUID, **asked: Any) -> Job:
        """Let a worker write a programme's values to a file. Read the job until it is done, then its file."""
        return exports.enqueue(self.actor, programme, **asked)

    @reading(may=Permission.EXPORT)
    def file(self, key: UUID) -> FileResponse:
        """Send the file of an export that is done, to people of the organisation that asked for it."""
        job = exports.done_for(self.actor, key)
        media_type, ending = FILES[str(job.arguments["kind"])]
        with folder() as place:
            path = place / f"file.{ending}"
            exports.fetch(job, path)
            return sent(path, media_type=media_type, name=f"values-{job.programme.uuid}.{ending}")
