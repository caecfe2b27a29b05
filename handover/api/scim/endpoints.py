"""The endpoints: who asks, what they ask for, and the answer. Each write is one action."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.urls import get_script_prefix
from pydantic import ValidationError
from scim2_models import (
    Context,
    ForbiddenException,
    ListResponse,
    Meta,
    NotFoundException,
    NotImplementedException,
    PreconditionFailedException,
    Resource,
    ResponseParameters,
    SCIMException,
    SearchRequest,
    UnauthorizedException,
)

from handover.access import Actor, who_asks
from handover.api.scim.bodies import body_of, patched
from handover.api.scim.errors import answer, refusal
from handover.api.scim.filters import Conditions
from handover.api.scim.kinds import Groups, Kind, Users
from handover.api.scim.resources import CONFIG, LONGEST_PAGE, PROVIDER, version_tag
from handover.errors import DomainError, NotFound
from handover.permissions import Scope

USUAL_PAGE: Final = 100
"""How many resources a page holds where nobody says."""

FURTHEST: Final = 1_000_000_000
"""Beyond this index nobody is looked for."""

PARAMETERS: Final = ("attributes", "excludedAttributes", "filter", "startIndex", "count")

Handler = Callable[[HttpRequest, Actor], HttpResponse]


def respond(request: HttpRequest, endpoint: str, key: str = "") -> HttpResponse:
    """Answer a request to an endpoint; every refusal is SCIM's."""
    try:
        actor = _directory()
        if endpoint == "unsupported":
            raise NotImplementedException(detail="This service does not offer that.")
        handlers = _handlers(endpoint, key)
        method = "GET" if request.method == "HEAD" else str(request.method)
        if method not in handlers:
            return _not_allowed(handlers)
        with PROVIDER:
            return handlers[method](request, actor)
    except (SCIMException, ValidationError, DomainError, RequestDataTooBig) as error:
        said = refusal(error)
        if said is None:
            raise
        return said


def _directory() -> Actor:
    """Give the organisation's directory that asks, by its token; a session counts for nothing here."""
    actor = who_asks()
    if actor is None or actor.scopes is None:
        raise UnauthorizedException(detail="Send a token of the organisation: Authorization: Bearer hvr_…")
    if not actor.has_scope(Scope.PROVISION) or not actor.user.is_service:
        raise ForbiddenException(detail="This needs an organisation's token with the scope “provision”.")
    return actor


def _handlers(endpoint: str, key: str) -> Mapping[str, Handler]:
    kinds: dict[str, Kind[Any, Any]] = {"users": Users(), "groups": Groups()}
    if endpoint in kinds:
        kind = kinds[endpoint]
        return _one(kind, key) if key else _many(kind)
    if endpoint in DISCOVERY:
        found = DISCOVERY[endpoint]
        return {"GET": lambda request, _: found(request, key)}
    raise NotFoundException(detail="There is nothing at this address.")


def _not_allowed(handlers: Mapping[str, Handler]) -> HttpResponse:
    error = SCIMException(detail=f"This address answers {', '.join(handlers)} alone.")
    error.status = 405
    return answer(error.to_error().model_dump(), 405, {"Allow": ", ".join(handlers)})


def _many(kind: Kind[Any, Any]) -> Mapping[str, Handler]:
    def listed(request: HttpRequest, actor: Actor) -> HttpResponse:
        search: Any = SearchRequest
        asked = search[kind.model].model_validate(_parameters(request, PARAMETERS))
        rows = kind.rows(actor)
        if asked.filter is not None:
            rows = rows.filter(Conditions(kind.conditions).visit(asked.filter.ast)).distinct()
        first = min(asked.start_index or 1, FURTHEST)
        size = min(USUAL_PAGE if asked.count is None else asked.count, LONGEST_PAGE)
        page = list(kind.whole(rows, asked)[first - 1 : first - 1 + size]) if size else []
        base = _base(request)
        return _listed([kind.show(row, base, asked) for row in page], rows.count(), first, asked, kind.model)

    def entered(request: HttpRequest, actor: Actor) -> HttpResponse:
        asked = _asked(request, kind)
        sent = kind.read(body_of(request), Context.RESOURCE_CREATION_REQUEST, None)
        row = kind.enter(actor, sent)
        return _shown(request, actor, kind, row.uuid, asked, Context.RESOURCE_CREATION_RESPONSE)

    return {"GET": listed, "POST": entered}


def _one(kind: Kind[Any, Any], key: str) -> Mapping[str, Handler]:
    def read(request: HttpRequest, actor: Actor) -> HttpResponse:
        asked, uuid = _asked(request, kind), _uuid(key)
        row = kind.find(actor, uuid)
        if _names(request.headers.get("If-None-Match"), row.version):
            return HttpResponse(status=304, headers={"ETag": version_tag(row.version)})
        return _shown(request, actor, kind, uuid, asked, Context.RESOURCE_QUERY_RESPONSE)

    def replaced(request: HttpRequest, actor: Actor) -> HttpResponse:
        asked, row = _asked(request, kind), _found(request, actor, kind, key)
        sent = kind.read(body_of(request), Context.RESOURCE_REPLACEMENT_REQUEST, row)
        kind.change(actor, row, sent)
        return _shown(request, actor, kind, row.uuid, asked, Context.RESOURCE_REPLACEMENT_RESPONSE)

    def edited(request: HttpRequest, actor: Actor) -> HttpResponse:
        asked, row = _asked(request, kind), _found(request, actor, kind, key)
        whole = kind.whole(kind.rows(actor).filter(pk=row.pk), ResponseParameters()).get()
        kind.change(actor, row, patched(body_of(request), kind.editable(whole)))
        return _shown(request, actor, kind, row.uuid, asked, Context.RESOURCE_PATCH_RESPONSE)

    def removed(request: HttpRequest, actor: Actor) -> HttpResponse:
        kind.remove(actor, _found(request, actor, kind, key))
        return HttpResponse(status=204)

    return {"GET": read, "PUT": replaced, "PATCH": edited, "DELETE": removed}


def _found(request: HttpRequest, actor: Actor, kind: Kind[Any, Any], key: str) -> Any:
    """Give what a request is about to change, locked, if the directory has read its present version."""
    row = kind.find(actor, _uuid(key), lock=True)
    wanted = request.headers.get("If-Match")
    if wanted is not None and not _names(wanted, row.version):
        raise PreconditionFailedException(detail="It has changed in the meantime: read it again.")
    return row


def _names(tags: str | None, version: int) -> bool:
    """Tell whether a header names a version, or any."""
    given = [tag.strip() for tag in (tags or "").split(",")]
    return "*" in given or f'"{version}"' in [tag.removeprefix("W/") for tag in given]


def _shown(
    request: HttpRequest,
    actor: Actor,
    kind: Kind[Any, Any],
    key: UUID,
    asked: ResponseParameters[Any],
    context: Context,
) -> HttpResponse:
    row = kind.whole(kind.rows(actor).filter(uuid=key), asked).get()
    shown = kind.show(row, _base(request), asked)
    location = str(shown.meta.location) if shown.meta else ""
    headers = {"ETag": version_tag(row.version), "Location": location}
    status = 201 if context is Context.RESOURCE_CREATION_RESPONSE else 200
    return answer(shown.model_dump(scim_ctx=context, response_parameters=asked), status, headers)


def _listed(
    found: list[Any], total: int, first: int, asked: ResponseParameters[Any], model: type[Resource[Any]]
) -> HttpResponse:
    kind: Any = ListResponse
    body = kind[model](total_results=total, start_index=first, items_per_page=len(found), resources=found)
    return answer(body.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=asked))


def _asked(request: HttpRequest, kind: Kind[Any, Any]) -> ResponseParameters[Any]:
    parameters: Any = ResponseParameters
    found: ResponseParameters[Any] = parameters[kind.model].model_validate(
        _parameters(request, PARAMETERS[:2])
    )
    return found


def _parameters(request: HttpRequest, names: tuple[str, ...]) -> dict[str, str]:
    """Give the parameters of an address that are known, whatever their case; others are ignored."""
    known = {name.lower(): name for name in names}
    return {known[key.lower()]: request.GET[key] for key in request.GET if key.lower() in known}


def _uuid(key: str) -> UUID:
    try:
        return UUID(key)
    except ValueError:
        raise NotFound("resource") from None


def _base(request: HttpRequest) -> str:
    return request.build_absolute_uri(f"{get_script_prefix()}scim/v2")


# --- what the service says of itself -----------------------------------------------------------------------------


def _config(request: HttpRequest, key: str) -> HttpResponse:
    location = f"{_base(request)}/ServiceProviderConfig"
    return answer(_described(CONFIG, location))


def _types(request: HttpRequest, key: str) -> HttpResponse:
    return _catalogue(request, key, "ResourceTypes", {str(item.id): item for item in PROVIDER.resource_types})


def _schemas(request: HttpRequest, key: str) -> HttpResponse:
    return _catalogue(request, key, "Schemas", {str(item.id): item for item in PROVIDER.schemas})


def _catalogue(request: HttpRequest, key: str, name: str, items: Mapping[str, Resource[Any]]) -> HttpResponse:
    if "filter" in request.GET:
        # RFC 7644, section 4: a filter here is refused, so that nobody takes part of it for the whole.
        raise ForbiddenException(detail="This list is given whole, without a filter.")
    base = f"{_base(request)}/{name}"
    if not key:
        found = [_described(item, f"{base}/{item_key}") for item_key, item in items.items()]
        return answer(
            {
                "schemas": [str(ListResponse.__schema__)],
                "totalResults": len(found),
                "startIndex": 1,
                "itemsPerPage": len(found),
                "Resources": found,
            }
        )
    if key not in items:
        raise NotFoundException(detail="There is nothing at this address.")
    return answer(_described(items[key], f"{base}/{key}"))


def _described(item: Resource[Any], location: str) -> dict[str, Any]:
    whole = item.model_copy(
        update={"meta": Meta(resource_type=type(item).__name__, location=location)}, deep=True
    )
    return whole.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE)


DISCOVERY: Final[Mapping[str, Callable[[HttpRequest, str], HttpResponse]]] = {
    "config": _config,
    "types": _types,
    "schemas": _schemas,
}
"""The endpoints of RFC 7644, section 4."""
