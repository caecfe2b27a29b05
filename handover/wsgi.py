"""The web, for a WSGI server."""

from __future__ import annotations

import os

from handover import engine

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "handover.settings")
engine.ensure()

from django.core.wsgi import get_wsgi_application  # noqa: E402

from handover.checks import refuse_to_start  # noqa: E402

application = get_wsgi_application()
refuse_to_start()
