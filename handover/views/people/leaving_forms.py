"""Forms for when somebody leaves: who takes over, and why a name is erased."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from handover.models import User
from handover.views.people.forms import WIDE


class LeaveForm(forms.Form):
    """Who takes over, and that it is known what nobody else can do."""

    to = forms.ChoiceField(
        label=_("Who takes over"),
        help_text=_("Everything that is listed as going to a colleague goes to this person."),
        error_messages={"required": _("Choose who takes over.")},
    )
    confirmed = forms.BooleanField(
        label=_("I know that nobody else can do this, and let the person leave all the same"),
        error_messages={"required": _("Name somebody else for it first, or confirm that you know.")},
    )

    def __init__(self, *args: Any, people: Sequence[User], needed: bool, last: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ChoiceField, self.fields["to"])
        field.required = needed
        field.choices = [("", _("Nobody")), *((str(user.uuid), user.display_name) for user in people)]
        if not last:
            del self.fields["confirmed"]


class ForgetForm(forms.Form):
    """On whose request, or why."""

    reason = forms.CharField(
        label=_("On whose request, or why"),
        help_text=_("It is kept in the ledger for ever: leave out the name and the address."),
        max_length=300,
        widget=forms.TextInput(WIDE),
        error_messages={"required": _("Say on whose request, or why.")},
    )
