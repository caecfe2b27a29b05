"""Authentication: a key, or the session of the pages. Who it is was found before the request's transaction began."""

from __future__ import annotations

from rest_framework import authentication, exceptions
from rest_framework.request import Request

from handover.access import Actor, who_asks
from handover.api.callers import carries_key
from handover.models import User


class ByKey(authentication.BaseAuthentication):
    """``Authorization: Bearer hvr_…``. A key that is good for nothing is refused, whatever session there is."""

    def authenticate(self, request: Request) -> tuple[User, Actor] | None:
        """Give the user and the actor of the request's key; nothing where it carries none.

        Raises:
            AuthenticationFailed: the key is good for nothing.
        """
        if not carries_key(request._request):
            return None
        actor = who_asks()
        if actor is None or not actor.token:
            raise exceptions.AuthenticationFailed("This token is unknown, revoked or expired.")
        return actor.user, actor

    def authenticate_header(self, request: Request) -> str:
        """Give the challenge of a 401."""
        return 'Bearer realm="handover"'


class BySession(authentication.SessionAuthentication):
    """The session of the pages; what changes something needs the CSRF token of the pages as well."""
