"""`handover demo`: a whole handover, told on the terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.management.base import CommandParser

from handover import access, holdings, terminal
from handover.access import asking
from handover.actions import checkpoints
from handover.errors import DomainError
from handover.exchange.demonstration import story
from handover.exchange.demonstration.found import Demonstration, lead_key, on, plan_of, read
from handover.exchange.demonstration.loading import ACCEPTED, load
from handover.holdings import Finding
from handover.management.base import SpeakingCommand
from handover.management.progress import progress
from handover.models import Checkpoint, Community, Grant, Programme, Proof, SignOff, User
from handover.narratives import best
from handover.permissions import Permission
from handover.queries import names
from handover.queries.plans import latest_preview
from handover.queries.verification import verify_installation, verify_programme

ADDRESS = "http://127.0.0.1:8000/"
SHOWN = (
    "municipality-manager",
    "municipality-officer",
    "giver-officer",
    "community-ro",
    "donor-manager",
    "auditor",
)
"""Accounts that are named at the end; there are more."""


class Command(SpeakingCommand):
    """Load the demonstration programme, hand it over, prove it. A second run finds it and verifies it again."""

    help = (
        "Load a demonstration programme and hand it over from its NGO to a municipality, telling each step; print the "
        "continuity proof and verify. A second run finds the first one's outcome. Exit code 0: proven, no findings."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add how much is told."""
        parser.add_argument(
            "--quiet", action="store_true", help="only the outcome: proof, verification, where to look"
        )
        parser.add_argument(
            "--load",
            action="store_true",
            help="only load the programme, with its plans accepted; handing it over is left to you, in the browser",
        )
        parser.add_argument(
            "--password", help="a password for all demonstration accounts; without it none can sign in"
        )
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Tell the story, or find that it has been told."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")
        if options["password"] is not None:
            refuse_weak(options["password"])
        with progress("Loading the demonstration programme", self.stderr):
            demo, _ = load()
        if options["password"] is not None:
            set_password(demo, options["password"])
        if options["load"]:
            if options["json"]:
                self.tell_machine({"programme": str(demo.programme.uuid)})
                return
            self.tell_people(["The demonstration programme is loaded, and its plans are accepted."])
            self.tell_people(how_to_look(demo, has_password=options["password"] is not None))
            return
        told = story.proof_of(demo, lead_key()) is not None
        if not told:
            self._tell(demo, loud=not (options["quiet"] or options["json"]))
        proof, signatures = story.proven(demo, lead_key())
        with progress("Verifying", self.stderr):
            findings = verified(demo)
        if options["json"]:
            self.tell_machine(json.loads(proof.body))
        else:
            self.tell_people(outcome_lines(told, proof, signatures, findings))
            self.tell_people(how_to_look(demo, has_password=options["password"] is not None))
        if findings:
            raise DomainError("findings", f"{len(findings)} things are not as the ledger says.")

    def _tell(self, demo: Demonstration, *, loud: bool) -> None:
        """Do what has not happened yet, and tell it if somebody listens."""
        for line in narration(demo):
            if loud:
                self.tell_people([line])


def narration(demo: Demonstration) -> Iterator[str]:
    """Take every step of the story that is left, in its order, and tell each."""
    lead = lead_key()
    keys = sorted((row["key"] for row in read("transfers")), key=lambda key: key == lead)
    yield from terminal.heading("The programme")
    yield from _read(demo, programme_lines)
    yield from terminal.heading("What it holds")
    yield from _read(demo, outline_lines)
    yield from _read(demo, chapter_lines)
    yield from terminal.heading("The plans: three receivers, one of them lead steward")
    for key in reversed(keys):
        yield from _read(demo, lambda _: plan_lines(demo, key), as_planned=True)  # noqa: B023 - called at once
        yield ""
    yield from terminal.heading("Permission preview of the lead transfer, signed with its plan")
    yield from _read(demo, lambda _: preview_lines(demo, lead))
    yield from terminal.heading("Who can do what before the handover")
    yield from _read(demo, terminal.who_can_lines)
    yield from terminal.heading("Milestones are signed, and responsibilities move with them")
    for step in story.signed_until_last_act(demo):
        yield from signed_lines(step)
    yield from terminal.heading("A try to execute now is refused, with every reason at once")
    yield from terminal.gate_lines(story.try_to_execute(demo, lead))
    for key in keys:
        yield from _executed(demo, key)
    yield from terminal.heading("Who can do what after the handover")
    yield from _read(demo, terminal.who_can_lines)
    yield from terminal.heading("The work goes on, in other hands")
    for text in story.next_quarter(demo):
        yield from terminal.wrapped(text, first=f"{terminal.done()} ", indent=2)
    for text in story.refusals(demo):
        yield from terminal.wrapped(text, first=f"{terminal.wrong()} ", indent=2)
    checkpoints.make(by=story.receiver(demo, lead))


def _executed(demo: Demonstration, key: str) -> Iterator[str]:
    name = demo.organisations[plan_of(key)["receiver"]].name
    yield from terminal.heading(f"The last signatures, and execution: {name}")
    for step in story.signed_last_act(demo, key):
        yield from signed_lines(step)
    story.execute(demo, key)
    proof, signatures = story.proven(demo, key)
    rows = names.named(proof.body)["holdings"]
    count, equal = sum(row["after"]["count"] for row in rows), all(row["equal"] for row in rows)
    sides = " and ".join(signature.side for signature in signatures)
    yield from terminal.wrapped(
        f"Executed: {count} rows of {len(rows)} kinds are {'equal' if equal else 'NOT equal'} before and after. "
        f"Proof {proof.digest[:16]}…, signed by {sides}.",
        first=f"{terminal.done()} ",
        indent=2,
    )


def _read(
    demo: Demonstration, tell: Callable[[Programme], Iterable[str]], *, as_planned: bool = False
) -> list[str]:
    """Let something be told that the giver's manager reads; to the end, before anything else happens.

    Args:
        as_planned: at the day on which the plans were accepted, when nothing was overdue.
    """
    with on(ACCEPTED) if as_planned else nullcontext(), asking(demo.giver):
        programme = access.programme_for(demo.giver, demo.programme.uuid, may=Permission.VIEW)
        return list(tell(programme))


def programme_lines(programme: Programme) -> Iterator[str]:
    """Tell what a programme is: identifier, steward, communities, grants."""
    yield from terminal.wrapped(best(programme.title))
    yield f"  identifier   {programme.identifier}"
    yield f"  steward      {programme.steward.name}"
    yield f"  years        {programme.starts_on} to {programme.ends_on}"
    for community in Community.objects.filter(programme=programme).select_related("place").order_by("id"):
        yield f"  community    {community.name}, about {community.estimated_people} people"
    for grant in Grant.objects.filter(programme=programme).select_related("donor").order_by("id"):
        consent = "its consent is needed" if grant.donor_consent_required else "no consent needed"
        yield f"  grant        {grant.agreement_number} of {grant.donor.name}"
        yield f"               {grant.amount:,} {grant.currency}, {grant.starts_on} to {grant.ends_on}; {consent}"


def outline_lines(programme: Programme) -> Iterator[str]:
    """Tell what every app holds of a programme."""
    asking_now = access.who_asks()
    cutoff = access.reach(asking_now, programme).cutoff if asking_now else None
    for holding in holdings.holdings():
        for line in holding.outline(programme, cutoff=cutoff):
            yield from terminal.folded(line)


def chapter_lines(programme: Programme) -> Iterator[str]:
    """Tell what follows from what every app holds, and what is not well."""
    for holding in holdings.holdings():
        for chapter in holding.chapters(programme):
            if chapter.lines:
                yield from terminal.heading(chapter.title)
                for line in chapter.lines:
                    yield from terminal.folded(line)


def plan_lines(demo: Demonstration, key: str) -> Iterator[str]:
    """Tell a plan."""
    return terminal.plan_lines(demo.transfer(key, by=demo.giver))


def preview_lines(demo: Demonstration, key: str) -> Iterator[str]:
    """Tell the permission preview that a plan carries."""
    found = latest_preview(demo.transfer(key, by=demo.giver))
    if found is not None:
        yield from terminal.preview_lines(names.named(found.body))


def signed_lines(step: story.Signed) -> Iterator[str]:
    """Tell a milestone that was signed, and what moved with it."""
    yield from terminal.wrapped(step.title, first=f"{terminal.done()} {step.day}  ", indent=14)
    shown = [
        f"signed: {', '.join(step.sides)}",
        *step.papers,
        *([f"rests on {step.act}"] if step.act else []),
    ]
    yield from terminal.wrapped("; ".join(shown), first=" " * 14, indent=16)
    for title in step.moved:
        yield from terminal.wrapped(f"{title} → {step.receiver}", first="              moves: ", indent=21)
    if step.dissent:
        yield from terminal.wrapped(f"“{step.dissent}”", first="              on record: ", indent=25)


def verified(demo: Demonstration) -> list[Finding]:
    """Verify the programme and the installation, as the new steward's manager."""
    reader = story.receiver(demo, lead_key())
    with asking(reader):
        programme = access.programme_for(reader, demo.programme.uuid, may=Permission.READ_LEDGER)
        return [*verify_programme(programme), *verify_installation()]


def outcome_lines(
    told: bool, proof: Proof, signatures: Iterable[SignOff], findings: list[Finding]
) -> Iterator[str]:
    """Tell the proof, what verification found, and the last checkpoint."""
    if told:
        yield "This story has been told here already. Its proof, and what verification says today:"
    yield ""
    document: Mapping[str, Any] = names.named(proof.body)
    yield from terminal.proof_lines(document, signatures)
    yield f"  SHA-256    {proof.digest}"
    yield from terminal.heading("Verification: ledger, signatures, proofs, files, values, checkpoints")
    yield from terminal.finding_lines(findings)
    last = Checkpoint.objects.order_by("-size").first()
    if last is not None:
        made = f"{last.made_at:%Y-%m-%d %H:%M} UTC"
        root = bytes(last.root).hex()[:16]
        yield f"{terminal.done()} Checkpoint over {last.size} chain heads, signed {made}: root {root}…"


def how_to_look(demo: Demonstration, *, has_password: bool) -> Iterator[str]:
    """Tell how to look at it, and with which accounts."""
    yield from terminal.heading("How to look at it")
    yield f"make serve, then {ADDRESS} ; accounts (there are {len(demo.people)}, on the same pattern):"
    for key in SHOWN:
        user = demo.people[key].user
        yield f"  {user.email:<44} {user.display_name}"
    if has_password:
        yield "They have the password that you gave."
    else:
        yield f"Nobody has a password yet: {_called()} changepassword {demo.people[SHOWN[0]].user.email}"
        yield f"or, for all of them: {_called()} demo --password …"


def _called() -> str:
    """Give the command as it was called, so that the next one can be typed just so."""
    program = Path(sys.argv[0])
    if program.name != "handover" or not program.is_absolute():
        return str(program) if program.name == "handover" else "handover"
    here = Path.cwd()
    return str(program.relative_to(here)) if program.is_relative_to(here) else str(program)


def refuse_weak(password: str) -> None:
    """Refuse a password that the sign-in page would refuse too.

    Raises:
        django.core.exceptions.ValidationError: it is too weak.
    """
    validate_password(password)


def set_password(demo: Demonstration, password: str) -> None:
    """Give all demonstration accounts one password; hashed once, for a hash takes its time."""
    keys = [actor.user.pk for actor in demo.people.values()]
    User.objects.filter(pk__in=keys).update(password=make_password(password))
