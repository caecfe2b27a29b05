"""How a file is to be read as far as somebody said so, how it would be read, and what has to be asked before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from handover.errors import Invalid
from indicators.exchange.own_form import OwnForm
from indicators.exchange.sheets.questions import Proposal, Question

OPTIONS: Final = 8
"""Possible answers that a sentence names; ``details`` have them all."""


@dataclass(frozen=True, kw_only=True)
class How:
    """How a file is to be read, as far as somebody said so.

    ``answers`` are those to the questions of a proposal, by their keys; ``reason`` is why values change, where a row
    does not say so itself.
    """

    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""

    def as_json(self) -> dict[str, object]:
        """Give it as a JSON object; what was not said is left out."""
        said = {
            "sheet": self.sheet,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "reason": self.reason,
        }
        return {**{name: text for name, text in said.items() if text}, "answers": dict(self.answers)}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        """Read it from a JSON object."""
        return cls(**{**said, "answers": dict(said.get("answers", {}))})


@dataclass(frozen=True)
class Look:
    """How a file would be read. ``proposal`` is none where the file is in the toolkit's own form."""

    kind: str
    sheet: str | None
    sheets: tuple[str, ...]
    template: bool
    own_form: OwnForm | None
    proposal: Proposal | None
    digest: str

    @property
    def questions(self) -> tuple[Question, ...]:
        """Give what has to be answered before the file can be read."""
        return self.proposal.questions if self.proposal else ()

    @property
    def ready(self) -> bool:
        """Tell whether nothing has to be answered."""
        return not self.questions

    def as_json(self) -> dict[str, Any]:
        """Give it as a JSON object."""
        said = self.proposal.as_json() if self.proposal else {"plan": None, "questions": [], "notes": []}
        return {
            "kind": self.kind,
            "sheet": self.sheet,
            "sheets": list(self.sheets),
            "template": self.template,
            "own_form": list(self.own_form.names) if self.own_form else None,
            "sha256": self.digest,
            "ready": self.ready,
            **said,
        }


def how_to_answer(question: Question) -> str:
    """Say how a question is answered."""
    named = question.key in {"indicator", "place"}
    said = [f"“{option.label if named else option.value}”" for option in question.options[:OPTIONS]]
    if not said:
        return f"Answer “{question.key}”."
    more = " …" if len(question.options) > OPTIONS else ""
    return f"Answer “{question.key}” with {', '.join(said)}{more}."


def asked(proposal: Proposal) -> Invalid:
    """Ask the first question, and say how it is answered."""
    first = proposal.questions[0]
    others = len(proposal.questions) - 1
    besides = f" {others} more to answer." if others else ""
    return Invalid(
        "questions",
        f"{first.sentence} {how_to_answer(first)}{besides}",
        questions=proposal.as_json()["questions"],
    )
