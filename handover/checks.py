"""System checks: what must hold before the first request is served. ``wsgi`` and ``asgi`` run them too."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from handover.engine.errors import EngineError
from handover.engine.roles import refuse_unsafe_web_role


@register(Tags.database)
def web_role_is_harmless(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Refuse a web role that could look over the wall."""
    if not databases or os.environ.get("HANDOVER_DB_ROLE", "web") != "web":
        return []
    try:
        refuse_unsafe_web_role(connection)
    except EngineError as error:
        return [Error(str(error), id="handover.E001")]
    return []


@register(Tags.urls)
def routes_name_their_permission(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a route that says neither which permission it asks for nor why it asks for none."""
    from handover.views.routes import unnamed

    return [
        Error(
            f"The route “{path or '/'}” names no permission: mark its view with may() or open_to().",
            id="handover.E002",
        )
        for path in unnamed()
    ]


def refuse_to_start() -> None:
    """Run the checks that guard the walls, outside the command line.

    Raises:
        ImproperlyConfigured: one of them fails; the server must not answer.
    """
    found = [*web_role_is_harmless(None, ["default"]), *routes_name_their_permission(None)]
    connection.close()
    if found:
        raise ImproperlyConfigured(" ".join(str(message.msg) for message in found))
