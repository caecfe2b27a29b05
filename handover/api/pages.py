"""Pages: a list from where the last one ended, by a cursor that tells nothing of the keys inside."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db.models import QuerySet
from rest_framework import pagination, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

LONGEST: Final = 200


@cache
def _seal(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"handover cursor " + secret.encode()).digest()))


class Pages(pagination.CursorPagination):
    """Pages of 50, or of as many as asked for, up to 200. A new row never shifts what is still to come."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = LONGEST
    ordering: Any = ("id",)
    cursor_query_description = "Where the page begins: taken from `next` or `previous` of another page."
    page_size_query_description = f"How many rows a page has, 1 to {LONGEST}; 50 unless told."

    def decode_cursor(self, request: Request) -> Any:
        """Open the cursor.

        Raises:
            ValidationError: it was not made here, or belongs to another list or another order.
        """
        sealed = request.query_params.get(self.cursor_query_param)
        if sealed is None:
            return None
        try:
            text = _seal(settings.SECRET_KEY).decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise _refused("cursor", "This cursor was not made here.", "cursor_invalid") from None
        belongs, way, offset, position = text.split("\n", 3)
        if belongs != self._belonging():
            raise _refused("cursor", "This cursor belongs to another list or order.", "cursor_invalid")
        return pagination.Cursor(offset=int(offset), reverse=way == "r", position=position or None)  # type: ignore[arg-type]

    def encode_cursor(self, cursor: Any) -> str:
        """Seal a cursor into the address of its page."""
        way = "r" if cursor.reverse else "f"
        text = f"{self._belonging()}\n{way}\n{cursor.offset}\n{cursor.position or ''}"
        sealed = _seal(settings.SECRET_KEY).encrypt(text.encode()).decode()
        return str(replace_query_param(str(self.base_url), self.cursor_query_param, sealed))

    def _belonging(self) -> str:
        """Say to which list and order a cursor belongs: a position in one means nothing in another."""
        return f"{urlsplit(str(self.base_url)).path} {','.join(self.ordering)}"

    def get_page_size(self, request: Request) -> int:
        """Give how many rows a page has.

        Raises:
            ValidationError: no number from 1 to 200.
        """
        asked = request.query_params.get("page_size")
        if asked is None:
            return self.page_size
        if not asked.isascii() or not asked.isdigit() or not 1 <= int(asked) <= LONGEST:
            raise _refused("page_size", f"A page has 1 to {LONGEST} rows.", "invalid")
        return int(asked)

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: APIView) -> Any:
        """Give the order: what was asked for, then the order of birth, so that no two rows tie."""
        found = super().get_ordering(request, queryset, view)
        return (*found, "id") if "id" not in {name.lstrip("-") for name in found} else tuple(found)

    def get_paginated_response(self, data: Any) -> Response:
        """Give the page."""
        return Response({"results": data, "next": self.get_next_link(), "previous": self.get_previous_link()})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe a page for the OpenAPI document."""
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {"results": schema, "next": link, "previous": link},
        }


def _refused(field: str, sentence: str, code: str) -> serializers.ValidationError:
    return serializers.ValidationError({field: [serializers.ErrorDetail(sentence, code=code)]})
