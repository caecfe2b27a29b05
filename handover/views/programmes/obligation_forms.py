"""Rules of grants in words and in a form: what each asks for, where it stands, and which are taken over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from handover.languages import counted, language, translated
from handover.models import Obligation
from handover.queries.obligation_rules import Rule, shipped


def source_of(row: Obligation | Rule) -> str:
    """Say where a rule stands: a shipped one in the reader's language."""
    if isinstance(row, Rule):
        named = row.source(language())
    else:
        known = shipped().get(row.rule)
        named = known.source(language()) if known else row.source
    if not row.article:
        return named
    return gettext("%(source)s, article %(article)s") % {"source": named, "article": row.article}


class RulesForm(forms.Form):
    """Shipped rules that are taken over."""

    rules = forms.MultipleChoiceField(
        label=gettext_lazy("Rules"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one rule.")},
    )

    def __init__(self, *args: Any, rules: Sequence[Rule], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["rules"]
        field.choices = [(rule.key, _told(rule)) for rule in rules]


def _told(rule: Rule) -> str:
    """Tell a rule in a sentence or three: what it asks, for how long, where it stands, to which grants it applies."""
    time = (
        [counted("%(count)s year", "%(count)s years", rule.years)] if rule.years else [gettext("a deadline")]
    )
    mark = translated(rule.mark.label)
    return f"{rule.title(language())} ({', '.join(time)}; {source_of(rule)}; {mark}). {rule.condition(language())}"
