"""Refusals as RFC 7644 has them (section 3.12): status, kind, and one sentence."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse
from pydantic import ValidationError
from scim2_models import Error, SCIMException

from handover.errors import DomainError, Invalid, NotAllowed, NotFound, Refused, Stale

log = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/scim+json"

UNIQUE: Final = frozenset({"address_taken", "group_taken", "user_name_taken"})
"""Codes of what is taken already."""

STATUSES: Final[Mapping[type[DomainError], int]] = {
    NotFound: 404,
    NotAllowed: 403,
    Stale: 412,
    Refused: 409,
    Invalid: 400,
}


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Give a body as SCIM's JSON."""
    return HttpResponse(
        json.dumps(body, ensure_ascii=False), status=status, content_type=MEDIA_TYPE, headers=headers
    )


def refusal(error: Exception) -> HttpResponse | None:
    """Give the answer to an error that the directory can act on; nothing for a fault of ours."""
    said = _error(error)
    if said is None:
        return None
    headers = {"WWW-Authenticate": 'Bearer realm="handover"'} if said.status == 401 else None
    return answer(said.model_dump(), said.status or 400, headers)


def _error(error: Exception) -> Error | None:
    match error:
        case SCIMException(__cause__=ValidationError() as cause) | (ValidationError() as cause):
            return Error.from_validation_errors(cause)[0]
        case SCIMException():
            return error.to_error()
        case Invalid() if error.code in UNIQUE:
            return Error(status=409, scim_type="uniqueness", detail=error.sentence)
        case Invalid():
            return Error(status=400, scim_type="invalidValue", detail=error.sentence)
        case DomainError():
            status = next((code for kind, code in STATUSES.items() if isinstance(error, kind)), None)
            return Error(status=status, detail=error.sentence) if status else None
        case RequestDataTooBig():
            return Error(status=413, detail="This body is longer than a request may be.")
    return None
