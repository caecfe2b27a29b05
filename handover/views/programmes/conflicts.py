"""Two people edit one thing: whoever comes second is told what has changed, and may look before keeping their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.db.models import Model

from handover.queries.edits import changes_since
from handover.views.pages import perform


def perform_edit(
    form: forms.Form,
    act: Callable[[int], object],
    row: Any,
    *,
    labels: Mapping[str, Any],
    shown: Callable[[Any, str], str],
) -> bool:
    """Do an edit of a version that was read; if somebody else was quicker, put what they changed on the form.

    Args:
        act: does it, given the version that the form carries.
        row: the row as it is now; its version tells whether somebody was quicker.
        labels: what columns are called; others are not told.
        shown: says what stands in a column of a row now.

    Returns:
        Whether it was done.
    """
    read = int(form.cleaned_data["version"])
    if perform(form, lambda: act(read)):
        return True
    found = _now(row)
    if found.version != read:
        changed = {name for step in changes_since(found.uuid, read) for name in _names(step["fields"])}
        form.changed = [  # type: ignore[attr-defined]
            {"label": label, "now": shown(found, name)}
            for name, label in labels.items()
            if name in changed or f"{name}_id" in changed
        ]
        form.conflict = True  # type: ignore[attr-defined]
        # Whoever sends the form again has seen what changed.
        sent: Any = form.data
        data = sent.copy()
        data[form.add_prefix("version")] = str(found.version)
        form.data = data
    return False


def _now(row: Any) -> Any:
    kind: type[Model] = type(row)
    return kind._default_manager.get(pk=row.pk)


def _names(fields: object) -> list[str]:
    return [str(name) for name in fields] if isinstance(fields, list | tuple) else []
