"""Forms about interventions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handover.languages import day, language, number, translated
from handover.models import Programme
from handover.narratives import best
from handover.views.forms import AmountField, DayField
from handover.views.programmes import texts
from handover.views.programmes.texts import TextsForm
from interventions.models import Audience, Field, Intervention, Strand
from interventions.views.need_forms import Choices, consultations, labelled, places

LABELS: Final[Mapping[str, Any]] = {
    "title": _("Title"),
    "description": _("Description"),
    "field": _("Field of work"),
    "also_in": _("Further fields of work"),
    "strand": _("Strand of the work against discrimination"),
    "audience": _("Whom it works with"),
    "responsibility": _("Responsibility"),
    "place": _("Place"),
    "starts_on": _("First day"),
    "ends_on": _("Last day"),
    "effort": _("What beginning it asks of the team"),
}


def why_fields(programme: Programme, *, needed: bool) -> dict[str, forms.Field]:
    """Make the fields that say why an intervention is changed."""
    return {
        "reason": forms.CharField(
            label=_("Why"),
            required=needed,
            max_length=10_000,
            widget=forms.Textarea({"rows": 3}),
            error_messages={"required": _("Say why.")},
        ),
        "consultation": forms.ChoiceField(
            label=_("Consultation that prompted it"), required=False, choices=consultations(programme)
        ),
    }


def why_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Give why, as the actions take it."""
    held = given.get("consultation")
    return {"reason": given.get("reason", ""), "consultation": UUID(held) if held else None}


class InterventionForm(TextsForm):
    """What is said of an intervention."""

    needed = ("title",)

    def __init__(
        self,
        *args: Any,
        programme: Programme,
        responsibilities: Choices,
        row: Intervention | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        made: dict[str, forms.Field] = {
            "field": forms.ChoiceField(choices=labelled(Field)),
            "also_in": forms.MultipleChoiceField(
                choices=labelled(Field), required=False, widget=forms.CheckboxSelectMultiple
            ),
            "strand": forms.ChoiceField(
                choices=[("", gettext("None")), *labelled(Strand)],
                required=False,
                help_text=_("For anti-discrimination: always, and only there."),
            ),
            "audience": forms.ChoiceField(choices=labelled(Audience)),
            "responsibility": forms.ChoiceField(choices=responsibilities, required=False),
            "place": forms.ChoiceField(choices=places(programme, row.place if row else None), required=False),
            "starts_on": DayField(required=False),
            "ends_on": DayField(required=False, help_text=_("Leave it empty if it goes on.")),
            "effort": AmountField(
                required=False, max_digits=8, decimal_places=2, help_text=_("For example person-months.")
            ),
        }
        for name, field in made.items():
            field.label = LABELS[name]
        self.fields |= texts.text_fields("title", LABELS["title"], required=True)
        self.fields |= made
        self.fields |= texts.text_fields("description", LABELS["description"], required=False, long=True)
        if row is not None:
            self.fields |= why_fields(programme, needed=True)

    def entry(self, row: Intervention | None = None) -> dict[str, Any]:
        """Give what was entered as the actions take it; of one that is there only what changes."""
        given = self.cleaned_data
        said: dict[str, Any] = {
            name: texts.given(name, given, getattr(row, name) if row else ())
            for name in ("title", "description")
        }
        said |= {
            name: given[name]
            for name in ("field", "strand", "audience", "starts_on", "ends_on", "effort", "also_in")
        }
        said |= {name: UUID(given[name]) if given[name] else None for name in ("responsibility", "place")}
        if row is None:
            return said
        was = _was(row)
        return {name: value for name, value in said.items() if value != was[name]}


def _was(row: Intervention) -> dict[str, Any]:
    plain = {name: getattr(row, name) for name in LABELS}
    return plain | {
        name: other.uuid if (other := getattr(row, name)) else None for name in ("responsibility", "place")
    }


def start_of(row: Intervention) -> dict[str, Any]:
    """Give what the form of an intervention begins with."""
    was = _was(row)
    return {
        **texts.initial("title", was.pop("title")),
        **texts.initial("description", was.pop("description")),
        **{name: str(value) if isinstance(value, UUID) else value for name, value in was.items()},
    }


def said_of(row: Intervention, name: str) -> str:
    """Say what stands in a column of an intervention."""
    value = getattr(row, name)
    match name:
        case "title" | "description":
            return best(value, language())
        case "starts_on" | "ends_on":
            return day(value)
        case "field" | "strand" | "audience":
            return translated(getattr(row, f"get_{name}_display")())
        case "also_in":
            return ", ".join(translated(Field(item).label) for item in value)
        case "effort":
            return number(value)
        case _:
            return str(value or "")


class EndForm(TextsForm):
    """The last day of an intervention, and why it ends."""

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ends_on"] = DayField(
            label=LABELS["ends_on"], error_messages={"required": _("Enter the last day.")}
        )
        self.fields |= why_fields(programme, needed=True)


class LinkForm(forms.Form):
    """Something that an intervention is linked with, or no longer, and why."""

    def __init__(
        self, *args: Any, programme: Programme, label: Any, choices: Choices, needed: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["other"] = forms.ChoiceField(
            label=label, choices=choices, error_messages={"required": _("Choose one.")}
        )
        self.fields |= why_fields(programme, needed=needed)
