"""Fixtures of the imports of sheets."""

from __future__ import annotations

from pathlib import Path

import pytest

from handover.models import Programme
from tests.factories.cast import Cast
from tests.indicators.imports.ground import Ground, ground


@pytest.fixture(name="ground")
def made_ground(cast: Cast, programme: Programme, tmp_path: Path) -> Ground:
    """Give a programme with what sheets speak of."""
    return ground(cast, programme, tmp_path)
