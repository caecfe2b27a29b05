"""Forms about consultations and what people said at them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handover.languages import day, language, translated
from handover.models import Community, Organisation, Programme, Standing
from handover.narratives import best
from handover.views.forms import DayField
from handover.views.programmes import texts
from handover.views.programmes.texts import WIDE, TextsForm
from interventions.actions.consultations import Attended
from interventions.models import AgeBand, Consultation, Format, Gender, Intervention, Outcome, Saying
from interventions.views.need_forms import Choices, labelled, needs, places

LABELS: Final[Mapping[str, Any]] = {
    "title": _("Title"),
    "held_on": _("Day"),
    "format": _("How people met"),
    "languages": _("Languages that were spoken"),
    "place": _("Place"),
    "community": _("Community"),
    "facilitator": _("Organisation that led it"),
    "facilitated_by": _("Role of who led it"),
    "heard": _("What was heard, summed up"),
}
REFERENCES: Final = ("place", "community", "facilitator")


def communities(programme: Programme) -> Choices:
    """Give the communities of a programme as choices, in one query."""
    rows = Community.objects.filter(programme=programme).order_by("name").values_list("uuid", "name")
    return [("", gettext("None")), *((str(uuid), name) for uuid, name in rows)]


def organisations(programme: Programme) -> Choices:
    """Give the organisations that stand to a programme as choices, in one query."""
    standing = Standing.objects.filter(programme=programme).values("organisation")
    rows = Organisation.objects.filter(pk__in=standing).order_by("name").values_list("uuid", "name")
    return [("", gettext("None")), *((str(uuid), name) for uuid, name in rows)]


def interventions(programme: Programme) -> Choices:
    """Give the interventions of a programme as choices, in one query."""
    rows = Intervention.objects.filter(programme=programme).order_by("pk").values_list("uuid", "title")
    return [("", gettext("None")), *((str(uuid), best(title, language())) for uuid, title in rows)]


class ConsultationForm(TextsForm):
    """What is said of a consultation."""

    needed = ("title",)

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        made: dict[str, forms.Field] = {
            "held_on": DayField(error_messages={"required": _("Enter the day.")}),
            "format": forms.ChoiceField(choices=labelled(Format)),
            "languages": forms.CharField(
                max_length=100,
                widget=forms.TextInput({"class": "govuk-input--width-10"}),
                help_text=_("Codes with commas between them: ro, lt, rom for Romani."),
                error_messages={"required": _("Enter at least one language.")},
            ),
            "place": forms.ChoiceField(choices=places(programme), required=False),
            "community": forms.ChoiceField(choices=communities(programme), required=False),
            "facilitator": forms.ChoiceField(choices=organisations(programme), required=False),
            "facilitated_by": forms.CharField(
                required=False,
                max_length=200,
                widget=forms.TextInput(WIDE),
                help_text=_("For example a mediator. Never a name."),
            ),
        }
        for name, field in made.items():
            field.label = LABELS[name]
        self.fields |= texts.text_fields("title", LABELS["title"], required=True)
        self.fields |= made
        self.fields |= texts.text_fields("heard", LABELS["heard"], required=False, long=True)

    def entry(self, row: Consultation | None = None) -> dict[str, Any]:
        """Give what was entered as the actions take it."""
        given = self.cleaned_data
        said: dict[str, Any] = {
            name: texts.given(name, given, getattr(row, name) if row else ()) for name in ("title", "heard")
        }
        said |= {name: given[name] for name in ("held_on", "format", "facilitated_by")}
        said |= {name: UUID(given[name]) if given[name] else None for name in REFERENCES}
        codes = [code.strip().lower() for code in given["languages"].replace(";", ",").split(",")]
        return said | {"languages": [code for code in codes if code]}


def start_of(row: Consultation) -> dict[str, Any]:
    """Give what the form of a consultation begins with."""
    return {
        **texts.initial("title", row.title),
        **texts.initial("heard", row.heard),
        **{name: getattr(row, name) for name in ("held_on", "format", "facilitated_by")},
        **{name: str(other.uuid) if (other := getattr(row, name)) else "" for name in REFERENCES},
        "languages": ", ".join(row.languages),
    }


def said_of(row: Consultation, name: str) -> str:
    """Say what stands in a column of a consultation."""
    value = getattr(row, name)
    match name:
        case "title" | "heard":
            return best(value, language())
        case "held_on":
            return day(value)
        case "format":
            return translated(row.get_format_display())
        case "languages":
            return ", ".join(value)
        case _:
            return str(value or "")


class AttendanceForm(forms.Form):
    """How many people came, by gender and age; a grid of counts, never names."""

    def __init__(self, *args: Any, row: Consultation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {(item.gender, item.age_band): item.people for item in row.attendance.all()}
        for gender in Gender:
            for age in AgeBand:
                count = forms.IntegerField(
                    label=gettext("%(gender)s, %(age)s")
                    % {
                        "gender": translated(gender.label).capitalize(),
                        "age": translated(age.label),
                    },
                    required=False,
                    min_value=0,
                    max_value=1_000_000,
                    initial=known.get((gender.value, age.value)),
                    widget=forms.TextInput({"inputmode": "numeric", "class": "govuk-input--width-3"}),
                )
                self.fields[_cell(gender, age)] = count
        self._known = known

    def grid(self) -> list[dict[str, Any]]:
        """Give the fields row by row."""
        return [
            {"label": translated(gender.label), "cells": [self[_cell(gender, age)] for age in AgeBand]}
            for gender in Gender
        ]

    def heads(self) -> list[str]:
        """Give what the columns are called."""
        return [translated(age.label) for age in AgeBand]

    def attended(self) -> list[Attended]:
        """Give the groups that were counted; one that is emptied has nobody."""
        found = []
        for gender in Gender:
            for age in AgeBand:
                people = self.cleaned_data[_cell(gender, age)]
                if people is not None or (gender.value, age.value) in self._known:
                    found.append(Attended(gender.value, age.value, people or 0))
        return found


def _cell(gender: Gender, age: AgeBand) -> str:
    return f"{gender.name}_{age.name}".lower()


class SayingForm(TextsForm):
    """One thing that people said."""

    needed = ("said",)

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hint = _("In the words of those who said it. Nobody is named.")
        self.fields |= texts.text_fields("said", _("What people said"), required=True, long=True, hint=hint)
        self.fields["need"] = forms.ChoiceField(
            label=_("Need that it is about"),
            required=False,
            choices=needs(programme, first=gettext("None")),
        )
        self.fields["intervention"] = forms.ChoiceField(
            label=_("Intervention that it is about"), required=False, choices=interventions(programme)
        )

    def entry(self) -> dict[str, Any]:
        """Give what was entered as the action takes it."""
        given = self.cleaned_data
        return {
            "said": texts.given("said", given),
            **{name: UUID(given[name]) if given[name] else None for name in ("need", "intervention")},
        }


class AnswerForm(TextsForm):
    """What was done about what people said."""

    needed = ("done",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"] = forms.ChoiceField(
            label=_("What became of it"),
            choices=labelled(Outcome),
            widget=forms.RadioSelect,
            error_messages={"required": _("Choose what became of it.")},
        )
        hint = _("In plain words, for those who said it: what was done, or why it was not.")
        self.fields |= texts.text_fields("done", _("What we did"), required=True, long=True, hint=hint)


DONE: Final[Mapping[str, Any]] = {"done": _("What we did")}


def done_of(row: Saying, name: str) -> str:
    """Say what stands in a column of something that was said."""
    return best(getattr(row, name), language())


class ToldForm(TextsForm):
    """When a community was told what came of its words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["told_back_on"] = DayField(
            label=_("Day on which people were told"), error_messages={"required": _("Enter the day.")}
        )


class RaisedForm(forms.Form):
    """Needs that were first raised at a consultation."""

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["needs"] = forms.MultipleChoiceField(
            label=_("Needs that were first raised there"),
            choices=choices,
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("Choose at least one need.")},
        )
