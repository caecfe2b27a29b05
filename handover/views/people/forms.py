"""Forms about people: invitations, roles, standings, exceptions, tokens, settings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover import clock
from handover.actions.standings import ADMITTED
from handover.actions.tokens import ROLES as TOKEN_ROLES
from handover.languages import translated
from handover.models import Organisation, User
from handover.permissions import (
    ORGANISATION_SCOPES,
    PERSONAL_SCOPES,
    Permission,
    Role,
    Scope,
    StandingKind,
)
from handover.views.forms import DayField

WIDE = {"class": "govuk-!-width-two-thirds"}
LANGUAGES = [(code[:2], name) for code, name in settings.LANGUAGES]


def end_of(day: dt.date | None) -> dt.datetime | None:
    """Give the instant at which a last day is over, on the reader's clock."""
    if day is None:
        return None
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, timezone.get_current_timezone())


def _helped(members: Iterable[Role | Scope | Permission | StandingKind]) -> list[tuple[str, str]]:
    """Give the members of an enumeration with their sentences, in the reader's language."""
    return [(member.value, translated(member.help)) for member in members]


def _choice(form: forms.Form, name: str, choices: Sequence[tuple[str, str]]) -> None:
    cast(forms.ChoiceField, form.fields[name]).choices = list(choices)


class InviteForm(forms.Form):
    """Whom to invite, to which role, and until when."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(WIDE | {"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Enter an e-mail address.")},
    )
    role = forms.ChoiceField(
        label=_("Role"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a role.")},
    )
    until = DayField(
        label=_("Last day of the seat"),
        required=False,
        help_text=_("Leave it empty if the seat has no end."),
    )
    language = forms.ChoiceField(
        label=_("Language of the invitation"), choices=LANGUAGES, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choice(self, "role", _helped(Role))


class JoinForm(forms.Form):
    """What somebody new is called, their language and their password."""

    display_name = forms.CharField(
        label=_("Your name"),
        max_length=200,
        help_text=_("As colleagues know you. It stands beside what you do here."),
        widget=forms.TextInput(WIDE | {"autocomplete": "name"}),
        error_messages={"required": _("Enter your name.")},
    )
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, widget=forms.RadioSelect)
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 12 characters; several words are easy to remember and hard to guess."),
        widget=forms.PasswordInput(WIDE | {"autocomplete": "new-password"}),
        strip=False,
        error_messages={"required": _("Choose a password.")},
    )
    again = forms.CharField(
        label=_("The password again"),
        widget=forms.PasswordInput(WIDE | {"autocomplete": "new-password"}),
        strip=False,
        error_messages={"required": _("Enter the password a second time.")},
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        """Hold the two passwords against each other, and the first against what is easy to guess."""
        given: dict[str, Any] = super().clean() or {}
        password = given.get("password")
        if password and given.get("again") and password != given["again"]:
            self.add_error("again", _("The two passwords are not the same."))
        if password:
            try:
                validate_password(
                    password, User(email=self.email, display_name=given.get("display_name", ""))
                )
            except forms.ValidationError as error:
                self.add_error("password", error)
        return given


class YouForm(forms.Form):
    """One's own name and language."""

    display_name = forms.CharField(
        label=_("Your name"),
        max_length=200,
        widget=forms.TextInput(WIDE | {"autocomplete": "name"}),
        error_messages={"required": _("Enter your name.")},
    )
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, widget=forms.RadioSelect)


class SettingsForm(forms.Form):
    """An organisation's name, languages and colour."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("Name"),
        max_length=300,
        widget=forms.TextInput(WIDE),
        error_messages={"required": _("Enter the organisation’s name.")},
    )
    languages = forms.CharField(
        label=_("Languages that it works in"),
        required=False,
        max_length=200,
        help_text=_("Codes with commas between them, such as ro, rom."),
        widget=forms.TextInput({"class": "govuk-input--width-20"}),
    )
    colour = forms.CharField(
        label=_("Colour of its pages"),
        required=False,
        max_length=7,
        help_text=_("# and six digits, such as #1d4f7a. White text stands on it, so it must be dark enough."),
        widget=forms.TextInput({"class": "govuk-input--width-10", "spellcheck": "false"}),
    )


class RepresentativeForm(forms.Form):
    """Who may sign for the organisation, by which act."""

    capacity = forms.CharField(
        label=_("Capacity"),
        max_length=200,
        help_text=_(
            "For example: mayor, president of the board. No name: the office stays when people change."
        ),
        widget=forms.TextInput(WIDE),
        error_messages={"required": _("Enter in which capacity they sign.")},
    )
    mandate_act = forms.CharField(
        label=_("Act that gives the mandate"),
        max_length=300,
        help_text=_("Its kind, number and date."),
        widget=forms.TextInput(WIDE),
        error_messages={"required": _("Enter the act that gives the mandate.")},
    )
    user = forms.ChoiceField(
        label=_("Account of whoever holds the office"),
        required=False,
        widget=forms.Select({"class": "fits"}),
    )
    valid_from = DayField(
        label=_("First day"), error_messages={"required": _("Enter the first day of the mandate.")}
    )
    valid_to = DayField(
        label=_("Last day"), required=False, help_text=_("Leave it empty while the mandate lasts.")
    )

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choice(self, "user", [("", "–"), *people])


class TokenForm(forms.Form):
    """What a token is for, what it may be used for, and until when."""

    title = forms.CharField(
        label=_("What is it for?"),
        max_length=200,
        widget=forms.TextInput(WIDE),
        error_messages={"required": _("Say what the token is for.")},
    )
    scopes = forms.MultipleChoiceField(
        label=_("What may it be used for?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one use.")},
    )
    last_day = DayField(
        label=_("Last day"),
        help_text=_("At most a year from now."),
        error_messages={"required": _("Enter the last day.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choice(self, "scopes", _helped(scope for scope in Scope if scope in PERSONAL_SCOPES))


class OrganisationTokenForm(TokenForm):
    """The same for an organisation's token, with the role that it has there."""

    role = forms.ChoiceField(
        label=_("Role of the token"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a role.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choice(self, "role", _helped(TOKEN_ROLES))
        self.order_fields(["title", "role", "scopes", "last_day"])
        _choice(self, "scopes", _helped(scope for scope in Scope if scope in ORGANISATION_SCOPES))


class AdmitForm(forms.Form):
    """Which organisation to let in, as what, and until when."""

    organisation = forms.ChoiceField(
        label=_("Organisation"),
        widget=forms.Select({"class": "fits"}),
        error_messages={"required": _("Choose an organisation.")},
    )
    kind = forms.ChoiceField(
        label=_("As what?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose as what it is let in.")},
    )
    until = DayField(label=_("Last day"), required=False, help_text=_("An auditor’s access always has one."))

    def __init__(self, *args: Any, organisations: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = [(str(item.uuid), item.name) for item in organisations]
        _choice(self, "organisation", [("", "–"), *found])
        _choice(self, "kind", _helped(kind for kind in StandingKind if kind in ADMITTED))


class DismissForm(forms.Form):
    """Why a standing ends."""

    reason = forms.CharField(
        label=_("Why does its access end?"),
        max_length=300,
        widget=forms.TextInput(WIDE),
        help_text=_("The reason is kept with it for good."),
        error_messages={"required": _("Say why.")},
    )


class ExceptionForm(forms.Form):
    """A permission that somebody's role does not bring them."""

    person = forms.ChoiceField(
        label=_("Person"),
        widget=forms.Select({"class": "fits"}),
        error_messages={"required": _("Choose a person.")},
    )
    thing = forms.ChoiceField(label=_("On what?"), widget=forms.Select({"class": "fits"}))
    permission = forms.ChoiceField(
        label=_("What may they do?"),
        widget=forms.Select({"class": "fits"}),
        error_messages={"required": _("Choose what they may do.")},
    )
    reason = forms.CharField(
        label=_("Why?"),
        max_length=300,
        widget=forms.TextInput(WIDE),
        help_text=_("The reason is kept with it for good."),
        error_messages={"required": _("Say why.")},
    )
    until = DayField(
        label=_("Last day"),
        help_text=_("The exception ends by itself after it."),
        error_messages={"required": _("An exception needs a last day.")},
    )

    def __init__(
        self,
        *args: Any,
        people: Sequence[tuple[str, str]],
        things: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        _choice(self, "person", [("", "–"), *people])
        _choice(self, "thing", things)
        _choice(self, "permission", [("", "–"), *_helped(Permission)])

    def clean_until(self) -> dt.date:
        """Refuse a day that has passed."""
        day: dt.date = self.cleaned_data["until"]
        if day < clock.today():
            raise forms.ValidationError(_("The last day has passed."), code="ends_in_past")
        return day
