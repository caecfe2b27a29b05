"""What is proposed, asked and said about a sheet before it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from indicators.exchange.sheets.opening import Note
from indicators.exchange.sheets.plans import Plan


@dataclass(frozen=True, slots=True)
class Option:
    """One possible answer."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Question:
    """What must be answered before the sheet is read. The answer goes under ``key``; no options: free text."""

    key: str
    code: str
    sentence: str
    column: str = ""
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """How a sheet would be read, what is asked and what is merely said."""

    plan: Plan
    questions: tuple[Question, ...]
    notes: tuple[Note, ...]

    @property
    def ready(self) -> bool:
        """Tell whether nothing is left to ask."""
        return not self.questions

    def as_json(self) -> dict[str, Any]:
        """Give the proposal as a JSON object."""
        return {
            "plan": self.plan.as_json(),
            "questions": [
                {
                    "key": item.key,
                    "code": item.code,
                    "sentence": item.sentence,
                    "column": item.column,
                    "options": [{"value": option.value, "label": option.label} for option in item.options],
                }
                for item in self.questions
            ],
            "notes": [{"code": item.code, "sentence": item.sentence} for item in self.notes],
        }
