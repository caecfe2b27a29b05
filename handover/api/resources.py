"""Resources: the bases on which every noun of the interface stands.

What a caller may read is decided here once: the rows of programmes that they may view, and nothing of others, so that
another tenant's row is not found. What they may change is decided by the actions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar, Final, Generic, TypeVar
from uuid import UUID

import django_filters
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import exceptions, filters, permissions, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from handover import access
from handover.access import Actor, who_asks
from handover.api.commands import Asks, Command, declares
from handover.api.pages import Pages
from handover.api.problems import Problem
from handover.api.serializers import Shown, fill
from handover.errors import NotFound
from handover.permissions import SCOPE_OF, Permission

M = TypeVar("M", bound=models.Model)

SELECTING: Final = frozenset({"fields", "expand"})
PAGING: Final = frozenset({"cursor", "page_size", "ordering"})


class MayAsk(permissions.BasePermission):
    """Someone asks, for an organisation, and their token may be used for this. The rest is the action's to decide."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Let the request through.

        Raises:
            NotAuthenticated: nobody is signed in.
            Problem: 403 ``seat_missing`` or ``scope_missing``.
        """
        if not getattr(request.user, "is_authenticated", False):
            raise exceptions.NotAuthenticated("Sign in, or send a token.")
        actor = who_asks()
        if actor is None:
            raise Problem(403, "seat_missing", "You hold no seat in an organisation today.")
        said = command_of(view, request)
        asked = said.may if said else None
        scope = SCOPE_OF[asked] if isinstance(asked, Permission) else asked
        if scope is not None and not actor.has_scope(scope):
            raise Problem(
                403,
                "scope_missing",
                f"This token may not be used for this: it lacks the scope {scope}.",
                scope=scope.value,
            )
        return True


def command_of(view: Any, request: Request | None = None) -> Command | None:
    """Give what is declared of the handler that a view is about to run; nothing for a method that it does not take."""
    name = getattr(view, "action", None)
    return declared_of(type(view), name) if name else None


def declared_of(kind: type, name: str) -> Command | None:
    """Give what is declared of a handler of a resource; reading asks what the resource says."""
    said: Command | None = getattr(getattr(kind, name, None), "command", None)
    if said is not None and name in ("list", "retrieve") and hasattr(kind, "reads"):
        return replace(said, may=kind.reads)
    return said


class Filters(django_filters.FilterSet):
    """Filters of a list. A parameter that is not declared is refused."""


class InProgrammeFilters(Filters):
    """Filters of what belongs to a programme."""

    programme = django_filters.UUIDFilter(field_name="programme__uuid", help_text="Of this programme alone.")


class Ordering(filters.OrderingFilter):
    """The order of a list. A column by which it cannot be ordered is refused, not ignored."""

    def remove_invalid_fields(self, queryset: Any, fields: Any, view: Any, request: Any) -> list[str]:
        """Give the columns that were asked for.

        Raises:
            ValidationError: the list cannot be ordered by one of them.
        """
        known = [name for name, _ in self.get_valid_fields(queryset, view, {"request": request})]
        unknown = [name for name in fields if name.removeprefix("-") not in known]
        if unknown:
            listed = ", ".join(known) or "nothing"
            raise serializers.ValidationError({"ordering": [f"“{unknown[0]}” is none of: {listed}."]})
        return list(fields)


class Resource(viewsets.GenericViewSet[M], Generic[M]):
    """One noun. It has no address until it names a handler: ``Listed``, ``Retrieved`` and commands add them."""

    what: ClassVar[str]
    """The noun as people say it, for “There is no such …”."""
    reads: ClassVar[Asks] = Permission.VIEW
    """What reading asks for."""
    lookup_field = "uuid"
    lookup_url_kwarg = "id"
    lookup_value_converter = "uuid"
    permission_classes = (MayAsk,)
    pagination_class = Pages
    filter_backends = (DjangoFilterBackend, Ordering)
    filterset_class: type[Filters] | None = None
    ordering: ClassVar[Sequence[str]] = ("id",)
    ordering_fields: ClassVar[Sequence[str]] = ()
    """Columns without nulls, by which a list may be ordered."""

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """Read the body where it may be read twice: a retry is known by it."""
        if request.content_type in ("", "application/json"):
            _ = request.body
        return super().initialize_request(request, *args, **kwargs)

    @property
    def actor(self) -> Actor:
        """Whoever asks.

        Raises:
            NotAuthenticated: nobody does.
        """
        actor = who_asks()
        if actor is None:
            raise exceptions.NotAuthenticated("Sign in, or send a token.")
        return actor

    def rows(self) -> QuerySet[M]:
        """Give the rows that the actor may read, before filters; each resource says which."""
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[M]:
        """Give the rows that the actor may read; none to whoever only describes the interface."""
        if getattr(self, "swagger_fake_view", False):
            kind: Any = self.get_serializer_class()
            none: QuerySet[M] = kind.Meta.model._default_manager.none()
            return none
        return self.rows()

    def told(self, rows: Sequence[M]) -> list[Any]:
        """Tell some rows, with all that their representation walks to fetched at once."""
        serializer: Any = self.get_serializer(rows, many=True)
        fill(rows, serializer.child)
        return list(serializer.data)

    def find(self, key: UUID) -> M:
        """Fetch one row that the actor may read.

        Raises:
            NotFound: there is none for them.
        """
        found = self.get_queryset().filter(**{self.lookup_field: key}).first()
        if found is None:
            raise NotFound(self.what)
        return found

    @cached_property
    def wanted(self) -> frozenset[str]:
        """The fields that were asked for; all of them where none were."""
        asked = self._listed("fields")
        if asked:
            known = self._known_fields()
            self._refuse("fields", sorted(asked - known), known)
        return asked

    @cached_property
    def expanded(self) -> frozenset[str]:
        """The references that were asked for whole."""
        asked = self._listed("expand")
        kind = self.get_serializer_class()
        known = frozenset(kind.expandable) if issubclass(kind, Shown) else frozenset[str]()
        self._refuse("expand", sorted(asked - known), known)
        return asked

    def no_parameters(self) -> dict[str, Any]:
        """Refuse query parameters where a request takes none but those that shape its answer."""
        self._check_parameters(SELECTING)
        # Looked at before anything happens, also where the answer will be empty.
        _ = self.wanted, self.expanded
        return {}

    def tell(self, result: Any, said: Command) -> Response:
        """Answer with a row, with what the command says that it tells, or with nothing."""
        if result is None:
            return Response(status=204)
        kind = said.answers
        if kind is not None:
            data = kind(result, many=said.many, context=self.get_serializer_context()).data
            return Response(data, status=said.status, headers=_etag(result))
        return self._tell_row(result, said.status)

    def _tell_row(self, row: Any, status: int) -> Response:
        """Read a row that was written back as its reader sees it; nothing where they no longer see it."""
        found = self.get_queryset().filter(**{self.lookup_field: row.uuid}).first()
        if found is None:
            return Response(status=204)
        data = self.told([found])[0]
        headers = _etag(found) | ({"Location": self.address_of(found)} if status == 201 else {})
        return Response(data, status=status, headers=headers)

    def address_of(self, row: Any) -> str:
        """Give the address of a row of this resource."""
        return str(self.reverse_action("detail", kwargs={"id": row.uuid}, request=None))

    def _check_parameters(self, known: frozenset[str]) -> None:
        unknown = sorted(set(self.request.query_params) - known)
        if unknown:
            raise serializers.ValidationError(
                {
                    name: [serializers.ErrorDetail("There is no such parameter.", code="unknown_parameter")]
                    for name in unknown
                }
            )
        empty = sorted(
            name
            for name in ("fields", "expand", "ordering", *self._choices())
            if self.request.query_params.get(name, "x").strip(", ") == ""
        )
        if empty:
            raise serializers.ValidationError(
                {name: ["Name at least one, or leave it out."] for name in empty}
            )
        doubled = sorted(
            name for name in self.request.query_params if len(self.request.query_params.getlist(name)) > 1
        )
        if doubled:
            raise serializers.ValidationError({name: ["Give this parameter once."] for name in doubled})

    def _choices(self) -> Sequence[str]:
        """Name the filters that take one of several words: nothing is none of them."""
        declared = self.filterset_class.base_filters if self.filterset_class else {}
        return [name for name, one in declared.items() if isinstance(one, django_filters.ChoiceFilter)]

    def _known_fields(self) -> frozenset[str]:
        kind = self.get_serializer_class()
        return frozenset(kind(context={}).fields) if issubclass(kind, serializers.Serializer) else frozenset()

    def _listed(self, name: str) -> frozenset[str]:
        request: Request | None = getattr(self, "request", None)
        said = request.query_params.get(name, "") if request is not None else ""
        return frozenset(part.strip() for part in said.split(",") if part.strip())

    def _refuse(self, name: str, unknown: Sequence[str], known: frozenset[str]) -> None:
        if unknown:
            listed = ", ".join(sorted(known)) or "nothing"
            raise serializers.ValidationError({name: [f"“{unknown[0]}” is none of: {listed}."]})


class Listed(Resource[M]):
    """A noun that has a list."""

    @declares(Command(Permission.VIEW, detail=False, many=True))
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Give a page of the rows that the caller may read."""
        declared = frozenset(self.filterset_class.base_filters) if self.filterset_class else frozenset[str]()
        self._check_parameters(SELECTING | PAGING | declared)
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.told(page or []))


class Retrieved(Resource[M]):
    """A noun whose rows can be read one by one."""

    @declares(Command(Permission.VIEW))
    def retrieve(self, request: Request, *args: Any, id: UUID, **kwargs: Any) -> Response:  # noqa: A002
        """Give one row, with its version as ``ETag`` where people edit it."""
        self.no_parameters()
        found = self.find(id)
        return Response(self.told([found])[0], headers=_etag(found))


class Read(Listed[M], Retrieved[M]):
    """A noun with a list, whose rows can be read one by one."""


class InProgrammeRead(Read[M]):
    """Rows of programmes: those of every programme that the actor may view."""

    filterset_class = InProgrammeFilters

    def rows(self) -> QuerySet[M]:
        """Give the rows of the programmes that the actor may view."""
        return in_programmes(self.actor, self._model()._default_manager.all())

    def _model(self) -> type[M]:
        kind: Any = self.get_serializer_class()
        model: type[M] = kind.Meta.model
        return model


def in_programmes(actor: Actor, rows: QuerySet[M], *, key: str = "programme_id") -> QuerySet[M]:
    """Narrow rows to the programmes that the actor may view."""
    return rows.filter(**{f"{key}__any": access.permitted(actor, may=Permission.VIEW)})


def _etag(row: Any) -> dict[str, str]:
    version = getattr(row, "version", None)
    return {"ETag": f'"{version}"'} if isinstance(version, int) else {}
