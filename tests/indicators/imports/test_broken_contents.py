"""Broken files: each is refused with exactly its sentence, and what stands in the database stays byte for byte."""

from __future__ import annotations

from typing import Any

import pytest

from handover.errors import DomainError
from tests.indicators.imports.broken_contents import CASES, Case
from tests.indicators.imports.ground import Ground, dump, said_of
from tests.indicators.sheets.test_broken_files import CASES as FILES

pytestmark = pytest.mark.django_db

REFUSED = [
    pytest.param(make, said, id=name)
    for name, make, asked, said in FILES
    if not asked and said[0].startswith("refused ")
]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_contents_that_cannot_be_taken_are_named_cell_by_cell_and_change_nothing(
    ground: Ground, case: Case
) -> None:
    by = case.before(ground) or ground.by
    path = ground.file(case.make(ground))
    before = dump(ground.cast)
    with pytest.raises(DomainError) as refused:
        ground.apply(path, by=by, answers=case.answers)
    assert said_of(refused.value) == list(case.said)
    assert dump(ground.cast) == before


@pytest.mark.parametrize(("make", "said"), REFUSED)
def test_files_that_are_no_tables_are_refused_and_change_nothing(
    ground: Ground, make: Any, said: list[str]
) -> None:
    path = ground.file(make())
    before = dump(ground.cast)
    with pytest.raises(DomainError) as refused:
        ground.apply(path)
    assert [f"refused {refused.value.code}: {refused.value.sentence}"] == said
    assert dump(ground.cast) == before


def test_there_are_at_least_forty_of_them() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    assert len(CASES) + len(REFUSED) >= 40
