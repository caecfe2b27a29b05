"""Files among answers."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpResponse
from rest_framework.response import Response

from handover.api.commands import Command
from handover.api.resources import M, Resource


class GivesFiles(Resource[M]):
    """A noun of which some answers are files."""

    def tell(self, result: Any, said: Command) -> Response:
        """Answer with a file as it is, with everything else as usual."""
        if isinstance(result, FileResponse | HttpResponse):
            return result  # type: ignore[return-value]
        return super().tell(result, said)
