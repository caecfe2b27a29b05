"""What needs and interventions leave open, in plain words, and a suggested sequence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from handover import clock
from handover.languages import language
from handover.permissions import Permission
from handover.views.forms import AmountField
from handover.views.pages import page, perform, visit
from handover.views.routes import may
from interventions.queries.coverage import Alert, Lack, coverage
from interventions.queries.landscape import Landscape, NeedNode, landscape
from interventions.queries.sequence import Step
from interventions.queries.sequence import sequence as suggested

HEADINGS: Final[Mapping[Lack, Any]] = {
    Lack.UNANSWERED: _("Needs that nothing answers"),
    Lack.NEEDLESS: _("Interventions that answer no need"),
    Lack.BLOCKED: _("Needs that wait for one that nothing answers"),
    Lack.ORPHANED: _("Needs that nobody with money answers once the grant has ended"),
    Lack.UNSURE: _("Needs whose money after the grant is asked for and not decided"),
}
WHAT_TO_DO: Final[Mapping[Lack, Any]] = {
    Lack.UNANSWERED: _("Say which intervention answers each of them, or plan one."),
    Lack.NEEDLESS: _("Say on the page of each which need it answers, or why it is done."),
    Lack.BLOCKED: _("What they wait for has to be answered first."),
    Lack.ORPHANED: _("Agree in the plan who holds what answers them, and with which money."),
    Lack.UNSURE: _("Follow the budget lines until the council has decided."),
}
CAPACITY: Final = Decimal(12)


@may(Permission.VIEW)
@login_required
@require_safe
def covered(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Tell what a programme's needs and interventions leave open."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    scene = landscape(here.programme, lang=language())
    found = coverage(here.programme, lang=language(), scene=scene)
    kinds = [
        {
            "key": lack.value,
            "heading": HEADINGS[lack],
            "todo": WHAT_TO_DO[lack],
            "rows": [_row(item, scene) for item in found if item.lack is lack],
        }
        for lack in Lack
    ]
    said = {
        "kinds": [kind for kind in kinds if kind["rows"]],
        "any": bool(scene.needs or scene.interventions),
        "tab": "coverage",
    }
    return page(request, "interventions/coverage.html", said, here=here)


def _row(item: Alert, scene: Landscape) -> dict[str, Any]:
    needs = {node.uuid: node for node in scene.needs.values()}
    return {
        "uuid": item.subject,
        "title": item.title,
        "is_need": item.lack is not Lack.NEEDLESS,
        "severity": needs[item.subject].severity if item.subject in needs else None,
        "path": [part for part in item.path if part != item.title],
        "waits": item.lack is Lack.BLOCKED,
    }


class CapacityForm(forms.Form):
    """How much can begin at once."""

    capacity = AmountField(
        label=_("What can begin in one period"),
        max_digits=10,
        decimal_places=2,
        help_text=_(
            "In the unit of the interventions’ effort, for example person-months; 1 each unless said."
        ),
    )


@may(Permission.VIEW)
@login_required
@require_safe
def sequence(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Suggest in which order interventions could begin, and why; nothing is imposed."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    scene = landscape(here.programme, lang=language())
    anew = request.GET.get("anew") == "yes"
    form = CapacityForm(request.GET if "capacity" in request.GET else {"capacity": str(CAPACITY)})
    steps: list[Step] = []

    def act() -> None:
        capacity = form.cleaned_data["capacity"]
        steps.extend(suggested(scene, capacity=capacity, today=clock.today(), anew=anew))

    if form.is_valid():
        perform(form, act)
    said = {"form": form, "periods": _periods(steps, scene), "anew": anew, "tab": "sequence"}
    return page(request, "interventions/sequence.html", said, here=here)


def _periods(steps: Sequence[Step], scene: Landscape) -> list[dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for step in steps:
        period = found.setdefault(step.period, {"number": step.period, "rows": []})
        period["rows"].append(_step(step, scene))
    return list(found.values())


def _step(step: Step, scene: Landscape) -> dict[str, Any]:
    key = step.intervention.key
    needs = [scene.needs[need] for need in scene.needs_of.get(key, ()) if not scene.needs[need].met]
    first = [scene.interventions[other].title for other in scene.dependencies.get(key, ())]
    return {
        "uuid": step.intervention.uuid,
        "title": step.intervention.title,
        "starts_on": step.intervention.starts_on,
        "until": step.until if step.until > step.period > 0 else None,
        "need": min(needs, key=_urgency) if needs else None,
        "first": first,
        "waits": _waits(scene, needs),
    }


def _urgency(need: NeedNode) -> tuple[int, int, int]:
    return need.level, -need.severity, -need.people


def _waits(scene: Landscape, needs: Sequence[NeedNode]) -> list[str]:
    """Name the needs that have to be answered before those that an intervention answers."""
    found = [
        scene.needs[first].title
        for need in needs
        for above in scene.line(need.key)
        for first in scene.prerequisites.get(above.key, ())
        if not scene.needs[first].met
    ]
    return list(dict.fromkeys(found))
