"""What a programme's outline and its health tell of the models that it was made from, or published as."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Max

from handover.holdings import Finding
from handover.models import Programme
from interventions.models import Adoption, ModelVersion
from interventions.queries.model_diff import was_published


def lines(programme: Programme) -> Iterator[str]:
    """Tell of each model which version the programme has, and whether there is a later one."""
    for adoption, latest in _adoptions(programme):
        word = "Published as" if was_published(adoption) else "Made from"
        later = f"; version {latest} is there" if latest > adoption.number else ""
        yield f"{word} {adoption.model_key}, version {adoption.number}{later}"


def health(programme: Programme) -> Iterator[Finding]:
    """Name models that have a later version than the programme, as long as anything of it was not looked at."""
    for adoption, latest in _adoptions(programme):
        if latest > adoption.number:
            yield Finding(
                "model_newer",
                f"The model {adoption.model_key} has version {latest}, this programme is at {adoption.number}: "
                f"`handover model compare {programme.identifier}` tells what is new.",
                str(adoption.uuid),
            )


def _adoptions(programme: Programme) -> Iterator[tuple[Adoption, int]]:
    rows = list(Adoption.objects.filter(programme=programme).order_by("model_key"))
    keys = [row.model_uuid for row in rows]
    numbers = ModelVersion.objects.filter(model__uuid__in=keys).order_by().values_list("model__uuid")
    latest = dict(numbers.annotate(latest=Max("number")))
    for row in rows:
        yield row, latest.get(row.model_uuid, row.number)
