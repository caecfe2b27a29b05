"""Responsibilities: who answers for, delivers and owes each, over time; defining and changing them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from handover.actions import responsibilities as actions
from handover.languages import translated
from handover.models import Organisation, Place, Responsibility
from handover.models.responsibilities import Capacity, Phase, ResponsibilityKind, ResponsibilityScope
from handover.permissions import Permission
from handover.queries import register_lines
from handover.queries import responsibility_pages as reads
from handover.queries.responsibility_pages import WithSpans
from handover.views.forms import DayField
from handover.views.pages import Visit, page, perform, visit
from handover.views.programmes.conflicts import perform_edit
from handover.views.programmes.nouns import NOUNS
from handover.views.programmes.registers import BOTH, FORM, held, sent
from handover.views.programmes.texts import WIDE, TextsForm
from handover.views.routes import may

CAPACITIES: Final = {
    Capacity.HOLDER: gettext_noop("Answers for it"),
    Capacity.PROVIDER: gettext_noop("Delivers it"),
    Capacity.DEBTOR: gettext_noop("Stays answerable to the donor"),
}
LABELS: Final[Mapping[str, Any]] = {
    "title": _("Title"),
    "description": _("Description"),
    "phase": _("How the giver’s part ends"),
}


def _labelled(members: Any) -> list[tuple[str, str]]:
    return [(str(item.value), translated(item.label).capitalize()) for item in members]


@may(Permission.VIEW)
@login_required
@require_safe
def responsibilities(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """List the responsibilities of a programme with who answers for, delivers and owes each today."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    said = {
        "rows": [
            {
                "row": item.row,
                "holder": item.now(Capacity.HOLDER),
                "provider": item.now(Capacity.PROVIDER),
                "debtor": item.now(Capacity.DEBTOR),
            }
            for item in reads.responsibilities(here.programme)
        ],
        "defines": here.can(Permission.MANAGE_RESPONSIBILITIES),
    }
    return page(request, "handover/programmes/responsibilities.html", said, here=here)


@may(Permission.VIEW)
@login_required
@require_safe
def responsibility(request: HttpRequest, programme_uuid: UUID, responsibility_uuid: UUID) -> HttpResponse:
    """Show one responsibility: who was what, day by day, and what hangs on it."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    found = _one(here, responsibility_uuid)
    said = {
        "row": found.row,
        "capacities": [
            {"key": capacity.value, "label": label, "spans": found.of(capacity)}
            for capacity, label in CAPACITIES.items()
        ],
        "edits": found.row.pk in held(here),
        "nouns": [
            {
                "title": noun.title,
                "address": reverse(noun.plural, args=[here.programme.uuid])
                + f"?responsibility={found.row.uuid}",
            }
            for noun in NOUNS
            if noun.on_responsibility
        ],
    }
    return page(request, "handover/programmes/responsibility.html", said, here=here)


class DefineForm(forms.Form):
    """What a responsibility is defined with."""

    title = forms.CharField(
        label=LABELS["title"],
        max_length=300,
        widget=forms.TextInput(WIDE),
        error_messages={"required": _("Enter a title.")},
    )
    kind = forms.ChoiceField(label=_("Kind"), error_messages={"required": _("Choose a kind.")})
    holder = forms.ChoiceField(
        label=_("Who answers for it"), error_messages={"required": _("Choose who answers for it.")}
    )
    provider = forms.ChoiceField(label=_("Who delivers it"), required=False)
    debtor = forms.ChoiceField(label=_("Who stays answerable to the donor for it"), required=False)
    since = DayField(label=_("Since"), required=False, help_text=_("Today if you leave it empty."))
    place = forms.ChoiceField(label=_("Place"), required=False)
    phase = forms.ChoiceField(label=LABELS["phase"])
    description = forms.CharField(
        label=LABELS["description"],
        required=False,
        max_length=10_000,
        widget=forms.Textarea({"rows": 4}),
    )

    def offer(self, here: Visit) -> None:
        """Offer organisations and places of the programme."""
        rows = register_lines.candidates(here.programme, [Organisation, Place])
        organisations = [(key, row.name) for key, row in rows["Organisation"]]
        places = [(key, row.name) for key, row in rows["Place"]]
        self._choose("kind", _labelled(ResponsibilityKind))
        self._choose("holder", organisations)
        self._choose("provider", [("", gettext("The same")), *organisations])
        self._choose("debtor", [("", gettext("Nobody")), *organisations])
        self._choose("place", [("", gettext("None: of the whole programme")), *places])
        self._choose("phase", _labelled(Phase))

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices


@may(Permission.MANAGE_RESPONSIBILITIES)
@login_required
@require_http_methods(BOTH)
def define(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Define a responsibility."""
    here = visit(request, programme_uuid, may=Permission.MANAGE_RESPONSIBILITIES)
    form = DefineForm(
        sent(request), initial={"phase": Phase.OVER, "holder": str(here.actor.organisation.uuid)}
    )
    form.offer(here)
    made: list[Responsibility] = []

    def act() -> None:
        made.append(actions.define(by=here.actor, programme_uuid=here.programme.uuid, **_given(form)))

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(
            request, gettext("The responsibility is defined. Enter its staff, equipment and money next.")
        )
        return redirect("responsibility", here.programme.uuid, made[0].uuid)
    said = {
        "form": form,
        "heading": gettext("Define a responsibility"),
        "lead": gettext(
            "A separable part of the programme that one organisation answers for and that can be handed over."
        ),
        "button": gettext("Define it"),
        "back": reverse("responsibilities", args=[here.programme.uuid]),
    }
    return page(request, FORM, said, here=here)


def _given(form: DefineForm) -> dict[str, Any]:
    given = form.cleaned_data
    known = {
        str(row.uuid): row
        for row in Organisation.objects.filter(
            uuid__in=[given[name] for name in ("holder", "provider", "debtor") if given[name]]
        )
    }
    place = Place.objects.get(uuid=given["place"]) if given["place"] else None
    return {
        "title": given["title"],
        "kind": given["kind"],
        "holder": known[given["holder"]],
        "provider": known.get(given["provider"]),
        "debtor": known.get(given["debtor"]),
        "since": given["since"],
        "scope": ResponsibilityScope.PLACE if place else ResponsibilityScope.PROGRAMME,
        "place": place,
        "phase": given["phase"],
        "description": given["description"],
    }


class EditForm(TextsForm):
    """What may be changed of a responsibility."""

    title = forms.CharField(label=LABELS["title"], max_length=300, widget=forms.TextInput(WIDE))
    phase = forms.ChoiceField(label=LABELS["phase"])
    description = forms.CharField(
        label=LABELS["description"], required=False, max_length=10_000, widget=forms.Textarea({"rows": 4})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["phase"]
        field.choices = _labelled(Phase)


def _said(row: Any, name: str) -> str:
    return translated(row.get_phase_display()) if name == "phase" else str(getattr(row, name))


@may(Permission.VIEW)
@login_required
@require_http_methods(BOTH)
def edit(request: HttpRequest, programme_uuid: UUID, responsibility_uuid: UUID) -> HttpResponse:
    """Change a responsibility's title, description or phase; who holds it changes by a handover alone."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    row = _one(here, responsibility_uuid).row
    if row.pk not in held(here):
        return _refused(here, row)
    start = {name: getattr(row, name) for name in LABELS}
    form = EditForm(sent(request), initial=start, version=row.version)

    def act(version: int) -> None:
        changes = {name: form.cleaned_data[name] for name in LABELS}
        actions.edit(by=here.actor, responsibility_uuid=row.uuid, version=version, **changes)

    if (
        request.method == "POST"
        and form.is_valid()
        and perform_edit(form, act, row, labels=LABELS, shown=_said)
    ):
        messages.success(request, gettext("The responsibility is changed."))
        return redirect("responsibility", here.programme.uuid, row.uuid)
    return _form(here, row, form, gettext("Change the responsibility"), gettext("Keep the changes"))


class ProviderForm(forms.Form):
    """Who delivers a responsibility, and from when on."""

    provider = forms.ChoiceField(label=_("Who delivers it"))
    since = DayField(label=_("Since"), required=False, help_text=_("Today if you leave it empty."))


@may(Permission.VIEW)
@login_required
@require_http_methods(BOTH)
def provide(request: HttpRequest, programme_uuid: UUID, responsibility_uuid: UUID) -> HttpResponse:
    """Say who delivers a responsibility from a day on."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    row = _one(here, responsibility_uuid).row
    if row.pk not in held(here):
        return _refused(here, row)
    form = ProviderForm(sent(request))
    rows = dict(register_lines.candidates(here.programme, [Organisation])["Organisation"])
    field: Any = form.fields["provider"]
    field.choices = [(key, organisation.name) for key, organisation in rows.items()]

    def act() -> None:
        given = form.cleaned_data
        actions.provide(
            by=here.actor,
            responsibility_uuid=row.uuid,
            provider=rows[given["provider"]],
            since=given["since"],
        )

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(request, gettext("It is entered who delivers it."))
        return redirect("responsibility", here.programme.uuid, row.uuid)
    return _form(here, row, form, gettext("Say who delivers it"), gettext("Enter it"))


def _one(here: Visit, key: UUID) -> WithSpans:
    found = reads.responsibility(here.programme, key)
    if found is None:
        raise Http404
    return found


def _refused(here: Visit, row: Responsibility) -> HttpResponse:
    messages.error(here.request, gettext("Whoever holds the responsibility changes it; you may read it."))
    return redirect("responsibility", here.programme.uuid, row.uuid)


def _form(here: Visit, row: Responsibility, form: forms.Form, heading: str, button: str) -> HttpResponse:
    said = {
        "form": form,
        "heading": heading,
        "lead": row.title,
        "button": button,
        "back": reverse("responsibility", args=[here.programme.uuid, row.uuid]),
    }
    return page(here.request, FORM, said, here=here)
