"""Forms as the design system has them: a label, a hint, an error that is announced, and the field, tied together."""

from __future__ import annotations

import re
from decimal import InvalidOperation
from typing import Any, ClassVar

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.forms.widgets import Input
from django.utils.translation import gettext_lazy as _

CLASSES: dict[type[forms.Widget], str] = {
    forms.Textarea: "govuk-textarea",
    forms.CheckboxSelectMultiple: "govuk-checkboxes__input",
    forms.RadioSelect: "govuk-radios__input",
    forms.CheckboxInput: "govuk-checkboxes__input",
    forms.Select: "govuk-select",
    forms.FileInput: "govuk-file-upload",
    Input: "govuk-input",
}


class Field(BoundField):
    """A field on a page: its widget wears the design system's class and names its hint and its error."""

    @property
    def kind(self) -> str:
        """Give how the field is laid out: ``group``, ``checkbox`` or ``plain``."""
        widget = self.field.widget
        if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
            return "group"
        return "checkbox" if isinstance(widget, forms.CheckboxInput) else "plain"

    @property
    def hint_id(self) -> str:
        """Give the id of the hint."""
        return f"{self.auto_id}-hint"

    @property
    def error_id(self) -> str:
        """Give the id of the error."""
        return f"{self.auto_id}-error"

    @property
    def focus_id(self) -> str:
        """Give the id that an error's link leads to."""
        return f"{self.auto_id}_0" if self.kind == "group" else str(self.auto_id)

    @property
    def described_by(self) -> str:
        """Give the ids of what describes the field and is on the page."""
        said = [self.hint_id] if self.help_text else []
        return " ".join([*said, self.error_id] if self.errors else said)

    @property
    def aria_describedby(self) -> str | None:
        """Give them to the widget; those of a group stand at its fieldset."""
        return None if self.kind == "group" else self.described_by or None

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        """Add the class that goes with the widget, and the red border of an error."""
        made: dict[str, Any] = super().build_widget_attrs(attrs, widget)
        shown = widget or self.field.widget
        base = next((name for kind, name in CLASSES.items() if isinstance(shown, kind)), "")
        wanted = [base, str(shown.attrs.get("class", "")), str(made.get("class", ""))]
        if self.errors and base and self.kind == "plain":
            wanted.append(f"{base}--error")
        made["class"] = " ".join(dict.fromkeys(" ".join(wanted).split()))
        return made


class Renderer(TemplatesSetting):
    """Django's own form renderer with the house's templates."""

    form_template_name = "handover/forms/form.html"
    field_template_name = "handover/forms/field.html"
    bound_field_class = Field


class DayInput(forms.DateInput):
    """A day as browsers ask for it; without their help it is typed as 2026-11-23."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": "govuk-input--width-10"} | (attrs or {}), format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day."""

    widget = DayInput
    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": _("Enter a day that exists, for example 2026-11-23."),
    }


class AmountField(forms.DecimalField):
    """A number as people write it: with a comma or a point, with or without spaces between groups."""

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs |= {"inputmode": "decimal", "class": "govuk-input--width-10"}

    def to_python(self, value: Any) -> Any:
        """Read it.

        Raises:
            ValidationError: it is no number.
        """
        if isinstance(value, str):
            value = _plain(value)
        try:
            return super().to_python(value)
        except InvalidOperation:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None


GROUPED_WITH_POINTS = re.compile(r"-?\d{1,3}(\.\d{3})+,\d+|-?\d{1,3}(\.\d{3}){2,}")


def _plain(text: str) -> str:
    """Take the groups out of a number and give it a point: ``1.234,5``, ``1 234,5`` and ``1,234.5`` are the same."""
    said = re.sub(r"[\s\u00a0\u202f]", "", text)
    if GROUPED_WITH_POINTS.fullmatch(said):
        return said.replace(".", "").replace(",", ".")
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+\.\d+", said):
        return said.replace(",", "")
    return said.replace(",", ".") if said.count(",") == 1 and "." not in said else said
