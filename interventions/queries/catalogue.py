"""The catalogue: published models, found by words, field and language; everybody reads it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from handover.errors import Invalid, NotFound
from handover.narratives import best
from interventions.models import InterventionModel, ModelVersion
from interventions.queries.model_format import OF_PIECES, known_format, narratives_of
from interventions.queries.model_pieces import title_of

SEARCHED: Final = ("needs", "interventions")


@dataclass(frozen=True)
class Listed:
    """A model with its latest version."""

    model: InterventionModel
    version: ModelVersion

    @property
    def fields(self) -> list[str]:
        """Give the fields of work of its interventions, those with most of them first."""
        counts: dict[str, int] = {}
        for row in self.version.document.get("interventions", ()):
            for field in (row["field"], *row.get("also_in", ())):
                counts[field] = counts.get(field, 0) + 1
        return sorted(counts, key=lambda field: (-counts[field], field))

    @property
    def languages(self) -> list[str]:
        """Give the languages in which its title is told."""
        return sorted({item["lang"] for item in self.model.title if item["lang"]})

    @property
    def publisher(self) -> str:
        """Name who published it."""
        return self.model.organisation.name if self.model.organisation else "the toolkit"

    @property
    def counts(self) -> dict[str, int]:
        """Give how many pieces of each kind it has."""
        return {section: len(self.version.document.get(section, ())) for section in OF_PIECES.values()}


def search(
    words: Sequence[str] = (), *, field: str = "", language: str = "", withdrawn: bool = False
) -> list[Listed]:
    """Find models whose title, summary, needs or interventions hold all words, in any language, whatever the accents.

    Args:
        field: only those with an intervention in this field of work.
        language: only those whose title is told in this language.
        withdrawn: those too that nobody new may adopt.
    """
    wanted = [part for word in words for part in _folded(word).split()]
    return [
        item
        for item in _listed(withdrawn=withdrawn)
        if (not field or field in item.fields)
        and (not language or language in item.languages)
        and (not wanted or all(word in _searchable(item) for word in wanted))
    ]


def model_named(key: str) -> InterventionModel:
    """Find a model by its key.

    Raises:
        NotFound: there is none.
    """
    found = InterventionModel.objects.select_related("organisation").filter(key=key).first()
    if found is None:
        raise NotFound("model")
    return found


def versions(model: InterventionModel) -> list[ModelVersion]:
    """Give a model's versions, the first one first."""
    return list(ModelVersion.objects.filter(model=model).order_by("number"))


def version_of(model: InterventionModel, number: int | None = None) -> ModelVersion:
    """Give one version of a model, the latest if none is named.

    Raises:
        Invalid: ``unknown_version``, with those that there are; ``unknown_format`` of one that nobody here reads.
    """
    there = versions(model)
    found = next((item for item in reversed(there) if number in (None, item.number)), None)
    if found is None:
        numbers = ", ".join(str(item.number) for item in there)
        raise Invalid(
            "unknown_version",
            f"The model {model.key} has no version {number}; it has: {numbers or 'none'}.",
            field="number",
            model=model.key,
            versions=[item.number for item in there],
        )
    known_format(found.document.get("format"))
    return found


def narrated(texts: Sequence[Any], lang: str = "en") -> str:
    """Give stored narratives in a language, on one line."""
    return " ".join(best(texts, lang).split())


def _listed(*, withdrawn: bool) -> Iterator[Listed]:
    latest: dict[int, ModelVersion] = {}
    rows = ModelVersion.objects.select_related("model", "model__organisation").order_by(
        "model__key", "number"
    )
    for row in rows if withdrawn else rows.filter(model__withdrawn_at=None):
        latest[row.model_id] = row
    for row in latest.values():
        yield Listed(row.model, row)


def _searchable(item: Listed) -> str:
    texts = [each["text"] for each in (*item.model.title, *item.model.summary)]
    for section in SEARCHED:
        for row in item.version.document.get(section, ()):
            texts += [each["text"] for each in narratives_of(row["title"])]
    return _folded(" ".join([item.model.key, *texts, *item.fields]))


def _folded(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def heads(document: Mapping[str, Any], section: str, lang: str = "en") -> list[tuple[str, str]]:
    """Give key and title of a section's rows."""
    return [(str(row["key"]), title_of(row, lang)) for row in document.get(section, ())]
