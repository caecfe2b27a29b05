"""The forms by which results and indicators are defined, and what they are measured against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handover import languages
from handover.models import Responsibility
from handover.narratives import Narrative, best
from handover.views.forms import AmountField, DayField
from indicators.actions.breaks import Broken
from indicators.models import Axis, Indicator, Result
from indicators.models.cells import DECIMAL_PLACES
from indicators.models.codes import Aggregation, BreakKind, CountingRule, Frequency, Measure, ResultType
from indicators.models.definitions import DIGITS
from indicators.views import words

SMALL: Final = {"rows": 2}
TEXTS: Final = ("title", "description")
SELDOM: Final = ("ascending", "green_from", "amber_from", "over_time", "over_places", "over_groups", "source", "method",
                 "collected_by")  # fmt: skip
PLAIN: Final = ("measure", "counting_rule", "unit", "currency", "frequency", "due_days", "approval", "source", "method",
                "collected_by", "over_time", "over_places", "over_groups", "green_from", "amber_from")  # fmt: skip


def _labels(choices: Any, *, empty: Any = None) -> list[tuple[str, str]]:
    said = [(item.value, languages.translated(item.label)) for item in choices]
    return said if empty is None else [("", str(empty)), *said]


def with_language(before: Sequence[Narrative], text: str, lang: str) -> list[Narrative]:
    """Put a text in one language beside those in others; an empty one takes its language away."""
    others = [Narrative(lang=item["lang"], text=item["text"]) for item in before if item["lang"] != lang]
    own = [Narrative(lang=lang, text=text.strip())] if text.strip() else []
    return [*own, *others]


class ResultForm(forms.Form):
    """A result: what should become of the programme."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(label=_("What should come about"), max_length=500)
    type = forms.ChoiceField(label=_("Kind of result"))
    description = forms.CharField(
        label=_("Description"), widget=forms.Textarea(attrs=SMALL), max_length=5000, required=False
    )

    def __init__(self, row: Result | None, lang: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row, self.lang = row, lang
        kind: Any = self.fields["type"]
        kind.choices = _labels(ResultType)
        if row is not None:
            self.initial = {
                "version": row.version,
                "type": row.type,
                **{name: best(getattr(row, name), lang) for name in TEXTS},
            }

    def entry(self) -> dict[str, Any]:
        """Give what the action takes; of one that is there, only what changed."""
        return _changed(
            self, {"type": self.cleaned_data["type"], **_texts(self, self.row, self.lang)}, self.row
        )


class IndicatorForm(forms.Form):
    """An indicator: how a result is measured."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    result = forms.ChoiceField(label=_("Result that it measures"))
    title = forms.CharField(label=_("What is measured"), max_length=500)
    description = forms.CharField(
        label=_("Description"), widget=forms.Textarea(attrs=SMALL), max_length=5000, required=False
    )
    measure = forms.ChoiceField(label=_("What a value is"), widget=forms.RadioSelect)
    unit = forms.CharField(
        label=_("Unit"), help_text=_("For example: persons, meetings, EUR."), max_length=60, required=False
    )
    currency = forms.CharField(
        label=_("Currency"),
        help_text=_("Three letters, where it is an amount of money."),
        max_length=3,
        required=False,
    )
    counting_rule = forms.ChoiceField(label=_("What a count of people counts"), widget=forms.RadioSelect)
    axes = forms.MultipleChoiceField(
        label=_("Broken down by"), widget=forms.CheckboxSelectMultiple, required=False
    )
    frequency = forms.ChoiceField(label=_("How often"), required=False)
    due_days = forms.IntegerField(
        label=_("Days after a period’s end until which a value is in time"),
        min_value=0,
        max_value=400,
        required=False,
    )
    approval = forms.BooleanField(label=_("Somebody else approves values before they count"), required=False)
    responsibility = forms.ChoiceField(
        label=_("Responsibility"),
        help_text=_("Whoever holds it reports the values; without one the steward of the programme does."),
        required=False,
    )
    ascending = forms.ChoiceField(label=_("Which way is better"), required=False)
    green_from = AmountField(
        label=_("On track from … per cent of the way"), max_digits=6, decimal_places=2, required=False
    )
    amber_from = AmountField(
        label=_("At risk from … per cent of the way"), max_digits=6, decimal_places=2, required=False
    )
    over_time = forms.ChoiceField(label=_("Several periods become one number"), required=False)
    over_places = forms.ChoiceField(label=_("Several places become one number"), required=False)
    over_groups = forms.ChoiceField(label=_("Several groups become one number"), required=False)
    source = forms.CharField(
        label=_("Source"), widget=forms.Textarea(attrs=SMALL), max_length=2000, required=False
    )
    method = forms.CharField(
        label=_("Method"), widget=forms.Textarea(attrs=SMALL), max_length=5000, required=False
    )
    collected_by = forms.CharField(
        label=_("Collected by"),
        help_text=_("An office or a post, not a person."),
        max_length=300,
        required=False,
    )
    break_on = DayField(
        label=_("First day from which it is counted otherwise"),
        help_text=_(
            "Needed where the change makes a new series, so that nobody compares what cannot be compared."
        ),
        required=False,
    )
    break_reason = forms.CharField(
        label=_("What changes"), widget=forms.Textarea(attrs=SMALL), max_length=5000, required=False
    )

    def __init__(
        self,
        row: Indicator | None,
        lang: str,
        *args: Any,
        results: Sequence[Result],
        responsibilities: Sequence[Responsibility],
        axes: Sequence[Axis],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.row, self.lang = row, lang
        titles = words.titles(axes)
        self._offer(
            "result", [(str(item.uuid), best(item.title, lang) or str(item.uuid)) for item in results]
        )
        self._offer(
            "responsibility",
            [
                ("", gettext("The programme as a whole")),
                *((str(item.uuid), item.title) for item in responsibilities),
            ],
        )
        self._offer("axes", [(axis.name, words.axis(axis.name, titles)) for axis in axes])
        self._offer(
            "measure",
            [
                (Measure.UNIT.value, gettext("a number")),
                (Measure.PERCENTAGE.value, gettext("a share")),
                (Measure.ORDINAL.value, gettext("ranks")),
                (Measure.QUALITATIVE.value, gettext("words")),
                (Measure.NOMINAL.value, gettext("names without an order")),
            ],
        )
        self._offer("counting_rule", _labels(CountingRule))
        self._offer("frequency", _labels(Frequency, empty=gettext("not said")))
        usual = gettext("as measure and counting rule say")
        for name in ("over_time", "over_places", "over_groups"):
            self._offer(name, _labels(Aggregation, empty=usual))
        self._offer(
            "ascending",
            [
                ("", gettext("as the target says")),
                ("1", gettext("more is better")),
                ("0", gettext("less is better")),
            ],
        )
        if not axes:
            del self.fields["axes"]
        if row is None:
            self.initial.setdefault("counting_rule", CountingRule.NONE.value)
            for name in ("break_on", "break_reason"):
                del self.fields[name]
        else:
            del self.fields["result"]
            self.initial = _of(row, lang)

    @property
    def usual(self) -> list[Any]:
        """Give the fields that every definition thinks about."""
        return [self[name] for name in self.fields if name not in SELDOM and not name.startswith("break_")]

    @property
    def seldom(self) -> list[Any]:
        """Give the fields that most definitions leave as they are."""
        return [self[name] for name in SELDOM]

    @property
    def breaks(self) -> list[Any]:
        """Give the fields of a break that goes with a change."""
        return [self[name] for name in self.fields if name.startswith("break_")]

    def _offer(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        chosen: Any = self.fields[name]
        chosen.choices = list(choices)

    def entry(self) -> dict[str, Any]:
        """Give what the action takes; of one that is there, only what changed."""
        given = self.cleaned_data
        said = {name: given[name] for name in PLAIN} | _texts(self, self.row, self.lang)
        said["ascending"] = given["ascending"]
        said["responsibility"] = UUID(given["responsibility"]) if given["responsibility"] else None
        if "axes" in given:
            said["axes"] = given["axes"]
        return _changed(self, said, self.row)

    def break_in(self) -> Broken | None:
        """Give the break that goes with the change."""
        given = self.cleaned_data
        if not given.get("break_on"):
            return None
        return Broken(on=given["break_on"], reason=given.get("break_reason", ""), kind=BreakKind.DEFINITION)


def _of(row: Indicator, lang: str) -> dict[str, Any]:
    return {
        "version": row.version,
        **{name: getattr(row, name) for name in PLAIN},
        **{name: best(getattr(row, name), lang) for name in TEXTS},
        "ascending": {"true": "1", "false": "0"}.get(row.ascending.strip(), row.ascending.strip()),
        "responsibility": str(row.responsibility.uuid) if row.responsibility else "",
        "axes": row.axes,
    }


def _texts(form: forms.Form, row: Any, lang: str) -> dict[str, Any]:
    before = {name: getattr(row, name) if row is not None else [] for name in TEXTS}
    return {name: with_language(before[name], form.cleaned_data[name], lang) for name in TEXTS}


def _changed(form: forms.Form, said: Mapping[str, Any], row: Any) -> dict[str, Any]:
    """Leave out what was not touched, so that a change says what it changed."""
    if row is None:
        return {name: item for name, item in said.items() if item not in (None, "", [])}
    return {name: item for name, item in said.items() if name in form.changed_data}


# --- what it is measured against ------------------------------------------------------------------


class BaselineForm(forms.Form):
    """Where an indicator stood before."""

    year = forms.IntegerField(label=_("Year"), min_value=1900, max_value=2100)
    value = forms.CharField(label=_("Value"), max_length=200)


class TargetForm(forms.Form):
    """What it should reach in a period."""

    starts_on = DayField(label=_("First day"))
    ends_on = DayField(label=_("Last day"))
    value = forms.CharField(label=_("Target"), max_length=200)


class PeriodForm(forms.Form):
    """Days for which values are reported."""

    starts_on = DayField(label=_("First day"))
    ends_on = DayField(label=_("Last day"))


class BreakForm(forms.Form):
    """A day from which it is counted otherwise."""

    on = DayField(label=_("First day from which it is counted otherwise"))
    kind = forms.ChoiceField(label=_("What changed"))
    reason = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs=SMALL), max_length=5000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind: Any = self.fields["kind"]
        kind.choices = _labels(BreakKind)


class FloorForm(forms.Form):
    """Below which value a result is called lost."""

    level = AmountField(
        label=_("Floor"),
        required=False,
        max_digits=DIGITS,
        decimal_places=DECIMAL_PLACES,
        help_text=_("In the indicator’s unit. Empty takes the floor away."),
    )
    reason = forms.CharField(
        label=_("Why it lies there"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs=SMALL),
        help_text=_("A standard, an agreement, what was needed."),
    )
