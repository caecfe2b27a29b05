"""The cast and its programme, committed once for many tests: a test reads them instead of making them again.

A test finds exactly what it asks for: nothing, the cast, or the cast with its programme. Whoever asks for less than
what stands gets an emptied database first, so that no test counts rows that it did not ask for.
"""

from __future__ import annotations

import copy
import shutil
from enum import IntEnum
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from handover.models import Organisation, Programme
from tests.factories import cast as casting
from tests.factories.cast import Cast


class Stage(IntEnum):
    """How much of the world is committed."""

    EMPTY = 0
    CAST = 1
    PROGRAMME = 2


class Prepared:
    """What is committed in this process's test database, besides what follows from the code."""

    def __init__(self) -> None:
        self._cast: Cast | None = None
        self._programme: Programme | None = None

    @property
    def stage(self) -> Stage:
        """Say how far the world is prepared."""
        if self._cast is None:
            return Stage.EMPTY
        return Stage.CAST if self._programme is None else Stage.PROGRAMME

    def become(self, wanted: Stage) -> None:
        """Prepare as much as is wanted, and no more; between tests, outside every transaction."""
        if wanted < self.stage or (self.stage and not Organisation.objects.exists()):
            call_command("flush", interactive=False, verbosity=0)
            self._cast = self._programme = None
        # One transaction, so that the moved clock is the database's too.
        with transaction.atomic():
            cast = self._cast or (casting.assemble() if wanted >= Stage.CAST else None)
            programme = self._programme
            if cast and programme is None and wanted >= Stage.PROGRAMME:
                programme = casting.programme_of(cast)
        self._cast, self._programme = cast, programme

    def cast(self) -> Cast:
        """Give the cast, as its actions returned it; where none is committed, make one inside the test."""
        return copy.deepcopy(self._cast) if self._cast else casting.assemble()

    def programme_of(self, cast: Cast) -> Programme:
        """Give the cast's programme; where none is committed, make one inside the test."""
        if self._programme is None:
            return casting.programme_of(cast)
        # A test's rollback takes back its rows, not the files that it laid down for this programme.
        shutil.rmtree(Path(settings.MEDIA_ROOT) / str(self._programme.uuid), ignore_errors=True)
        return copy.deepcopy(self._programme)
