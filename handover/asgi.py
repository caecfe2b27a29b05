"""The web, for a ASGI server."""

from __future__ import annotations

import os

from handover import engine

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "handover.settings")
engine.ensure()

from django.core.asgi import get_asgi_application  # noqa: E402

from handover.checks import refuse_to_start  # noqa: E402

application = get_asgi_application()
refuse_to_start()
