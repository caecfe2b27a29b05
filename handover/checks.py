"""System checks: what must hold before the first request is served."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

from handover.engine.errors import EngineError
from handover.engine.roles import refuse_unsafe_web_role


@register(Tags.database)
def web_role_is_harmless(app_configs: Any, databases: Sequence[str] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a web role that could look over the wall."""
    if not databases or os.environ.get("HANDOVER_DB_ROLE", "web") != "web":
        return []
    try:
        refuse_unsafe_web_role(connection)
    except EngineError as error:
        return [Error(str(error), id="handover.E001")]
    return []
