"""Forms of a transfer: its plan, its steps, what each side says."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handover.languages import day, translated
from handover.models import LegalAct, Organisation, Responsibility, Transfer, TransferMilestone
from handover.models.annexes import AnnexDecision, AnnexKind
from handover.models.milestones import MilestoneKind, OnDissent, Side
from handover.models.responsibilities import Phase
from handover.models.signoffs import Decision
from handover.views.forms import DayField


def choices(kind: Any, *, first: str = "") -> list[tuple[str, str]]:
    """Give the members of a list of the kernel with their labels in the reader's language."""
    said = [(str(value), translated(str(label)).capitalize()) for value, label in kind.choices]
    return [("", first), *said] if first else said


class DraftForm(forms.Form):
    """What a transfer begins with."""

    title = forms.CharField(
        label=_("Title"), max_length=300, help_text=_("For example: the day centre goes to the town.")
    )
    receiver = forms.ChoiceField(label=_("Who takes over"))
    lead = forms.BooleanField(
        label=_("The receiver becomes the programme’s steward and answers for it as a whole"), required=False
    )
    retention_until = DayField(
        label=_("Until when you read and take out"),
        help_text=_("Your own last day of keeping records, as your grant asks. Your access ends with it."),
    )
    give_back_days = forms.IntegerField(
        label=_("Days in which it can be given back"), min_value=0, max_value=3650, initial=180
    )

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Organisation.objects.exclude(pk=organisation.pk).order_by("name")
        self.fields["receiver"].choices = [  # type: ignore[attr-defined]
            ("", gettext("Choose an organisation")),
            *((str(row.uuid), row.name) for row in rows[:1000]),
        ]


class IncludeForm(forms.Form):
    """A responsibility that moves, and how the giver’s part in it ends."""

    responsibility = forms.ChoiceField(label=_("Responsibility"))
    phase = forms.ChoiceField(label=_("How your part ends"))
    moves_debtor = forms.BooleanField(
        label=_("What is owed to the donor moves too: the donor must consent"), required=False
    )

    def __init__(self, *args: Any, transfer: Transfer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        planned = transfer.items.values("responsibility")
        rows = Responsibility.objects.filter(programme=transfer.programme_id).exclude(pk__in=planned)
        self.fields["responsibility"].choices = [(str(row.uuid), row.title) for row in rows.order_by("title")]  # type: ignore[attr-defined]
        self.fields["phase"].choices = choices(Phase)  # type: ignore[attr-defined]


class MilestoneForm(forms.Form):
    """A dated step: who signs it, what it waits for, what it moves."""

    kind = forms.ChoiceField(label=_("Kind of step"))
    title = forms.CharField(label=_("Title"), max_length=300)
    due_on = DayField(label=_("Due on"))
    signs = forms.MultipleChoiceField(label=_("Who signs"), widget=forms.CheckboxSelectMultiple)
    evidence_required = forms.BooleanField(label=_("Evidence is needed"), required=False, initial=True)
    waits_for = forms.MultipleChoiceField(
        label=_("Steps that come first"), required=False, widget=forms.CheckboxSelectMultiple
    )
    moves = forms.MultipleChoiceField(
        label=_("Responsibilities that move with it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("One that moves with no step moves at the end, when the handover is carried out."),
    )
    quorum = forms.IntegerField(
        label=_("How many people of the community must vote"), required=False, min_value=1, max_value=100_000
    )
    on_dissent = forms.ChoiceField(label=_("If as many are against as for"), required=False)

    def __init__(self, *args: Any, transfer: Transfer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        steps = TransferMilestone.objects.filter(transfer=transfer).order_by("due_on", "id")
        items = transfer.items.filter(milestone=None).select_related("responsibility")
        offered: dict[str, Any] = {
            "kind": choices(MilestoneKind),
            "signs": choices(Side),
            "waits_for": [(str(row.uuid), f"{row.title} ({day(row.due_on)})") for row in steps],
            "moves": [(str(row.responsibility.uuid), row.responsibility.title) for row in items],
            "on_dissent": choices(OnDissent, first=gettext("Nothing is said")),
        }
        for name, found in offered.items():
            self.fields[name].choices = found  # type: ignore[attr-defined]
        for name in ("waits_for", "moves"):
            if not offered[name]:
                del self.fields[name]


class KeepForm(forms.Form):
    """What the giver keeps: reading and taking out, until a day."""

    until = DayField(label=_("Until when you read and take out"))


class AnnexLineForm(forms.Form):
    """A line of an annex."""

    kind = forms.ChoiceField(label=_("Annex"))
    text = forms.CharField(
        label=_("What is handed over"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = choices(AnnexKind)  # type: ignore[attr-defined]


class AnnexAnswerForm(forms.Form):
    """What the receiver says to a line."""

    decision = forms.ChoiceField(label=_("Your answer"), widget=forms.RadioSelect)
    reservation = forms.CharField(
        label=_("Reservation"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("With a reservation: what is still to be settled, by whom, and by when."),
    )
    owner = forms.ChoiceField(label=_("Who settles it"), required=False)
    deadline = DayField(label=_("By when"), required=False)

    def __init__(self, *args: Any, transfer: Transfer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        answers = [item for item in choices(AnnexDecision) if item[0] != AnnexDecision.OPEN]
        sides = [(str(side.uuid), side.name) for side in (transfer.giver, transfer.receiver)]
        self.fields["decision"].choices = answers  # type: ignore[attr-defined]
        self.fields["owner"].choices = [("", "–"), *sides]  # type: ignore[attr-defined]


class CommentForm(forms.Form):
    """Why: the other side reads it."""

    comment = forms.CharField(
        label=_("Your reasons"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("The other side reads them."),
    )


class ReasonForm(forms.Form):
    """Why, for the record."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Both sides read it, and it stays on record."),
    )


class EvidenceForm(forms.Form):
    """What shows that a step is met: a file or a link."""

    title = forms.CharField(
        label=_("What it is"), max_length=300, help_text=_("For example: council decision, signed inventory.")
    )
    file = forms.FileField(label=_("File"), required=False, help_text=_("PDF, picture, document or sheet."))
    link = forms.URLField(label=_("Or a link"), required=False, max_length=1000, assume_scheme="https")
    names_people = forms.BooleanField(
        label=_("It names people"),
        required=False,
        help_text=_("Then only the people whom you name may open it, and it is erased after the day below."),
    )
    erase_after = DayField(label=_("Erase after"), required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for a file or a link, and for one of them alone."""
        said: dict[str, Any] = super().clean() or {}
        if bool(said.get("file")) == bool(said.get("link")) and "link" not in self.errors:
            self.add_error("file", gettext("Give a file or a link, one of them."))
        if said.get("names_people") and not said.get("erase_after"):
            self.add_error("erase_after", gettext("Say until when it is kept: it names people."))
        return said


class SignForm(forms.Form):
    """What a side says to a step."""

    decision = forms.ChoiceField(label=_("Your decision"), widget=forms.RadioSelect)
    remark = forms.CharField(
        label=_("Your words"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed where you object, or go along with a dissent. They stay on record."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {
            Decision.AGREES: gettext("We agree: this step is done as the plan says"),
            Decision.AGREES_WITH_DISSENT: gettext("We go along, and our dissent stays on record"),
            Decision.OBJECTS: gettext("We object: it is not done"),
        }
        self.fields["decision"].choices = [(key.value, text) for key, text in words.items()]  # type: ignore[attr-defined]


class ActForm(forms.Form):
    """The legal act on which a step rests."""

    legal_act = forms.ChoiceField(label=_("Legal act"))

    def __init__(self, *args: Any, transfer: Transfer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = LegalAct.objects.filter(programme=transfer.programme_id).order_by("id")
        self.fields["legal_act"].choices = [(str(row.uuid), str(row)) for row in rows]  # type: ignore[attr-defined]


class ConfirmForm(forms.Form):
    """The last check before the handover is carried out."""

    checked = forms.BooleanField(
        label=_("I have checked these answers, and sign for my organisation"),
        error_messages={"required": _("Confirm that you have checked the answers.")},
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=80)


class MappingForm(forms.Form):
    """Where a single person's exception goes."""

    to_user = forms.ChoiceField(label=_("Who has it afterwards"))

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to_user"].choices = [("", gettext("Nobody: it is lost")), *people]  # type: ignore[attr-defined]
        self.fields["to_user"].required = False
