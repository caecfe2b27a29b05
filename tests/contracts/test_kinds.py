"""Everything that a proof counts has a name that people know."""

from __future__ import annotations

import pytest

from handover.access import asking
from handover.holdings import holdings
from handover.models import Programme
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db


def test_every_kind_of_row_that_is_conserved_is_named_in_words(cast: Cast, programme: Programme) -> None:
    with asking(cast.giver):
        for holding in holdings():
            assert {row.name for row in holding.conserved(programme)} == set(holding.kinds()), holding.name
