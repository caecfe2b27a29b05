"""Forms of audits: who audits what until when, what is asked, drawn and found, and what the other side says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from handover.actions.audit_findings import SAID
from handover.languages import translated
from handover.models import AuditFinding, Grant, Organisation
from handover.models.audits import FrameKind, Recovery, SampleMethod, Severity
from handover.views.forms import AmountField, DayField
from handover.views.people.forms import WIDE

WORDS = {"rows": 4}


def _text(label: Any, *, needed: Any = None, hint: Any = "", **more: Any) -> forms.CharField:
    """Give a field for a few sentences."""
    return forms.CharField(
        label=label,
        required=needed is not None,
        max_length=20_000,
        widget=forms.Textarea(dict(WORDS)),
        help_text=hint,
        error_messages={"required": needed} if needed is not None else None,
        **more,
    )


def _line(label: Any, *, needed: Any = None, hint: Any = "", longest: int = 300) -> forms.CharField:
    """Give a field for a line."""
    return forms.CharField(
        label=label,
        required=needed is not None,
        max_length=longest,
        widget=forms.TextInput(WIDE),
        help_text=hint,
        error_messages={"required": needed} if needed is not None else None,
    )


def _choose(form: forms.Form, name: str, choices: Sequence[tuple[str, Any]]) -> None:
    cast(forms.ChoiceField, form.fields[name]).choices = list(choices)


class VersionForm(forms.Form):
    """A step that only asks whether it is meant; it carries the version that was read."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class OpenForm(forms.Form):
    """Who audits what, why, by which rule, and until when."""

    auditor = forms.ChoiceField(label=_("Who audits"), error_messages={"required": _("Choose who audits.")})
    reference = _line(_("Reference"), needed=_("Enter the reference of the audit."), longest=120)
    title = _line(_("What is it called?"), needed=_("Say what it is called."))
    purpose = _text(_("Purpose"), needed=_("Say what it is for."))
    legal_basis = _line(
        _("Rule by which it is opened"),
        hint=_("Of an authority: the regulation, or the article of the agreement."),
    )
    grants = forms.MultipleChoiceField(
        label=_("Grants that it is about"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "None chosen: all that your organisation funds, or the whole programme in a voluntary review."
        ),
    )
    first_day = DayField(label=_("First day"), required=False, help_text=_("Leave it empty to begin now."))
    last_day = DayField(
        label=_("Last day"),
        help_text=_("Access ends by itself at the end of this day."),
        error_messages={"required": _("Enter the last day.")},
    )
    notice = _text(_("What the audited are told"), hint=_("They read it with the audit."))

    def __init__(
        self, *args: Any, organisations: Sequence[Organisation], grants: Sequence[Grant], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "auditor", [("", "–"), *((str(row.uuid), row.name) for row in organisations)])
        _choose(self, "grants", [(str(row.uuid), f"{row.title} ({row.agreement_number})") for row in grants])
        if not grants:
            del self.fields["grants"]


class ExtendForm(VersionForm):
    """Until when it lasts instead, and why."""

    last_day = DayField(label=_("New last day"), error_messages={"required": _("Enter the new last day.")})
    reason = _text(_("Why"), needed=_("Say why."))


class EndForm(VersionForm):
    """Why it ends."""

    reason = _text(_("Why"), needed=_("Say why."), hint=_("The other side reads it."))


class AskForm(forms.Form):
    """What is asked, until when."""

    title = _line(_("What is it about?"), needed=_("Say what it is about."))
    asked = _text(_("What is asked for"), needed=_("Say what is asked for."))
    due_on = DayField(label=_("Answer due on"), error_messages={"required": _("Enter the day.")})


class AnswerForm(VersionForm):
    """The answer of the audited side, with evidence that the programme holds."""

    answer = _text(_("Answer"), needed=_("Say what the answer is."))
    evidence = forms.MultipleChoiceField(
        label=_("Evidence of this programme"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, evidence: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "evidence", evidence)
        if not evidence:
            del self.fields["evidence"]


class ReturnForm(VersionForm):
    """What is missing from an answer, and by which day."""

    reason = _text(_("What is missing"), needed=_("Say what is missing."))
    due_on = DayField(label=_("New day"), required=False, help_text=_("Leave it empty to keep the day."))


class CommitForm(forms.Form):
    """What is to be drawn, and the hash of a seed that stays with the auditor."""

    title = _line(_("What is it called?"), needed=_("Say what it is called."))
    population = forms.ChoiceField(
        label=_("Drawn from"), error_messages={"required": _("Choose what it is drawn from.")}
    )
    method = forms.ChoiceField(label=_("How"), error_messages={"required": _("Choose how it is drawn.")})
    size = forms.IntegerField(
        label=_("How many"),
        min_value=1,
        max_value=100_000,
        widget=forms.TextInput({"inputmode": "numeric", "class": "govuk-input--width-5"}),
        error_messages={"required": _("Enter how many are drawn.")},
    )
    commitment = forms.CharField(
        label=_("SHA-256 of the seed"),
        max_length=64,
        widget=forms.TextInput({"spellcheck": "false", "autocomplete": "off"}),
        help_text=_("64 hexadecimal digits. The seed itself stays with you until the frame is frozen."),
        error_messages={"required": _("Enter the SHA-256 of the seed.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, kind in (("population", FrameKind), ("method", SampleMethod)):
            _choose(self, name, [(item.value, translated(str(item.label)).capitalize()) for item in kind])


class RevealForm(VersionForm):
    """The seed whose hash was told."""

    seed = forms.CharField(
        label=_("Seed"),
        max_length=200,
        widget=forms.TextInput({"spellcheck": "false", "autocomplete": "off"}),
        help_text=_("Hexadecimal, as it was made. From now on everybody can draw the sample again."),
        error_messages={"required": _("Enter the seed.")},
    )


class FindingForm(forms.Form):
    """A finding: what should be, what is, why, and what follows."""

    title = _line(_("What was found"), needed=_("Say what was found."))
    severity = forms.ChoiceField(
        label=_("How grave"), error_messages={"required": _("Choose how grave it is.")}
    )
    criterion = _text(_("Criterion: what should be"), needed=_("Say what should be."))
    condition = _text(_("Condition: what is"), needed=_("Say what is."))
    cause = _text(_("Cause: why"))
    effect = _text(_("Effect: what follows"))
    affected_amount = AmountField(label=_("Affected amount"), required=False, max_digits=18, decimal_places=2)
    correction_rate = AmountField(
        label=_("Correction, per cent"), required=False, max_digits=5, decimal_places=2
    )
    correction_amount = AmountField(
        label=_("Correction, amount"), required=False, max_digits=18, decimal_places=2
    )
    currency = forms.CharField(
        label=_("Currency"),
        required=False,
        max_length=3,
        widget=forms.TextInput({"class": "govuk-input--width-3", "spellcheck": "false"}),
        help_text=_("Three letters, such as EUR or RON."),
    )
    irregularity = _line(_("Type of irregularity"), longest=200)
    debtor = forms.ChoiceField(label=_("Who owes it back"), required=False)
    recovery = forms.ChoiceField(label=_("Where the money is"))
    recommendation = _text(_("Recommendation"))
    due_on = DayField(label=_("To be done by"), required=False)

    def __init__(self, *args: Any, debtors: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(
            self, "severity", [(item.value, translated(str(item.label)).capitalize()) for item in Severity]
        )
        _choose(
            self, "recovery", [(item.value, translated(str(item.label)).capitalize()) for item in Recovery]
        )
        _choose(self, "debtor", [("", "–"), *((str(row.uuid), row.name) for row in debtors)])

    @staticmethod
    def start(row: AuditFinding) -> dict[str, Any]:
        """Give what stands in a finding, as the form shows it."""
        said = {name: getattr(row, name) for name in SAID if name != "debtor"}
        return said | {"debtor": str(row.debtor.uuid) if row.debtor else "", "version": row.version}

    def said(self) -> dict[str, Any]:
        """Give what was said, as the action takes it; what is empty is left out."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name != "version" and value not in ("", None)
        }


class EditFindingForm(FindingForm):
    """A change of a draft, with the version that was read."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def said(self) -> dict[str, Any]:
        """Give what was said; what was emptied is emptied."""
        return {
            name: (None if name in NOTHING and value in ("", None) else value)
            for name, value in self.cleaned_data.items()
            if name != "version"
        }


NOTHING = ("affected_amount", "correction_rate", "correction_amount", "debtor", "due_on")
"""Columns that hold nothing rather than an empty text."""


class ReplyForm(VersionForm):
    """The reply of the audited side."""

    reply = _text(_("Reply"), needed=_("Say it in words."))


class FollowUpForm(VersionForm):
    """What became of a finding."""

    text = _text(_("What became of it"), needed=_("Say it in words."))
    recovery = forms.ChoiceField(label=_("Where the money is"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(
            self, "recovery", [(item.value, translated(str(item.label)).capitalize()) for item in Recovery]
        )


class ClosureForm(VersionForm):
    """Why a finding can be closed."""

    reason = _text(_("Why it can be closed"), needed=_("Say it in words."))
