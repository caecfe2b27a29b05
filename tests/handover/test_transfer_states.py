"""Every step of a transfer: who may take it, from where, and who may not."""

from __future__ import annotations

import pytest

from handover.actions import transfers
from handover.models import Programme
from tests.factories import transfers as plans
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db


def test_smoke(cast: Cast, programme: Programme) -> None:
    proof = plans.executed(cast, programme)
    assert proof
