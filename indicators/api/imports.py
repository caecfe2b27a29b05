"""Imports: files as people have them, read by a worker; previewed at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from handover.access import programme_for
from handover.api.commands import command
from handover.api.problems import RULE
from handover.api.records import JobShown
from handover.api.serializers import Body
from handover.models import Job
from handover.permissions import Permission
from indicators import jobs
from indicators.actions import entries
from indicators.api.files import (
    BytesParser,
    CsvParser,
    OpenDocumentParser,
    TakesFiles,
    Upload,
    UploadBody,
    WorkbookParser,
)
from indicators.api.uploads import SHOWN
from indicators.exchange import value_imports
from indicators.exchange.looks import How


class ImportAsked(Body):
    """Into which programme, what the file is called, and how it is to be read as far as somebody says so."""

    programme = serializers.UUIDField()
    name = serializers.CharField(max_length=255, help_text="With its ending: values.xlsx, values.csv.")
    sheet = serializers.CharField(max_length=200, required=False, help_text="Of a workbook.")
    encoding = serializers.CharField(max_length=40, required=False, help_text="Of a CSV file.")
    delimiter = serializers.CharField(
        max_length=1, required=False, trim_whitespace=False, help_text="Of a CSV file."
    )
    reason = serializers.CharField(max_length=5000, default="", help_text="Why values change.")
    answers = serializers.CharField(
        max_length=20_000,
        default="{}",
        help_text='Answers to the questions of a refusal, by their keys, in JSON: {"decimal:D": ","}.',
    )

    def validate_answers(self, said: str) -> dict[str, str]:
        """Read the answers.

        Raises:
            ValidationError: they are no texts by key.
        """
        try:
            found = json.loads(said)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or not all(isinstance(item, str) for item in found.values()):
            raise serializers.ValidationError("Write an object of texts, in JSON.", code=RULE)
        return found


class ImportPreviewShown(serializers.Serializer[Mapping[str, Any]]):
    """What an import would do. A problem names its row, its column and, in a sheet, its cell."""

    new = serializers.IntegerField()
    same = serializers.IntegerField()
    changed = serializers.IntegerField()
    conflicts = serializers.IntegerField()
    refused = serializers.IntegerField()
    notes = serializers.ListField(child=serializers.CharField())
    problems = serializers.ListField(child=serializers.DictField())
    problems_in_all = serializers.IntegerField()


class Imports(TakesFiles[Job]):
    """Imports of files: exports, templates, or sheets of one's own."""

    what = "job"
    serializer_class = JobShown
    parser_classes = (CsvParser, WorkbookParser, OpenDocumentParser, BytesParser)
    reads: ClassVar = Permission.VIEW
    asks = ImportAsked

    def rows(self) -> QuerySet[Job]:
        """Give nothing: jobs are told under their own noun."""
        return Job.objects.none()

    @command(may=Permission.REPORT_VALUES, body=UploadBody, answers=JobShown, status=202)
    def create(self, upload: Upload) -> Job:
        """Let a worker import a file: all of its values, or none. The same file again is the same job."""
        programme, name, how = self._asked()
        return jobs.enqueue(self.actor, programme, upload.path, name=name, how=how)

    @command(may=Permission.REPORT_VALUES, body=UploadBody, answers=ImportPreviewShown, detail=False)
    def preview(self, upload: Upload) -> Mapping[str, Any]:
        """Tell what an import would do; what a sheet does not say is asked by a refusal, `questions`."""
        programme, name, how = self._asked()
        entries.ask_any(self.actor, programme_for(self.actor, programme, may=Permission.VIEW))
        found = value_imports.preview(self.actor, programme, upload.path, name=name, how=how, shown=SHOWN)
        return found.as_json()

    def _asked(self) -> tuple[UUID, str, How]:
        asked = self.no_parameters()
        programme, name = asked.pop("programme"), asked.pop("name")
        return programme, name, How(**asked)
