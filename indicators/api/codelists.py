"""Code lists: those that ship, and those that the caller's organisation brought along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from handover.api.commands import Command, command, declares, reading
from handover.api.resources import Resource
from handover.api.serializers import Body
from handover.permissions import Scope
from indicators.actions import codelists
from indicators.actions.codelists import Imported, Row
from indicators.api.fields import CategoryBody, Narratives
from indicators.models import OwnList
from indicators.queries.codelists import Code, CodeList, list_named, own, shipped


def _titles() -> serializers.DictField:
    return serializers.DictField(child=serializers.CharField(), help_text="By language.")


class CodeListShown(serializers.Serializer[CodeList]):
    """A code list: where it stands, and how far it was checked against its source."""

    vocabulary = serializers.CharField()
    title = _titles()
    uri = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    mark = serializers.CharField(help_text="How far it was checked: verified, secondary, unconfirmed or own.")
    codes = serializers.SerializerMethodField(help_text="How many codes it has.")

    def get_codes(self, row: CodeList) -> int:
        """Count the codes."""
        return len(row.codes)


class CodeShown(serializers.Serializer[Code]):
    """One code of a list."""

    code = serializers.CharField()
    title = _titles()
    group = serializers.CharField()
    withdrawn = serializers.BooleanField(help_text="No longer in the list: nothing new may name it.")


class ListAsked(Body):
    """Which list."""

    vocabulary = serializers.CharField(max_length=500, help_text="The list's vocabulary, or its address.")


class ListBody(Body):
    """A code list of an organisation's own, whole."""

    vocabulary = serializers.CharField(max_length=200)
    title = Narratives(allow_empty=False)
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=500, help_text="Where it stands."
    )
    codes: Any = serializers.ListSerializer(
        child=CategoryBody(), allow_empty=False, max_length=codelists.MOST_CODES
    )


class ImportedShown(serializers.Serializer[Imported]):
    """What an import did to a list."""

    vocabulary = serializers.CharField(source="own_list.vocabulary")
    new = serializers.IntegerField()
    changed = serializers.IntegerField()
    same = serializers.IntegerField()
    withdrawn = serializers.IntegerField()


class CodeLists(Resource[OwnList]):
    """Code lists, by vocabulary."""

    what = "code list"
    reads: ClassVar = Scope.READ
    serializer_class = CodeListShown  # type: ignore[assignment]
    pagination_class = None  # type: ignore[assignment]
    filter_backends = ()  # type: ignore[assignment]

    @declares(Command(Scope.READ, detail=False, many=True))
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Give the lists that ship and the caller's organisation's own, without their codes."""
        self.no_parameters()
        rows = [*shipped().values(), *own(self.actor.organisation).values()]
        data = CodeListShown(rows, many=True).data  # type: ignore[arg-type]
        return Response({"results": data, "next": None, "previous": None})

    @reading(may=Scope.READ, answers=CodeShown, many=True, detail=False, parameters=ListAsked)
    def codes(self, vocabulary: str) -> Sequence[Code]:
        """Give the codes of a list in their order."""
        lists = {**own(self.actor.organisation), **shipped()}
        return tuple(list_named(vocabulary, lists).codes.values())

    @command(may=Scope.SUBSTANCE, body=ListBody, answers=ImportedShown)
    def create(self, codes: Sequence[dict[str, Any]], **given: Any) -> Imported:
        """Bring in a code list of the caller's organisation, or put it in place of the one of that name."""
        rows = [
            Row(item["code"], {text["lang"]: text["text"] for text in item.get("title", ())})
            for item in codes
        ]
        return codelists.import_list(by=self.actor, rows=rows, **given)
