"""What a person is told, and when: how often each kind of mail comes, the calendar's address, and the end of a mail."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from handover import mail
from handover.access import Operator
from handover.actions import calendars, reminders
from handover.errors import Invalid
from handover.languages import translated
from handover.models.reminders import HowOften, LetterKind
from handover.queries.calendars import address_of
from handover.queries.reminders import chosen
from handover.views.pages import asker, page, perform
from handover.views.routes import open_to

OWN = "whoever is signed in chooses for themselves alone, and sees nothing of a programme by that"
LABELS = {
    LetterKind.WAITING: _("When something new waits for you"),
    LetterKind.DUE: _("When something is due in 14 days, in 7, tomorrow, or late"),
}


class ChoiceForm(forms.Form):
    """How often each kind of mail comes."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        words = {item.value: translated(item.label) for item in HowOften}
        options = [(value, word[:1].upper() + word[1:]) for value, word in words.items()]
        for kind, label in LABELS.items():
            self.fields[kind.value] = forms.ChoiceField(
                label=label, choices=options, widget=forms.RadioSelect
            )


@open_to(OWN)
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def choices(request: HttpRequest) -> HttpResponse:
    """Show and change how often mails come."""
    actor = asker()
    start = {kind.value: how_often.value for kind, how_often in chosen(actor.user).items()}
    form = ChoiceForm(request.POST if request.method == "POST" else None, initial=start)
    if form.is_valid() and perform(form, lambda: reminders.choose(by=actor, choices=form.cleaned_data)):
        messages.success(request, gettext("Your choice is kept."))
        return HttpResponseRedirect(reverse("reminders"))
    return _page(request, form)


@open_to(OWN)
@login_required
@require_POST
def open_calendar(request: HttpRequest) -> HttpResponse:
    """Make a new address of the person's calendar, and show it: this once."""
    actor = asker()
    secret = calendars.open_address(by=actor)
    start = {kind.value: how_often.value for kind, how_often in chosen(actor.user).items()}
    return _page(request, ChoiceForm(initial=start), fresh=mail.link(reverse("calendar-feed", args=[secret])))


@open_to(OWN)
@login_required
@require_POST
def revoke_calendar(request: HttpRequest) -> HttpResponse:
    """Revoke the address of the person's calendar."""
    if calendars.revoke_address(by=asker()):
        messages.success(request, gettext("The address is revoked: nobody reads your dates by it any more."))
    return HttpResponseRedirect(reverse("reminders"))


@csrf_exempt  # Mail programs send it without a page; the signed key is what lets it do its one thing.
@open_to("whoever has the mail may stop mails of its kind; the signed key in it can do nothing else")
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, key: str) -> HttpResponse:
    """Stop one kind of mail: asked by a page, done by its button."""
    try:
        _user, kind = reminders.whose(key)
        if request.method == "POST":
            reminders.stop(by=Operator(channel="mail"), key=key)
    except Invalid:
        raise Http404 from None
    said = {"kind": translated(kind.label), "done": request.method == "POST", "key": key}
    answer = page(request, "handover/reminders/stop.html", said)
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _page(request: HttpRequest, form: ChoiceForm, *, fresh: str = "") -> HttpResponse:
    actor = asker()
    said = {"form": form, "address": address_of(actor.user), "fresh": fresh, "email": actor.user.email}
    answer = page(request, "handover/reminders/choices.html", said)
    if fresh:
        answer["Cache-Control"] = "no-store"
    return answer
