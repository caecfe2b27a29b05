"""A transfer in plain words, for the community: what changes, who answers for it, when, where people are heard."""

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
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from handover import clock
from handover.actions import votes as actions
from handover.actions.votes import UNDER_WAY
from handover.languages import translated
from handover.models import Community, CommunityVote
from handover.models.transfers import TransferState
from handover.models.voices import AnswerKind
from handover.permissions import Permission
from handover.queries import plain_words as reads
from handover.queries.votes import history
from handover.queries.waiting_transfers import last_day_to_give_back
from handover.views.forms import DayField
from handover.views.pages import perform
from handover.views.programmes import texts
from handover.views.routes import may
from handover.views.transfers.places import TransferVisit, at_milestone
from handover.views.transfers.places import at as at_transfer

VOICE: Final = Permission.RECORD_VOICE
REASONS: Final = 6
"""Reasons that the form of a vote takes."""
STATES: Final[Mapping[str, str | Promise]] = {
    TransferState.DRAFT: _("This is only being prepared. Nothing has changed yet."),
    TransferState.RETURNED: _("This is only being prepared. Nothing has changed yet."),
    TransferState.PROPOSED: _("%(giver)s has proposed this to %(receiver)s. Nothing has changed yet."),
    TransferState.ACCEPTED: _(
        "%(giver)s and %(receiver)s have agreed on this. Now it is carried out, one step after the other."
    ),
    TransferState.REFUSED: _("%(receiver)s has said no to this. Nothing changes."),
    TransferState.REVOKED: _("%(giver)s has called this off. Nothing changes."),
    TransferState.EXECUTED: _("This has been carried out. %(receiver)s now answers for what is told here."),
    TransferState.GIVEN_BACK: _("This was given back. Everything is again as it was before."),
}


@may(Permission.VIEW)
@login_required
@require_safe
def plain_words(request: HttpRequest, transfer_uuid: UUID) -> HttpResponse:
    """Tell a transfer to the people whom it concerns, and what they said to it."""
    here = at_transfer(request, transfer_uuid, may=Permission.VIEW)
    transfer = here.transfer
    sides = {"giver": transfer.giver.name, "receiver": transfer.receiver.name}
    return here.show(
        "plain_words",
        {
            "told": str(STATES[transfer.state]) % sides,
            "over": transfer.state in (TransferState.EXECUTED, TransferState.GIVEN_BACK),
            "groups": reads.grouped(reads.changes(transfer)),
            "occasions": reads.occasions(transfer),
            "seats": reads.filled_seats(transfer),
            "voices": [_voice(item) for item in reads.voices(transfer, cutoff=here.reach.cutoff)],
            "signed": reads.word_of_community(transfer, cutoff=here.reach.cutoff),
            "records": here.can(VOICE),
            "last_day": _last_day(here),
        },
    )


def _last_day(here: TransferVisit) -> Any:
    """Give the day until which it can be given back, while that may still happen."""
    if here.transfer.state != TransferState.EXECUTED or here.transfer.reverses_id is not None:
        return None
    last = last_day_to_give_back(here.transfer)
    return last if last is not None and clock.today() <= last else None


WIDTH: Final = 300
"""Units of the width of a bar of votes."""


def _voice(item: reads.Voice) -> dict[str, Any]:
    """Give a vote with the parts of its bar: for, against, the others, of all who were there."""
    vote = item.heard.vote
    ayes, noes = (WIDTH * part // vote.present for part in (vote.assent, vote.dissent))
    return {
        "heard": item.heard,
        "vote": vote,
        "silent": item.silent,
        "word": translated(vote.milestone.get_on_dissent_display()) if vote.milestone.on_dissent else "",
        "bar": {"width": WIDTH, "ayes": ayes, "noes": noes, "noes_at": ayes},
    }


# --- recording what the community said -----------------------------------------------------------------------------


def _count(label: Any, **more: Any) -> forms.IntegerField:
    widget = forms.TextInput({"inputmode": "numeric", "class": "govuk-input--width-5"})
    return forms.IntegerField(label=label, min_value=0, max_value=1_000_000, widget=widget, **more)


class VoteForm(texts.TextsForm):
    """A vote that was held: the question, the counts, and why people said no. Nobody is named."""

    needed = ("asked",)

    def __init__(self, *args: Any, communities: list[Community], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everybody = [("", gettext("open to everybody whom it concerns"))]
        offered = [*everybody, *((str(row.uuid), row.name) for row in communities)]
        self.fields["held_on"] = DayField(label=_("Held on"), initial=clock.today)
        self.fields["community"] = forms.ChoiceField(
            label=_("Who was asked"), choices=offered, required=False
        )
        hint = _("In plain words, as it was put.")
        self.fields |= texts.text_fields("asked", _("The question"), required=True, hint=hint)
        self.fields["present"] = _count(_("How many people were there"))
        self.fields["assent"] = _count(_("How many said yes"))
        self.fields["dissent"] = _count(_("How many said no"))
        self.fields["abstained"] = _count(_("How many abstained"), initial=0)
        for at in range(1, REASONS + 1):
            self.fields[f"reason_{at}"] = forms.CharField(
                label=gettext("Reason %(number)s") % {"number": at},
                required=False,
                max_length=2000,
                widget=forms.Textarea({"rows": 2}),
            )
            self.fields[f"people_{at}"] = _count(_("How many people said so"), required=False)

    def reason_pairs(self) -> list[dict[str, Any]]:
        """Give the fields of the reasons, two and two."""
        return [
            {"text": self[f"reason_{at}"], "people": self[f"people_{at}"]} for at in range(1, REASONS + 1)
        ]

    def clean(self) -> dict[str, Any]:
        """Ask for a reason's words and its people together."""
        found = super().clean()
        for at in range(1, REASONS + 1):
            text, people = found.get(f"reason_{at}"), found.get(f"people_{at}")
            if text and not people and f"people_{at}" not in self.errors:
                self.add_error(f"people_{at}", gettext("Say how many people gave this reason."))
            if people and not text:
                self.add_error(f"reason_{at}", gettext("Say what the reason was, in their words."))
        return found

    def said(self) -> dict[str, Any]:
        """Give what was recorded, as the action takes it."""
        given = self.cleaned_data
        pairs = ((given[f"reason_{at}"], given[f"people_{at}"]) for at in range(1, REASONS + 1))
        return {
            "held_on": given["held_on"],
            "asked": texts.given("asked", given),
            **{name: given[name] for name in ("present", "assent", "dissent", "abstained")},
            "reasons": [(text, people) for text, people in pairs if text and people],
            "community": UUID(given["community"]) if given["community"] else None,
        }


class AnswerForm(forms.Form):
    """What was done about the dissent of a vote."""

    kind = forms.ChoiceField(label=_("What was done"), widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("What was said or agreed"),
        max_length=10_000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("In plain words: those who said no read it."),
    )
    mediator = forms.CharField(
        label=_("Which body mediated"),
        required=False,
        max_length=200,
        help_text=_("An organisation, never a person. Only where a mediation was held."),
    )
    answered_on = DayField(label=_("On which day"), initial=clock.today)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(kind.value, translated(str(kind.label)).capitalize()) for kind in AnswerKind]
        self.fields["kind"].choices = offered  # type: ignore[attr-defined]


def _of_vote(transfer_uuid: UUID, vote_uuid: UUID) -> str:
    address = reverse("transfer-plain-words", args=[transfer_uuid])
    return f"{address}#vote-{vote_uuid}"


@may(VOICE)
@login_required
@require_http_methods(["GET", "POST"])
def record_vote(request: HttpRequest, milestone_uuid: UUID) -> HttpResponse:
    """Record a vote of the community on a step."""
    here, row = at_milestone(request, milestone_uuid, may=VOICE)
    served = list(Community.objects.filter(programme=here.programme).order_by("name", "id")[:500])
    form = VoteForm(request.POST or None, communities=served)
    made: list[CommunityVote] = []

    def act() -> None:
        made.append(actions.hold(by=here.actor, milestone_uuid=milestone_uuid, **form.said()))

    if request.method == "POST" and form.is_valid() and perform(form, act):
        for told in getattr(form, "heard", ()):
            messages.warning(request, told)
        messages.success(
            request,
            gettext("The vote is recorded. Signatures given on this step before it are void."),
        )
        return redirect(_of_vote(here.transfer.uuid, made[0].uuid))
    possible = here.transfer.state in UNDER_WAY and row.done_at is None
    return here.show("vote", {"form": form, "milestone": row, "possible": possible})


@may(VOICE)
@login_required
@require_http_methods(["GET", "POST"])
def answer_vote(request: HttpRequest, community_vote_uuid: UUID) -> HttpResponse:
    """Record what was done about the dissent of a vote."""
    found = CommunityVote.objects.select_related("milestone").filter(uuid=community_vote_uuid).first()
    if found is None:
        raise Http404
    here, row = at_milestone(request, found.milestone.uuid, may=VOICE)
    form = AnswerForm(request.POST or None)

    def act() -> None:
        actions.answer(by=here.actor, vote_uuid=community_vote_uuid, **form.cleaned_data)

    if request.method == "POST" and form.is_valid() and perform(form, act):
        for told in getattr(form, "heard", ()):
            messages.warning(request, told)
        messages.success(request, gettext("What was done is recorded. The dissent stays on record."))
        return redirect(_of_vote(here.transfer.uuid, community_vote_uuid))
    heard = next(item for item in history(row) if item.vote.pk == found.pk)
    return here.show("vote_answer", {"form": form, "milestone": row, "heard": heard, "vote": heard.vote})
