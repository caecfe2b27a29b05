"""Instruments of readiness as data: read from a document, checked as a whole, and those that ship with the toolkit."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from handover.canonical import decimal_text
from handover.errors import Invalid
from handover.models import Instrument
from handover.models.milestones import MilestoneKind, Side
from handover.narratives import Narrative, narratives
from handover.queries.questionnaires import Domain, Item, Questionnaire, Suggestion

FOLDER: Final = Path(__file__).parents[1] / "instruments"
ABOUT: Final = ("programme", "responsibility", "")
"""What an instrument is asked about: a programme, one responsibility, or (empty) either."""
STEPS: Final = 20
"""Steps of the longest scale."""
MANY: Final = 50
"""Domains at most, and items of a domain at most."""
LONGEST: Final = 1000
"""Characters of the longest text."""
KEY: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
NUMBER: Final = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,6})?")
LANGUAGE: Final = re.compile(r"[a-z]{2}")
KEY_LENGTH: Final = 80
SUGGESTED_DAYS: Final = 90


def of(instrument: Instrument) -> Questionnaire:
    """Read an instrument as a programme keeps it."""
    said = {name: getattr(instrument, name) for name in ("key", "edition", "title", "source", "licence")}
    return read({**said, **instrument.document})


def shipped() -> list[Questionnaire]:
    """Give the instruments that ship with the toolkit, by their keys."""
    return sorted(_shipped(), key=lambda item: item.key)


@cache
def _shipped() -> tuple[Questionnaire, ...]:
    return tuple(read(json.loads(path.read_text("utf-8"))) for path in FOLDER.glob("*.json"))


def shipped_one(key: str) -> Questionnaire:
    """Give an instrument that ships with the toolkit.

    Raises:
        Invalid: there is none; it names those that there are.
    """
    for item in shipped():
        if item.key == key:
            return item
    there = ", ".join(item.key for item in shipped())
    raise Invalid(
        "unknown_instrument",
        f"No instrument “{key}” ships with the toolkit; there are: {there}.",
        field="key",
    )


def read(document: object) -> Questionnaire:
    """Read an instrument's document and check it as a whole.

    Raises:
        Invalid: something in it breaks a rule; the sentence names the instrument and the path.
    """
    named = document.get("key") if isinstance(document, Mapping) else None
    return _Reading(str(named) if isinstance(named, str) and named else "?").read(document)


class _Reading:
    """One instrument on its way in; ``name`` is what errors call it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def wrong(self, path: str, sentence: str, code: str = "instrument_malformed") -> Invalid:
        """Make the error, with what it is about."""
        return Invalid(code, f"Instrument “{self.name}”, {path}: {sentence}", field=path)

    def read(self, document: object) -> Questionnaire:
        """Read all of it."""
        texts = ("key", "edition", "title", "source", "licence")
        row = self.row(document, "$", (*texts, "scale", "thresholds", "domains"), ("about",))
        about = row.get("about", "")
        if about not in ABOUT:
            raise self.wrong("about", "say “programme” or “responsibility”, or leave it out.")
        lowest, highest, labels = self.scale(row["scale"])
        ready, nearly = self.thresholds(row["thresholds"])
        domains = tuple(
            self.domain(item, f"domains[{at}]")
            for at, item in enumerate(self.entries(row["domains"], "domains"))
        )
        self.once([domain.key for domain in domains], "domains")
        self.once([item.key for domain in domains for item in domain.items], "items of all domains")
        return Questionnaire(
            key=self.key(row["key"], "key"),
            edition=self.text(row["edition"], "edition", 20),
            title=self.narratives(row["title"], "title"),
            source=self.text(row["source"], "source", 300),
            licence=self.text(row["licence"], "licence", 120),
            about=about,
            lowest=lowest,
            highest=highest,
            labels=labels,
            ready=ready,
            nearly=nearly,
            domains=domains,
            document=_document(about, lowest, highest, labels, ready, nearly, domains),
        )

    def row(
        self, value: object, path: str, needed: Sequence[str], possible: Sequence[str] = ()
    ) -> Mapping[str, Any]:
        """Take an object with exactly these names."""
        if not isinstance(value, Mapping):
            raise self.wrong(path, "an object is expected here.")
        missing = [name for name in needed if name not in value]
        if missing:
            raise self.wrong(path, f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing.")
        unknown = sorted(str(name) for name in value if name not in needed and name not in possible)
        if unknown:
            raise self.wrong(path, f"nothing is called {', '.join(unknown)} here.")
        return value

    def entries(self, value: object, path: str) -> Sequence[Any]:
        """Take a list that is neither empty nor endless."""
        if not isinstance(value, list | tuple) or not value:
            raise self.wrong(path, "a list with at least one entry is expected here.")
        if len(value) > MANY:
            raise self.wrong(path, f"{len(value)} are too many; {MANY} at most.")
        return value

    def text(self, value: object, path: str, longest: int) -> str:
        """Take a text."""
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(path, "a text is expected here.")
        if len(value) > longest:
            raise self.wrong(path, f"{len(value)} characters are too long; {longest} at most.")
        return value.strip()

    def key(self, value: object, path: str) -> str:
        """Take a key: small letters, digits, hyphens."""
        key = self.text(value, path, KEY_LENGTH)
        if not KEY.fullmatch(key):
            raise self.wrong(path, f"“{key}” is no key: small letters, digits and hyphens.")
        return key

    def narratives(self, value: object, path: str) -> list[Narrative]:
        """Take a text in one or several languages."""
        if isinstance(value, Mapping):
            pairs = list(value.items())
        elif isinstance(value, list | tuple) and all(isinstance(item, Mapping) for item in value):
            pairs = [(item.get("lang"), item.get("text")) for item in value]
        else:
            pairs = [(None, value)]
        if not pairs:
            raise self.wrong(path, "a text is expected here.")
        for lang, text in pairs:
            if lang is not None and not (isinstance(lang, str) and LANGUAGE.fullmatch(lang)):
                raise self.wrong(path, f"“{lang}” is no language: two small letters.")
            self.text(text, path, LONGEST)
        return narratives([Narrative(lang=lang, text=text.strip()) for lang, text in pairs])

    def number(self, value: object, path: str) -> Decimal:
        """Take a number that is not negative, as a whole number or as text."""
        text = str(value) if isinstance(value, int | str | Decimal) and not isinstance(value, bool) else ""
        if isinstance(value, float):
            text = repr(value)
        if not NUMBER.fullmatch(text):
            raise self.wrong(path, f"“{value}” is no number: up to six digits, and six after the point.")
        return Decimal(text)

    def weight(self, row: Mapping[str, Any], path: str) -> Decimal:
        """Take a weight; 1 if none is said."""
        weight = self.number(row.get("weight", 1), f"{path}.weight")
        if weight <= 0:
            raise self.wrong(f"{path}.weight", "a weight is above zero.", "weight_not_positive")
        return weight

    def scale(self, value: object) -> tuple[int, int, dict[int, Sequence[Narrative]]]:
        """Take the scale: its ends, and what each step is called."""
        row = self.row(value, "scale", ("from", "to", "labels"))
        lowest, highest = row["from"], row["to"]
        whole = all(isinstance(end, int) and not isinstance(end, bool) for end in (lowest, highest))
        if not whole or not 0 <= lowest < highest or highest - lowest > STEPS:
            raise self.wrong("scale", f"from and to are whole numbers, from below to, {STEPS} steps at most.")
        labels: dict[int, Sequence[Narrative]] = {}
        for at, item in enumerate(self.entries(row["labels"], "scale.labels")):
            path = f"scale.labels[{at}]"
            label = self.row(item, path, ("step", "label"))
            step = label["step"]
            if isinstance(step, bool) or not isinstance(step, int) or not lowest <= step <= highest:
                raise self.wrong(f"{path}.step", f"a step from {lowest} to {highest} is expected here.")
            if step in labels:
                raise self.wrong(f"{path}.step", f"step {step} has a label already.", "repeated_key")
            labels[step] = self.narratives(label["label"], f"{path}.label")
        missing = [str(step) for step in range(lowest, highest + 1) if step not in labels]
        if missing:
            raise self.wrong("scale.labels", f"no label for {', '.join(missing)}.")
        return lowest, highest, labels

    def thresholds(self, value: object) -> tuple[Decimal, Decimal]:
        """Take from which score on something is ready, and from which nearly."""
        row = self.row(value, "thresholds", ("ready", "nearly"))
        ready = self.number(row["ready"], "thresholds.ready")
        nearly = self.number(row["nearly"], "thresholds.nearly")
        if nearly >= ready:
            raise self.wrong(
                "thresholds",
                f"nearly ({decimal_text(nearly)}) must lie below ready ({decimal_text(ready)}).",
                "thresholds_reversed",
            )
        if ready > 100:
            raise self.wrong("thresholds.ready", "a threshold is on a scale of 0 to 100.")
        return ready, nearly

    def domain(self, value: object, path: str) -> Domain:
        """Take a domain."""
        row = self.row(value, path, ("key", "title", "items"), ("weight", "suggests"))
        suggests = row.get("suggests")
        return Domain(
            key=self.key(row["key"], f"{path}.key"),
            title=self.narratives(row["title"], f"{path}.title"),
            weight=self.weight(row, path),
            items=tuple(
                self.item(item, f"{path}.items[{at}]")
                for at, item in enumerate(self.entries(row["items"], f"{path}.items"))
            ),
            suggests=self.suggestion(suggests, f"{path}.suggests") if suggests is not None else None,
        )

    def item(self, value: object, path: str) -> Item:
        """Take an item."""
        row = self.row(value, path, ("key", "text"), ("weight",))
        return Item(
            self.key(row["key"], f"{path}.key"),
            self.narratives(row["text"], f"{path}.text"),
            self.weight(row, path),
        )

    def suggestion(self, value: object, path: str) -> Suggestion:
        """Take the milestone that a domain suggests."""
        row = self.row(value, path, ("kind", "title"), ("signs", "days"))
        if row["kind"] not in MilestoneKind.values:
            raise self.wrong(f"{path}.kind", f"“{row['kind']}” is no kind of transfer milestone.")
        signs = self.entries(row.get("signs", [Side.GIVER.value, Side.RECEIVER.value]), f"{path}.signs")
        if any(side not in Side.values for side in signs):
            raise self.wrong(f"{path}.signs", f"sides are: {', '.join(Side.values)}.")
        days = row.get("days", SUGGESTED_DAYS)
        if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= 1000:
            raise self.wrong(f"{path}.days", "days are a whole number from 1 to 1000.")
        title = self.narratives(row["title"], f"{path}.title")
        if max(len(text["text"]) for text in title) > 300:
            raise self.wrong(f"{path}.title", "a milestone's title has 300 characters at most.")
        return Suggestion(MilestoneKind(row["kind"]), title, tuple(Side(side) for side in signs), days)

    def once(self, keys: Sequence[str], path: str) -> None:
        """Refuse a key that is there twice."""
        for at, key in enumerate(keys):
            if key in keys[:at]:
                raise self.wrong(path, f"“{key}” is there twice.", "repeated_key")


def _document(
    about: str,
    lowest: int,
    highest: int,
    labels: Mapping[int, Sequence[Narrative]],
    ready: Decimal,
    nearly: Decimal,
    domains: Sequence[Domain],
) -> dict[str, Any]:
    """Write in JSON types what was read, always in the same form."""
    return {
        "about": about,
        "scale": {
            "from": lowest,
            "to": highest,
            "labels": [{"step": step, "label": list(labels[step])} for step in sorted(labels)],
        },
        "thresholds": {"ready": decimal_text(ready), "nearly": decimal_text(nearly)},
        "domains": [
            {
                "key": domain.key,
                "title": list(domain.title),
                "weight": decimal_text(domain.weight),
                "items": [
                    {"key": item.key, "text": list(item.text), "weight": decimal_text(item.weight)}
                    for item in domain.items
                ],
                **({"suggests": _suggested(domain.suggests)} if domain.suggests else {}),
            }
            for domain in domains
        ],
    }


def _suggested(item: Suggestion) -> dict[str, Any]:
    return {
        "kind": item.kind.value,
        "title": list(item.title),
        "signs": [side.value for side in item.signs],
        "days": item.days,
    }
