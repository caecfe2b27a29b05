"""The forms of an import: the file, what has to be asked about it, and why values change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handover import languages
from indicators.exchange.looks import How, Look
from indicators.exchange.sheets.opening import Note
from indicators.exchange.sheets.questions import Option, Question

QUESTIONS: Final = {
    "which_sheet": _("The workbook has several sheets: which one holds the values?"),
    "which_header": _("No row reads as headings: in which row do they stand?"),
    "unknown_column": _("Column %(column)s is not known: what is it?"),
    "repeated_column": _("Column %(column)s says the same as another one: what is it?"),
    "mixed_percents": _("Column %(column)s has per cents and plain numbers: which are the plain ones?"),
    "mixed_marks": _(
        "Column %(column)s has numbers with a point and with a comma: which is the decimal mark?"
    ),
    "unclear_marks": _("Column %(column)s: which is the decimal mark?"),
    "mixed_dates": _("Column %(column)s has dates that can be read in two ways: which comes first?"),
    "unclear_dates": _("Column %(column)s has dates that can be read in two ways: which comes first?"),
    "no_values": _("No column holds values: how is the sheet laid out?"),
    "which_indicator": _("No column says which indicator the values are of."),
    "which_year": _("The periods lack their year: which one is it?"),
    "which_period": _("No column says for which period the values are."),
    "period_of_date": _("The periods are given as single dates: which period does a date stand for?"),
}
"""What is asked, by its code; in English the reading itself says it, with an example from the file."""
OPTIONS: Final = {
    "indicator": _("the indicator"),
    "start": _("the first day of the period"),
    "end": _("the last day of the period"),
    "period": _("the period"),
    "value": _("the value"),
    "place": _("the place"),
    "numerator": _("the numerator"),
    "denominator": _("the denominator"),
    "comment": _("a comment"),
    "revision": _("the revision"),
    "source": _("the source"),
    "reason": _("why the value changed"),
    "ignored": _("nothing: leave it out"),
    "long": _("one row for each value"),
    "wide": _("periods side by side, in columns"),
    "percent": _("33 means 33%"),
    "fraction": _("0.33 means 33%"),
    ".": _("the point"),
    ",": _("the comma"),
    "day-first": _("day, month, year"),
    "month-first": _("month, day, year"),
    "day": _("the day"),
    "month": _("the month"),
    "quarter": _("the quarter"),
    "half": _("the half-year"),
    "year": _("the year"),
}
HINTS: Final = {
    "period": _("For example 2026, 2026Q1, or 2026-01-01/2026-03-31."),
    "header": _("The number of the row."),
}
ENCODINGS: Final = (
    "utf-8",
    "cp1250",
    "cp1252",
    "cp1257",
    "iso-8859-2",
    "iso-8859-13",
    "iso-8859-16",
    "utf-16",
)
DELIMITERS: Final = {",": _("comma"), ";": _("semicolon"), "\t": _("tabulator"), "|": _("upright line")}


class FileForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("XLSX, ODS or CSV. An export, our template, or a table of your own."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.ods,.csv,.tsv,.txt"}),
    )


class ReadingForm(forms.Form):
    """What the file does not say of itself, and how else it could be read."""

    def __init__(self, look: Look | None, how: How, kind: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked: list[Question] = list(look.questions) if look else []
        self.keys: dict[str, str] = {}
        for number, question in enumerate(self.asked):
            name = f"answer-{number}"
            self.keys[name] = question.key
            self.fields[name] = _question(question)
        if kind == "csv":
            self.fields["encoding"] = _choice(_("Encoding"), [(name, name) for name in ENCODINGS])
            self.fields["delimiter"] = _choice(_("Columns are separated by"), list(DELIMITERS.items()))
        elif look is not None and len(look.sheets) > 1:
            self.fields["sheet"] = _choice(_("Sheet"), [(name, name) for name in look.sheets])
        self.fields["decimal"] = _choice(
            _("Decimal mark of all columns"), [(".", OPTIONS["."]), (",", OPTIONS[","])]
        )
        order = [(name, OPTIONS[name]) for name in ("day-first", "month-first")]
        self.fields["dates"] = _choice(_("Order in dates"), order)
        for name in ("encoding", "delimiter", "sheet"):
            if name in self.fields:
                self.initial[name] = getattr(how, name) or ""
        for name in ("decimal", "dates"):
            self.initial[name] = how.answers.get(name, "")

    @property
    def questions(self) -> list[Any]:
        """Give the fields of what has to be answered."""
        return [self[name] for name in self.keys]

    @property
    def others(self) -> list[Any]:
        """Give the fields by which it could be read otherwise."""
        return [self[name] for name in self.fields if name not in self.keys]

    def how(self, before: How) -> How:
        """Give how the file is to be read after these answers."""
        given = self.cleaned_data
        answers = {key: text for key, text in before.answers.items() if key not in {"decimal", "dates"}}
        answers |= {name: given[name] for name in ("decimal", "dates") if given.get(name)}
        sheet = given.get("sheet", before.sheet) or None
        for name, key in self.keys.items():
            if key == "sheet":
                sheet = given[name]
            else:
                answers[key] = given[name]
        if sheet != before.sheet and before.sheet is not None:
            # What was answered about another sheet says nothing about this one.
            answers = {}
        return How(
            sheet=sheet,
            encoding=given.get("encoding", before.encoding) or None,
            delimiter=given.get("delimiter", before.delimiter) or None,
            answers=answers,
            reason=before.reason,
        )


class ReasonForm(forms.Form):
    """Why values change."""

    reason = forms.CharField(
        label=_("Why do values change?"),
        help_text=_(
            "It stands beside every value that this file changes, where the file gives no reason itself."
        ),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=5000,
        required=False,
    )


def _choice(label: Any, options: Sequence[tuple[str, Any]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=[("", _("as found in the file")), *options], required=False)


def _question(question: Question) -> forms.Field:
    label = asked(question)
    if not question.options:
        return forms.CharField(label=label, help_text=HINTS.get(question.key, ""), max_length=200)
    options = [("", _("Choose")), *((option.value, _option(question, option)) for option in question.options)]
    return forms.ChoiceField(label=label, choices=options)


def asked(question: Question) -> str:
    """Say a question: in English as the reading put it, elsewhere by its code."""
    text = QUESTIONS.get(question.code)
    if languages.language() == "en" or text is None:
        return question.sentence
    return str(text) % {"column": question.column}


def _option(question: Question, option: Option) -> str:
    if question.key in {"indicator", "sheet"}:
        return option.label
    axis = option.value.removeprefix("dimension=")
    if axis != option.value:
        return gettext("groups by %(axis)s") % {"axis": axis}
    return str(OPTIONS.get(option.value, option.label))


NOTES: Final[Mapping[str, Any]] = {
    "rows_above": _("What stands above the headings is not read."),
    "column_not_read": _("A column is not known and is not read."),
    "percents": _("A column is in per cent: 33% is read as 33."),
}


def noted(note: Note) -> str:
    """Say a note: in English as the reading put it, elsewhere by its code."""
    text = NOTES.get(note.code)
    return note.sentence if languages.language() == "en" or text is None else str(text)
