"""Every model and column is declared carried, recomputed or left behind, and the declaration holds together.

``python -m tests.contracts.test_carried`` adds what is not declared yet as carried, and takes out what is gone: whoever
changes a model reviews the difference, and says why where something is not carried.
"""

from __future__ import annotations

import os
import textwrap
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.db import models

from handover import holdings
from handover.exchange import carried
from handover.exchange.carried import Fate
from tests.contracts.source import PACKAGES

if TYPE_CHECKING:
    # The script reads this module before there are models.
    from handover.models import Programme
    from tests.factories.cast import Cast

REVIEW = (
    "run python -m tests.contracts.test_carried, and review what it wrote in handover/exchange/carried.toml"
)

MADE_ANEW = frozenset({"id"})
"""Columns that need no reason to be recomputed: keys are an installation's own, rows are known by their UUID."""


def every_model() -> list[type[models.Model]]:
    """Give every model of the three apps, tables that join two of them included."""
    return [
        model
        for package in PACKAGES
        for model in apps.get_app_config(package).get_models(include_auto_created=True)
    ]


def carried_models() -> Iterator[type[models.Model]]:
    """Give the models that are carried."""
    return (model for model in every_model() if carried.fate_of(model) is Fate.CARRIED)


def test_every_model_is_declared_and_nothing_else() -> None:
    there, declared = {model._meta.label for model in every_model()}, set(carried.declarations())
    assert there - declared == set(), REVIEW
    assert declared - there == set(), "declared, and no model any more"


def test_every_column_of_a_carried_model_is_declared_and_nothing_else() -> None:
    wrong = {}
    for model in carried_models():
        there = {field.name for field in model._meta.concrete_fields}
        declared = set(carried.declaration(model).columns)
        if there != declared:
            wrong[model._meta.label] = {"undeclared": there - declared, "gone": declared - there}
    assert wrong == {}, REVIEW


def test_what_is_not_carried_has_a_reason() -> None:
    unexplained = []
    for label, said in carried.declarations().items():
        stays = {name for name, fate in said.columns.items() if fate is not Fate.CARRIED} - MADE_ANEW
        if (said.fate is not Fate.CARRIED or stays) and not said.reason.strip():
            unexplained.append(label)
    assert unexplained == [], "say why in reason = …"


def test_a_model_that_is_not_carried_has_no_columns_of_its_own() -> None:
    assert [
        label
        for label, said in carried.declarations().items()
        if said.fate is not Fate.CARRIED and said.columns
    ] == []


def test_what_is_carried_points_to_nothing_that_stays() -> None:
    """A row whose parent is not carried could not be loaded. What lies outside the three apps is made by migrations."""
    dangling = []
    for model in carried_models():
        for field in model._meta.concrete_fields:
            target = field.related_model
            if not isinstance(target, type) or target._meta.app_label not in PACKAGES:
                continue
            if field.name in carried.columns(model) and carried.fate_of(target) is not Fate.CARRIED:
                dangling.append(f"{model._meta.label}.{field.name} -> {target._meta.label}")
    assert dangling == []


def _of_programme(model: type[models.Model]) -> bool:
    return any(field.column == "programme_id" for field in model._meta.concrete_fields)


@pytest.mark.django_db
def test_every_carried_model_of_a_programme_is_conserved_or_says_why_not(
    cast: Cast, programme: Programme
) -> None:
    conserved = _conserved(cast, programme)
    silent, both = [], []
    for model in filter(_of_programme, carried_models()):
        covered, excuse = (
            model._meta.label_lower in conserved,
            carried.declaration(model).not_conserved.strip(),
        )
        if not covered and not excuse:
            silent.append(model._meta.label)
        if covered and excuse:
            both.append(model._meta.label)
    assert silent == [], "add it to a holding's conserved(), or say why not in not_conserved = …"
    assert both == [], "conserved, and yet excused"


@pytest.mark.django_db
def test_what_is_conserved_is_carried_whole(cast: Cast, programme: Programme) -> None:
    """Its digest must come out equal on the other side: every column that the digest covers has to get there."""
    from handover.queries.conservation import SKIPPED

    by_label = {model._meta.label_lower: model for model in every_model()}
    conserved = _conserved(cast, programme)
    assert conserved <= by_label.keys()
    short = {
        label: missing
        for label in conserved
        if (missing := _columns(by_label[label]) - SKIPPED - set(carried.columns(by_label[label])))
    }
    assert short == {}


def _columns(model: type[models.Model]) -> set[str]:
    return {field.name for field in model._meta.concrete_fields}


def _conserved(cast: Cast, programme: Programme) -> set[str]:
    from handover.access import asking

    with asking(cast.giver):
        return {item.name for holding in holdings.holdings() for item in holding.conserved(programme)}


# --- the reader --------------------------------------------------------------------------------------------------


def test_columns_come_in_the_models_own_order_and_each_under_one_fate() -> None:
    for model in every_model():
        told = [name for fate in Fate for name in carried.columns(model, fate)]
        assert sorted(told) == sorted(_columns(model))
    programme = apps.get_model("handover.Programme")
    assert carried.columns(programme)[:2] == ("version", "uuid")
    assert carried.columns(programme, Fate.RECOMPUTED) == ("id",)


def test_of_an_undeclared_model_nothing_is_said() -> None:
    with pytest.raises(carried.NotDeclaredError, match=r"sessions\.Session is not declared"):
        carried.fate_of(apps.get_model("sessions.Session"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('["a.B"]\nfate = "lost"', "lost"),
        ('["a.B"]\nfate = "carried"\ncarried = ["x"]\nleft_behind = ["x"]', "x is carried and left_behind"),
        ('["a.B"]\nfate = "carried"\ncaried = ["x"]', "nobody knows “caried”"),
        ('["a.B"\nfate = "carried"', "line 1"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        carried.read(text)


# --- writing the file again --------------------------------------------------------------------------------------

WIDTH = 110
WORDS = ("fate", "reason", "not_conserved", *Fate)


def completed(
    said: Mapping[str, Mapping[str, Any]], there: Iterable[type[models.Model]]
) -> dict[str, dict[str, Any]]:
    """Declare as carried what is not declared yet, and take out what is gone."""
    fresh: dict[str, dict[str, Any]] = {}
    for model in sorted(there, key=lambda model: model._meta.label):
        names = [field.name for field in model._meta.concrete_fields]
        entry = dict(said.get(model._meta.label, {"fate": Fate.CARRIED.value, Fate.RECOMPUTED: ["id"]}))
        if entry["fate"] == Fate.CARRIED:
            for fate in Fate:
                entry[fate] = sorted(name for name in entry.get(fate, ()) if name in names)
            declared = {name for fate in Fate for name in entry[fate]}
            entry[Fate.CARRIED] = sorted({*entry[Fate.CARRIED], *names} - (declared - {*entry[Fate.CARRIED]}))
        fresh[model._meta.label] = entry
    return fresh


def written(said: Mapping[str, Mapping[str, Any]], heading: str) -> str:
    """Write declarations as TOML below a heading of comments."""
    pieces = [heading.rstrip("\n")]
    for label, entry in said.items():
        lines = [f'["{label}"]']
        for word in WORDS:
            match entry.get(word):
                case str() as text if text:
                    lines.append(f'{word} = "{text}"')
                case list() as names if names:
                    lines += _listed(word, [f'"{name}"' for name in names])
        pieces.append("\n".join(lines))
    return "\n\n".join(pieces) + "\n"


def _listed(word: str, names: list[str]) -> list[str]:
    short = f"{word} = [{', '.join(names)}]"
    if len(short) <= WIDTH:
        return [short]
    indent = " " * 4
    body = textwrap.fill(", ".join(names) + ",", WIDTH, initial_indent=indent, subsequent_indent=indent)
    return [f"{word} = [", body, "]"]


def heading_of(text: str) -> str:
    """Give the comments at the top of the file."""
    return text.partition("\n\n[")[0]


def test_what_the_script_writes_is_what_stands_there() -> None:
    text = carried.FILE.read_text("utf-8")
    assert written(completed(tomllib.loads(text), every_model()), heading_of(text)) == text, REVIEW


def test_the_script_declares_what_is_new_and_drops_what_is_gone() -> None:
    said = {
        "gone.Model": {"fate": "carried", "carried": ["x"]},
        "handover.Keep": {
            "fate": "carried",
            "carried": ["kind", "went"],
            "left_behind": ["until"],
            "reason": "Why.",
        },
    }
    keep = apps.get_model("handover.Keep")
    fresh = completed(said, [keep])
    assert list(fresh) == ["handover.Keep"]
    assert fresh["handover.Keep"]["left_behind"] == ["until"]
    assert "went" not in fresh["handover.Keep"]["carried"]
    assert {"kind", "uuid", "programme"} < set(fresh["handover.Keep"]["carried"])
    assert completed({}, [keep])["handover.Keep"]["recomputed"] == ["id"]
    assert tomllib.loads(written(fresh, "# Top.")) == {
        "handover.Keep": _without_empty(fresh["handover.Keep"])
    }


def _without_empty(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {str(word): value for word, value in entry.items() if value}


def main() -> None:
    """Write the file again."""
    text = carried.FILE.read_text("utf-8")
    carried.FILE.write_text(written(completed(tomllib.loads(text), every_model()), heading_of(text)), "utf-8")


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "handover.settings")
    django.setup()
    main()
