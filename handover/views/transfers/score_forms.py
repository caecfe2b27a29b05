"""Forms of readiness: beginning, answering a domain, agreeing, adopting an instrument."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handover import clock
from handover.actions.readiness import Answer
from handover.languages import language, translated
from handover.models import Responsibility, Score, Transfer
from handover.models.readiness import Wave
from handover.narratives import best
from handover.queries.questionnaires import Domain, Questionnaire
from handover.queries.readiness_pages import Compared
from handover.views.forms import DayField

NOT_APPLICABLE: Final = "none"
"""What the form sends for an item that does not apply."""


class StepField(forms.ChoiceField):
    """A step of the scale. One that is left for later may stay empty."""

    widget = forms.RadioSelect
    later = False

    def validate(self, value: Any) -> None:
        """Refuse an item without an answer, unless it is left for later."""
        if value or not self.later:
            super().validate(value)


def labels(questionnaire: Questionnaire) -> dict[str, str]:
    """Name the steps of an instrument's scale, the lowest first, and what stands for “does not apply”."""
    lang = language()
    steps = {
        str(step): f"{step} – {best(questionnaire.labels[step], lang)}"
        for step in range(questionnaire.lowest, questionnaire.highest + 1)
    }
    return {**steps, NOT_APPLICABLE: gettext("does not apply here")}


def shown(step: int | None) -> str:
    """Give a step as the form sends it."""
    return NOT_APPLICABLE if step is None else str(step)


def taken(text: str) -> int | None:
    """Give a step that the form sent."""
    return None if text == NOT_APPLICABLE else int(text)


class DomainForm(forms.Form):
    """The items of one domain, each with its step and a remark."""

    use_required_attribute = False

    def __init__(
        self,
        *args: Any,
        questionnaire: Questionnaire,
        domain: Domain,
        scores: Mapping[str, Score],
        later: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.domain = domain
        for item in domain.items:
            row = scores.get(item.key)
            field = StepField(
                label=best(item.text, language()),
                choices=list(labels(questionnaire).items()),
                initial=shown(row.score) if row else None,
                error_messages={"required": _("Say how far this is, or that it does not apply.")},
            )
            field.later = later
            self.fields[f"step-{item.key}"] = field
            self.fields[f"remark-{item.key}"] = forms.CharField(
                label=_("Your words"),
                required=False,
                max_length=2000,
                widget=forms.Textarea({"rows": 2}),
                initial=row.remark if row else "",
            )

    def pairs(self) -> list[dict[str, Any]]:
        """Give step and remark of each item."""
        return [
            {"step": self[f"step-{item.key}"], "remark": self[f"remark-{item.key}"]}
            for item in self.domain.items
        ]

    def answers(self) -> list[Answer]:
        """Give what was answered; what is left for later is not."""
        said = self.cleaned_data
        return [
            Answer(item.key, taken(said[f"step-{item.key}"]), said[f"remark-{item.key}"])
            for item in self.domain.items
            if said[f"step-{item.key}"]
        ]


class AgreedForm(forms.Form):
    """What the sides agree on: the items on which they are not at one."""

    use_required_attribute = False

    def __init__(
        self,
        *args: Any,
        questionnaire: Questionnaire,
        items: Sequence[Compared],
        remark: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.items = [item for item in items if not item.at_one]
        for item in self.items:
            self.fields[f"step-{item.key}"] = StepField(
                label=item.text,
                choices=list(labels(questionnaire).items()),
                initial=shown(item.agreed.score) if item.agreed else None,
                error_messages={"required": _("Say on which step you agree.")},
            )
            self.fields[f"remark-{item.key}"] = forms.CharField(
                label=_("Why"),
                required=False,
                max_length=2000,
                widget=forms.Textarea({"rows": 2}),
                initial=item.agreed.remark if item.agreed else "",
                help_text=_("Needed: you are two steps or more apart.") if item.apart else "",
            )
        self.fields["remark"] = forms.CharField(
            label=_("How you agreed"),
            required=False,
            max_length=10_000,
            widget=forms.Textarea({"rows": 3}),
            initial=remark,
            help_text=_("For example: in a meeting of all sides. Name nobody."),
        )

    def clean(self) -> dict[str, Any]:
        """Ask for the reasons that are needed."""
        found: dict[str, Any] = super().clean() or {}
        for item in self.items:
            step = found.get(f"step-{item.key}")
            if step and item.needs_reason(taken(step)) and not found.get(f"remark-{item.key}"):
                self.add_error(
                    f"remark-{item.key}",
                    gettext("Say why: your scores are far apart, or nobody had scored this step."),
                )
        return found

    def rows(self) -> list[dict[str, Any]]:
        """Give each item with its fields and what each side scored."""
        return [
            {"item": item, "step": self[f"step-{item.key}"], "remark": self[f"remark-{item.key}"]}
            for item in self.items
        ]

    def answers(self) -> list[Answer]:
        """Give what is agreed on."""
        said = self.cleaned_data
        return [
            Answer(item.key, taken(said[f"step-{item.key}"]), said[f"remark-{item.key}"])
            for item in self.items
        ]


class BeginForm(forms.Form):
    """What is scored, by which instrument."""

    instrument = forms.ChoiceField(label=_("Questions"), widget=forms.RadioSelect)
    transfer = forms.ChoiceField(
        label=_("Of which transfer"), required=False, help_text=_("Or of none in particular.")
    )
    responsibility = forms.ChoiceField(
        label=_("Of which responsibility"),
        required=False,
        help_text=_("Some questions are asked of one responsibility at a time, others of the whole."),
    )
    wave = forms.ChoiceField(label=_("When"))
    scored_on = DayField(label=_("Scored on"), initial=clock.today)

    def __init__(
        self,
        *args: Any,
        questions: Mapping[str, Questionnaire],
        transfers: Sequence[Transfer],
        responsibilities: Sequence[Responsibility],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        lang = language()
        offered: dict[str, list[tuple[str, str]]] = {
            "instrument": [(key, best(found.title, lang)) for key, found in questions.items()],
            "transfer": [("", "–"), *((str(row.uuid), row.title) for row in transfers)],
            "responsibility": [
                ("", gettext("the programme as a whole")),
                *((str(row.uuid), row.title) for row in responsibilities),
            ],
            "wave": [(wave.value, translated(str(wave.label)).capitalize()) for wave in Wave],
        }
        for name, found in offered.items():
            self.fields[name].choices = found  # type: ignore[attr-defined]


class AdoptForm(forms.Form):
    """Questions that ship with the toolkit."""

    key = forms.ChoiceField(label=_("Questions"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, shipped: Sequence[Questionnaire], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lang = language()
        self.fields["key"].choices = [(found.key, best(found.title, lang)) for found in shipped]  # type: ignore[attr-defined]
