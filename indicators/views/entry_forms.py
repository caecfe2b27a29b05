"""What is to be filled in: which indicators, for which days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handover.narratives import best
from handover.views.forms import DayField
from indicators.models import Indicator
from indicators.models.codes import Frequency
from indicators.queries import spans
from indicators.views import words

PAST: Final = {
    Frequency.MONTHLY: 6,
    Frequency.QUARTERLY: 5,
    Frequency.HALF_YEARLY: 3,
    Frequency.YEARLY: 3,
    Frequency.SCHOOL_YEAR: 2,
}
"""Periods that are offered, by how often an indicator is measured."""


class ChooseForm(forms.Form):
    """Indicators and a period."""

    period = forms.ChoiceField(label=_("Period"), required=False)
    starts_on = DayField(label=_("Other days: the first day"), required=False)
    ends_on = DayField(label=_("Other days: the last day"), required=False)
    indicators = forms.MultipleChoiceField(label=_("Indicators"), widget=forms.CheckboxSelectMultiple)

    def __init__(
        self, rows: Sequence[Indicator], today: dt.date, lang: str, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.rows = {str(row.uuid): row for row in rows}
        chosen: Any = self.fields["indicators"]
        chosen.choices = [(key, best(row.title, lang) or key) for key, row in self.rows.items()]
        chosen.error_messages["required"] = gettext("Choose at least one indicator.")
        period: Any = self.fields["period"]
        periods = offered(rows, today)
        period.choices = [*periods, ("", gettext("Other days"))]
        # What is over is what people report.
        over = [key for key, _ in periods if key.partition("/")[2] < today.isoformat()]
        self.initial.setdefault("period", next(iter(over), ""))

    def clean(self) -> dict[str, Any]:
        """Take the period that was chosen, else the days."""
        given: dict[str, Any] = super().clean() or {}
        first, last = given.get("starts_on"), given.get("ends_on")
        if given.get("period") and not (first and last):
            begin, _slash, end = given["period"].partition("/")
            first, last = dt.date.fromisoformat(begin), dt.date.fromisoformat(end)
        elif not self.errors.keys() & {"starts_on", "ends_on"}:
            if first is None or last is None:
                self.add_error("period", gettext("Choose a period, or enter its first and its last day."))
            elif last < first:
                self.add_error("ends_on", gettext("The period ends before it begins."))
        given["span"] = (first, last)
        return given

    @property
    def chosen(self) -> list[Indicator]:
        """Give the indicators that were chosen."""
        return [self.rows[key] for key in self.cleaned_data["indicators"]]


def offered(rows: Sequence[Indicator], today: dt.date) -> list[tuple[str, str]]:
    """Give the periods to choose from: the present one and those before it, of every frequency that is in use."""
    used = [name for name in PAST if any(row.frequency == name for row in rows)] or [Frequency.QUARTERLY]
    found: dict[spans.Span, None] = {}
    for frequency in used:
        day = today
        for _number in range(PAST[frequency]):
            span = spans.regular(frequency, day)
            if span is None:
                break
            found[span] = None
            day = span[0] - spans.ONE_DAY
    return [
        (f"{first.isoformat()}/{last.isoformat()}", words.span(first, last))
        for first, last in sorted(found, key=lambda item: (item[1], item[0]), reverse=True)
    ]


def from_address(given: Mapping[str, Any]) -> bool:
    """Tell whether an address says for which days."""
    return bool(given.get("period") or given.get("starts_on") or given.get("ends_on"))
