"""Readiness of a programme or a transfer: who has scored, what is agreed, what waits for it, and whose turn it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from handover.actions import instruments as adopting
from handover.actions import readiness as actions
from handover.actions import score_gates
from handover.languages import language
from handover.models import Assessment, Instrument, Responsibility, Transfer
from handover.models.transfers import OPEN_STATES, TransferState
from handover.permissions import Permission
from handover.queries import instruments
from handover.queries import readiness_pages as reads
from handover.queries.readiness import latest_instruments
from handover.queries.readiness_pages import Asker, Turn
from handover.queries.readiness_proposals import proposals
from handover.queries.scoring import Standing
from handover.views.pages import Visit, attempt, page, perform, visit
from handover.views.routes import may
from handover.views.transfers.places import at
from handover.views.transfers.score_forms import AdoptForm, BeginForm

TURNS: Final[Mapping[Turn, str | Promise]] = {
    Turn.BEGIN: _("Your side has not scored yet"),
    Turn.FINISH: _("Your side is scoring"),
    Turn.WAIT: _("Another side is still scoring"),
    Turn.ALONE: _("Only one side has scored: there is nothing to agree on yet"),
    Turn.AGREE: _("Everybody has scored: now agree"),
    Turn.CLOSE: _("Another side wrote down what was agreed: check it and close it"),
    Turn.CLOSED_BY_OTHERS: _("What was agreed waits for another side to close it"),
    Turn.NONE: _("Not agreed yet"),
    Turn.OVER: _("Agreed"),
}
STANDINGS: Final[Mapping[Standing, tuple[str | Promise, str]]] = {
    Standing.READY: (_("ready"), "govuk-tag--green"),
    Standing.NEARLY: (_("nearly ready"), "govuk-tag--yellow"),
    Standing.NOT_READY: (_("not ready yet"), "govuk-tag--red"),
}
MINE: Final = frozenset({Turn.BEGIN, Turn.FINISH, Turn.AGREE, Turn.CLOSE})
"""Where it is the reader's turn."""


def asker_of(here: Visit) -> Asker:
    """Give who reads, as rounds ask it."""
    return Asker(
        organisation=here.actor.organisation.pk,
        person=here.actor.user.uuid,
        standings=here.reach.standings,
        scores=here.can(Permission.ASSESS_READINESS),
    )


def tag(standing: Standing | None) -> dict[str, Any] | None:
    """Give how a score stands to the thresholds, in words and with its colour."""
    if standing is None:
        return None
    word, colour = STANDINGS[standing]
    return {"word": word, "colour": colour}


@may(Permission.VIEW)
@login_required
@require_safe
def readiness(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Show readiness of a programme: every round, and when it is measured again."""
    here = visit(request, programme_uuid, may=Permission.VIEW)
    executed = Transfer.objects.filter(
        programme=here.programme, state=TransferState.EXECUTED, reverses=None
    ).prefetch_related("items")
    said = _shown(here, None, list(executed.order_by("id")))
    return page(request, "handover/transfers/readiness.html", said, here=here)


@may(Permission.VIEW)
@login_required
@require_safe
def transfer_readiness(request: HttpRequest, transfer_uuid: UUID) -> HttpResponse:
    """Show readiness of a transfer: its rounds, its steps that wait for a score, and what would close a gap."""
    here = at(request, transfer_uuid, may=Permission.VIEW)
    transfer = here.transfer
    measured = transfer.state == TransferState.EXECUTED and transfer.reverses_id is None
    said = _shown(here, transfer, [transfer] if measured else [])
    said["waits"] = reads.waits(transfer, lang=language())
    said["proposals"] = (
        [{"row": row, "ready": row.score + row.missing} for row in proposals(transfer, lang=language())]
        if here.plans
        else []
    )
    return here.show("readiness", said)


def _shown(here: Visit, transfer: Transfer | None, executed: list[Transfer]) -> dict[str, Any]:
    by = asker_of(here)
    lines = reads.lines(here.programme, by, transfer=transfer, cutoff=here.reach.cutoff)
    rounds = [line.round for line in reversed(lines)]
    titles = {line.round.first.instrument.key: line.title for line in lines}
    due = reads.waves(executed, rounds)
    adopted = Instrument.objects.filter(programme=here.programme).exists()
    return {
        "lines": [_row(line, by) for line in lines],
        "waves": [{"due": row, "title": titles[row.instrument]} for row in due],
        "adopted": adopted,
        "begins": adopted and by.scores and by.voice(transfer) is not None,
        "adopts": here.can(Permission.EDIT_PROGRAMME),
    }


def _row(line: reads.Line, by: Asker) -> dict[str, Any]:
    first, mine = line.round.first, reads.own_of(line.round, by)
    return {
        "line": line,
        "first": first,
        "voices": line.round.voices,
        "word": TURNS[line.turn],
        "mine": line.turn in MINE,
        "begins": line.turn is Turn.BEGIN,
        "tag": tag(line.standing),
        "address": (mine or first).uuid,
    }


@may(Permission.ASSESS_READINESS)
@login_required
@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Begin to score for the actor's own side."""
    here = visit(request, programme_uuid, may=Permission.ASSESS_READINESS)
    transfers = Transfer.objects.filter(
        programme=here.programme, state__in=[*OPEN_STATES, TransferState.EXECUTED]
    )
    asked = ("instrument", "transfer", "responsibility", "wave")
    form = BeginForm(
        request.POST or None,
        initial={name: request.GET[name] for name in asked if name in request.GET},
        questions=latest_instruments(here.programme.pk),
        transfers=list(transfers.order_by("id")),
        responsibilities=list(Responsibility.objects.filter(programme=here.programme).order_by("title")),
    )
    made: list[Assessment] = []

    def act() -> None:
        said = form.cleaned_data
        made.append(
            actions.begin(
                by=here.actor,
                programme_uuid=programme_uuid,
                instrument_key=said["instrument"],
                transfer_uuid=UUID(said["transfer"]) if said["transfer"] else None,
                responsibility_uuid=UUID(said["responsibility"]) if said["responsibility"] else None,
                wave=said["wave"],
                scored_on=said["scored_on"],
            )
        )

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(
            request, gettext("Your side’s scores are begun. Nobody else reads them before you close them.")
        )
        return redirect("assessment", made[0].uuid)
    return page(request, "handover/transfers/score_begin.html", {"form": form}, here=here)


@may(Permission.EDIT_PROGRAMME)
@login_required
@require_http_methods(["GET", "POST"])
def adopt(request: HttpRequest, programme_uuid: UUID) -> HttpResponse:
    """Adopt questions that ship with the toolkit."""
    here = visit(request, programme_uuid, may=Permission.EDIT_PROGRAMME)
    shipped = instruments.shipped()
    form = AdoptForm(request.POST or None, shipped=shipped)

    def act() -> None:
        adopting.adopt(by=here.actor, programme_uuid=programme_uuid, key=form.cleaned_data["key"])

    if request.method == "POST" and form.is_valid() and perform(form, act):
        messages.success(request, gettext("The programme has these questions now. Each side can score."))
        return redirect("readiness", programme_uuid)
    told = [
        {"row": row, "items": sum(1 for _item in row.items), "one": row.about == "responsibility"}
        for row in shipped
    ]
    return page(request, "handover/transfers/adopt.html", {"form": form, "shipped": told}, here=here)


@may(Permission.PLAN_TRANSFER)
@login_required
@require_POST
def accept_proposal(request: HttpRequest, transfer_uuid: UUID) -> HttpResponse:
    """Put a step into the plan that would close a gap."""
    here = at(request, transfer_uuid, may=Permission.PLAN_TRANSFER)
    key = request.POST.get("key", "")
    refused = attempt(
        lambda: score_gates.accept_proposal(
            by=here.actor, transfer_uuid=transfer_uuid, key=key, lang=language()
        )
    )
    if refused:
        messages.error(request, refused)
    else:
        messages.success(request, gettext("The step is in the plan now; there you can change it."))
    return redirect("transfer-readiness", transfer_uuid)
