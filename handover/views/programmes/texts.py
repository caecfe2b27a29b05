"""Texts in several languages, entered in the languages of the house; what stands there in others is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext, pgettext_lazy

from handover.languages import LOCALES, language
from handover.narratives import Narrative

NAMES: Final[Mapping[str, Any]] = {
    "en": pgettext_lazy("language", "English"),
    "ro": pgettext_lazy("language", "Romanian"),
    "lt": pgettext_lazy("language", "Lithuanian"),
}
WIDE: Final = {"class": "govuk-!-width-two-thirds"}


def order() -> list[str]:
    """Give the languages of the house, the reader's first."""
    return sorted(LOCALES, key=lambda code: code != language())


class AnyLanguage(forms.CharField):
    """A text that is needed in some language; the form asks for that, not the field in one of them."""

    def validate(self, value: Any) -> None:
        """Take nothing too."""


def text_fields(
    name: str, label: Any, *, required: bool, long: bool = False, hint: Any = "", rows: int = 4
) -> dict[str, forms.Field]:
    """Make one field for each language of a text: ``title_en`` and so on. The reader's own is the one that is needed
    where one is; ``Texts.clean`` takes any instead."""
    made: dict[str, forms.Field] = {}
    for code in order():
        own = code == language()
        kind = AnyLanguage if own and required else forms.CharField
        made[f"{name}_{code}"] = kind(
            label=label if own else _in_language(label, code),
            required=own and required,
            help_text=hint if own else "",
            max_length=10_000 if long else 1_000,
            widget=forms.Textarea({"rows": rows}) if long else forms.TextInput(WIDE),
        )
        made[f"{name}_{code}"].widget.attrs["lang"] = code
    return made


def _in_language(label: Any, code: str) -> str:
    return gettext("%(label)s, in %(language)s") % {"label": label, "language": NAMES[code]}


def initial(name: str, texts: Sequence[Narrative]) -> dict[str, str]:
    """Give what the fields of a text begin with; a text without a language stands in the reader's."""
    told = {item["lang"]: item["text"] for item in reversed(list(texts))}
    found = {f"{name}_{code}": told.get(code, "") for code in LOCALES}
    if None in told and not found[f"{name}_{language()}"]:
        found[f"{name}_{language()}"] = told[None]
    return found


def given(name: str, cleaned: Mapping[str, Any], before: Sequence[Narrative] = ()) -> list[Narrative]:
    """Put a text together: what was entered, and what stands there in languages that nobody can enter here."""
    entered = {code: str(cleaned.get(f"{name}_{code}") or "").strip() for code in LOCALES}
    kept = [item for item in before if item["lang"] is not None and item["lang"] not in LOCALES]
    codes = [item["lang"] for item in before if item["lang"] in LOCALES]
    placed = [
        *dict.fromkeys(code for code in codes if code),
        *(code for code in order() if code not in codes),
    ]
    return [*(Narrative(lang=code, text=entered[code]) for code in placed if entered[code]), *kept]


class TextsForm(forms.Form):
    """A form with texts in several languages; ``needed`` names those of which one language at least is entered."""

    needed: tuple[str, ...] = ()
    use_required_attribute = False

    def __init__(self, *args: Any, version: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if version is not None:
            self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput, initial=version)

    def clean(self) -> dict[str, Any]:
        """Refuse a needed text that is empty in every language."""
        found: dict[str, Any] = super().clean() or {}
        for name in self.needed:
            if not any(found.get(f"{name}_{code}") for code in LOCALES):
                label = self.fields[f"{name}_{language()}"].label
                self.add_error(
                    f"{name}_{language()}",
                    gettext("Enter this in at least one language: %(label)s.") % {"label": label},
                )
        return found

    def add_error(self, field: str | None, error: Any) -> None:
        """Put an error about a text at its field in the reader's language."""
        if field is not None and field not in self.fields and f"{field}_{language()}" in self.fields:
            field = f"{field}_{language()}"
        super().add_error(field, error)
