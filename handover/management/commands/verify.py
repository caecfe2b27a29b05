"""`handover verify`: hold what the database says now against what the ledger said then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext

from django.core.management.base import CommandParser
from django.db import connection

from handover import access
from handover.errors import Invalid, NotFound
from handover.holdings import Finding
from handover.management.base import ActorCommand, Call, Told
from handover.models import Programme
from handover.permissions import Permission
from handover.queries.verification import verify_installation, verify_programme
from handover.terminal import finding_lines


class Command(ActorCommand):
    """Verify programmes, organisations, the installation and its checkpoints; every finding names its row."""

    help = (
        "Hold what the database says now against what the ledger, the proofs and the checkpoints said then. "
        "Exit code 0: no findings; 1: findings, each named. Without --as it is the operator's: it runs as the "
        "database's owner and sees all. With --as it is that person's, who must be allowed to read the ledger."
    )
    actor_required = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Add which programme."""
        parser.add_argument(
            "programme", nargs="?", metavar="PROGRAMME", help="UUID or identifier; all, if left out"
        )
        parser.add_argument(
            "--all", action="store_true", help="everything that the asker reaches; the default"
        )
        super().add_arguments(parser)

    def act(self, call: Call) -> Told:
        """Verify and tell."""
        if call["programme"] and call["all"]:
            raise Invalid("usage", "Give either a PROGRAMME or --all.")
        if call.actor is None and not _is_owner():
            raise Invalid(
                "not_owner",
                "Without --as this runs as the database's owner only; say who asks, with --as EMAIL.",
            )
        with access.asking(call.actor) if call.actor else nullcontext():
            return self._verified(call)

    def _verified(self, call: Call) -> Told:
        found: list[tuple[Programme, Sequence[Finding]]] = []
        for programme in _programmes(call):
            with call.patience(f"Verifying {programme.identifier}"), access.custody(programme.pk):
                found.append((programme, verify_programme(programme)))
        installation: Sequence[Finding] = [] if call["programme"] else verify_installation()
        count = sum(len(findings) for _, findings in found) + len(installation)
        document = {
            "findings": count,
            "programmes": [
                {
                    "uuid": programme.uuid,
                    "identifier": programme.identifier,
                    "findings": [finding.as_json() for finding in findings],
                }
                for programme, findings in found
            ],
            "installation": [finding.as_json() for finding in installation],
        }
        return Told(document, [*_lines(found, installation, call)], _summary(count))


def _is_owner() -> bool:
    """Tell whether this process sees every row; whoever does not would call a tampered programme clean."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_has_role(current_user, relowner, 'usage') FROM pg_class"
            " WHERE oid = 'handover_programme'::regclass"
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def _programmes(call: Call) -> list[Programme]:
    key = call["programme"]
    if call.actor is None:
        every = Programme.objects.order_by("identifier", "id")
        found = [item for item in every if key in (None, item.identifier, str(item.uuid))]
        if key is not None and not found:
            raise NotFound("programme")
        return found
    if key is not None:
        return [access.programme_for(call.by, key, may=Permission.READ_LEDGER)]
    allowed = access.programme_ids(call.by, may=Permission.READ_LEDGER)
    reached = Programme.objects.filter(pk__in=allowed).order_by("identifier", "id")
    return [item for item in reached if Permission.READ_LEDGER in access.permissions_on(call.by, item)]


def _lines(
    found: Sequence[tuple[Programme, Sequence[Finding]]], installation: Sequence[Finding], call: Call
) -> Iterator[str]:
    if not found:
        yield "There is no programme whose ledger you may read."
    for programme, findings in found:
        yield f"{programme.identifier} ({programme.uuid})"
        yield from (f"  {line}" for line in finding_lines(findings))
    if not call["programme"]:
        yield "The installation: its chain, the organisations' chains that you reach, the checkpoints"
        yield from (f"  {line}" for line in finding_lines(installation))


def _summary(count: int) -> str:
    if not count:
        return ""
    return "1 row is not as the ledger says." if count == 1 else f"{count} rows are not as the ledger says."
