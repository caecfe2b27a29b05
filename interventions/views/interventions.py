"""Interventions: the list, one of them, and what can be changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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

from handover.languages import language, translated
from handover.models import Place, Responsibility
from handover.narratives import best
from handover.permissions import Permission
from handover.queries.seats import seat_of
from handover.views.pages import Visit, page, perform, visit
from handover.views.programmes.conflicts import perform_edit
from handover.views.routes import may
from interventions.actions import interventions as actions
from interventions.models import Field, Intervention
from interventions.queries import changes as histories
from interventions.queries import intervention_pages as reads
from interventions.queries.intervention_pages import Now
from interventions.views import intervention_forms
from interventions.views.intervention_forms import LABELS, EndForm, InterventionForm, LinkForm, why_of
from interventions.views.need_forms import Choices, labelled, needs, places
from interventions.views.needs import BOTH, FORM, sent

EDIT: Final = Permission.EDIT_INTERVENTIONS
NOW: Final = {
    Now.PLANNED: gettext_noop("planned"),
    Now.RUNNING: gettext_noop("running"),
    Now.ENDED: gettext_noop("ended"),
}
COLOURS: Final = {Now.PLANNED: "yellow", Now.RUNNING: "green", Now.ENDED: "grey"}


class ListForm(forms.Form):
    """How the list is narrowed."""

    now = forms.ChoiceField(label=_("Status"))
    field = forms.ChoiceField(label=_("Field of work"))
    place = forms.ChoiceField(label=_("Place"))

    def __init__(self, *args: Any, offered: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = ("", gettext("All"))
        self._offer("now", [every, *((item.value, translated(word)) for item, word in NOW.items())])
        self._offer("field", [every, *labelled(Field)])
        self._offer("place", [every, *offered[1:]])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices, field.widget.is_required = choices, False


@may(Permission.VIEW)
@login_required
@require_safe
def interventions(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """List a programme's interventions: status, place, who holds each, which need it answers."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    asked = {name: request.GET.get(name, "") for name in ("now", "field", "place")}
    try:
        place = UUID(asked["place"])
    except ValueError:
        place = None
    found = reads.listing(
        here.programme, lang=language(), now=asked["now"], field=asked["field"], place=place
    )
    said = {
        "rows": [{"item": item, "now": NOW[item.now], "colour": COLOURS[item.now]} for item in found],
        "form": ListForm(initial=asked, offered=places(here.programme)),
        "asked": any(asked.values()),
        "adding": bool(_mine(here)),
        "tab": "interventions",
    }
    return page(request, "interventions/interventions.html", said, here=here)


@may(Permission.VIEW)
@login_required
@require_safe
def intervention(request: HttpRequest, programme_uuid: UUID, intervention_uuid: UUID) -> HttpResponse:
    """Show one intervention with everything that hangs on it, and how it changed."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    row = one(here, intervention_uuid)
    now = reads.now_of(row)
    said = {
        "row": row,
        "now": NOW[now],
        "colour": COLOURS[now],
        "ended": now is Now.ENDED,
        "holder": row.held_by or row.programme.steward.name,
        "fields": [translated(Field(item).label) for item in row.also_in],
        "about": reads.about(row),
        "changes": [
            {"item": item, "fields": [_changed(field) for field in item.fields]}
            for item in histories.history(here.programme, row, cutoff=here.reach.cutoff)
        ],
        "edits": _may_edit(here, row),
        "tab": "interventions",
    }
    return page(request, "interventions/intervention.html", said, here=here)


def _changed(field: histories.Changed) -> dict[str, Any]:
    return {"label": LABELS.get(field.field, field.field), "before": field.before, "after": field.after}


@may(Permission.VIEW)
@login_required
@require_http_methods(BOTH)
def add(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Add an intervention; of a responsibility whoever holds it may, else the steward."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    mine = _mine(here)
    if not mine:
        messages.error(request, gettext("You may read the interventions, and not add any."))
        return redirect("interventions", here.programme.uuid)
    form = InterventionForm(
        sent(request), initial={"audience": "all"}, programme=here.programme, responsibilities=mine
    )
    made: list[Intervention] = []

    def act() -> None:
        made.append(actions.add(by=here.actor, programme_uuid=here.programme.uuid, **form.entry()))

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(request, gettext("The intervention is added. Say next which needs it answers."))
        return redirect("intervention", here.programme.uuid, made[0].uuid)
    said = {
        "form": form,
        "heading": gettext("Add an intervention"),
        "button": gettext("Add the intervention"),
        "back": reverse("interventions", args=[here.programme.uuid]),
    }
    return page(request, FORM, said, here=here)


@may(Permission.VIEW)
@login_required
@require_http_methods(BOTH)
def edit(request: HttpRequest, programme_uuid: UUID, intervention_uuid: UUID) -> HttpResponse:
    """Change what is said of an intervention, with a reason; what was, what is and why are kept."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    row = one(here, intervention_uuid)
    if not _may_edit(here, row):
        return _refused(here, row)
    form = InterventionForm(
        sent(request),
        initial=intervention_forms.start_of(row),
        programme=here.programme,
        responsibilities=_mine(here, row),
        row=row,
        version=row.version,
    )

    def act(version: int) -> None:
        why = why_of(form.cleaned_data)
        actions.edit(by=here.actor, intervention_uuid=row.uuid, version=version, **why, **form.entry(row))

    if _edited(request, form, act, row):
        return _done(here, row, gettext("The intervention is changed."))
    return _form(here, row, form, gettext("Change the intervention"), gettext("Keep the changes"))


@may(Permission.VIEW)
@login_required
@require_http_methods(BOTH)
def end(request: HttpRequest, programme_uuid: UUID, intervention_uuid: UUID) -> HttpResponse:
    """Give an intervention its last day, with a reason."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    row = one(here, intervention_uuid)
    if not _may_edit(here, row):
        return _refused(here, row)
    form = EndForm(
        sent(request), initial={"ends_on": row.ends_on}, programme=here.programme, version=row.version
    )

    def act(version: int) -> None:
        given = form.cleaned_data
        actions.edit(
            by=here.actor,
            intervention_uuid=row.uuid,
            version=version,
            ends_on=given["ends_on"],
            **why_of(given),
        )

    if _edited(request, form, act, row):
        return _done(here, row, gettext("The intervention has its last day."))
    return _form(here, row, form, gettext("End the intervention"), gettext("Enter its last day"))


def _edited(request: HttpRequest, form: Any, act: Callable[[int], object], row: Any) -> bool:
    return (
        request.method == "POST"
        and form.is_valid()
        and perform_edit(form, act, row, labels=LABELS, shown=intervention_forms.said_of)
    )


@dataclass(frozen=True)
class _Link:
    """One way in which an intervention is linked with something else, or no longer."""

    heading: str
    label: str
    button: str
    done: str
    choices: Callable[[Visit, Intervention], Choices]
    act: Callable[..., object]
    argument: str
    needed: bool
    """Whether a reason is always needed."""


def _other_needs(here: Visit, row: Intervention) -> Choices:
    return needs(here.programme, without=list(row.answers.values_list("need_id", flat=True)))


def _its_needs(here: Visit, row: Intervention) -> Choices:
    links = row.answers.select_related("need").order_by("pk")
    return [(str(link.need.uuid), best(link.need.title, language())) for link in links]


def _others(here: Visit, row: Intervention) -> Choices:
    rows = Intervention.objects.filter(programme=here.programme).exclude(pk=row.pk).order_by("pk")
    return [(str(other.uuid), best(other.title, language())) for other in rows]


def _its_firsts(here: Visit, row: Intervention) -> Choices:
    links = row.dependencies.select_related("after").order_by("pk")
    return [(str(link.after.uuid), best(link.after.title, language())) for link in links]


def _other_places(here: Visit, row: Intervention) -> Choices:
    return [choice for choice in places(here.programme) if choice[0]]


def _its_places(here: Visit, row: Intervention) -> Choices:
    rows = Place.objects.filter(pk__in=row.places.values("place")).order_by("name")
    return [(str(place.uuid), place.name) for place in rows]


LINKS: Final = {
    "answers": _Link(
        gettext_noop("Say which need it answers"),
        gettext_noop("Need"),
        gettext_noop("It answers the need"),
        gettext_noop("The intervention answers the need."),
        _other_needs,
        actions.answer,
        "need_uuid",
        False,
    ),
    "not-answers": _Link(
        gettext_noop("It no longer answers a need"),
        gettext_noop("Need"),
        gettext_noop("It no longer answers the need"),
        gettext_noop("The intervention no longer answers the need."),
        _its_needs,
        actions.unlink,
        "need_uuid",
        True,
    ),
    "after": _Link(
        gettext_noop("Say what comes before it"),
        gettext_noop("Intervention"),
        gettext_noop("It comes before"),
        gettext_noop("The intervention waits for the other one."),
        _others,
        actions.after,
        "after_uuid",
        False,
    ),
    "not-after": _Link(
        gettext_noop("It no longer waits for another"),
        gettext_noop("Intervention"),
        gettext_noop("It no longer waits"),
        gettext_noop("The intervention no longer waits for the other one."),
        _its_firsts,
        actions.not_after,
        "after_uuid",
        True,
    ),
    "place": _Link(
        gettext_noop("Say where it works too"),
        gettext_noop("Place"),
        gettext_noop("It works there too"),
        gettext_noop("The intervention works there too."),
        _other_places,
        actions.place,
        "place_uuid",
        False,
    ),
    "not-place": _Link(
        gettext_noop("It no longer works at a place"),
        gettext_noop("Place"),
        gettext_noop("It no longer works there"),
        gettext_noop("The intervention no longer works there."),
        _its_places,
        actions.unplace,
        "place_uuid",
        True,
    ),
}
"""By the last word of the address."""


@may(Permission.VIEW)
@login_required
@require_http_methods(BOTH)
def link(request: HttpRequest, programme_uuid: UUID, intervention_uuid: UUID, way: str) -> HttpResponse:
    """Link an intervention with a need, another intervention or a place, or put a link down, with why."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    row = one(here, intervention_uuid)
    if not _may_edit(here, row):
        return _refused(here, row)
    what = LINKS[way]
    form = LinkForm(
        sent(request),
        programme=here.programme,
        label=translated(what.label),
        choices=what.choices(here, row),
        needed=what.needed,
    )

    def act() -> None:
        given = form.cleaned_data
        other = {what.argument: UUID(given["other"])}
        what.act(by=here.actor, intervention_uuid=row.uuid, **other, **why_of(given))

    if request.method == "POST" and form.is_valid() and perform(form, act):
        return _done(here, row, translated(what.done))
    return _form(here, row, form, translated(what.heading), translated(what.button))


def one(here: Visit, key: UUID) -> Any:
    """Fetch an intervention of the programme.

    Raises:
        Http404: there is none.
    """
    row = reads.intervention_of(here.programme, key)
    if row is None:
        raise Http404
    return row


def _mine(here: Visit, row: Intervention | None = None) -> list[tuple[str, str]]:
    """Give the responsibilities of which the person may add interventions, as choices."""
    reached = seat_of(here.actor).programmes.get(here.programme.pk)
    if reached is None:
        return []
    keys = [key for key, codes in reached.responsibilities.items() if EDIT in codes]
    whole = [("", gettext("None: the programme itself"))] if reached.may(EDIT) else []
    rows = Responsibility.objects.filter(pk__in=keys).order_by("title").values_list("uuid", "title")
    return [*whole, *((str(uuid), title) for uuid, title in rows)]


def _may_edit(here: Visit, row: Intervention) -> bool:
    reached = seat_of(here.actor).programmes.get(here.programme.pk)
    return reached is not None and reached.may(EDIT, row.responsibility_id)


def _refused(here: Visit, row: Intervention) -> HttpResponse:
    messages.error(here.request, gettext("Whoever answers for the intervention changes it; you may read it."))
    return redirect("intervention", here.programme.uuid, row.uuid)


def _done(here: Visit, row: Intervention, said: str) -> HttpResponse:
    messages.success(here.request, said)
    return redirect("intervention", here.programme.uuid, row.uuid)


def _form(here: Visit, row: Intervention, form: forms.Form, heading: str, button: str) -> HttpResponse:
    said = {
        "form": form,
        "heading": heading,
        "lead": f"“{best(row.title, language())}”",
        "button": button,
        "back": reverse("intervention", args=[here.programme.uuid, row.uuid]),
    }
    return page(here.request, FORM, said, here=here)
