"""Commands that act for an organisation, in the name of one of its people."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet

from handover import clock
from handover.access import Actor, actor_for
from handover.errors import DomainError
from handover.models import Membership, Organisation, User
from handover.permissions import Role

SHOWN = 10


class ActingCommand(BaseCommand):
    """A command with ``--organisation``, ``--as`` and ``--json``. Subclasses implement ``act``.

    A refusal is one line on standard error and exit code 1; with ``--json`` standard output says it too, for machines.
    """

    organisation_required = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Add who acts, for whom, and how it is told."""
        parser.add_argument(
            "--organisation",
            metavar="SLUG",
            required=self.organisation_required,
            help="the organisation to act for",
        )
        parser.add_argument(
            "--as",
            dest="email",
            metavar="EMAIL",
            help="whose name to act in; may be left out where the organisation has one manager",
        )
        parser.add_argument("--json", action="store_true", help="tell it for machines")

    def act(self, actor: Actor, options: dict[str, Any]) -> dict[str, Any]:
        """Do it; give what ``--json`` tells, having written to ``self.stdout`` what people read otherwise."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        """Find the actor, act, and translate refusals."""
        try:
            told = self.act(actor_of(options["organisation"], options["email"]), options)
        except DomainError as error:
            if options["json"]:
                refusal = {"code": error.code, "sentence": error.sentence, "details": dict(error.details)}
                self.tell({"error": refusal})
            raise CommandError(" ".join(error.sentence.split())) from error
        if options["json"]:
            self.tell(told)

    def tell(self, document: dict[str, Any]) -> None:
        """Write one JSON document."""
        self.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, default=str))


def actor_of(slug: str | None, email: str | None) -> Actor:
    """Find who acts: the person named, else the organisation's only manager.

    Raises:
        CommandError: no such organisation or account, or a choice that must be made; the line names the choices.
        NotAllowed: the person holds no seat there today.
    """
    user = _user(email) if email else None
    organisation = _organisation(slug, user)
    return actor_for(user or _only_manager(organisation), organisation, channel="cli")


def _user(email: str) -> User:
    user = User.objects.filter(email=email.lower()).first()
    if user is None:
        raise CommandError(f"There is no account {email}.")
    return user


def _organisation(slug: str | None, user: User | None) -> Organisation:
    choices = Organisation.objects.order_by("slug")
    if slug is not None:
        found = choices.filter(slug=slug).first()
        if found is None:
            raise CommandError(f"There is no organisation “{slug}”; there are: {_listed(choices)}.")
        return found
    if user is not None:
        choices = choices.filter(pk__in=user.memberships.values("organisation"))
    if len(choices) != 1:
        raise CommandError(f"Say for which organisation, with --organisation: {_listed(choices)}.")
    return choices[0]


def _only_manager(organisation: Organisation) -> User:
    seats = Membership.objects.filter(
        organisation=organisation, role=Role.MANAGER.value, user__is_active=True, starts_at__lte=clock.now()
    ).exclude(ends_at__lte=clock.now())
    managers = [seat.user for seat in seats.select_related("user").order_by("user__email")]
    if len(managers) == 1:
        return managers[0]
    if managers:
        names = ", ".join(manager.email for manager in managers)
        raise CommandError(f"{organisation.name} has several managers; say who acts, with --as: {names}.")
    raise CommandError(f"{organisation.name} has no manager today; say who acts, with --as EMAIL.")


def _listed(organisations: QuerySet[Organisation]) -> str:
    slugs = [organisation.slug for organisation in organisations[: SHOWN + 1]]
    more = ", …" if len(slugs) > SHOWN else ""
    return (", ".join(slugs[:SHOWN]) or "none yet") + more
