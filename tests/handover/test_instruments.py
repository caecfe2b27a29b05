"""Instruments of readiness: those that ship are whole, and a malformed one is refused by name."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from handover.access import asking
from handover.actions import instruments as adopting
from handover.errors import Invalid, NotAllowed, NotFound
from handover.models import Instrument, LedgerEntry, Programme
from handover.narratives import Narrative
from handover.queries import instruments
from handover.queries.questionnaires import Questionnaire
from tests.factories.cast import Cast
from tests.factories.readiness import small

LANGUAGES = ["en", "ro", "lt"]


def languages(texts: list[Narrative]) -> list[str | None]:
    return [item["lang"] for item in texts]


@pytest.mark.parametrize("found", instruments.shipped(), ids=lambda item: item.key)
def test_a_shipped_instrument_says_everything_in_three_languages(found: Questionnaire) -> None:
    texts = [found.title, *found.labels.values()]
    texts += [domain.title for domain in found.domains] + [item.text for item in found.items]
    texts += [domain.suggests.title for domain in found.domains if domain.suggests]
    assert all(languages(list(text)) == LANGUAGES for text in texts)
    assert all(domain.suggests for domain in found.domains)
    assert (found.lowest, found.highest, found.licence) == (0, 4, "CC-BY-4.0")


@pytest.mark.parametrize("found", instruments.shipped(), ids=lambda item: item.key)
def test_no_two_items_of_a_shipped_instrument_ask_the_same(found: Questionnaire) -> None:
    for language in range(len(LANGUAGES)):
        texts = [item.text[language]["text"] for item in found.items]
        assert len(set(texts)) == len(texts)


def test_two_instruments_ship() -> None:
    assert {item.key: item.about for item in instruments.shipped()} == {
        "general-sustainability": "programme",
        "local-authority-capacity": "responsibility",
    }


def test_an_unknown_instrument_names_those_that_ship() -> None:
    with pytest.raises(Invalid, match="general-sustainability, local-authority-capacity") as refused:
        instruments.shipped_one("nothing")
    assert refused.value.code == "unknown_instrument"


def test_what_was_read_and_kept_reads_the_same() -> None:
    found = instruments.read(small())
    again = instruments.read(
        {
            **{name: getattr(found, name) for name in ("key", "edition", "title", "source", "licence")},
            **found.document,
        }
    )
    assert again == found
    assert again.digest() == found.digest()


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    document = copy.deepcopy(small())
    change(document)
    return document


def put(*path: str | int, to: object) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        inner: Any = document
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = to

    return change


MALFORMED = {
    "weight of an item zero": (
        put("domains", 0, "items", 1, "weight", to="0"),
        "weight_not_positive",
        "domains[0].items[1].weight",
    ),
    "weight of a domain zero": (
        put("domains", 1, "weight", to=0),
        "weight_not_positive",
        "domains[1].weight",
    ),
    "weight negative": (put("domains", 1, "weight", to=-1), "instrument_malformed", "domains[1].weight"),
    "weight endless": (put("domains", 1, "weight", to="1e99"), "instrument_malformed", "domains[1].weight"),
    "weight true": (put("domains", 1, "weight", to=True), "instrument_malformed", "domains[1].weight"),
    "domain twice": (put("domains", 1, "key", to="money"), "repeated_key", "domains"),
    "item twice": (put("domains", 1, "items", 0, "key", to="line"), "repeated_key", "items of all domains"),
    "label twice": (
        put("scale", "labels", 1, "step", to=0),
        "repeated_key",
        "scale.labels[1].step",
    ),
    "label missing": (
        lambda document: document["scale"]["labels"].pop(),
        "instrument_malformed",
        "scale.labels",
    ),
    "scale reversed": (put("scale", "from", to=4), "instrument_malformed", "scale"),
    "scale of fractions": (put("scale", "to", to=1.5), "instrument_malformed", "scale"),
    "thresholds reversed": (put("thresholds", "nearly", to="80"), "thresholds_reversed", "thresholds"),
    "thresholds equal": (put("thresholds", "nearly", to="75"), "thresholds_reversed", "thresholds"),
    "threshold beyond": (put("thresholds", "ready", to="101"), "instrument_malformed", "thresholds.ready"),
    "no domain": (put("domains", to=[]), "instrument_malformed", "domains"),
    "no item": (put("domains", 0, "items", to=[]), "instrument_malformed", "domains[0].items"),
    "no text": (
        put("domains", 0, "items", 0, "text", to={"en": " "}),
        "instrument_malformed",
        "domains[0].items[0].text",
    ),
    "no language": (put("title", to={"english": "x"}), "instrument_malformed", "title"),
    "key with a space": (put("domains", 0, "key", to="m o"), "instrument_malformed", "domains[0].key"),
    "unknown name": (put("colour", to="red"), "instrument_malformed", "$"),
    "no scale": (lambda document: document.pop("scale"), "instrument_malformed", "$"),
    "unknown kind": (
        put("domains", 0, "suggests", "kind", to="party"),
        "instrument_malformed",
        "domains[0].suggests.kind",
    ),
    "unknown side": (
        put("domains", 0, "suggests", "signs", to=["mayor"]),
        "instrument_malformed",
        "domains[0].suggests.signs",
    ),
    "asked of nothing": (put("about", to="a village"), "instrument_malformed", "about"),
}


@pytest.mark.parametrize(("change", "code", "path"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_instrument_is_refused_by_name_and_path(
    change: Callable[[dict[str, Any]], object], code: str, path: str
) -> None:
    with pytest.raises(Invalid) as refused:
        instruments.read(changed(change))
    assert (refused.value.code, refused.value.details["field"]) == (code, path)
    assert "“small”" in refused.value.sentence


@pytest.mark.parametrize("document", [None, [], "x", {}, {"key": 3}])
def test_what_is_no_instrument_at_all_is_refused(document: object) -> None:
    with pytest.raises(Invalid) as refused:
        instruments.read(document)
    assert refused.value.code == "instrument_malformed"


@pytest.mark.django_db
def test_an_adopted_instrument_is_a_copy_with_its_source_and_licence(
    cast: Cast, programme: Programme
) -> None:
    made = adopting.adopt(by=cast.giver_officer, programme_uuid=programme.uuid, key="general-sustainability")
    with asking(cast.community):
        kept = Instrument.objects.get(uuid=made.uuid)
    assert instruments.of(kept) == instruments.shipped_one("general-sustainability")
    assert (kept.licence, kept.digest) == ("CC-BY-4.0", instruments.of(kept).digest())


@pytest.mark.django_db
def test_the_same_edition_is_adopted_once(cast: Cast, programme: Programme) -> None:
    first = adopting.adopt(by=cast.giver, programme_uuid=programme.uuid, document=small())
    again = adopting.adopt(by=cast.giver, programme_uuid=programme.uuid, document=small())
    assert first.uuid == again.uuid
    with pytest.raises(Invalid, match="edition 1") as refused:
        adopting.adopt(
            by=cast.giver,
            programme_uuid=programme.uuid,
            document=changed(put("domains", 0, "weight", to="7")),
        )
    assert refused.value.code == "edition_taken"


@pytest.mark.django_db
def test_a_malformed_instrument_leaves_nothing_behind(cast: Cast, programme: Programme) -> None:
    with pytest.raises(Invalid):
        adopting.adopt(
            by=cast.giver,
            programme_uuid=programme.uuid,
            document=changed(put("domains", 0, "weight", to="0")),
        )
    with asking(cast.giver):
        assert not Instrument.objects.exists()
        assert not LedgerEntry.objects.filter(body__contains="instrument.adopted").exists()


@pytest.mark.django_db
def test_one_of_two_is_given(cast: Cast, programme: Programme) -> None:
    tries: list[dict[str, Any]] = [{}, {"key": "general-sustainability", "document": small()}]
    for given in tries:
        with pytest.raises(Invalid) as refused:
            adopting.adopt(by=cast.giver, programme_uuid=programme.uuid, **given)
        assert refused.value.code == "key_or_document"


@pytest.mark.django_db
def test_the_programmes_editors_adopt_and_nobody_else(cast: Cast, programme: Programme) -> None:
    for actor in (cast.giver_reporter, cast.community, cast.donor, cast.auditor):
        with pytest.raises(NotAllowed):
            adopting.adopt(by=actor, programme_uuid=programme.uuid, key="general-sustainability")
    with pytest.raises(NotFound):
        adopting.adopt(by=cast.stranger, programme_uuid=programme.uuid, key="general-sustainability")
