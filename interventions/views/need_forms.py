"""Forms about needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handover.languages import day, language, translated
from handover.models import Place, Programme, ProgrammePlace, Responsibility
from handover.narratives import best
from handover.views.forms import DayField
from handover.views.programmes import texts
from handover.views.programmes.texts import TextsForm
from interventions.models import Consultation, Need, NeedLevel, RaisedBy, Trend
from interventions.queries.need_pages import levels_of, numbered

TEXTS: Final = ("title", "description")
SEVERITIES: Final = {
    1: _("1, light"),
    2: _("2, felt"),
    3: _("3, serious"),
    4: _("4, severe"),
    5: _("5, life is at stake"),
}
LABELS: Final[Mapping[str, Any]] = {
    "title": _("Title"),
    "description": _("Description"),
    "level": _("Level"),
    "severity": _("Severity"),
    "people_affected": _("People affected"),
    "people_source": _("Where the number of people comes from"),
    "people_as_of": _("Day of the count"),
    "trend": _("Where it is going"),
    "place": _("Place"),
    "raised_by": _("Who said that it is a need"),
    "raised_on": _("First said on"),
    "raised_in": _("Consultation that raised it"),
    "evidence": _("What it is known from"),
    "responsibility": _("Responsibility"),
}
Choices = Sequence[tuple[str, str]]


def places(programme: Programme, *also: Place | None) -> Choices:
    """Give the places where a programme works, in one query, as choices."""
    rows = ProgrammePlace.objects.filter(programme=programme).select_related("place").order_by("place__name")
    found = {str(row.place.uuid): row.place.name for row in rows}
    found |= {str(place.uuid): place.name for place in also if place is not None}
    return [("", gettext("None")), *found.items()]


def responsibilities(programme: Programme) -> Choices:
    """Give a programme's responsibilities as choices, in one query."""
    rows = Responsibility.objects.filter(programme=programme).order_by("title").values_list("uuid", "title")
    return [("", gettext("None: the programme itself")), *((str(uuid), title) for uuid, title in rows)]


def consultations(programme: Programme) -> Choices:
    """Give a programme's consultations as choices, the latest first, in one query."""
    rows = Consultation.objects.filter(programme=programme).order_by("-held_on", "-id")
    told = [(str(row.uuid), f"{day(row.held_on)}: {best(row.title, language())}") for row in rows]
    return [("", gettext("None")), *told]


def needs(programme: Programme, *, without: Sequence[int] = (), first: str = "") -> Choices:
    """Give the needs that stand as choices, each with its number, in one query.

    Args:
        without: keys that are left out.
        first: what stands for no need at all; nothing if not said.
    """
    told = [
        (str(node.need.uuid), title)
        for node, title in numbered(programme, language())
        if node.need.pk not in without
    ]
    return [("", first), *told] if first else told


def labelled(members: Any) -> list[tuple[str, str]]:
    """Give the members of a list of the kernel as choices, in the reader's language."""
    return [(str(item.value), translated(item.label)) for item in members if item.value]


class NeedForm(TextsForm):
    """What is said of a need."""

    needed = ("title",)

    def __init__(
        self, *args: Any, programme: Programme, row: Need | None = None, adds: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        levels = levels_of(programme)
        self._keys = {str(level.uuid): level for level in levels}
        made: dict[str, forms.Field] = texts.text_fields("title", LABELS["title"], required=True)
        if adds:
            made["parent"] = forms.ChoiceField(
                label=_("Below"),
                required=False,
                choices=needs(programme, first=gettext("Nothing: at the top")),
            )
        made |= self._plain(levels, programme, row)
        made |= texts.text_fields("description", LABELS["description"], required=False, long=True)
        for name, field in made.items():
            self.fields[name] = field

    def _plain(
        self, levels: Sequence[NeedLevel], programme: Programme, row: Need | None
    ) -> dict[str, forms.Field]:
        text = forms.TextInput(texts.WIDE)
        titles = [(str(level.uuid), best(level.title, language()) or level.key) for level in levels]
        severities = [(str(value), label) for value, label in SEVERITIES.items()]
        made: dict[str, forms.Field] = {
            "level": forms.ChoiceField(
                choices=titles, help_text=_("Needs on a lower level are answered before those above.")
            ),
            "severity": forms.ChoiceField(choices=severities, widget=forms.RadioSelect),
            "people_affected": forms.IntegerField(
                required=False,
                min_value=0,
                max_value=100_000_000,
                help_text=_("An estimate, never a list of persons."),
                widget=forms.TextInput({"inputmode": "numeric", "class": "govuk-input--width-10"}),
            ),
            "people_source": forms.CharField(
                required=False,
                max_length=300,
                widget=text,
                help_text=_("Needed where people are counted."),
            ),
            "people_as_of": DayField(required=False),
            "trend": forms.ChoiceField(
                required=False, choices=[("", gettext("Not known")), *labelled(Trend)]
            ),
            "place": forms.ChoiceField(required=False, choices=places(programme, row.place if row else None)),
            "raised_by": forms.ChoiceField(choices=labelled(RaisedBy)),
            "raised_on": DayField(required=False),
            "raised_in": forms.ChoiceField(required=False, choices=consultations(programme)),
            "evidence": forms.CharField(
                required=False, max_length=10_000, widget=forms.Textarea({"rows": 3})
            ),
            "responsibility": forms.ChoiceField(required=False, choices=responsibilities(programme)),
        }
        for name, field in made.items():
            field.label = LABELS[name]
        return made

    def entry(self, row: Need | None = None) -> dict[str, Any]:
        """Give what was entered as the actions take it."""
        given = self.cleaned_data
        said: dict[str, Any] = {
            name: texts.given(name, given, getattr(row, name) if row else ()) for name in TEXTS
        }
        said |= {
            name: given[name]
            for name in (
                "people_affected",
                "people_source",
                "people_as_of",
                "trend",
                "raised_by",
                "raised_on",
            )
        }
        said |= {name: UUID(given[name]) if given[name] else None for name in REFERENCES}
        return said | {
            "level": self._keys[given["level"]].key,
            "severity": int(given["severity"]),
            "evidence": given["evidence"],
        }


REFERENCES: Final = ("place", "raised_in", "responsibility")


def start_of(row: Need) -> dict[str, Any]:
    """Give what the form of a need begins with."""
    plain = (
        "people_affected",
        "people_source",
        "people_as_of",
        "trend",
        "raised_by",
        "raised_on",
        "evidence",
    )
    return {
        **texts.initial("title", row.title),
        **texts.initial("description", row.description),
        **{name: getattr(row, name) for name in plain},
        **{name: str(other.uuid) if (other := getattr(row, name)) else "" for name in REFERENCES},
        "level": str(row.level.uuid),
        "severity": str(row.severity),
    }


def said_of(row: Need, name: str) -> str:
    """Say what stands in a column of a need."""
    value = getattr(row, name)
    match name:
        case "title" | "description":
            return best(value, language())
        case "level":
            return best(value.title, language())
        case "people_as_of" | "raised_on":
            return day(value)
        case "trend" | "raised_by":
            return translated(getattr(row, f"get_{name}_display")())
        case _:
            return "" if value is None else str(value)


class MoveForm(TextsForm):
    """Where a need is put."""

    def __init__(self, *args: Any, programme: Programme, without: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"] = forms.ChoiceField(
            label=_("Put it below"),
            required=False,
            choices=needs(programme, without=without, first=gettext("Nothing: at the top")),
            help_text=_("All that stands below it goes with it."),
        )
        self.fields["rank"] = forms.IntegerField(
            label=_("Place among those of its level"),
            required=False,
            min_value=1,
            max_value=10_000,
            help_text=_("1 comes first. Left empty it comes last."),
            widget=forms.TextInput({"inputmode": "numeric", "class": "govuk-input--width-3"}),
        )


class ReasonForm(TextsForm):
    """Why something is so."""

    def __init__(self, *args: Any, label: Any, hint: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"] = forms.CharField(
            label=label,
            help_text=hint,
            max_length=10_000,
            widget=forms.Textarea({"rows": 3}),
            error_messages={"required": _("Say why.")},
        )


class OtherNeedForm(forms.Form):
    """Another need, and why where it must be said."""

    other = forms.ChoiceField(error_messages={"required": _("Choose a need.")})
    field_order = ("other",)

    def __init__(
        self, *args: Any, label: Any, choices: Choices, asks_why: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["other"]
        field.label, field.choices = label, choices
        if asks_why:
            self.fields["reason"] = forms.CharField(
                label=_("Why"),
                max_length=10_000,
                widget=forms.Textarea({"rows": 3}),
                error_messages={"required": _("Say why.")},
            )


PARTS: Final = 4


class SplitForm(forms.Form):
    """What a need is split into: two titles at least, in the reader's language."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, PARTS + 1):
            self.fields[f"part_{number}"] = forms.CharField(
                label=gettext("Part %(number)s") % {"number": number},
                required=number < 3,
                max_length=1_000,
                widget=forms.TextInput(texts.WIDE | {"lang": language()}),
                error_messages={"required": _("Enter at least two parts.")},
            )
        self.fields["reason"] = forms.CharField(
            label=_("Why"),
            max_length=10_000,
            widget=forms.Textarea({"rows": 3}),
            error_messages={"required": _("Say why.")},
        )

    @property
    def parts(self) -> list[dict[str, Any]]:
        """Give the parts as the action takes them."""
        given = [self.cleaned_data.get(f"part_{number}") for number in range(1, PARTS + 1)]
        return [{"title": {language(): text}} for text in given if text]
