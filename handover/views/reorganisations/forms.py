"""Forms of reorganisations: who merges or splits, what goes where, and the word of a party."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from handover.languages import language, translated
from handover.models import Organisation
from handover.models.signoffs import Decision
from handover.narratives import best
from handover.queries.reorganisations import Facts
from handover.views.forms import DayField
from handover.views.people.forms import WIDE

ENDS = "ends"
"""Chosen for somebody whose seat ends with the organisation."""


class OrganisationsField(forms.CharField):
    """Organisations of the directory, one a line, each by its name or its short name."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea({"rows": 3}), max_length=20_000, **kwargs)

    def clean(self, value: Any) -> list[UUID]:
        """Find them, in one query."""
        lines = [line.strip() for line in str(super().clean(value) or "").splitlines() if line.strip()]
        rows = [
            *Organisation.objects.filter(slug__in=lines),
            *Organisation.objects.filter(name__in=lines),
        ]
        known: dict[str, UUID] = {}
        for row in rows:
            known[row.slug] = known[row.name] = row.uuid
        for line in lines:
            if line not in known:
                raise forms.ValidationError(
                    _(
                        "“%(line)s” is not in the directory. Write one organisation a line, as it is called there."
                    ),
                    params={"line": line},
                )
        return list(dict.fromkeys(known[line] for line in lines))


class PlacesField(forms.CharField):
    """What becomes of places, one a line: ``RO:111 = RO:333``, with a share where not all of it went there."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            widget=forms.Textarea({"rows": 3, "spellcheck": "false"}), max_length=20_000, **kwargs
        )

    def clean(self, value: Any) -> list[dict[str, str]]:
        """Read the lines; which places there are is the action's to say."""
        found = []
        for line in str(super().clean(value) or "").splitlines():
            if not line.strip():
                continue
            former, equals, rest = line.partition("=")
            successor, _at, share = rest.partition("@")
            if not equals or not successor.strip():
                raise forms.ValidationError(
                    _("“%(line)s” cannot be read: write RO:111 = RO:333, or RO:111 = RO:333 @ 2/3."),
                    params={"line": line.strip()},
                )
            found.append(
                {"former": former.strip(), "successor": successor.strip(), "share": share.strip() or "1"}
            )
        return found


class SayForm(forms.Form):
    """What is said of a reorganisation."""

    title = forms.CharField(
        label=_("What is it called?"),
        max_length=300,
        widget=forms.TextInput(WIDE),
        error_messages={"required": _("Say what it is called.")},
    )
    legal_act = forms.CharField(
        label=_("The act by which it happens"),
        max_length=300,
        help_text=_("Its kind, number and date."),
        widget=forms.TextInput(WIDE),
        error_messages={"required": _("Name the act.")},
    )
    effective_on = DayField(
        label=_("First day on which the successors answer"),
        error_messages={"required": _("Enter the first day.")},
    )
    places = PlacesField(
        label=_("What becomes of places"),
        required=False,
        help_text=_(
            "One a line, by country and code: RO:111 = RO:333. Where only a part went there, with its share:"
            " RO:111 = RO:333 @ 2/3. The shares of a place add up to one."
        ),
    )


class DrawUpForm(SayForm):
    """Who merges or splits, besides."""

    predecessors = OrganisationsField(
        label=_("Who answers until then"),
        help_text=_("One organisation a line, by its name or its short name. Several make a merger."),
        error_messages={"required": _("Name who answers until then.")},
    )
    successors = OrganisationsField(
        label=_("Who answers from then on"),
        help_text=_(
            "One organisation a line. Several make a split. Who goes on with a part stands on both sides."
        ),
        error_messages={"required": _("Name who answers from then on.")},
    )
    heard = OrganisationsField(
        label=_("Who is asked, and decides nothing"),
        required=False,
        help_text=_(
            "One organisation a line: above all the communities of the programmes, and their donors. They read the plan"
            " and say their word, which stays with it."
        ),
    )

    field_order = ("title", "legal_act", "effective_on", "predecessors", "successors", "heard", "places")


class ChangeForm(SayForm):
    """A change, with the version that was read."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class PartForm(forms.Form):
    """To which successor each thing goes that a predecessor answers for."""

    rest = forms.ChoiceField(
        label=_("Everything goes to"),
        help_text=_("Unless something else is chosen below."),
        error_messages={"required": _("Choose to whom everything goes that is not named.")},
    )

    def __init__(
        self,
        *args: Any,
        successors: Sequence[tuple[str, str]],
        programmes: Sequence[Facts],
        people: Sequence[Facts],
        bodies: Sequence[Facts],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        several = len(successors) > 1
        rest = cast(forms.ChoiceField, self.fields["rest"])
        rest.choices = [*([("", "–")] if several else []), *successors]
        for item in programmes if several else ():
            self._goes(
                f"programme-{item['uuid']}",
                f"{item['identifier']}: {best(item['title'], language())}",
                successors,
            )
            for duty in item["responsibilities"]:
                label = _("%(duty)s (%(programme)s)") % {
                    "duty": duty["title"],
                    "programme": item["identifier"],
                }
                self._goes(f"duty-{duty['uuid']}", label, successors, _("With its programme"))
        for body in bodies if several else ():
            self._goes(f"body-{body['uuid']}", body["name"], successors)
        for seat in people:
            self._goes(f"person-{seat['user']}", seat["name"], [*successors, (ENDS, _("The seat ends"))])

    def _goes(
        self, name: str, label: Any, successors: Sequence[tuple[str, Any]], otherwise: Any = None
    ) -> None:
        self.fields[name] = forms.ChoiceField(
            label=label,
            required=False,
            choices=[("", otherwise or _("Where everything goes")), *successors],
        )

    def chosen(self, kind: str) -> dict[UUID, Any]:
        """Give what was chosen for things of a kind: a successor, or ``None`` where a seat ends."""
        start = f"{kind}-"
        return {
            UUID(name.removeprefix(start)): None if value == ENDS else UUID(value)
            for name, value in self.cleaned_data.items()
            if name.startswith(start) and value
        }


class WordForm(forms.Form):
    """What a party says to the plan that it read."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)
    decision = forms.ChoiceField(
        label=_("What your organisation says"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what your organisation says.")},
    )
    remark = forms.CharField(
        label=_("In your own words"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_(
            "Needed for a dissent or an objection. It stays with the plan for ever; nobody is named."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ChoiceField, self.fields["decision"])
        field.choices = [(item.value, translated(str(item.label)).capitalize()) for item in Decision]


class WithdrawForm(forms.Form):
    """Why it is withdrawn."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Why"),
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The other parties read it."),
        error_messages={"required": _("Say why: the other parties read it.")},
    )


class ExecuteForm(forms.Form):
    """That it is meant."""

    meant = forms.BooleanField(
        label=_("I have read the plan, and it is to be carried out now"),
        error_messages={"required": _("Confirm that it is meant.")},
    )
